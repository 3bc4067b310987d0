// What the scripts of the spectrum figure have in common.

function firstFrom(ascending, value) {
  let low = 0, high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle] < value) low = middle + 1; else high = middle
  }
  return low
}

function counted(n, what) {
  return `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`
}

// Several things may leave something out; what each says stands in one line on the plot.
function say(note, about, text) {
  note.parts = {...note.parts, [about]: text}
  const words = Object.values(note.parts).filter((part) => part).join(" · ")
  if (note.text !== words) note.setv({text: words}, {sync: false})
}
