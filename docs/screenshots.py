"""Take the pictures of the documentation from the page itself: ``python docs/screenshots.py`` (needs Chromium).

Each panel is cut out of a screenshot between landmarks that a reader sees too: headings, tabs, fields.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Locator, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = Path(__file__).parent / "images"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDTH, HEIGHT, SHARPNESS = 1400, 900, 1.5
GAP = 6
"""CSS pixels left around a panel."""

PAGE = "?label=mg_h&elements=Mg"
TOUR = (
    ("?label=logg", "Posteriors", "A flag is set: log g is uncertain. Look at its draws."),
    (PAGE, "Posteriors", "Choose an element: its label, its draws, and the windows its branch saw."),
    (f"{PAGE}&view=15730,15780", "Posteriors", "Zoom in: are its lines there, are pixels masked?"),
    (f"{PAGE}&view=15730,15780", "Errors", "Errors: what the draws add, what the noise model makes of them."),
    (f"{PAGE}&view=15730,15780", "Visits", "Visits: do they agree with each other?"),
)
"""What the animation shows, one picture each: an address, a tab and a caption."""
TOUR_WIDTH, TOUR_PAUSE = 1000, 3000  # pixels, ms
CAPTION = 40  # pixels


@dataclass(frozen=True)
class Box:
    """A rectangle of the page, in CSS pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def within(self, image: Image.Image) -> Image.Image:
        """That part of a screenshot of the whole window."""
        edges = self.left - GAP, self.top, self.right + GAP, self.bottom + GAP
        left, top, right, bottom = (round(SHARPNESS * edge) for edge in edges)
        return image.crop((max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height)))


def box(found: Locator) -> Box:
    """Where something is."""
    at = found.first.bounding_box()
    assert at is not None, f"{found} is not on the page"
    return Box(at["x"], at["y"], at["x"] + at["width"], at["y"] + at["height"])


def panels(page: Page) -> dict[str, Box]:
    """Where each panel of the first tab is."""
    heading = {name: box(page.get_by_role("heading", name=name)) for name in ("Censor windows", "Network")}
    star, inspected = box(page.locator("h1, h2").filter(has_text="2M17335483")), box(page.get_by_label("Inspected"))
    tabs, draws = box(page.get_by_role("tablist")), box(drawn(page))
    side = Box(heading["Network"].left, 0, tabs.left - 4 * GAP, HEIGHT)
    return {
        "stars": Box(side.left, star.top, side.right, heading["Censor windows"].top - 2 * GAP),
        "header": Box(star.left, star.top, WIDTH, inspected.top - 2 * GAP),
        "spectrum": Box(star.left, inspected.top - GAP, WIDTH, tabs.top - GAP),
        "elements": Box(side.left, heading["Censor windows"].top, side.right, heading["Network"].top - 2 * GAP),
        "network": Box(side.left, heading["Network"].top, side.right, draws.bottom),
        **{name: box(page.locator(f".panel.{name}")) for name in ("labels", "posterior", "flags")},
    }


def drawn(page: Page) -> Locator:
    """What the page says once all draws are there."""
    return page.get_by_text(re.compile(r"^([1-9]\d*) of \1 draws"))


def open_page(page: Page, address: str) -> None:
    """Open an address of the page and wait until everything is drawn."""
    page.goto(address)
    drawn(page).wait_for(timeout=180_000)
    settled(page)


def settled(page: Page) -> None:
    """Wait until two screenshots in a row are alike."""
    before = b""
    for _ in range(40):
        now = page.screenshot()
        if now == before:
            return
        before = now
        page.wait_for_timeout(500)


def screenshot(page: Page) -> Image.Image:
    """The whole window."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def choose_tab(page: Page, name: str) -> None:
    """Open a tab of the lower half."""
    page.get_by_role("tab", name=name).click()
    settled(page)


def take_panels(page: Page, address: str) -> None:
    """A picture of the page and one of each panel."""
    open_page(page, address + PAGE)
    whole = screenshot(page)
    save(whole.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), "page")
    for name, panel in panels(page).items():
        save(panel.within(whole), name)
    tabs = box(page.get_by_role("tablist"))
    for tab in ("Errors", "Visits", "File header"):
        choose_tab(page, tab)
        save(Box(tabs.left, tabs.top, WIDTH, HEIGHT).within(screenshot(page)), tab.lower().replace(" ", "_"))


def take_tour(page: Page, address: str) -> None:
    """The animation of the README."""
    frames = []
    opened = ""
    for query, tab, caption in TOUR:
        if query != opened:
            open_page(page, address + query)
            opened = query
        choose_tab(page, tab)
        frames.append(captioned(screenshot(page), caption))
    frames[0].save(
        IMAGES / "tour.webp", save_all=True, append_images=frames[1:], duration=TOUR_PAUSE, loop=0, quality=80, method=6
    )


def captioned(whole: Image.Image, caption: str) -> Image.Image:
    """A frame of the animation: the page, made smaller, with a line of text under it."""
    height = TOUR_WIDTH * HEIGHT // WIDTH
    frame = Image.new("RGB", (TOUR_WIDTH, height + CAPTION), "#1b2b3b")
    frame.paste(whole.resize((TOUR_WIDTH, height), Image.Resampling.LANCZOS))
    ImageDraw.Draw(frame).text((16, height + CAPTION // 2), caption, "white", ImageFont.load_default(18), anchor="lm")
    return frame


def save(image: Image.Image, name: str) -> None:
    """Write one picture."""
    image.save(IMAGES / f"{name}.webp", quality=82, method=6)


@contextmanager
def server() -> Iterator[str]:
    """The page of this checkout; gives its address."""
    command = [sys.executable, str(ROOT / "launch.py"), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield next(found[0] for line in process.stdout if (found := re.search(r"https?://\S+", line)))
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    """Take all of them."""
    IMAGES.mkdir(exist_ok=True)
    takers: tuple[Callable[[Page, str], None], ...] = (take_panels, take_tour)
    with server() as address, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        size = ViewportSize(width=WIDTH, height=HEIGHT)
        page = browser.new_page(viewport=size, device_scale_factor=SHARPNESS)
        for take in takers:
            take(page, address)
        browser.close()


if __name__ == "__main__":
    main()
