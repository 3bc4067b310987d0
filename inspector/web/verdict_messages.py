"""What a browser says of verdicts, read with care: a message is whatever some browser sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspector.exceptions import SettingsError

LONGEST = 4 << 20
"""Bytes of a comment: a browser sends a million characters at the most."""

LONGEST_KEY = 1000
MOST_CAUSES = 100


@dataclass(frozen=True)
class Typed:
    """What a reviewer has ticked and typed on a spectrum and not sent.

    Attributes
    ----------
    key : str
        Of the subject.
    number : int
        Of the browser's, to tell it which one is kept.
    causes : tuple of str
    comment : str
    """

    key: str
    number: int
    causes: tuple[str, ...]
    comment: str


@dataclass(frozen=True)
class Given:
    """A verdict that a key or a button gave.

    Attributes
    ----------
    typed : Typed
        With it.
    id : str
        Of the event, made by the browser: sent again after a broken connection, it is the same event.
    quality : int
    stay : bool
        Whether the page is to stay at the star whatever its switch says.
    """

    typed: Typed
    id: str
    quality: int
    stay: bool


def read_typed(message: Mapping[str, Any], key: object) -> Typed:
    """What was typed; raises `SettingsError` for what no page sends."""
    causes, comment, number = message.get("causes"), message.get("comment"), message.get("number")
    if not isinstance(causes, list) or len(causes) > MOST_CAUSES or not all(isinstance(one, str) for one in causes):
        raise SettingsError("The causes of a verdict could not be read. Reload the page.")
    if not isinstance(comment, bytes | bytearray | memoryview) or len(comment) > LONGEST:
        raise SettingsError("The comment could not be read, or has more than 4 MiB. Shorten it.")
    text = bytes(comment).decode("utf-8", "replace")
    return Typed(read_key(key), number if isinstance(number, int) else 0, tuple(causes), text)


def read_given(message: Mapping[str, Any]) -> Given:
    """A verdict; raises `SettingsError` for what no page sends."""
    event, quality = message.get("id"), message.get("quality")
    if not isinstance(event, str) or not isinstance(quality, int):
        raise SettingsError("A verdict could not be read. Reload the page.")
    return Given(read_typed(message, message.get("verdict")), event, quality, message.get("stay") is True)


def read_key(key: object) -> str:
    """Which subject a message is about."""
    if not isinstance(key, str) or len(key) > LONGEST_KEY:
        raise SettingsError("A message does not say which star it is about. Reload the page.")
    return key
