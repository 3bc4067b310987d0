"""A FITS header as astropy parses it, asked for what it says and trusted for nothing.

Text loses its control characters; numbers that stand for "none" are absent, and so is the value of a card astropy
cannot parse (``AKTARG = NAN``, in every apStar of r6), which spoils no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from astropy.io import fits

from inspector.files.astropy_errors import quiet
from inspector.files.untrusted_text import clean, identifier, number

MAX_LISTED = 5_000
"""Cards of one file kept for the eye; an apVisit has about 900."""

CARD = 80
"""Bytes of a header's card."""

LONGEST = 400
"""Characters shown of a value or a comment."""

Value = str | int | float | bool | None


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
        """(keyword, value, comment) of every card but blank ones, for the eye."""
        said = [(clean(c.keyword), _shown(_value(c)), _shown(_parsed(c, "comment"))) for c in self._header.cards]
        return [card for card in said if any(card)]

    def title(self, index: int) -> str:
        """``HDU 1 · FLUX · image 8575 × 5``: which part of its file it heads."""
        kinds = {"": "primary", "IMAGE": "image", "BINTABLE": "table"}
        kind = kinds.get(self.text("XTENSION") or "", "extension")
        axes = [self.integer(f"NAXIS{i + 1}") or 0 for i in range(min(self.integer("NAXIS") or 0, 9))]
        parts = (f"HDU {index}", self.text("EXTNAME"), " ".join([kind, " × ".join(map(str, axes))]).strip())
        return " · ".join(filter(None, parts))


def cut_heads(heads: Sequence[bytes]) -> tuple[bytes, ...]:
    """Headers as a file has them, without what comes after `MAX_LISTED` cards in all."""
    kept, room = [], MAX_LISTED * CARD
    for head in heads:
        kept.append(head[:room])
        room -= len(kept[-1])
    return tuple(kept)


def listed(heads: Sequence[bytes]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Title and cards of each header, for the eye.

    Parameters
    ----------
    heads : sequence of bytes
        As `cut_heads` leaves them.
    """
    with quiet():
        parsed = [Header(fits.Header.fromstring(head)) for head in heads]
        return [(header.title(index), header.listing()) for index, header in enumerate(parsed)]


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    return "" if value is None else clean(str(value), LONGEST)


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
