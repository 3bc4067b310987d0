"""Whose spectrum is on screen: journeys in one tab of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Server, Visitor
from makers import write_apstar

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(context: Any, server: Server, visitors: list[Visitor]) -> Iterator[Visitor]:
    """One tab for all journeys of this file."""
    visitor = Visitor(context, server.url)
    visitors.append(visitor)
    visitor.open()
    yield visitor
    visitor.page.close()


def test_the_path_field_opens_a_file_a_folder_and_says_what_is_missing(tab: Visitor, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    single = write_apstar(tmp_path / "typed.fits", n_visits=1, OBJID="2M-TYPED")
    for number in (1, 2):
        write_apstar(folder / f"in folder {number}.fits", n_visits=1, OBJID=f"2M-FOLDER-{number}")
    field = "File or folder of this machine"
    tab.enter(field, f"  {single} ")
    tab.page.get_by_role("heading", name="2M-TYPED").wait_for()
    tab.enter(field, str(folder))
    tab.page.get_by_role("heading", name="2M-FOLDER-1").wait_for()
    tab.page.get_by_role("option", name="in folder 2").wait_for()
    tab.enter(field, str(tmp_path / "none.fits"))
    tab.page.get_by_role("alert").get_by_text("does not exist").wait_for()
    assert tab.page.get_by_role("textbox", name=field).input_value().endswith("none.fits")  # to be put right
    tab.enter(field, "~nobody-of-that-name/x.fits")
    tab.page.get_by_role("alert").get_by_text("is not a path of this machine").wait_for()
    assert tab.page.get_by_role("heading", name="2M-FOLDER-1").is_visible()
    tab.enter(field, str(single))  # what is open already is shown, not opened a second time
    tab.page.get_by_role("heading", name="2M-TYPED").wait_for()
    assert tab.page.get_by_role("option", name="typed").count() == 1
