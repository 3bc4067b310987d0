// The server hears of a view once it has come to rest.
clearTimeout(x.settling)
x.settling = setTimeout(() => {
  const [start, end] = seen.data.view
  if (x.start !== start || x.end !== end) seen.data = {view: [x.start, x.end]}
}, 150)
