"""What a session holds and how its choices hang together; no browser, no server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from makers import write_apstar

from inspector.files.spectra.star_file import read_star
from inspector.science.labels import ELEMENTS, LABELS
from inspector.science.spectrum import NormalizedSpectrum
from inspector.science.star import Star
from inspector.science.windows import window_ranges
from inspector.service.cache import Cache
from inspector.service.library import StarEntry
from inspector.service.opened_star import OpenedStar
from inspector.web.components.messages import Messages
from inspector.web.link import read_query, to_query
from inspector.web.link_restoring import Restoring
from inspector.web.state import FULL_RANGE, InspectorState, around, window_stops


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory) -> Star:
    return read_star(write_apstar(tmp_path_factory.mktemp("stars") / "star.fits", n_visits=3))


@pytest.fixture
def state(star: Star) -> InspectorState:
    state = InspectorState()
    state.show_star("star.fits", star)
    return state


class TestOneSelection:
    """A label and its element's window are one selection."""

    @pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
    def test_a_label_selects_its_element(self, label) -> None:
        state = InspectorState(elements=["Mg"] if label.element != "Mg" else [])
        state.label = "teff" if label.name != "teff" else "logg"
        state.label = label.name
        assert state.elements == ([label.element] if label.element else [])

    def test_an_element_selects_its_label(self) -> None:
        state = InspectorState()
        state.elements = ["Si"]
        assert state.label == "si_h"

    def test_the_element_added_last_decides(self) -> None:
        state = InspectorState(label="mg_h", elements=["Mg"])
        state.toggle_element("Al")
        assert (state.label, state.elements) == ("al_h", ["Mg", "Al"])
        state.toggle_element("Al")
        assert (state.label, state.elements) == ("mg_h", ["Mg"])

    def test_a_label_among_the_chosen_elements_keeps_them(self) -> None:
        state = InspectorState(label="al_h", elements=["Mg", "Al"])
        state.label = "mg_h"
        assert state.elements == ["Mg", "Al"]

    def test_no_element_leaves_the_label(self) -> None:
        state = InspectorState(label="mg_h", elements=["Mg"])
        state.elements = []
        assert state.label == "mg_h"

    def test_both_at_once_stay_as_given(self) -> None:
        state = InspectorState()
        state.param.update(label="mg_h", elements=["Al", "Mg"])
        assert (state.label, state.elements) == ("mg_h", ["Al", "Mg"])


class TestStar:
    def test_a_new_star_starts_at_its_coadd_and_keeps_the_zoom(self, state: InspectorState, star: Star) -> None:
        state.param.update(inspected="visit 1 · MJD 55874", view_range=(15200.0, 15300.0), result=object())
        state.show_star("again", star)
        assert (state.inspected, state.shown, state.result) == ("coadd", ["coadd"], None)
        assert state.view_range == (15200.0, 15300.0)

    def test_the_inspected_spectrum_is_shown(self, state: InspectorState) -> None:
        visit = state.spectrum_names[1]
        state.inspected = visit
        assert state.shown == ["coadd", visit]

    def test_visits_step_round_their_ends(self, state: InspectorState) -> None:
        state.step_visit(-1)
        assert state.inspected == state.spectrum_names[-1]
        state.step_visit(1)
        assert state.inspected == "coadd"

    def test_a_spectrum_is_normalised_once(self, state: InspectorState) -> None:
        first = state.normalized("coadd")
        assert isinstance(first, NormalizedSpectrum)
        assert state.normalized("coadd") is first

    def test_a_dead_spectrum_gives_its_sentence(self, tmp_path: Path) -> None:
        from dataclasses import replace

        star = read_star(write_apstar(tmp_path / "dead.fits", n_visits=2))
        dead = replace(star.coadd, flux=np.zeros_like(star.coadd.flux))
        state = InspectorState()
        state.show_star("dead", replace(star, coadd=dead))
        assert "only zeros" in state.normalized("coadd")

    def test_a_star_seen_once_has_one_spectrum(self, tmp_path: Path) -> None:
        state = InspectorState()
        state.show_star("one", read_star(write_apstar(tmp_path / "one.fits", n_visits=1)))
        assert state.spectrum_names == ["coadd"]


class TestWindows:
    def test_steps_visit_every_window_once_and_come_round(self) -> None:
        state = InspectorState(elements=["Al"])
        count = len(window_stops(["Al"]))
        assert count <= len(window_ranges(["Al"]))
        seen = []
        for _ in range(count):
            state.step_window(1)
            seen.append(state.view_range)
        assert len(set(seen)) == count
        state.step_window(1)
        assert state.view_range == seen[0]
        state.step_window(-1)
        assert state.view_range == seen[-1]

    def test_without_elements_nothing_moves(self) -> None:
        state = InspectorState()
        state.step_window(1)
        assert state.view_range == FULL_RANGE

    def test_a_view_stays_within_the_grid(self) -> None:
        assert around(FULL_RANGE[0] + 1, FULL_RANGE[0] + 2)[0] == FULL_RANGE[0]

    def test_all_elements_have_windows(self) -> None:
        assert all(len(window_ranges([element])) for element in ELEMENTS)


class TestLink:
    def test_a_link_restores_what_it_was_made_from(self, state: InspectorState) -> None:
        visit = state.spectrum_names[2]
        state.param.update(label="mg_h", elements=["Al", "Mg"], mc_num=250, seed=7, dropout_rate=0.25)
        state.param.update(inspected=visit, view_range=(15200.25, 15300.5))
        choices = read_query(to_query(state))
        assert choices.problems == ()
        assert choices.star == "star.fits"
        restored = InspectorState(**choices.values)
        for name in ("label", "elements", "mc_num", "seed", "dropout_rate", "inspected", "shown", "view_range"):
            assert getattr(restored, name) == getattr(state, name), name

    def test_a_derived_seed_stays_derived(self, state: InspectorState) -> None:
        assert "seed" not in read_query(to_query(state)).values

    @pytest.mark.parametrize(
        "query",
        [
            "?mc_num=1e9",
            "?mc_num=-3",
            "?seed=x",
            "?label=xx",
            "?elements=Mg,Fe",
            "?view=2,1",
            "?view=a",
            "?dropout_rate=nan",
            "?mc_num=²",
            "?dropout_rate=<script>",
        ],
    )
    def test_nonsense_becomes_a_sentence_and_changes_nothing(self, query: str) -> None:
        choices = read_query(query)
        assert choices.values == {}
        assert len(choices.problems) == 1

    def test_every_fault_of_a_link_is_told(self) -> None:
        choices = read_query("?elements=Xx,Mg,Yy&colour=red&lable=teff&mc_num=&view=3&seed=5")
        told = " ".join(choices.problems)
        for word in ("'Xx', 'Yy'", "'colour', 'lable'", "mc_num", "view"):
            assert word in told
        assert choices.values == {"seed": 5}

    def test_every_spectrum_a_link_names_in_vain_is_told(self, state: InspectorState, star: Star) -> None:
        link = read_query("?spectrum=visit 8&show=coadd|visit 9|<b>")
        opened = OpenedStar(star)

        async def open_star(entry: StarEntry) -> OpenedStar:
            return opened

        async def apply(act: Callable[[], None]) -> None:
            act()

        asyncio.run(Restoring(link, state, open_star, apply).first_of([StarEntry("star.fits", "star.fits")]))
        told = " ".join(message.text for message in state.messages)
        assert all(repr(name) in told for name in ("visit 8", "visit 9", "<b>"))
        assert state.shown == ["coadd"]

    def test_an_empty_query_asks_for_nothing(self) -> None:
        assert read_query("").values == {}


class TestCache:
    def test_the_least_used_goes_first(self) -> None:
        cache: Cache[str] = Cache(6, len)
        cache.put("a", "aaa")
        cache.put("b", "bbb")
        assert cache.get("a") == "aaa"
        cache.put("c", "c")
        assert (cache.get("a"), cache.get("b"), cache.get("c")) == ("aaa", None, "c")

    def test_one_too_large_is_kept_alone(self) -> None:
        cache: Cache[str] = Cache(2, len)
        cache.put("b", "b")
        cache.put("a", "aaaa")
        assert (cache.get("a"), cache.get("b")) == ("aaaa", None)

    def test_what_grows_under_its_key_is_weighed_anew(self) -> None:
        cache: Cache[str] = Cache(3, len)
        cache.put("a", "a")
        cache.put("b", "b")
        cache.put("b", "bbb")
        assert (cache.get("a"), cache.get("b")) == (None, "bbb")

    def test_what_was_fetched_is_gone(self) -> None:
        cache: Cache[str] = Cache(3, len)
        cache.put("a", "a")
        assert (cache.pop("a"), cache.pop("a"), cache.get("a")) == ("a", None, None)


def test_a_pinned_seed_is_let_go_at_the_next_star_unless_it_is_kept(star: Star) -> None:
    state = InspectorState()
    state.show_star("one", star)
    state.seed = 42
    state.show_star("two", star)
    assert state.seed is None
    state.seed = 42
    state.show_star("two", star)  # the same again
    assert state.seed == 42
    state.seed_kept = True
    state.show_star("one", star)
    assert state.seed == 42
    assert read_query(to_query(state)).values["seed_kept"] is True  # a page that is loaded again goes on alike
    assert read_query("?keep_seed=no").problems


class TestMessages:
    def test_several_stand_side_by_side_and_each_is_closed_alone(self) -> None:
        state = InspectorState()
        for text in ("first", "second", "first"):
            state.say(text, "warning")
        assert [message.text for message in state.messages] == ["second", "first"]
        state.dismiss({state.messages[0].number})
        assert [message.text for message in state.messages] == ["first"]

    def test_a_message_goes_when_what_it_speaks_of_is_over(self, star: Star) -> None:
        state = InspectorState()
        state.say("of this star", "warning")
        state.say("of a file", "error", "files")
        state.show_star("another", star)
        assert [message.text for message in state.messages] == ["of a file"]
        state.settle("files")
        assert state.message.text == ""

    def test_control_characters_and_endless_text_do_not_reach_the_page(self) -> None:
        state = InspectorState()
        state.say("a\x1b[2J\u202eb" + "9" * 10_000)
        (told,) = Messages(state, name="told").messages
        assert told["text"].startswith("a\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}b999")
        assert len(told["text"]) < 1100


def test_each_step_from_window_to_window_moves_the_view_and_says_where_it_is(star: Star) -> None:
    state = InspectorState()
    state.show_star("one", star)
    state.elements = ["Mg"]
    stops = state.window_place[1]
    seen = []
    places = []
    for _ in range(stops):
        state.step_window(1)
        places.append(state.window_place)
        seen.append(state.view_range)
    assert sorted(places) == [(stop + 1, stops) for stop in range(stops)]
    assert all(abs(after[0] - before[0]) > 12 for before, after in pairwise(seen))


def test_the_first_step_from_the_whole_spectrum_goes_to_the_first_window() -> None:
    state = InspectorState(elements=["Mg"])
    state.step_window(1)
    assert state.window_place[0] == 1
    state.view_range = FULL_RANGE
    state.step_window(-1)
    assert state.window_place[0] == state.window_place[1]


def test_all_windows_at_once_keep_the_chosen_label() -> None:
    state = InspectorState()
    state.label = "mg_h"
    state.elements = list(ELEMENTS)
    assert state.label == "mg_h"
    state.elements = []
    state.label = "teff"
    state.elements = list(ELEMENTS)
    assert state.label == "teff"
