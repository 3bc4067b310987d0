"""Filtered, sorted, gone along: against pandas, which does the same another way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_table import MadeTable

from inspector.exceptions import SettingsError
from inspector.service.queue.columns import Columns, Filled
from inspector.service.queue.filter_text import read_filters
from inspector.service.queue.queue import Arrangement, Picked, Sort, arrange

N = 500
RNG = np.random.default_rng(3)
FRAME = pd.DataFrame(
    {
        "star_id": [f"2M{n:02d}" for n in RNG.integers(0, 60, N)],
        "teff": np.where(RNG.random(N) < 0.1, np.nan, RNG.integers(35, 65, N) * 100.0),
        "snr": RNG.normal(100, 30, N),
        "flag_bad": RNG.random(N) < 0.3,
        "field": np.where(RNG.random(N) < 0.2, "", RNG.choice(["M67", "m13", "000+02"], N)),
        "sdss_id": RNG.integers(10**8, 10**9, N),
    }
)


def columns() -> Columns:
    """The frame as a catalogue would hand it over."""
    arrays = {name: FRAME[name].to_numpy() for name in FRAME}
    return Columns(MadeTable(**{name: a if a.dtype.kind in "fbi" else a.astype(str) for name, a in arrays.items()}))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", ["teff", "snr", "flag_bad", "sdss_id", "field", "star_id"])
def test_sorting_is_stable_and_puts_what_has_no_value_last(column: str, descending: bool) -> None:
    queue = arrange(columns(), Arrangement(sort=Sort(column, descending)))
    known = FRAME.replace("", np.nan)
    expected = known.sort_values(column, ascending=not descending, kind="stable", na_position="last").index
    assert queue.rows.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flag_bad", FRAME.flag_bad),
        ("!flag_bad", ~FRAME.flag_bad),
        ("teff:4000..5000", FRAME.teff.between(4000, 5000)),
        ("teff:..4000", FRAME.teff <= 4000),
        ("teff:..", FRAME.teff.notna()),
        ("field:m", FRAME.field.str.lower().str.contains("m")),
        ("field:=M67", FRAME.field == "M67"),
        ("field:=", FRAME.field == ""),
        (f"sdss_id:={FRAME.sdss_id[7]}", FRAME.sdss_id == FRAME.sdss_id[7]),
        ("text:2m1", FRAME.star_id.str.contains("2M1")),
        (f"text:{FRAME.sdss_id[5] // 1000}", FRAME.sdss_id.astype(str).str.startswith(str(FRAME.sdss_id[5] // 1000))),
        ("flag_bad,snr:100..", FRAME.flag_bad & (FRAME.snr >= 100)),
    ],
)
def test_filters_keep_the_rows_they_say(text: str, expected: pd.Series) -> None:
    assert arrange(columns(), Arrangement(read_filters(text))).rows.tolist() == np.flatnonzero(expected).tolist()
    assert 0 < expected.sum() < N  # else it would prove nothing


def test_a_filter_sorts_within_what_it_leaves() -> None:
    queue = arrange(columns(), Arrangement(read_filters("flag_bad"), Sort("teff", descending=True)))
    left = FRAME[FRAME.flag_bad].sort_values("teff", ascending=False, kind="stable")
    assert queue.rows.tolist() == left.index.tolist()


def test_rows_picked_in_a_diagram_are_what_is_left() -> None:
    queue = arrange(columns(), Arrangement(read_filters("!flag_bad"), chosen=Picked(np.array([3, 9, 4, 10**9, -1]))))
    assert set(queue.rows.tolist()) == {row for row in (3, 4, 9) if not FRAME.flag_bad[row]}


def test_files_of_one_star_follow_each_other_where_the_first_stands() -> None:
    queue = arrange(columns(), Arrangement(sort=Sort("snr"), grouped=True))
    order = FRAME.sort_values("snr", kind="stable")
    expected = [row for star in order.star_id.unique() for row in order.index[order.star_id == star]]
    assert queue.rows.tolist() == expected


def test_a_row_without_a_name_is_nobodys_other_file() -> None:
    grouped = arrange(Columns(MadeTable(star_id=["a", "", "a", "", "b"])), Arrangement(grouped=True))
    assert grouped.rows.tolist() == [0, 2, 1, 3, 4]


def test_going_along_the_queue() -> None:
    queue = arrange(columns(), Arrangement(read_filters("flag_bad"), Sort("snr")))
    first, second, last = int(queue.rows[0]), int(queue.rows[1]), int(queue.rows[-1])
    outside = int(np.flatnonzero(~FRAME.flag_bad)[0])
    assert queue.step(first, 1) == second and queue.step(second, -1) == first
    assert queue.step(last, 1) is None and queue.step(first, -1) is None
    assert queue.step(outside, 1) == first and queue.step(outside, -1) == last and queue.step(None, 1) == first
    assert queue.following(first, 2) == queue.rows[1:3].tolist()
    assert queue.place(second, {first, outside}) == f"2 of {len(queue)} · 1 with a verdict"
    assert queue.place(outside) == f"{len(queue)} rows"
    nothing = arrange(columns(), Arrangement(read_filters("teff:1..2")))
    assert nothing.step(None, 1) is None and nothing.place(None) == "0 rows"


def test_a_page_has_the_rows_in_order_and_ids_as_text() -> None:
    queue = arrange(columns(), Arrangement(sort=Sort("snr")))
    page = queue.page(100, 25, ["sdss_id", "teff", "flag_bad"])
    expected = FRAME.sort_values("snr").iloc[100:125]
    assert [row["row"] for row in page] == expected.index.tolist()
    assert [row["sdss_id"] for row in page] == expected.sdss_id.astype(str).tolist()
    assert {type(row["flag_bad"]) for row in page} == {bool}
    assert queue.page(N - 3, 25, ["snr"])[-1]["snr"] == FRAME.snr.max()


def test_ids_beyond_what_a_browser_counts_stay_whole() -> None:
    ids = np.array([2**62 + 1, 2**62 + 2, -1, 0])
    queue = arrange(Columns(MadeTable(gaia_id=ids, other=ids)))
    shown = [row["gaia_id"] for row in queue.page(0, 4, ["gaia_id"])]
    assert shown == [str(2**62 + 1), str(2**62 + 2), "", ""]
    found = arrange(queue.columns, Arrangement(read_filters(f"text:{2**62 + 2}")))
    assert found.rows.tolist() == [1]


def test_columns_filled_meanwhile_sort_and_filter_anew() -> None:
    values: dict[int, float] = {}
    filled = Columns(MadeTable(star_id=["a", "b", "c"]), {"live_teff": Filled("number", "K", lambda: values)})
    by_live = Arrangement(sort=Sort("live_teff", descending=True))
    assert arrange(filled, by_live).rows.tolist() == [0, 1, 2]
    values |= {1: 4000.0, 2: 5000.0}
    assert arrange(filled, by_live).rows.tolist() == [2, 1, 0]
    assert arrange(filled, Arrangement(read_filters("live_teff:4500.."))).rows.tolist() == [2]
    assert [row["live_teff"] for row in arrange(filled, by_live).page(0, 3, ["live_teff"])] == [5000.0, 4000.0, None]


def test_only_columns_that_are_used_are_read() -> None:
    table = MadeTable(**{name: FRAME[name].to_numpy().astype(str) for name in FRAME})
    arrange(Columns(table), Arrangement(sort=Sort("snr"))).page(0, 5, ["star_id"])
    assert set(table.asked) == {"snr", "star_id"}


@pytest.mark.parametrize(
    "arrangement", [Arrangement(read_filters("nosuch:1..2")), Arrangement(sort=Sort("nosuch"))]
)  # fmt: skip
def test_a_column_there_is_not_is_named(arrangement: Arrangement) -> None:
    with pytest.raises(SettingsError, match="no column 'nosuch'"):
        arrange(columns(), arrangement)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.one_of(st.just(np.nan), st.integers(-3, 3).map(float)), min_size=1, max_size=30),
    descending=st.booleans(),
    chosen=st.sets(st.integers(0, 29)),
)
def test_any_numbers_in_any_order(values: list[float], descending: bool, chosen: set[int]) -> None:
    arrangement = Arrangement(sort=Sort("x", descending), chosen=Picked(np.array(sorted(chosen), dtype=int)))
    queue = arrange(Columns(MadeTable(x=np.array(values))), arrangement)
    left = [row for row in range(len(values)) if row in chosen]
    sign = -1 if descending else 1
    assert queue.rows.tolist() == sorted(
        left, key=lambda row: (np.isnan(values[row]), sign * np.nan_to_num(values[row]))
    )
