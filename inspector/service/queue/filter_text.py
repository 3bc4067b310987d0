"""The filters of a queue as one short text: typed by a person, held by a link, saved under a name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from inspector.exceptions import SettingsError
from inspector.service.queue.filters import ANY_ID, VERDICT, AnyId, Between, Contains, Filter, Flagged, Is, Verdict

MAX_TEXT = 2000
"""Characters of all filters together: a link holds them."""


def filters_text(filters: Sequence[Filter]) -> str:
    """All filters as one text, which `read_filters` reads."""
    return ",".join(chosen.text for chosen in filters)


def read_filters(text: str) -> tuple[Filter, ...]:
    """The filters a text names.

    Parameters
    ----------
    text : str
        Parts between commas: ``flag_bad`` (set), ``!flag_bad`` (not set), ``?flag_bad`` (undecided),
        ``teff:4000..5000``, ``telescope:=apo25m``, ``field:M67``, ``verdict:none``, ``text:2M17``. A comma, a colon or
        a percent sign that belongs to a text is written as in an address (``%2C``).

    Raises
    ------
    SettingsError
        If a part makes no sense.
    """
    if len(text) > MAX_TEXT:
        raise SettingsError(f"The filters are {len(text)} characters long; {MAX_TEXT} is the most. Use fewer.")
    return tuple(_read(part.strip()) for part in text.split(",") if part.strip())


def _read(part: str) -> Filter:
    name, colon, value = part.partition(":")
    name, value = name.strip(), value.strip()
    if not colon:
        states: dict[str, Any] = {"!": "not set", "?": "undecided"}
        state = states.get(name[:1], "set")
        column = unquote(name if state == "set" else name[1:])
        if not column:
            raise SettingsError(f"The filter {part[:60]!r} names no column. {_EXAMPLES}")
        return Flagged(column, state)
    if not name or not value:
        raise SettingsError(f"The filter {part[:60]!r} lacks {'a value' if name else 'a column'}. {_EXAMPLES}")
    if name in (VERDICT, ANY_ID):
        return Verdict(unquote(value)) if name == VERDICT else AnyId(unquote(value))
    if value.startswith("="):
        return Is(unquote(name), unquote(value[1:]))
    if ".." in value:
        return _range(unquote(name), value, part)
    return Contains(unquote(name), unquote(value))


def _range(column: str, value: str, part: str) -> Between:
    low, _, high = value.partition("..")
    try:
        ends = float(low or -math.inf), float(high or math.inf)
    except ValueError:
        ends = math.nan, math.nan
    if not ends[0] <= ends[1]:
        raise SettingsError(
            f"The filter {part[:60]!r} is not a range: write two numbers, the smaller first, as in teff:4000..5000."
        )
    return Between(column, *ends)


_EXAMPLES = "Write for example flag_bad, !flag_warn, teff:4000..5000, verdict:none or text:2M17."
