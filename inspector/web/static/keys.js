// Keys for the whole page. They rest only while somebody types: in a field, or in an open menu.

// a slider or a box that is ticked has focus after use and takes no letters; a list turns to what a letter begins
const TYPING = [
  "input:not([type=range], [type=checkbox], [type=radio], [type=button])",
  "textarea", "select", "[contenteditable=true]",
  "[role=menu]", ".MuiPopover-root [role=listbox]",
].join(",")
const FIELD = "input, textarea"

const within = (event, selector) => event.composedPath().find((node) => node instanceof Element && node.matches(selector))

// AltGr and Option write [ and ] on many layouts; Ctrl, Cmd, and Alt with a letter belong to the browser
function meant(event) {
  if (event.metaKey || event.isComposing) return false
  if (event.getModifierState("AltGraph")) return true
  if (event.ctrlKey && !event.altKey) return false
  return !event.altKey || !/^[a-z0-9]$/i.test(event.key)
}

function set(field, text) {
  const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, text)   // React replaces the field's own
  field.dispatchEvent(new Event("input", {bubbles: true, composed: true}))
}

export function render({model}) {
  const before = new WeakMap()   // what a field held when it was entered

  const entered = (event) => {
    const field = within(event, FIELD)
    if (field) before.set(field, field.value)
  }

  // Enter has been heard by the field; Escape takes back what was typed. Either way the next key is the page's
  const left = (event, field) => {
    const enter = event.key === "Enter" && field instanceof HTMLInputElement
    if (!enter && event.key !== "Escape") return
    if (!enter && before.has(field) && field.type !== "search" && field.value !== before.get(field)) set(field, before.get(field))
    // a field hands on at blur what it held when it was last drawn: once React, which queued first, has drawn it
    queueMicrotask(() => field.blur())
  }

  // keys that another part of the page does something with, in the browser: no modifier but Shift with a letter
  const handed = (event) => {
    const letter = /^\p{L}$/u.test(event.key)
    const key = event.shiftKey && letter ? `Shift+${event.key.toUpperCase()}` : letter ? event.key.toLowerCase() : event.key
    const plain = !event.altKey && !event.ctrlKey && !event.getModifierState("AltGraph")
    if (!plain || !model.handed.includes(key)) return false
    event.preventDefault()
    if (!event.repeat) document.dispatchEvent(new CustomEvent("inspector:key", {detail: key}))   // a key held down is one key
    return true
  }

  const press = (event) => {
    if (within(event, TYPING)) {
      const field = within(event, FIELD)
      if (field && !event.isComposing) left(event, field)
      else if (event.key === "Escape") within(event, "select")?.blur()
      return
    }
    if (event.defaultPrevented || !meant(event)) return
    if (handed(event)) return
    const key = event.key.toLowerCase()   // Caps Lock
    if (!model.keys.includes(key)) return
    event.preventDefault()
    if (key === "/") find(document, "input[type=search]")?.focus()   // the next letter is already on its way
    else model.send_msg({key})
  }
  document.addEventListener("focusin", entered)
  document.addEventListener("keydown", press)
  model.on("remove", () => {
    document.removeEventListener("focusin", entered)
    document.removeEventListener("keydown", press)
  })
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
