"""Bokeh's websocket, with bounds on what comes in and no word of this machine in what goes out."""

from __future__ import annotations

import logging
import weakref
from typing import Any

from bokeh.protocol.message import Message
from bokeh.protocol.messages.error import Error
from panel.io.server import WSHandler
from tornado.web import Application

from inspector.web.server.message_bounds import MAX_BUFFER, MAX_FRAMES, MAX_MESSAGE, MAX_TEXT, fault

log = logging.getLogger(__name__)

POLICY_VIOLATION, INTERNAL_ERROR = 1008, 1011
"""Codes of RFC 6455, section 7.4.1."""


_OPEN = "inspector_websockets"
"""Where an application keeps those that are open."""


def bound_websockets(application: Application) -> None:
    """Have the application's websockets be ours; Bokeh names no way to choose their class."""
    application.settings[_OPEN] = weakref.WeakSet()
    rules = [rule for rule in application.wildcard_router.rules if rule.target is WSHandler]
    if not rules:
        raise RuntimeError("Panel serves its websockets by another class than this program bounds.")
    for rule in rules:
        rule.target = Websocket


def open_websockets(application: Application) -> list[Websocket]:
    """Those that are open now."""
    return list(application.settings[_OPEN])


class Websocket(WSHandler):
    """Closes, with a sentence, on whoever sends what no page sends.

    Bokeh has no public place for this; a test tells when its handler no longer calls what is overridden here.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._frames = self._size = 0  # of the message on its way

    def open(self, *args: Any, **options: Any) -> None:
        """Begin a session, or close where the token is none."""
        self.settings[_OPEN].add(self)
        try:
            super().open(*args, **options)
        except Exception as error:  # noqa: BLE001  a made-up token raises whatever its unpacking raises
            log.warning("A websocket's token was refused (%s)", type(error).__name__)
            self._end("This page's session is unknown or over. Reload the page.")

    def on_close(self) -> None:
        """Let go of the session."""
        self.settings[_OPEN].discard(self)
        super().on_close()

    async def _async_open(self, token: str) -> None:
        try:
            await super()._async_open(token)
        except Exception:  # Bokeh would leave the page waiting for an answer for ever
            log.exception("A session could not be opened")
            self._end("The session could not be opened; the server's log says why.", INTERNAL_ERROR)

    async def on_message(self, fragment: str | bytes) -> None:
        """Hand one frame on, as long as its message is not too long."""
        self._frames, self._size = self._frames + 1, self._size + len(fragment)
        too_long = len(fragment) > (MAX_TEXT if isinstance(fragment, str) else MAX_BUFFER)
        if too_long or self._frames > MAX_FRAMES or self._size > MAX_MESSAGE:
            self._end("A message was too long.")
        else:
            await super().on_message(fragment)

    async def _receive(self, fragment: str | bytes) -> Message[Any] | None:
        if self.receiver is None:
            self._end("A message came before the session was there.")
            return None
        try:
            message = await self.receiver.consume(fragment)
        except Exception as error:  # noqa: BLE001  Bokeh lets through whatever its parsing raises
            log.warning("A message of a page could not be read (%s)", type(error).__name__)
            self._end("A message could not be read.")
            return None
        if message is None:
            return None
        self._frames = self._size = 0
        wrong = fault(message.header, message.content)
        if wrong is None:
            return message
        self._end(f"A message was refused: {wrong}.")
        return None

    async def _handle(self, message: Message[Any]) -> Any:
        answer = await super()._handle(message)
        if isinstance(answer, Message) and answer.msgtype == "ERROR":  # Bokeh puts its traceback in; it is logged here
            answer.content = Error(text="The server could not do this; its log says why.", traceback=None)
        return answer

    def _internal_error(self, message: str) -> None:
        log.error("A message of a page failed: %s", message)
        self._end("The server could not do this; its log says why.", INTERNAL_ERROR)

    def _protocol_error(self, message: str) -> None:
        log.warning("A message of a page was refused: %s", message)
        self._end("A message could not be read.")

    def _end(self, why: str, code: int = POLICY_VIOLATION) -> None:
        self.close(code, why)
