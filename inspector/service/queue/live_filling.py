"""Live values for the rows in view, one after the other, behind everything that somebody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.exceptions import InspectorError
from inspector.pipeline.correction import correction_for
from inspector.pipeline.prepare import distinct_spectra, normalized_or_reason, prepare_normalized
from inspector.pipeline.result import Result
from inspector.science.provenance import Provenance
from inspector.science.settings import Settings
from inspector.science.spectrum import NormalizedSpectrum, Spectrum
from inspector.science.table_answer import TableAnswer
from inspector.science.visits import FEWEST_VISITS
from inspector.service.inference import Inference
from inspector.service.library import Library
from inspector.service.opened_star import OpenedStar
from inspector.service.question import Question
from inspector.service.queue.live_values import LiveRow, LiveValues, failed_row, live_row
from inspector.service.queue.row_spectra import RowSpectra
from inspector.service.reading import Readers, ReadHere

if TYPE_CHECKING:
    from inspector.science.noise_model import NoiseModel
    from inspector.science.sampling import Askable

MOST_VISITS = 20
"""Visits of one star that are compared in the background; a run each."""

Told = Callable[[int], Awaitable[None]]
"""Hears of each row that has new values."""


@dataclass(frozen=True, eq=False)
class Asking:
    """How the network is asked, and which: a page's own settings."""

    settings: Settings
    network: Askable
    noise_model: NoiseModel | None

    @property
    def provenance(self) -> Provenance:
        """What decides the answers."""
        card = self.network.card
        return Provenance.of(self.settings, card, correction_for(card, self.noise_model).noise_model)

    def question(self, spectrum: Spectrum, normalized: NormalizedSpectrum | str) -> Question:
        """About one spectrum."""
        asked = self.settings
        ready = prepare_normalized(spectrum, normalized, asked.seed)
        rate = self.network.dropout_rate if asked.dropout_rate is None else asked.dropout_rate
        return Question(ready, asked.mc_num, rate, self.network, self.noise_model)


class LiveFilling:
    """Fills `LiveValues`.

    Parameters
    ----------
    library : Library
        That opens the files, and keeps them for who looks at the star next.
    readers : Readers
    inference : Inference
    """

    def __init__(self, library: Library, readers: Readers | ReadHere, inference: Inference) -> None:
        self._library, self._inference = library, inference
        self._job = readers.queue.job(background=True)

    async def fill(
        self,
        spectra: RowSpectra,
        rows: Sequence[int],
        asking: Asking,
        live: LiveValues,
        told: Told,
        table: Callable[[int], TableAnswer | None] = lambda row: None,
    ) -> None:
        """Ask about those of some rows that have no live values yet; cancelling the task ends it.

        Parameters
        ----------
        spectra : RowSpectra
        rows : sequence of int
            In the order they are wanted.
        asking : Asking
        live : LiveValues
            What was said with other settings is forgotten.
        told : callable
            Called with each row that has new values.
        table : callable, optional
            What the table itself says of a row; asked in a thread.
        """
        live.ask_as(asking.provenance)
        for row in rows:
            if row not in live.rows:
                async for values in self._answers(spectra, row, asking, table):
                    live.put(row, values)
                    await told(row)

    async def opened(self, spectra: RowSpectra, row: int) -> OpenedStar:
        """The star of a row, read behind everything that somebody waits for; raises `FileError`."""
        await spectra.prefetch([row])
        return await self._library.open((await spectra.locate(row)).entry, self._job)

    async def _answers(
        self, spectra: RowSpectra, row: int, asking: Asking, table: Callable[[int], TableAnswer | None]
    ) -> AsyncIterator[LiveRow]:
        """First of the row's own spectrum; then with its visits, which say whether one of them is odd."""
        try:
            opened = await self.opened(spectra, row)
            star, name = opened.star, spectra.spectrum(row, opened.star)
            spectrum = next(spectrum for spectrum in star.spectra if spectrum.name == name)
            result = await self._answer(opened, spectrum, asking)
            said = await asyncio.to_thread(table, row)
        except InspectorError as error:
            yield failed_row(str(error))
            return
        yield live_row(star, spectrum, result, table=said)
        visits = distinct_spectra(star)[1:]
        if spectrum is star.coadd and FEWEST_VISITS <= len(visits) <= MOST_VISITS:
            answers = {visit.name: await self._answer(opened, visit, asking) for visit in visits}
            yield live_row(star, spectrum, result, answers, said)

    async def _answer(self, opened: OpenedStar, spectrum: Spectrum, asking: Asking) -> Result:
        """All draws of one spectrum."""
        normalized = opened.normalized.get(spectrum.name) or normalized_or_reason(spectrum)
        async with aclosing(self._inference.answers(asking.question(spectrum, normalized), background=True)) as grown:
            answers = [answer async for answer in grown]
        return answers[-1]
