"""What a server counts of its own work, for Prometheus: numbers of things, and never of whom or what they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from inspector.exceptions import InspectorError
from inspector.version import __version__

SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Upper ends of the histograms' bins."""


class Measurements:
    """Counters of one server process; `text` is what Prometheus reads.

    Attributes
    ----------
    draws : Counter
        Drawn by the network, for whomever.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Gauge("inspector_info", "1, by version.", ["version"], registry=self._registry).labels(__version__).set(1)
        self.draws = Counter("inspector_draws", "Draws of the network.", registry=self._registry)
        self._answers = self._histogram("inspector_answer", "From a question to its whole answer.")
        self._files = self._histogram("inspector_file", "From a file's turn to its star.")
        self._unread = Counter("inspector_unread_files", "Files that gave no star.", registry=self._registry)
        self._failures = Counter("inspector_failures", "Errors that were not the user's.", registry=self._registry)

    def _histogram(self, name: str, what: str) -> Histogram:
        return Histogram(f"{name}_seconds", what, buckets=SECONDS, registry=self._registry)

    def watch(self, name: str, what: str, value: Callable[[], float]) -> None:
        """Tell a number that is asked for whenever somebody reads."""
        Gauge(name, what, registry=self._registry).set_function(value)

    def answered(self, seconds: float) -> None:
        """An answer is whole."""
        self._answers.observe(seconds)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A file is read while the block lasts; what it raises is counted."""
        started = time.monotonic()
        try:
            yield
        except InspectorError:
            self._unread.inc()
            raise
        except Exception:
            self._failures.inc()
            raise
        self._files.observe(time.monotonic() - started)

    @property
    def text(self) -> bytes:
        """In Prometheus' own format."""
        return generate_latest(self._registry)
