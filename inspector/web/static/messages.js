// Messages for the user, above the page so that nothing moves. They are set as text, never as markup.

const PASSING = 8000   // ms a success stays: it asks for nothing

const KINDS = {info: "", success: "", warning: "Warning:", error: "Error:"}

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.textContent = text
  return made
}

export function render({model}) {
  const list = element("div", {class: "messages"})
  const shown = new Map()   // by number: what is drawn stays, or a screen reader would read it again
  const close = (numbers) => model.send_msg({close: numbers})

  const draw = (message) => {
    const urgent = message.severity === "error" || message.severity === "warning"
    const item = element("div", {class: `message ${message.severity}`, role: urgent ? "alert" : "status"})
    const button = element("button", {type: "button", "aria-label": "Close this message"}, "×")
    button.addEventListener("click", () => close([message.number]))
    if (KINDS[message.severity]) item.append(element("span", {class: "kind"}, KINDS[message.severity]))
    item.append(element("span", {class: "text"}, message.text), button)
    if (message.severity === "success") setTimeout(() => shown.has(message.number) && close([message.number]), PASSING)
    return item
  }

  const all = element("button", {type: "button", class: "all"}, "Close all")
  all.addEventListener("click", () => close([...shown.keys()]))

  const update = () => {
    const kept = new Set(model.messages.map((message) => message.number))
    for (const [number, item] of shown) {
      if (!kept.has(number)) { item.remove(); shown.delete(number) }
    }
    for (const message of model.messages) {
      if (shown.has(message.number)) continue
      shown.set(message.number, draw(message))
      list.append(shown.get(message.number))
    }
    all.remove()
    if (shown.size > 1) list.append(all)
    list.classList.toggle("dark", model.dark)
    list.scrollTop = list.scrollHeight
  }
  model.on(["messages", "dark"], update)
  update()
  return list
}
