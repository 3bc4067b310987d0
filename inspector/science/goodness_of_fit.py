"""Does the answer explain the spectrum? A model of the answered labels, laid over what was observed.

The network always answers, and neither its errors nor its flags can tell a sound answer from nonsense; a model that
was made the other way round, from labels to spectrum, can. The thresholds are between what sound observations and
others gave, synthetic and real; the model card has their rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.exceptions import SettingsError
from inspector.science.alignment import Alignment, align, continuum_basis
from inspector.science.cross_correlation import APART, REACH, CrossCorrelation, cross_correlate
from inspector.science.labels import ELEMENTS, LABEL_NAMES
from inspector.science.line_profile import PIXEL_SPEED, ROTATION_VARIANCE, broadening_of, chip_slices, rotation_speed
from inspector.science.model_spectrum import ModelSpectrum, SpectrumModel
from inspector.science.number_format import fixed, significant, value_error
from inspector.science.spectrum import CHIPS, NormalizedSpectrum
from inspector.science.windows import element_windows

Array = NDArray[np.float64]

LEAST_SHARE = 0.85
"""Of the correlation that noise allows."""

LEAST_POSSIBLE = 0.15
"""Correlation that noise allows, below which nothing can be told."""

MOST_CHI2 = 4.0
"""Reduced."""

MOST_OFFSET = 10.0
"""km/s: the network has learned from half a pixel, and its answer is another's star's beyond two."""

MOST_ROTATION = 35.0
"""km/s; the network has learned up to 20."""

SECOND_HEIGHT, SECOND_SIGNIFICANCE = 0.3, 10.0
"""A second set of lines: at least so high over the first, and over the scatter of the cross-correlation."""

VELOCITY_FLOOR = 0.2
"""Error of a velocity by the model's line positions, km/s."""

BROADENING_FLOOR = 8.0
"""Scatter of the line width among like stars, (km/s)²."""

NO_BROADENING = broadening_of(11.0)
"""Below this nothing is said of a broadening: macroturbulence alone differs by as much."""

PARAMETERS = 32
"""Fitted: velocity, broadening, ten terms of the continuum in each chip."""


@dataclass(frozen=True, eq=False)
class GoodnessOfFit:
    """How well the model of some labels explains a spectrum.

    Attributes
    ----------
    model : ModelSpectrum
        Of the labels, their abundances brought into the model's range.
    aligned : Alignment
        That model laid over the spectrum.
    chi2 : float
        Reduced, with photon noise and model error in quadrature.
    chi2_by_chip : dict of str to float
    chi2_by_window : dict of str to float
        By element; NaN where a window has no pixel left.
    correlation, possible_correlation : float
        Of observed and model lines, and what it would be if nothing but noise and model error came between.
    velocity, e_velocity : float
        Offset that the model prefers, km/s; positive where the star moves away.
    broadening, e_broadening : float
        As the v sin i of a rotation beyond the usual line width, km/s; negative where lines are sharper.
    crossed : CrossCorrelation
        Where its second peak is.
    reasons : tuple of str
        Why the model does not fit; none where it does.
    """

    model: ModelSpectrum
    aligned: Alignment
    chi2: float
    chi2_by_chip: dict[str, float]
    chi2_by_window: dict[str, float]
    correlation: float
    possible_correlation: float
    velocity: float
    e_velocity: float
    broadening: float
    e_broadening: float
    crossed: CrossCorrelation
    reasons: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the answer explains the spectrum."""
        return not self.reasons

    @property
    def second_velocity(self) -> float | None:
        """Velocity of a second set of lines, km/s; None where there is none."""
        return self.crossed.second if has_second(self.crossed) else None

    @property
    def continuum_levels(self) -> dict[str, float]:
        """Mean of the observed continuum over the model's, by chip."""
        return {chip: 1 + float(terms[0]) for chip, terms in zip(CHIPS, self.aligned.continuum)}

    @property
    def continuum_tilts(self) -> dict[str, float]:
        """Change of the observed continuum from a chip's short end to its long one, over the model's."""
        return {chip: 2 * float(terms[1]) for chip, terms in zip(CHIPS, self.aligned.continuum)}

    @property
    def sentence(self) -> str:
        """In one line: ``fits: χ² 1.3, velocity −0.2 ± 0.3 km/s, no extra broadening``."""
        if self.reasons:
            return f"does not fit: {'; '.join(self.reasons)}"
        velocity = value_error(self.velocity, self.e_velocity, "km/s", digits=1)
        return f"fits: χ² {significant(self.chi2, 2)}, velocity {velocity}, {self._broadening_text()}"

    def residual(self, spectrum: NormalizedSpectrum) -> Array:
        """Observed minus model in σ of noise and model error together, 0 where there is no measurement. (7514,)."""
        weight = fit_weight(spectrum, self.model.error)
        return np.asarray((spectrum.flux - self.aligned.flux) * np.sqrt(weight))

    def _broadening_text(self) -> str:
        if self.aligned.broadening < NO_BROADENING:
            return "no extra broadening"
        return f"lines broadened by {value_error(self.broadening, self.e_broadening, 'km/s', digits=1)}"


def goodness_of_fit(spectrum: NormalizedSpectrum, labels: ArrayLike, model: SpectrumModel) -> GoodnessOfFit:
    """Lay the model of some labels over a spectrum, and judge.

    Parameters
    ----------
    spectrum : NormalizedSpectrum
    labels : array_like, shape (22,)
        In label units and order, as a network answered them.
    model : SpectrumModel

    Raises
    ------
    SettingsError
        If the labels are not 22 finite numbers.
    """
    asked = np.asarray(labels, dtype=np.float64)
    if asked.shape != (len(LABEL_NAMES),) or not np.isfinite(asked).all():
        raise SettingsError(f"A fit is judged at {len(LABEL_NAMES)} finite labels; this answer has none.")
    nearest = model.nearest(asked)
    flux = model.flux(nearest)
    laid_by = ModelSpectrum(nearest, flux, model.error(flux))
    weight = fit_weight(spectrum, laid_by.error)
    crossed = cross_correlate(spectrum.flux, weight, flux)
    aligned = align(spectrum.flux, weight, flux, crossed.first)
    crossed = cross_correlate(spectrum.flux, weight, flux, _apart(aligned))
    return _judged(spectrum, laid_by, weight, crossed, aligned, model.why_no_such_star(asked, margins=1.0))


def _apart(aligned: Alignment) -> int:
    """Pixels from the lines found within which another peak would be their own width."""
    wide = int(np.ceil(2 * rotation_speed(aligned.broadening) / PIXEL_SPEED))
    return min(max(APART, wide), REACH // 2)


def fit_weight(spectrum: NormalizedSpectrum, model_error: Array) -> Array:
    """1/σ² of photon noise and model error together, 0 where there is no measurement. Shape (7514,)."""
    with np.errstate(all="ignore"):
        weight = 1 / (spectrum.error**2 + model_error**2)
    return np.where(spectrum.good & np.isfinite(weight), weight, 0.0)


def has_second(crossed: CrossCorrelation) -> bool:
    """Whether there is a second set of lines."""
    return crossed.second_height >= SECOND_HEIGHT and crossed.second_significance >= SECOND_SIGNIFICANCE


def correlations(observed: Array, weight: Array, aligned: Alignment) -> tuple[float, float]:
    """Correlation of observed and model lines, and the one that noise and model error allow."""
    seen, said = (_centred(flux, weight) for flux in (observed / _continuum(aligned), aligned.lines))
    power = float(weight @ said**2)
    total = power * float(weight @ seen**2)
    found = float(weight @ (seen * said)) / np.sqrt(total) if total > 0 else 0.0
    pixels = np.count_nonzero(weight)
    return float(found), float(np.sqrt(power / (power + pixels))) if pixels else 0.0


def _continuum(aligned: Alignment) -> Array:
    """The observed continuum over the model's, kept above zero. Shape (7514,)."""
    return np.asarray(np.maximum(1 + continuum_basis() @ aligned.continuum.ravel(), 0.1))


def _centred(flux: Array, weight: Array) -> Array:
    total = weight.sum()
    return flux - (float(weight @ flux) / total if total > 0 else 1.0)


def _judged(
    spectrum: NormalizedSpectrum,
    laid_by: ModelSpectrum,
    weight: Array,
    crossed: CrossCorrelation,
    aligned: Alignment,
    unknown: str,
) -> GoodnessOfFit:
    square = weight * (spectrum.flux - aligned.flux) ** 2
    chi2 = aligned.chi2 / max(int(np.count_nonzero(weight)) - PARAMETERS, 1)
    found, possible = correlations(spectrum.flux, weight, aligned)
    return GoodnessOfFit(
        model=laid_by,
        aligned=aligned,
        chi2=float(chi2),
        chi2_by_chip={chip: _mean(square[p], weight[p]) for chip, p in zip(CHIPS, chip_slices())},
        chi2_by_window={e: _mean(square[w], weight[w]) for e, w in zip(ELEMENTS, element_windows())},
        correlation=found,
        possible_correlation=possible,
        velocity=aligned.velocity,
        e_velocity=float(np.hypot(aligned.e_velocity * max(chi2, 1) ** 0.5, VELOCITY_FLOOR)),
        broadening=rotation_speed(aligned.broadening),
        e_broadening=_speed_error(aligned, chi2),
        crossed=crossed,
        reasons=_reasons(found, possible, float(chi2), crossed, aligned, unknown),
    )


def _speed_error(aligned: Alignment, chi2: float) -> float:
    """Error of the broadening as a rotation; it is one of the variance, so large where there is none. km/s."""
    error = float(np.hypot(aligned.e_broadening * max(chi2, 1) ** 0.5, BROADENING_FLOOR)) / ROTATION_VARIANCE
    speed = abs(rotation_speed(aligned.broadening))
    return float(error / (2 * np.maximum(speed, np.sqrt(error) / 2)))


def _mean(square: Array, weight: Array) -> float:
    used = np.count_nonzero(weight)
    return float(square.sum() / used) if used else float("nan")


def _reasons(
    found: float, possible: float, chi2: float, crossed: CrossCorrelation, aligned: Alignment, unknown: str
) -> tuple[str, ...]:
    """What speaks against the fit, the gravest first."""
    if has_second(crossed):
        return (f"a second set of lines at {fixed(crossed.second, 0, 'km/s')}",)
    if possible < LEAST_POSSIBLE:
        return ("the noise hides whatever lines these labels have",)
    if found < LEAST_SHARE * possible:
        allowed = f"correlation {fixed(found, 2)}, where noise allows {fixed(possible, 2)}"
        return (f"nothing of these labels explains this spectrum ({allowed})",)
    speed = rotation_speed(aligned.broadening)
    against = {
        unknown: bool(unknown),
        f"χ² {significant(chi2, 2)}, at most {fixed(MOST_CHI2, 0)} would be noise and model": chi2 > MOST_CHI2,
        f"the lines are shifted by {fixed(aligned.velocity, 1, 'km/s')}": abs(aligned.velocity) > MOST_OFFSET,
        f"the lines are broadened by {fixed(speed, 0, 'km/s')}": speed > MOST_ROTATION,
    }
    return tuple(words for words, holds in against.items() if holds)
