// Every card of every header, set as text; a row stays while it holds all words of the search.

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.textContent = text
  return made
}

function table({title, cards}) {
  const made = element("table"), body = element("tbody")
  made.append(element("caption", {}, title))
  const rows = cards.map((cells) => {
    const row = element("tr")
    row.append(...cells.map((cell, i) => element(i ? "td" : "th", i ? {} : {scope: "row"}, cell)))
    return {row, said: cells.join(" ").toLowerCase()}
  })
  body.append(...rows.map(({row}) => row))
  made.append(body)
  return {made, rows}
}

export function render({model}) {
  const all = element("div", {class: "headers"})
  const search = element("input", {type: "search", placeholder: "Search keywords, values, comments", "aria-label": "Search the header"})
  const count = element("span", {role: "status"})
  const place = element("div", {class: "tables", tabindex: "0", role: "region", "aria-label": "File header"})
  const bar = element("div", {class: "bar"})
  bar.append(search, count)
  all.append(bar, place)
  let tables = []

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    let shown = 0, total = 0
    for (const {made, rows} of tables) {
      let here = 0
      for (const {row, said} of rows) {
        row.hidden = !words.every((word) => said.includes(word))
        if (!row.hidden) here++
      }
      made.hidden = words.length > 0 && !here
      shown += here
      total += rows.length
    }
    count.textContent = !tables.length ? "No header to show." : words.length ? `${shown} of ${total} cards` : `${total} cards`
  }

  const draw = () => {
    tables = model.hdus.map(table)
    place.replaceChildren(...tables.map(({made}) => made))
    filter()
  }
  search.addEventListener("input", filter)
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; search.blur(); filter() }
  })
  model.on("hdus", draw)
  draw()
  return all
}
