// The y range of a panel, by the same rule as `y_limits` on the server.

function quantile(ordered, share) {
  return ordered[Math.round(share * (ordered.length - 1))]
}

// The middle of the sizes of ascending values.
function level(ordered) {
  return quantile(ordered[0] < 0 ? ordered.map(Math.abs).sort() : ordered, 0.5)
}

// Limits of the good pixels, taken as far as the replaced ones; absurd ones count nowhere, and are counted if good.
function yLimits(good, replaced, {tail, padding, smallest, reach, absurd, span}) {
  const known = Float64Array.from(good.length ? good : replaced).sort(), middle = level(known)
  const sound = known.filter((value) => Math.abs(value - middle) <= absurd * middle)
  const ordered = good.length && sound.length ? sound : Float64Array.from(replaced).sort()
  if (!ordered.length) return null
  let low = quantile(ordered, tail), high = quantile(ordered, 1 - tail)
  const far = reach * Math.max(high - low, Math.abs(low + high) / 2 * smallest)
  const [floor, ceiling] = [Math.min(low - far, span[0] * middle), Math.max(high + far, span[1] * middle)]
  for (const value of replaced) {
    if (value >= floor && value <= ceiling) { low = Math.min(low, value); high = Math.max(high, value) }
  }
  const pad = Math.max((high - low) * padding, Math.abs(low + high) / 2 * smallest)
  return {start: low - pad, end: high + pad, absurd: good.length ? good.length - sound.length : 0}
}

function follow() {
  const x = plot.x_range, y = plot.y_range
  const curves = plot.renderers.filter((renderer) => renderer.visible && renderer.tags.includes(tag))
  const data = curves.map(({data_source}) => data_source.whole ?? data_source.data)
  const same = y.seen?.length === data.length && y.seen.every((one, i) => one === data[i])
  if (same && y.seen_start === x.start && y.seen_end === x.end) return   // both ends tell of one move
  Object.assign(y, {seen: data, seen_start: x.start, seen_end: x.end})
  const stride = Math.ceil(curves.length / 4)   // of many curves, a sample of each says enough
  const good = [], replaced = []
  for (const columns of data) {
    const values = columns[column], first = firstFrom(columns.wavelength, x.start)
    let last = first
    while (last < columns.wavelength.length && columns.wavelength[last] <= x.end) last++
    for (let i = first; i < last; i += stride) if (columns.good[i] === 1 && Number.isFinite(values[i])) good.push(values[i])
    if (!columns.replaced || last - first > near) continue
    for (let i = first; i < last; i++) if (columns.replaced[i] === 1 && Number.isFinite(values[i])) replaced.push(values[i])
  }
  const limits = yLimits(good, replaced, settings)
  if (!limits) return
  y.setv({start: limits.start, end: limits.end})
  say(note, column, limits.absurd ? `${counted(limits.absurd, "pixel")} of absurd ${what} beyond the axis` : "")
}

follow()
