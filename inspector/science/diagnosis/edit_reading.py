"""An edit from its text, as `inspector.science.diagnosis.edits` lists them."""

from __future__ import annotations

import re
from collections.abc import Callable

from inspector.exceptions import SettingsError
from inspector.science.diagnosis.edits import (
    Blank,
    Change,
    Continuum,
    Degrade,
    DropVisits,
    LeaveOut,
    Mask,
    Persistence,
    SetPixel,
    Shift,
    Unmask,
)

_NUMBER = r"[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?"


def _floats(*found: str | None) -> tuple[float, ...]:
    return tuple(float(one) for one in found if one)


_REGION = rf"({_NUMBER})\s*-\s*({_NUMBER})"

_READERS: dict[str, tuple[type[Change], str, Callable[..., Change]]] = {
    "mask": (Mask, _REGION, lambda a, b: Mask(*_floats(a, b))),
    "unmask": (Unmask, _REGION, lambda a, b: Unmask(*_floats(a, b))),
    "leave_out": (LeaveOut, _REGION, lambda a, b: LeaveOut(*_floats(a, b))),
    "blank": (Blank, r"([A-Za-z0-9]{1,8})", Blank),
    "pixel": (SetPixel, rf"({_NUMBER})=({_NUMBER})", lambda a, b: SetPixel(*_floats(a, b))),
    "shift": (Shift, f"({_NUMBER})", lambda a: Shift(float(a))),
    "snr": (Degrade, rf"({_NUMBER})(?:@(\d{{1,16}}))?", lambda a, b: Degrade(float(a), int(b or 0))),
    "continuum": (Continuum, r"(\d{1,3})", lambda a: Continuum(int(a))),
    "persistence": (
        Persistence,
        rf"([a-z]{{1,8}})([+-]\d[^@]*)(?:@({_NUMBER}))?",
        lambda chip, size, at: Persistence(chip, float(size), float(at) if at else None),
    ),
    "drop": (DropVisits, r"(\d{1,5}(?:\+\d{1,5})*)", lambda a: DropVisits(tuple(map(int, a.split("+"))))),
}

KINDS = tuple(_READERS)
"""What an edit's text may begin with."""


def read_edit(text: str) -> Change:
    """The edit of a text form; raises `SettingsError` in one sentence."""
    kind, _, said = text.strip().partition(":")
    if kind not in _READERS:
        raise SettingsError(
            f"{text.strip()!r:.40} is not an edit; one begins with {', '.join(f'{k}:' for k in KINDS)}."
        )
    made, pattern, read = _READERS[kind]
    found = re.fullmatch(pattern, said.strip(), re.ASCII)
    try:
        if found:
            return read(*found.groups())
    except (ValueError, OverflowError):
        pass
    raise SettingsError(f"{text.strip()!r:.40} is not an edit; write {made.form.format(kind=kind)}.")
