// A list to choose from, as the browser has it: unlike Panel's Material one it opens and turns by keyboard.
export function render({ model }) {
  const list = document.createElement("select")
  let pointed = false
  const fill = () => {
    list.setAttribute("aria-label", model.label)
    list.replaceChildren(...model.options.map(([value, text]) => new Option(text, value)))
    show()
  }
  const show = () => {
    list.value = model.value
    list.disabled = !model.options.length
  }
  model.on("label", fill)
  model.on("options", fill)
  model.on("value", show)
  list.addEventListener("pointerdown", () => { pointed = true })
  list.addEventListener("keydown", () => { pointed = false })
  list.addEventListener("change", () => {
    model.value = list.value
    if (pointed) list.blur()  // who chose with the mouse goes on with the page's keys
  })
  fill()
  return list
}
