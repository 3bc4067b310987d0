"""An edit as answers and spectra carry it: a text that says what was changed on purpose."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

BETWEEN = ";"
"""Stands between edits in a text."""


class Edit(ABC):
    """One change of a spectrum, a frozen value; which there are: `inspector.science.diagnosis.edits`."""

    @property
    @abstractmethod
    def text(self) -> str:
        """``mask:15740-15760``, from which `inspector.read_edits` makes the same value."""


def edits_text(edits: Iterable[Edit]) -> str:
    """``mask:15740-15760; shift:+5``; empty where there are none."""
    return f"{BETWEEN} ".join(edit.text for edit in edits)
