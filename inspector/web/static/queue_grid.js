// One page of the table. Texts are set as text, never as markup; what a row or a heading means, the server decides.

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.textContent = text
  return made
}

const WORDS = {set: "set", undecided: "open"}   // a class for a flag's word, beside the word itself

export function render({model}) {
  const place = element("span", {class: "place", role: "status"})
  const origin = element("span", {class: "origin"})
  const stop = element("button", {type: "button", class: "stop"}, "Stop looking")
  const range = element("span", {class: "range"})
  const turn = (words, to) => {
    const button = element("button", {type: "button", "aria-label": words, title: words})
    button.addEventListener("click", () => go(to()))
    return button
  }
  const last = () => Math.max(0, Math.floor((model.total - 1) / model.size) * model.size)
  const turns = [
    turn("First page", () => 0), turn("Previous page", () => model.start - model.size),
    turn("Next page", () => model.start + model.size), turn("Last page", last),
  ]
  for (const [i, sign] of ["«", "‹", "›", "»"].entries()) turns[i].append(element("span", {"aria-hidden": "true"}, sign))
  const foot = element("div", {class: "foot"})
  foot.append(place, origin, stop, ...turns.slice(0, 2), range, ...turns.slice(2))
  stop.addEventListener("click", () => model.send_msg({stop: true}))

  const grid = element("table", {role: "grid", "aria-label": "Rows of the table"})
  const head = grid.createTHead(), body = grid.createTBody()
  const scroller = element("div", {class: "scroller"})
  scroller.append(grid)
  let mark = -1   // place on the page of the row that Tab reaches
  let wanted = ""   // where the focus goes once the page that was asked for is there

  const go = (start) => {
    const there = Math.min(Math.max(0, start), last())
    if (there !== model.start) model.send_msg({page: there})
  }

  const headings = () => {
    const row = element("tr", {role: "row", "aria-rowindex": "1"})
    for (const {name, title, unit, number, live} of model.columns) {
      const sorted = name === model.sort ? (model.descending ? "descending" : "ascending") : "none"
      const cell = element("th", {role: "columnheader", scope: "col", "aria-sort": sorted, class: number ? "number" : ""})
      const button = element("button", {type: "button", title: `Sort by ${title}${live ? " (from the live network)" : ""}`}, title)
      if (live) cell.classList.add("live")
      if (unit) button.append(element("small", {}, ` ${unit}`))
      button.append(element("span", {"aria-hidden": "true", class: "arrow"}, {ascending: " ▲", descending: " ▼", none: ""}[sorted]))
      button.addEventListener("click", () => model.send_msg({sort: name}))
      cell.append(button)
      row.append(cell)
    }
    head.replaceChildren(row)
  }

  const focused = () => grid.getRootNode().activeElement?.closest?.("tbody tr")
  const move = (to) => {
    if (!body.rows.length) return
    mark = Math.min(Math.max(0, to), body.rows.length - 1)
    for (const [i, row] of [...body.rows].entries()) row.tabIndex = i === mark ? 0 : -1
    body.rows[mark].focus()
  }

  const draw = () => {
    const had = Boolean(focused())
    body.replaceChildren(...model.rows.map(({row, cells, mark: why}, i) => {
      const line = element("tr", {role: "row", "aria-rowindex": String(model.start + i + 2), tabindex: "-1"})
      line.dataset.row = row
      for (const [k, text] of cells.entries()) {
        const {number, live} = model.columns[k] ?? {}
        const classes = [number ? "number" : "", live ? "live" : "", WORDS[text] ?? ""].filter(Boolean).join(" ")
        const cell = element("td", {role: "gridcell", class: classes}, text)
        if (text.length > 24) cell.title = text
        if (why && k === 0) cell.append(element("abbr", {class: "mark", title: why, "aria-label": why}, "≠"))
        line.append(cell)
      }
      return line
    }))
    grid.setAttribute("aria-rowcount", String(model.total + 1))
    const end = Math.min(model.start + model.size, model.total)
    const count = (n) => n.toLocaleString("en")
    range.textContent = model.total ? `${count(model.start + 1)}–${count(end)} of ${count(model.total)}` : "no row passes"
    for (const button of turns.slice(0, 2)) button.disabled = model.start <= 0
    for (const button of turns.slice(2)) button.disabled = model.start >= last()
    show()
    const at = {first: 0, last: body.rows.length - 1}[wanted]
    if (at !== undefined || had) move(at ?? mark)
    wanted = ""
  }

  const show = () => {
    place.textContent = model.place
    origin.textContent = origin.title = model.origin
    stop.hidden = !model.looking
    for (const [i, line] of [...body.rows].entries()) {
      const here = Number(line.dataset.row) === model.current
      line.setAttribute("aria-selected", String(here))
      if (here && !focused()) mark = i
    }
    if (mark >= body.rows.length || mark < 0) mark = 0
    for (const [i, line] of [...body.rows].entries()) line.tabIndex = i === mark ? 0 : -1
    body.rows[mark]?.scrollIntoView?.({block: "nearest"})
  }

  body.addEventListener("click", (event) => {
    const line = event.target.closest("tr")
    if (line) open(line)
  })
  const open = (line) => model.send_msg({open: Number(line.dataset.row)})
  const turned = (to, focus) => {
    if (to < 0 || to > last()) return
    wanted = focus
    go(to)
  }
  body.addEventListener("keydown", (event) => {
    const line = event.target.closest("tr")
    if (!line || event.ctrlKey || event.altKey || event.metaKey) return
    const at = [...body.rows].indexOf(line), end = body.rows.length - 1
    const acts = {
      ArrowDown: () => at < end ? move(at + 1) : turned(model.start + model.size, "first"),
      ArrowUp: () => at > 0 ? move(at - 1) : turned(model.start - model.size, "last"),
      PageDown: () => turned(model.start + model.size, "first"),
      PageUp: () => turned(model.start - model.size, "first"),
      Home: () => move(0), End: () => move(end), Enter: () => open(line), " ": () => open(line),
    }
    if (!(event.key in acts)) return
    event.preventDefault()
    acts[event.key]()
  })

  for (const name of ["columns", "sort", "descending"]) model.on(name, headings)
  for (const name of ["columns", "rows", "start", "total"]) model.on(name, draw)
  for (const name of ["current", "place", "origin", "looking"]) model.on(name, show)
  headings()
  draw()
  const all = element("div", {class: "queue"})
  all.append(scroller, foot)
  return all
}
