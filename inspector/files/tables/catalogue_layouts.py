"""Which survey product a table is, by its columns: what it calls itself, and who made its labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Layout:
    """A kind of table.

    Attributes
    ----------
    kind : str
        ``own``, ``astra``, ``astra-visits``, ``vac``, ``allstar``, ``allvisit`` or ``other``.
    words : str
        What it is, for a person, with its release or version as far as it says.
    made_by : str
        Which network or pipeline made its labels, in words; empty if it does not say.
    official : bool
        Whether the survey made it, with its own weights or its own pipeline.
    release : str or None
        ``dr17`` where all its spectra are of one release and no column says so.
    """

    kind: str
    words: str
    made_by: str = ""
    official: bool = False
    release: str | None = None


_NEEDS: tuple[tuple[str, frozenset[str], str, str, bool], ...] = (
    ("own", frozenset({"star_id", "weights_hash", "raw_e_teff"}), "a table of 'inspector batch'", "", False),
    (
        "astra-visits",
        frozenset({"sdss_id", "raw_e_teff", "result_flags", "mjd", "fiber"}),
        "SDSS Astra's AstroNN results for visits",
        "SDSS Astra's AstroNN, with its own weights",
        True,
    ),
    (
        "astra",
        frozenset({"sdss_id", "raw_e_teff", "result_flags"}),
        "SDSS Astra's AstroNN results for stars",
        "SDSS Astra's AstroNN, with its own weights",
        True,
    ),
    ("allstar", frozenset({"apogee_id", "aspcapflag"}), "an APOGEE allStar catalogue", "ASPCAP, not AstroNN", True),
    (
        "vac",
        frozenset({"apogee_id", "teff", "teff_err", "ci_h", "tiii_h"}),
        "the value-added catalogue of astroNN",
        "astroNN's own network (the value-added catalogue), not SDSS Astra's",
        True,
    ),
    ("allvisit", frozenset({"apogee_id", "mjd", "plate", "fiberid"}), "an APOGEE allVisit catalogue", "", True),
)

_RELEASED = ("vac", "allstar", "allvisit")


def recognise(names: Iterable[str], file: str, first: Mapping[str, Any]) -> Layout:
    """Which product a table is.

    Parameters
    ----------
    names : iterable of str
        Its columns.
    file : str
        The file's name: the catalogues of DR17 say their release there alone.
    first : mapping
        Values of its first row, by our names.
    """
    lower = {name.lower() for name in names}
    found = next((need for need in _NEEDS if need[1] <= lower), None)
    if found is None:
        return Layout("other", "a table", _said(lower, first))
    kind, _, words, made_by, official = found
    release = _release(file) if kind in _RELEASED else None
    version = release.upper() if release else _version(first)
    hashed = f"the weights {first['weights_hash'][:8]}" if kind == "own" and first.get("weights_hash") else made_by
    return Layout(kind, f"{words}, {version}" if version else words, hashed, official, release)


def _version(first: Mapping[str, Any]) -> str:
    return f"version {first['v_astra']}" if first.get("v_astra") else ""


def _said(names: AbstractSet[str], first: Mapping[str, Any]) -> str:
    if first.get("weights_hash"):
        return f"the weights {str(first['weights_hash'])[:8]}"
    marked: Callable[[str], bool] = lambda name: bool(re.search(r"astronn|_nn$|^nn_", name))  # noqa: E731
    return "AstroNN, as its columns' names say" if any(map(marked, names)) else ""


def _release(file: str) -> str | None:
    found = re.search(r"(?<![a-z0-9])dr(\d{1,2})(?!\d)", file.lower())
    return f"dr{found[1]}" if found else None
