// The opened stars: search, a list, and a place to drop files. Names are set as text, never as markup.

const CHUNK = 4 * 1024 * 1024
const LISTED = 300   // rows drawn; the search finds the rest

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.textContent = text
  return made
}

const number = () => crypto.getRandomValues(new Uint32Array(2)).join("-")   // randomUUID needs a secure context

async function upload(model, file, drop, say) {
  const id = number()
  if (file.size > model.limit) {
    model.send_msg({upload: id, drop, name: file.name, size: file.size, part: 0, parts: 1, data: new ArrayBuffer(0)})
    return
  }
  const parts = Math.max(1, Math.ceil(file.size / CHUNK))
  for (let part = 0; part < parts; part++) {
    say(`Sending ${file.name}: ${Math.round(100 * part / parts)}%`)
    const data = await file.slice(part * CHUNK, (part + 1) * CHUNK).arrayBuffer()
    model.send_msg({upload: id, drop, name: file.name, part, parts, data})
  }
  say("")
}

export function render({model}) {
  const search = element("input", {type: "search", placeholder: "Search stars  /", "aria-label": "Search stars"})
  const list = element("div", {role: "listbox", "aria-label": "Opened stars", class: "list"})
  const drop = element("label", {class: "drop"})
  const said = element("span", {}, "Drop FITS files anywhere, or choose")
  const input = element("input", {type: "file", multiple: "", "aria-label": "Open FITS files"})
  drop.append(said, input)

  const say = (text) => { said.textContent = text || "Drop FITS files anywhere, or choose" }
  const send = async (files) => {
    const drop = number()
    for (const file of files) await upload(model, file, drop, say).catch((error) => say(String(error)))
  }
  input.addEventListener("change", () => send([...input.files]).then(() => { input.value = "" }))

  const draw = () => {
    const wanted = search.value.trim().toLowerCase()
    const rows = model.rows.filter((row) => (row.title + " " + row.note).toLowerCase().includes(wanted))
    const shown = rows.slice(0, LISTED).map((row) => {
      const item = element("button", {role: "option", "aria-selected": String(row.key === model.selected), title: row.note || row.key})
      item.append(element("b", {}, row.title), element("small", {}, row.note))
      if (row.error) item.classList.add("error")
      item.addEventListener("click", () => model.send_msg({choose: row.key}))
      return item
    })
    if (rows.length > LISTED) shown.push(element("p", {}, `${rows.length - LISTED} more: search to find them`))
    if (!rows.length) shown.push(element("p", {}, model.rows.length ? "No star of that name" : "No star is open"))
    list.replaceChildren(...shown)
    list.querySelector("[aria-selected=true]")?.scrollIntoView({block: "nearest"})
  }
  search.addEventListener("input", draw)
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; search.blur(); draw() }
    if (event.key === "Enter") list.querySelector("button")?.click()
  })
  model.on(["rows", "selected"], draw)

  const over = (event) => { event.preventDefault(); drop.classList.add("over") }
  const leave = () => drop.classList.remove("over")
  const dropped = (event) => { event.preventDefault(); leave(); send([...event.dataTransfer.files]) }
  const listeners = {dragover: over, dragleave: leave, drop: dropped}
  for (const [name, heard] of Object.entries(listeners)) document.addEventListener(name, heard)
  model.on("remove", () => {
    for (const [name, heard] of Object.entries(listeners)) document.removeEventListener(name, heard)
  })
  draw()
  const all = element("div", {class: "stars"})
  all.append(search, list, drop)
  return all
}
