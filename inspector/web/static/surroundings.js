// Where a view stands: whether the ground behind it is dark, and when it can be told of changes.

const TRIES = 600, PAUSE = 50   // milliseconds; a page that is not drawn after all of them will not be

// The first colour behind a node that is not transparent decides.
function ground(node) {
  for (let at = node; at; at = at.parentNode ?? at.host) {
    if (!(at instanceof Element)) continue
    const [red, green, blue, alpha = 1] = getComputedStyle(at).backgroundColor.match(/[\d.]+/g).map(Number)
    if (alpha > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 128 ? "dark" : "light"
  }
  return "light"
}

// In a notebook, Panel drops what it is told of a view that is not in its index yet, and reads all later messages wrong.
function drawn(view) {
  let root = view
  while (root.parent) root = root.parent
  const {id} = root.model, index = window.PyViz?.plot_index
  return !index || index[id] != null || id in Bokeh.index
}

// Panel's line from a notebook to Python also carries changes that are meant to stay in the browser.
function keepToItself(manager) {
  const told = manager._document_changed.bind(manager)
  manager._document_changed = (event) => {
    if (event.sync) for (const one of event.events ?? [event]) if (one.sync) told(one)
  }
}

export function render({model, view}) {
  const mark = document.createElement("span")
  mark.hidden = true
  let known = null
  const tell = () => {
    const now = ground(mark)
    if (!mark.isConnected || now === known) return
    known = now
    model.send_msg(now)
  }
  const arrive = (tries) => {
    if (!mark.isConnected || !drawn(view)) {
      if (tries) setTimeout(arrive, PAUSE, tries - 1)
      return
    }
    tell()
    model.send_msg("drawn")
  }
  for (const root of view.model.document.roots()) if (root.type === "panel.models.comm_manager.CommManager") keepToItself(root)
  const observer = new MutationObserver(() => setTimeout(tell, 200))   // a theme's colours follow its name
  for (const node of [document.documentElement, document.body]) observer.observe(node, {attributes: true})
  model.on("remove", () => observer.disconnect())
  setTimeout(arrive, 0, TRIES)
  return mark
}
