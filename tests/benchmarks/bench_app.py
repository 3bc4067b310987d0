"""How fast the page feels: drives Chromium as a person would, and prints medians and 95th percentiles.

Run ``python tests/benchmarks/bench_app.py [--rounds N] [--tabs N]``; nothing is asserted on the clock. The wall clock
depends on what else the machine does: the load average stands in the heading, and the server's own CPU time is told.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
DRAWN = re.compile(r"^([1-9]\d*) of \1 draws")

# resolves once the page says so many draws and the browser has painted that
PAINTED = """said => new Promise(done => {
  const find = root => {
    const here = root.querySelector("b.draws")
    if (here) return here
    for (const node of root.querySelectorAll("*")) {
      const inside = node.shadowRoot && find(node.shadowRoot)
      if (inside) return inside
    }
  }
  const words = find(document).parentNode
  const look = () => new RegExp(said).test((words.isConnected ? words : find(document).parentNode).textContent)
    ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look)
  look()
})"""
WINDOWS = """() => [...Bokeh.documents[0]._all_models.values()].find(
  model => model.type === "ColumnDataSource" && model.columns().includes("widest_view"))"""
SHADED = f"""before => new Promise(done => {{
  const windows = ({WINDOWS})()
  const look = () => windows.get_length() !== before
    ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look)
  look()
}})"""
ACTED = """() => {
  for (const kind of ["keydown", "pointerup"])
    document.addEventListener(kind, event => { window.acted = event.timeStamp }, {capture: true})
}"""
FRAMES = """() => {
  window.painted = []
  const tick = now => { window.painted.push(now); requestAnimationFrame(tick) }
  requestAnimationFrame(tick)
}"""


class Server:
    """``python launch.py``, and what it costs."""

    def __init__(self, *paths: str) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "launch.py"), "--no-browser", *paths],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.url = re.search(r"https?://\S+", self.process.stdout.readline())[0]
        self.answering = time.perf_counter() - self.started

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """MiB resident."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tabs", type=int, default=5, help="tabs opened for the memory of a session")
    parser.add_argument("paths", nargs="*", help="stars to measure on; the bundled ones by default")
    arguments = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    folder = TemporaryDirectory()
    server = Server(*arguments.paths, "--reviewer", "Benchmark", "--verdicts", f"{folder.name}/verdicts.sqlite")
    try:
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = first_page(browser, server)
            measure(page, server, arguments.rounds)
            tabs(page.context, server, arguments.tabs)
            browser.close()
    finally:
        server.stop()
        folder.cleanup()


def first_page(browser: Any, server: Server) -> Any:
    """Open the page, and say how long it took from the start of the process."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    page.goto(server.url)
    page.get_by_text(DRAWN).wait_for()
    print(f"{'start to the server answering':42s} {server.answering * 1e3:7.0f} ms")
    print(f"{'start to the first labels':42s} {(time.perf_counter() - server.started) * 1e3:7.0f} ms")
    page.locator("#loader").wait_for(state="hidden")
    return page


def measure(page: Any, server: Server, rounds: int) -> None:
    """Each thing a person does, some rounds of it."""
    field = page.get_by_role("textbox", name="mc_num")
    page.evaluate(ACTED)

    def draws(number: int) -> Callable[[int], float]:
        def enter(i: int) -> float:
            field.fill(str(number + i))
            return timed(page, lambda: field.press("Enter"), PAINTED, f"^{number + i} of {number + i} ")

        return enter

    report("mc_num 100+i to repainted (cached or added)", [draws(100)(i) for i in range(1, rounds)], server)
    seed = page.get_by_role("textbox", name="seed")

    def new_run(said: str) -> Callable[[int], float]:
        def enter(i: int) -> float:
            seed.fill(str(i))
            return timed(page, lambda: seed.press("Enter"), PAINTED, said + rf".*seed {i}\b")

        return enter

    field.fill("2000")
    field.press("Enter")
    report("new seed to its first chunk, of 2000", [new_run(r"^[1-9]")(i) for i in range(1, rounds)], server)
    field.fill("100")
    field.press("Enter")
    whole = new_run("^100 of 100")
    report("new seed to all its 100 draws", [whole(100 + i) for i in range(1, rounds)], server)

    def next_star(_: int) -> None:
        name = page.evaluate("() => new URLSearchParams(location.search).get('star')")
        page.keyboard.press("n")
        page.wait_for_function("name => new URLSearchParams(location.search).get('star') !== name", arg=name)
        page.get_by_text(DRAWN).wait_for()

    page.get_by_role("heading", level=1).click()  # out of the field, where keys are letters
    report("next star to its labels", [elapsed(next_star, i) for i in range(rounds)], server)
    page.keyboard.press("t")
    page.get_by_role("grid").wait_for()
    report("the same with the table of stars open", [elapsed(next_star, i) for i in range(rounds)], server)
    report("a verdict to 'Saved'", [verdict(page, i) for i in range(rounds)], server)
    page.keyboard.press("t")

    def element(i: int) -> float:
        name = ("Mg", "Al", "Si", "Ca")[i % 4]
        before = page.evaluate(f"() => ({WINDOWS})().get_length()")
        return timed(page, page.get_by_role("button", name=re.compile(rf"^{name}\b")).click, SHADED, before)

    report("element to its windows", [element(i) for i in range(rounds)], server)
    page.get_by_role("button", name="every visit", exact=True).first.click()
    page.evaluate(FRAMES)
    page.wait_for_function("() => window.painted.length > 180")  # until all visits are drawn and the page has settled
    page.evaluate("() => window.painted.splice(0)")
    page.wait_for_function("() => window.painted.length > 90")
    frames(page, "a frame, idle, every visit drawn")
    pan(page)
    frames(page, "a frame, panning, every visit drawn")


def verdict(page: Any, i: int) -> float:
    """Milliseconds from the key to the word that it is on disk; then the next star, which it leads to."""
    star, number = page.get_by_role("heading", level=1).inner_text(), "42"[i // 4 % 2]
    page.locator("[role=group][aria-label=Verdict]:not([aria-busy=true])").wait_for()
    start = time.perf_counter()
    page.keyboard.press(number)
    page.get_by_text(re.compile(rf"^{re.escape(star)} .*: Saved")).wait_for()
    took = (time.perf_counter() - start) * 1e3
    page.get_by_text(DRAWN).wait_for()
    return took


def pan(page: Any) -> None:
    """Drag the spectrum to and fro for some seconds."""
    middle = 800, 330
    page.mouse.move(*middle)
    page.mouse.down()
    for i in range(60):
        page.mouse.move(middle[0] + 150 * ((i % 20) / 10 - 1), middle[1])
        page.evaluate("() => new Promise(requestAnimationFrame)")  # no faster than the browser paints
    page.mouse.up()


def frames(page: Any, what: str) -> None:
    """One line: how long frames took since the last such line."""
    painted = page.evaluate("() => window.painted.splice(0)")
    gaps = [after - before for before, after in pairwise(painted)]
    print(f"{what:42s} {median(gaps):7.0f} ms   p95 {quantiles(gaps, n=20)[-1]:7.0f} ms", flush=True)


def timed(page: Any, act: Callable[[], Any], seen: str, argument: Any) -> float:
    """Milliseconds from a key or a click, as the browser has it, to the frame after what came of it was painted."""
    page.evaluate(f"argument => {{ window.seen = ({seen})(argument) }}", argument)
    act()
    return page.evaluate("async () => (await window.seen) - window.acted")


def elapsed(act: Callable[[int], None], i: int) -> float:
    """Milliseconds one round takes, as a driver of the browser has it."""
    start = time.perf_counter()
    act(i)
    return (time.perf_counter() - start) * 1e3


def report(what: str, times: list[float], server: Server) -> None:
    """One line: median, 95th percentile, and the server's CPU time so far."""
    high = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    print(
        f"{what:42s} {median(times):7.0f} ms   p95 {high:7.0f} ms   server CPU so far {server.cpu:6.1f} s", flush=True
    )


def tabs(context: Any, server: Server, count: int) -> None:
    """What a session costs in memory, and what comes back."""
    before, cpu, pages = server.memory, server.cpu, []
    for _ in range(count):
        pages.append(context.new_page())
        pages[-1].goto(server.url)
        pages[-1].get_by_text(DRAWN).wait_for(timeout=120_000)
    open_ = server.memory
    print(
        f"{f'a session, of {count}':42s} {(open_ - before) / count:7.1f} MiB"
        f"  {(server.cpu - cpu) / count:6.1f} s of CPU"
    )
    for page in pages:
        page.close()


if __name__ == "__main__":
    main()
