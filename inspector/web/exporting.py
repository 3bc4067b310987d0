"""What the page hands to its browser: links, tables, draws, figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from inspector.exceptions import InspectorError
from inspector.service.services import Services
from inspector.web.components.browser_bridge import Bridge
from inspector.web.exported_figure import picture_legends, summarize
from inspector.web.exported_files import (
    FORMATS,
    PICTURES,
    SPECTRA,
    SUMMARIES,
    File,
    file_stem,
    picture_words,
    spectrum_file,
    summary_file,
)
from inspector.web.figures.theme import THEMES
from inspector.web.page_tasks import PageTasks, Work
from inspector.web.state import InspectorState


class Exporting:
    """Has the browser save what is on screen.

    Parameters
    ----------
    state : InspectorState
    services : Services
    tasks : PageTasks
    bridge : Bridge
    query : callable
        The link to what is on screen.
    """

    def __init__(
        self, state: InspectorState, services: Services, tasks: PageTasks, bridge: Bridge, query: Callable[[], str]
    ) -> None:
        self._state, self._services, self._tasks, self._bridge, self._query = state, services, tasks, bridge, query
        self._drawing = False

    def copy_link(self) -> None:
        """Put the link on the clipboard."""
        self._bridge.tell("copy", query=self._query())

    def export(self, what: str) -> Work | None:
        """Save the spectrum, a result, draws or pictures; what is left to do where that takes a while."""
        if what in SUMMARIES:
            return self._draw_summary(SUMMARIES[what])
        if what in PICTURES:
            self._take_pictures(PICTURES[what])
        elif what in SPECTRA:
            spectrum = self._state.spectrum(self._state.inspected)
            self.save(spectrum_file(spectrum, self._state.numbers(spectrum.name), SPECTRA[what]))
        elif self._state.result is None:
            raise InspectorError("There is no result yet. Wait for the first draws.")
        else:
            self.save(FORMATS[what](self._state.result))
        return None

    def _take_pictures(self, kind: str) -> None:
        """Have the browser draw the panels as they stand."""
        state, theme = self._state, THEMES[self._state.theme]
        star = state.star
        stem = file_stem(star.id, star.info.file.name, state.inspected) if star else "star"
        told = {"star": stem, "kind": kind, "words": picture_words(state.result)}
        self._bridge.tell("pictures", legends=picture_legends(state), paper=theme.paper, ink=theme.text, **told)

    async def _draw_summary(self, kind: str) -> None:
        """Draw the figure beside the event loop; one at a time for a page."""
        if self._drawing:
            raise InspectorError("A figure is being drawn already. Wait for it, then try again.")
        self._drawing = True
        try:
            summary = summarize(self._state)
            await self._tasks.apply(self._say_drawing)
            drawing = asyncio.get_running_loop().run_in_executor(self._services.painter, summary_file, summary, kind)
            file = await drawing
        finally:
            self._drawing = False
            await self._tasks.apply(lambda: self._state.settle("figure"))
        await self._tasks.apply(lambda: self._hand_over(file))

    def _say_drawing(self) -> None:
        self._state.say("Drawing the figure; the browser saves it once it is ready.", about="figure")

    def _hand_over(self, file: File) -> None:
        self.save(file)
        self._state.say(f"The figure is drawn: {file.name}.", "success", about="figure")

    def save(self, file: File) -> None:
        """Have the browser save a file."""
        self._bridge.tell("save", name=file.name, data=file.data, mime=file.mime)
