// The number of a pixel from 1, as FITS counts; ours begin with 0.
function said(value) {
  return value < 0 ? "in a chip gap, none" : String(value + 1)
}
