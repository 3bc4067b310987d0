"""mc_num, seed and dropout rate: bounds and defaults are stated once, and every door keeps them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import param
import pytest
from makers import write_apstar
from random_network import random_network

import inspector
from inspector.cli import main, parser
from inspector.exceptions import SettingsError
from inspector.pipeline.batch import BatchSettings
from inspector.science.settings import MC_NUM, RATE, SEED, Settings
from inspector.service.inference import Inference
from inspector.service.services import Services
from inspector.web.link import read_query
from inspector.web.live_network import Live
from inspector.web.page_tasks import PageTasks, at_once
from inspector.web.panels.network_controls import STEPS, Controls
from inspector.web.server.command import add_arguments
from inspector.web.server.server import make_services, serve
from inspector.web.state import InspectorState

SOURCE = Path(inspector.__file__).parent

INSIDE = [
    *[(MC_NUM, value) for value in (2, 10_000)],
    *[(SEED, value) for value in (0, 2**53 - 1)],
    *[(RATE, value) for value in (0.0, 0.95)],
]
OUTSIDE = [
    *[(MC_NUM, value) for value in (1, 10_001, -2)],
    *[(SEED, value) for value in (-1, 2**53, 2**63)],
    *[(RATE, value) for value in (-0.01, 0.951, float("nan"))],
]


def by_library(bounds, value):
    """What `sample` says of a setting, before it draws."""
    flux = np.linspace(0.9, 1.1, 7514)
    return inspector.sample_growing(random_network(), flux, **{bounds.name: value})


def by_page(bounds, value):
    """What the page says of a setting typed in: its sentence, or the state's new value."""
    state = InspectorState()
    fields = {MC_NUM: Controls._take_number, SEED: Controls._take_seed, RATE: Controls._take_rate}
    fields[bounds](Controls(state, lambda: None), str(value))
    if state.message.text:
        raise SettingsError(state.message.text)
    return getattr(state, bounds.name)


def by_link(bounds, value):
    """What a link's setting becomes."""
    choices = read_query(urlencode({bounds.name: value}))
    if choices.problems:
        raise SettingsError(*choices.problems)
    return choices.values[bounds.name]


def by_batch(bounds, value):
    """What a run is asked with."""
    return getattr(BatchSettings(**{bounds.name: value}), bounds.name)


DOORS = [by_library, by_page, by_link, by_batch]


@pytest.mark.parametrize(("bounds", "value"), INSIDE, ids=str)
def test_every_door_takes_the_edges(bounds, value):
    for door in DOORS[1:]:
        assert door(bounds, value) == value, door
    assert by_library(bounds, value) is not None
    assert getattr(Settings(**{bounds.name: value}), bounds.name) == value
    InspectorState(**{bounds.name: value})


@pytest.mark.parametrize(("bounds", "value"), OUTSIDE, ids=str)
def test_every_door_refuses_what_lies_beyond_in_the_same_words(bounds, value):
    with pytest.raises(SettingsError) as refused:
        Settings(**{bounds.name: value})
    for door in DOORS:
        with pytest.raises(SettingsError) as caught:
            door(bounds, value)
        assert str(caught.value).endswith(str(refused.value)), door
    if value == value:  # param lets NaN through, so no door may hand it one
        with pytest.raises(ValueError, match=bounds.name):
            InspectorState(**{bounds.name: value})


def test_the_commands_refuse_it_in_the_same_words(tmp_path, capsys):
    star = str(write_apstar(tmp_path / "star.fits", n_visits=1))
    with pytest.raises(SettingsError) as refused:
        Settings(seed=2**53)
    assert main(["batch", star, "-o", str(tmp_path / "out.csv"), "--seed", str(2**53), "--serial"]) == 2
    assert str(refused.value) in capsys.readouterr().err
    with pytest.raises(SettingsError, match=re.escape("mc_num is 10001; it must be a whole number from 2 to 10000.")):
        make_services([star], mc_num=10_001)


@pytest.mark.parametrize("text", ["", "1e3", "2.5", "x", "١٠٠", "1_000", "9" * 5000])
def test_what_is_no_whole_number_is_no_mc_num(text):
    with pytest.raises(SettingsError) as caught:
        MC_NUM.read(text)
    assert "it must be a whole number from 2 to 10000" in str(caught.value) and len(str(caught.value)) < 130


@pytest.mark.parametrize("value", [True, "100", None, 2.5])
def test_what_is_no_number_is_no_mc_num(value):
    with pytest.raises(SettingsError):
        Settings(mc_num=value)


def test_defaults_are_the_same_wherever_there_is_one():
    for function in (inspector.analyze, inspector.sample, inspector.sample_growing, make_services, serve):
        for name, given in inspect.signature(function).parameters.items():
            if name in ("mc_num", "seed", "dropout_rate"):
                assert given.default == getattr(Settings, name), (function, name)
    assert Settings() == Settings(**{name: InspectorState.param[name].default for name in vars(Settings())})
    assert Services().mc_num == Settings.mc_num
    given = parser().parse_args(["batch", "a.fits", "-o", "b.csv"])
    assert (given.mc_num, given.seed) == (Settings.mc_num, Settings.seed)
    assert parser().parse_args(["serve"]).mc_num == Settings.mc_num
    assert add_arguments.__module__ == "inspector.web.server.command"  # launch.py's options are these


def test_no_other_file_states_a_bound_or_a_default():
    stated = re.compile(
        r"2\s*\*\*\s*53\s*-\s*1|<=?\s*0?\.95\b|\b(mc_num|seed|dropout_rate)\b(\s*:[^=\n]*)?\s*=\s*[\d.]+"
    )
    for file in SOURCE.rglob("*.py"):
        if file != SOURCE / "science" / "settings.py" and "_bundled" not in file.parts:
            assert not stated.search(file.read_text(encoding="utf-8")), file


def test_the_slider_ends_where_the_bounds_do():
    assert (STEPS[0], STEPS[-1]) == MC_NUM.pair
    assert isinstance(InspectorState.param["mc_num"], param.Integer)


def test_new_draws_at_the_last_seed_begin_again_at_the_first():
    state = InspectorState(seed=SEED.high - 1)
    live = Live(state, Inference(), PageTasks(state, at_once))
    live.redraw()
    assert state.seed == SEED.high
    live.redraw()
    assert state.seed == 0
