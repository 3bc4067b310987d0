// The view that the server asks for: both ends at once.
const [start, end] = seen.data.view
if (x.start !== start || x.end !== end) x.setv({start, end})
