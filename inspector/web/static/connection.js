// The line to the server, watched from the page's first moment: what the start waits for, and what to do when it is cut.
// It knows nothing of Bokeh's models, which may not be there yet or any more.
(() => {
  const BEAT = 5000        // ms between two looks whether the server still answers
  const PATIENCE = 4000    // ms it may take to answer one
  const PAUSES = [300, 700, 1000, 2000, 3000, 5000]   // ms between attempts to reach it again
  const GOING_AWAY = 1001  // how a server that stops closes its websockets
  const SOON = 60000, OFTEN = 4   // so many reloads within so many ms lead nowhere

  // what this tab remembers from page to page; nothing where the browser lets no page store anything
  const memory = (() => { try { return sessionStorage } catch { return null } })()
  const sign = document.getElementById("connection")
  let socket = null, leaving = false, lost = false, started = false, heard = 0

  const show = (kind, text) => {
    sign.className = kind
    sign.setAttribute("role", kind === "starting" ? "status" : "alert")
    if (sign.firstElementChild.textContent !== text) sign.firstElementChild.textContent = text
    sign.hidden = false
  }
  const hide = () => { sign.hidden = true }
  const wait = (ms) => new Promise((done) => {
    const timer = setTimeout(done, ms)
    const early = () => { clearTimeout(timer); done() }
    addEventListener("online", early, {once: true})
    document.addEventListener("visibilitychange", early, {once: true})
  })

  class Watched extends WebSocket {
    constructor(...how) {
      super(...how)
      socket = this
      this.addEventListener("message", () => { heard = performance.now() })
      this.addEventListener("close", ({code}) => { if (!leaving && socket === this) take_up(code === GOING_AWAY) })
    }
  }
  window.WebSocket = Watched

  // a page that is left closes its socket first; one that was only about to be left stays
  addEventListener("beforeunload", () => { leaving = true; setTimeout(() => { leaving = false }, 3000) })

  async function answers() {
    try {
      const known = document.querySelector("script[src]").src   // any file of the server's
      const reply = await fetch(known, {method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE)})
      return reply.status < 500
    } catch {
      return false
    }
  }

  async function take_up(stopped = false) {
    if (lost) return
    lost = true
    const what = stopped ? "The server was stopped, or is being restarted" : "The connection to the server is lost"
    show("lost", `${what}. Trying again … What you do meanwhile has no effect.`)
    for (let n = 0; !(await answers()); n++) await wait(PAUSES[Math.min(n, PAUSES.length - 1)])
    show("lost", "The server answers again. Loading the page …")
    if (reloaded() >= OFTEN) {
      show("lost", "The server answers, but the connection breaks each time. Next attempt in 30 seconds; a proxy or a browser extension that blocks websockets may be the cause.")
      await wait(30000)
    }
    reload()
  }

  function reloaded() {
    const times = JSON.parse(memory?.getItem("reloads") ?? "[]").filter((time) => Date.now() - time < SOON)
    memory?.setItem("reloads", JSON.stringify([...times, Date.now()]))
    return times.length
  }

  function reload() {
    leaving = true
    if (window.inspector?.ticket) resume(window.inspector.ticket)
    else location.reload()
  }

  // the address holds the view; the ticket lets the server put back what an address cannot hold
  function resume(ticket) {
    leaving = true
    const query = new URLSearchParams(location.search)
    query.set("resume", ticket)
    location.replace(`${location.pathname}?${query}`)
  }

  // a page that is reloaded by hand, or come back to, would lose the files opened in it
  addEventListener("pagehide", () => {
    if (!window.inspector?.opened()) return
    memory?.setItem("left", JSON.stringify({ticket: window.inspector.ticket, search: location.search}))
  })

  function left() {
    const {ticket, search} = JSON.parse(memory?.getItem("left") ?? "{}")
    memory?.removeItem("left")
    const anew = performance.getEntriesByType("navigation")[0]?.type === "navigate"
    return !anew && search === location.search ? ticket : null
  }

  // the socket may look open for minutes after the network went
  async function beat() {
    if (document.hidden || lost || !started) return
    const begun = performance.now()
    while (!(await answers())) {
      if (lost) return
      const seconds = Math.round((performance.now() - begun) / 1000)
      const why = navigator.onLine ? "The server does not answer" : "This computer has no network"
      show("silent", `${why}${seconds > 1 ? ` (for ${seconds} s)` : ""}. What you do waits until it does.`)
      await wait(1000)
    }
    if (lost || sign.hidden) return
    hide()
    const before = heard
    window.inspector?.beat()   // is it still the same line? whatever comes through it says yes
    await new Promise((done) => setTimeout(done, 15000))
    if (heard === before) take_up()
  }

  async function pulse() {
    await beat()
    setTimeout(pulse, BEAT)
  }
  addEventListener("offline", beat)

  const stages = () => {
    if (typeof Bokeh === "undefined" || !socket) return "Loading the page …"
    if (socket.readyState === WebSocket.CONNECTING) return "Connecting to the server …"
    return heard ? "Drawing the star …" : "Waiting for the server to open the star …"
  }
  const start = () => {
    if (lost) return
    started = Boolean(window.inspector)   // the page's parts are being drawn: from here it speaks for itself
    if (started) { hide(); pulse(); return }
    show("starting", `APOGEE inspector: ${stages()}`)
    setTimeout(start, 100)
  }
  const ticket = left()
  if (ticket) resume(ticket)
  else start()
})()
