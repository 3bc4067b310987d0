// What is drawn of a source: the rows in view and, where several share a screen column, their extremes. The whole data
// stay in the browser as `source.whole`; nothing of this reaches the server.

// `parts` are what is drawn of it, each with its own rows; one part is drawn from the source itself.
function narrowed(source, plot, parts, choose) {
  if (source.narrowing) return
  const x = plot.x_range, width = plot.properties.inner_width.is_unset ? 1000 : plot.inner_width || 1000  // not laid out yet
  if (source.drawn !== source.data) source.whole = source.data   // the server sent something new
  else if (source.seen_start === x.start && source.seen_end === x.end && source.seen_width === width) return
  Object.assign(source, {seen_start: x.start, seen_end: x.end, seen_width: width})
  const whole = source.whole, wavelength = whole.wavelength
  const first = Math.max(firstFrom(wavelength, x.start) - 1, 0)
  const last = Math.min(firstFrom(wavelength, x.end) + 1, wavelength.length)
  source.narrowing = true
  for (const part of parts) {
    part.drawn.whole = whole
    part.drawn.setv({data: choose(whole, part, first, last, width)}, {sync: false})
  }
  source.drawn = source.data
  source.narrowing = false
}

// Some rows of every column.
function taken(whole, rows) {
  const pick = (column) => {
    const picked = new column.constructor(rows.length)
    for (let k = 0; k < rows.length; k++) picked[k] = column[rows[k]]
    return picked
  }
  return Object.fromEntries(Object.entries(whole).map(([name, column]) => [name, pick(column)]))
}

function sliced(whole, first, last) {
  return Object.fromEntries(Object.entries(whole).map(([name, column]) => [name, column.slice(first, last)]))
}

// The lowest, the highest and the last unknown of the rows from `from` up to `to`; -1 where there is none.
function extremes(curve, from, to) {
  let low = -1, high = -1, gap = -1
  for (let i = from; i < to; i++) {
    const value = curve[i]
    if (!Number.isFinite(value)) { gap = i; continue }
    if (low < 0 || value < curve[low]) low = i
    if (high < 0 || value > curve[high]) high = i
  }
  return [low, high, gap]
}

// Where each screen column begins, as rows; columns without a pixel are left out.
function columnStarts(wavelength, first, last, {start, end, width}) {
  const starts = []
  let before = -Infinity
  for (let i = first; i < last; i++) {
    const column = Math.floor((wavelength[i] - start) / (end - start) * width)
    if (column > before) { starts.push(i); before = column }
  }
  starts.push(last)
  return starts
}

// Rows with the extremes of every curve in every screen column, and the gaps that break a curve off. An edge (of an
// error band, the continuum) follows the curves closely and gets no rows of its own where two are there already: the
// lowest and the highest of them take its extremes over, which `moves` lists by place among the rows.
function decimated(whole, curves, edges, first, last, view) {
  const starts = columnStarts(whole.wavelength, first, last, view), rows = [], moves = []
  const drawn = curves.map((name) => whole[name]), beside = edges.map((name) => [name, whole[name]])
  for (let block = 0; block + 1 < starts.length; block++) {
    const from = starts[block], to = starts[block + 1], kept = [], later = []
    const keep = (row) => { if (row >= 0 && !kept.includes(row)) kept.push(row) }
    for (const curve of drawn) extremes(curve, from, to).forEach(keep)
    for (const [name, values] of beside) {
      const [low, high] = extremes(values, from, to)
      if (low < 0) continue
      const [least, most] = extremesOf(values, kept)
      if (least === most) { keep(low); keep(high) }   // none, or one that cannot be both
      else later.push([name, least, values[low]], [name, most, values[high]])
    }
    kept.sort((a, b) => a - b)
    for (const [name, row, value] of later) moves.push([name, rows.length + kept.indexOf(row), value])
    for (const row of kept) rows.push(row)
  }
  return {rows, moves}
}

// Of some rows, the one with the lowest known value and the one with the highest.
function extremesOf(values, rows) {
  let least = -1, most = -1
  for (const row of rows) {
    if (!Number.isFinite(values[row])) continue
    if (least < 0 || values[row] < values[least]) least = row
    if (most < 0 || values[row] >= values[most]) most = row
  }
  return [least, most]
}

// An outline breaks off where there is no error; the edges of a filled area meet there, or it would bridge the gap.
function closed(columns, bands) {
  for (const {low, high} of bands) {
    let middle = NaN
    for (let i = 0; i < columns[low].length; i++) {
      if (Number.isFinite(columns[low][i])) middle = (columns[low][i] + columns[high][i]) / 2
      else columns[low][i] = columns[high][i] = middle
    }
  }
  return columns
}

function curveRows(whole, {curves, edges, bands}, first, last, view, crowded) {
  if (last - first <= 3 * view.width) {
    const columns = sliced(whole, first, last)
    return crowded ? columns : closed(columns, bands)
  }
  const known = (name) => whole[name].some(Number.isFinite)   // what the spectrum does not have needs no rows
  const {rows, moves} = decimated(whole, curves.filter(known), edges.filter(known), first, last, view)
  const columns = taken(whole, rows)
  for (const [name, place, value] of moves) columns[name][place] = value
  return columns
}

// Marks that would cover the spectrum: at most `most`, evenly picked.
function markRows(whole, first, last, most) {
  const step = Math.max(1, Math.ceil((last - first) / most)), rows = []
  for (let i = first; i < last; i++) if (i % step === 0) rows.push(i)
  return taken(whole, rows)
}
