"""The 22 labels in the groups astronomers read them in."""

from __future__ import annotations

from inspector.science.labels import LABELS, label_index

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Star", ("teff", "logg", "fe_h")),
    ("C, N, O", ("c_h", "c_1_h", "n_h", "o_h")),
    ("α elements", ("mg_h", "si_h", "s_h", "ca_h", "ti_h", "ti_2_h")),
    ("Odd-Z", ("na_h", "al_h", "p_h", "k_h")),
    ("Iron peak", ("v_h", "cr_h", "mn_h", "co_h", "ni_h")),
)
"""Title and label names of each group; every label once."""

ORDER: tuple[int, ...] = tuple(label_index(name) for _, names in GROUPS for name in names)
"""Label indices in reading order."""


def element_symbol(element: str) -> str:
    """An element as it is written: ``C I``, ``Ti II``, ``Mg``."""
    return next(label.symbol for label in LABELS if label.element == element).removeprefix("[").split("/")[0]
