"""The queue and its verdicts as files: what the page hands to its browser of all rows, not of one star."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from inspector.exceptions import InspectorError
from inspector.pipeline.prepare import normalized_or_reason
from inspector.science.spectrum import NormalizedSpectrum
from inspector.service.queue.queue import Queue
from inspector.service.verdicts.history import Review
from inspector.service.verdicts.queue_subjects import subjects_of_files, subjects_of_rows
from inspector.service.verdicts.subject import Subject
from inspector.service.verdicts.thumbnail import thumbnail
from inspector.web.exported_files import File
from inspector.web.page_tasks import PageTasks, Work
from inspector.web.queueing import Queueing
from inspector.web.reviewing import Reviewing
from inspector.web.state import InspectorState

QUEUES: dict[str, str] = {
    "Queue with verdicts · CSV": ".csv",
    "Queue with verdicts · ECSV": ".ecsv",
    "Queue with verdicts · FITS": ".fits",
    "Queue with verdicts · HTML report": ".html",
}
"""What a menu offers of the queue, and the kind of file it is."""

MOST_ROWS = 20_000
"""Rows of one export: a browser takes it whole."""

MOST_PICTURES = 200
"""Spectra that are opened for a report; each takes a moment."""

Named = list[tuple[Subject, ...]]
"""The spectra of each row of a queue."""


class QueueExport:
    """Saves the queue as it stands, with what its reviewer may see of the verdicts.

    Parameters
    ----------
    state : InspectorState
    tasks : PageTasks
    queue : Queueing
    reviewing : Reviewing
    save : callable
        Hands a file to the browser.
    """

    def __init__(
        self,
        state: InspectorState,
        tasks: PageTasks,
        queue: Queueing,
        reviewing: Reviewing,
        save: Callable[[File], None],
    ) -> None:
        self._state, self._tasks, self._queue = state, tasks, queue
        self._reviewing, self._save = reviewing, save
        self.address: Callable[[], str] = lambda: ""  # of the page, for links in a report

    def export(self, what: str) -> Work:
        """What there is to do for an item of the menu."""
        return self._export(QUEUES[what])

    async def _export(self, suffix: str) -> None:
        queue = self._checked()
        reviews = await self._reviewing.visible_reviews()
        named = await asyncio.to_thread(self._subjects, queue, reviews)
        if suffix == ".html":
            data = (await self._report(queue, named, reviews)).encode()
        else:
            data = await asyncio.to_thread(self._table, suffix, named, reviews)
        name = re.sub(r"[^\w+.-]+", "-", self._queue.view.table.split(".")[0] or "stars", flags=re.ASCII)
        await self._tasks.apply(lambda: self._hand_over(File(f"{name}-verdicts{suffix}", data, _MIME[suffix])))

    def _checked(self) -> Queue:
        queue = self._queue.view.queue
        if queue is None or not len(queue):
            raise InspectorError("There is nothing to export: the queue is empty.")
        if len(queue) > MOST_ROWS:
            raise InspectorError(f"The queue has {len(queue):,} rows; {MOST_ROWS:,} can be exported. Filter it first.")
        return queue

    def _subjects(self, queue: Queue, reviews: dict[str, Review]) -> Named:
        rows = queue.rows.tolist()
        if not self._queue.view.table:
            entries = self._state.stars
            return subjects_of_files((entries[row].name for row in rows), reviews)
        return subjects_of_rows((queue.columns.key(row) for row in rows), reviews)

    def _table(self, suffix: str, named: Named, reviews: dict[str, Review]) -> bytes:
        from inspector.service.verdicts.event_table import write_current  # what writes tables takes a moment to import

        subjects = {subject.key: subject for found in named for subject in found}
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"queue{suffix}"
            write_current(reviews, path, self._reviewing.scheme, list(subjects.values()))
            return path.read_bytes()

    async def _report(self, queue: Queue, named: Named, reviews: dict[str, Review]) -> str:
        from inspector.service.verdicts.report import ReportRow, report_html, star_link

        rows: list[ReportRow] = []
        for place, (row, subjects) in enumerate(zip(queue.rows.tolist(), named, strict=True)):
            if place < MOST_PICTURES:
                await self._tell(place, min(len(queue), MOST_PICTURES))
            for subject in subjects:
                picture = await self._picture(row, subject) if place < MOST_PICTURES else b""
                rows.append(
                    ReportRow(
                        subject, reviews.get(subject.key), star_link(self.address(), subject, self._said(row)), picture
                    )
                )
        title = f"Verdicts on {self._queue.view.table or 'opened files'}"
        return await asyncio.to_thread(report_html, rows, self._reviewing.scheme, datetime.now(UTC), title)

    async def _picture(self, row: int, subject: Subject) -> bytes:
        """A small picture of a spectrum; nothing where it cannot be had."""
        with suppress(InspectorError):
            opened = await self._queue.live.opened(row)
            spectrum = next((s for s in opened.star.spectra if s.name == subject.spectrum), None)
            normalized = None if spectrum is None else opened.normalized.get(spectrum.name)
            if spectrum is not None and normalized is None:
                normalized = await asyncio.to_thread(normalized_or_reason, spectrum)
            if isinstance(normalized, NormalizedSpectrum):
                return await asyncio.to_thread(thumbnail, normalized)
        return b""

    def _said(self, row: int) -> dict[str, str]:
        """What a link says of a row."""
        table = self._queue.view.table
        return {"table": table, "row": str(row + 1)} if table else {}

    async def _tell(self, done: int, total: int) -> None:
        text = f"Drawing the report: {done} of {total} spectra."

        def say() -> None:
            self._state.settle("queue export")
            self._state.say(text, about="queue export")

        await self._tasks.apply(say)

    def _hand_over(self, file: File) -> None:
        self._save(file)
        self._state.settle("queue export")
        self._state.say(f"The queue is saved: {file.name}.", "success", "queue export")


_MIME = {
    ".csv": "text/csv",
    ".ecsv": "text/plain",
    ".fits": "application/fits",
    ".html": "text/html",
}
