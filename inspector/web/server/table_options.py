"""What the command line says of a results table and of the spectra of its rows."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.exceptions import FileError, SettingsError
from inspector.files.untrusted_text import clean
from inspector.service.archive_options import add_archive_options, archive_server

if TYPE_CHECKING:
    from inspector.service.archive_server import ArchiveServer
    from inspector.service.queue.opened_table import OpenedTable
    from inspector.service.spectrum_sources import SpectrumSources


@dataclass(frozen=True)
class TableOptions:
    """Where spectra are looked for, and what a table's columns are called.

    Attributes
    ----------
    folders : tuple of Path
        Searched for the spectra of rows.
    columns : mapping of str to str
        Our names to the table's, where those are not known.
    fetch : bool
        Whether what is not on this machine is fetched from the archive.
    server : ArchiveServer or None
        Which hosts may be asked; the survey's own if None.
    """

    folders: tuple[Path, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    fetch: bool = False
    server: ArchiveServer | None = None

    def sources(self, local: bool) -> SpectrumSources:
        """Where spectra are looked for; raises `FileError` for a folder there is not."""
        from inspector.service.spectrum_sources import SpectrumSources

        for folder in self.folders:
            if not folder.is_dir():
                raise FileError(f"'{clean(str(folder))}' is not a folder. --spectra names folders with spectra.")
        return SpectrumSources(self.folders, fetch=self.fetch, server=self.server, local=local)

    def opened(self, tables: Sequence[Path], sources: SpectrumSources) -> OpenedTable:
        """The one table named; raises what `open_catalogue` raises."""
        from inspector.service.table_opening import open_table

        if len(tables) > 1:
            names = " and ".join(clean(path.name, 60) for path in tables[:3])
            raise SettingsError(f"One table can be gone through at a time; {names} are tables. Give one of them.")
        return open_table(tables[0], sources, self.columns)


def split_paths(paths: Sequence[str | Path]) -> tuple[list[Path], list[Path]]:
    """Results tables, told by their content, and all the rest."""
    files = [path for path in map(Path, paths) if path.is_file()]
    if not files:
        return [], list(map(Path, paths))
    from inspector.files.tables.catalogue_opening import is_table

    tables = [path for path in files if is_table(path)]
    return tables, [path for path in map(Path, paths) if path not in tables]


def add_table_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say where the spectra of a table's rows are."""
    parser.add_argument(
        "--spectra",
        action="extend",
        nargs="+",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="folders with the spectra of a table's rows, found by content",
    )
    parser.add_argument(
        "--columns",
        default="",
        metavar="OURS=THEIRS,…",
        help="what the table's columns are called, where that is not known: teff=TEFF_NN,apogee_id=STAR",
    )
    parser.add_argument(
        "--fetch",
        action="store_true",
        help="fetch spectra that are not on this machine from the public archive (default: nothing is fetched)",
    )
    add_archive_options(parser)


def read_table_options(arguments: argparse.Namespace) -> TableOptions | None:
    """What the parsed arguments say; None if they say nothing of tables."""
    if not any((arguments.spectra, arguments.columns, arguments.fetch, arguments.archive, arguments.host)):
        return None
    from inspector.files.tables.column_mapping import read_mapping

    columns = read_mapping(arguments.columns) if arguments.columns else {}
    return TableOptions(tuple(arguments.spectra), columns, arguments.fetch, archive_server(arguments))
