narrowed(source, plot, (whole, first, last) => {
  const columns = markRows(whole, first, last, most), n = last - first, shown = columns.wavelength.length
  say(note, "marks", shown < n ? `${shown} of ${n.toLocaleString("en")} replaced pixels marked` : "")
  return columns
})
