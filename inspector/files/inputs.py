"""Which files a command means: files, folders, and lists of files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from inspector.errors import FileError

FITS_MAGIC = b"SIMPLE  ="
GZIP_MAGIC = b"\x1f\x8b"
MAX_LIST_BYTES = 256 << 20


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Every file the paths mean, in the order given; a folder's own in the order of their names.

    Parameters
    ----------
    paths : iterable of path-like
        A file; a folder, searched to its depths for FITS files (told by content, hidden ones left out);
        or a text file with one path a line (``#`` begins a comment, a relative path starts at the list).

    Returns
    -------
    list of Path
        Each file once.

    Raises
    ------
    FileError
        If a path does not exist, a folder holds no FITS file, or a list names no file.
    """
    found: dict[str, Path] = {}  # by absolute path: a file named in two ways is one
    for path in map(Path, paths):
        for file in _files_of(path):
            found.setdefault(os.path.abspath(file), file)  # noqa: PTH100 - by name: a link may be meant
    return list(found.values())


def looks_like_fits(path: Path) -> bool:
    """Whether a file begins like FITS, or like gzip."""
    head = _head(path, len(FITS_MAGIC))
    return head == FITS_MAGIC or head[:2] == GZIP_MAGIC


def _files_of(path: Path) -> list[Path]:
    if not _exists(path):
        raise FileError(f"'{path}' does not exist. Name a FITS file, a folder, or a list of files.")
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if _is_visible_file(file, path) and looks_like_fits(file)]
        if not files:
            raise FileError(f"The folder '{path}' holds no FITS file. Name the folder that does.")
        return files
    return list(_listed(path)) if _is_list(path) else [path]


def _is_visible_file(file: Path, below: Path) -> bool:
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(below).parts)


def _is_list(path: Path) -> bool:
    """Whether a file is text whose first entry is a file that exists."""
    if not path.is_file() or looks_like_fits(path) or path.stat().st_size > MAX_LIST_BYTES:
        return False
    if b"\0" in _head(path, 4096):
        return False
    return next((_exists(file) for file in _listed(path)), False)


def _listed(path: Path) -> Iterator[Path]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            entry = line.split("#", 1)[0].strip()
            if entry:
                yield path.parent / entry


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long, a folder that may not be entered
        return False


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError:
        return b""  # whoever reads it in earnest will say why it cannot be read
