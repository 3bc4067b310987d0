"""Reviewers who write verdicts as fast as they can, each in a process that may be killed at any instant.

``python verdict_writers.py STORE`` starts one for each line ``REVIEWER NEXT`` on its input: it sends its events from
number NEXT on, and says ``try REVIEWER NUMBER`` before each and ``kept REVIEWER NUMBER`` once the store says so.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn
from uuid import NAMESPACE_URL, uuid5

from inspector.exceptions import StoreError
from inspector.service.verdicts.event import Event
from inspector.service.verdicts.store import open_store
from inspector.service.verdicts.subject import Subject


def made_event(reviewer: str, number: int) -> Event:
    """The event of a number: whoever makes it again makes the same, but for its time."""
    return Event(
        "verdict",
        Subject(apogee_id=f"2M{number % 7:08d}"),
        reviewer,
        id=str(uuid5(NAMESPACE_URL, f"{reviewer}/{number}")),
        quality=number % 5,
        comment=f"{reviewer} {number} λ" + "x" * (number * 1237 % 9000),  # often longer than a page of the file
    )


def write(place: str, reviewer: str, number: int) -> NoReturn:
    store = until_done(lambda: open_store(place))
    times = {event.id: event.time for event in until_done(lambda: store.events(reviewer=reviewer))}
    while True:
        event = made_event(reviewer, number)
        if event.id in times:  # the event whose answer the kill swallowed: a page sends it again as it was
            event = replace(event, time=times[event.id])
        say(f"try {reviewer} {number}")
        until_done(lambda event=event: store.append(event))
        say(f"kept {reviewer} {number}")
        number += 1


def until_done(work: Callable[[], Any]) -> Any:
    """As a desk does: four who never pause may keep one of them from the lock for longer than its patience."""
    while True:
        try:
            return work()
        except StoreError as error:
            if not error.passing:
                raise


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main(place: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever is killed leaves nothing behind
    for line in sys.stdin:
        reviewer, number = line.split()
        child = os.fork()
        if child == 0:
            try:
                write(place, reviewer, int(number))
            finally:
                say(f"died {reviewer} {number}")
                os._exit(1)
        say(f"pid {reviewer} {child}")


if __name__ == "__main__":
    main(sys.argv[1])
