"""The visits of a star against each other, from their results."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from inspector.pipeline.result import Result
from inspector.science.labels import FE_H, LOGG, TEFF
from inspector.science.monte_carlo_error import influence
from inspector.science.visits import Measured, Pull, visit_pulls


def compare_visits(results: Mapping[str, Result], label: int) -> dict[str, Pull]:
    """How far each visit stands from all the others in one label; empty for fewer than three with a value.

    Parameters
    ----------
    results : mapping of str to Result
        Of the visits, by name; without the coadd.
    label : int
    """
    return visit_pulls({name: _measured(result, label) for name, result in results.items() if result.posterior})


def odd_visit(results: Mapping[str, Result]) -> str:
    """Name of the visit that stands farthest out in Teff, log g or [Fe/H]; empty where none is odd for certain.

    Parameters
    ----------
    results : mapping of str to Result
        Of the visits, by name; without the coadd.
    """
    pulls = [pull for label in (TEFF, LOGG, FE_H) for pull in compare_visits(results, label).items()]
    odd = [(abs(pull.pull), name) for name, pull in pulls if pull.verdict == "odd"]
    return max(odd)[1] if odd else ""


def _measured(result: Result, label: int) -> Measured:
    scale = float(result.noise_model.scale[label])
    moved = influence(result.drawn, label, scale if np.isfinite(scale) else 1.0)
    return Measured(float(result.value[label]), float(result.shown_error[label]), moved, result.provenance.draws)
