"""A log that a machine reads: one JSON object a line, each with the request it belongs to."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from tornado.httputil import HTTPHeaders
from tornado.web import Application, RequestHandler

from inspector.web.server.log_bounds import UNCOUNTED

REQUEST_ID = "X-Request-ID"
"""Header in which a proxy names a request, and each answer tells its name."""

_SOUND = re.compile(r"[\w.-]{1,64}", re.ASCII)

_request: ContextVar[str] = ContextVar("request", default="")
"""Of whatever runs now: a request's task, and all that it starts, a page's websocket included."""

MAX_PATH = 500
"""Characters of an address that are written."""

access_log = logging.getLogger(UNCOUNTED)


def name_request(headers: HTTPHeaders) -> None:
    """Give a request that has no sound name one, and have what is logged for it carry that."""
    name = headers.get(REQUEST_ID, "")
    if not _SOUND.fullmatch(name):
        name = headers[REQUEST_ID] = secrets.token_hex(8)
    _request.set(name)


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := _request.get():
            told["request"] = request
        told |= getattr(record, "told", {})
        if record.exc_info or record.exc_text:
            told["traceback"] = record.exc_text or self.formatException(record.exc_info or sys.exc_info())
        return json.dumps(told, ensure_ascii=False)


def log_json() -> None:
    """Write every logger's records to standard error as JSON, those of the inspector from INFO on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("bokeh", "panel", "tornado"):  # Panel and Bokeh bring handlers of their own
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("inspector").setLevel(logging.INFO)


def log_requests(application: Application) -> None:
    """Have each request written to the log once it is answered."""
    application.settings["log_function"] = _log_request


def _log_request(handler: RequestHandler) -> None:
    request = handler.request
    path = request.path[:MAX_PATH]
    told = {
        "method": request.method,
        "path": path,
        "status": handler.get_status(),
        "ms": round(1000 * request.request_time(), 1),
    }
    access_log.info("%s %s", request.method, path, extra={"told": told})
