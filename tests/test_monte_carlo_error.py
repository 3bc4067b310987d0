"""The Monte Carlo error of judged numbers, against the scatter of many runs; and the flags it leaves undecided."""

from __future__ import annotations

import makers
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_network import random_network

import inspector
from inspector.pipeline.result import Result
from inspector.science.flag_rules import JUDGED, UNCERTAIN
from inspector.science.flags import check_flags, no_result_flags
from inspector.science.labels import FE_H, LABELS, LOGG, TEFF
from inspector.science.monte_carlo_error import CLEAR, FEWEST, influence, monte_carlo_error
from inspector.science.posterior import Posterior
from inspector.science.settings import MC_NUM


def drawn(mc_num: int, seed: int, value: float = 0.5, spread: float = 0.03, predictive: float = 0.05) -> Posterior:
    """All labels alike: normal draws, and a predictive error that is larger where a draw is far off."""
    noise = np.random.default_rng(seed).normal(size=(mc_num, len(LABELS)))
    log_variance = 2 * np.log(predictive) + 0.3 * np.abs(noise)
    return Posterior(value + spread * noise, log_variance, np.ones(len(LABELS)), seed, 0.3)


@pytest.mark.parametrize("mc_num", [20, 100, 500])
def test_the_monte_carlo_error_is_the_scatter_of_many_runs(mc_num: int) -> None:
    runs = [drawn(mc_num, seed) for seed in range(60)]  # of 22 labels that know nothing of each other
    errors, shares, told, told_share = ([] for _ in range(4))
    for run in runs:
        for label in range(len(LABELS)):
            draws, value, error = influence(run, label, 2.0), run.value[label], 2 * run.total_error[label]
            errors.append(error)
            shares.append(error / value)
            told.append(monte_carlo_error(draws.error))
            told_share.append(monte_carlo_error((draws.error - error / value * draws.value) / value))
    assert np.mean(told) == pytest.approx(np.std(errors), rel=0.08)
    assert np.mean(told_share) == pytest.approx(np.std(shares), rel=0.08)


def test_it_is_the_scatter_of_real_draws_too(tmp_path) -> None:
    star = inspector.read_star(makers.write_apstar(tmp_path / "star.fits", n_visits=1))
    whole = inspector.sample(random_network(), inspector.normalize(star.coadd).flux, mc_num=3000, seed=3)
    parts = [
        Posterior(whole.draws[i : i + 50], whole.log_variance[i : i + 50], whole.labels_std, 3, whole.dropout_rate)
        for i in range(0, 3000, 50)
    ]
    for label in JUDGED:
        told = np.mean([monte_carlo_error(influence(part, label).error) for part in parts])
        assert told == pytest.approx(np.std([part.total_error[label] for part in parts]), rel=0.35)


def test_too_few_draws_leave_everything_open() -> None:
    few = drawn(FEWEST - 1, 0)
    assert monte_carlo_error(influence(few, LOGG).error) == np.inf
    assert judged(few).flags_undecided == 0b111


def judged(posterior: Posterior):
    draws = {label: influence(posterior, label) for label in JUDGED}
    return check_flags(posterior.value, posterior.total_error, draws)


def at_threshold(mc_num: int, seed: int) -> Posterior:
    """[Fe/H] whose error is 0.12 of it, Teff far below its threshold, log g far below both."""
    error = np.hypot(0.03, 0.05 * np.exp(0.15 * np.sqrt(2 / np.pi)))  # what `drawn` makes, many draws
    return drawn(mc_num, seed, value=error / 0.12)


@pytest.mark.parametrize("mc_num", [50, 200, 1000])
def test_a_flag_that_flips_from_seed_to_seed_is_undecided_in_nearly_every_run(mc_num: int) -> None:
    checks = [judged(at_threshold(mc_num, seed))["flag_uncertain_fe_h"] for seed in range(60)]
    assert 10 < sum(check.is_set for check in checks) < 50
    assert sum(check.undecided for check in checks) >= 58


def test_a_clear_flag_is_decided() -> None:
    report = judged(drawn(100, 0, value=5.0))
    assert report.result_flags == report.flags_undecided == 0 and report.next_mc_num(100) is None
    far = judged(drawn(100, 0, value=0.001))  # the share is of a value that may be zero: large, and clearly so
    check = far["flag_uncertain_fe_h"]
    assert check.is_set and not check.undecided and check.checks[0].margin_text == "far above the threshold"


def judged_logg(value: float, error: float, clearances: tuple[float, float]):
    """log g with numbers that stand so many Monte Carlo errors above their two thresholds."""
    report = check_flags(np.full(len(LABELS), value), np.full(len(LABELS), error))
    check = report["flag_uncertain_logg"]
    parts = tuple(type(c)(c.condition, c.number, 0.01, at) for c, at in zip(check.checks, clearances))
    return type(check)(check.flag, parts)


@pytest.mark.parametrize(
    ("error", "clearances", "is_set", "undecided"),
    [
        (0.21, (1.0, 20.0), True, True),
        (0.19, (-1.0, 20.0), False, True),
        (0.21, (1.0, 1.0), True, True),
        (0.30, (20.0, 20.0), True, False),
        (0.19, (-1.0, -20.0), False, False),  # whatever the first does, the second keeps it from being set
    ],
)
def test_two_conditions_are_undecided_only_where_that_can_turn_the_flag(error, clearances, is_set, undecided) -> None:
    value = 2.0 if clearances[1] > 0 else 4.0
    check = judged_logg(value, error, clearances)
    assert (check.is_set, check.undecided) == (is_set, undecided)


def test_the_text_carries_the_monte_carlo_error() -> None:
    check = judged(at_threshold(100, 1))["flag_uncertain_fe_h"].checks[0]
    number, _, error, times, *_ = check.margin_text.split()
    assert times == "×" and float(error) == pytest.approx(check.mc_error / 0.12, abs=0.006)
    assert abs(float(number) - check.margin) < 0.006 and abs(check.clearance) < CLEAR


def test_more_draws_are_asked_for_up_to_the_end() -> None:
    report = judged(at_threshold(100, 1))
    mc_num, asked = 100, []
    while (mc_num := report.next_mc_num(mc_num)) is not None:
        asked.append(mc_num)
    assert asked[0] >= 200 and asked[-1] == MC_NUM.high and asked == sorted(set(asked))
    assert no_result_flags().flags_undecided == 0 and no_result_flags().next_mc_num(100) is None


def test_draws_as_estimated_decide() -> None:
    decided = 0
    for seed in range(20):
        posterior, mc_num = drawn(100, seed, value=0.57), 100
        while (wanted := judged(posterior).next_mc_num(mc_num)) is not None and wanted <= 3000:
            posterior, mc_num = drawn(wanted, seed, value=0.57), wanted
        decided += not judged(posterior).flags_undecided
    assert decided >= 18


def test_the_row_holds_the_bits(tmp_path) -> None:
    star = inspector.read_star(makers.write_apstar(tmp_path / "star.fits", n_visits=1))
    result: Result = inspector.analyze(star.coadd, random_network(), mc_num=2)
    row = result.row()
    assert row["flags_undecided"] == result.flags.flags_undecided == sum(1 << flag.bit for flag in UNCERTAIN)
    failed = inspector.analyze(type(star.coadd)(**(vars(star.coadd) | {"flux": star.coadd.flux * 0})), random_network())
    assert failed.row()["flags_undecided"] == 0


numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=30))
def test_no_draws_raise_or_warn(pairs: list[tuple[float, float]]) -> None:
    draws, log_variance = np.repeat(np.array(pairs).T[:, :, None], len(LABELS), axis=2)
    posterior = Posterior(draws, log_variance, np.ones(len(LABELS)), 0, 0.3)
    draws_of = {label: influence(posterior, label) for label in (TEFF, LOGG, FE_H)}
    with np.errstate(all="ignore"):
        value, error = posterior.value, posterior.total_error
    report = check_flags(value, error, draws_of)
    assert (report.next_mc_num(len(draws)) is None) == (report.flags_undecided == 0)
    for check in report.checks:
        for one in check.checks:
            assert len(one.text) < 60 and len(one.margin_text) < 70
