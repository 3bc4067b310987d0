"""What a run has finished, one line a file, so that a run that was cut off can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from inspector.errors import FileError, SettingsError

Row = Mapping[str, Any]


class Journal:
    """A file of JSON lines: the run's settings, then for each finished input its rows.

    Parameters
    ----------
    path : Path
    settings : mapping
        What decides the numbers; a run goes on only under the same.
    resume : bool
        Go on from what is there, rather than begin anew.

    Raises
    ------
    SettingsError
        If the run to go on from had other settings.
    FileError
        If the journal cannot be written, or is none.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], *, resume: bool) -> None:
        self.path = path
        self.finished: set[str] = set()
        try:
            if resume and path.exists():
                self._recover(settings)
                self._stream: BinaryIO = path.open("ab")
            else:
                self._stream = path.open("wb")
                self._write({"settings": settings})
        except OSError as error:
            raise FileError(f"'{path}' cannot be written: {error.strerror}. Choose another place.") from None

    def add(self, key: str, rows: Sequence[Row]) -> None:
        """Note that input `key` is finished, with its rows; it is on disk when this returns."""
        self._write({"key": key, "rows": rows})
        self.finished.add(key)

    def rows(self, order: Sequence[str]) -> Iterator[Row]:
        """Rows of the finished inputs, in the order given."""
        self._stream.flush()
        places: dict[str, int] = {}
        with self.path.open("rb") as lines:
            place = 0
            for line in lines:
                entry = json.loads(line)
                if "key" in entry:
                    places[entry["key"]] = place
                place += len(line)
            for key in order:
                if key in places:
                    lines.seek(places[key])
                    yield from json.loads(lines.readline())["rows"]

    def close(self) -> None:
        """Close the file; it stays."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(entry).encode() + b"\n")
        self._stream.flush()

    def _recover(self, settings: Mapping[str, Any]) -> None:
        """Read what is there; a last line that a kill cut short is dropped."""
        sound = 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines):
                entry = _entry(line)
                if entry is None or ("settings" in entry) != (number == 0):
                    break
                if number == 0:
                    _refuse_other_settings(self.path, entry["settings"], settings)
                else:
                    self.finished.add(entry["key"])
                sound += len(line)
        if not sound:
            raise FileError(f"'{self.path}' is no journal of a run. Start again without --resume.")
        os.truncate(self.path, sound)


def _entry(line: bytes) -> dict[str, Any] | None:
    """One line of a journal; None if it is not whole."""
    try:
        entry = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    if not isinstance(entry, dict):
        return None
    finished = isinstance(entry.get("key"), str) and isinstance(entry.get("rows"), list)
    return entry if finished or "settings" in entry else None


def _refuse_other_settings(path: Path, before: Any, now: Mapping[str, Any]) -> None:
    if before == now:
        return
    before = before if isinstance(before, Mapping) else {}
    other = [
        f"{name} was {before.get(name)!r:.70}, now {now[name]!r:.70}" for name in now if before.get(name) != now[name]
    ]
    raise SettingsError(
        f"The run in '{path}' had other settings ({'; '.join(other)}). Resume it with the same, or start again"
        " without --resume."
    )
