"""Does an error mean what it says? Coverage of intervals, and the noise model that corrects it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

CENTRAL = 0.68
HALF_WIDTH = 0.99445788
"""Half-width of a normal distribution's central 68%, in standard deviations."""

N_BINS = 5


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers of the network to observations whose truth is known.

    Attributes
    ----------
    truth, value, model_error, predictive_error : ndarray, shape (n, 22)
        In label units.
    snr : ndarray, shape (n,)
        Median signal-to-noise per pixel.
    star : ndarray of int, shape (n,)
        Which clean spectrum was observed.
    """

    truth: NDArray[np.float64]
    value: NDArray[np.float64]
    model_error: NDArray[np.float64]
    predictive_error: NDArray[np.float64]
    snr: NDArray[np.float64]
    star: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.snr)

    @property
    def miss(self) -> NDArray[np.float64]:
        """Answer minus truth. Shape (n, 22)."""
        return self.value - self.truth

    @property
    def total_error(self) -> NDArray[np.float64]:
        """Raw total error. Shape (n, 22)."""
        return np.hypot(self.model_error, self.predictive_error)

    def take(self, rows: NDArray[np.bool_]) -> Answers:
        """Some of the observations."""
        return Answers(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def coverage(miss: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of answers whose central 68% interval holds the truth, for each label. Shape (22,)."""
    return np.asarray(np.mean(np.abs(miss) <= HALF_WIDTH * error, axis=0))


def fit_noise_model(
    miss: NDArray[np.float64], raw: NDArray[np.float64], snr: NDArray[np.float64]
) -> tuple[float, float]:
    """Scale and offset of one label, corrected error = scale · raw error + offset.

    For every scale one offset makes the central 68% interval hold 68% of the truths. Of those pairs
    (both at least 0) the one is taken whose coverage is most even over S/N and over the raw error:
    an interval right on average and wrong for every single star would be no error.

    Parameters
    ----------
    miss, raw, snr : ndarray, shape (n,)

    Returns
    -------
    scale, offset : float
        The offset in label units.
    """
    beyond = np.abs(miss) / HALF_WIDTH
    largest = float(np.quantile(beyond / raw, CENTRAL))
    pairs = [(s, float(np.quantile(beyond - s * raw, CENTRAL))) for s in np.linspace(0, largest, 101)]
    bins = (_bins(snr), _bins(raw))
    return min(((s, max(o, 0.0)) for s, o in pairs), key=lambda pair: _unevenness(beyond, raw, pair[0], pair[1], bins))


def fit_all(asked: Answers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale and offset of every label. Each of shape (22,)."""
    pairs = [fit_noise_model(miss, raw, asked.snr) for miss, raw in zip(asked.miss.T, asked.total_error.T)]
    scale, offset = np.array(pairs).T
    return scale, offset


def cross_corrected(asked: Answers, folds: int) -> NDArray[np.float64]:
    """Each star's corrected errors by a noise model fitted without that star. Shape (n, 22)."""
    raw, out = asked.total_error, np.empty_like(asked.total_error)
    for fold in range(folds):
        left_out = asked.star % folds == fold
        scale, offset = fit_all(asked.take(~left_out))
        out[left_out] = scale * raw[left_out] + offset
    return out


def _bins(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which fifth of the sorted values each belongs to. Shape (n,)."""
    return np.argsort(np.argsort(values)) * N_BINS // len(values)


def _unevenness(
    beyond: NDArray[np.float64],
    raw: NDArray[np.float64],
    scale: float,
    offset: float,
    bins: tuple[NDArray[np.intp], ...],
) -> float:
    inside = beyond <= scale * raw + offset
    shares = [inside[which == b].mean() for which in bins for b in range(N_BINS)]
    return float(np.sum(np.square(np.array(shares) - CENTRAL)))
