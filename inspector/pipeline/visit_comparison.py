"""The visits of a star against each other, from their results."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from inspector.pipeline.result import Result
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


def _measured(result: Result, label: int) -> Measured:
    scale = float(result.noise_model.scale[label])
    moved = influence(result.drawn, label, scale if np.isfinite(scale) else 1.0)
    return Measured(float(result.value[label]), float(result.shown_error[label]), moved, result.provenance.draws)
