"""The 22 stellar labels: names, units, order and aliases, each stated once.

The order is the one SDSS Astra's AstroNN tables use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Label:
    """One stellar label.

    Attributes
    ----------
    name : str
        Column name, as in SDSS tables (``mg_h``).
    symbol : str
        As astronomers write it (``[Mg/H]``).
    unit : str
        ``K`` or ``dex``, in the spelling of `astropy.units`; log g is in dex of cm/s².
    description : str
        One sentence.
    element : str or None
        The element whose sub-network answers (``Mg``); None for the three labels of the
        full-spectrum branch.
    aliases : tuple of str
        Other spellings met in the wild, lower case.
    """

    name: str
    symbol: str
    unit: str
    description: str
    element: str | None
    aliases: tuple[str, ...]


def _abundance(name: str, symbol: str, element: str | None, *aliases: str) -> Label:
    written = symbol if symbol.startswith("[") else f"[{symbol}/H]"
    known = (name, written, symbol, name.removesuffix("_h"), *aliases)
    spellings = dict.fromkeys(spelling.lower() for spelling in known)
    return Label(name, written, "dex", f"Abundance {written}", element, tuple(spellings))


LABELS: tuple[Label, ...] = (
    Label("teff", "Teff", "K", "Effective temperature", None, ("teff", "t_eff")),
    Label("logg", "log g", "dex", "Surface gravity, log10 of cm/s^2", None, ("logg", "log g")),
    _abundance("c_h", "C", "C"),
    _abundance("c_1_h", "C I", "CI", "c1_h", "ci_h", "ci", "c1", "[ci/h]"),
    _abundance("n_h", "N", "N"),
    _abundance("o_h", "O", "O"),
    _abundance("na_h", "Na", "Na"),
    _abundance("mg_h", "Mg", "Mg"),
    _abundance("al_h", "Al", "Al"),
    _abundance("si_h", "Si", "Si"),
    _abundance("p_h", "P", "P"),
    _abundance("s_h", "S", "S"),
    _abundance("k_h", "K", "K"),
    _abundance("ca_h", "Ca", "Ca"),
    _abundance("ti_h", "Ti", "Ti"),
    _abundance("ti_2_h", "Ti II", "TiII", "ti2_h", "tiii_h", "tiii", "ti2", "[tiii/h]"),
    _abundance("v_h", "V", "V"),
    _abundance("cr_h", "Cr", "Cr"),
    _abundance("mn_h", "Mn", "Mn"),
    _abundance("fe_h", "Fe", None),
    _abundance("co_h", "Co", "Co"),
    _abundance("ni_h", "Ni", "Ni"),
)

LABEL_NAMES: tuple[str, ...] = tuple(label.name for label in LABELS)

_INDEX = {alias: i for i, label in enumerate(LABELS) for alias in label.aliases}


def label_index(name: str) -> int:
    """Position of a label, by its name or any known alias.

    Parameters
    ----------
    name : str
        ``mg_h``, ``Mg``, ``[Mg/H]``, ``c1_h``, ``TiII`` …; case does not matter.

    Returns
    -------
    int
        Index into `LABELS`.

    Raises
    ------
    KeyError
        If no label goes by that name.
    """
    return _INDEX[name.strip().lower()]


TEFF, LOGG, FE_H = (label_index(name) for name in ("teff", "logg", "fe_h"))

ELEMENTS: tuple[str, ...] = tuple(label.element for label in LABELS if label.element)
"""The 19 elements that have a sub-network, in the network's order."""

ELEMENT_LABELS = np.array([i for i, label in enumerate(LABELS) if label.element])
"""Label index of each element of `ELEMENTS`. Shape (19,)."""
