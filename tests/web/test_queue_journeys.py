"""An astronomer goes along a table in the browser; every control of the drawer is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Visitor, start_server, stop_server
from made_queue import MISSING, NAMES, write_queue
from test_controls_journeys import Hand

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
COLUMNS = [
    *("star", "spectrum", "verdict", "S/N", "Teff K", "log g dex", "[Fe/H] dex", "flag_warn", "flag_bad"),
]

UNUSED = (
    r"checkbox: (?!files of a star).*",
    r"option: .*",
    r"combobox: Saved filters",  # chosen from, by its role
    r"button: Remove filter: .*",
    r"button: Stop looking",  # there only while a file is looked for: test_queueing.py
    *(rf"button: (live )?{re.escape(heading)}" for heading in COLUMNS),  # each sorts
)
"""Of each sort of control one is used."""


INSIDE = """probe.controls().filter((control) => {
    const [kind, ...name] = control.split(": ")
    return probe.control(kind, name.join(": "))?.closest(".filters, .queue")
})"""


class DrawersHand(Hand):
    """Sees the controls of the drawer alone."""

    def look(self) -> None:
        self.seen |= set(self.page.evaluate(INSIDE))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("queue")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Any]:
    table, spectra = write_queue(folder)
    patch = pytest.MonkeyPatch()
    (folder / "config").mkdir()
    patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    server = start_server(str(table), "--spectra", str(spectra), "--mc-num", "20")
    yield server
    stop_server(server)
    patch.undo()
    assert not [line for line in server.said if "Traceback" in line], "".join(server.said)


@pytest.fixture(scope="module")
def hand(context: Any, served: Any) -> Iterator[Hand]:
    visitor = Visitor(context, served.url)
    visitor.page.add_init_script(path=HERE / "probe.js")
    visitor.open()
    yield DrawersHand(visitor)
    visitor.page.close()


FIRST = "node => node.matches('[role=gridcell]:first-child')"


def are(page: Any, *wanted: int) -> None:
    """Wait until the grid has these rows of the table."""
    names = " ".join(NAMES[row] for row in wanted)
    page.wait_for_function(f"names => probe.text({FIRST}).join(' ') === names", arg=names)


def shows(page: Any, row: int, place: str) -> None:
    page.get_by_role("heading", name=NAMES[row]).wait_for()
    page.get_by_text(place, exact=True).first.wait_for()


def test_a_table_opens_with_its_first_star(hand: Hand) -> None:
    page = hand.page
    shows(page, 0, "1 of 5")
    assert page.get_by_role("columnheader").all_inner_texts() == COLUMNS
    are(page, 0, 1, 2, 3, 4)
    assert page.get_by_role("row", selected=True).get_by_role("gridcell").first.inner_text() == NAMES[0]
    assert (
        page.get_by_role("row").filter(has_text=NAMES[0]).get_by_role("gridcell", name="set", exact=True).count() == 1
    )
    hand.look()


def test_headings_sort_one_way_the_other_and_not(hand: Hand) -> None:
    page = hand.page
    for order, said, address in (
        ((2, 3, 0, 1, 4), "ascending", "sort=teff"),
        ((4, 1, 0, 3, 2), "descending", "sort=-teff"),
    ):
        hand.find("button: Teff K" if said == "ascending" else "button: Teff K ▲").click()
        are(page, *order)
        hand.visitor.address_has(address)
        assert page.get_by_role("columnheader", name="Teff").get_attribute("aria-sort") == said
        hand.look()
    hand.find("button: Teff K ▼").click()
    are(page, 0, 1, 2, 3, 4)


def test_filters_are_typed_and_removed_and_next_goes_along_what_is_left(hand: Hand) -> None:
    page = hand.page
    typed = hand.find("search: Filter the table")
    typed.fill("flag_warn, teff:..4200")
    typed.press("Enter")
    are(page, 2, 3)
    hand.visitor.address_has("queue=flag_warn%2Cteff%3A..4200")
    hand.look()
    hand.click("button: Remove filter: Teff up to 4200 K")
    are(page, 0, 2, 3)
    page.locator("body").press("n")
    shows(page, 2, "2 of 3")
    assert page.get_by_role("combobox", name="Inspected").input_value().startswith("visit 2")
    page.locator("body").press("p")
    shows(page, 0, "1 of 3")


def test_a_row_whose_spectrum_is_missing_says_so_under_its_own_name(hand: Hand) -> None:
    page = hand.page
    page.get_by_role("gridcell", name=NAMES[MISSING]).click()
    shows(page, MISSING, "3 of 3")
    page.get_by_text("no spectrum", exact=True).wait_for()
    assert page.get_by_role("heading", level=1).all_inner_texts() == [NAMES[MISSING]]
    page.get_by_text(re.compile("^There is no file of 2M00000004")).first.wait_for()
    page.get_by_text("4100 K").first.wait_for()
    page.wait_for_function("probe.sources && probe.tells().heading.length === 1")
    hand.visitor.address_has(f"row={MISSING + 1}")


def test_a_reload_comes_back_to_the_row_and_the_filters(hand: Hand) -> None:
    page = hand.page
    page.get_by_role("gridcell", name=NAMES[2]).click()
    shows(page, 2, "2 of 3")
    page.reload()
    hand.visitor.drawn()
    shows(page, 2, "2 of 3")
    are(page, 0, 2, 3)
    page.get_by_text("flag_warn is set").wait_for()


def test_a_filter_is_put_together_without_knowing_how_it_is_written(hand: Hand) -> None:
    page = hand.page
    hand.click("button: Remove filter: flag_warn is set")
    are(page, 0, 1, 2, 3, 4)
    hand.click("summary: add a filter")
    column = hand.find("combobox: Column to filter")
    column.select_option("snr")
    hand.look()
    hand.find("text: from").fill("15")
    hand.find("text: to").fill("45")
    hand.click("button: Add filter")
    are(page, 1, 2, 3)
    column.select_option("star_id")
    hand.look()
    hand.find("text: contains").fill("000003")
    hand.click("button: Add filter")
    are(page, 2)
    hand.look()
    hand.click("button: clear all")
    are(page, 0, 1, 2, 3, 4)
    column.select_option("flag_warn")
    hand.look()
    hand.find("combobox: State of the flag").select_option("not set")
    hand.click("button: Add filter")
    are(page, 1, 4)
    for quick, chip, left in (
        ("flagged", "flag_warn is set", (0, 2, 3)),
        ("bad", "flag_bad is set", ()),
        ("no verdict", "no verdict", ()),
        ("flags differ", "live flags differ is set", ()),
    ):
        hand.click(f"button: {quick}")
        page.get_by_role("button", name=f"Remove filter: {chip}").wait_for()
        are(page, *left)
    hand.click("button: clear all")
    hand.look()
    page.get_by_role("button", name="Add filter").press("Escape")
    page.get_by_role("button", name="Add filter").wait_for(state="hidden")


def test_filters_are_saved_under_a_name_used_and_forgotten(hand: Hand, folder: Path) -> None:
    page = hand.page
    typed = hand.find("search: Filter the table")
    typed.fill("000002")
    typed.press("Enter")
    are(page, 1)
    hand.click("summary: saved")
    hand.look()
    hand.find("text: name for these filters").fill("my <b>two</b>")
    hand.click("button: Save filters")
    saved = page.get_by_role("combobox", name="Saved filters")
    saved.get_by_role("option", name="my <b>two</b>").wait_for(state="attached")
    assert "text:000002" in (folder / "config" / "apogee-inspector" / "filters.json").read_text()
    hand.click("button: Remove filter: “000002”")
    are(page, 0, 1, 2, 3, 4)
    saved.select_option("my <b>two</b>")
    are(page, 1)
    hand.click("button: Forget")
    saved.get_by_role("option", name="my <b>two</b>").wait_for(state="detached")
    hand.click("button: Remove filter: “000002”")
    hand.click("summary: saved")


def test_columns_are_chosen_and_live_values_come_for_the_rows_in_view(hand: Hand) -> None:
    page = hand.page
    hand.click("summary: columns")
    hand.look()
    hand.find("checkbox: S/N").uncheck()
    page.get_by_role("columnheader", name="S/N", exact=True).wait_for(state="detached")
    hand.find("checkbox: live Teff").check()
    hand.click("summary: columns")
    page.get_by_role("columnheader", name="live Teff").wait_for()
    live = page.locator("td.live.number")
    page.wait_for_function("probe.text(node => node.matches('td.live.number')).filter(Boolean).length === 4")
    assert live.nth(MISSING).inner_text() == ""
    hand.look()


def test_files_of_one_star_are_put_together(hand: Hand) -> None:
    hand.find("checkbox: files of a star together").check()
    hand.visitor.address_has("group=yes")
    hand.find("checkbox: files of a star together").uncheck()
    hand.page.wait_for_function("!location.search.includes('group=')")


def test_the_grid_is_gone_through_by_keyboard_and_closed(hand: Hand) -> None:
    page = hand.page
    page.locator("tbody tr[tabindex='0']").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    shows(page, 1, "2 of 5")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    shows(page, 4, "5 of 5")
    page.keyboard.press("t")
    page.get_by_role("grid").wait_for(state="detached")
    hand.click("button: Table of all stars (t)")
    page.get_by_role("grid").wait_for()
    hand.click("button: Close the table (t)")
    page.get_by_role("grid").wait_for(state="detached")
    page.locator("body").press("t")
    page.get_by_role("grid").wait_for()


def test_a_table_typed_as_a_path_is_asked_about(hand: Hand, folder: Path) -> None:
    page = hand.page
    many = folder / "many.csv"
    many.write_text("who,t_nn\n" + "".join(f"2M{n:08d}+0000000,{4000 + n}\n" for n in range(1, 121)))
    hand.visitor.enter("File or folder on this machine", str(many))
    page.get_by_text("has no column that is known to name").wait_for()
    hand.look()
    hand.find("text: Columns: ours=theirs, …").fill("apogee_id=who,teff=t_nn")
    hand.click("button: Open the table")
    page.get_by_text("1–50 of 120").wait_for()
    hand.look()
    for turn, said in (("Next", "51–100"), ("Last", "101–120"), ("Previous", "51–100"), ("First", "1–50")):
        hand.click(f"button: {turn} page")
        page.get_by_text(f"{said} of 120").wait_for()
    page.locator("tbody tr[tabindex='0']").focus()
    page.keyboard.press("PageDown")
    page.get_by_text("51–100 of 120").wait_for()


def test_no_control_of_the_drawer_is_left_that_no_test_uses(hand: Hand) -> None:
    if "button: Last page" not in hand.used:
        pytest.skip("takes stock of what the whole file did")
    known = [*map(re.escape, hand.used), *UNUSED]
    assert sorted(c for c in hand.seen if not any(re.fullmatch(pattern, c) for pattern in known)) == []
