"""What a browser's message may hold: kinds, depths and lengths, checked before Bokeh makes anything of it.

Pages send little: the longest of a whole journey was a selection of some hundred pixels, and the pieces of an upload,
which come as binary buffers beside the message. Everything far beyond that is refused, whoever sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector.science.settings import SEED

MAX_TEXT = 512 << 10
"""Characters of one text frame: a selection of every pixel of a spectrum takes 60 000."""

MAX_BUFFER = 5 << 20
"""Bytes of one binary frame: a piece of an upload has 4 MiB."""

MAX_MESSAGE = 16 << 20
"""Bytes of all frames of one message."""

MAX_FRAMES = 3 + 2 * 8
"""Frames of one message: header, metadata, content, and two per buffer."""

MAX_STRING = 16 << 10
"""Characters of one string: of a search, a path, a link."""

MAX_VALUES = 60_000
MAX_DEPTH = 32
MAX_NUMBER = SEED.high
"""Up to which JavaScript tells whole numbers apart; no seed is larger."""

KINDS = ("PULL-DOC-REQ", "PATCH-DOC", "SERVER-INFO-REQ")
"""Messages a page sends. PUSH-DOC would put another document in the place of ours."""


def fault(header: Mapping[str, Any], content: Any) -> str | None:
    """What is wrong with a message, in a few words; None if nothing is.

    Parameters
    ----------
    header, content
        As parsed from JSON.
    """
    if header.get("msgtype") not in KINDS:
        return "a message of this kind is not expected from a page"
    left, count = [(content, 0)], 0
    while left:
        value, depth = left.pop()
        count += 1
        if count > MAX_VALUES or depth > MAX_DEPTH:
            return "it holds too many values"
        if isinstance(value, Mapping):
            if wrong := _fault_of_typed(value):
                return wrong
            left += [(inner, depth + 1) for pair in value.items() for inner in pair]
        elif isinstance(value, list):
            left += [(inner, depth + 1) for inner in value]
        elif isinstance(value, str) and len(value) > MAX_STRING:
            return f"it holds a text of more than {MAX_STRING} characters"
        elif isinstance(value, int) and abs(value) > MAX_NUMBER:
            return "it holds a whole number past 2^53"
    return None


def _fault_of_typed(value: Mapping[str, Any]) -> str | None:
    """What is wrong with bytes or an array: pages send them as buffers beside the message, never packed in it."""
    if value.get("type") == "bytes" and not isinstance(value.get("data"), Mapping):
        return "bytes come as buffers of their own"  # Bokeh would gunzip a text, to any size
    if value.get("type") in ("typed_array", "ndarray") and not isinstance(value.get("array"), Mapping | list):
        return "an array comes as a buffer or a list"  # Bokeh would make as many zeros as a number says
    return None
