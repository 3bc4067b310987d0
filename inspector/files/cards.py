"""A FITS header as astropy parses it, asked for what it says and trusted for nothing.

Text loses its control characters; numbers that stand for "none" are absent, and so is the value of a card astropy
cannot parse (``AKTARG = NAN``, in every apStar of r6), which spoils no other.
"""

from __future__ import annotations

from typing import Any

from astropy.io import fits

from inspector.files.text import clean, identifier, number

MAX_LISTED = 500
"""Cards kept for the eye."""

Value = str | int | float | bool | None

_COMMENTARY = ("COMMENT", "HISTORY", "", "END")


class Header:
    """The cards of one header; a keyword met twice keeps its first value."""

    def __init__(self, header: fits.Header) -> None:
        self._header = header

    def get(self, keyword: str) -> Value:
        """The value as written; None where there is none."""
        try:
            card = self._header.cards[keyword]
        except KeyError:
            return None
        return _value(card)

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
        said = [card for card in self._header.cards if card.keyword not in _COMMENTARY][:MAX_LISTED]
        return [(clean(card.keyword), _shown(_value(card)), _shown(_parsed(card, "comment"))) for card in said]


def _shown(value: Value) -> str:
    return "" if value is None else clean(str(value))


def _value(card: fits.Card) -> Value:
    """What a card says; None where that is no FITS value."""
    value = _parsed(card, "value")
    if isinstance(value, str):
        return clean(value)
    return value if isinstance(value, int | float) else None  # no complex numbers, no undefined ones


def _parsed(card: fits.Card, part: str) -> Any:
    """The value or the comment, which astropy parses only now; None where it cannot."""
    try:
        return getattr(card, part)
    except (fits.VerifyError, ValueError):  # no literal of the standard; digits that make no number
        return None
