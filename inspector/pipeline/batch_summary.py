"""The outcome of a batch run, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from inspector.science.flag_rules import FLAGS, NO_RESULT, Flag
from inspector.science.labels import FE_H, LABELS, LOGG, TEFF, Label
from inspector.science.number_format import fixed, value_error

KEPT = 20
"""Spectra and failures listed one by one; the rest are counted."""

_SHOWN = (LABELS[TEFF], LABELS[LOGG], LABELS[FE_H])
_COUNTED = (*(flag.name for flag in FLAGS), "flag_warn", "flag_bad")


@dataclass
class Summary:
    """Counts of a run, and its first rows; and whether its table was written."""

    stars: int = 0
    spectra: int = 0
    failed: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    first: list[Mapping[str, Any]] = field(default_factory=list)
    failures: list[Mapping[str, Any]] = field(default_factory=list)
    unexplained: int = 0
    written: bool = True

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], stars: int) -> Self:
        """Count the rows of a run over `stars` files."""
        summary = cls(stars)
        for row in rows:
            summary._count(row)
        return summary

    def _count(self, row: Mapping[str, Any]) -> None:
        self.spectra += 1
        self.flags.update(name for name in _COUNTED if row[name])
        self.undecided.update(flag.name for flag in FLAGS if _undecided(row, flag))
        kept = self.failures if row[NO_RESULT.name] else self.first
        self.failed += bool(row[NO_RESULT.name])
        self.unexplained += not (row[NO_RESULT.name] or row.get("fit_ok", True))
        if len(kept) < KEPT:
            kept.append(row)

    def text(self) -> str:
        """The summary as lines of text."""
        lines = [_heading(), *map(_line, self.first)] if self.first else []
        more = self.spectra - self.failed - len(self.first)
        lines += [f"… and {more} more"] if more else []
        lines += [""] if lines else []
        answered = self.spectra - self.failed
        spectra = "1 spectrum" if self.spectra == 1 else f"{self.spectra} spectra"
        files = "1 file" if self.stars == 1 else f"{self.stars} files"
        lines.append(f"{spectra} of {files}: {answered} answered, {self.failed} not.")
        lines += [f"  {name}: {self.flags[name]}" for name in _COUNTED if self.flags[name]]
        lines += [f"  {name} undecided: {n} (more draws, --mc-num, would decide)" for name, n in self.undecided.items()]
        lines += [f"  does not fit: {self.unexplained} (fit_ok)"] if self.unexplained else []
        lines += [f"  no result: {row['file']} {row['spectrum']}: {row['reason']}" for row in self.failures]
        return "\n".join(lines)


def _heading() -> str:
    values = "".join(f"{label.symbol + ' (' + label.unit + ')':>20}" for label in _SHOWN)
    return f"{'star':<20}{'spectrum':<22}{'S/N':>6}{values}  uncertain (?: undecided)"


def _line(row: Mapping[str, Any]) -> str:
    values = "".join(f"{_value(row, label):>20}" for label in _SHOWN)
    flags = ", ".join(filter(None, (_flag(row, flag) for flag in FLAGS))) or "-"
    return f"{row['star_id'][:19]:<20}{row['spectrum'][:21]:<22}{fixed(row['snr'], 0):>6}{values}  {flags}"


def _flag(row: Mapping[str, Any], flag: Flag) -> str:
    """What is uncertain, with a question mark where other draws might turn the flag; empty where it is not set."""
    doubt = "?" if _undecided(row, flag) else ""
    return flag.title.removeprefix("Uncertain ") + doubt if row[flag.name] or doubt else ""


def _undecided(row: Mapping[str, Any], flag: Flag) -> bool:
    return bool(row["flags_undecided"] >> flag.bit & 1)


def _value(row: Mapping[str, Any], label: Label) -> str:
    error = row[f"e_{label.name}"]
    return value_error(row[label.name], row[f"raw_e_{label.name}"] if np.isnan(error) else error)
