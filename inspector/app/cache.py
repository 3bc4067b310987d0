"""Things worth keeping, up to a weight; shared by all sessions, read-only once in."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Least recently used goes first.

    Parameters
    ----------
    limit : int
        Sum of weights to keep.
    weigh : callable
        Weight of a value, in whatever unit `limit` is.
    """

    def __init__(self, limit: int, weigh: Callable[[Value], int]) -> None:
        self._limit, self._weigh = limit, weigh
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value kept under a key, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value, and forget the oldest beyond the limit."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while self.weight > self._limit and len(self._kept) > 1:
                self._kept.popitem(last=False)

    def pop(self, key: Hashable) -> Value | None:
        """The value kept under a key, or None; it is forgotten."""
        with self._lock:
            return self._kept.pop(key, None)

    @property
    def weight(self) -> int:
        """Of everything kept."""
        return sum(self._weigh(value) for value in self._kept.values())
