"""A server that is asked to stop tells its pages first, so that they know what happened and come back."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from tornado.web import Application

from inspector.service.services import Services
from inspector.web.server.host_gate import refuse_requests
from inspector.web.server.websocket import open_websockets

GOING_AWAY = 1001
"""Of RFC 6455, section 7.4.1."""

GRACE = 2.0
"""Seconds the pages have to say that they heard."""

LOOKS = 0.05
"""Seconds between two looks whether they all did."""


class GracefulStop:
    """Stops a server's loop; asked again, at once.

    Parameters
    ----------
    application : Application
        Whose websockets are told.
    services : Services
    loop : tornado.ioloop.IOLoop
    """

    def __init__(self, application: Application, services: Services, loop: Any) -> None:
        self._application, self._services, self._loop = application, services, loop

    def listen(self) -> None:
        """Stop on Ctrl+C, and when the system asks."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.asyncio_loop.add_signal_handler(number, self.begin)

    def begin(self) -> None:
        """Tell the pages, then stop."""
        if self._services.stopping:
            self._loop.stop()
            return
        self._services.stopping = True
        refuse_requests(self._application)  # or a page that hears of it would load again from a server that ends
        for socket in open_websockets(self._application):
            socket.close(GOING_AWAY, "The server is stopping.")
        self._loop.add_callback(self._end)

    async def _end(self) -> None:
        left = GRACE
        while left > 0 and open_websockets(self._application):
            await asyncio.sleep(LOOKS)
            left -= LOOKS
        self._loop.stop()
