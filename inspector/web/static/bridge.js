// What only a browser can do: the address line and its history, the clipboard, saving a file, a figure as a picture.

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
const LINE = 15   // pixels per line of the words below a picture, which say what it shows
const WIDEST = 1600   // pixels at least that a picture is wide, at twice the density of the page at least

const pen = document.createElement("canvas").getContext("2d")

// Pieces, as wide as they say, in as many lines as they need: `[piece, x, line]`.
function flowed(pieces, width, wide) {
  const placed = []
  let x = 6, line = 0
  for (const piece of pieces) {
    if (x > 6 && x + wide(piece) > width - 6) { x = 6; line++ }
    placed.push([piece, x, line])
    x += wide(piece)
  }
  return placed
}

// A legend and words below a drawing; the drawing is laid out anew around nothing.
async function footed(blob, words, legend, paper, ink) {
  const drawing = new DOMParser().parseFromString(await blob.text(), "image/svg+xml").documentElement
  const [width, height] = ["width", "height"].map((side) => parseFloat(drawing.getAttribute(side)))
  pen.font = FONT
  const named = flowed(legend, width, ({name}) => pen.measureText(name).width + 34)
  const said = flowed(words.split(" · ").filter(Boolean), width, (part) => pen.measureText(`${part} · `).width)
  const rows = (placed) => placed.length ? placed.at(-1)[2] + 1 : 0
  const whole = Math.ceil(height + LINE * (rows(named) + rows(said)) + 6)
  const add = (name, traits, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name)
    for (const [trait, value] of Object.entries(traits)) node.setAttribute(trait, value)
    node.textContent = text
    return drawing.appendChild(node)
  }
  const write = (text, x, y) => add("text", {x, y, fill: ink, style: `font: ${FONT}`}, text)
  drawing.setAttribute("height", whole)
  drawing.removeAttribute("viewBox")
  drawing.prepend(add("rect", {width, height: whole, fill: paper}))
  for (const [{name, colour, form}, x, line] of named) {
    const middle = height + LINE * (line + 1) - 4
    if (form === "dot") add("circle", {cx: x + 8, cy: middle, r: 2.5, fill: colour})
    else if (form === "band") add("rect", {x, y: middle - 4, width: 16, height: 8, fill: colour, "fill-opacity": 0.35})
    else add("rect", {x, y: middle - 1, width: 16, height: 2, fill: colour})
    write(name, x + 20, height + LINE * (line + 1))
  }
  const lines = Array.from({length: rows(said)}, (_, i) => said.filter(([, , line]) => line === i).map(([part]) => part))
  for (const [i, parts] of lines.entries()) write(parts.join(" · "), 6, height + LINE * (rows(named) + i + 1))
  return {drawing: new XMLSerializer().serializeToString(drawing), width, height: whole}
}

// A drawing as pixels, sharp however small the panel is on the page.
async function pixels({drawing, width, height}) {
  const scale = Math.max(2, WIDEST / width)
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing)}`
  await image.decode()
  const canvas = document.createElement("canvas")
  canvas.width = Math.ceil(width * scale)
  canvas.height = Math.ceil(height * scale)
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((done) => canvas.toBlob(done, "image/png"))
}

async function picture(view, {kind, words, paper, ink}, legend) {
  const parts = isFigure(view) ? [view] : view.child_views
  for (const part of parts) part.model.output_backend = "svg"   // a raster canvas copied into an SVG would not be one
  await Promise.all(parts.map((part) => part.ready))
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  const blob = await view.export("svg").to_blob()
  for (const part of parts) part.model.output_backend = "canvas"
  const made = await footed(blob, words, legend, paper, ink)
  return kind === "png" ? await pixels(made) : new Blob([made.drawing], {type: "image/svg+xml"})
}

async function pictures(told) {
  for (const {view, name} of figures()) {
    save(`${told.star}-${name}.${told.kind}`, await picture(view, told, told.legends[name] ?? []))
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

// One entry of the browser's history per star; within one star the entry follows what is looked at
function addresses(model) {
  const starOf = (query) => new URLSearchParams(query).get("star")
  let at = null      // the star of the entry in the address line; none before the page has told its first
  let steps = 0, answered = 0   // steps back and forward; until the last one is answered, the server speaks of older ones
  const back = () => {
    if (location.search === shown) return   // only the part after # changed
    shown = location.search
    at = starOf(shown)
    model.send_msg({back: shown, step: ++steps})
  }
  let shown = location.search
  addEventListener("popstate", back)
  model.on("remove", () => removeEventListener("popstate", back))
  return ({query, step = null}) => {
    if (step === null ? answered < steps : step < steps) return
    if (step !== null) answered = step
    const star = starOf(query), change = step === null && at !== null && star !== at ? "pushState" : "replaceState"
    history[change](history.state, "", location.pathname + query + location.hash)
    at = star
    shown = location.search
  }
}

export function render({model}) {
  const answer = {
    address: addresses(model),
    copy: async ({query}) => model.send_msg({
      copied: await copy(location.origin + location.pathname + query),
      link: location.origin + location.pathname + query,
    }),
    save: ({name, data, mime}) => save(name, new Blob([data], {type: mime})),
    pictures: (told) => pictures(told).catch((error) => model.send_msg({failed: String(error)})),
  }
  model.on("msg:custom", (told) => answer[told.do]?.(told))

  // for connection.js, which watches the line to the server
  window.inspector = {ticket: model.ticket, opened: () => model.opened, beat: () => model.send_msg({beat: true})}

  const mark = document.createElement("span")
  mark.hidden = true
  return mark
}
