"""A log that a stranger cannot fill: lines are cut, and of many of one kind most are only counted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

MAX_LINE = 1_000
"""Characters of a record's message."""

MAX_TRACEBACK = 6_000
"""Characters of a traceback's end, where its reason stands."""

PER_MINUTE = 30
"""Records of one place in the code that are written within a minute."""

OF_CLOSED_TABS = "Failed sending message as connection was closed"
"""Bokeh's warning for every message to a tab that was just closed or reloaded: nobody need know."""

UNCOUNTED = "inspector.access"
"""One record for each request, which somebody asked for."""

LOGGERS = ("", "bokeh", "panel", "tornado", "inspector")


class LogBounds(logging.Filter):
    """Cuts records, and lets no place in the code write more than `PER_MINUTE`.

    Parameters
    ----------
    clock : callable
        Seconds, from any start.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._written: dict[tuple[str, int], tuple[float, int]] = {}  # since when, how many

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut a record; False for one too many."""
        if getattr(record, "bounded", False):  # another handler had it before
            return True
        if record.msg == OF_CLOSED_TABS:
            return False
        place = (record.pathname, record.lineno)
        since, count = self._written.get(place, (self._clock(), 0))
        if self._clock() - since > 60:
            since, count, left_out = self._clock(), 0, count - PER_MINUTE
            if left_out > 0:
                record.msg, record.args = f"{record.getMessage()} ({left_out} more like it were left out)", None
        self._written[place] = (since, count + 1)
        if count >= PER_MINUTE and record.name != UNCOUNTED:
            return False
        _cut(record)
        return True


def bound_log() -> None:
    """Put the bounds on whatever writes the log now."""
    bounds = LogBounds()
    for name in LOGGERS:
        for handler in logging.getLogger(name).handlers:
            handler.addFilter(bounds)
    if logging.lastResort is not None:
        logging.lastResort.addFilter(bounds)


def _cut(record: logging.LogRecord) -> None:
    message = record.getMessage()
    if len(message) > MAX_LINE:
        message = f"{message[:MAX_LINE]} … ({len(message) - MAX_LINE} characters cut)"
    record.msg, record.args, record.bounded = message, None, True
    if record.exc_info and not record.exc_text:
        record.exc_text = logging.Formatter().formatException(record.exc_info)
    if record.exc_text and len(record.exc_text) > MAX_TRACEBACK:
        record.exc_text = f"…{record.exc_text[-MAX_TRACEBACK:]}"
