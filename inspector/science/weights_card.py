"""What weights say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector.exceptions import WeightsError


@dataclass(frozen=True)
class WeightsCard:
    """Which weights answered, and what they were trained on: the page and every file say so.

    Attributes
    ----------
    name : str
        As a person would call them.
    sha256 : str
        Of the parameters' bytes, so the same weights have one hash whatever file held them.
    training_set : str
        One sentence.
    date : str
        ISO date of the training, or ``unknown``.
    demonstration : bool
        True for weights that are not from SDSS.
    extra : mapping
        Whatever else the file says of itself (code version, DOI …).
    """

    name: str
    sha256: str
    training_set: str
    date: str = "unknown"
    demonstration: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Label values the weights have seen in training: 1% to 99%, by label name, where the file says so."""
        stated = self.extra.get("label_ranges", {})
        try:
            ranges = {name: (float(stated[name]["p1"]), float(stated[name]["p99"])) for name in stated}
            if not all(low <= high for low, high in ranges.values()):
                raise ValueError
            return ranges
        except (KeyError, IndexError, TypeError, ValueError, OverflowError):
            raise WeightsError(
                f"'{self.name}' states its label ranges in a way not known here; expected {{label: {{p1, p99}}}}."
            ) from None

    @property
    def short_hash(self) -> str:
        """The first eight digits."""
        return self.sha256[:8]
