"""Things worth keeping, up to a weight; shared by all sessions, read-only once in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """`cachetools.LRUCache` for many threads; what is heavier than its limit is kept alone, not refused.

    Parameters
    ----------
    limit : int
        Sum of weights to keep.
    weigh : callable
        Weight of a value, in whatever unit `limit` is.
    """

    def __init__(self, limit: int, weigh: Callable[[Value], int]) -> None:
        self._kept: LRUCache[Hashable, Value] = LRUCache(limit, lambda value: min(weigh(value), limit))
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value kept under a key, or None."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value, and forget those longest unused beyond the limit."""
        with self._lock:
            self._kept[key] = value

    def pop(self, key: Hashable) -> Value | None:
        """The value kept under a key, or None; it is forgotten."""
        with self._lock:
            return self._kept.pop(key, None)
