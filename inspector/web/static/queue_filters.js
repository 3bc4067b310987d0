// Over the grid: filters as chips, a line to type more, and small panels that fold out. All words are set as text.

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.textContent = text
  return made
}
const button = (words, act, attributes = {}) => {
  const made = element("button", {type: "button", ...attributes}, words)
  made.addEventListener("click", act)
  return made
}
const field = (label, type = "text") => element("input", {type, "aria-label": label, placeholder: label})

const QUICK = [["flagged", "flag_warn"], ["bad", "flag_bad"], ["no verdict", "verdict:none"], ["flags differ", "live_flags_differ"]]

export function render({model}) {
  const send = (message) => model.send_msg(message)
  const name = element("b", {class: "table"})
  const chips = element("div", {class: "chips", role: "list", "aria-label": "Filters"})
  const typed = element("input", {type: "search", class: "typed", "aria-label": "Filter the table",
    placeholder: "filter: 2M17, flag_bad, snr:..50"})
  typed.title = "A word looks through the ids. flag_bad: set; !flag_bad: not set; ?flag_bad: undecided; teff:4000..5000;"
    + " field:M67; verdict:none. Several between commas."
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !typed.value.trim()) return
    send({typed: typed.value})
    typed.value = ""
  })

  const folds = []
  const fold = (words, ...parts) => {
    const made = element("details"), inner = element("div", {class: "fold"})
    made.append(element("summary", {}, words), inner)
    inner.append(...parts)
    made.addEventListener("toggle", () => { if (made.open) for (const other of folds) if (other !== made) other.open = false })
    made.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return
      made.open = false
      made.querySelector("summary").focus()
    })
    folds.push(made)
    return made
  }

  // one more filter, for who does not know how it is written
  const column = element("select", {"aria-label": "Column to filter"})
  const state = element("select", {"aria-label": "State of the flag"})
  for (const word of ["set", "not set", "undecided"]) state.append(new Option(word, word))
  const low = field("from"), high = field("to"), words = field("contains")
  for (const input of [low, high]) input.inputMode = "decimal"
  const kind = () => model.columns.find((known) => known.name === column.value)?.kind
  const fit = () => {
    state.hidden = kind() !== "flag"
    words.hidden = kind() !== "text"
    low.hidden = high.hidden = kind() === "flag" || kind() === "text"
  }
  column.addEventListener("change", fit)
  const add = button("Add filter", () => {
    const told = {flag: {state: state.value}, text: {contains: words.value}}[kind()] ?? {low: low.value, high: high.value}
    send({add: {column: column.value, ...told}})
    low.value = high.value = words.value = ""
  })
  const quick = element("div", {class: "quick"})
  quick.append(...QUICK.map(([said, filter]) => button(said, () => send({typed: filter}))))
  const adding = fold("add a filter", column, state, words, low, high, add, quick)

  const boxes = element("div", {class: "boxes", role: "group", "aria-label": "Columns of the table"})
  const choosing = fold("columns", boxes)

  const group = element("label", {class: "group"})
  const grouped = element("input", {type: "checkbox"})
  group.append(grouped, element("span", {}, "files of a star together"))
  grouped.addEventListener("change", () => send({group: grouped.checked}))

  const use = element("select", {"aria-label": "Saved filters"})
  use.addEventListener("change", () => { if (use.value) send({use: use.value}) })
  const title = field("name for these filters")
  const saved = fold("saved", use, title, button("Save filters", () => { send({save: title.value}); title.value = "" }),
    button("Forget", () => send({forget: use.value})))

  const close = button("×", () => send({close: true}), {class: "close", title: "Close the table (t)", "aria-label": "Close the table (t)"})

  const drawChips = () => {
    const one = (said, act) => {
      const chip = element("span", {class: "chip", role: "listitem"}, said)
      chip.append(button("×", act, {"aria-label": `Remove filter: ${said}`}))
      return chip
    }
    const made = model.chips.map((said, i) => one(said, () => send({drop: i})))
    if (model.outlined >= 0) made.push(one(`${model.outlined.toLocaleString("en")} outlined in the diagram`, () => send({unpick: true})))
    if (made.length > 1) made.push(button("clear all", () => send({clear: true})))
    chips.replaceChildren(...made)
  }
  const drawColumns = () => {
    const before = column.value
    column.replaceChildren(...model.columns.map(({name, title}) => new Option(title, name)))
    if (model.columns.some(({name}) => name === before)) column.value = before
    fit()
    boxes.replaceChildren(...model.columns.map(({name, title}) => {
      const label = element("label"), box = element("input", {type: "checkbox"})
      box.checked = model.shown.includes(name)
      box.addEventListener("change", () => send({column: name, shown: box.checked}))
      label.append(box, element("span", {}, title))
      return label
    }))
  }
  const drawShown = () => {
    for (const [i, label] of [...boxes.children].entries()) label.firstChild.checked = model.shown.includes(model.columns[i]?.name)
  }
  const drawSaved = () => {
    use.replaceChildren(new Option(model.saved.length ? "choose …" : "none yet", ""), ...model.saved.map((said) => new Option(said, said)))
  }
  const drawRest = () => {
    name.textContent = name.title = model.table
    grouped.checked = model.grouped
  }

  for (const changed of ["chips", "outlined"]) model.on(changed, drawChips)
  model.on("columns", drawColumns)
  model.on("shown", drawShown)
  model.on("saved", drawSaved)
  for (const changed of ["table", "grouped"]) model.on(changed, drawRest)
  for (const draw of [drawChips, drawColumns, drawSaved, drawRest]) draw()
  const all = element("div", {class: "filters", role: "search", "aria-label": "Table"})
  all.append(name, typed, chips, adding, choosing, saved, group, close)
  return all
}
