"""What every tab of a browser complains of and whom it calls; whatever no test expected fails a test."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit


class Watch:
    """Writes down errors on the console, errors of scripts, and calls to strangers, of all tabs of a context."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self._heard: list[str] = []
        self._expected: list[str] = []
        self._possible: list[str] = []
        context.on("console", lambda message: message.type == "error" and self._heard.append(_told(message)))
        context.on("weberror", lambda failure: self._heard.append(failure.error.stack or str(failure.error)))
        context.on("request", lambda request: self._called(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._called(socket.url)))

    def expect(self, pattern: str) -> None:
        """Let a complaint that fits a regular expression pass in this test; it must come, once or more often."""
        self._expected.append(pattern)

    def let_pass(self, pattern: str) -> None:
        """Let a complaint pass that comes in this test or does not, as it happens."""
        self._possible.append(pattern)

    def verdict(self) -> list[str]:
        """What nobody expected and what was expected in vain since the last verdict."""
        for page in self.context.pages:
            page.evaluate("0")  # what a tab has said so far arrives before its answer
        heard, expected, possible = self._heard[:], self._expected[:], self._possible[:]
        for mine in (self._heard, self._expected, self._possible):
            mine.clear()
        met = Counter(pattern for pattern in expected for complaint in heard if re.search(pattern, complaint))
        strange = [complaint for complaint in heard if not any(re.search(p, complaint) for p in expected + possible)]
        return strange + [f"expected in vain: {pattern}" for pattern in expected if not met[pattern]]

    def _called(self, url: str) -> None:
        if urlsplit(url).hostname not in (None, "localhost"):
            self._heard.append(f"a request to {url}")


def _told(message: Any) -> str:
    """What a message says; of what was not loaded, it leaves the address to its location."""
    missing = message.text.startswith("Failed to load resource")
    return f"{message.text}: {message.location['url']}" if missing else str(message.text)
