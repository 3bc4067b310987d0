"""The chain over many stars: workers read and normalise, this process asks the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.exceptions import FileError
from inspector.files.tables.journal import Journal
from inspector.files.tables.output_file import Output, is_as_marked, mark
from inspector.files.tables.result_table import write_table
from inspector.pipeline.analyze import answer
from inspector.pipeline.batch_summary import Summary
from inspector.pipeline.correction import correction_for
from inspector.pipeline.prepare import Prepared
from inspector.pipeline.second_opinion import Wanted
from inspector.pipeline.signals import held_back
from inspector.pipeline.workers import Reading, read_parallel, read_serial
from inspector.science.network import Network
from inspector.science.noise_model import NoiseModel
from inspector.science.provenance import Provenance
from inspector.science.settings import Settings


@dataclass(frozen=True)
class BatchSettings(Settings):
    """What decides the numbers of a run, and how it is run.

    Attributes
    ----------
    mc_num, seed, dropout_rate
        The same for every spectrum; see `Settings`.
    coadd_only : bool
        Leave the visits out.
    workers : int
        Processes that read and normalise; 0 to do all in this one.
    askers : int
        Threads that ask the network, each about a star of its own.
    opinion : {"goodness", "fit"} or None
        Which second opinion the rows hold; see `inspector.analyze`.
    """

    coadd_only: bool = False
    workers: int = 0
    askers: int = 1
    opinion: Wanted | None = None


def journal_path(output: Path) -> Path:
    """Where a run that will write `output` notes what it has finished."""
    return Output.at(output).journal


def run_batch(
    paths: Sequence[Path],
    output: Path,
    network: Network,
    noise_model: NoiseModel | None,
    settings: BatchSettings,
    *,
    resume: bool = False,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Analyse every spectrum of many files and write the table.

    Parameters
    ----------
    paths : sequence of Path
        Files; the rows come in this order. What an earlier run into this output left is not read.
    output : Path
        Table to write; what is finished stands in ``<output>.journal`` until then. A run in which no spectrum got an
        answer replaces no table.
    network, noise_model
        Which weights answer and which noise model corrects; see `analyze`.
    settings : BatchSettings
    resume : bool
        Go on from the journal of a run that was cut off; an input that has changed is read again.
    overwrite : bool
        Replace a table that is there, and begin anew where a run was cut off.
    progress : callable, optional
        Called with (files finished, files in all) at the start and whenever a file's rows are on disk.

    Returns
    -------
    Summary
        Of the whole table, what was resumed included.

    Raises
    ------
    FileError
        If the table or its journal cannot be written or would replace something, or another run writes them.
    SettingsError
        If the settings make no sense, or a resumed run had others.
    """
    place = Output.at(output)
    paths = place.apart_from(paths)
    place.check(overwrite=overwrite, resume=resume)
    keys = [str(path) for path in paths]
    report = progress or (lambda done, total: None)
    decisive = _decisive(settings, network, noise_model)
    with Journal(place.journal, decisive, resume=resume, overwrite=overwrite, holds=_holds) as journal:
        report(len(journal.finished), len(keys))
        todo = [path for path, key in zip(paths, keys) if key not in journal.finished]
        try:
            for path, was, rows in _rows(todo, network, noise_model, settings):
                with held_back():  # what the journal holds must be in the table of a run that stops
                    journal.add(str(path), _mark(was, rows), rows)
                report(len(journal.finished), len(keys))
        except BaseException:  # whatever stops a run: it leaves a table of what it finished, and its journal
            with held_back(), suppress(FileError):
                _leave(journal, keys, place)
            raise
        with held_back():
            return _finish(journal, keys, place)


def _leave(journal: Journal, keys: Sequence[str], place: Output) -> None:
    """Write what a run that stops has finished; where that is nothing, nothing is left of it."""
    if journal.finished:
        write_table(journal.rows(keys), place.path)
    else:
        journal.path.unlink()


def _finish(journal: Journal, keys: Sequence[str], place: Output) -> Summary:
    """Write the whole table, if it is worth what it replaces."""
    table = list(journal.rows(keys))
    summary = Summary.of(table, stars=len(keys))
    summary.written = summary.failed < summary.spectra or not place.path.exists()
    if summary.written:
        try:
            write_table(table, place.path)
        except FileError as error:
            way = f"All rows are kept in '{journal.path.name}': the same command with --resume writes the table."
            raise FileError(f"{error} {way}") from None
    journal.path.unlink()
    return summary


def _mark(was: list[int] | None, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What tells whether a file is still the one that gave these rows: its size and times, and its hash."""
    return [was, next((row.get("file_sha256") or "" for row in rows), "")]


def _holds(key: str, marked: Any) -> bool:
    return isinstance(marked, list) and len(marked) == 2 and is_as_marked(Path(key), *marked)


def _rows(
    paths: Iterable[Path], network: Network, noise_model: NoiseModel | None, settings: BatchSettings
) -> Iterator[tuple[Path, list[int] | None, list[dict[str, Any]]]]:
    """Each file, its mark from before it was read, and its rows."""
    marks: dict[Path, list[int] | None] = {}
    reading = Reading(settings.coadd_only, settings.seed)
    marked = _noting(paths, marks)
    read = read_parallel(marked, reading, settings.workers) if settings.workers else read_serial(marked, reading)

    def ask(prepared: list[Prepared]) -> list[dict[str, Any]]:
        return [answer(one, network, noise_model, settings, settings.opinion).row() for one in prepared]

    # a run that is stopped lets its workers go at once
    with closing(read), ThreadPoolExecutor(settings.askers, "inspector-ask") as threads:
        asked: deque[tuple[Path, Future[list[dict[str, Any]]]]] = deque()
        for path, prepared in read:
            asked.append((path, threads.submit(ask, prepared)))
            if len(asked) > settings.askers:
                first, rows = asked.popleft()
                yield first, marks.pop(first, None), rows.result()
        for path, rows in asked:
            yield path, marks.pop(path, None), rows.result()


def _noting(paths: Iterable[Path], marks: dict[Path, list[int] | None]) -> Iterator[Path]:
    """The paths, each with its mark noted just before it is handed out."""
    for path in paths:
        marks[path] = mark(path)
        yield path


def _decisive(settings: BatchSettings, network: Network, noise_model: NoiseModel | None) -> dict[str, Any]:
    """What must be the same for two parts of a run to belong together."""
    asked = Settings(settings.mc_num, settings.seed, settings.dropout_rate)
    provenance = Provenance.of(asked, network.card, correction_for(network.card, noise_model).noise_model)
    columns = {name: value for name, value in provenance.columns.items() if name != "edits"}  # a batch makes none
    opinion = {} if settings.opinion is None else {"opinion": settings.opinion}
    return {**columns, "coadd_only": settings.coadd_only, **opinion}
