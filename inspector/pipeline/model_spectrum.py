"""The model spectrum of any labels, by the model the project ships."""

from __future__ import annotations

from functools import cache

from numpy.typing import ArrayLike

from inspector.files.checkpoints.spectrum_model_file import load_spectrum_model
from inspector.science.model_spectrum import ModelSpectrum, SpectrumModel


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


@cache
def shipped_spectrum_model() -> SpectrumModel:
    """The model the project ships, read once."""
    return load_spectrum_model()
