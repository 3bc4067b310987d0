"""Words and numbers out of a stranger's file: plain, short, and absent where they stand for "none"."""

from __future__ import annotations

import math

MAX_TEXT = 200
"""Characters kept of any text."""


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without control characters and outer blanks, at most `limit` characters."""
    begin = text[: 4 * limit]
    plain = begin if begin.isprintable() else "".join(c for c in begin if c.isprintable())
    return plain.strip()[:limit]


def number(value: object) -> float | None:
    """`value` as float; None for text, NaN, infinity, and the surveys' fill values (-9999, ±99999 …)."""
    if isinstance(value, bool | str) or value is None:
        return None
    try:
        x = float(value)  # type: ignore[arg-type]  # numpy scalars too; what has no float is caught here
    except (TypeError, ValueError, OverflowError):
        return None
    return x if math.isfinite(x) and -9990 < x < 99999 else None


def identifier(value: object) -> str | None:
    """`value` as the text of a positive whole number; None for fill values."""
    text = str(value).strip()
    return text if text.isdecimal() and len(text) <= 20 and int(text) > 0 else None


def printable(text: str) -> str:
    r"""`text` with each control, format or undecodable character written out (``\x1b``): safe for a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def encodable(text: str) -> str:
    r"""`text` with the bytes of a file's name that are not UTF-8 written out (``\udcff``), and without NUL."""
    if "\0" not in text and (text.isascii() or text.isprintable()):
        return text
    return text.replace("\0", "").encode("utf-8", "backslashreplace").decode("utf-8")
