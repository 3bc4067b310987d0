"""The training code against its slow oracles: astroNN's normalisation, the literal network, an unbroken run."""

from __future__ import annotations

import multiprocessing
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1]))  # the training code is not part of the installed package

from inspector.science.architecture import ApogeeBCNNCensored
from inspector.science.astronn import apogee_continuum
from inspector.science.labels import LABEL_NAMES
from inspector.science.spectrum import CHIP_PIXELS, N_CHIP_PIXELS, N_PIXELS
from inspector.science.windows import element_windows
from weights.training.element_stage import MAX_NORM, element_draws, element_stage
from weights.training.fast_forward import Dropout, FastNet
from weights.training.full_spectrum_stage import mean_features, stellar_stage
from weights.training.observations import Nights, observe_nights
from weights.training.stage import Settings, Stage, loss, new_module
from weights.training.synthetic_grid import CleanSpectra, ErrorPatterns
from weights.training.telescope import Observatory, Telescope, normalize, telescope_resolution
from weights.validation.coverage import HALF_WIDTH, Answers, coverage, cross_corrected, fit_noise_model

BAD_BIT = 1


def clean_spectra(n: int, seed: int = 0) -> CleanSpectra:
    """Random lines on a flat continuum, with random labels."""
    rng = np.random.default_rng(seed)
    depth = np.zeros((n, N_PIXELS))
    depth[:, rng.integers(50, N_PIXELS - 50, 400)] = rng.uniform(0, 0.4, (n, 400))
    profile = np.exp(-0.5 * (np.arange(-6, 7) / 1.4) ** 2)
    flux = 1 - np.stack([np.convolve(row, profile, "same") for row in depth]).clip(0, 0.9)
    labels = rng.normal(size=(n, len(LABEL_NAMES)))
    return CleanSpectra((flux * 2000).astype(np.uint16), 1 / 2000, labels)


def patterns(seed: int = 0) -> ErrorPatterns:
    """Two made-up error patterns, with bad pixels of huge error."""
    rng = np.random.default_rng(seed)
    error = rng.uniform(0.5, 3, (2, N_CHIP_PIXELS)).astype(np.float32)
    bad = rng.random((2, N_CHIP_PIXELS)) < 0.05
    error[bad & (rng.random(bad.shape) < 0.3)] = 1e10
    return ErrorPatterns(error, bad, np.array([40, 120], dtype=np.float32))


@pytest.fixture(scope="module")
def module() -> ApogeeBCNNCensored:
    torch.manual_seed(1)
    return ApogeeBCNNCensored(element_windows().copy())


def by_astronn(flux: torch.Tensor, error: torch.Tensor, bad: torch.Tensor) -> np.ndarray:
    whole = np.zeros((3, 1, N_PIXELS))
    whole[:, 0, CHIP_PIXELS] = np.stack([flux, error, bad])
    return apogee_continuum(*whole[:2], dr=17, bitmask=whole[2].astype(int) * BAD_BIT)[0][0]


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(5, 1000))
def test_normalisation_is_that_of_astronn(seed: int, snr: float) -> None:
    observatory = Observatory(Telescope(snr=(snr, snr * 1.01)), patterns(seed))
    rng = torch.Generator().manual_seed(seed)
    flux, error, bad = observatory.raw(torch.from_numpy(clean_spectra(3, seed).flux()), rng)
    flux, error = flux.double(), error.double()
    flux[0, 5] = torch.nan  # no continuum pixel: astroNN sets it to 1
    expected = np.stack([by_astronn(*row) for row in zip(flux, error, bad)])
    np.testing.assert_allclose(normalize(flux, error, bad).numpy(), expected, rtol=0, atol=1e-10)


def test_observations_are_drawn_from_the_seed_alone() -> None:
    clean = torch.from_numpy(clean_spectra(4).flux())
    observatory = Observatory(Telescope(), patterns())
    one, again, other = (observatory.observe(clean, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_an_observation_is_what_a_network_may_be_shown() -> None:
    clean = torch.from_numpy(clean_spectra(8).flux())
    seen = Observatory(Telescope(snr=(15, 20)), patterns()).observe(clean, torch.Generator().manual_seed(1))
    assert seen.shape == (8, N_CHIP_PIXELS)
    assert torch.isfinite(seen).all()
    assert seen.min() >= 0


def test_a_velocity_error_shifts_the_lines() -> None:
    clean = torch.ones(1, N_PIXELS)
    pixels = torch.arange(N_PIXELS)
    clean -= 0.5 * torch.exp(-0.5 * ((pixels - 4000) / 1.5) ** 2)
    still = Telescope(velocity=(0.3, 0.5), broaden=(0.0, 0.0))
    rng, twin = torch.Generator().manual_seed(3), torch.Generator().manual_seed(3)
    expected = 0.3 * float(torch.randn(1, generator=twin))
    depth = 1 - telescope_resolution(clean, still, rng)[0].double()
    assert float((depth * pixels).sum() / depth.sum()) - 4000 == pytest.approx(expected, abs=2e-3)


def branches(module: ApogeeBCNNCensored, flux: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The full-spectrum branch, fast and literal."""
    return FastNet(module).full_spectrum(flux, None), module.full_spectrum(flux[:, None], lambda hidden: hidden)


def test_the_fast_branch_equals_the_literal_one(module: ApogeeBCNNCensored) -> None:
    fast, literal = branches(module, torch.randn(3, N_CHIP_PIXELS, generator=torch.Generator().manual_seed(0)))
    torch.testing.assert_close(fast, literal, rtol=0, atol=1e-5)


def test_the_fast_branch_has_the_literal_gradients(module: ApogeeBCNNCensored) -> None:
    layers = [p for name in ("conv1", "conv2", "dense_1", "dense_2") for p in getattr(module, name).parameters()]
    both = branches(module, torch.randn(2, N_CHIP_PIXELS, generator=torch.Generator().manual_seed(0)))
    fast, literal = (torch.autograd.grad(hidden.sin().sum(), layers) for hidden in both)
    for one, other in zip(fast, literal):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_dropout_drops_its_rate_and_keeps_the_mean() -> None:
    kept = Dropout(5).kept(torch.Size([1000, 999])).float()
    assert kept.mean().item() == pytest.approx(0.7, abs=0.002)
    assert (kept.mean() * Dropout(5).scale).item() == pytest.approx(1.0, abs=0.003)


def test_lines_as_modelled_keep_their_depths_and_others_vary_by_what_is_said() -> None:
    clean = torch.from_numpy(clean_spectra(1).flux()).repeat(400, 1)
    lines = (1 - clean[0] > 0.05).nonzero()[:, 0]

    def depths(telescope: Telescope) -> torch.Tensor:
        observatory, rng = Observatory(telescope, patterns()), torch.Generator().manual_seed(2)
        return (1 - observatory._vary_depths(clean.clone(), rng))[:, lines]

    still = Telescope().with_lines_as_modelled()
    torch.testing.assert_close(depths(still), (1 - clean)[:, lines], rtol=1e-4, atol=1e-6)
    together = (depths(replace(still, strength=0.1)) / depths(still)).log()
    assert together.std(dim=0).mean().item() == pytest.approx(0.1, rel=0.1)
    assert together.std(dim=1).max() < 1e-3  # every line of a spectrum alike
    assert depths(Telescope()).min() >= 0


def test_the_loss_is_that_of_the_mean_of_the_draws() -> None:
    """Expected over draws, it is the squared error of a mean of `mean_of` draws."""
    rng = torch.Generator().manual_seed(0)
    bias, spread, unseen = 0.5, 2.0, 3.0
    value = bias + spread * torch.randn(4, 200_000, 1, generator=rng)
    flat = torch.zeros(200_000, 1)
    chosen = Settings(passes=1, batch=1, rate=1.0, decay=1.0, draws=4, mean_of=8, beta=1.0)
    squared = loss(value, flat, flat, chosen, unseen) * 2 - value.mean(dim=0).square().mean()
    assert squared.item() == pytest.approx(bias**2 + (spread**2 + unseen) / 8, rel=0.03)


@pytest.fixture(scope="module")
def nights() -> Nights:
    return observe_nights(clean_spectra(3), Observatory(Telescope(), patterns()), seed=4, nights=2)


def test_nights_are_independent_and_know_their_truth(nights: Nights) -> None:
    assert nights.flux.shape == (6, N_CHIP_PIXELS)
    assert not torch.equal(nights.flux[0], nights.flux[3])
    assert torch.equal(nights.truth(torch.tensor([1, 4])), nights.labels[[1, 1]])
    assert nights.flux[:3].float().mean().item() == pytest.approx(0, abs=1e-4)
    longer = nights.first(1).and_then(nights)
    assert len(longer) == 9 and torch.equal(longer.flux[3:], nights.flux)
    assert torch.equal(longer.truth(torch.tensor([8])), nights.labels[[2]])


def test_an_element_s_draws_are_those_of_the_literal_network(module: ApogeeBCNNCensored) -> None:
    """Their mean, and their variance with what the averaged dropout would add."""
    torch.manual_seed(2)
    flux, e, n_draws = torch.randn(2, N_CHIP_PIXELS) * 0.1, 5, 20_000
    window = list(module.aspcap_masks)[e]
    shared = torch.randn(2, 5)
    head = module.per_element("elem_dense_out")[e]
    with torch.no_grad():
        value, unseen, _ = element_draws(module, e, flux[:, window], shared, Dropout(1), n_draws)

        def dropped(hidden: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.dropout(torch.relu(hidden), 0.3)

        hidden = module.per_element("elem_dense1")[e](flux[:, window]).repeat(n_draws, 1)
        hidden = dropped(module.per_element("elem_dense2")[e](dropped(hidden)))
        literal = head(torch.cat([hidden, shared.repeat(n_draws, 1)], dim=1)).view(n_draws, 2)
    scatter = literal.std(dim=0)
    assert ((value.mean(dim=0) - literal.mean(dim=0)).abs() < 5 * scatter / n_draws**0.5).all()
    torch.testing.assert_close((value.var(dim=0) + unseen).sqrt(), scatter, rtol=0.03, atol=0)


def test_features_are_what_the_heads_answer_on_average(module: ApogeeBCNNCensored) -> None:
    flux = torch.randn(2, N_CHIP_PIXELS, generator=torch.Generator().manual_seed(0)) * 0.1
    features = mean_features(module, flux, draws=3, seed=1)
    dropout = Dropout((1, 2))
    with torch.no_grad():
        each = [module.dense_teffloggfeh(FastNet(module).full_spectrum(flux, dropout)) for _ in range(3)]
        torch.testing.assert_close(module.dense_teffloggfeh(features), torch.stack(each).mean(dim=0))


def stage_of(kind: str, nights: Nights) -> Stage:
    """A small stage, about to begin."""
    settings = Settings(passes=3, batch=4, rate=1e-3, decay=0.5, draws=2)
    module = new_module(nights, seed=1)
    if kind == "stellar":
        return stellar_stage(module, nights, settings)
    return element_stage(module, nights, mean_features(module, nights.flux, 2, 1), settings)


@pytest.mark.parametrize("kind", ["stellar", "elements"])
def test_a_stage_cut_off_and_resumed_ends_in_the_same_weights(kind: str, nights: Nights, tmp_path: Path) -> None:
    unbroken, resumed = stage_of(kind, nights), stage_of(kind, nights)
    before = {name: tensor.clone() for name, tensor in unbroken.module.state_dict().items()}
    unbroken.train_pass(len(nights))
    unbroken.save(tmp_path / "checkpoint.pt")
    unbroken.train_pass(len(nights))
    resumed.load(tmp_path / "checkpoint.pt")
    resumed.train_pass(len(nights))
    changed = set()
    for name, tensor in unbroken.module.state_dict().items():
        assert torch.equal(tensor, resumed.module.state_dict()[name]), name
        changed |= set() if torch.equal(tensor, before[name]) else {name}
    assert changed and changed <= set(unbroken.factors)  # a stage leaves the other's parameters alone


def train_without_end(folder: Path) -> None:
    """A run that writes its checkpoint after each pass, until someone kills it."""
    nights = observe_nights(clean_spectra(3), Observatory(Telescope(), patterns()), seed=4, nights=2)
    stage = stage_of("stellar", nights)
    while True:
        stage.train_pass(len(nights))
        stage.save(folder / "checkpoint.pt")


def test_a_killed_run_goes_on_from_its_last_checkpoint(nights: Nights, tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=train_without_end, args=(tmp_path,), daemon=True)
    process.start()
    while not (tmp_path / "checkpoint.pt").exists():
        process.join(0.05)
        assert process.is_alive()
    process.kill()
    process.join()

    resumed, unbroken = stage_of("stellar", nights), stage_of("stellar", nights)
    resumed.load(tmp_path / "checkpoint.pt")
    reached = resumed.passes
    assert reached > 0
    resumed.train_pass(len(nights))
    for _ in range(reached + 1):
        unbroken.train_pass(len(nights))
    for name, tensor in unbroken.module.state_dict().items():
        torch.testing.assert_close(tensor, resumed.module.state_dict()[name], rtol=0, atol=1e-6, msg=name)


def test_the_auxiliary_pair_stays_within_its_norm(nights: Nights) -> None:
    stage = stage_of("elements", nights)
    with torch.no_grad():
        stage.module.dense_aux_fullspec.weight.mul_(100)
    stage.train_pass(len(nights))
    assert stage.module.dense_aux_fullspec.weight.norm(dim=1).max() <= MAX_NORM + 1e-6


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 3), st.floats(0, 0.3))
def test_the_noise_model_covers_what_it_says(seed: int, scale: float, offset: float) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.uniform(0.05, 0.5, 2000)
    miss = rng.normal(size=2000) * (scale * raw + offset)
    fitted = fit_noise_model(miss, raw, rng.uniform(30, 300, 2000))
    assert min(fitted) >= 0
    inside = np.abs(miss) <= HALF_WIDTH * (fitted[0] * raw + fitted[1])
    assert inside.mean() == pytest.approx(0.68, abs=0.002)


def test_cross_corrected_errors_cover_stars_the_fit_had_not_seen() -> None:
    rng = np.random.default_rng(4)
    n, labels = 900, len(LABEL_NAMES)
    raw = rng.uniform(0.1, 1, (n, labels))
    miss = 0.6 * raw * rng.normal(size=(n, labels))
    asked = Answers(np.zeros((n, labels)), miss, raw, np.zeros_like(raw), rng.uniform(30, 300, n), np.arange(n) // 3)
    assert np.all(np.abs(coverage(miss, cross_corrected(asked, 3)) - 0.68) < 0.02)
    assert np.all(coverage(miss, raw) > 0.85)
