// The names of the bits that are set in a pixel's mask.
function said(value) {
  const set = []
  for (let bit = 0; bit < names.length; bit++) {
    if (!(value & (1 << bit))) continue
    const verdict = masking.includes(bit) ? " (astroNN masks it)" : ""
    set.push((names[bit] || `bit ${bit}`) + verdict)
  }
  return set.length ? set.join(", ") : "none"
}
