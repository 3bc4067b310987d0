"""The live network: what is asked, drawn, kept, cancelled."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from made_services import in_loop, until
from makers import write_apstar
from random_network import random_network

from inspector.files.spectra.star_file import read_star
from inspector.pipeline.analyze import analyze
from inspector.science.network import Network
from inspector.science.star import Star
from inspector.service.inference import Inference
from inspector.web.live_network import Live
from inspector.web.page_tasks import PageTasks, at_once
from inspector.web.panels.network_controls import progress_html
from inspector.web.state import InspectorState


class Player:
    """A page without a browser."""

    def __init__(self, inference: Inference, network: Network, **settings: object) -> None:
        self.state = InspectorState(network=network, **settings)
        self.tasks = PageTasks(self.state, at_once)
        self.live = Live(self.state, inference, self.tasks)

    @property
    def settled(self) -> bool:
        return self.state.result is not None and not self.state.running

    def close(self) -> None:
        self.live.close()
        self.tasks.close()


@pytest.fixture(scope="module")
def network() -> Network:
    return random_network()


@pytest.fixture
def inference() -> Iterator[Inference]:
    made = Inference()
    yield made
    made.close()


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory) -> Star:
    return read_star(write_apstar(tmp_path_factory.mktemp("live") / "star.fits", n_visits=2))


@pytest.fixture
def player(inference: Inference, network: Network) -> Iterator[Player]:
    player = Player(inference, network)
    yield player
    player.close()


@in_loop
async def test_the_page_and_the_command_give_the_same_numbers(player: Player, star: Star, network: Network) -> None:
    player.state.show_star("star", star)
    await until(lambda: player.settled)
    expected = analyze(star.coadd, network, mc_num=100)
    np.testing.assert_array_equal(player.state.result.posterior.draws, expected.posterior.draws)
    assert player.state.result.seed == expected.seed


@in_loop
async def test_more_draws_are_added_and_fewer_only_hide(player: Player, star: Star) -> None:
    player.state.seed = 1
    player.state.show_star("", star)
    await until(lambda: player.settled)
    first = player.state.result.posterior.draws
    player.state.mc_num = 175
    await until(lambda: player.settled)
    assert player.state.progress == (175, 175)
    np.testing.assert_array_equal(player.state.result.posterior.draws[:100], first)
    player.state.mc_num = 30
    assert not player.state.running
    np.testing.assert_array_equal(player.state.result.posterior.draws, first[:30])


@in_loop
async def test_draws_of_one_session_serve_the_next(
    inference: Inference, network: Network, star: Star, player: Player
) -> None:
    player.state.show_star("star", star)
    await until(lambda: player.settled)
    other = Player(inference, network)
    other.state.show_star("star", star)
    assert other.settled
    other.close()


@in_loop
async def test_the_newest_question_wins(player: Player, star: Star) -> None:
    seen: list[int] = []
    player.state.param.watch(lambda event: event.new is not None and seen.append(event.new.seed), "result")
    player.state.param.update(seed=3, mc_num=5000)
    player.state.show_star("", star)
    await until(lambda: player.state.result is not None)
    player.state.param.update(seed=4, mc_num=60)
    count = len(seen)
    await until(lambda: player.settled)
    await until(lambda: len(player.state.visit_results) == 3)
    assert (player.state.result.seed, player.state.result.mc_num) == (4, 60)
    assert set(seen[count:]) == {4}


@in_loop
async def test_a_run_that_is_stopped_keeps_its_draws_and_goes_on_with_the_rest(player: Player, star: Star) -> None:
    state = player.state
    state.param.update(seed=7, mc_num=5000)
    state.show_star("", star)
    await until(lambda: state.result is not None)
    player.live.stop()
    done, total = state.progress
    assert not state.running and 0 < done < total == 5000
    for _ in range(20):
        await asyncio.sleep(0.002)
    assert state.progress == (done, total)  # what was on its way is not shown
    first = state.result.posterior.draws
    assert "stopped at" in progress_html(state)
    player.live.go_on()
    assert state.running and "stopped" not in progress_html(state)
    await until(lambda: state.progress[0] > done)
    np.testing.assert_array_equal(state.result.posterior.draws[:done], first)


@in_loop
async def test_a_long_run_does_not_stall_a_short_one(inference: Inference, network: Network, star: Star) -> None:
    long, short = Player(inference, network), Player(inference, network)
    long.state.param.update(mc_num=5000)
    long.state.show_star("star", star)
    short.state.param.update(seed=6, mc_num=100)
    short.state.show_star("", star)
    await until(lambda: short.settled)
    assert long.state.running
    long.close()
    short.close()


@in_loop
async def test_every_visit_is_answered_in_the_background(player: Player, star: Star) -> None:
    player.state.show_star("star", star)
    await until(lambda: len(player.state.visit_results) == 3)
    assert set(player.state.visit_results) == set(player.state.spectrum_names)


@in_loop
async def test_the_visits_have_the_settings_and_the_numbers_of_the_page(player: Player, star: Star) -> None:
    player.state.param.update(seed=None, mc_num=70)
    player.state.show_star("star", star)
    names = player.state.spectrum_names
    for settings in ({}, {"mc_num": 120}, {"seed": 12}, {"dropout_rate": 0.5}):
        player.state.param.update(**settings)
        await until(lambda: player.settled and len(player.state.visit_results) == len(names))
        answers = player.state.visit_results
        assert {answer.mc_num for answer in answers.values()} == {player.state.mc_num}
        for name in names:
            player.state.inspected = name
            await until(lambda: player.settled)
            np.testing.assert_array_equal(player.state.result.value, answers[name].value)
            np.testing.assert_array_equal(player.state.result.error, answers[name].error)
            assert player.state.result.flags == answers[name].flags
            assert player.state.result.seed == answers[name].seed
        assert player.state.visit_results is answers  # another spectrum on screen asks for nothing anew


@in_loop
async def test_a_dead_spectrum_says_why(player: Player, star: Star) -> None:
    dead = replace(star.coadd, flux=np.zeros_like(star.coadd.flux))
    player.state.show_star("dead", replace(star, coadd=dead))
    await until(lambda: player.settled)
    assert "only zeros" in player.state.result.reason
    assert player.state.result.posterior is None


@in_loop
async def test_new_draws_are_other_draws(player: Player, star: Star) -> None:
    player.state.show_star("star", star)
    await until(lambda: player.settled)
    before = player.state.result
    player.live.redraw()
    await until(lambda: player.settled and player.state.result is not before)
    assert player.state.result.seed == before.seed + 1
    assert not np.array_equal(player.state.result.posterior.draws, before.posterior.draws)


@in_loop
async def test_a_failure_becomes_a_sentence(
    player: Player, star: Star, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("inspector.service.question.Question.answer", fail)
    player.state.show_star("star", star)
    await until(lambda: player.state.message.severity == "error")
    assert "RuntimeError" in player.state.message.text
    assert "boom" in caplog.text
    assert not player.state.running


def test_without_a_loop_all_is_done_at_once(player: Player, star: Star) -> None:
    player.state.show_star("star", star)
    assert player.settled
    assert set(player.state.visit_results) == set(player.state.spectrum_names)


def test_a_closed_page_is_freed(inference: Inference, network: Network, star: Star) -> None:
    async def look_and_leave() -> weakref.ref[InspectorState]:
        player = Player(inference, network, seed=8, mc_num=5000)
        player.state.show_star("", star)
        while player.state.result is None:
            await asyncio.sleep(0.002)
        player.close()
        return weakref.ref(player.state)

    gone = asyncio.run(look_and_leave())
    inference._threads.submit(int).result()  # the block that was under way
    gc.collect()
    assert gone() is None
