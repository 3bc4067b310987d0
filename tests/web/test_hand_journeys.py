"""Under a hand: messages, connection, keys and the list of stars, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cable import cable_to, free_port
from conftest import Visitor, start_server, stop_server
from makers import write_apstar
from watch import Watch

pytestmark = pytest.mark.browser

STAR, FILE = "2M17335483-2753043", "apStar-dr17-2M17335483-2753043"
OTHER, OTHER_FILE = "2M19485057+5005279", "apStar-dr17-2M19485057%2B5005279"

IMAGE = "![x](http://stranger.example/a.png)<img src=//stranger.example/b.png><b>bold</b>"


def test_markup_and_markdown_in_a_message_are_text_and_nobody_is_called(newcomer: Any, tmp_path: Path) -> None:
    visitor = newcomer()
    page = visitor.open(f"?star={quote(IMAGE)}&mc_num=zero")
    alerts = page.get_by_role("alert")
    alerts.get_by_text(IMAGE, exact=False).wait_for()
    alerts.get_by_text("The link's mc_num").wait_for()  # several faults, several messages
    names = [f"{n} **b** _i_ `c` [a](javascript:1) &amp; <i>.fits" for n in range(3)]
    for name in names:
        (tmp_path / name).write_bytes(b"not a FITS file")
    page.get_by_label("Open FITS files").set_input_files([tmp_path / name for name in names])
    for name in names:
        alerts.get_by_text(name, exact=False).wait_for()
    assert alerts.locator("img, b, i, em, code, a, strong").count() == 0
    alerts.filter(has_text=IMAGE).get_by_role("button").click()
    alerts.get_by_text(IMAGE, exact=False).wait_for(state="detached")
    page.get_by_role("button", name="Close all").click()
    alerts.first.wait_for(state="detached")


def test_a_cut_line_is_told_at_once_and_taken_up_again_with_choices_and_uploads(
    context: Any, watch: Watch, tmp_path: Path
) -> None:
    watch.expect(r"^Failed to load resource: net::ERR_\w+: http://localhost:\d+/")  # asks after the server
    watch.let_pass("not connected so cannot send")  # Bokeh, of a word that was under way as the line was cut
    mine = write_apstar(tmp_path / "mine.fits", OBJID="2M11111111+1111111")
    port = free_port()
    with cable_to(port) as cable:
        arguments = ["--port", str(port), "--allow-websocket-origin", f"localhost:{cable.port}"]
        server = start_server(*arguments)
        try:
            visitor = Visitor(context, f"http://localhost:{cable.port}/")
            page = visitor.open("?mc_num=30")
            banner = page.locator("#connection")
            page.get_by_label("Open FITS files").set_input_files(mine)
            page.get_by_role("heading", name="2M11111111+1111111").wait_for()
            page.keyboard.press("l")
            page.get_by_role("switch", name="line names", checked=True).wait_for()
            visitor.drawn(30)

            context.set_offline(True)  # the socket stays open, and nothing gets through
            banner.get_by_text("This computer has no network").wait_for()
            context.set_offline(False)
            banner.wait_for(state="hidden")

            cable.cut()
            banner.get_by_text("The connection to the server is lost").wait_for()
            cable.join()
            page.wait_for_url("**resume=**", wait_until="commit")
            page.get_by_role("heading", name="2M11111111+1111111").wait_for()
            page.get_by_role("switch", name="line names", checked=True).wait_for()  # not in the link
            visitor.drawn(30)
            page.wait_for_function("() => !location.search.includes('resume')")

            stop_server(server)
            banner.get_by_text("The server was stopped, or is being restarted").wait_for()
            server = start_server(*arguments)
            page.get_by_text("Drop your own files here again").wait_for()
            visitor.drawn(30)
            page.close()
        finally:
            stop_server(server)
    assert not [line for line in server.said if "Traceback" in line], "".join(server.said)


def test_keys_live_on_after_a_field_and_a_menu_and_on_any_keyboard(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    regular.enter("mc_num", "40")
    page.keyboard.press("v")  # a moment after Enter, and where there is no ]
    regular.address_has("spectrum=visit+1")
    inspected = page.get_by_role("combobox", name="Inspected")
    inspected.focus()
    page.keyboard.press("ArrowUp")
    regular.address_has("spectrum=coadd")
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    regular.address_has("spectrum=visit+1")
    inspected.dispatch_event("pointerdown")
    inspected.select_option("coadd")
    regular.address_has("spectrum=coadd")
    page.keyboard.press("]")
    regular.address_has("spectrum=visit+1")

    field = page.get_by_role("textbox", name="mc_num")
    field.click()
    field.press_sequentially("7n")  # a letter typed is a letter
    field.press("Escape")
    page.wait_for_function("field => field.value === '40' && !field.matches(':focus')", arg=field.element_handle())
    page.keyboard.press("b")
    regular.address_has("spectrum=coadd")

    press(page, key="]", ctrlKey=True, altKey=True, modifierAltGraph=True)  # AltGr + 9
    regular.address_has("spectrum=visit+1")
    press(page, key="[", altKey=True)  # Option + 5
    regular.address_has("spectrum=coadd")
    assert not press(page, key="n", ctrlKey=True) and not press(page, key="l", altKey=True)  # the browser's own

    press(page, key="N", modifierCapsLock=True)
    page.get_by_role("heading", name=OTHER).wait_for()


IN_ONE_TASK = """async (keys) => {
  const focused = ({activeElement: one}) => one.shadowRoot ? focused(one.shadowRoot) : one
  for (const key of keys) {
    const pressed = new KeyboardEvent("keydown", {key, bubbles: true, composed: true, cancelable: true})
    focused(document).dispatchEvent(pressed)
    await null   // as between two keys: what was put off to a later task has no turn, however busy the page is
  }
}"""


def test_the_key_straight_after_enter_or_escape_is_the_pages(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    field = page.get_by_role("textbox", name="mc_num")
    field.fill("30")
    page.evaluate(IN_ONE_TASK, ["Enter", "v"])
    regular.address_has("spectrum=visit+1")
    regular.drawn(30)
    field.fill("77")
    page.evaluate(IN_ONE_TASK, ["Escape", "b"])
    regular.address_has("spectrum=coadd")
    regular.drawn(30)
    page.wait_for_function("field => field.value === '30'", arg=field.element_handle())


def test_back_goes_to_the_star_before_and_forward_to_the_next(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    regular.address_has(FILE)
    page.keyboard.press("n")
    page.get_by_role("heading", name=OTHER).wait_for()
    regular.address_has(OTHER_FILE)
    regular.enter("seed", "11")
    regular.address_has("seed=11")
    page.go_back()
    page.get_by_role("heading", name=STAR).wait_for()
    regular.address_has(FILE)
    page.go_forward()
    page.get_by_role("heading", name=OTHER).wait_for()
    regular.address_has("seed=11")
    regular.drawn()


def test_the_list_is_one_tab_stop_with_arrows_and_letters(regular: Any) -> None:
    page = regular.page
    regular.choose_star(OTHER, OTHER_FILE.replace("%2B", "+"))
    regular.choose_star(STAR, FILE)
    page.keyboard.press("/")
    page.keyboard.press("Tab")
    stars = page.get_by_role("listbox", name="Opened stars")
    at_star(page, FILE)
    page.keyboard.press("ArrowDown")
    at_star(page, "2M19485057")
    page.keyboard.press("End")
    at_star(page, "generated")
    page.keyboard.press("Home")
    at_star(page, FILE)
    page.keyboard.type("2m19")
    at_star(page, "2M19485057")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=OTHER).wait_for()
    page.keyboard.press("p")  # a letter that is a key of the page's is one
    page.get_by_role("heading", name=STAR).wait_for()
    page.keyboard.press("Tab")
    assert page.get_by_label("Open FITS files").evaluate("field => field.matches(':focus')")

    search = page.get_by_label("Search stars")
    for words, found in (
        ("000+02", FILE),
        ("000+02 persist_high", ""),
        ("2m19485057 k04 dr17", OTHER),
        ("uncertain log", FILE),
    ):
        search.fill(words)
        stars.get_by_role("option").filter(has_text=found).first.wait_for(state="visible" if found else "detached")
        assert stars.get_by_role("option").count() == bool(found)
    search.press("Escape")
    page.set_viewport_size({"width": 1400, "height": 1300})
    page.wait_for_function("list => parseFloat(list.style.maxHeight) > 500", arg=stars.element_handle())
    page.set_viewport_size({"width": 1400, "height": 900})


def at_star(page: Any, name: str) -> None:
    """Wait until the mark of the list is at a star."""
    page.wait_for_function(
        """([list, name]) => {
          const at = list.getRootNode().getElementById(list.getAttribute("aria-activedescendant"))
          return list.matches(":focus") && at?.textContent.includes(name) && at.classList.contains("marked")
        }""",
        arg=[page.get_by_role("listbox", name="Opened stars").element_handle(), name],
    )


def test_a_folder_that_is_dropped_is_read_with_what_it_holds(regular: Any, tmp_path: Path) -> None:
    deep = tmp_path / "field" / "2M"
    deep.mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    write_apstar(deep / "deep.fits", OBJID="2M22222222+2222222")
    (deep / "broken.fits").write_bytes(b"not FITS")
    (deep / "notes.txt").write_text("not asked for")
    drop(regular.page, tmp_path / "field", tmp_path / "empty")
    regular.page.get_by_role("heading", name="2M22222222+2222222").wait_for()
    alerts = regular.page.get_by_role("alert")
    alerts.get_by_text("broken.fits").wait_for()
    alerts.get_by_text("No file in the folder empty has a name that ends in .fits").wait_for()
    assert alerts.get_by_text("notes.txt").count() == 0
    regular.page.get_by_role("button", name="Close all").click()


def drop(page: Any, *paths: Path) -> None:
    """Drop files and folders on the page, as the desktop does."""
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 300, "data": data})
    devtools.detach()


def test_a_long_run_is_stopped_and_goes_on(regular: Any) -> None:
    page = regular.page
    regular.choose_star(STAR, FILE)
    regular.enter("mc_num", "10000")
    page.get_by_role("button", name="Stop").click()
    page.get_by_text(re.compile(r"^stopped at \d+ of 10000 draws")).wait_for()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text(re.compile(r"^\d+ of 10000 draws")).wait_for()
    page.get_by_role("button", name="Stop").click()
    regular.enter("mc_num", "20")
    regular.drawn(20)


def test_a_page_reloaded_by_hand_or_come_back_to_keeps_its_files(regular: Any, tmp_path: Path) -> None:
    page = regular.page
    page.get_by_label("Open FITS files").set_input_files(
        write_apstar(tmp_path / "kept.fits", OBJID="2M33333333+3333333")
    )
    page.get_by_role("heading", name="2M33333333+3333333").wait_for()
    regular.address_has("star=kept")
    page.keyboard.press("l")
    page.get_by_role("switch", name="line names", checked=True).wait_for()  # not in the link
    for again in (lambda: page.reload(wait_until="commit"), lambda: leave_and_come_back(page)):
        again()
        page.wait_for_url("**resume=**", wait_until="commit")
        page.get_by_role("heading", name="2M33333333+3333333").wait_for()
        page.get_by_role("switch", name="line names", checked=True).wait_for()
        regular.drawn()
        page.wait_for_function("() => !location.search.includes('resume')")
    assert page.get_by_text("Drop your own files").count() == 0


def leave_and_come_back(page: Any) -> None:
    """Follow a link away from the page, and press Back."""
    page.goto("about:blank")
    page.go_back(wait_until="commit")


def press(page: Any, **key: Any) -> bool:
    """Press a key as another keyboard sends it; whether the page took it."""
    event = (
        "key => !document.body.dispatchEvent(new KeyboardEvent('keydown', {...key, bubbles: true, cancelable: true}))"
    )
    return bool(page.evaluate(event, key))
