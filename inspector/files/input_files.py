"""Which files a command means: files, folders, and lists of files.

What was asked for and cannot be had (a list's entry that is missing, a file or folder that may not be read) is kept:
reading it later says why it cannot be read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from inspector.exceptions import FileError
from inspector.files.compression import begins_like_fits
from inspector.files.file_content import head_of, open_regular
from inspector.files.file_signatures import foreign, is_text
from inspector.files.untrusted_text import clean

MAX_LIST_BYTES = 256 << 20

_FITS_NAME = re.compile(r"\.(fits?|fts)(\.(gz|bz2|xz|fz|z))?$", re.IGNORECASE)
_LIST_NAME = re.compile(r"\.(txt|lst|list|files|paths|dat|in)$", re.IGNORECASE)
_COMMENT = re.compile(r"(^|\s)#.*")
_LOOKED_AT = 100
"""Entries of a text that are looked at to decide whether it is a list."""


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Every file the paths mean, in the order given; a folder's own in the order of their names.

    Parameters
    ----------
    paths : iterable of path-like
        A file; a folder, searched to its depths for what is a FITS file by its content or by its name (hidden ones
        left out, links to folders not followed); or a text file with one path per line (a ``#`` at the start or after
        a blank begins a comment, a relative path starts at the list). A text is a list if most of its lines look
        like paths, whether or not they exist.

    Returns
    -------
    list of Path
        Each file once. Among them: entries of a list that do not exist; files and folders that may not be read;
        links that lead nowhere, or to a folder outside the one searched.

    Raises
    ------
    FileError
        If a path does not exist, a folder holds no FITS file, or a text looks like a list of paths and leads nowhere.
    """
    found: dict[str, Path] = {}  # by absolute path: a file named in two ways is one
    for path in map(Path, paths):
        for file in _files_of(path):
            found.setdefault(os.path.abspath(file), file)  # noqa: PTH100 - by name: a link may be meant
    return list(found.values())


def _files_of(path: Path) -> list[Path]:
    if not _exists(path):
        raise FileError(f"'{path}' does not exist. Give a FITS file, a folder, or a list of files.")
    if _is_folder(path):
        files = _in_folder(path)
        if not files:
            raise FileError(f"The folder '{path}' holds no FITS file. Give a folder that does.")
        return files
    if is_list(path):
        files = [file for entry in _entries(path) for file in _of_entry(path.parent / entry)]
        _refuse_other_text(path, files)
        return files
    return [path]


def _refuse_other_text(path: Path, files: list[Path]) -> None:
    """Refuse a text of single words, none of which is a file or called like one, which only its name makes a list."""
    if any(_FITS_NAME.search(file.name) or _exists(file) for file in files):
        return
    raise FileError(
        f"'{path}' is a text, and none of its {len(files)} lines names a file that exists; the first is"
        f" '{clean(files[0].name, 60)}'. Give a FITS file, a folder, or a text with one path per line."
    )


def _of_entry(path: Path) -> list[Path]:
    """What one line of a list means; a folder without a FITS file stays as itself, so that its row says so."""
    return (_in_folder(path) or [path]) if _is_folder(path) else [path]


def _in_folder(folder: Path) -> list[Path]:
    unreadable: list[Path] = []
    files: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: unreadable.append(Path(error.filename))):
        visible = [name for name in folders if not name.startswith(".")]
        folders[:] = visible
        files += [Path(place, name) for name in visible if _leads_out(Path(place, name), folder)]
        files += [file for name in names if not name.startswith(".") and _counts(file := Path(place, name))]
    return sorted(files + unreadable)


def _leads_out(entry: Path, folder: Path) -> bool:
    """Whether a folder within is a link to one outside, which is not entered."""
    return entry.is_symlink() and not entry.resolve().is_relative_to(folder.resolve())


def _counts(file: Path) -> bool:
    """Whether a file within a folder is a FITS file by name or content, or may be one and cannot be read."""
    try:
        mode = file.stat()
    except OSError:
        return True  # a link that leads nowhere, or a file that went while the folder was read
    if not stat.S_ISREG(mode.st_mode):
        return False
    if _FITS_NAME.search(file.name):
        return True
    try:
        return mode.st_size > 0 and begins_like_fits(head_of(file, 4096))
    except OSError:
        return True


def is_list(path: Path) -> bool:
    """Whether a file is a text most of whose lines look like paths; what the paths lead to plays no part."""
    try:
        mode = path.stat()
        # the kernel's own files, which may never end, have no size
        if not stat.S_ISREG(mode.st_mode) or not 0 < mode.st_size <= MAX_LIST_BYTES or _FITS_NAME.search(path.name):
            return False
        head = head_of(path, 4096)
        if foreign(head) or begins_like_fits(head) or not is_text(head):
            return False
        begin = list(islice(_entries(path), _LOOKED_AT))
    except OSError:
        return False
    named = _LIST_NAME.search(path.name) is not None
    return 2 * sum(_looks_like_path(entry, named) for entry in begin) > len(begin)


def _looks_like_path(entry: str, in_list: bool) -> bool:
    """Whether a line is a path: by its ending, or its slashes, or (in a file named as a list) for want of blanks."""
    plain = not re.search(r"[\s<>{}\"|,;=]", entry)
    return bool(_FITS_NAME.search(entry)) or (plain and ("/" in entry or in_list))


def _entries(path: Path) -> Iterator[str]:
    # a name in another encoding than UTF-8 keeps its bytes
    with TextIOWrapper(open_regular(path), encoding="utf-8", errors="surrogateescape") as lines:
        for number, line in enumerate(lines):
            entry = _COMMENT.sub("", line.removeprefix("\ufeff") if number == 0 else line).strip()
            if entry:
                yield entry


def _exists(path: Path) -> bool:
    """Whether there is anything of that name, if only a link that leads nowhere."""
    try:
        return os.path.lexists(path)
    except ValueError:  # a NUL in the path
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a folder that may not be entered, a name too long
        return False
