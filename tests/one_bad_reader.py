"""Readers that die, in a module of their own so that a spawned worker can import them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from inspector.pipeline.prepare import Prepared
from inspector.pipeline.workers import Reading


@dataclass(frozen=True)
class DyingReading(Reading):
    """Reads as `Reading` does, but dies over ``dies.fits`` always and over ``dies_once.fits`` until that is noted."""

    note: Path = Path()

    def __call__(self, path: Path) -> list[Prepared]:
        if path.name == "dies.fits":
            os._exit(9)
        if path.name == "dies_once.fits" and not self.note.exists():
            self.note.touch()
            os._exit(9)
        return super().__call__(path)
