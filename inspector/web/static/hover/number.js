// The number under the pointer as inspector.science.number_format writes it; `format` says how many decimals.
function said(value, format) {
  if (Number.isNaN(value) || value === null) return "—"
  const sign = value < 0 ? "−" : ""
  const size = Math.abs(value)
  if (size === Infinity) return `${sign}∞${mark}`
  if (size >= absurd) return sign + size.toExponential(0).replace("e+", "e") + mark
  const text = size.toFixed(Number(format))
  return (Number(text) === 0 ? "" : sign) + text
}
