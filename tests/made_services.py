"""Services that read in this process, and a loop for tests that need one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from inspector.service.reading import ReadHere
from inspector.service.services import Services
from inspector.web.page_tasks import at_once
from inspector.web.session import Session


def services_for(paths: Sequence[Path] = (), **given: Any) -> Services:
    """What a server of these files would share, with no process of its own."""
    return Services(paths, readers=ReadHere(), **given)


def session_of(services: Services, query: str = "") -> Session:
    """A page nobody looks at: what it does is done when it returns."""
    return Session(services, at_once, query)


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test, for a minute at most."""

    @wraps(test)
    def run(*args: Any, **given: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **given), 60))

    return run


async def until(condition: Callable[[], object]) -> None:
    """Let the others work until a condition is met."""
    while not condition():
        await asyncio.sleep(0.002)
