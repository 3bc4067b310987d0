"""Ask the network many times: the posterior of one spectrum, whole or growing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.exceptions import SettingsError, SpectrumError
from inspector.science.labels import LABEL_NAMES
from inspector.science.posterior import Posterior
from inspector.science.seeds import flux_seed
from inspector.science.settings import Settings
from inspector.science.spectrum import N_CHIP_PIXELS, refuse_flat
from inspector.science.weights_card import WeightsCard

BLOCK = 50
"""Draws computed together. Always whole blocks: the numbers then do not depend on how a run is cut."""


class Draws(Protocol):
    """Who draws for one spectrum."""

    def block(self, seed: int, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draws ``index*BLOCK`` to ``(index+1)*BLOCK``: scaled values and log-variances, each (BLOCK, 22)."""


class Askable(Protocol):
    """A network, wherever it runs: in this process, or in one of its own."""

    @property
    def card(self) -> WeightsCard:
        """Which weights it has."""

    @property
    def dropout_rate(self) -> float:
        """The rate it was trained with."""

    @property
    def labels_mean(self) -> NDArray[np.float64]:
        """Shape (22,)."""

    @property
    def labels_std(self) -> NDArray[np.float64]:
        """Shape (22,)."""

    def sampler(self, flux: NDArray[np.float64], rate: float) -> Draws:
        """Who draws for one normalised spectrum (7514,) at one dropout rate."""


def sample(
    network: Askable,
    flux: ArrayLike,
    mc_num: int = Settings.mc_num,
    seed: int | None = Settings.seed,
    dropout_rate: float | None = Settings.dropout_rate,
    *,
    previous: Posterior | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Posterior:
    """Draw from the network's posterior for one spectrum.

    Parameters
    ----------
    network : Network
        Shared and read-only; several threads may sample at once.
    flux : array_like, shape (7514,)
        Continuum-normalised flux, as `normalize` gives it.
    mc_num : int
    seed : int or None
    dropout_rate : float or None
        See `Settings`.
    previous : Posterior, optional
        A run of the same network, flux, seed and rate to continue: its draws are kept.
    progress : callable, optional
        Called with (draws so far, mc_num) after each block; it stops the run by raising
        (for example `inspector.Cancelled`).

    Returns
    -------
    Posterior
        Its first n draws are the draws of a run with ``mc_num=n``.

    Raises
    ------
    SettingsError
        If mc_num, seed or dropout_rate make no sense, or `previous` is of another run.
    SpectrumError
        If the flux has another shape, is not finite or is a flat line.
    """
    posterior = previous
    for posterior in sample_growing(network, flux, mc_num, seed, dropout_rate, previous=previous):
        if progress is not None:
            progress(posterior.mc_num, mc_num)
    assert posterior is not None  # at least one draw is asked for: a block, or a previous run
    return posterior.first(mc_num)


def sample_growing(
    network: Askable,
    flux: ArrayLike,
    mc_num: int = Settings.mc_num,
    seed: int | None = Settings.seed,
    dropout_rate: float | None = Settings.dropout_rate,
    *,
    previous: Posterior | None = None,
) -> Iterator[Posterior]:
    """The same run block by block: yields the posterior as it grows; stop by not asking for more.

    Parameters and errors are those of `sample`, raised before the first block.
    """
    flux = _checked_flux(flux)
    asked = Settings(mc_num, seed, dropout_rate)
    rate = network.dropout_rate if asked.dropout_rate is None else asked.dropout_rate
    seed = flux_seed(flux) if asked.seed is None else asked.seed
    done = [] if previous is None else [_checked_previous(previous, seed, rate)]
    return _grow(network, flux, asked.mc_num, seed, rate, done)


def _grow(
    network: Askable, flux: NDArray[np.float64], mc_num: int, seed: int, rate: float, done: list[Posterior]
) -> Iterator[Posterior]:
    start = done[0].mc_num if done else 0
    if start >= mc_num:
        return
    sampler = network.sampler(flux, rate)
    draws = np.empty((mc_num, len(LABEL_NAMES)))
    log_variance = np.empty((mc_num, len(LABEL_NAMES)))
    if done:
        draws[:start], log_variance[:start] = done[0].draws, done[0].log_variance
    for block in range(start // BLOCK, -(-mc_num // BLOCK)):
        first, stop = max(start, block * BLOCK), min(mc_num, (block + 1) * BLOCK)
        value, logvar = sampler.block(seed, block)
        rows = slice(first - block * BLOCK, stop - block * BLOCK)
        with np.errstate(over="ignore", invalid="ignore"):  # absurd flux: `why_impossible` tells
            draws[first:stop] = value[rows] * network.labels_std + network.labels_mean
        log_variance[first:stop] = logvar[rows]
        yield Posterior(draws[:stop], log_variance[:stop], network.labels_std, seed, rate)


def _checked_flux(flux: ArrayLike) -> NDArray[np.float64]:
    array = np.ascontiguousarray(flux, dtype=np.float64)
    if array.shape != (N_CHIP_PIXELS,):
        raise SpectrumError(
            f"The flux has shape {array.shape}; the network sees ({N_CHIP_PIXELS},). Pass normalize(spectrum).flux."
        )
    if not np.isfinite(array).all():
        raise SpectrumError("The flux holds numbers that are not finite. Pass normalize(spectrum).flux.")
    refuse_flat("The flux", array)
    return array


def _checked_previous(previous: Posterior, seed: int, rate: float) -> Posterior:
    if (previous.seed, previous.dropout_rate) != (seed, rate):
        raise SettingsError(
            f"The earlier run has seed {previous.seed} and dropout rate {previous.dropout_rate}, this one"
            f" {seed} and {rate}: only the same run can be continued. Start a new one."
        )
    return previous
