// Replaced pixels whose flux lies beyond the axis: marked at its edge, and counted.

function markBeyond() {
  const whole = replaced.whole ?? replaced.data, x = plot.x_range, y = plot.y_range
  const key = [whole, x.start, x.end, y.start, y.end]
  if (beyond.seen?.every((part, i) => part === key[i])) return   // four ends tell of one move
  beyond.seen = key
  const {wavelength, [column]: values} = whole, rows = []
  for (let i = firstFrom(wavelength, x.start); i < wavelength.length && wavelength[i] <= x.end; i++) {
    if (Number.isFinite(values[i]) && (values[i] < y.start || values[i] > y.end)) rows.push(i)
  }
  const step = Math.max(1, Math.ceil(rows.length / most)), marked = rows.filter((i) => i % step === 0)
  const above = marked.map((i) => values[i] > y.end)
  const data = {
    wavelength: marked.map((i) => wavelength[i]), [column]: marked.map((i) => values[i]),
    place: above.map((up) => up ? 0.96 : 0.04), marker: above.map((up) => up ? "triangle" : "inverted_triangle"),
  }
  if (marked.length || beyond.data.wavelength.length) beyond.setv({data}, {sync: false})
  say(note, "beyond", rows.length ? `raw flux of ${counted(rows.length, "replaced pixel")} beyond the axis` : "")
}

markBeyond()
