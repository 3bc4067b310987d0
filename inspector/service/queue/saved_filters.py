"""Filters kept under a name: in a file of the user's where a server serves only its own machine, else in memory."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from inspector.exceptions import FileError, SettingsError
from inspector.service.queue.filter_text import filters_text, read_filters

MAX_SAVED = 200
MAX_NAME = 60

_MAX_BYTES = 1 << 20


def filters_file() -> Path:
    """Where a user's filters lie."""
    from platformdirs import user_config_path

    return user_config_path("apogee-inspector", appauthor=False) / "filters.json"


class SavedFilters:
    """Filters by name.

    Parameters
    ----------
    path : Path or None
        The file; None to keep them in memory alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._here: dict[str, str] = {}

    def all(self) -> Mapping[str, str]:
        """Each name with the text of its filters, by name.

        Raises
        ------
        FileError
            If the file is there and cannot be read.
        """
        return dict(sorted((self._read() if self._path is not None else self._here).items()))

    def save(self, name: str, filters: str) -> None:
        """Keep filters under a name, in place of those it had.

        Raises
        ------
        SettingsError
            If the name or the filters make no sense.
        FileError
            If the file cannot be written.
        """
        name, filters = " ".join(name.split()), filters_text(read_filters(filters))
        if not 0 < len(name) <= MAX_NAME or not name.isprintable():
            raise SettingsError(f"Give the filters a name of 1 to {MAX_NAME} characters; {name[:80]!r} is none.")
        known = dict(self.all())
        if name not in known and len(known) >= MAX_SAVED:
            raise SettingsError(f"{MAX_SAVED} filters are saved, which is the most. Remove one first.")
        self._write(known | {name: filters})

    def remove(self, name: str) -> None:
        """Forget the filters of a name, if there are any."""
        self._write({known: filters for known, filters in self.all().items() if known != name})

    def _read(self) -> dict[str, str]:
        assert self._path is not None
        try:
            if self._path.stat().st_size > _MAX_BYTES:
                raise ValueError
            said = json.loads(self._path.read_text(encoding="utf-8"))
            if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
                raise ValueError
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise FileError(
                f"The saved filters in {self._path} cannot be read. Repair the file, or remove it to begin anew."
            ) from error
        return said

    def _write(self, known: Mapping[str, str]) -> None:
        if self._path is None:
            self._here = dict(known)
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._path, json.dumps(dict(known), ensure_ascii=False, indent=1))
        except OSError as error:
            raise FileError(
                f"The filters could not be saved in {self._path.parent} ({error.strerror}). Make room there, or make"
                " the folder writable."
            ) from error


def _replace(path: Path, text: str) -> None:
    """Write a file such that whoever reads it meanwhile finds the old one or the new one, whole."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".filters-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)
