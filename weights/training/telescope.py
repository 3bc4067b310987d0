"""What the telescope makes of a clean spectrum, and the normalisation that follows.

Everything is drawn from a `torch.Generator` and works on a batch, so that every epoch can see
fresh observations of the same clean spectra.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
from torch import Tensor

from inspector.science.astronn import datapath
from inspector.science.spectrum import CHIP_PIXELS, CHIPS, N_CHIP_PIXELS, N_PIXELS
from weights.training.synthetic_grid import ErrorPatterns

CONTINUUM_DEGREE = 2
N_WIGGLES = 11
"""Chebyshev terms of the smooth wiggles in a chip."""

FFT_LENGTH = 8640

TYPICAL_DEPTH = 0.2
"""Of a line that keeps its depth when strong and weak lines change against each other."""

PATTERN_REACH = 0.5
"""How close in ln(S/N) a real spectrum should be to lend its errors and bad pixels: faint ones have more."""


@dataclass(frozen=True)
class Telescope:
    """How observations differ from clean spectra. All ranges are drawn anew for every spectrum.

    Attributes
    ----------
    snr : (float, float)
        Median signal-to-noise per pixel, drawn evenly in its logarithm.
    strength : float
        Relative scatter of all line depths of a spectrum together.
    growth : float
        Scatter of the logarithm of the power to which depths are raised (about `TYPICAL_DEPTH`): strong lines against
        weak ones, as microturbulence, damping and departures from LTE would have it.
    bands : (float, float)
        Relative scatter of line depths, correlated over `band_pixels`: whole molecular bands.
    depth : (float, float)
        Relative scatter of line depths, correlated over `depth_pixels`: single lines.
    band_pixels, depth_pixels : float
        Gaussian sigma of those correlations.
    wiggle : (float, float)
        Relative size of each of the eight terms of the continuum's smooth wiggles, which add up to
        twice as much.
    velocity : (float, float)
        Standard deviation and largest error of the radial velocity, in pixels.
    broaden : (float, float)
        Change of the squared width of the line spread, in pixels squared.
    persistence : float
        The fraction of spectra with a persistence step.
    """

    snr: tuple[float, float] = (15.0, 500.0)
    strength: float = 0.05
    growth: float = 0.12
    bands: tuple[float, float] = (0.0, 0.15)
    depth: tuple[float, float] = (0.0, 0.15)
    band_pixels: float = 60.0
    depth_pixels: float = 1.3
    wiggle: tuple[float, float] = (0.002, 0.008)
    velocity: tuple[float, float] = (0.2, 0.5)
    broaden: tuple[float, float] = (-0.2, 0.8)
    persistence: float = 0.1

    def with_single_lines_wrong(self) -> Telescope:
        """The same telescope, if the models erred in single lines alone."""
        return replace(self, strength=0.0, growth=0.0, bands=(0.0, 0.0))

    def with_lines_as_modelled(self) -> Telescope:
        """The same telescope, if the models were right about every line."""
        return replace(self.with_single_lines_wrong(), depth=(0.0, 0.0))


class Observatory:
    """Draws normalised observations of clean spectra.

    Parameters
    ----------
    telescope : Telescope
    patterns : ErrorPatterns
        Errors and bad pixels of real spectra.
    """

    def __init__(self, telescope: Telescope, patterns: ErrorPatterns) -> None:
        self.telescope = telescope
        self._error = torch.from_numpy(patterns.error)
        self._bad = torch.from_numpy(patterns.bad)
        self._log_snr = torch.from_numpy(patterns.snr).log()

    def observe(self, clean: Tensor, rng: torch.Generator, snr: Tensor | None = None) -> Tensor:
        """Observe and normalise.

        Parameters
        ----------
        clean : Tensor, shape (n, 8575)
            True-continuum-normalised flux.
        rng : torch.Generator
        snr : Tensor, shape (n, 1), optional
            Drawn from the telescope's range by default.

        Returns
        -------
        Tensor, shape (n, 7514)
            What `normalize` makes of the observation.
        """
        return normalize(*self.raw(clean, rng, snr))

    def raw(self, clean: Tensor, rng: torch.Generator, snr: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Flux and error in flux units, and bad pixels. Each of shape (n, 7514)."""
        seen = telescope_resolution(self._vary_depths(clean, rng), self.telescope, rng)
        seen = self._persist(seen[:, _CHIP_PIXELS] * self._continuum(len(seen), rng), rng)
        return self._expose(seen, rng, snr)

    def _vary_depths(self, clean: Tensor, rng: torch.Generator) -> Tensor:
        """Lines deeper and shallower at random: all together, the strong against the weak, bands, single lines."""
        scope, n = self.telescope, len(clean)
        power = torch.randn((n, 1), generator=rng).mul_(scope.growth).exp_()
        strength = torch.randn((n, 1), generator=rng).mul_(scope.strength).exp_()
        depth = (1 - clean).clamp_(min=0).div_(TYPICAL_DEPTH).pow_(power).mul_(TYPICAL_DEPTH * strength)
        for size, pixels in ((scope.bands, scope.band_pixels), (scope.depth, scope.depth_pixels)):
            change = uniform((n, 1), *size, rng) * _smooth_noise(n, pixels, rng)
            depth.mul_(change.add_(1).clamp_(min=0))
        return depth.neg_().add_(1)

    def _continuum(self, n: int, rng: torch.Generator) -> Tensor:
        """Blaze and wiggles about 1. Shape (n, 7514)."""
        size = uniform((n, 1, 1), *self.telescope.wiggle, rng).expand(n, len(CHIPS), N_WIGGLES).clone()
        size[:, :, : CONTINUUM_DEGREE + 1] = 0.1
        coefficients = size * torch.randn(size.shape, generator=rng)
        return (coefficients.flatten(1) @ _wiggle_basis()).exp_()

    def _persist(self, seen: Tensor, rng: torch.Generator) -> Tensor:
        """Light left over from an earlier exposure, in the blue chip from some pixel on."""
        n, blue = len(seen), CHIPS["blue"].stop - CHIPS["blue"].start
        hit = torch.rand((n, 1), generator=rng) < self.telescope.persistence
        level = hit * uniform((n, 1), 0.02, 0.2, rng)
        start = uniform((n, 1), 0, blue, rng)
        step = torch.sigmoid((torch.arange(blue) - start) / 20)
        seen[:, :blue] += level * step
        return seen

    def _expose(self, seen: Tensor, rng: torch.Generator, snr: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Noise, bad pixels and the flux scale."""
        n = len(seen)
        if snr is None:
            low, high = np.log(self.telescope.snr)
            snr = uniform((n, 1), low, high, rng).exp_()
        like = torch.exp(-0.5 * ((self._log_snr - snr.log()) / PATTERN_REACH).square().clamp(max=50))
        row = torch.multinomial(like, 1, generator=rng)[:, 0]
        roll = int(torch.randint(-12, 13, (1,), generator=rng))
        relative = torch.roll(self._error[row], roll, dims=1) / snr  # for a median flux of 1
        bad = torch.roll(self._bad[row], roll, dims=1)
        noise = torch.randn(seen.shape, generator=rng).mul_(relative.clamp(max=1.0))
        scale = uniform((n, 1), np.log(20.0), np.log(3000.0), rng).exp_()
        return (seen + noise) * scale, relative * scale, bad


def telescope_resolution(clean: Tensor, telescope: Telescope, rng: torch.Generator) -> Tensor:
    """Shift by a fraction of a pixel and change the line spread a little. Shape (n, 8575)."""
    n = len(clean)
    frequency = torch.arange(FFT_LENGTH // 2 + 1) * (2 * np.pi / FFT_LENGTH)  # radian per pixel
    deviation, largest = telescope.velocity
    shift = torch.randn((n, 1), generator=rng).mul_(deviation).clamp_(-largest, largest)
    broaden = uniform((n, 1), *telescope.broaden, rng)
    response = torch.polar(torch.exp(-0.5 * broaden * frequency**2), -shift * frequency)
    depth = torch.fft.rfft(1 - clean, n=FFT_LENGTH)
    seen: Tensor = 1 - torch.fft.irfft(depth.mul_(response), n=FFT_LENGTH)[:, :N_PIXELS]
    return seen


def _smooth_noise(n: int, sigma: float, rng: torch.Generator) -> Tensor:
    """Normal noise of unit variance, correlated over `sigma` pixels. Shape (n, 8575)."""
    frequency = torch.arange(FFT_LENGTH // 2 + 1) * (2 * np.pi / FFT_LENGTH)
    response = torch.exp(-0.5 * (sigma * frequency) ** 2)
    response *= (FFT_LENGTH / (2 * response.square().sum() - response[0] ** 2)).sqrt()
    white = torch.randn((n, FFT_LENGTH), generator=rng)
    noise: Tensor = torch.fft.irfft(torch.fft.rfft(white).mul_(response), n=FFT_LENGTH)[:, :N_PIXELS]
    return noise


def uniform(shape: tuple[int, ...], low: float, high: float, rng: torch.Generator) -> Tensor:
    """Even between `low` and `high`."""
    return torch.rand(shape, generator=rng).mul_(high - low).add_(low)


def normalize(flux: Tensor, error: Tensor, bad: Tensor) -> Tensor:
    """astroNN's normalisation of many spectra at once (the weighted least squares in closed form).

    Parameters
    ----------
    flux, error : Tensor, shape (n, 7514)
        In the same units.
    bad : Tensor of bool, shape (n, 7514)
        Pixels to set to 1.

    Returns
    -------
    Tensor, shape (n, 7514)
        As ``astroNN.apogee.apogee_continuum(flux, error, dr=17)``, in the dtype of `flux`.
    """
    out = torch.empty_like(flux)
    for pixels, fitted, basis in _continuum_fits():
        y, e = flux[:, pixels][:, fitted].double(), error[:, pixels][:, fitted].double()
        weight = 1 / (e.square() + 1e-8)
        weight = (weight / weight.amax(dim=1, keepdim=True)).square()
        design = basis[fitted]  # (m, 3)
        moments = torch.einsum("nm,mi,mj->nij", weight, design, design)
        coefficients = torch.linalg.solve(moments, (weight * y) @ design)
        torch.div(flux[:, pixels], (coefficients @ basis.T).to(flux), out=out[:, pixels])
    out.clamp_(min=0)
    return out.masked_fill_(bad | ~torch.isfinite(out), 1.0)


@cache
def _continuum_fits() -> tuple[tuple[slice, Tensor, Tensor], ...]:
    """For each chip: its pixels, which of them are fitted, and the Chebyshev basis (n, 3)."""
    mask = np.load(f"{datapath()}/dr17_contmask.npy")
    fits, start = [], 0
    for chip in CHIPS.values():
        pixels = slice(start, start := start + chip.stop - chip.start)
        fitted = np.flatnonzero(mask[pixels])
        middle, half = (fitted[0] + fitted[-1]) / 2, (fitted[-1] - fitted[0]) / 2
        x = (np.arange(chip.stop - chip.start) - middle) / half
        basis = np.polynomial.chebyshev.chebvander(x, CONTINUUM_DEGREE)
        fits.append((pixels, torch.from_numpy(fitted), torch.from_numpy(basis)))
    return tuple(fits)


@cache
def _wiggle_basis() -> Tensor:
    """Chebyshev terms of each chip side by side. Shape (33, 7514)."""
    basis, start = np.zeros((len(CHIPS), N_WIGGLES, N_CHIP_PIXELS), dtype=np.float32), 0
    for c, chip in enumerate(CHIPS.values()):
        width = chip.stop - chip.start
        terms = np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, width), N_WIGGLES - 1)
        basis[c, :, start : start + width] = terms.T
        start += width
    return torch.from_numpy(basis.reshape(-1, N_CHIP_PIXELS))


_CHIP_PIXELS = torch.from_numpy(CHIP_PIXELS.copy())
