narrowed(source, plot, [{drawn: source}], (whole, _part, first, last) => {
  const {start, end} = plot.x_range, inside = (x) => x >= start && x <= end
  const columns = markRows(whole, first, last, most)
  const n = whole.wavelength.slice(first, last).filter(inside).length, shown = columns.wavelength.filter(inside).length
  say(note, "marks", shown < n ? `${shown} of ${n.toLocaleString("en")} replaced pixels marked` : "")
  return columns
})
