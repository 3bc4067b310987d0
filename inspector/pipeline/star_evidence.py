"""What is known of the inspected spectrum of a star, once the network has answered."""

from __future__ import annotations

from collections.abc import Mapping

from inspector.pipeline.result import Result
from inspector.pipeline.visit_comparison import compare_visits
from inspector.science.evidence import Evidence
from inspector.science.spectrum import Spectrum
from inspector.science.star import Star
from inspector.science.training_range import MAIN, outside_training


def star_evidence(
    star: Star,
    spectrum: Spectrum,
    result: Result | None = None,
    visit_results: Mapping[str, Result] | None = None,
    apart: Mapping[int, float] | None = None,
) -> Evidence:
    """The evidence for `inspector.science.evidence.suggested_causes`.

    Parameters
    ----------
    star : Star
    spectrum : Spectrum
        The one of the star that is judged.
    result : Result, optional
        Its answer; another spectrum's is left out.
    visit_results : mapping of str to Result, optional
        Of the star's spectra, by name.
    apart : mapping of int to float, optional
        By label index, a table's value minus the answer's, in their joint errors.
    """
    visits = {spectrum.name for spectrum in star.visits if spectrum.flux is not star.coadd.flux}
    results = {name: one for name, one in (visit_results or {}).items() if name in visits}
    pulls = {label: compare_visits(results, label) for label in MAIN}
    outside = ""
    if result is not None and result.posterior is not None and result.spectrum_name == spectrum.name:
        outside = outside_training(result.value, result.shown_error, result.weights)
    return Evidence(star, spectrum, outside, {label: found for label, found in pulls.items() if found}, apart or {})
