"""What a star of given labels should look like: a small network from 22 labels to a normalised spectrum.

The labels do not say all that shapes a line. What else does (`Atmosphere`) is set to what stars of such labels usually
have, and the spread about that is part of the model's error. The layout is that of Ting et al. 2019 (ApJ 879, 69), on
principal components as in Czekala et al. 2015 (ApJ 812, 128).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.exceptions import SettingsError
from inspector.science.labels import FE_H, LABEL_NAMES, LABELS, LOGG, TEFF
from inspector.science.number_format import fixed, range_text

Array = NDArray[np.float64]

N_LABELS = len(LABEL_NAMES)

N_INPUTS = N_LABELS + 4
"""Labels and the fields of `Atmosphere`."""

STELLAR = [TEFF, LOGG, FE_H]

SHALLOW = 0.05
"""Depth added to a line's when the model's relative error turns into flux: where there is no line there may be one."""

TEFF_CELL, LOGG_CELL = 200.0, 0.5
"""Cells in which the training spectra are counted, to tell where the model holds; K and dex."""

_MARGIN = np.array([100.0, 0.25, 0.2])
"""Of Teff, log g and [Fe/H], K and dex."""

_ORIGIN, _UNIT = np.array([4600.0, 2.5, 0.0]), np.array([1000.0, 1.0, 1.0])


@dataclass(frozen=True)
class Atmosphere:
    """What shapes the lines besides the labels.

    Attributes
    ----------
    vmicro : float
        Microturbulence, km/s.
    log_c12c13 : float
        Logarithm of the number ratio 12C/13C.
    width : float
        Variance of macroturbulence and line spread together, (km/s)².
    rotation : float
        Square of v sin i, (km/s)².
    """

    vmicro: float
    log_c12c13: float
    width: float
    rotation: float = 0.0


@dataclass(frozen=True, eq=False)
class ModelSpectrum:
    """A normalised model spectrum.

    Attributes
    ----------
    labels : ndarray, shape (22,)
        In label units and order.
    flux : ndarray, shape (7514,)
        As `normalize` gives it of a spectrum without noise.
    error : ndarray, shape (7514,)
        1σ, by which the model itself may be wrong, on held-out spectra and on real ones.
    """

    labels: Array
    flux: Array
    error: Array


@dataclass(frozen=True, eq=False)
class SpectrumModel:
    """A trained model: labels and atmosphere through a small network to the weights of principal components.

    Attributes
    ----------
    input_mean, input_scale : ndarray, shape (26,)
        Of Teff, log g, [X/Fe] ([Fe/H] itself), in label order, then the fields of `Atmosphere`.
    w1, b1, w2, b2, w3, b3 : ndarray
        Three layers, (h, 26), (h, h) and (k, h); SiLU between them.
    components : ndarray of float32, shape (k, 7514)
        Scaled to what the last layer answers.
    mean : ndarray, shape (7514,)
        The spectrum at zero weights.
    usual : ndarray, shape (3, 10)
        Atmosphere without rotation: coefficients of a quadratic form in Teff, log g, [Fe/H].
    relative_error : ndarray, shape (7514,)
        Of a line's depth plus `SHALLOW`.
    low, high : ndarray, shape (22,)
        Where the model was trained: Teff, log g, [X/Fe] ([Fe/H] itself).
    covered : ndarray of bool, shape (n, m)
        Cells of Teff and log g, from `low` on, that hold training spectra.
    sha256 : str
        Of the arrays as the file has them.
    """

    input_mean: Array
    input_scale: Array
    w1: Array
    b1: Array
    w2: Array
    b2: Array
    w3: Array
    b3: Array
    components: NDArray[np.float32]
    mean: Array
    usual: Array
    relative_error: Array
    low: Array
    high: Array
    covered: NDArray[np.bool_]
    sha256: str = ""

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All it is made of, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "sha256"}

    def at(self, labels: ArrayLike) -> ModelSpectrum:
        """The spectrum of a star with these labels.

        Parameters
        ----------
        labels : array_like, shape (22,)
            In label units and order.

        Raises
        ------
        SettingsError
            If the labels lie where the model does not hold; see `why_not`.
        """
        asked = np.asarray(labels, dtype=np.float64)
        if reason := self.why_not(asked):
            raise SettingsError(f"There is no model spectrum for these labels: {reason}.")
        flux = self.flux(asked)
        return ModelSpectrum(asked, flux, self.error(flux))

    def why_not(self, labels: Array) -> str:
        """Why there is no model spectrum of these labels; empty where there is one."""
        if labels.shape != (N_LABELS,) or not np.isfinite(labels).all():
            return f"{N_LABELS} finite numbers are needed, in the order {', '.join(LABEL_NAMES)}"
        if reason := self.why_no_such_star(labels):
            return reason
        relative = relative_labels(labels)
        outside = np.flatnonzero((relative < self.low) | (relative > self.high))
        return self._beyond(int(outside[0]), relative) if outside.size else ""

    def why_no_such_star(self, labels: Array, margins: float = 0.0) -> str:
        """The same of Teff, log g and [Fe/H] alone, for labels that may be brought to the `nearest` known.

        They may lie outside by some `margins` of 100 K, 0.25 and 0.2 dex.
        """
        margin = margins * _MARGIN
        for i, beyond in zip(STELLAR, margin):
            if not self.low[i] - beyond <= labels[i] <= self.high[i] + beyond:
                return self._beyond(i, labels)
        around = [
            self._cell(labels[TEFF] + t * margin[0], labels[LOGG] + g * margin[1])
            for t in (-1, 0, 1)
            for g in (-1, 0, 1)
        ]
        if not any(self.covered[cell] for cell in around):
            return (
                f"the model knows no star of Teff {fixed(labels[TEFF], 0, 'K')} and log g {fixed(labels[LOGG], 2)};"
                " it was trained on giants and dwarfs from 3600 to 6800 K"
            )
        return ""

    def nearest(self, labels: Array) -> Array:
        """The labels with each [X/Fe] brought into the range the model knows. Shape (22,)."""
        return absolute_labels(np.clip(relative_labels(labels), self.low, self.high))

    def usual_atmosphere(self, labels: Array) -> Atmosphere:
        """What stars of these labels usually have; they do not rotate."""
        vmicro, isotopes, width = self.usual @ _quadratic(labels)
        return Atmosphere(float(vmicro), float(isotopes), float(width))

    def flux(self, labels: Array, atmosphere: Atmosphere | None = None) -> Array:
        """Normalised flux of any labels, inside the range of the model or not. Shape (7514,)."""
        x, _ = self._inputs(labels, atmosphere)
        h1 = _silu(self.w1 @ x + self.b1)
        h2 = _silu(self.w2 @ h1 + self.b2)
        weights = (self.w3 @ h2 + self.b3).astype(np.float32)
        return self.mean + (weights @ self.components).astype(np.float64)

    def gradient(self, labels: Array) -> Array:
        """Derivative of the flux by each label, the atmosphere following as usual. Shape (7514, 22)."""
        x, dx = self._inputs(labels, None)
        z1 = self.w1 @ x + self.b1
        z2 = self.w2 @ _silu(z1) + self.b2
        d1 = _silu_slope(z1)[:, None] * (self.w1 @ dx)
        d2 = _silu_slope(z2)[:, None] * (self.w2 @ d1)
        return (self.components.T @ (self.w3 @ d2).astype(np.float32)).astype(np.float64)

    def error(self, flux: Array) -> Array:
        """How wrong the model may be where it says `flux`. Shape (7514,)."""
        return self.relative_error * (np.clip(1 - flux, 0, None) + SHALLOW)

    def _inputs(self, labels: Array, atmosphere: Atmosphere | None) -> tuple[Array, Array]:
        """What the network is given, (26,), and its derivative by the labels, (26, 22)."""
        a = atmosphere or self.usual_atmosphere(labels)
        x = np.append(relative_labels(labels), [a.vmicro, a.log_c12c13, a.width, a.rotation])
        slope = np.zeros((len(x), N_LABELS))
        slope[:N_LABELS] = _RELATIVE
        if atmosphere is None:
            slope[N_LABELS : N_LABELS + len(self.usual)] = self.usual @ _quadratic_slope(labels)
        return (x - self.input_mean) / self.input_scale, slope / self.input_scale[:, None]

    def _cell(self, teff: float, logg: float) -> tuple[int, int]:
        rows, columns = self.covered.shape
        row, column = int((teff - self.low[TEFF]) // TEFF_CELL), int((logg - self.low[LOGG]) // LOGG_CELL)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def _beyond(self, i: int, values: Array) -> str:
        label = LABELS[i]
        places = 0 if label.unit == "K" else 2
        symbol = label.symbol if i in STELLAR else label.symbol.replace("/H]", "/Fe]")
        known = range_text(float(self.low[i]), float(self.high[i]), places, label.unit)
        return f"{symbol} is {fixed(float(values[i]), places, label.unit)}; the model holds from {known}"


def arrays_hash(arrays: Mapping[str, NDArray[np.generic]]) -> str:
    """SHA-256 of named arrays."""
    digest = sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


_RELATIVE = np.eye(N_LABELS)
_RELATIVE[[i for i in range(N_LABELS) if i not in STELLAR], FE_H] = -1
"""From labels to Teff, log g and [X/Fe]: in the sky, and in the training, elements go with iron."""

_ABSOLUTE = np.linalg.inv(_RELATIVE)


def relative_labels(labels: Array) -> Array:
    """Teff, log g, [X/Fe] and [Fe/H], in label order. Same shape (..., 22)."""
    return np.asarray(labels @ _RELATIVE.T)


def absolute_labels(relative: Array) -> Array:
    """The labels again. Same shape (..., 22)."""
    return np.asarray(relative @ _ABSOLUTE.T)


def _quadratic(labels: Array) -> Array:
    """1, t, g, f, t², g², f², tg, tf, gf of Teff, log g, [Fe/H] about a usual giant. Shape (10,)."""
    t, g, f = (labels[STELLAR] - _ORIGIN) / _UNIT
    return np.array([1, t, g, f, t * t, g * g, f * f, t * g, t * f, g * f])


def _quadratic_slope(labels: Array) -> Array:
    """Derivative of `_quadratic` by the labels. Shape (10, 22)."""
    t, g, f = (labels[STELLAR] - _ORIGIN) / _UNIT
    by_t = np.array([0, 1, 0, 0, 2 * t, 0, 0, g, f, 0])
    by_g = np.array([0, 0, 1, 0, 0, 2 * g, 0, t, 0, f])
    by_f = np.array([0, 0, 0, 1, 0, 0, 2 * f, 0, t, g])
    slope = np.zeros((10, N_LABELS))
    slope[:, STELLAR] = np.stack([by_t, by_g, by_f], axis=1) / _UNIT
    return slope


def quadratic_terms(labels: Array) -> Array:
    """`_quadratic` of many stars. Shape (n, 10)."""
    return np.stack([_quadratic(row) for row in labels])


def _silu(z: Array) -> Array:
    return np.asarray(z / (1 + np.exp(-z)))


def _silu_slope(z: Array) -> Array:
    s = 1 / (1 + np.exp(-z))
    return np.asarray(s * (1 + z * (1 - s)))
