"""Kills reviewers who write, at random moments, and tells what each was promised."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from verdict_writers import made_event

REVIEWERS = ("Ann", "Bo", "Cy", "Di")


class Writers:
    """Four reviewers in processes of their own."""

    def __init__(self, place: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("verdict_writers.py")), place]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.kept: dict[str, int] = dict.fromkeys(REVIEWERS, -1)
        self.tried: dict[str, int] = dict.fromkeys(REVIEWERS, 0)
        self._pids: dict[str, int] = {}
        for reviewer in REVIEWERS:
            self._start(reviewer)

    def kill_at_random(self, times: int, seed: int = 13) -> None:
        """Kill one of them and start it again, so often."""
        chance = random.Random(seed)
        for _ in range(times):
            victim = chance.choice(REVIEWERS)
            for _ in range(chance.randrange(1, 9)):  # lines of the others: the victim may be anywhere
                self._hear()
            for _ in range(chance.randrange(20_000)):
                pass
            os.kill(self._pids.pop(victim), signal.SIGKILL)
            self._start(victim)
        while min(self.kept.values()) < 1:  # each has written, though some were killed early and often
            self._hear()

    def end(self) -> None:
        """Kill them all, and hear out what they had said."""
        for pid in self._pids.values():
            os.kill(pid, signal.SIGKILL)
        self._process.stdin.close()
        for line in self._process.stdout:
            self._note(line)
        self._process.stdout.close()
        self._process.wait()

    def _start(self, reviewer: str) -> None:
        self._process.stdin.write(f"{reviewer} {self.kept[reviewer] + 1}\n")
        while reviewer not in self._pids:
            self._hear()

    def _hear(self) -> None:
        line = self._process.stdout.readline()
        assert line, "the writers have ended"
        self._note(line)

    def _note(self, line: str) -> None:
        what, reviewer, number = line.split()
        assert what != "died", f"{reviewer} ended by an error"
        if what == "pid":
            self._pids[reviewer] = int(number)
        elif what == "kept":
            self.kept[reviewer] = max(self.kept[reviewer], int(number))
        else:
            self.tried[reviewer] = max(self.tried[reviewer], int(number))


def check_nothing_lost(store, writers: Writers) -> None:
    """Every event that was said to be kept is there, as it was made; none is doubled, torn or out of nowhere."""
    events = store.events()
    for reviewer in REVIEWERS:
        held = [event for event in events if event.reviewer == reviewer]
        made = [made_event(reviewer, number) for number in range(writers.tried[reviewer] + 1)]
        by_id = {event.id: (event.quality, event.comment, event.subject) for event in made}
        assert len(held) == len({event.id for event in held})
        assert {event.id for event in made[: writers.kept[reviewer] + 1]} <= {event.id for event in held}
        assert all(by_id[event.id] == (event.quality, event.comment, event.subject) for event in held)
