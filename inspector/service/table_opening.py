"""Opening a results table for the pages of a server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inspector.science.spectrum_choice import matching_spectrum
from inspector.science.spectrum_key import SpectrumKey
from inspector.service.queue.columns import Columns
from inspector.service.queue.opened_table import OpenedTable
from inspector.service.queue.row_spectra import Progress, SpectraOfTable
from inspector.service.spectrum_sources import SpectrumSources


def open_table(
    path: str | Path, sources: SpectrumSources, columns: Mapping[str, str] | None = None, name: str | None = None
) -> OpenedTable:
    """Open a results table, whose spectra are looked for in `sources`; see `open_catalogue` for what it raises."""
    from inspector.files.tables.catalogue_opening import open_catalogue  # a server without a table need not import it

    catalogue = open_catalogue(path, columns, name)

    async def find(key: SpectrumKey, progress: Progress | None = None) -> tuple[Path, str]:
        found = await sources.find(key, progress)
        return found.path, found.origin

    return OpenedTable(
        catalogue.name, Columns(catalogue), SpectraOfTable(catalogue, find, matching_spectrum, sources.prefetch)
    )
