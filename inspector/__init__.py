"""Open a star's APOGEE spectrum, ask AstroNN's network, and see why it answers as it does.

The chain, step by step::

    star   = inspector.read_star(path)
    norm   = inspector.normalize(star.coadd)
    post   = inspector.sample(inspector.load_network(), norm.flux)
    errors = inspector.load_noise_model().correct(post.total_error)

or at once: ``inspector.analyze(star.coadd).row()``.

Each name is imported when it is first used, so that ``import inspector`` costs nothing and a command
that needs no network never loads torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inspector.version import __version__ as __version__

if TYPE_CHECKING:
    from inspector.exceptions import (
        Cancelled,
        ColumnsNeeded,
        FileError,
        InspectorError,
        NoiseModelError,
        NotRecognised,
        SettingsError,
        SpectrumError,
        WeightsError,
    )
    from inspector.files.checkpoints.noise_model_file import load_noise_model, save_noise_model
    from inspector.files.checkpoints.spectrum_model_file import load_spectrum_model
    from inspector.files.checkpoints.weights import load_network, save_network
    from inspector.files.spectra.star_file import read_star
    from inspector.files.tables.catalogue import Catalogue
    from inspector.files.tables.catalogue_opening import open_catalogue
    from inspector.files.tables.result_table import read_table, write_table
    from inspector.pipeline.analyze import analyze
    from inspector.pipeline.model_spectrum import fit, goodness_of_fit, model_spectrum
    from inspector.pipeline.result import Result
    from inspector.science.continuum import normalize
    from inspector.science.diagnosis.editing import apply_edits, read_edits
    from inspector.science.fit import Fit
    from inspector.science.goodness_of_fit import GoodnessOfFit
    from inspector.science.model_spectrum import ModelSpectrum, SpectrumModel
    from inspector.science.network import Network
    from inspector.science.noise_model import NoiseModel
    from inspector.science.posterior import Posterior
    from inspector.science.sampling import sample, sample_growing
    from inspector.science.spectrum import NormalizedSpectrum, Spectrum
    from inspector.science.star import Star
    from inspector.science.star_info import Observation, Processing, SourceFile, StarInfo
    from inspector.service.fetch_star import fetch
    from inspector.web.viewer import Inspector

_HOME = {
    "inspector.exceptions": (
        "Cancelled ColumnsNeeded FileError InspectorError NoiseModelError NotRecognised SettingsError SpectrumError"
        " WeightsError"
    ),
    "inspector.files.checkpoints.noise_model_file": "load_noise_model save_noise_model",
    "inspector.files.checkpoints.spectrum_model_file": "load_spectrum_model",
    "inspector.files.spectra.star_file": "read_star",
    "inspector.files.tables.catalogue": "Catalogue",
    "inspector.files.tables.catalogue_opening": "open_catalogue",
    "inspector.files.tables.result_table": "read_table write_table",
    "inspector.files.checkpoints.weights": "load_network save_network",
    "inspector.pipeline.analyze": "analyze",
    "inspector.pipeline.model_spectrum": "fit goodness_of_fit model_spectrum",
    "inspector.pipeline.result": "Result",
    "inspector.science.continuum": "normalize",
    "inspector.science.diagnosis.editing": "apply_edits read_edits",
    "inspector.science.fit": "Fit",
    "inspector.science.goodness_of_fit": "GoodnessOfFit",
    "inspector.science.model_spectrum": "ModelSpectrum SpectrumModel",
    "inspector.science.network": "Network",
    "inspector.science.noise_model": "NoiseModel",
    "inspector.science.posterior": "Posterior",
    "inspector.science.sampling": "sample sample_growing",
    "inspector.science.spectrum": "NormalizedSpectrum Spectrum",
    "inspector.science.star": "Star",
    "inspector.science.star_info": "Observation Processing SourceFile StarInfo",
    "inspector.service.fetch_star": "fetch",
    "inspector.web.viewer": "Inspector",
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names.split()}

__all__ = [
    "Cancelled",
    "Catalogue",
    "ColumnsNeeded",
    "FileError",
    "Fit",
    "GoodnessOfFit",
    "Inspector",
    "InspectorError",
    "ModelSpectrum",
    "Network",
    "NoiseModel",
    "NoiseModelError",
    "NormalizedSpectrum",
    "NotRecognised",
    "Observation",
    "Posterior",
    "Processing",
    "Result",
    "SettingsError",
    "SourceFile",
    "Spectrum",
    "SpectrumError",
    "SpectrumModel",
    "Star",
    "StarInfo",
    "WeightsError",
    "analyze",
    "apply_edits",
    "fetch",
    "fit",
    "goodness_of_fit",
    "load_network",
    "load_noise_model",
    "load_spectrum_model",
    "model_spectrum",
    "normalize",
    "open_catalogue",
    "read_edits",
    "read_star",
    "read_table",
    "sample",
    "sample_growing",
    "save_network",
    "save_noise_model",
    "write_table",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'inspector' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
