"""Nothing of one star is left on any panel once another, or none, is on screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
import pytest
from astropy.io import fits
from bokeh.models import Axis, GlyphRenderer, Range1d
from made_results import make_failure, make_result
from makers import write_apstar

from inspector.files.spectra.star_file import read_star
from inspector.science.star import Star
from inspector.web import panels
from inspector.web.panels.network_controls import Controls
from inspector.web.state import InspectorState

ALL = sorted(panels.__all__)
SHOWN = ("options", "value", "masked", "titles", "chosen", "hdus")
Spoil = Callable[[np.ndarray], None]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Star:
    return read_star(write_apstar(tmp_path_factory.mktemp("full") / "full.fits", n_visits=4, OBJID="full"))


def dead_star(folder: Path, spoil: str) -> Star:
    """A star of one visit that nothing can be said of."""
    file = write_apstar(folder / "dead.fits", n_visits=1, OBJID="dead", STARFLAG=0)
    with fits.open(file, mode="update") as hdus:
        hdu, value = {"zeros": (1, 0), "nan": (1, np.nan), "flat": (1, 7.0), "masked": (3, 1)}[spoil]
        hdus[hdu].data[...] = value
    return read_star(file)


def show(state: InspectorState, star: Star) -> None:
    """What a session does of itself when a star comes on screen."""
    state.show_star(star.id, star)
    reason = state.normalized(state.inspected)
    state.result = make_failure(reason) if isinstance(reason, str) else make_result()
    names = state.spectrum_names
    state.visit_results = {name: make_result(50, i, name) for i, name in enumerate(names)} if len(names) > 1 else {}
    state.progress = (100, 100)


def show_none(state: InspectorState) -> None:
    state.param.update(star=None, key="", result=None, visit_results={}, progress=(0, 0))


def made(state: InspectorState) -> list[Any]:
    views = [getattr(panels, name)(state) for name in ALL]
    views[ALL.index("HeaderView")].looked_at = True
    return [*views, Controls(state, lambda: None)]


def looks(view: Any) -> dict[str, Any]:
    """All a panel shows: its words, what stands on its widgets, and what is drawn on its axes."""
    told: dict[str, Any] = {"words": [], "widgets": [], "drawn": [], "axes": []}
    for part in view.__panel__().select():
        if isinstance(part, pn.pane.HTML):
            told["words"].append(part.object)
        elif isinstance(part, pn.pane.Bokeh):
            models = part.object.references()
            told["drawn"] += [drawn(m) for m in models if isinstance(m, GlyphRenderer) and m.visible]
            told["axes"] += [str(m.axis_label) for m in models if isinstance(m, Axis)]
            told["axes"] += [f"{m.start:.6g} {m.end:.6g}" for m in models if isinstance(m, Range1d)]
        elif not isinstance(part, pn.layout.Panel):
            told["widgets"].append((type(part).__name__, repr([getattr(part, name, None) for name in SHOWN])))
    told |= {part: sorted(filter(None, told[part])) for part in ("drawn", "axes")}
    return told


def drawn(renderer: GlyphRenderer) -> str:
    """A digest of the rows that have a place; empty where there are none."""
    data = renderer.data_source.data
    rows = [row for row in zip(*data.values()) if any(map(has_place, row))]
    return f"{type(renderer.glyph).__name__} {' '.join(data)} {len(rows)} {total(rows):.6g}" if rows else ""


def has_place(cell: Any) -> bool:
    if isinstance(cell, list | tuple | np.ndarray):
        return any(map(has_place, cell))
    return not isinstance(cell, str) and cell is not None and math.isfinite(cell)


def total(cells: Iterable[Any]) -> float:
    return sum(total(c) if isinstance(c, list | tuple | np.ndarray) else float(c) for c in cells if has_place(c))


@pytest.mark.parametrize("spoil", ["zeros", "nan", "flat", "masked"])
def test_after_a_full_star_a_dead_one_looks_as_if_it_came_first(tmp_path: Path, full: Star, spoil: str) -> None:
    dead, used, fresh = dead_star(tmp_path, spoil), InspectorState(), InspectorState()
    panels = made(used)
    show(used, full)
    used.param.update(shown=used.spectrum_names, elements=["Mg"])
    show(used, dead)
    fresh.elements = ["Mg"]
    show(fresh, dead)
    for name, panel, other in zip([*ALL, "Controls"], panels, made(fresh)):
        assert looks(panel) == looks(other), name


def test_after_a_full_star_nothing_looks_as_it_does_at_the_start(full: Star) -> None:
    state = InspectorState()
    panels = made(state)
    show(state, full)
    show_none(state)
    for name, panel, other in zip([*ALL, "Controls"], panels, made(InspectorState())):
        assert looks(panel) == looks(other), name


def test_a_full_star_after_nothing_is_whole(tmp_path: Path, full: Star) -> None:
    used, fresh = InspectorState(), InspectorState()
    panels = made(used)
    show(used, dead_star(tmp_path, "zeros"))
    show_none(used)
    show(used, full)
    show(fresh, full)
    for name, panel, other in zip([*ALL, "Controls"], panels, made(fresh)):
        assert looks(panel) == looks(other), name


@pytest.mark.parametrize("spoil", ["zeros", "nan", "flat", "masked"])
def test_a_star_of_one_visit_is_told_of_no_other(tmp_path: Path, spoil: str) -> None:
    state = InspectorState()
    panels = made(state)
    show(state, dead_star(tmp_path, spoil))
    words = " ".join(word for panel in panels for word in looks(panel)["words"])
    assert "another visit" not in words
    assert "This file has no other spectrum of the star." in words
    assert "of 100 draws" not in words and "seed" not in looks(panels[-1])["words"][-1]
