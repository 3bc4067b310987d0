"""Draws: the right distribution, and a function of (weights, flux, seed, rate) alone."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import oracle
import pytest
import torch
from random_network import random_network
from torch.nn import functional

import inspector
from inspector.exceptions import Cancelled, SettingsError, SpectrumError
from inspector.science.dropout_sampler import Sampler
from inspector.science.folded_network import fold
from inspector.science.sampling import BLOCK, sample, sample_growing

pytestmark = pytest.mark.usefixtures("no_gradients")


@pytest.fixture
def no_gradients():
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def network():
    return random_network(seed=7)


@pytest.fixture(scope="module")
def flux():
    rng = np.random.default_rng(2)
    return 1 - np.abs(rng.normal(0, 0.08, 7514))


@pytest.fixture(scope="module")
def posterior(network, flux):
    return sample(network, flux, 4000, seed=3)


def loop(network, flux, mc_num, at_once=50):
    """`mc_num` independent forward passes with dropout, some at once: dropout decides for each row by itself."""
    x = torch.from_numpy(flux - network.module.input_mean.numpy()).float()[None, None].expand(at_once, -1, -1)
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(11)
        passes = [network.module(x, lambda hidden: functional.dropout(hidden, 0.3)) for _ in range(mc_num // at_once)]
    return tuple(torch.cat(values).numpy() for values in zip(*passes))


def scaled(network, posterior):
    return (posterior.draws - network.labels_mean) / network.labels_std


@pytest.mark.parametrize(
    "sizes",
    [{}, {"pool": 2, "dense": (40, 20)}, {"filters": (3, 5), "kernel": 5}, {"pool": 8, "kernel": 9, "auxiliary": 4}],
    ids=str,
)
def test_without_dropout_every_draw_is_the_network_itself(sizes, flux):
    network = random_network(seed=5, **sizes)
    value, log_variance = Sampler(network.module, flux, 0.0).block(0, 0)
    x = torch.from_numpy(flux - network.module.input_mean.numpy()).float()[None, None]
    with torch.inference_mode():
        expected, expected_log = network.module(x)
    np.testing.assert_allclose(value, expected.expand(BLOCK, -1), atol=1e-5)
    np.testing.assert_allclose(log_variance, expected_log.expand(BLOCK, -1), atol=1e-5)


def test_without_dropout_it_equals_the_literal_network(network, flux):
    value, log_variance = Sampler(network.module, flux, 0.0).block(0, 0)
    expected, expected_log = oracle.forward(network.module.state_dict(), flux)
    np.testing.assert_allclose(value[0], expected, atol=1e-5)
    np.testing.assert_allclose(log_variance[0], expected_log, atol=1e-5)


def test_each_draw_is_a_pass_of_the_literal_network_with_its_own_masks(network, flux):
    """The masks of one draw, put into the literal network in the order it asks for them, give that draw."""
    sampler = Sampler(network.module, flux, 0.3)
    value, log_variance = sampler.block(4, 1)
    folded = fold(network.module)
    with folded.workspace() as work:
        first, pooled, later = (mask[9].numpy().copy() for mask in sampler._masks(work, 4, 1))
    masks = iter(literal_masks(folded, first, pooled, later))

    def drop(hidden):
        return hidden * next(masks).reshape(hidden.shape) / 0.7

    expected, expected_log = oracle.forward(network.module.state_dict(), flux, drop)
    np.testing.assert_allclose(value[9], expected, atol=1e-4)
    np.testing.assert_allclose(log_variance[9], expected_log, atol=1e-4)


def literal_masks(folded, first, pooled, later):
    """One draw's masks layer by layer, as the literal network meets them."""
    yield first[: folded.n_first].reshape(-1, 2)[3 : 3 + 7514].T  # padding cut, channels first
    yield pooled[:7512]
    yield later[: folded.n_dense]
    branches = {}
    for group in folded.groups:
        n = len(group.labels)
        parts = zip(first[group.keep_first].reshape(n, -1), later[group.keep_second].reshape(n, -1))
        branches |= dict(zip(group.labels.tolist(), parts))
    for label in sorted(branches):
        yield from branches[label]


def test_draws_have_the_distribution_of_independent_passes(network, flux, posterior):
    many, many_log = loop(network, flux, 800)
    for ours, theirs in ((scaled(network, posterior), many), (posterior.log_variance, many_log)):
        error = np.hypot(ours.std(axis=0) / np.sqrt(len(ours)), theirs.std(axis=0) / np.sqrt(len(theirs)))
        assert np.abs((ours.mean(axis=0) - theirs.mean(axis=0)) / error).max() < 4
        np.testing.assert_allclose(ours.std(axis=0), theirs.std(axis=0), rtol=0.1)


def test_neighbouring_draws_are_independent(posterior):
    draws = posterior.draws
    draws = (draws - draws.mean(axis=0)) / draws.std(axis=0)
    for lag in (1, BLOCK):
        assert np.abs((draws[lag:] * draws[:-lag]).mean(axis=0)).max() < 0.08


def test_share_kept_is_the_dropout_rate(network, flux):
    sampler = Sampler(network.module, flux, 0.3)
    with fold(network.module).workspace() as work:
        for mask in sampler._masks(work, 0, 0):
            kept = mask.mean().item()
            assert kept == pytest.approx(0.7, abs=5 * np.sqrt(0.21 / mask.numel()))


def test_first_draws_of_a_long_run_are_the_draws_of_a_short_one(network, flux):
    long = sample(network, flux, 333, seed=1)
    for mc_num in (2, 49, 50, 51, 100, 130):
        short = sample(network, flux, mc_num, seed=1)
        assert np.array_equal(short.draws, long.draws[:mc_num])
        assert np.array_equal(short.log_variance, long.log_variance[:mc_num])
        assert np.array_equal(short.draws, long.first(mc_num).draws)


@pytest.mark.parametrize("start", [2, 50, 77])
def test_a_run_can_be_continued(network, flux, start):
    whole = sample(network, flux, 160, seed=2)
    part = sample(network, flux, start, seed=2)
    assert np.array_equal(sample(network, flux, 160, seed=2, previous=part).draws, whole.draws)


def test_continuing_another_run_is_refused(network, flux):
    part = sample(network, flux, 10, seed=2)
    with pytest.raises(SettingsError, match="same run"):
        sample(network, flux, 20, seed=3, previous=part)


def test_lowering_mc_num_hides_draws(network, flux):
    part = sample(network, flux, 90, seed=2)
    assert np.array_equal(sample(network, flux, 20, seed=2, previous=part).draws, part.draws[:20])


def test_growing_yields_block_by_block_and_can_be_left(network, flux):
    sizes = [posterior.mc_num for posterior in islice(sample_growing(network, flux, 1000, seed=0), 3)]
    assert sizes == [BLOCK, 2 * BLOCK, 3 * BLOCK]


def test_progress_is_reported_and_may_stop_the_run(network, flux):
    seen = []

    def stop_at_two_blocks(done, total):
        seen.append((done, total))
        if done >= 2 * BLOCK:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        sample(network, flux, 500, progress=stop_at_two_blocks)
    assert seen == [(BLOCK, 500), (2 * BLOCK, 500)]


def test_threads_share_a_network(network, flux):
    expected = [sample(network, flux, 120, seed=seed).draws for seed in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = pool.map(lambda seed: sample(network, flux, 120, seed=seed).draws, range(6))
    assert all(np.array_equal(a, b) for a, b in zip(expected, found))


def test_draws_ignore_and_leave_the_global_state(network, flux):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = sample(network, flux, 60).draws
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    np.random.seed(2)  # noqa: NPY002 - the very thing that must not matter
    assert np.array_equal(first, sample(network, flux, 60).draws)


def test_draws_do_not_depend_on_the_number_of_threads(network, flux):
    threads = torch.get_num_threads()
    try:
        drawn = []
        for number in (1, 2):
            torch.set_num_threads(number)
            drawn.append(sample(network, flux, 60).draws)
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(*drawn)


def test_other_seed_other_flux_other_rate_other_draws(network, flux):
    drawn = [
        sample(network, flux, 50, seed=0),
        sample(network, flux, 50, seed=1),
        sample(network, np.roll(flux, 1), 50, seed=0),
        sample(network, flux, 50, seed=0, dropout_rate=0.1),
    ]
    assert len({posterior.draws.tobytes() for posterior in drawn}) == len(drawn)


def test_no_seed_means_the_fluxs_own(network, flux):
    assert np.array_equal(sample(network, flux, 20, seed=None).draws, sample(network, flux, 20, seed=None).draws)
    assert sample(network, flux, 20, seed=None).seed != sample(network, np.roll(flux, 1), 20, seed=None).seed


def test_errors_are_those_of_astronn(network, flux):
    posterior = sample(network, flux, 200, seed=0)
    raw, log = scaled(network, posterior), posterior.log_variance
    model = raw.var(axis=0, ddof=1)
    predictive = np.exp(log.mean(axis=0))
    np.testing.assert_allclose(posterior.value, posterior.draws.mean(axis=0))
    np.testing.assert_allclose(posterior.model_error, np.sqrt(model) * network.labels_std)
    np.testing.assert_allclose(posterior.predictive_error, np.sqrt(predictive) * network.labels_std)
    np.testing.assert_allclose(posterior.total_error, np.sqrt(model + predictive) * network.labels_std)
    low, high = posterior.interval()
    inside = ((posterior.draws > low) & (posterior.draws < high)).mean(axis=0)
    np.testing.assert_allclose(inside, 0.68, atol=0.02)


@pytest.mark.parametrize("mc_num", [1, 0, -3, 2.5, "100", 10**9])
def test_a_senseless_mc_num_is_refused(network, flux, mc_num):
    with pytest.raises(SettingsError, match="mc_num"):
        sample(network, flux, mc_num)


@pytest.mark.parametrize("settings", [{"seed": -1}, {"seed": 1.5}, {"dropout_rate": 1.0}, {"dropout_rate": np.nan}])
def test_a_senseless_setting_is_refused(network, flux, settings):
    with pytest.raises(SettingsError):
        sample(network, flux, 10, **settings)


@pytest.mark.parametrize(
    "bad", [np.ones(7514), np.ones(8575), np.full(7514, np.nan), np.zeros((2, 7514))], ids=["flat", "raw", "nan", "2d"]
)
def test_flux_that_is_no_star_never_reaches_the_network(network, bad):
    with pytest.raises(SpectrumError):
        sample(network, bad)


def test_the_face_of_the_library_offers_it():
    assert inspector.sample is sample
