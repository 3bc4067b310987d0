// The bar a verdict is given in. Texts are set as text. What is typed is kept here until the server has it, so that
// neither a reload nor a lost connection loses it; a message names the star it is about, which stays the one that was
// on screen when the key was pressed, however late anything comes.

const PAUSE = 400       // ms without typing after which the server is told
const SEEN = 400        // ms a star that came by itself must have been here before a key can mean it
const LONGEST = 1000000 // characters of a comment

function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value)
  made.append(...inside)
  return made
}

const number = () => crypto.getRandomValues(new Uint32Array(4)).join("-")   // randomUUID needs a secure context
const bytes = (text) => new TextEncoder().encode(text).buffer   // texts in a message are bounded, buffers less so
const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB")

// What is typed, by reviewer and star; some browsers forbid it.
const memory = {
  name: (reviewer, key) => `inspector verdict\n${reviewer}\n${key}`,
  get: (name) => { try { return JSON.parse(localStorage.getItem(name)) } catch { return null } },
  set: (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)) } catch { /* the server is told */ } },
  drop: (name) => { try { localStorage.removeItem(name) } catch { /* was never there */ } },
}

export function render({model}) {
  const {qualities, causes} = model.scheme
  let here = {}             // what the server says of the star on screen
  let comment = "", chosen = new Set(), rejected = new Set()   // what the reviewer makes of it
  let touched = false, sent = 0, timer = null, given = false, guarded = null, again = null, introduced = false, local = ""

  const all = element("div", {class: "verdicts", role: "group", "aria-label": "Verdict"})
  const buttons = new Map(qualities.map((quality) => [quality.number, element("button", {
    type: "button", title: `${quality.name}: ${quality.definition}`, "aria-label": `${quality.name} (${quality.key})`, "aria-pressed": "false",
  }, element("kbd", {}, quality.key), element("span", {}, quality.name))]))
  const boxes = new Map(causes.map((cause) => [cause.letter, element("button", {
    type: "button", role: "checkbox", "aria-checked": "false", class: "cause",
  }, cause.letter)]))
  const field = element("textarea", {rows: "1", placeholder: "Comment  c", "aria-label": "Comment", maxlength: LONGEST, spellcheck: "false"})
  const more = element("button", {type: "button", class: "more", "aria-label": "More on verdicts", "aria-expanded": "false", title: "Causes in words, others' verdicts, disagreements, settings"}, "⋯")
  const why = element("p", {class: "why"}), said = element("p", {class: "said", role: "status"}), place = element("p", {class: "place"})
  const card = element("section", {popover: "", class: "card", role: "dialog", "aria-label": "Verdicts on this star"})
  const first = element("div", {class: "row"}), second = element("div", {class: "row small"})
  first.append(
    element("div", {class: "qualities", role: "group", "aria-label": "Quality"}, ...buttons.values()),
    element("div", {class: "causes", role: "group", "aria-label": "Causes"}, ...boxes.values()),
    element("div", {class: "comment"}, field), more,
  )
  second.append(why, said, place)
  all.append(first, second, card)

  const suggested = () => (here.suggested ?? []).map(({letter}) => letter)
  const ticked = () => causes.map(({letter}) => letter).filter((l) => chosen.has(l) || (suggested().includes(l) && !rejected.has(l)))
  const name = (key = here.key) => memory.name(model.reviewer, key)

  // what the reviewer has here: typed and not yet kept by the server, else its draft, else the verdict, else nothing
  function fill() {
    const kept = memory.get(name()), last = kept ?? here.draft ?? here.mine
    comment = last?.comment ?? ""
    chosen = new Set(kept?.chosen ?? last?.causes ?? [])
    rejected = new Set(kept?.rejected ?? (last ? suggested().filter((letter) => !chosen.has(letter)) : []))
    touched = Boolean(kept)
    if (kept?.verdict && here.ready) send(kept.verdict)   // given, and never heard of again
    else if (kept && here.ready) tell()
  }

  function draw() {
    const known = Boolean(here.key)
    for (const [quality, button] of buttons) {
      button.setAttribute("aria-pressed", String(here.mine?.quality === quality))
      button.disabled = !known
    }
    const ticks = ticked()
    for (const {letter, name, definition} of causes) {
      const box = boxes.get(letter), hint = here.suggested?.find((one) => one.letter === letter)?.sentence
      const own = chosen.has(letter)
      box.disabled = !known
      box.setAttribute("aria-checked", String(ticks.includes(letter)))
      box.classList.toggle("suggested", Boolean(hint) && !own)
      box.title = `${name} (Shift+${letter}): ${hint ? `suggested: ${hint}` : definition}`
      box.setAttribute("aria-label", hint && !own ? `${name}, suggested: ${hint}` : name)
    }
    if (field.value !== comment) field.value = comment
    field.disabled = !known
    const hints = (here.suggested ?? []).map(({letter, sentence}) => `${letter}  ${sentence}`)
    why.textContent = !known ? "" : hints.length ? `Suggested: ${hints.join("  ")}` : "The data suggest no cause."
    why.title = hints.join("\n")
    place.textContent = model.place
    const {kind, text, time} = model.status
    said.className = `said ${local ? "local" : kind ?? ""}`
    said.textContent = local || (kind === "saved" ? `${text}: Saved ${clock(time)}` : text ?? "")
    said.title = said.textContent
    all.classList.toggle("dispute", Boolean(here.disagree?.length))
    more.textContent = here.disagree?.length ? "⚑" : "⋯"
    if (card.matches(":popover-open")) fillCard()
  }

  function keep(verdict = null) {
    memory.set(name(), {comment, chosen: [...chosen], rejected: [...rejected], number: sent, verdict})
  }

  // a draft, once the hand rests
  function change() {
    touched = true
    local = ""
    sent++
    keep()
    clearTimeout(timer)
    timer = setTimeout(tell, PAUSE)
    draw()
  }
  function tell() {
    clearTimeout(timer)
    timer = null
    if (here.key && model.reviewer) model.send_msg({draft: here.key, number: sent, causes: ticked(), comment: bytes(comment)})
  }

  function send(verdict) {
    clearTimeout(timer)
    timer = null
    const about = qualities.find((quality) => quality.number === verdict.quality)
    model.send_msg({verdict: here.key, ...verdict, number: sent, causes: about?.clears ? [] : ticked(), comment: bytes(comment)})
  }

  function give(quality, stay = false) {
    if (!here.key) return
    if (guarded !== null) { say("Ignored: this star has only just come."); return }
    if (!model.reviewer) { ask(() => give(quality, stay)); return }
    local = ""
    const verdict = {id: number(), quality, stay}
    keep(verdict)
    given = !stay && model.go_on
    send(verdict)
    draw()
  }

  // a star that came by itself has to be seen first: a key held too long is not a verdict on it
  function guard(on) {
    clearTimeout(guarded)
    guarded = null
    all.setAttribute("aria-busy", String(on))
    if (!on) return
    const mine = setTimeout(() => guard(false), 10 * SEEN)   // no frame is painted in a hidden tab
    guarded = mine
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (guarded !== mine) return
      clearTimeout(mine)
      guarded = setTimeout(() => guard(false), SEEN)
    }))
  }

  function say(text) { local = text; draw() }

  // who one is, asked once; what was to be done then is done if the star is still the same
  function ask(then) {
    const key = here.key
    again = () => { if (here.key === key) then() }
    say("Who are you? Type your name, then Enter.")
    open()
    card.querySelector("input[name=reviewer]")?.focus()
  }

  function toggle(letter) {
    const on = ticked().includes(letter)
    if (on) { chosen.delete(letter); rejected.add(letter) }
    else { chosen.add(letter); rejected.delete(letter) }
    change()
  }

  // the card, in words

  const heading = (text) => element("h3", {}, text)
  const quality = (n) => qualities.find((one) => one.number === n)?.name ?? String(n)
  const causeNames = (letters) => letters.map((l) => causes.find((one) => one.letter === l)?.name ?? l).join(", ")
  const line = ({reviewer, quality: n, causes: letters, comment: words, time}) => element("p", {},
    element("b", {}, `${reviewer}: ${quality(n)}`), letters.length ? ` (${causeNames(letters)})` : "", words ? ` “${words}”` : "",
    element("small", {}, ` ${new Date(time).toLocaleString("en-GB")}`))

  function tick(label, on, act) {
    const box = element("input", {type: "checkbox"})
    box.checked = on
    box.addEventListener("change", () => act(box.checked))
    return element("label", {class: "switch"}, box, label)
  }

  function who() {
    if (model.named) return element("p", {}, `You are ${model.reviewer}.`)
    const input = element("input", {name: "reviewer", "aria-label": "Your name", maxlength: "100", placeholder: "Your name, then Enter", value: model.reviewer})
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !input.value.trim()) return
      if (input.value.trim() === model.reviewer) { card.hidePopover(); return }
      introduced = true
      model.send_msg({name: input.value.trim()})
    })
    return element("label", {class: "who"}, "You are ", input)
  }

  function others() {
    const parts = [heading("Others")]
    if (here.hidden) parts.push(element("p", {}, "Others' verdicts are hidden until you give yours."))
    else if (!here.others?.length) parts.push(element("p", {}, "Nobody else has given a verdict."))
    else parts.push(...here.others.map(line))
    if (here.settled) parts.push(element("p", {class: "settled"}, `Settled by ${here.settled.reviewer}: ${quality(here.settled.quality)}.`))
    for (const one of here.disagree ?? []) {
      const button = element("button", {type: "button"}, `Settle with ${one.reviewer}'s: ${quality(one.quality)}`)
      button.addEventListener("click", () => model.send_msg({settle: here.key, event: one.id}))
      parts.push(button)
    }
    return parts
  }

  function disputes() {
    const parts = [heading(`Disagreements (${model.disputes.length})`)]
    if (!model.disputes.length) parts.push(element("p", {}, "No two reviewers disagree."))
    for (const one of model.disputes) {
      const button = element("button", {type: "button"}, `${one.star}, ${one.spectrum}`)
      button.disabled = !one.open
      button.title = one.open ? "Open this star" : "This star's file is not open here"
      button.addEventListener("click", () => model.send_msg({open: one.open}))
      parts.push(element("div", {class: "dispute"}, button, ...one.verdicts.map(line)))
    }
    return parts
  }

  function fillCard() {
    const typing = card.querySelector("input[name=reviewer]")
    if (typing?.matches(":focus") && !introduced) return   // a name is being typed
    const hints = (here.suggested ?? []).map(({letter, sentence}) => element("p", {}, element("b", {}, `${causeNames([letter])}: `), sentence))
    card.replaceChildren(
      heading("Suggested by this star's data"),
      ...(hints.length ? hints : [element("p", {}, "Nothing.")]),
      heading("You"), who(),
      ...(here.mine?.time ? [line({reviewer: model.reviewer, ...here.mine})] : [element("p", {}, "You have given no verdict on this spectrum.")]),
      ...others(), ...disputes(), heading("Settings"),
      tick("Go on to the next star after a verdict", model.go_on, (on) => model.send_msg({go_on: on})),
      tick("Show others' verdicts before I give mine", model.show_others, (on) => model.send_msg({show_others: on})),
    )
  }
  function open() {
    if (card.matches(":popover-open")) return
    model.send_msg({look: true})
    fillCard()
    card.showPopover()
    const box = more.getBoundingClientRect()
    card.style.top = `${box.bottom + 4}px`
    card.style.right = `${document.documentElement.clientWidth - box.right}px`
  }

  // hands and keys

  for (const [quality, button] of buttons) button.addEventListener("click", () => { give(quality); button.blur() })
  for (const [letter, box] of boxes) {
    box.addEventListener("click", () => toggle(letter))
    box.addEventListener("keydown", (event) => { if (event.key === " ") event.stopPropagation() })
  }
  more.addEventListener("click", () => { if (card.matches(":popover-open")) card.hidePopover(); else open() })
  card.addEventListener("toggle", (event) => more.setAttribute("aria-expanded", String(event.newState === "open")))
  field.addEventListener("input", () => { comment = field.value; change() })
  field.addEventListener("blur", () => { if (timer !== null) tell() })
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return
    if (event.key === "Escape") { event.stopPropagation(); field.blur() }   // what was typed stays
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    field.blur()
    if (here.mine?.quality !== undefined) give(here.mine.quality, true)
    else say(`The comment is kept. Choose a quality too: ${qualities.map(({key}) => key).join(" ")}`)
  })

  const pressed = ({detail: key}) => {
    const asked = qualities.find((one) => one.key === key)
    if (asked) give(asked.number)
    else if (key === "c") field.focus()
    else if (key === "u") { local = ""; model.send_msg({undo: here.key ?? ""}) }
    else if (key.startsWith("Shift+") && here.key) toggle(key.slice(6))
  }
  const left = () => { if (timer !== null) tell() }
  document.addEventListener("inspector:key", pressed)
  window.addEventListener("pagehide", left)

  // what the server says

  model.on("judged", () => {
    const before = here
    if (timer !== null && model.judged.key !== here.key) tell()   // about the star that is left
    here = model.judged
    if (here.key !== before.key) {
      guard(given)
      given = false
      local = ""
      sent = 0
      fill()
    } else if (!touched || (here.ready && !before.ready)) fill()
    draw()
  })
  model.on("msg:custom", (told) => {
    const mine = told.kept ?? told.saved, kept = memory.get(name(mine))
    if (told.saved && kept?.verdict?.id === told.id) memory.drop(name(mine))
    else if (told.kept && kept && !kept.verdict && kept.number === told.number) memory.drop(name(mine))
    if (mine === here.key && (told.saved || !timer)) touched = false
  })
  model.on("reviewer", () => {
    if (!model.named) memory.set("inspector reviewer", model.reviewer)
    if (local.startsWith("Who")) local = ""
    fill()
    if (introduced && card.matches(":popover-open")) card.hidePopover()
    introduced = false
    draw()
    const then = again
    again = null
    then?.()
  })
  for (const what of ["status", "place", "go_on", "show_others", "disputes"]) model.on(what, draw)
  model.on("remove", () => {
    document.removeEventListener("inspector:key", pressed)
    window.removeEventListener("pagehide", left)
  })

  const known = memory.get("inspector reviewer")
  if (!model.reviewer && typeof known === "string") model.send_msg({name: known})
  here = model.judged
  fill()
  draw()
  return all
}
