"""The training code against its slow oracles: astroNN's normalisation, the literal network, an unbroken run."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1]))  # the training code is no part of the installed package

from inspector.science.astronn import apogee_continuum
from inspector.science.labels import LABEL_NAMES
from inspector.science.network import ApogeeBCNNCensored
from inspector.science.spectrum import CHIP_PIXELS, N_CHIP_PIXELS, N_PIXELS
from inspector.science.windows import element_windows
from weights.coverage import HALF_WIDTH, Answers, coverage, cross_corrected, fit_noise_model
from weights.fastnet import Dropout, FastNet
from weights.learning import Settings, Trainer, loss
from weights.material import CleanSpectra, ErrorPatterns
from weights.observe import Observatory, Telescope, normalize, telescope_resolution
from weights.revive import revive

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


def test_the_fast_pass_equals_the_literal_network(module: ApogeeBCNNCensored) -> None:
    flux = torch.randn(3, N_CHIP_PIXELS, generator=torch.Generator().manual_seed(0))
    for fast, literal in zip(FastNet(module)(flux), module(flux[:, None])):
        torch.testing.assert_close(fast, literal, rtol=0, atol=1e-5)


def test_the_fast_pass_has_the_literal_gradients(module: ApogeeBCNNCensored) -> None:
    flux = torch.randn(2, N_CHIP_PIXELS, generator=torch.Generator().manual_seed(0))

    def gradients(outputs: tuple[torch.Tensor, torch.Tensor]) -> list[torch.Tensor]:
        total = outputs[0].sin().sum() + outputs[1].cos().sum()
        return list(torch.autograd.grad(total, [p for p in module.parameters() if p.requires_grad]))

    for fast, literal in zip(gradients(FastNet(module)(flux)), gradients(module(flux[:, None]))):
        torch.testing.assert_close(fast, literal, rtol=1e-3, atol=1e-5)


def test_dropout_drops_its_rate_and_keeps_the_mean() -> None:
    kept = Dropout(5).kept(torch.Size([1000, 999])).float()
    assert kept.mean().item() == pytest.approx(0.7, abs=0.002)
    assert (kept.mean() * Dropout(5).scale).item() == pytest.approx(1.0, abs=0.003)


def test_the_loss_is_that_of_the_mean_of_the_draws() -> None:
    """Expected over draws, it is the squared error of a mean of `mean_of` draws."""
    rng = torch.Generator().manual_seed(0)
    truth, bias, spread, k = torch.zeros(200_000, 1), 0.5, 2.0, 4
    value = bias + spread * torch.randn(400_000, 1, generator=rng)
    flat = torch.zeros(400_000, 1)
    chosen = Settings(mean_of=k, beta=1.0)
    squared = loss(value, flat, truth, chosen) * 2 - (value.view(2, -1).mean(dim=0) ** 2).mean()
    assert squared.item() == pytest.approx(bias**2 + spread**2 / k, rel=0.02)


def test_dead_units_are_revived_and_the_answer_stays() -> None:
    torch.manual_seed(1)
    module = ApogeeBCNNCensored(element_windows().copy())
    flux = torch.randn(64, N_CHIP_PIXELS, generator=torch.Generator().manual_seed(0)) * 0.1
    with torch.no_grad():
        for layer in (module.dense_1, module.dense_2, module.elem_dense1[4], module.elem_dense2[0]):
            layer.bias[:7] = -1e3  # type: ignore[index, operator]
        module.conv2.bias[2] = -1e3  # type: ignore[index]
    rng, before = torch.Generator().manual_seed(3), module(flux[:, None])[0]
    assert revive(module, flux, rng) >= 4 * 7 + 1
    torch.testing.assert_close(module(flux[:, None])[0], before)
    assert revive(module, flux, rng) == 0


def test_a_run_cut_off_and_resumed_ends_in_the_same_weights(tmp_path: Path) -> None:
    clean, chosen = clean_spectra(4), Settings(epochs=3, batch=2)
    observatory = Observatory(chosen.telescope, patterns())
    unbroken = Trainer.start(chosen, clean, observatory)
    unbroken.train_epoch(clean, observatory)
    unbroken.save(tmp_path / "checkpoint.pt")
    for _ in range(2):
        unbroken.train_epoch(clean, observatory)

    resumed = Trainer.start(chosen, clean, observatory)
    resumed.load(tmp_path / "checkpoint.pt")
    for _ in range(2):
        resumed.train_epoch(clean, observatory)
    for name, tensor in unbroken.averaged().state_dict().items():
        assert torch.equal(tensor, resumed.averaged().state_dict()[name]), name


def train_without_end(folder: Path) -> None:
    """A run that writes its checkpoint after each epoch, until someone kills it."""
    clean, chosen = clean_spectra(4), Settings(epochs=10_000, batch=2)
    observatory = Observatory(chosen.telescope, patterns())
    trainer = Trainer.start(chosen, clean, observatory)
    while True:
        trainer.train_epoch(clean, observatory)
        trainer.save(folder / "checkpoint.pt")


def test_a_killed_run_goes_on_from_its_last_checkpoint(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=train_without_end, args=(tmp_path,), daemon=True)
    process.start()
    while not (tmp_path / "checkpoint.pt").exists():
        process.join(0.05)
        assert process.is_alive()
    process.kill()
    process.join()

    clean, chosen = clean_spectra(4), Settings(epochs=10_000, batch=2)
    observatory = Observatory(chosen.telescope, patterns())
    resumed, unbroken = (Trainer.start(chosen, clean, observatory) for _ in range(2))
    resumed.load(tmp_path / "checkpoint.pt")
    reached = resumed.epoch
    assert reached > 0
    resumed.train_epoch(clean, observatory)
    for _ in range(reached + 1):
        unbroken.train_epoch(clean, observatory)
    for name, tensor in unbroken.averaged().state_dict().items():
        torch.testing.assert_close(tensor, resumed.averaged().state_dict()[name], rtol=0, atol=1e-6, msg=name)


def test_the_auxiliary_pair_stays_within_its_norm() -> None:
    clean, chosen = clean_spectra(4), Settings(epochs=1, batch=4, rate=1.0)
    trainer = Trainer.start(chosen, clean, Observatory(chosen.telescope, patterns()))
    trainer.train_epoch(clean, Observatory(chosen.telescope, patterns()))
    assert trainer.module.dense_aux_fullspec.weight.norm(dim=1).max() <= 0.5 + 1e-6


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
