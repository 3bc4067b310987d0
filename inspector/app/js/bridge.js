// What only a browser can do: keys, the address line, the clipboard, saving a file, a figure as a picture.

// a slider or a box that is ticked has focus after use, and takes no letters: keys must live on
const TYPING = [
  "input:not([type=range], [type=checkbox], [type=radio], [type=button])",
  "textarea", "select", "[contenteditable=true]", "[role=combobox]", "[role=menu]",
].join(",")

function typing(event) {
  return event.composedPath().some((node) => node instanceof Element && node.matches(TYPING))
}

function save(name, blob) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}

const isFigure = (view) => view.model.type === "Figure"

// figures that stand side by side or share an axis are one picture
function figures() {
  const found = []
  const visit = (view, above) => {
    const name = view.model.name ?? above
    const parts = view.child_views ?? []
    const whole = isFigure(view) || (parts.length > 1 && parts.every(isFigure))
    if (!whole) for (const child of view.children()) visit(child, name)
    else if (view.el.isConnected && view.el.offsetWidth > 0) found.push({view, name})
  }
  for (const root of Bokeh.index.roots) visit(root, "figure")
  return found
}

const FONT = "11px sans-serif"
const LINE = 15   // pixels a line of the words below a picture, which say what it shows

function folded(words, width) {
  const pen = document.createElement("canvas").getContext("2d")
  pen.font = FONT
  const lines = []
  for (const part of words.split(" · ")) {
    const longer = lines.length ? `${lines.at(-1)} · ${part}` : part
    if (lines.length && pen.measureText(longer).width < width - 12) lines[lines.length - 1] = longer
    else lines.push(part)
  }
  return lines
}

function footedCanvas(drawn, words, paper, ink) {
  const scale = window.devicePixelRatio || 1
  const lines = folded(words, drawn.width / scale)
  const whole = document.createElement("canvas")
  whole.width = drawn.width
  whole.height = drawn.height + (LINE * lines.length + 6) * scale
  const pen = whole.getContext("2d")
  pen.fillStyle = paper
  pen.fillRect(0, 0, whole.width, whole.height)
  pen.drawImage(drawn, 0, 0)
  pen.scale(scale, scale)
  pen.fillStyle = ink
  pen.font = FONT
  lines.forEach((line, i) => pen.fillText(line, 6, drawn.height / scale + LINE * (i + 1)))
  return new Promise((done) => whole.toBlob(done, "image/png"))
}

async function footedSvg(blob, words, paper, ink) {
  const drawing = new DOMParser().parseFromString(await blob.text(), "image/svg+xml").documentElement
  const [width, height] = ["width", "height"].map((side) => parseFloat(drawing.getAttribute(side)))
  const lines = folded(words, width), whole = height + LINE * lines.length + 6
  drawing.setAttribute("height", whole)
  const add = (name, traits) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name)
    for (const [trait, value] of Object.entries(traits)) node.setAttribute(trait, value)
    return drawing.appendChild(node)
  }
  drawing.prepend(add("rect", {width, height: whole, fill: paper}))
  lines.forEach((line, i) => {
    add("text", {x: 6, y: height + LINE * (i + 1), fill: ink, style: `font: ${FONT}`}).textContent = line
  })
  return new Blob([new XMLSerializer().serializeToString(drawing)], {type: "image/svg+xml"})
}

async function picture(view, {kind, words, paper, ink}) {
  if (kind === "png") return await footedCanvas(view.export("png", true).canvas, words, paper, ink)
  const parts = isFigure(view) ? [view] : view.child_views
  for (const part of parts) part.model.output_backend = "svg"   // a raster canvas copied into an SVG would not be one
  await Promise.all(parts.map((part) => part.ready))
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  const blob = await view.export("svg").to_blob()
  for (const part of parts) part.model.output_backend = "canvas"
  return await footedSvg(blob, words, paper, ink)
}

async function pictures(told) {
  for (const {view, name} of figures()) {
    save(`${told.star}-${name}.${told.kind}`, await picture(view, told))
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {   // no permission, or not a secure context
    return false
  }
}

export function render({model}) {
  const answer = {
    address: ({query}) => history.replaceState(history.state, "", location.pathname + query + location.hash),
    copy: async ({query}) => model.send_msg({
      copied: await copy(location.origin + location.pathname + query),
      link: location.origin + location.pathname + query,
    }),
    save: ({name, data, mime}) => save(name, new Blob([data], {type: mime})),
    pictures: (told) => pictures(told).catch((error) => model.send_msg({failed: String(error)})),
  }
  model.on("msg:custom", (told) => answer[told.do]?.(told))

  const press = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return
    if (!(event.key in model.keys)) return
    event.preventDefault()
    if (event.key === "/") find(document, "input[type=search]")?.focus()   // the next letter is already on its way
    else model.send_msg({key: event.key})
  }
  document.addEventListener("keydown", press)
  model.on("remove", () => document.removeEventListener("keydown", press))
  const mark = document.createElement("span")
  mark.hidden = true
  return mark
}

function find(root, selector) {
  const here = root.querySelector(selector)
  if (here) return here
  for (const node of root.querySelectorAll("*")) {
    const inside = node.shadowRoot && find(node.shadowRoot, selector)
    if (inside) return inside
  }
  return null
}
