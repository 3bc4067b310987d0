"""What a run has finished, one line per file, so that a run that was cut off can be continued.

Each line holds an input's rows and its mark: what tells whether the input is still the one that was read.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from inspector.exceptions import FileError, SettingsError

Row = Mapping[str, Any]

_FIRST = b'{"settings": '
"""How a journal begins."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system says that has no locks, as some network disks."""


class Journal:
    """A file of JSON lines: the run's settings, then for each finished input its mark and rows.

    While it is open it is locked: a second run into the same table is refused.

    Parameters
    ----------
    path : Path
    settings : mapping
        What decides the numbers; a run is continued only under the same.
    resume : bool
        Go on from what is there.
    overwrite : bool
        Begin anew though there is the journal of a run that was cut off.
    holds : callable, optional
        Whether an input, by its key, is still what its mark says; if not, it is not finished. Each is if None.

    Raises
    ------
    SettingsError
        If the run to continue had other settings.
    FileError
        If the journal cannot be written, another run writes it, or it is there and nobody said what to do with it;
        if the file there is not a journal.
    """

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, Any],
        *,
        resume: bool,
        overwrite: bool = False,
        holds: Callable[[str, Any], bool] | None = None,
    ) -> None:
        self.path = path
        self.finished: set[str] = set()
        try:
            self._stream = _locked(path)
        except OSError as error:
            raise FileError(f"'{path}' cannot be written: {error.strerror}. Choose another place.") from None
        try:
            self._begin(settings, resume, overwrite, holds or (lambda key, mark: True))
        except BaseException:  # the lock must go, whatever came
            self._stream.close()
            raise

    def _begin(
        self, settings: Mapping[str, Any], resume: bool, overwrite: bool, holds: Callable[[str, Any], bool]
    ) -> None:
        with self.path.open("rb") as lines:
            first = lines.readline(1 << 20)
        if not (first.startswith(_FIRST) or _FIRST.startswith(first)):
            raise FileError(
                f"'{self.path}' is not the journal of a run, and the run needs to write there. Move it, or"
                " choose another output."
            )
        if resume and first.endswith(b"\n"):
            self._recover(settings, holds)
            return
        if first and not resume and not overwrite:
            raise FileError(
                f"A run into this table was cut off; '{self.path}' holds what it finished. --resume continues it,"
                " --overwrite starts again."
            )
        self._stream.truncate(0)
        self._write({"settings": settings})

    def add(self, key: str, mark: Any, rows: Sequence[Row]) -> None:
        """Note that input `key` is finished, with its rows; no end of this process loses it."""
        self._write({"key": key, "mark": mark, "rows": rows})
        self.finished.add(key)

    def rows(self, order: Sequence[str]) -> Iterator[Row]:
        """Rows of the finished inputs, in the order given."""
        places: dict[str, int] = {}
        with self.path.open("rb") as lines:
            place = 0
            for line in lines:
                entry = json.loads(line)
                if "key" in entry:
                    places[entry["key"]] = place
                place += len(line)
            for key in order:
                if key in self.finished:
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
        line = json.dumps(entry).encode() + b"\n"
        end = self._stream.seek(0, os.SEEK_END)
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            self._stream.truncate(end)
            raise FileError(
                f"'{self.path}' cannot be written: {error.strerror}. What is finished is kept: make room, and the same"
                " command with --resume continues."
            ) from None

    def _recover(self, settings: Mapping[str, Any], holds: Callable[[str, Any], bool]) -> None:
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
                    keep = self.finished.add if holds(entry["key"], entry.get("mark")) else self.finished.discard
                    keep(entry["key"])
                sound += len(line)
        self._stream.truncate(sound)


def _locked(path: Path) -> FileIO:
    """The file, made if need be, for this process alone."""
    while True:
        stream = FileIO(path, "a+", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK, 0o666))
        try:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise FileError(f"'{path}' is not a regular file. Choose another output.")
            _lock(stream, path)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(stream.fileno())):
                return stream
        except BaseException:  # whatever came: no open file, and no lock, is left behind
            stream.close()
            raise
        stream.close()  # the run that held it ended, and took it along


def _lock(stream: FileIO, path: Path) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        table = path.name.removesuffix(".journal")
        raise FileError(f"Another run is writing '{table}'. Wait until it ends, or choose another output.") from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


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
