// The y range of a panel, by the same rule as `y_limits` on the server.

function quantile(ordered, share) {
  return ordered[Math.round(share * (ordered.length - 1))]
}

// Limits of the good pixels, taken as far as the replaced ones that are not absurdly far away; and how many those are.
function yLimits(good, replaced, {tail, padding, smallest, reach}) {
  const ordered = Float64Array.from(good.length ? good : replaced).sort()
  if (!ordered.length) return null
  let low = quantile(ordered, tail), high = quantile(ordered, 1 - tail)
  const far = reach * Math.max(high - low, Math.abs(low + high) / 2 * smallest)
  const near = replaced.filter((value) => value >= low - far && value <= high + far)
  for (const value of near) { low = Math.min(low, value); high = Math.max(high, value) }
  const pad = Math.max((high - low) * padding, Math.abs(low + high) / 2 * smallest)
  return {start: low - pad, end: high + pad, beyond: replaced.length - near.length}
}

function follow() {
  const x = plot.x_range, y = plot.y_range
  if (y.seen_start === x.start && y.seen_end === x.end) return   // both ends tell of one move
  Object.assign(y, {seen_start: x.start, seen_end: x.end})
  const curves = plot.renderers.filter((renderer) => renderer.visible && renderer.tags.includes(tag))
  const stride = Math.ceil(curves.length / 4)   // of many curves, a sample of each says enough
  const good = [], replaced = []
  for (const {data_source} of curves) {
    const data = data_source.whole ?? data_source.data, values = data[column]
    const first = firstFrom(data.wavelength, x.start)
    let last = first
    while (last < data.wavelength.length && data.wavelength[last] <= x.end) last++
    for (let i = first; i < last; i += stride) if (data.good[i] === 1 && isFinite(values[i])) good.push(values[i])
    if (!data.replaced || last - first > settings.near) continue
    for (let i = first; i < last; i++) if (data.replaced[i] === 1 && isFinite(values[i])) replaced.push(values[i])
  }
  const limits = yLimits(good, replaced, settings)
  if (!limits) return
  y.setv({start: limits.start, end: limits.end})
  say(note, column, limits.beyond ? `${limits.beyond} replaced pixels beyond the scale` : "")
}

follow()
