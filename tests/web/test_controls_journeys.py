"""Every control of the page is used, and does what it says; one that no test uses fails the inventory."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Visitor
from makers import write_apstar

pytestmark = pytest.mark.browser

STAR, FILE = "2M17335483-2753043", "apStar-dr17-2M17335483-2753043"
HERE = Path(__file__).parent
Newcomer = Callable[[], Visitor]

SAVED = {
    "Spectrum · ECSV": ".ecsv", "Spectrum · CSV": ".csv", "Result · CSV": ".csv", "Result · ECSV": ".ecsv",
    "Result · FITS": ".fits", "Draws · FITS": ".fits", "One figure · PNG": ".png",
}  # fmt: skip
"""What the Export menu saves, by its items."""

QUEUES = {
    "Queue with verdicts · CSV": "stars-verdicts.csv", "Queue with verdicts · ECSV": "stars-verdicts.ecsv",
    "Queue with verdicts · FITS": "stars-verdicts.fits", "Queue with verdicts · HTML report": "stars-verdicts.html",
}  # fmt: skip
"""What it saves of all stars."""

USED_ELSEWHERE = {
    "menuitem: Result · JSON": "test_journeys.py",
    "menuitem: Draws · npz": "test_journeys.py",
    "menuitem: Panels as shown · SVG": "test_journeys.py",
    "menuitem: Panels as shown · PNG": "test_pictures_journeys.py",
    "menuitem: Spectrum · FITS": "test_pictures_journeys.py",
    "menuitem: One figure · SVG": "test_pictures_journeys.py",
    "menuitem: One figure · PDF": "test_pictures_journeys.py",
    "menuitem: Send position · SAMP": "test_samp_journeys.py",
    "menuitem: Send queue · SAMP": "test_samp_journeys.py",
    "button: Draw more": "test_flags_journeys.py",
    "button: Stop": "test_hand_journeys.py",
    "button: Close all": "test_hand_journeys.py",
    "text: File or folder on this machine": "test_star_journeys.py",
    "listbox: Opened stars": "test_hand_journeys.py",
    "button: Table of all stars (t)": "test_queue_journeys.py",
    **dict.fromkeys(
        ("button: bad (2)", "checkbox: continuum", "textarea: Comment", "button: More on verdicts"),
        "test_verdict_journeys.py",
    ),
    **{f": {place}": "test_star_links.py" for place in ("SIMBAD", "Gaia", "SDSS", "Aladin")},
}
"""Controls that a journey of another file uses."""

OPEN = (r"tool: Hover.*",)
"""A fault that stands: Bokeh's one button of all tips does not turn them off."""

CAUSES = (
    "masking|persistence|sky or telluric residuals|velocity or binary|rotation|one odd visit|outside training range"
)
LIKE_ANOTHER = (
    r"option: .*", r"button: \d+", r"button: ([A-Z][a-z]?( I+)?|log g|Teff): .*", r"button: [a-z ]+ \([0-4]\)",
    rf"checkbox: ({CAUSES}|low S/N|table disagrees|other)(, suggested: .*)?",
)  # fmt: skip
"""Stars of the list, visits, elements, qualities and causes: one of each is used."""

NO_CONTROL = {
    "text: ",  # what Panel's list of choices keeps for forms: not to be reached
    ": APOGEE inspector",  # the page's own address
    ": ¶",  # places within the model card
    "submit: ",  # Panel's: copies a block of code of the model card
}


class Hand:
    """Uses controls of a page, by kind and name as `probe.controls` gives them, and writes down which."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.used: set[str] = set()
        self.seen: set[str] = set()

    def look(self) -> None:
        """Write down what there is to use now."""
        self.seen |= set(self.page.evaluate("probe.controls()"))

    def find(self, control: str) -> Any:
        """The control's place; from then on it counts as used."""
        self.used.add(control)
        wanted = control.split(": ", 1)
        return self.page.wait_for_function("([kind, name]) => probe.control(kind, name)", arg=wanted).as_element()

    def click(self, control: str, effect: str = "") -> None:
        """Click, and wait until the address says so."""
        self.find(control).click()
        if effect:
            self.visitor.address_has(effect)

    def turn(self, control: str) -> None:
        """Click, and wait until the address is another."""
        before = self.page.url
        self.click(control)
        self.elsewhere(before)

    def elsewhere(self, before: str) -> None:
        """Wait until the address is another."""
        self.page.wait_for_function("before => location.href !== before", arg=before)

    def choose(self, control: str, value: str, effect: str) -> None:
        """Choose from a list, and wait until the address says so."""
        self.find(control).select_option(value)
        self.visitor.address_has(effect)

    def enter(self, control: str, text: str, effect: str) -> None:
        """Type, press Enter, and wait until the address says so."""
        field = self.find(control)
        field.fill(text)
        field.press("Enter")
        self.visitor.address_has(effect)


@pytest.fixture(scope="module")
def hand(context: Any, server: Any) -> Any:
    visitor = Visitor(context, server.url)
    visitor.page.add_init_script(path=HERE / "probe.js")
    visitor.open("?mc_num=30")
    yield Hand(visitor)
    visitor.page.close()


def test_the_bar_leads_from_star_to_star_helps_and_folds(hand: Hand) -> None:
    page = hand.page
    hand.look()
    hand.click("button: Next star (n)", "2M19485057")
    page.get_by_text(re.compile(r"^star 2 of \d+$")).wait_for()
    hand.click("button: Previous star (p)", "2M17335483")
    page.get_by_text(re.compile(r"^star 1 of \d+$")).wait_for()
    hand.click("button: Copy a link to this view")
    page.get_by_text(re.compile("^(Link copied|Copy this link)")).wait_for()
    hand.look()
    hand.click("button: Close this message")
    page.get_by_role("alert").wait_for(state="detached")
    hand.click("button: Keys and help (?)")
    page.get_by_text("next star", exact=True).wait_for()
    hand.look()
    hand.click("button: close")
    page.get_by_text("next star", exact=True).wait_for(state="hidden")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for changed in (True, False):
        hand.click("button: Toggle theme")
        page.wait_for_function(
            "([paper, changed]) => (getComputedStyle(document.body).backgroundColor !== paper) === changed",
            arg=[paper, changed],
        )
    hand.click("button: Close drawer")
    page.get_by_label("Search stars").wait_for(state="hidden")
    hand.look()
    hand.click("button: Open drawer")
    page.get_by_label("Search stars").wait_for()


def test_the_list_is_searched_and_a_file_is_opened(hand: Hand, tmp_path: Path) -> None:
    page = hand.page
    search = hand.find("search: Search stars")
    search.fill("apVisit")
    page.get_by_role("option", name=FILE).wait_for(state="hidden")
    search.fill("")
    file = write_apstar(tmp_path / "uploaded.fits", n_visits=1, OBJID="2M-UPLOADED")
    hand.find("file: Open FITS files").set_input_files(file)
    page.get_by_role("heading", name="2M-UPLOADED").wait_for()
    hand.look()
    hand.visitor.choose_star(STAR, FILE)


def test_elements_and_their_windows_are_stepped_through(hand: Hand) -> None:
    mg = next(control for control in hand.page.evaluate("probe.controls()") if control.startswith("button: Mg: "))
    hand.click(mg, "elements=Mg")
    hand.click("button: Next window (.)", "view=")
    first = hand.page.url
    hand.turn("button: Next window (.)")
    hand.click("button: Previous window (,)")
    hand.page.wait_for_function("first => location.href === first", arg=first)
    hand.click("button: all 19", "elements=C%2C")
    hand.click("button: none")
    hand.page.wait_for_function("!location.search.includes('elements=')")


def test_draws_seed_and_rate_are_set_and_the_rate_is_cleared(hand: Hand, server: Any) -> None:
    visitor = hand.visitor
    hand.find("range: Draws").press("ArrowRight")
    visitor.address_has("mc_num=50")
    hand.enter("text: mc_num", "30", "mc_num=30")
    visitor.drawn(30)
    hand.enter("text: seed", "7", "seed=7")
    visitor.page.get_by_text("seed 7").wait_for()
    hand.click("checkbox: Keep this seed for the next stars", "keep_seed=yes")
    hand.click("button: New draws", "seed=8")
    hand.enter("text: dropout", "0.2", "dropout_rate=0.2")
    own = hand.find("text: dropout")
    own.fill("")
    own.press("Enter")  # an empty field stands for the weights' own rate
    visitor.page.wait_for_function("!location.search.includes('dropout_rate')")
    visitor.page.wait_for_function("field => field.value === '0.3'", arg=own)
    visitor.drawn(30)
    assert not [line for line in server.said if "RecursionError" in line]


LINE_NAMES = "(wanted) => probe.lineNames() === wanted"


def test_spectra_chips_and_line_names_are_chosen(hand: Hand) -> None:
    page = hand.page
    hand.choose("combobox: Inspected", "visit 1 · MJD 56396", "spectrum=visit+1")
    hand.click("button: coadd")
    page.wait_for_function("!new URLSearchParams(location.search).get('show')?.includes('coadd')")
    hand.click("button: every visit", "show=coadd%7Cvisit+1")
    for chip in ("blue", "green", "red", "all chips"):
        hand.turn(f"button: {chip}")
    for wanted in (True, False):
        hand.click("switch: line names")
        page.wait_for_function(LINE_NAMES, arg=wanted)


ACTIVE = "([tool, wanted]) => tool.classList.contains('bk-active') === wanted"


def test_the_figures_tools_are_turned_on_and_off_reset_and_save(hand: Hand) -> None:
    page = hand.page
    hand.look()
    for other, own in (("Box Zoom (x-axis)", "Pan (x-axis)"), ("Wheel Zoom (y-axis)", "Wheel Zoom (x-axis)")):
        tools = [hand.find(f"tool: {name}") for name in (other, own)]
        for chosen in (0, 1):  # one gesture has one tool
            tools[chosen].click()
            page.wait_for_function(ACTIVE, arg=[tools[chosen], True])
            page.wait_for_function(ACTIVE, arg=[tools[1 - chosen], False])
    hand.turn("button: blue")
    hand.turn("tool: Reset")
    saved: list[str] = []
    with page.expect_event("download", lambda one: saved.append(one.suggested_filename) or len(saved) == 3):
        hand.click("tool: Save")
    assert sorted(saved) == ["masked-pixels.png", "normalised-flux.png", "raw-flux.png"]


def test_every_item_of_the_export_menu_saves_its_kind_of_file(hand: Hand) -> None:
    page = hand.page
    for what, suffix in {**SAVED, **QUEUES}.items():
        with page.expect_download() as download:
            hand.click("button: Export")
            hand.look()
            hand.click(f"menuitem: {what}")
        assert download.value.suggested_filename.endswith(suffix)
        assert STAR in download.value.suggested_filename or suffix in QUEUES.values()


def test_every_tab_shows_its_panels_and_their_controls_work(hand: Hand) -> None:
    page = hand.page
    hand.click("tab: Errors")
    page.get_by_text("predictive").first.wait_for()
    hand.look()
    hand.click("tab: Visits")
    page.get_by_role("button", name="S/N", exact=True).wait_for()
    hand.look()
    for axis in ("S/N", "MJD"):
        hand.click(f"button: {axis}")
        page.wait_for_function("axis => probe.named('visits')?.below[0].axis_label.startsWith(axis)", arg=axis)
    hand.choose("combobox: Label", "mg_h", "label=mg_h")
    hand.click("tab: File header")
    page.get_by_text("HDU 3 · image 8575 ×").wait_for()
    hand.look()
    hand.find("search: Search the header").fill("snr vis1")
    page.get_by_text(re.compile(r"^1 of \d+ cards$")).wait_for()
    assert page.get_by_role("rowheader", name="SNRVIS1").is_visible()
    hand.click("tab: Table")
    page.get_by_text("was not opened from a results table").wait_for()
    hand.look()
    hand.click("tab: About the weights")
    page.get_by_text("Demonstration weights").last.wait_for()
    hand.look()
    hand.click("tab: Posteriors")
    page.get_by_role("heading", name="Labels").wait_for()
    hand.look()
    folded = hand.find("summary: what it would mean")
    folded.click()
    page.wait_for_function("fold => fold.parentNode.open", arg=folded)


def test_no_control_is_left_that_no_test_uses(hand: Hand) -> None:
    """What the tests above saw on the page, but for what they used."""
    if "tab: Posteriors" not in hand.used:
        pytest.skip("takes stock of what the whole file did")
    for control, file in USED_ELSEWHERE.items():
        assert control.split(": ", 1)[1] in (HERE / file).read_text(encoding="utf-8")
    known = [*map(re.escape, hand.used | set(USED_ELSEWHERE) | NO_CONTROL), *LIKE_ANOTHER, *OPEN]
    assert sorted(c for c in hand.seen if not any(re.fullmatch(pattern, c) for pattern in known)) == []
    assert sorted(hand.used - hand.seen) == []  # what is used is what was seen
