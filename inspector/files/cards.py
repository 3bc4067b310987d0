"""A FITS header: 80-character cards, read for what they say and trusted for nothing.

Text from a stranger's file loses its control characters and is cut to `MAX_TEXT`; numbers that stand for
"none" (NaN, -9999, 99999) are absent. Source: the FITS standard 4.0, section 4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

CARD = 80
"""Characters a card."""

MAX_TEXT = 200
"""Characters kept of any text."""

MAX_LISTED = 500
"""Cards kept for the eye."""

Value = str | int | float | bool | None

_VALUE = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^/]*))\s*(?:/(.*))?")
_INTEGER = re.compile(r"[+-]?\d+")
_COMMENTARY = ("COMMENT", "HISTORY", "", "END")


class Card(NamedTuple):
    """One line of a header."""

    keyword: str
    value: Value
    comment: str


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without control characters and outer blanks, at most `limit` characters."""
    begin = text[: 4 * limit]
    plain = begin if begin.isprintable() else "".join(c for c in begin if c.isprintable())
    return plain.strip()[:limit]


def _literal(text: str) -> Value:
    """What an unquoted value means; text that is no FITS literal (``NAN``) stays text or becomes its number."""
    text = text.strip()
    if text in ("T", "F"):
        return text == "T"
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        return float(text.upper().replace("D", "E"))
    except ValueError:
        return clean(text) or None


def _card(line: str) -> Card:
    keyword = line[:8].strip()
    if line[8:10] != "= " and keyword != "CONTINUE":
        return Card(keyword, clean(line[8:]), "")
    match = _VALUE.match(line[8 if keyword == "CONTINUE" else 10 :])
    if match is None:
        return Card(keyword, None, "")
    quoted, bare, comment = match.groups(default=None)
    value = _literal(bare or "") if quoted is None else clean(quoted.replace("''", "'"))
    return Card(keyword, value, clean(comment or ""))


def _join_continued(cards: Iterable[Card]) -> list[Card]:
    """The cards with each CONTINUE appended to the text that ends in ``&``."""
    joined: list[Card] = []
    for card in cards:
        before = joined[-1] if joined else None
        if (
            card.keyword == "CONTINUE"
            and before
            and isinstance(before.value, str)
            and before.value.endswith("&")
        ):
            text = clean(before.value[:-1] + str(card.value or ""))
            joined[-1] = before._replace(value=text, comment=before.comment or card.comment)
        else:
            joined.append(card)
    return joined


class Header:
    """The cards of one header; a keyword met twice keeps its first value.

    Parameters
    ----------
    raw : bytes
        Whole cards, 80 bytes each, without the END card.
    """

    def __init__(self, raw: bytes) -> None:
        text = raw.decode("ascii", "replace")
        lines = (text[i : i + CARD] for i in range(0, len(text), CARD))
        self.cards = _join_continued(_card(line) for line in lines)
        self._values = {card.keyword: card.value for card in reversed(self.cards)}

    def get(self, keyword: str) -> Value:
        """The value as written; None where there is none."""
        return self._values.get(keyword)

    def number(self, *keywords: str) -> float | None:
        """The first of `keywords` that holds a real number, as float."""
        return next((x for x in (number(self.get(k)) for k in keywords) if x is not None), None)

    def integer(self, *keywords: str) -> int | None:
        """The first of `keywords` that holds a whole number."""
        values = (self.get(k) for k in keywords)
        return next((v for v in values if isinstance(v, int) and not isinstance(v, bool)), None)

    def text(self, *keywords: str) -> str | None:
        """The first of `keywords` that holds any text."""
        values = (self.get(k) for k in keywords)
        return next((str(v) for v in values if isinstance(v, str | int) and str(v)), None)

    def identifier(self, *keywords: str) -> str | None:
        """The first of `keywords` that holds an id, as text: ids pass 2^53."""
        return next((x for x in (identifier(self.get(k)) for k in keywords) if x is not None), None)

    def listing(self) -> list[tuple[str, str, str]]:
        """(keyword, value, comment) of the first `MAX_LISTED` cards, for the eye; no COMMENT, no HISTORY."""
        said = (card for card in self.cards if card.keyword not in _COMMENTARY)
        shown = [(clean(c.keyword), "" if c.value is None else str(c.value), c.comment) for c in said]
        return shown[:MAX_LISTED]


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
