"""The spectrum figure: its panels share one x range, and its curves are changed through their data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    CrosshairTool,
    CustomJS,
    GridPlot,
    HoverTool,
    IndexFilter,
    Range1d,
    Segment,
)
from bokeh.models.annotations import Label, Span
from bokeh.plotting import figure
from numpy.typing import NDArray

from inspector.science.lines import Line
from inspector.science.spectrum import WAVELENGTH, NormalizedSpectrum, Spectrum
from inspector.web.figures import spectrum_panels as panels
from inspector.web.figures.decimation import Part, draw_curves, draw_marks, mark_beyond, narrow_new_curves
from inspector.web.figures.flux_range import y_limits
from inspector.web.figures.hover import NAMES
from inspector.web.figures.javascript import script
from inspector.web.figures.label_placement import thin_with_zoom, written
from inspector.web.figures.line_marks import line_columns
from inspector.web.figures.masks import REPLACED, mask_columns
from inspector.web.figures.spectrum_data import Columns, detail_columns, overview_columns, replaced_columns
from inspector.web.figures.theme import Theme
from inspector.web.figures.windows import strip_columns

View = tuple[float, float]

FULL_VIEW: View = (float(WAVELENGTH[0]), float(WAVELENGTH[-1]))
NARROWEST = 3.0
"""Å; about fifteen pixels."""

NOTHING: View = (0.0, 1.0)
"""Limits of an axis with nothing on it."""

HEIGHTS = {"raw": 100, "flat": 152, "mask": 66, "overview": 28}


@dataclass
class Curve:
    """A grey curve in both panels: hidden and shown, never made again; it has a name while it is in use."""

    source: ColumnDataSource
    renderers: tuple[Any, Any]
    name: str = ""

    def call(self, name: str) -> None:
        """Give it another name, which the pointer tells."""
        self.name = name
        for renderer in self.renderers:
            renderer.name = name

    def show(self, visible: bool) -> None:
        """Show or hide it at once."""
        for renderer in self.renderers:
            renderer.visible = visible


@dataclass
class SpectrumFigure:
    """The panels, and the data sources through which they change."""

    theme: Theme
    raw: figure
    flat: figure
    overview: figure
    layout: Any
    coarse: ColumnDataSource
    detail: ColumnDataSource
    beside: ColumnDataSource
    replaced: ColumnDataSource
    beyond: ColumnDataSource
    mask: ColumnDataSource
    strips: ColumnDataSource
    strip_names: IndexFilter
    marks: tuple[Any, ...]
    lines: tuple[Line, ...]
    seen: ColumnDataSource
    view: View
    curves: list[Curve] = field(default_factory=list)

    def look_at(self, view: View) -> None:
        """Move to other wavelengths: both ends at once, in the browser, where the heights follow."""
        if view != self.view:
            self.view = view
            self.seen.data = {"view": list(view)}

    def inspect(
        self, spectrum: Spectrum, normalized: NormalizedSpectrum | None, model: NDArray[np.float64] | None = None
    ) -> None:
        """Draw the inspected spectrum with all that belongs to it; `model` is as `detail_columns` takes it."""
        columns = detail_columns(spectrum, normalized, model)
        self.detail.data = columns
        self.replaced.data = replaced_columns(columns)
        self.coarse.data = overview_columns(columns)
        self.mask.data = _mask_bars(spectrum, self.theme)
        self.raw.yaxis.axis_label = "Flux" if spectrum.processing.normalized_by else panels.FLUX
        self.fit()
        limits = y_limits([columns], "normalized", FULL_VIEW)
        low, high = limits or NOTHING
        self.overview.y_range.update(start=low, end=high)

    @property
    def has_model(self) -> bool:
        """Whether a best-fitting model is drawn over the inspected spectrum."""
        return bool(np.isfinite(_held_by(self.detail)["normalized_model"]).any())

    def overlay(self, names: Sequence[str], columns: Callable[[str], Columns]) -> None:
        """Draw exactly these spectra in grey; `columns` gives the data of one that was not drawn before."""
        drawn = {curve.name for curve in self.curves}
        self._draw({name: columns(name) for name in names if name not in drawn})
        for curve in self.curves:
            curve.show(curve.name in names)
        self.fit()

    def reveal(self, visible: bool) -> None:
        """Show or hide the inspected spectrum itself."""
        for plot in (self.raw, self.flat):
            for renderer in plot.renderers:
                if getattr(renderer, "data_source", None) in (self.detail, self.beside, self.replaced, self.beyond):
                    renderer.visible = visible

    def forget(self) -> None:
        """Free the grey curves for another star's spectra."""
        for curve in self.curves:
            curve.call("")
            curve.show(False)

    def shade(self, elements: Iterable[str], chosen: str = "") -> None:
        """Shade the windows of exactly these elements; of very many, only the chosen one in its colour."""
        columns = strip_columns(elements, chosen)
        self.strip_names.indices = []
        self.strips.data = columns
        self.strip_names.indices = written(columns["widest_view"], self.view)

    def favour(self, species: frozenset[str]) -> None:
        """Name the lines of these species before all others, in bold."""
        columns = line_columns(self.lines, species)
        source = self.marks[0].data_source
        if not np.array_equal(source.data["weight"], columns["weight"]):
            source.data = columns

    def identify(self, on: bool) -> None:
        """Write line identifications, or hide them."""
        for renderer in self.marks:
            renderer.visible = on

    def fit(self) -> None:
        """Fit the y ranges to what is drawn in view."""
        shown = [curve.source for curve in self.curves if curve.renderers[0].visible]
        drawn = [columns for source in (self.detail, *shown) if len((columns := _held_by(source))["wavelength"])]
        for plot, column in ((self.raw, "flux"), (self.flat, "normalized")):
            limits = y_limits(drawn, column, self.view)
            low, high = limits or NOTHING
            plot.y_range.update(start=low, end=high)

    def clear(self) -> None:
        """Show the axes alone."""
        self.forget()
        for source in (self.detail, self.replaced, self.coarse, self.mask):
            source.data = {name: [] for name in source.data}
        self.fit()
        self.overview.y_range.update(start=NOTHING[0], end=NOTHING[1])

    def _draw(self, spectra: Mapping[str, Columns]) -> None:
        """Draw more curves: on the hidden ones of another star first, then on new ones, added all at once."""
        free = [curve for curve in self.curves if not curve.name]
        for curve, (name, columns) in zip(free, spectra.items()):
            curve.source.data = columns
            curve.call(name)
        more = list(spectra.items())[len(free) :]
        with _models_at_rest(self.raw) if more else nullcontext():
            first = len(self.curves)
            made = [self._new_curve(name, columns, first + i) for i, (name, columns) in enumerate(more)]
            self.curves += made
            for plot, renderers in zip((self.raw, self.flat), zip(*(curve.renderers for curve in made))):
                _name_tool(plot).renderers.extend(renderers)
                plot.renderers.extend(renderers)  # at once: a browser paints the figure at each change of its list

    def _new_curve(self, name: str, columns: Columns, place: int) -> Curve:
        source, beside = ColumnDataSource(columns), _empty(columns)
        draw_curves(self.flat, source, [Part(source, ("flux",)), Part(beside, ("normalized",))])
        raw = panels.context_curve(self.theme, source, "flux", place)
        flat = panels.context_curve(self.theme, beside, "normalized", place)
        curve = Curve(source, (raw, flat))
        curve.call(name)
        return curve


def _empty(columns: Iterable[str]) -> ColumnDataSource:
    return ColumnDataSource({name: [] for name in columns})


def _held_by(source: ColumnDataSource) -> Columns:
    """The columns of a source, as arrays."""
    return {name: np.asarray(column) for name, column in source.data.items()}


def _name_tool(plot: figure) -> Any:
    """The hover tool of a panel's grey curves."""
    return next(tool for tool in plot.select(HoverTool) if tool.name == NAMES)


def _models_at_rest(plot: figure) -> AbstractContextManager[Any]:
    """While many parts are added to a figure on a page, its document counts its models once, at the end."""
    return nullcontext() if plot.document is None else plot.document.models.freeze()


def spectrum_figure(theme: Theme, lines: tuple[Line, ...], view: View = FULL_VIEW) -> SpectrumFigure:
    """An empty spectrum figure; `SpectrumFigure.inspect` fills it."""
    x_range = Range1d(start=view[0], end=view[1], bounds=FULL_VIEW, min_interval=NARROWEST)
    x_range.reset_start, x_range.reset_end = FULL_VIEW
    detail, beside, replaced, mask = (_empty(names) for names in (_COLUMNS, _COLUMNS, _COLUMNS, _MASK_COLUMNS))
    strips, beyond = ColumnDataSource(strip_columns([])), _empty(("wavelength", "flux", "place", "marker"))
    note = panels.left_out_note(theme)
    raw = panels.raw_panel(theme, x_range, detail, replaced, beyond, note, HEIGHTS["raw"])
    flat = panels.flat_panel(theme, x_range, beside, replaced, note, HEIGHTS["flat"])
    flat.add_layout(note)
    masks = panels.mask_panel(theme, x_range, mask, HEIGHTS["mask"])
    coarse = _empty(("wavelength", "normalized"))
    overview = panels.overview_panel(theme, x_range, coarse, HEIGHTS["overview"])
    edges, flat_edges = ("low", "high"), ("normalized_low", "normalized_high")
    bands, flat_bands = (
        (panels.add_band(raw, theme, detail, *edges),),
        (panels.add_band(flat, theme, beside, *flat_edges),),
    )
    above = Part(detail, ("flux", "model"), ("continuum", *edges), bands)
    draw_curves(flat, detail, [above, Part(beside, ("normalized", "normalized_model"), flat_edges, flat_bands)])
    draw_marks(flat, replaced, note)
    narrow_new_curves((raw, flat))
    mark_beyond(raw, replaced, beyond, "flux", note)
    for plot, alpha in ((raw, 0.25), (flat, 0.25), (overview, 0.5)):
        panels.add_strips(plot, strips, alpha)
    window_names, strip_names = panels.add_marks(flat, theme, strips, "middle", 0.02, text_align="center")
    thin_with_zoom(flat, window_names, strip_names, "windows", note)
    _share_crosshair(theme, (raw, flat, masks))
    plots = (raw, flat, masks, overview)
    toolbar = panels.merged_toolbar(plots[:-1])
    grid = GridPlot(
        name="spectrum",
        children=[(plot, row, 0) for row, plot in enumerate(plots)],
        toolbar=toolbar,
        toolbar_location="right",
        sizing_mode="stretch_width",
    )
    return SpectrumFigure(
        theme,
        raw,
        flat,
        overview,
        grid,
        coarse,
        detail,
        beside,
        replaced,
        beyond,
        mask,
        strips,
        strip_names,
        _line_marks(theme, flat, lines, view, note),
        lines,
        _seen(x_range),
        view,
    )


_COLUMNS = (
    "wavelength", "flux", "normalized", "good", "error", "low", "high", "continuum", "normalized_error",
    "normalized_low", "normalized_high", "model", "normalized_model", "pixel", "network_pixel", "bits", "replaced",
)  # fmt: skip
_MASK_COLUMNS = ("left", "right", "lane", "names", "pixels", "bottom", "top", "colour")


def _mask_bars(spectrum: Spectrum, theme: Theme) -> dict[str, Any]:
    """Mask runs with their place in the panel and their colour."""
    columns = mask_columns(spectrum)
    red = columns["lane"] == REPLACED
    return {
        **columns,
        "bottom": [(str(lane), -0.35) for lane in columns["lane"]],
        "top": [(str(lane), 0.35) for lane in columns["lane"]],
        "colour": [theme.attention if r else theme.context for r in red],
    }


def _line_marks(theme: Theme, plot: figure, lines: tuple[Line, ...], view: View, note: Label) -> tuple[Any, ...]:
    """Names and ticks of the lines at the head of the frame, hidden at first."""
    source = ColumnDataSource(line_columns(lines))
    style = {"angle": 1.5708, "text_align": "right", "text_baseline": "middle", "text_font_style": "weight"}
    names, chosen = panels.add_marks(plot, theme, source, "wavelength", 0.93, **style)
    tick = Segment(x0="wavelength", y0=0.94, x1="wavelength", y1=1, line_color=theme.faint)
    ticks = plot.add_glyph(source, tick, view=names.view, y_range_name=panels.STRIP)
    thin_with_zoom(plot, names, chosen, "lines", note)
    chosen.indices = written(_held_by(source)["widest_view"], view)
    names.visible = ticks.visible = False
    return names, ticks


def _share_crosshair(theme: Theme, plots: tuple[figure, ...]) -> None:
    """One vertical hair through all panels."""
    hair = Span(dimension="height", line_color=theme.faint, line_width=1, line_dash="dotted")
    for plot in plots:
        plot.add_tools(CrosshairTool(overlay=hair, visible=False))


def _seen(x_range: Range1d) -> ColumnDataSource:
    """The view as server and browser tell it to each other: whole, and once it has come to rest."""
    seen = ColumnDataSource({"view": [x_range.start, x_range.end]})
    args = {"x": x_range, "seen": seen}
    seen.js_on_change("data", CustomJS(args=args, code=script("move_view")))
    for end in ("start", "end"):
        x_range.js_on_change(end, CustomJS(args=args, code=script("tell_view")))
    return seen
