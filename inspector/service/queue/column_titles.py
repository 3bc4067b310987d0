"""What a person calls a column: ``Teff`` for ``teff``, ``error of Teff`` for ``e_teff``."""

from __future__ import annotations

from inspector.science.labels import LABEL_NAMES, LABELS

LIVE = "live_"
"""Before the name of a column that a live run filled."""

_OTHERS = {
    "star_id": "star", "snr": "S/N", "masked_share": "masked share", "v_scatter": "velocity scatter",
    "odd_visit": "odd visit", "flags_differ": "flags differ",
}  # fmt: skip

_PREFIXES = {"raw_e_": "raw error of ", "e_": "error of ", "raw_": "raw "}


def title(name: str) -> str:
    """A column's name in words; the name itself where there are none."""
    if name.startswith(LIVE):
        return f"live {title(name.removeprefix(LIVE))}"
    for prefix, words in _PREFIXES.items():
        if name.removeprefix(prefix) in LABEL_NAMES and name != name.removeprefix(prefix):
            return words + _symbol(name.removeprefix(prefix))
    return _symbol(name) if name in LABEL_NAMES else _OTHERS.get(name, name)


def unit_of(name: str) -> str:
    """The unit of a label's column; empty for any other."""
    label = name.removeprefix(LIVE).removeprefix("raw_").removeprefix("e_")
    return LABELS[LABEL_NAMES.index(label)].unit if label in LABEL_NAMES else ""


def _symbol(name: str) -> str:
    return LABELS[LABEL_NAMES.index(name)].symbol
