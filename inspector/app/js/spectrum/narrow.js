// What a source draws: the rows in view and, where several share a screen column, their extremes. The whole data stay
// in the browser as `source.whole`; nothing of this reaches the server.

function narrowed(source, plot, choose) {
  if (source.narrowing) return
  const x = plot.x_range, width = plot.inner_width || 1000
  if (source.drawn !== source.data) source.whole = source.data   // the server sent something new
  else if (source.seen_start === x.start && source.seen_end === x.end && source.seen_width === width) return
  Object.assign(source, {seen_start: x.start, seen_end: x.end, seen_width: width})
  const whole = source.whole, wavelength = whole.wavelength
  const first = Math.max(firstFrom(wavelength, x.start) - 1, 0)
  const last = Math.min(firstFrom(wavelength, x.end) + 1, wavelength.length)
  const columns = choose(whole, first, last, width)
  source.drawn = columns
  source.narrowing = true
  source.setv({data: columns}, {sync: false})
  source.drawn = source.data
  source.narrowing = false
}

function taken(whole, choose) {
  return Object.fromEntries(Object.entries(whole).map(([name, column]) => [name, choose(column)]))
}

// Rows of each curve's lowest and highest pixel in every block of pixels, and of the gaps that break a curve off.
function extremeRows(curves, first, last, blocks) {
  const rows = [], n = last - first
  for (let block = 0; block < blocks; block++) {
    const from = first + Math.floor(block * n / blocks), to = first + Math.floor((block + 1) * n / blocks)
    const kept = new Set()
    for (const curve of curves) {
      let low = -1, high = -1, gap = -1
      for (let i = from; i < to; i++) {
        if (!isFinite(curve[i])) { gap = i; continue }
        if (low < 0 || curve[i] < curve[low]) low = i
        if (high < 0 || curve[i] > curve[high]) high = i
      }
      for (const row of [low, high, gap]) if (row >= 0) kept.add(row)
    }
    rows.push(...[...kept].sort((a, b) => a - b))
  }
  return rows
}

// The error band is drawn in outline where pixels are crowded: there it takes in every pixel between two rows drawn.
function widened(columns, whole, rows, bands) {
  for (const {low, high} of bands) {
    for (let k = 0; k < rows.length; k++) {
      const stop = k + 1 < rows.length ? rows[k + 1] : rows[k] + 1
      for (let i = rows[k]; i < stop; i++) {
        if (whole[low][i] < columns[low][k]) columns[low][k] = whole[low][i]
        if (whole[high][i] > columns[high][k]) columns[high][k] = whole[high][i]
      }
    }
  }
  return columns
}

// An outline breaks off where there is no error; the edges of a filled area meet there, or it would bridge the gap.
function closed(columns, bands) {
  for (const {low, high} of bands) {
    let middle = NaN
    for (let i = 0; i < columns[low].length; i++) {
      if (isFinite(columns[low][i])) middle = (columns[low][i] + columns[high][i]) / 2
      else columns[low][i] = columns[high][i] = middle
    }
  }
  return columns
}

function curveRows(whole, first, last, blocks, bands, crowded) {
  if (last - first <= 3 * blocks) {
    const columns = taken(whole, (column) => column.slice(first, last))
    return crowded ? columns : closed(columns, bands)
  }
  const rows = extremeRows([whole.flux, whole.normalized], first, last, blocks)
  const columns = taken(whole, (column) => column.constructor.from(rows, (i) => column[i]))
  return widened(columns, whole, rows, bands)
}

// Marks that would cover the spectrum: about one to `room` pixels of the screen stays, evenly picked.
function markRows(whole, first, last, most) {
  const step = Math.max(1, Math.ceil((last - first) / most))
  return taken(whole, (column) => column.filter((_, i) => i >= first && i < last && (i - first) % step === 0))
}
