// What the tests ask of a page: everything it tells of its star, and acts at a given stage of loading.

window.probe = (() => {
  const SAID = {socket: "Websocket connection 0 is now open", rendered: "Bokeh items were rendered", idle: "document idle"}

  function nodes(root = document, found = []) {
    for (const node of root.querySelectorAll("*")) {
      found.push(node)
      if (node.shadowRoot) nodes(node.shadowRoot, found)
    }
    return found
  }

  const text = (wanted) => nodes().filter(wanted).map((node) => node.textContent.trim())

  const models = () => [...Bokeh.documents[0]._all_models.values()]
  const whole = (source) => Object.entries(source.whole ?? source.data)   // a curve is drawn from a part of its data
  const total = (column) => [...column].flat(2).reduce((sum, x) => Number.isFinite(x) ? sum + x : sum, 0)

  // every data source by its columns: the number of rows, and the sum of its finite numbers
  function sources() {
    const told = {}
    for (const model of models()) {
      if (model.type !== "ColumnDataSource") continue
      const columns = whole(model).sort()
      const names = columns.map(([name]) => name).join(" ")
      const sums = columns.map(([, column]) => total(column).toPrecision(6))
      told[names] ??= []
      told[names].push(`${columns[0]?.[1].length ?? 0}: ${sums.join(" ")}`)
    }
    for (const lines of Object.values(told)) lines.sort()
    return told
  }

  function flux() {
    const detail = models().find((model) => model.type === "ColumnDataSource" && model.columns().includes("network_pixel"))
    return total(Object.fromEntries(whole(detail)).flux)
  }

  // names of the figures one can see
  const figures = () => views().filter(({model, el}) => model.type === "Figure" && el.isConnected && el.offsetHeight)
    .map(({model}) => model.name)

  function views(parents = Bokeh.index.roots) {
    return [...parents].flatMap((view) => [view, ...views(view.children?.() ?? [])])
  }

  const tells = () => ({
    heading: text((node) => node.tagName === "H1"),
    selected: text((node) => node.matches("[role=option][aria-selected=true] b")),
    options: text((node) => node.matches("[role=option] b")),
    place: text((node) => !node.children.length && /^star \d+ of \d+$/.test(node.textContent)),
    inspected: nodes().filter((node) => node.matches("select[aria-label=Inspected]")).map((list) => list.value.split(" · ")[0]),
    draws: text((node) => node.tagName === "P" && /of \d+ draws/.test(node.textContent)),
    address: Object.fromEntries(new URLSearchParams(location.search)),
    flux: flux(),
  })

  const CONTROL = ["button", "input:not([type=hidden])", "select", "textarea", "a[href]", "summary", ...[
    "button", "tab", "combobox", "option", "slider", "switch", "checkbox", "menuitem", "textbox", "link", "listbox",
  ].map((role) => `[role=${role}]`), ".bk-OnOffButton", ".bk-ClickButton"].join(",")

  function called(node) {
    const root = node.getRootNode(), label = node.getAttribute("aria-labelledby")
    const said = (label ?? "").split(" ").map((id) => id && root.getElementById(id)?.textContent).filter(Boolean)
    const around = node.closest("label")?.textContent || (node.id && root.querySelector(`label[for="${node.id}"]`)?.textContent)
    const words = [...node.childNodes].filter((part) => !part.matches?.("[class*=Icon]")).map((part) => part.textContent).join("")
    const name = node.getAttribute("aria-label") || said[0] || around || words || node.placeholder || node.title
    return (name ?? "").replace(/\s+/g, " ").trim()
  }

  const usable = () => nodes().filter((node) => node.matches(CONTROL) && node.getClientRects().length)
  const kindOf = (node) => node.matches(".bk-OnOffButton, .bk-ClickButton") ? "tool"
    : node.tagName === "SELECT" ? "combobox" : node.getAttribute("role") ?? node.type ?? node.tagName.toLowerCase()

  // every visible thing that can be used, by kind and name
  const controls = () => usable().map((node) => `${kindOf(node)}: ${called(node)}`)
  const control = (kind, name) => usable().find((node) => kindOf(node) === kind && called(node) === name)

  const lineNames = () => models().some((model) => model.type === "GlyphRenderer" && model.visible
    && model.glyph.type === "Text" && model.data_source.columns().includes("weight"))

  const named = (name) => models().find((model) => model.name === name)

  function act([how, what]) {
    if (how === "key") document.dispatchEvent(new KeyboardEvent("keydown", {key: what, code: what, bubbles: true}))
    else usable().find((node) => called(node).startsWith(what))?.click()
  }

  function once(stage, then) {
    if (stage === "painted") {
      const look = () => nodes().some((node) => node.tagName === "H1") ? then() : requestAnimationFrame(look)
      requestAnimationFrame(look)
      return
    }
    let done = false
    for (const name of ["log", "info"]) {
      const say = console[name]
      console[name] = (...words) => {
        say.apply(console, words)
        if (done || !words.join(" ").includes(SAID[stage])) return
        done = true
        then()
      }
    }
  }

  // #stage=painted&acts=[["key","n"]]: done once, as soon as the page is there so far
  const hash = new URLSearchParams(location.hash.slice(1))
  if (hash.has("stage")) once(hash.get("stage"), () => { JSON.parse(hash.get("acts")).forEach(act); window.hurried = true })

  return {nodes, text, sources, figures, controls, control, named, lineNames, tells}
})()
