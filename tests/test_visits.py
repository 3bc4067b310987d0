"""Which visit is odd: the pull against its formula, and its Monte Carlo error against the scatter of many runs."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from inspector.pipeline.prepare import Subject
from inspector.pipeline.result import Result, judge
from inspector.pipeline.visit_comparison import compare_visits
from inspector.science.labels import LABELS
from inspector.science.monte_carlo_error import FEWEST, influence
from inspector.science.noise_model import NoiseModel
from inspector.science.posterior import Posterior
from inspector.science.visits import ODD, Measured, Pull, farthest, visit_pulls
from inspector.science.weights_card import WeightsCard

CENTRES = (0.10, 0.12, 0.08, 0.45)


def visits(seed: int, mc_num: int = 100, common: bool = False) -> dict[str, Measured]:
    """Four visits, the last one off; with `common`, their draws share their random numbers."""
    made = {}
    for i, centre in enumerate(CENTRES):
        noise = np.random.default_rng(seed if common else 1000 * seed + i).normal(size=(mc_num, len(LABELS)))
        posterior = Posterior(centre + 0.03 * noise, np.full(noise.shape, 2 * np.log(0.08)), np.ones(22), seed, 0.3)
        value, error = float(posterior.value[0]), float(posterior.total_error[0])
        made[f"visit {i}"] = Measured(value, error, influence(posterior, 0), seed if common else i)
    return made


def test_the_pull_is_the_distance_to_the_others_in_errors() -> None:
    measured = visits(0)
    others = [measured[f"visit {i}"] for i in range(3)]
    weight = np.array([visit.error**-2 for visit in others])
    mean = np.average([visit.value for visit in others], weights=weight)
    last = measured["visit 3"]
    pulls = visit_pulls(measured)
    assert pulls["visit 3"].pull == pytest.approx((last.value - mean) / np.sqrt(last.error**2 + 1 / weight.sum()))
    assert farthest(pulls) == "visit 3"


@pytest.mark.parametrize("common", [False, True])
def test_its_monte_carlo_error_is_the_scatter_of_many_runs(common: bool) -> None:
    found = [visit_pulls(visits(seed, common=common)) for seed in range(400)]
    for name in found[0]:
        told = np.mean([pulls[name].mc_error for pulls in found])
        assert told == pytest.approx(np.std([pulls[name].pull for pulls in found]), rel=0.15)


def test_odd_is_said_only_of_what_stands_clear_of_the_threshold() -> None:
    assert [Pull(sign * ODD + 0.7, 0.2).verdict for sign in (1, -1)] == ["odd", "agrees"]
    assert Pull(-ODD - 0.7, 0.2).verdict == "odd"
    assert Pull(3.7, 0.4).verdict == Pull(2.6, 0.3).verdict == Pull(50.0, np.inf).verdict == "open"


def test_two_visits_or_a_few_draws_tell_nothing() -> None:
    two = dict(list(visits(0).items())[:2])
    assert visit_pulls(two) == {}
    assert {pull.verdict for pull in visit_pulls(visits(0, mc_num=FEWEST - 1)).values()} == {"open"}


@pytest.mark.parametrize(("value", "error"), [(np.nan, 0.1), (1e25, 0.1), (0.1, 1e25), (0.1, 0.0), (np.inf, np.nan)])
def test_a_visit_without_a_usable_number_is_left_out(value: float, error: float) -> None:
    measured = visits(0)
    broken = Measured(value, error, measured["visit 0"].influence, "broken")
    assert visit_pulls({**measured, "broken": broken}) == visit_pulls(measured)


def analyzed(centre: float, seed: int, scale: float = 1.1, offset: float = 0.01) -> Result:
    """A result of draws about `centre`, its errors corrected with that scale and offset."""
    draws = centre + 0.03 * np.random.default_rng(seed).normal(size=(100, len(LABELS)))
    posterior = Posterior(draws, np.full(draws.shape, 2 * np.log(0.08)), np.ones(22), seed, 0.3)
    noise = NoiseModel(np.full(22, scale), np.full(22, offset), "made")
    network = SimpleNamespace(card=WeightsCard("made", "0" * 64, "none"))
    return judge(Subject("star", "file", f"visit {seed}"), posterior, network, noise)


def test_results_of_visits_are_compared_by_the_errors_the_page_shows() -> None:
    results = {f"visit {i}": analyzed(centre, i) for i, centre in enumerate(CENTRES)}
    pulls = compare_visits(results, 0)
    value = np.array([result.value[0] for result in results.values()])
    error = np.array([1.1 * result.raw_error[0] + 0.01 for result in results.values()])
    weight = error[:3] ** -2
    mean = np.average(value[:3], weights=weight)
    assert pulls["visit 3"].pull == pytest.approx((value[3] - mean) / np.sqrt(error[3] ** 2 + 1 / weight.sum()))
    assert farthest(pulls) == "visit 3"


def test_a_label_the_noise_model_leaves_out_is_compared_by_its_raw_error() -> None:
    raw = {f"visit {i}": analyzed(centre, i, 1.0, 0.0) for i, centre in enumerate(CENTRES)}
    left_out = {f"visit {i}": analyzed(centre, i, np.nan, np.nan) for i, centre in enumerate(CENTRES)}
    assert compare_visits(left_out, 0) == compare_visits(raw, 0) != {}


def test_a_visit_without_a_result_is_not_compared() -> None:
    results = {f"visit {i}": analyzed(centre, i) for i, centre in enumerate(CENTRES)}
    failed = replace(results["visit 0"], posterior=None)
    assert compare_visits({**results, "failed": failed}, 0) == compare_visits(results, 0)
    assert compare_visits({"visit 0": results["visit 0"], "visit 1": results["visit 1"]}, 0) == {}
