narrowed(source, plot, parts, (whole, {curves, edges, bands}, first, last, width) => {
  const {start, end} = plot.x_range, crowded = last - first > width
  for (const {area, outline} of bands) {
    if (area.crowded === crowded) continue
    area.crowded = crowded
    area.setv({fill_alpha: crowded ? 0 : alpha}, {sync: false})
    for (const line of outline) line.setv({line_alpha: crowded ? alpha : 0}, {sync: false})
  }
  const areas = bands.map(({area}) => ({low: area.y1.field, high: area.y2.field}))
  return curveRows(whole, {curves, edges, bands: areas}, first, last, {start, end, width}, crowded)
})
