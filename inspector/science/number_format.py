"""How a number is written, wherever a person reads it: value ± error unit, with the digits the error allows.

One rule: an error keeps two significant digits (a Monte Carlo error one), its value as many decimals, a
unit follows. Numbers said to add up get more decimals until what is printed adds up. What no star has
(`ABSURD` and beyond) is written short and called absurd, so that no text grows with the number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

MINUS = "−"

ABSURD = 1e6
"""From here on a label, an error or a normalised flux is not a measurement."""

MARK = " (absurd)"

MAX_DECIMALS = 6

NOTHING = "—"


def decimals(error: float, unit: str = "", digits: int = 2) -> int:
    """Decimals an error allows, so that it keeps `digits` significant ones: 61 allows 0, 0.052 allows 3.

    Where there is no usable error: none for kelvin, 2 for everything else.
    """
    if not (math.isfinite(error) and error > 0):
        return 0 if unit == "K" else 2
    exponent = int(f"{error:.{digits - 1}e}".partition("e")[2])  # of the rounded error: 0.0996 is 0.10
    return min(max(digits - 1 - exponent, 0), MAX_DECIMALS)


def fixed(value: float, places: int, unit: str = "") -> str:
    """A number with that many decimals, a true minus sign and its unit; a dash where it is not a number."""
    if math.isnan(value):
        return NOTHING
    if is_absurd(value):
        return _with_unit(_short(value), unit) + MARK
    return _with_unit(_digits(value, places), unit)


def value_error(value: float, error: float, unit: str = "", digits: int = 2) -> str:
    """``4312 ± 61 K``, ``−0.123 ± 0.052 dex``; an unknown error is written ``± ?``."""
    places = decimals(error, unit, digits)
    if is_absurd(value) or is_absurd(error):
        return _with_unit(f"{_roughly(value)} ± {_roughly(error, '?')}", unit) + MARK
    said = NOTHING if math.isnan(value) else _digits(value, places)
    return _with_unit(f"{said} ± {_small_too(error, places)}", unit)


def error_text(error: float, unit: str = "") -> str:
    """An error by itself, as `value_error` writes it."""
    if math.isnan(error) or is_absurd(error):
        return fixed(error, 0, unit)
    return _with_unit(_small_too(error, decimals(error, unit)), unit)


def significant(value: float, digits: int = 3, unit: str = "") -> str:
    """A number without an error, to some significant digits: ``0.0123``, ``61``, ``4310`` is written 4310."""
    size = abs(value)
    if 0 < size < 10.0**-MAX_DECIMALS:
        return _with_unit(_short(value), unit)
    return fixed(value, decimals(size, unit, digits) if size else 0, unit)


def plain(value: float, unit: str = "") -> str:
    """A number somebody chose (a threshold, a setting), with the digits it was chosen with."""
    if not math.isfinite(value) or is_absurd(value):
        return fixed(value, 0, unit)
    return _with_unit(f"{value:g}".replace("-", MINUS), unit)


def range_text(low: float, high: float, places: int, unit: str = "") -> str:
    """``3685 to 6587 K``."""
    if is_absurd(low) or is_absurd(high):
        return _with_unit(f"{_roughly(low)} to {_roughly(high)}", unit) + MARK
    return _with_unit(f"{fixed(low, places)} to {fixed(high, places)}", unit)


def percent(share: float) -> str:
    """A share in percent; one decimal below 10%, ``<0.1%`` for a little more than nothing."""
    if math.isnan(share):
        return NOTHING
    if is_absurd(share):
        return f"{_short(100 * share)}%" + MARK
    if 0 < share < 0.001:
        return "<0.1%"
    return (f"{share:.1%}" if 0 < share < 0.0995 else f"{share:.0%}").replace("-", MINUS)


def is_absurd(value: float) -> bool:
    """Whether it is a number that no star has; NaN is not."""
    return abs(value) >= ABSURD


def quadrature_places(parts: Sequence[float], total: float, agrees: Callable[[int], bool] | None = None) -> int:
    """Decimals with which parts and their total in quadrature are written, so that the printed ones add up.

    Parameters
    ----------
    parts, total : floats
        In one unit.
    agrees : callable, optional
        Whether something else that is printed with so many decimals agrees too.
    """
    start = decimals(total)
    if not all(map(math.isfinite, (*parts, total))) or any(map(is_absurd, (*parts, total))):
        return start

    def adds_up(places: int) -> bool:
        printed = math.hypot(*(round(part, places) for part in parts))
        return same_when_printed(printed, total, places) and (agrees is None or agrees(places))

    return agreeing_places(start, adds_up)


def agreeing_places(start: int, agrees: Callable[[int], bool]) -> int:
    """The fewest decimals from `start` on with which what is printed agrees; four more at the most."""
    most = start + 4
    return next((places for places in range(start, most) if agrees(places)), most)


def same_when_printed(one: float, other: float, places: int) -> bool:
    """Whether two numbers look the same when written with so many decimals."""
    return abs(one - round(other, places)) <= 0.5 * 10.0**-places * (1 + 1e-9)


def apart_places(start: int, value: float, bound: float) -> int:
    """Decimals from `start` on with which a number and the bound it passes are not written alike."""
    if value == bound or not (math.isfinite(value) and math.isfinite(bound)):
        return start
    return agreeing_places(start, lambda places: round(value, places) != round(bound, places))


def _digits(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def _short(value: float) -> str:
    """One significant digit: ``2e7``, ``−1e25``, ``∞``."""
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    lead, _, exponent = f"{value:.0e}".partition("e")
    return f"{lead}e{int(exponent)}".replace("-", MINUS)


def _roughly(value: float, unknown: str = NOTHING) -> str:
    """A number that stands beside an absurd one."""
    if math.isnan(value):
        return unknown
    return _short(value) if abs(value) >= 1000 else _digits(value, decimals(abs(value)))


def _small_too(error: float, places: int) -> str:
    """An error beside its value; one too small for the decimals is written short, not as zero."""
    if math.isnan(error):
        return "?"
    return _short(error) if 0 < abs(error) < 10.0**-MAX_DECIMALS else _digits(error, places)


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit else text
