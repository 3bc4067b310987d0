"""What each figure shows, in words, for those who do not see it; its numbers stand in the panels beside it."""

from __future__ import annotations

from collections.abc import Mapping

DESCRIPTIONS: Mapping[str, str] = {
    "raw-flux": "Raw flux of the inspected spectrum against wavelength, with the fitted continuum",
    "normalised-flux": "Flux over continuum against wavelength, with the windows of the chosen elements",
    "masked-pixels": "Masked pixels against wavelength: those replaced by 1, and those flagged only",
    "overview": "The whole spectrum, with the part in view marked",
    "label-values": "Value and error of each of the 22 labels",
    "labels": "Draws, mean and error of each of the 22 labels; the list Label chooses one of them",
    "posterior": "Posterior of the chosen label; its numbers are in the table below",
    "errors": "Raw and corrected error of each label; the numbers are in the table beside it",
    "variance-shares": "Shares of model and predictive error in the raw variance of each label",
    "kiel": "The stars of the table, one column against another; the table beside it has their numbers",
    "visits": "The chosen label of each visit, with the coadd's value and error as a band",
}
"""By the name of the figure."""


def attributes(name: str) -> dict[str, str]:
    """The HTML attributes that tell a screen reader what the figure of that name shows."""
    return {"role": "figure", "aria-label": DESCRIPTIONS[name]} if name in DESCRIPTIONS else {}
