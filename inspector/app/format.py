"""Numbers as astronomers write them: value ± error, with the digits the error allows."""

from __future__ import annotations

import math

from inspector.science.labels import LABELS

MINUS = "−"


def decimals(error: float) -> int:
    """Decimals an error allows: two significant digits while it begins with 1 or 2, else one.

    ``0.034`` allows 2, ``0.012`` allows 3, ``61`` allows none (0); at most 4; 2 where there is no usable error.
    """
    if not (math.isfinite(error) and error > 0):
        return 2
    exponent = math.floor(math.log10(error))
    leading = error / 10**exponent
    return min(max((1 if leading < 2.95 else 0) - exponent, 0), 4)


def number(value: float, places: int) -> str:
    """A number with that many decimals and a true minus sign; an em dash where it is not finite."""
    if not math.isfinite(value):
        return "—"
    text = f"{value:.{places}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def value_error(value: float, error: float) -> str:
    """``4312 ± 61``, ``−0.12 ± 0.05``; an unknown error is written ``± ?``."""
    places = decimals(error)
    if not math.isfinite(error):
        return f"{number(value, places)} ± ?"
    return f"{number(value, places)} ± {number(error, places)}"


def error_text(error: float) -> str:
    """An error by itself, with the digits it allows."""
    return number(error, decimals(error))


def label_text(index: int, value: float, error: float) -> str:
    """``[Mg/H] −0.08 ± 0.04 dex``: symbol, value, error, unit."""
    label = LABELS[index]
    return f"{label.symbol} {value_error(value, error)} {label.unit}"


def percent(share: float) -> str:
    """A share in percent; one decimal below 10%, ``<0.1%`` for a little more than nothing."""
    if not math.isfinite(share):
        return "—"
    if 0 < share < 0.001:
        return "<0.1%"
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"
