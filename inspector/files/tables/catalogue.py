"""A results table as people have it, of any layout: columns under our names, rows as keys and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from inspector.exceptions import SettingsError
from inspector.files.file_content import file_name
from inspector.files.tables.catalogue_layouts import Layout
from inspector.files.tables.catalogue_search import rows_of
from inspector.files.tables.column_mapping import CANONICAL, FLAG_NAMES, IDENTIFIERS, LABEL_COLUMNS
from inspector.files.tables.column_source import ColumnSource, Kind
from inspector.files.tables.column_values import finished
from inspector.files.tables.star_ids import first_said, named, scattered
from inspector.files.untrusted_text import clean
from inspector.science.flag_rules import FLAGS
from inspector.science.labels import LABELS
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star_names import read_star_name
from inspector.science.table_answer import TableAnswer

CACHE_BYTES = 192 << 20
"""Bytes of columns that are kept once they were read."""

_EXACT = 2**53
_KEY_TEXTS = (
    *("path", "file", "file_sha256", "spectrum", "apogee_id", "sdss_id", "gaia_id", "catalogid", "telescope", "field"),
    *("healpix", "release", "apred", "apstar", "prefix", "v_astra", "filetype", "plate", "mjd", "fiber", "visit_pk"),
)
_TWOMASS = re.compile(r"[A-Z0-9]{2}\d{8}[+-]\d{7}")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """An open results table. It may be used from several threads.

    Attributes
    ----------
    name, path : str
        The file's name, and its path as it was given.
    identity : str
        Tells this file from any other, and from itself before it was changed: SHA-256 over its size, its time and its
        first and last MiB.
    layout : Layout
        Which product it is, and who made its labels.
    n_rows : int
    names : tuple of str
        Its columns: those that are known under our names (`CANONICAL`), in our order, then its others under their own.
        ``star_id`` is always there: the APOGEE id, or the best name a row has.
    mapping : mapping of str to str
        Our names to the table's.
    remarks : tuple of str
        What a user should know: which HDU was chosen, which columns are left out.
    """

    name: str
    path: str
    identity: str
    layout: Layout
    n_rows: int
    names: tuple[str, ...]
    mapping: Mapping[str, str]
    remarks: tuple[str, ...]
    source: ColumnSource = field(repr=False)
    fallbacks: Mapping[str, Sequence[str]] = field(repr=False, default_factory=dict)
    _cache: LRUCache[str, NDArray[Any]] = field(
        repr=False, default_factory=lambda: LRUCache(CACHE_BYTES, getsizeof=_size)
    )
    _lock: RLock = field(repr=False, default_factory=RLock)

    @property
    def made_by(self) -> str:
        """Which network or pipeline made the labels, in words; empty if the table does not say."""
        return self.layout.made_by

    def kind(self, name: str) -> Kind:
        """What a column holds: ``number``, ``integer``, ``flag`` or ``text``."""
        if self._is_made(name):
            return "text"
        kind = self.source.kinds[self._theirs(name)]
        return "flag" if name in FLAG_NAMES else kind

    def unit(self, name: str) -> str:
        """The column's unit as the table gives it, else the label's own; empty if neither says."""
        said = "" if self._is_made(name) else self.source.units.get(self._theirs(name), "")
        bare = name.removeprefix("raw_").removeprefix("e_")
        return said or next((label.unit for label in LABELS if label.name == bare), "")

    def column(self, name: str) -> NDArray[Any]:
        """A whole column, not to be written to. Shape (n_rows,).

        Numbers are float64 with NaN where there is none (-9999, or masked). Whole numbers are int64, or float64 with
        NaN where any is missing; ids are int64 with 0 for none. Flags are bool. Texts are a ``str`` array, or one of
        `numpy.dtypes.StringDType` where that would be large.

        Raises
        ------
        SettingsError
            If there is no such column.
        FileError
            If the file is damaged there, or was cut short meanwhile.
        """
        return self.columns([name])[name]

    def columns(self, names: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Several columns, in one pass over the file where that is what costs; as `column`."""
        with self._lock:
            found = {name: self._cache[name] for name in names if name in self._cache}
            missing = [name for name in dict.fromkeys(names) if name not in found]
            made = [name for name in missing if self._is_made(name)]
            if read := [name for name in missing if name not in made]:
                found |= self._read(read, 0, self.n_rows)
            found |= {name: self._star_ids(0, self.n_rows) for name in made}
            for name in missing:
                found[name].setflags(write=False)
                self._keep(name, found[name])
        return {name: found[name] for name in names}

    def row(self, row: int) -> dict[str, Any]:
        """Every value of a row, by column: float (NaN for none), int (None for none), bool or text; ids are texts.

        Parameters
        ----------
        row : int
            Counted from 0.
        """
        return self.values(row, self.names)

    def values(self, row: int, names: Sequence[str]) -> dict[str, Any]:
        """Some values of a row, as `row` gives them."""
        if not 0 <= row < self.n_rows:
            raise SettingsError(f"The table has no row {row}: it has {self.n_rows}, counted from 0.")
        with self._lock:
            found = self._read([name for name in names if not self._is_made(name)], row, 1)
            found |= {name: self._star_ids(row, 1) for name in names if self._is_made(name)}
        return {name: self._plain(name, found[name].tolist()[0]) for name in names}

    def key(self, row: int) -> SpectrumKey:
        """Which spectrum a row speaks of."""
        names = [name for name in (*_KEY_TEXTS, "ra", "dec", "star_id") if name in self.mapping]
        values = self.values(row, names)
        texts = {name: _said(values[name]) for name in names if name in _KEY_TEXTS}
        place = {name: _number(values.get(name)) for name in ("ra", "dec")}
        texts |= _named_file(texts.get("file"), texts.get("path"))
        if "release" not in self.mapping and self.layout.release:
            texts["release"] = self.layout.release
        own = str(values.get("star_id") or "")
        if not texts.get("apogee_id") and _TWOMASS.fullmatch(own):
            texts["apogee_id"] = own
        if not texts.get("sdss_id") and (sdss := re.fullmatch(r"SDSS (\d{1,19})", own)):
            texts["sdss_id"] = sdss[1]
        return SpectrumKey(**texts, **place)  # type: ignore[arg-type]  # texts and places go to fields of their kinds

    def labels(self, row: int) -> TableAnswer:
        """What a row says of the labels; NaN where it has none."""
        wanted = {prefix: [prefix + label.name for label in LABELS] for prefix in ("", "e_", "raw_e_")}
        flags = ("result_flags", *(flag.name for flag in FLAGS))
        names = [n for n in (*LABEL_COLUMNS, *flags, "weights_hash") if n in self.mapping]
        values = self.values(row, names)
        numbers = {
            prefix: np.array([_number(values.get(name), np.nan) for name in columns], dtype=np.float64)
            for prefix, columns in wanted.items()
        }
        return TableAnswer(
            self.name,
            row,
            self.key(row),
            numbers[""],
            numbers["e_"],
            numbers["raw_e_"],
            _result_flags(values),
            self.made_by,
            str(values.get("weights_hash") or ""),
            self.layout.official,
        )

    def find(self, text: str) -> NDArray[np.intp]:
        """The rows that a typed id, name or position means; SettingsError if it cannot be one.

        A position finds the rows within 3 arcseconds, the nearest first.
        """
        return rows_of(read_star_name(text), self.names, self.column)

    def _theirs(self, name: str) -> str:
        theirs = self.mapping.get(name, name)
        if name not in self.names or theirs not in self.source.kinds:
            known = ", ".join(self.names[:12])
            raise SettingsError(f"The table has no column '{clean(name, 60)}'. It has {known} … ({len(self.names)}).")
        return theirs

    def _is_made(self, name: str) -> bool:
        return name == "star_id" and name not in self.mapping

    def _keep(self, name: str, values: NDArray[Any]) -> None:
        if _size(values) <= self._cache.maxsize:
            self._cache[name] = values

    def _plain(self, name: str, value: Any) -> Any:
        """One value for a browser: ids and what passes 2^53 as text, a missing whole number as None."""
        if isinstance(value, float) and self.kind(name) == "integer":
            return None if value != value else int(value)
        if isinstance(value, int) and not isinstance(value, bool) and (name in IDENTIFIERS or abs(value) > _EXACT):
            return str(value) if value else ""
        return value

    def _read(self, names: Sequence[str], first: int, count: int) -> dict[str, NDArray[Any]]:
        sources = {name: [self._theirs(name), *self.fallbacks.get(name, ())] for name in names}
        raw = self.source.read(list(dict.fromkeys(n for every in sources.values() for n in every)), first, count)
        found: dict[str, NDArray[Any]] = {}
        for name, theirs in sources.items():
            values = [finished(raw[one], name in IDENTIFIERS, self.kind(name) == "flag") for one in theirs]
            found[name] = values[0] if len(values) == 1 else first_said(values)
        return found

    def _star_ids(self, first: int, count: int) -> NDArray[Any]:
        """The best name each row has: its APOGEE id, else its SDSS id, its Gaia id, its file."""
        names = [name for name in ("apogee_id", "sdss_id", "gaia_id", "file", "path") if name in self.mapping]
        best = np.full(count, "")
        for name in names:
            empty = best == ""
            if not empty.any():
                break
            values = self._read([name], first, count)[name]
            if empty.all():
                best = named(name, values)
            else:
                best = np.where(empty, scattered(named(name, values[empty]), empty), best)
        return best


def _size(values: NDArray[Any]) -> int:
    own = int(np.strings.str_len(values).sum()) if values.dtype.kind == "T" else 0
    return int(values.nbytes) + own


def _said(value: Any) -> str | None:
    """A value as the text of a key; None where nothing is said: no place, plate or fibre has a number below 0."""
    if value is None or value == "" or (isinstance(value, int | float) and not 0 <= value < np.inf):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(value: Any, default: Any = None) -> Any:
    """A finite number, or `default`."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if np.isfinite(number) else default


def _named_file(file: str | None, path: str | None) -> dict[str, str]:
    """A file's name, where only a path was given, and the other way round."""
    if file and "/" in file:
        return {"file": file_name(file), "path": path or file}
    return {"file": file_name(path)} if path and not file else {}


def _result_flags(values: Mapping[str, Any]) -> int | None:
    """The bits, from their column or from one column per flag; None where the table has neither."""
    if (bits := _number(values.get("result_flags"))) is not None:
        return int(bits)
    told = [flag for flag in FLAGS if isinstance(values.get(flag.name), bool)]
    return sum(1 << flag.bit for flag in told if values[flag.name]) if told else None


def in_our_order(mapping: Mapping[str, str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Our names that a table has, ``star_id`` always, then its own columns that none of them is."""
    ours = [name for name in CANONICAL if name in mapping or name == "star_id"]
    used = set(mapping.values())
    return (*ours, *(name for name in theirs if name not in used))
