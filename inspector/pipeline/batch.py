"""The chain over many stars: workers read and normalise, this process asks the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.files.journal import Journal
from inspector.files.noise_model import NoiseModel
from inspector.files.table import table_format, write_table
from inspector.pipeline.analyze import answer
from inspector.pipeline.correction import correction_for
from inspector.pipeline.prepare import Prepared
from inspector.pipeline.summary import Summary
from inspector.pipeline.workers import Reading, read_parallel, read_serial
from inspector.science.network import Network
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
    """

    coadd_only: bool = False
    workers: int = 0
    askers: int = 1


def journal_path(output: Path) -> Path:
    """Where a run that will write `output` notes what it has finished."""
    return output.with_name(f"{output.name}.journal")


def run_batch(
    paths: Sequence[Path],
    output: Path,
    network: Network,
    noise_model: NoiseModel | None,
    settings: BatchSettings,
    *,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Analyse every spectrum of many files and write the table.

    Parameters
    ----------
    paths : sequence of Path
        Files; the rows come in this order.
    output : Path
        Table to write; what is finished stands in ``<output>.journal`` until then.
    network, noise_model
        Which weights answer and which noise model corrects; see `analyze`.
    settings : BatchSettings
    resume : bool
        Go on from the journal of a run that was cut off.
    progress : callable, optional
        Called with (files finished, files in all) at the start and whenever a file's rows are on disk.

    Returns
    -------
    Summary
        Of the whole table, what was resumed included.

    Raises
    ------
    FileError
        If the table or its journal cannot be written.
    SettingsError
        If the settings make no sense, or a resumed run had others.
    """
    table_format(output)
    keys = [str(path) for path in paths]
    report = progress or (lambda done, total: None)
    with Journal(journal_path(output), _decisive(settings, network, noise_model), resume=resume) as journal:
        report(len(journal.finished), len(keys))
        try:
            todo = [path for path, key in zip(paths, keys) if key not in journal.finished]
            for path, rows in _rows(todo, network, noise_model, settings):
                journal.add(str(path), rows)
                report(len(journal.finished), len(keys))
        finally:  # a run that is stopped leaves a table of what it finished, and its journal
            table = list(journal.rows(keys))
            write_table(table, output)
    journal.path.unlink()
    return Summary.of(table, stars=len(keys))


def _rows(
    paths: Iterable[Path], network: Network, noise_model: NoiseModel | None, settings: BatchSettings
) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    reading = Reading(settings.coadd_only, settings.seed)
    read = read_parallel(paths, reading, settings.workers) if settings.workers else read_serial(paths, reading)

    def ask(prepared: list[Prepared]) -> list[dict[str, Any]]:
        return [answer(one, network, noise_model, settings.mc_num, settings.dropout_rate).row() for one in prepared]

    # a run that is stopped lets its workers go at once
    with closing(read), ThreadPoolExecutor(settings.askers, "inspector-ask") as threads:
        asked: deque[tuple[Path, Future[list[dict[str, Any]]]]] = deque()
        for path, prepared in read:
            asked.append((path, threads.submit(ask, prepared)))
            if len(asked) > settings.askers:
                first, rows = asked.popleft()
                yield first, rows.result()
        for path, rows in asked:
            yield path, rows.result()


def _decisive(settings: BatchSettings, network: Network, noise_model: NoiseModel | None) -> dict[str, Any]:
    """What must be the same for two parts of a run to belong together."""
    return {
        "mc_num": settings.mc_num,
        "seed": settings.seed,
        "dropout_rate": settings.dropout_rate,
        "coadd_only": settings.coadd_only,
        "weights": network.card.sha256,
        "noise_model": correction_for(network.card, noise_model).noise_model.to_dict(),
    }
