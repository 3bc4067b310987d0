// The opened stars: search, a list, and a place to drop files. Names are set as text, never as markup.

const CHUNK = 4 * 1024 * 1024
const LISTED = 300      // rows drawn at once, round the one that is marked
const LEAST = 150       // px of list at least, about five stars
const PAUSE = 800       // ms after which the next letter begins another name
const DEPTH = 8, MOST = 500   // of a folder that is dropped: levels, and FITS files
const FITS = /\.fits?(\.(gz|bz2|xz|fz))?$/i

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

// what was dropped: files, and of each folder its FITS files, with how many of them were left out and why
async function files_of(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean)
  if (!entries.some((entry) => entry.isDirectory)) return {files: [...transfer.files], folders: []}
  const found = {files: [], folders: []}
  for (const entry of entries) {
    if (!entry.isDirectory) { found.files.push(await file_of(entry)); continue }
    const folder = {name: entry.name, opened: 0, beyond: 0, unread: 0}
    await walk(entry, found.files, folder, 0)
    found.folders.push(folder)
  }
  return found
}

const file_of = (entry) => new Promise((done, failed) => entry.file(done, failed))
const some_of = (reader) => new Promise((done, failed) => reader.readEntries(done, failed))   // at most 100 at a time

async function walk(entry, files, folder, depth) {
  const reader = entry.createReader()
  try {
    for (let some = await some_of(reader); some.length; some = await some_of(reader)) {
      for (const inner of some) await take(inner, files, folder, depth)
    }
  } catch {   // a folder this person may not read
    folder.unread++
  }
}

async function take(entry, files, folder, depth) {
  if (entry.isDirectory && depth < DEPTH) return walk(entry, files, folder, depth + 1)
  if (entry.isDirectory) folder.unread++
  else if (!FITS.test(entry.name)) return
  else if (folder.opened >= MOST) folder.beyond++
  else { files.push(await file_of(entry)); folder.opened++ }
}

const matches = (row, wanted, learned) => {
  const text = `${row.title} ${row.note} ${row.find} ${learned.get(row.key) ?? ""}`.toLowerCase()
  return wanted.every((word) => text.includes(word))
}

// the place in `rows` of a star whose name, or a part of it, begins as typed; from `here` on and round the end
function named(rows, typed, here) {
  const begins = (row) => row.title.toLowerCase().split(/[-_/ ]/).some((part) => part.startsWith(typed))
  const whole = (row) => row.title.toLowerCase().includes(typed)
  for (const fits of [begins, whole]) {
    for (let n = 0; n < rows.length; n++) {
      const at = (here + n) % rows.length
      if (fits(rows[at])) return at
    }
  }
  return -1
}

export function render({model}) {
  const search = element("input", {type: "search", placeholder: "Search stars  /", "aria-label": "Search stars"})
  search.title = "Finds file names; ids, fields, kinds and flags of the stars looked at so far. Enter looks further for an id (2MASS, APOGEE, sdss_id, Gaia) or a position."
  // one tab stop: the arrows move a mark through the list, Enter chooses
  const list = element("div", {role: "listbox", "aria-label": "Opened stars", class: "list", tabindex: "0"})
  const rest = element("p", {class: "rest", role: "status"})
  const drop = element("label", {class: "drop"})
  const said = element("span", {}, "Drop FITS files anywhere, or choose")
  const input = element("input", {type: "file", multiple: "", "aria-label": "Open FITS files"})
  drop.append(said, input)

  const say = (text) => { said.textContent = text || "Drop FITS files anywhere, or choose" }
  const send = async ({files, folders}) => {
    const drop = number()
    for (const folder of folders) model.send_msg({folder, drop})
    for (const file of files) await upload(model, file, drop, say).catch((error) => say(String(error)))
  }
  input.addEventListener("change", () => send({files: [...input.files], folders: []}).then(() => { input.value = "" }))

  const learned = new Map()   // words of the stars looked at
  let rows = [], mark = 0, first = 0
  let typed = "", last = 0    // letters of a name, and when the last one came
  let looking = true          // for a star, and has not chosen one since the list was come to

  const draw = () => {
    first = Math.max(0, Math.min(mark - LISTED / 2, rows.length - LISTED))
    const shown = rows.slice(first, first + LISTED).map((row, n) => {
      const item = element("div", {role: "option", id: `star-${first + n}`, title: row.note || row.key})
      item.append(element("b", {}, row.title), element("small", {}, row.note))
      item.setAttribute("aria-selected", String(row.key === model.selected))
      if (row.error) item.classList.add("error")
      item.addEventListener("click", () => { move(first + n); choose() })
      return item
    })
    list.replaceChildren(...shown)
    const hidden = rows.length - shown.length
    if (hidden > 0) rest.textContent = `${rows.length} stars; search to find one`
    else if (!model.rows.length) rest.textContent = "No star is open"
    else rest.textContent = rows.length ? "" : "No such star here. Enter looks for it as an id or a position in the table, on this machine and in the archive."
    move(mark)
  }
  const move = (to) => {
    mark = Math.max(0, Math.min(to, rows.length - 1))
    if (rows.length && (mark < first || mark >= first + LISTED)) return draw()
    list.querySelector(".marked")?.classList.remove("marked")
    const item = list.children[mark - first]
    item?.classList.add("marked")
    item?.scrollIntoView({block: "nearest"})
    if (item) list.setAttribute("aria-activedescendant", item.id)
    else list.removeAttribute("aria-activedescendant")
  }
  const choose = () => {
    typed = ""
    looking = false
    if (rows[mark]) model.send_msg({choose: rows[mark].key})
  }
  const sift = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    rows = model.rows.filter((row) => matches(row, wanted, learned))
    mark = Math.max(0, rows.findIndex((row) => row.key === model.selected))
    draw()
    fit()
  }

  search.addEventListener("input", sift)
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; search.blur(); sift() }
    if (event.key === "Enter" && rows.length) { move(0); choose() }
    else if (event.key === "Enter" && search.value.trim()) model.send_msg({find: search.value.slice(0, 200)})
    if (event.key === "ArrowDown") { event.preventDefault(); list.focus() }
  })

  const letter = (event, going) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return
    const digit = /\d/.test(event.key) && looking   // names begin with 2M: a digit is a name's, and not a verdict
    if (!going && !digit && (event.key === " " || model.keys.includes(event.key.toLowerCase()))) return   // the page's
    event.preventDefault()
    typed = (going ? typed : "") + event.key.toLowerCase()
    last = event.timeStamp
    const at = named(rows, typed, going ? mark : (mark + 1) % rows.length)
    if (at >= 0) move(at)
  }
  const page = () => Math.max(1, Math.floor(list.clientHeight / (list.firstElementChild?.offsetHeight || 24)) - 1)
  const moves = {
    ArrowDown: () => mark + 1, ArrowUp: () => mark - 1, Home: () => 0, End: () => rows.length - 1,
    PageDown: () => mark + page(), PageUp: () => mark - page(),
  }
  list.addEventListener("keydown", (event) => {
    const going = typed && event.timeStamp - last < PAUSE
    if (event.key in moves) { event.preventDefault(); typed = ""; looking = true; move(moves[event.key]()) }
    else if (event.key === "Enter" || (event.key === " " && !going)) { event.preventDefault(); choose() }
    else letter(event, going)
  })

  list.addEventListener("blur", () => { looking = true })

  model.on("learned", () => { for (const [key, words] of Object.entries(model.learned)) learned.set(key, words) })
  model.on("rows", sift)
  model.on("selected", () => {
    const at = rows.findIndex((row) => row.key === model.selected)
    if (at >= 0) mark = at
    draw()
  })

  const over = (event) => { event.preventDefault(); drop.classList.add("over") }
  const leave = () => drop.classList.remove("over")
  const dropped = (event) => {
    event.preventDefault()
    leave()
    files_of(event.dataTransfer).then(send).catch((error) => say(`What was dropped could not be read (${error.name}). Choose the files instead.`))
  }
  const listeners = {dragover: over, dragleave: leave, drop: dropped}
  for (const [name, heard] of Object.entries(listeners)) document.addEventListener(name, heard)

  const all = element("div", {class: "stars"})
  all.append(search, list, rest, drop)
  const fit = () => {
    const {bar, column} = above(all)
    if (!bar || !column) return
    const top = column.getBoundingClientRect().top - bar.getBoundingClientRect().top + bar.scrollTop
    const room = bar.clientHeight - top - (column.offsetHeight - list.offsetHeight) - 12
    list.style.maxHeight = `${Math.max(LEAST, Math.floor(room))}px`
  }
  const sizes = new ResizeObserver(() => requestAnimationFrame(fit))
  requestAnimationFrame(() => {
    const {bar, column} = above(all)
    for (const box of [bar, column]) if (box) sizes.observe(box)
  })
  model.on("remove", () => {
    sizes.disconnect()
    for (const [name, heard] of Object.entries(listeners)) document.removeEventListener(name, heard)
  })
  for (const [key, words] of Object.entries(model.learned)) learned.set(key, words)
  sift()
  return all
}

// the side bar, which scrolls, and the column of its parts
function above(node) {
  let column = null
  while (node && !(node instanceof Document)) {
    if (node instanceof Element) {
      if (node.matches(".bk-panel-models-layout-Column")) column = node
      if (column && getComputedStyle(node).overflowY === "auto") return {bar: node, column}
    }
    node = node.assignedSlot ?? node.parentNode ?? node.host
  }
  return {bar: null, column}
}
