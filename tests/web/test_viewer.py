"""The page as an object: what a script or a notebook chooses, reads and shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import panel as pn
import pytest
from bokeh.document import Document
from made_services import in_loop
from makers import write_apstar
from panel_material_ui.base import MaterialComponent
from random_network import random_network

import inspector
from inspector.exceptions import FileError, InspectorError, SettingsError
from inspector.web.components.html import Html
from inspector.web.components.keys import Keys
from inspector.web.viewer import CHOICES, READINGS

ROOT = Path(__file__).resolve().parents[2]
STARS = ROOT / "assets" / "stars"
STAR = STARS / "apStar-dr17-2M17335483-2753043.fits"


def viewer(star: Any = STAR, **choices: Any) -> inspector.Inspector:
    return inspector.Inspector(star, **{"network": random_network(), "mc_num": 4, **choices})


def texts(view: pn.viewable.Viewable) -> str:
    return " ".join(str(pane.object) for pane in view.select(pn.pane.HTML))


def test_a_script_has_the_answer_of_the_library_at_once() -> None:
    shown = inspector.Inspector(STAR, mc_num=10, seed=3)
    expected = inspector.analyze(inspector.read_star(STAR).coadd, mc_num=10, seed=3)
    assert not shown.running
    assert shown.result.row() == expected.row()


def test_what_is_set_is_asked_and_shown() -> None:
    shown = viewer()
    asked: list[int] = []
    shown.param.watch(lambda event: asked.append(event.new.mc_num), "result")
    shown.mc_num = 6
    shown.param.update(label="mg_h", seed=5)
    assert asked[-1] == shown.result.mc_num == 6
    assert shown.result.seed == 5
    assert list(shown.elements) == ["Mg"]
    shown.elements = ["Al"]
    assert shown.label == "al_h"


def test_choices_stand_from_the_start() -> None:
    shown = viewer(label="mg_h", elements=["Mg", "Al"], seed=7, lines_on=True, view_range=(16000, 16100))
    assert (shown.label, list(shown.elements), shown.result.seed) == ("mg_h", ["Mg", "Al"], 7)
    assert shown.lines_on
    assert shown.view_range == (16000, 16100)


def test_a_visit_is_chosen_by_its_name(tmp_path: Path) -> None:
    shown = viewer(write_apstar(tmp_path / "star.fits", n_visits=3))
    name = shown.star.visits[1].name
    shown.inspected = name
    assert shown.result.spectrum_name == name
    assert name in shown.shown


@pytest.mark.parametrize(
    ("choice", "value", "says"),
    [("elements", ["Xx"], "Mg"), ("inspected", "visit 9", "coadd"), ("shown", ["coadd", "nothing"], "coadd")],
)
def test_a_choice_that_there_is_not_is_refused_with_those_there_are(choice: str, value: Any, says: str) -> None:
    shown = viewer()
    before = getattr(shown, choice)
    with pytest.raises(SettingsError, match=says):
        setattr(shown, choice, value)
    assert getattr(shown, choice) == before
    with pytest.raises(SettingsError, match=says):
        viewer(**{choice: value})


def test_a_setting_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingsError, match="mc_numb"):
        viewer(mc_numb=3)


def test_what_is_read_cannot_be_set() -> None:
    shown = viewer()
    for name in READINGS:
        with pytest.raises((TypeError, ValueError), match=name):
            setattr(shown, name, object())


def test_stars_are_given_in_any_form(tmp_path: Path) -> None:
    star = inspector.read_star(STAR)
    bad = tmp_path / "bad.fits"
    bad.write_bytes(b"no star")
    assert viewer(star).star is star
    assert viewer(str(STAR)).star.id == star.id
    several = viewer([bad, star, STAR])
    assert several.star is star
    assert "cannot be read" in str([part.options for part in options(several)])
    assert viewer(STARS).star.id in {inspector.read_star(path).id for path in STARS.glob("*.fits")}


def options(shown: inspector.Inspector) -> list[Any]:
    """The list of stars of a viewer."""
    choices = shown.__panel__().select(lambda part: getattr(part, "label", "") == "Star")
    assert len(choices) == 1
    return choices


def test_the_next_star_of_several_is_shown() -> None:
    shown = viewer([STAR, next(path for path in STARS.glob("*.fits") if path != STAR)], seed=2)
    [choice] = options(shown)
    choice.value = choice.options[1][0]
    assert shown.star.id != inspector.read_star(STAR).id
    assert shown.result.seed == 2


def test_what_is_no_star_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.fits"
    bad.write_bytes(b"no star")
    with pytest.raises(FileError, match=r"bad\.fits"):
        viewer(bad)
    with pytest.raises(FileError, match="absent"):
        viewer(tmp_path / "absent.fits")
    for nothing in ([], 3.5, [None]):
        with pytest.raises((InspectorError, TypeError)):
            viewer(nothing)


@in_loop
async def test_a_notebook_waits_for_all_draws() -> None:
    shown = viewer(mc_num=40)
    assert shown.running
    assert shown.result is None
    result = await shown.answer()
    assert result is shown.result
    assert result.mc_num == 40
    assert await shown.answer() is result


def test_it_stands_in_one_place_at_a_time() -> None:
    shown = viewer()
    first, second = shown.__panel__(), pn.Row(shown)
    assert "shown again" in texts(first)
    assert not first.select(pn.pane.Bokeh)
    assert len(second.select(pn.pane.Bokeh)) >= 3


def test_it_takes_no_keys_and_leaves_panel_as_it_is() -> None:
    before = dict(pn.config.param.values()), len(pn.config.raw_css), pn.state.curdoc
    shown = pn.Row(viewer())
    assert (dict(pn.config.param.values()), len(pn.config.raw_css), pn.state.curdoc) == before
    assert not shown.select(Keys)


def test_panel_says_whether_its_extension_is_loaded_where_it_did() -> None:
    assert isinstance(pn.extension._loaded, bool)
    assert "_loaded" in pn.viewable.Viewable._repr_mimebundle_.__code__.co_names  # what is asked, Panel asks too


def test_one_part_carries_the_script_of_all_material_where_no_server_hands_it_out() -> None:
    shown = viewer()
    document = Document()
    shown.__panel__().get_root(document)
    models = [made for part in shown._parts.select(MaterialComponent) for made, _ in part._models.values()]
    assert len(models) > 10
    assert [bool(model.esm) for model in models] == [True] + [False] * (len(models) - 1)


def test_new_words_take_no_style_sheet_with_them() -> None:
    pane = Html("before")
    model = pane.get_root(Document())
    sheets = model.stylesheets
    pane.object = "<b>after</b>"
    assert model.stylesheets is sheets
    assert "after" in model.text


def test_importing_the_library_still_costs_nothing() -> None:
    loaded = "import sys, inspector; inspector.Inspector; print('panel' in sys.modules)"
    cheap = "import sys, inspector; print('panel' in sys.modules)"
    for code, panel in ((cheap, "False"), (loaded, "True")):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        assert done.stdout.strip() == panel


def test_every_choice_and_reading_is_documented() -> None:
    for name in (*CHOICES, *READINGS):
        assert name in (inspector.Inspector.__doc__ or ""), name
