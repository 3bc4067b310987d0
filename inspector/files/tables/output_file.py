"""Where a run may write its table: never over an input, and over nothing else without being asked."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.exceptions import FileError
from inspector.files.compression import begins_like_fits
from inspector.files.file_content import file_sha256, open_regular
from inspector.files.tables.typed_table import partial_path, table_format

_HEAD, _TAIL = 256 << 10, 1 << 20
"""Bytes in which every format names its columns: at the start, but for Parquet, at the end."""

_NAMED = (b"star_id", b"weights_hash")


@dataclass(frozen=True)
class Output:
    """A table to write, and the journal beside it.

    Attributes
    ----------
    path : Path
        The table; where it is a link, what that leads to.
    journal : Path
        What the run has finished, until the table is whole.
    """

    path: Path
    journal: Path

    @classmethod
    def at(cls, path: Path) -> Output:
        """The output that `path` means."""
        real = Path(os.path.realpath(path))
        return cls(real, real.with_name(f"{real.name}.journal"))

    def apart_from(self, inputs: Sequence[Path]) -> list[Path]:
        """The inputs without what an earlier run into this output left: its table, its journal.

        Raises
        ------
        FileError
            If an input is the output, by whatever name, and is not such a table.
        """
        own = {_identity(file) for file in (self.path, self.journal, partial_path(self.path))} - {None}
        mine = [file for file in inputs if own and _identity(file) in own]
        for file in mine:
            if not (is_result_table(file) or _identity(file) == _identity(self.journal)):
                raise FileError(f"'{file}' is an input and would be replaced by the table. Choose another output.")
        return [file for file in inputs if file not in mine] if mine else list(inputs)

    def check(self, *, overwrite: bool, resume: bool) -> None:
        """Refuse to replace what is there, unless asked to.

        Raises
        ------
        FileError
            If the extension names no format; if there is a folder, a pipe or a FITS file that is not a result table; if
            there is any file and neither `overwrite` nor (a table of the run that is gone on with) `resume`.
        """
        table_format(self.path)
        try:
            mode = self.path.stat()
        except FileNotFoundError:
            if not self.path.parent.is_dir():
                raise FileError(
                    f"'{self.path}' cannot be written: there is no folder '{self.path.parent}'. Create it, or choose"
                    " another place."
                ) from None
            return
        except OSError as error:
            raise FileError(f"'{self.path}' cannot be written: {error.strerror}. Choose another place.") from None
        if stat.S_ISDIR(mode.st_mode):
            raise FileError(f"'{self.path}' cannot be written: it is a folder. Choose a file in it.")
        if not stat.S_ISREG(mode.st_mode):
            raise FileError(f"'{self.path}' cannot be written: it is a pipe or device. Choose a file.")
        if mode.st_size:
            self._check_content(overwrite, resume)

    def _check_content(self, overwrite: bool, resume: bool) -> None:
        table = is_result_table(self.path)
        if not table and _is_fits(self.path):
            raise FileError(
                f"'{self.path}' is a FITS file but not a result table (a spectrum?), and is not replaced. Choose"
                " another output."
            )
        gone_on = resume and table and self.journal.exists()
        if overwrite or gone_on:
            return
        way = "--overwrite replaces it"
        if self.journal.exists() and table:
            way = f"--resume continues the run that left it, {way}"
        elif resume:
            way = f"There is no run to continue ('{self.journal.name}' is missing). {way}"
        raise FileError(f"'{self.path}' exists. {way}; or choose another output.")


def is_result_table(path: Path) -> bool:
    """Whether a file is a table of results, of this version or another, in any of the formats."""
    try:
        with open_regular(path) as stream:
            head = stream.read(_HEAD) or b""
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _TAIL))
            tail = (stream.read(_TAIL) or b"") if head.startswith(b"PAR1") else b""
    except OSError:
        return False
    return all(name in head or name in tail for name in _NAMED)


def mark(path: Path) -> list[int] | None:
    """Size and times of a file, by which a change is noticed at once; None if there is none."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return [state.st_size, state.st_mtime_ns, state.st_ctime_ns]


def is_as_marked(path: Path, marked: Any, sha256: str) -> bool:
    """Whether a file is what was read: by size and times, else (copied, touched) by its content.

    Parameters
    ----------
    path : Path
    marked : list of int, or None
        As `mark` gave it before the file was read.
    sha256 : str
        Of what was read; empty where that is not known.
    """
    now = mark(path)
    if now is None or not isinstance(marked, list) or not marked:
        return False
    return now == marked or (bool(sha256) and now[0] == marked[0] and file_sha256(path) == sha256)


def _is_fits(path: Path) -> bool:
    try:
        with open_regular(path) as stream:
            return begins_like_fits(stream.read(4096) or b"")
    except OSError:
        return True  # what it is cannot be told: it stays


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, by whatever name or link."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state.st_dev, state.st_ino
