"""One page's asynchronous work: started by its events, each shown as one change, cancelled when the page is closed."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from inspector.exceptions import InspectorError
from inspector.web.page_updates import delivered, held
from inspector.web.state import InspectorState

log = logging.getLogger(__name__)

Work = Coroutine[Any, Any, None]
Later = Callable[[Callable[[], None]], Any]


def at_once(act: Callable[[], None]) -> None:
    """Changes a page that no server shows, where nothing has to be waited for."""
    act()


class PageTasks:
    """Runs what events ask for, and says on the page what went wrong with it.

    Parameters
    ----------
    state : InspectorState
    later : callable
        Runs a function where the page may be changed, soon (``document.add_next_tick_callback``).
    """

    def __init__(self, state: InspectorState, later: Later) -> None:
        self._state, self._later = state, later
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, work: Work) -> asyncio.Task[None] | None:
        """Begin some work; where no event loop runs (a script, a test), do it and all that follows from it now."""
        if self._closed:
            work.close()
            return None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run(self._to_the_end(work))
            return None
        task = loop.create_task(self._explained(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: work.close())  # one that was cancelled before it began
        return task

    async def apply(self, act: Callable[[], object]) -> None:
        """Change the page, all at once; what raises is raised here. Nothing changes once the task is cancelled."""
        if self._closed:
            raise asyncio.CancelledError
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def change() -> None:
            if done.done():  # whoever wanted it has gone
                return
            try:
                delivered(act)()
            except Exception as error:  # noqa: BLE001  it is raised where it was asked for
                done.set_exception(error)
            else:
                done.set_result(None)

        try:
            self._later(change)
        except AttributeError:  # Bokeh empties the document of a closed tab before it tells anyone
            log.debug("Nobody is there any more", exc_info=True)
            self.close()
            raise asyncio.CancelledError from None
        await done

    def guarded(self, act: Callable[..., Any]) -> Callable[..., None]:
        """`act`, which may be asynchronous, for an event: held, and what it raises becomes a sentence on the page."""

        def guarded(*args: Any) -> None:
            try:
                work = act(*args)
                if inspect.iscoroutine(work):
                    self.start(work)
            except Exception as error:  # noqa: BLE001  the session lives on, whatever one callback does
                self.explain(error)

        return held(guarded)

    def explain(self, error: BaseException) -> None:
        """Say on the page what went wrong; what is not a user's error is logged whole."""
        if isinstance(error, InspectorError | LookupError):
            self._state.say(str(error.args[0] if error.args else error), "error")
            return
        log.error("A callback failed", exc_info=error)
        self._state.say(
            f"Something failed here ({type(error).__name__}). The server's log has the details; the page still works.",
            "error",
        )

    def close(self) -> None:
        """Cancel what runs; nothing is begun or shown after this."""
        self._closed = True
        for task in list(self._running):
            task.get_loop().call_soon_threadsafe(task.cancel)

    async def _explained(self, work: Work) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  as for an event
            problem = error
            await self.apply(lambda: self.explain(problem))

    async def _to_the_end(self, work: Work) -> None:
        await self._explained(work)
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
