"""Model spectra, and what they say of an answer, by the model the project ships."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.files.checkpoints.spectrum_model_file import load_spectrum_model
from inspector.science import fit as label_fit
from inspector.science import goodness_of_fit as science
from inspector.science.continuum import normalize
from inspector.science.fit import Fit
from inspector.science.goodness_of_fit import GoodnessOfFit
from inspector.science.model_spectrum import ModelSpectrum, SpectrumModel
from inspector.science.spectrum import NormalizedSpectrum, Spectrum

START_DRAWS = 20
"""Of the network whose answer a fit begins from."""


def model_spectrum(labels: ArrayLike, model: SpectrumModel | None = None) -> ModelSpectrum:
    """What a star of these labels should look like, and how wrong that may be.

    It does not depend on which network answered.

    Parameters
    ----------
    labels : array_like, shape (22,)
        In the order of the result table: ``teff, logg, c_h, …``; K and dex.
    model : SpectrumModel, optional
        The shipped one if None.

    Returns
    -------
    ModelSpectrum
        Normalised flux and its 1σ error on the 7514 pixels.

    Raises
    ------
    SettingsError
        If the labels lie where the model does not hold.
    WeightsError
        If no model is shipped or it cannot be read.
    """
    return (model or shipped_spectrum_model()).at(labels)


def goodness_of_fit(
    spectrum: Spectrum | NormalizedSpectrum, labels: ArrayLike, model: SpectrumModel | None = None
) -> GoodnessOfFit:
    """Whether the model spectrum of some labels explains an observed one.

    Parameters
    ----------
    spectrum : Spectrum or NormalizedSpectrum
    labels : array_like, shape (22,)
        As a network answered them (``Result.value``); K and dex.
    model : SpectrumModel, optional
        The shipped one if None.

    Returns
    -------
    GoodnessOfFit
        Its ``sentence`` says it in one line.

    Raises
    ------
    SpectrumError
        If the spectrum cannot be normalised.
    SettingsError
        If the labels are not 22 finite numbers.
    WeightsError
        If no model is shipped or it cannot be read.
    """
    seen = normalize(spectrum) if isinstance(spectrum, Spectrum) else spectrum
    return science.goodness_of_fit(seen, labels, model or shipped_spectrum_model())


def fit(
    spectrum: Spectrum | NormalizedSpectrum, start: ArrayLike | None = None, model: SpectrumModel | None = None
) -> Fit:
    """A second opinion: the labels whose model spectrum fits best, in a fraction of a second.

    Where it agrees with the network, a method that shares nothing with it but the synthetic spectra says the same;
    ``Fit.pulls(result.value, result.error)`` is their difference in σ.

    Parameters
    ----------
    spectrum : Spectrum or NormalizedSpectrum
    start : array_like, shape (22,), optional
        Labels to begin from, K and dex. None: the answer of the shipped network, which loads it.
    model : SpectrumModel, optional
        The shipped one if None.

    Returns
    -------
    Fit
        Labels with formal errors, velocity, iterations, and a `GoodnessOfFit`.

    Raises
    ------
    SpectrumError
        If the spectrum cannot be normalised or holds too few pixels.
    SettingsError
        If the start is not 22 finite numbers.
    WeightsError
        If no model is shipped or it cannot be read.
    """
    seen = normalize(spectrum) if isinstance(spectrum, Spectrum) else spectrum
    return label_fit.fit(seen, _answer(seen) if start is None else start, model or shipped_spectrum_model())


def _answer(spectrum: NormalizedSpectrum) -> NDArray[np.float64]:
    """Of the shipped network, its seed from the flux. Shape (22,)."""
    from inspector.pipeline.shipped_weights import shipped_network  # torch takes seconds to import
    from inspector.science.sampling import sample

    return sample(shipped_network(), spectrum.flux, START_DRAWS, None).value


@cache
def shipped_spectrum_model() -> SpectrumModel:
    """The model the project ships, read once."""
    return load_spectrum_model()
