"""What the panels with one figure have in common."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

import panel as pn

from inspector.pipeline.result import Result
from inspector.web.page_updates import held
from inspector.web.panels.panel_parts import Place, empty, figure_pane
from inspector.web.state import InspectorState


class Drawn(Protocol):
    """A figure with its data."""

    layout: Any

    def clear(self) -> None:
        """Show the axes alone."""


D = TypeVar("D", bound=Drawn)


class FigureView(pn.viewable.Viewer, Generic[D]):
    """A panel whose figure follows the session and is drawn anew in another theme.

    A panel says how its figure is made (`_new_figure`), how it stands among its words (`_arrange`) and
    what it shows (`_show`, at each change of one of `FOLLOWS`).
    """

    FOLLOWS: tuple[str, ...] = ("result", "star", "label")

    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self.state = state
        self._run: tuple[object, ...] = ()
        self._figure = self._new_figure()
        self._pane = figure_pane(self._figure.layout)
        self._place = Place(self._pane)
        self._empty = empty()
        self._layout = self._arrange()
        state.param.watch(held(self._draw), list(self.FOLLOWS))
        state.param.watch(held(self._repaint), "theme")
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    @property
    def figure(self) -> D:
        """The figure on screen."""
        return self._figure

    def _new_figure(self) -> D:
        raise NotImplementedError

    def _arrange(self) -> pn.viewable.Viewable:
        raise NotImplementedError

    def _show(self, *_: Any) -> None:
        raise NotImplementedError

    def _draw(self, *events: Any) -> None:
        """Show what there is; a figure that cannot be drawn keeps nothing of the star before, and says so."""
        try:
            self._show(*events)
        except Exception as error:
            self._figure.clear()
            self._place.filled = False
            self._empty.text = f"This panel could not be drawn ({type(error).__name__})."
            raise

    def _begins(self, result: Result, *more: object) -> bool:
        """Whether the result is of another run than the one before, or `more` is not what it was."""
        run = result.star_id, result.file, result.spectrum_name, result.provenance.draws, *more
        before, self._run = self._run, run
        return run != before

    def _repaint(self, *_: Any) -> None:
        self._figure = self._new_figure()
        self._draw()
        self._pane.object = self._figure.layout
