narrowed(source, plot, (whole, first, last, width) => {
  const blocks = Math.ceil(width / grain), crowded = last - first > blocks
  if (source.crowded !== crowded) {
    source.crowded = crowded
    for (const {area, outline} of bands) {
      area.setv({fill_alpha: crowded ? 0 : alpha}, {sync: false})
      for (const line of outline) line.setv({line_alpha: crowded ? alpha : 0}, {sync: false})
    }
  }
  const edges = bands.map(({area}) => ({low: area.y1.field, high: area.y2.field}))
  return curveRows(whole, first, last, blocks, edges, crowded)
})
