"""The diagram beside the table's grid: what is outlined in it is what the queue goes along."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import start_server, stop_server
from made_rows import stars
from test_kiel_journeys import outline, place, tool

pytestmark = pytest.mark.browser

STARS = 300


@pytest.fixture(scope="module")
def page(context: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page with a table of made stars, of which no spectrum is there."""
    path = tmp_path_factory.mktemp("table") / "stars.csv"
    columns = {name: values for name, values in stars(STARS).items() if name != "verdict"}
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["apogee_id", *list(columns)[1:]], *zip(*columns.values())])
    server = start_server(str(path), "--spectra", str(Path(path.parent)))
    page = context.new_page()
    page.goto(server.url)
    yield page
    page.close()
    stop_server(server)


def test_an_outline_filters_the_queue_and_escape_lets_go_of_it(page: Any) -> None:
    tool(page, "Lasso Select")
    outline(page, "2M00000200", reach=8)
    page.get_by_text(re.compile(r"^(\d+ of \d{1,2}|\d{1,2} rows?)( ·.*)?$")).first.wait_for()
    tool(page, "Pan")
    page.keyboard.press("Escape")
    page.get_by_text(re.compile(rf"^(\d+ of {STARS}|{STARS} rows)( ·.*)?$")).first.wait_for()


def test_a_click_on_a_star_puts_its_row_on_screen(page: Any) -> None:
    page.mouse.click(*place(page, "2M00000200"))
    page.get_by_role("heading", name="2M00000200").wait_for()
