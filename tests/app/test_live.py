"""The live network: what is asked, drawn, kept, cancelled; by a session's thread that the test plays."""

from __future__ import annotations

import gc
import queue
import threading
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from makers import write_apstar
from random_network import random_network

from inspector.app.commons import Commons
from inspector.app.controls import progress_html
from inspector.app.live import Live
from inspector.app.shelf import Shelf
from inspector.app.state import InspectorState
from inspector.app.turns import Turns
from inspector.files.spectra.star_file import read_star
from inspector.pipeline.analyze import analyze
from inspector.science.noise_model import NoiseModel
from inspector.science.star import Star


class Player:
    """A session without a browser: what is delivered waits until the test lets it in."""

    def __init__(self, commons: Commons) -> None:
        self.inbox: queue.Queue = queue.Queue()
        self.state = InspectorState(network=commons.network, noise_model=commons.noise_model)
        self.live = Live(self.state, commons, self.inbox.put)

    def until(self, condition) -> None:
        while not condition():
            self.inbox.get(timeout=30)()


@pytest.fixture(scope="module")
def commons() -> Iterator[Commons]:
    commons = Commons(Shelf([]), network=random_network(), noise_model=NoiseModel.identity())
    yield commons
    commons.turns.close()


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory) -> Star:
    return read_star(write_apstar(tmp_path_factory.mktemp("live") / "star.fits", n_visits=2))


@pytest.fixture
def player(commons: Commons) -> Iterator[Player]:
    player = Player(commons)
    yield player
    player.live.close()


def settled(player: Player) -> bool:
    return player.state.result is not None and not player.state.running


def test_the_page_and_the_command_give_the_same_numbers(player: Player, star: Star, commons: Commons) -> None:
    player.state.show_star("star", star)
    player.until(lambda: settled(player))
    expected = analyze(star.coadd, commons.network, commons.noise_model, mc_num=100)
    np.testing.assert_array_equal(player.state.result.posterior.draws, expected.posterior.draws)
    assert player.state.result.seed == expected.seed


def test_more_draws_are_added_and_fewer_only_hide(player: Player, star: Star) -> None:
    player.state.param.update(seed=1)
    player.state.show_star("star", star)
    player.until(lambda: settled(player))
    first = player.state.result.posterior.draws
    player.state.mc_num = 175
    player.until(lambda: settled(player))
    assert player.state.progress == (175, 175)
    np.testing.assert_array_equal(player.state.result.posterior.draws[:100], first)
    player.state.mc_num = 30
    assert not player.state.running
    np.testing.assert_array_equal(player.state.result.posterior.draws, first[:30])


def test_draws_of_one_session_serve_the_next(commons: Commons, star: Star, player: Player) -> None:
    player.state.seed = 2
    player.state.show_star("star", star)
    player.until(lambda: settled(player))
    other = Player(commons)
    other.state.seed = 2
    other.state.show_star("star", star)
    assert settled(other)
    other.live.close()


def test_the_newest_question_wins(player: Player, star: Star) -> None:
    player.state.param.update(seed=3, mc_num=5000)
    player.state.show_star("star", star)
    player.state.param.update(seed=4, mc_num=60)
    player.until(lambda: settled(player))
    assert (player.state.result.seed, player.state.result.mc_num) == (4, 60)
    while not player.inbox.empty():
        player.inbox.get()()
    assert player.state.result.seed == 4


def test_a_run_that_is_stopped_keeps_its_draws_and_goes_on_with_the_rest(player: Player, star: Star) -> None:
    state = player.state
    state.param.update(seed=7, mc_num=5000)
    state.show_star("star", star)
    player.until(lambda: state.result is not None)
    player.live.stop()
    done, total = state.progress
    assert not state.running and 0 < done < total == 5000
    while not player.inbox.empty():
        player.inbox.get()()
    assert state.progress == (done, total)  # what was on its way is not shown
    first = state.result.posterior.draws
    assert "stopped at" in progress_html(state)
    player.live.go_on()
    assert state.running and "stopped" not in progress_html(state)
    player.until(lambda: state.progress[0] > done)
    np.testing.assert_array_equal(state.result.posterior.draws[:done], first)


def test_a_long_run_does_not_stall_a_short_one(commons: Commons, star: Star) -> None:
    long, short = Player(commons), Player(commons)
    long.state.param.update(seed=5, mc_num=5000)
    long.state.show_star("star", star)
    short.state.param.update(seed=6, mc_num=100)
    short.state.show_star("star", star)
    short.until(lambda: settled(short))
    while not long.inbox.empty():
        long.inbox.get()()
    assert long.state.running
    for player in (long, short):
        player.live.close()


def test_every_visit_is_answered_in_the_background(player: Player, star: Star) -> None:
    player.state.show_star("star", star)
    player.until(lambda: len(player.state.visit_results) == 3)
    assert set(player.state.visit_results) == set(player.state.spectrum_names)


def test_the_visits_have_the_settings_and_the_numbers_of_the_page(player: Player, star: Star) -> None:
    player.state.param.update(seed=None, mc_num=70)
    player.state.show_star("star", star)
    names = player.state.spectrum_names
    for settings in ({}, {"mc_num": 120}, {"seed": 12}, {"dropout_rate": 0.5}):
        player.state.param.update(**settings)
        player.until(lambda: settled(player) and len(player.state.visit_results) == len(names))
        answers = player.state.visit_results
        assert {answer.mc_num for answer in answers.values()} == {player.state.mc_num}
        for name in names:
            player.state.inspected = name
            player.until(lambda: settled(player))
            np.testing.assert_array_equal(player.state.result.value, answers[name].value)
            np.testing.assert_array_equal(player.state.result.error, answers[name].error)
            assert player.state.result.flags == answers[name].flags
            assert player.state.result.seed == answers[name].seed
        assert player.state.visit_results is answers  # another spectrum on screen asks for nothing anew


def test_a_dead_spectrum_says_why(player: Player, star: Star) -> None:
    from dataclasses import replace

    dead = replace(star.coadd, flux=np.zeros_like(star.coadd.flux))
    player.state.show_star("dead", replace(star, coadd=dead))
    player.until(lambda: settled(player))
    assert "only zeros" in player.state.result.reason
    assert player.state.result.posterior is None


def test_new_draws_are_other_draws(player: Player, star: Star) -> None:
    player.state.show_star("star", star)
    player.until(lambda: settled(player))
    before = player.state.result
    player.live.redraw()
    player.until(lambda: settled(player) and player.state.result is not before)
    assert player.state.result.seed == before.seed + 1
    assert not np.array_equal(player.state.result.posterior.draws, before.posterior.draws)


def test_a_failure_becomes_a_sentence(
    player: Player, star: Star, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("inspector.app.question.Question.answer", fail)
    player.state.seed = 11
    player.state.show_star("star", star)
    player.until(lambda: player.state.message.severity == "error")
    assert "RuntimeError" in player.state.message.text
    assert "boom" in caplog.text
    assert not player.state.running


def test_a_closed_session_is_freed(commons: Commons, star: Star) -> None:
    player = Player(commons)
    player.state.param.update(seed=8, mc_num=5000)
    player.state.show_star("star", star)
    while player.state.result is None:  # no closure: it would outlive the session
        player.inbox.get(timeout=30)()
    gone = weakref.ref(player.state)
    player.live.close()
    del player
    _turn_over(commons)
    gc.collect()
    assert gone() is None


def _turn_over(commons: Commons) -> None:
    """Wait until the pool has dealt with everything queued so far: two jobs meet in its two threads."""
    meet = threading.Barrier(3)

    def turns() -> Iterator[None]:
        meet.wait(timeout=30)
        yield

    for _ in range(2):
        commons.turns.add(turns(), lambda error: None, background=True)
    meet.wait(timeout=30)


class TestTurns:
    def test_whoever_was_served_least_goes_next(self) -> None:
        order: list[str] = []
        begin, done = threading.Event(), threading.Event()

        def job(name: str, turns: int) -> Iterator[None]:
            begin.wait(30)
            for _ in range(turns):
                order.append(name)
                yield
            if name == "long":
                done.set()

        pool = Turns(threads=1)
        pool.add(job("long", 6), order.append)
        pool.add(job("late", 2), order.append)
        pool.add(job("behind", 1), order.append, background=True)
        begin.set()
        assert done.wait(30)
        pool.close()
        assert order[:5] == ["long", "late", "long", "late", "long"]
        assert "behind" not in order[:8]

    def test_nothing_is_done_in_the_background_while_someone_waits(self) -> None:
        begin, done, under_way, met = threading.Event(), threading.Event(), threading.Event(), []

        def waited_for() -> Iterator[None]:
            for _ in range(20):
                under_way.set()
                sum(range(50_000))  # a turn, in which the other thread could begin something
                under_way.clear()
                yield

        def behind() -> Iterator[None]:
            begin.wait(30)
            for _ in range(3):
                met.append(under_way.is_set())
                yield
            done.set()

        pool = Turns(threads=2)
        pool.add(waited_for(), lambda error: None)
        pool.add(behind(), lambda error: None, background=True)
        begin.set()
        assert done.wait(30)
        pool.close()
        assert met == [False] * 3

    def test_a_job_that_fails_spares_the_others(self) -> None:
        failed, fine = threading.Event(), threading.Event()

        def bad() -> Iterator[None]:
            raise ValueError
            yield

        def good() -> Iterator[None]:
            fine.set()
            yield

        pool = Turns(threads=1)
        pool.add(bad(), lambda error: failed.set())
        pool.add(good(), lambda error: None)
        assert failed.wait(30) and fine.wait(30)
        pool.close()
