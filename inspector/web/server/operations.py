"""What whoever runs a server asks of it: does it answer (``/healthz``), and what does it do (``/metrics``)?"""

from __future__ import annotations

import json
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from tornado.web import RequestHandler

from inspector.service.services import Services
from inspector.version import __version__


class _Asked(RequestHandler):
    def initialize(self, services: Services) -> None:
        """Tornado's way to hand a handler what it speaks of."""
        self.services = services

    def head(self) -> None:
        """As GET, whose body Tornado leaves out."""
        self.get()


class Health(_Asked):
    """200 where the server can answer, 503 while it reads its weights, without any, and once it stops."""

    def get(self) -> None:
        """In JSON: what it does, and what is wrong."""
        state = self.services.state
        self.set_status(200 if state == "ready" else 503)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.write(json.dumps({"state": state, "version": __version__, "problems": len(self.services.problems)}))


class Metrics(_Asked):
    """Counters of this server process."""

    def get(self) -> None:
        """In Prometheus' format."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.set_header("Cache-Control", "no-store")
        self.write(self.services.measurements.text)


def operations(services: Services) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Addresses and who answers there."""
    given = {"services": services}
    return [(r"/healthz", Health, given), (r"/metrics", Metrics, given)]
