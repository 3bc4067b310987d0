"""The four panels of a spectrum: raw flux, normalised flux, masked pixels, overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.models import (
    BasicTickFormatter,
    BoxZoomTool,
    CDSView,
    ColumnDataSource,
    FactorRange,
    HoverTool,
    HSpan,
    IndexFilter,
    Line,
    Node,
    PanTool,
    Quad,
    Range1d,
    RangeTool,
    ResetTool,
    SaveTool,
    Scatter,
    Text,
    Tool,
    Toolbar,
    ToolProxy,
    VArea,
    VStrip,
    WheelZoomTool,
)
from bokeh.models.annotations import Label
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from inspector.science.spectrum import WAVELENGTH
from inspector.web.figures.axis_limits import fixed_range
from inspector.web.figures.decimation import Band
from inspector.web.figures.flux_range import CURVE, follow_view
from inspector.web.figures.hover import name_hover, pixel_hover
from inspector.web.figures.masks import FLAGGED, REPLACED
from inspector.web.figures.spectrum_data import MODEL
from inspector.web.figures.theme import FONT, Theme, new_figure, text_style, tooltip

LEFT_BORDER = 72
HAIRLINE = 1
"""Width of a curve, px: a browser without a GPU paints a wider one ten times slower."""

FLUX = "Flux\n(10⁻¹⁷ erg/s/cm²/Å)"
"""What the axis of the raw flux says; short enough for a low panel."""

STRIP = "strip"
"""Name of the y range that runs from 0, the frame's foot, to 1, its head."""


def gestures(name: str) -> list[Tool]:
    """The tools of one panel, in the order `merged_toolbar` expects of all; a picture is saved by the panel's name."""
    return [
        PanTool(dimensions="width"),
        WheelZoomTool(dimensions="width"),
        BoxZoomTool(dimensions="width"),
        WheelZoomTool(dimensions="height"),
        ResetTool(),
        SaveTool(filename=name),  # without, the browser asks for a name once a panel
    ]


N_GESTURES = 6
"""Tools `gestures` makes."""


def merged_toolbar(plots: Sequence[figure]) -> Toolbar:
    """One toolbar for panels made with `gestures`; drag pans and the wheel zooms."""
    merged = [ToolProxy(tools=list(tools)) for tools in zip(*(plot.toolbar.tools[:N_GESTURES] for plot in plots))]
    others = [tool for plot in plots for tool in plot.toolbar.tools[N_GESTURES:]]
    return Toolbar(tools=[*merged, *others], active_drag=merged[0], active_scroll=merged[1], logo=None)


def raw_panel(
    theme: Theme,
    x_range: Range1d,
    detail: ColumnDataSource,
    replaced: ColumnDataSource,
    beyond: ColumnDataSource,
    note: Label,
    height: int,
) -> figure:
    """Raw flux with the fitted continuum; replaced pixels beyond the axis point that way at its edge."""
    plot = _panel(theme, x_range, height, name="raw-flux", tools=gestures("raw-flux"))
    curve = _inspected(plot, theme, detail, "flux")
    plot.add_glyph(detail, Line(x="wavelength", y="continuum", line_color=theme.total, line_width=1.6))
    add_model(plot, theme, detail, "model")
    plot.add_glyph(replaced, _dots(theme, "flux"))
    plot.extra_y_ranges = {STRIP: fixed_range(0, 1)}
    arrow = Scatter(x="wavelength", y="place", marker="marker", size=6, fill_color=theme.attention, line_color=None)
    arrows = plot.add_glyph(beyond, arrow, y_range_name=STRIP)
    tip = tooltip(("beyond the axis, flux", "@flux{0.00}"), ("λ", "@wavelength{0.00} Å vacuum"))
    plot.add_tools(pixel_hover(curve), name_hover(), HoverTool(renderers=[arrows], tooltips=tip, visible=False))
    plot.yaxis.axis_label = FLUX
    plot.yaxis.axis_label_text_font_size = "9px"
    plot.xaxis.visible = False
    follow_view(plot, "flux", note)
    return plot


def flat_panel(
    theme: Theme, x_range: Range1d, detail: ColumnDataSource, replaced: ColumnDataSource, note: Label, height: int
) -> figure:
    """Normalised flux, as the network sees it; what astroNN replaced stands at 1."""
    plot = _panel(theme, x_range, height, name="normalised-flux", tools=gestures("normalised-flux"))
    plot.add_glyph(HSpan(y=1, line_color=theme.grid))
    curve = _inspected(plot, theme, detail, "normalized")
    add_model(plot, theme, detail, "normalized_model")
    plot.add_glyph(replaced, _dots(theme, "normalized"))
    plot.add_tools(pixel_hover(curve), name_hover())
    plot.yaxis.axis_label = "Flux / continuum"
    plot.xaxis.visible = False
    plot.extra_y_ranges = {STRIP: fixed_range(0, 1)}
    follow_view(plot, "normalized", note)
    return plot


def mask_panel(theme: Theme, x_range: Range1d, source: ColumnDataSource, height: int) -> figure:
    """Runs of masked pixels in two lanes; red where astroNN replaces them by 1."""
    lanes = FactorRange(factors=[FLAGGED, REPLACED])
    plot = _panel(theme, x_range, height, name="masked-pixels", y_range=lanes, tools=gestures("masked-pixels"))
    bar = Quad(left="left", right="right", bottom="bottom", top="top", fill_color="colour", line_color="colour")
    bars = plot.add_glyph(source, bar)
    tip = tooltip(("", "@lane"), ("bits", "@names"), ("pixels", "@pixels"), ("from", "@left{0.0} to @right{0.0} Å"))
    plot.add_tools(HoverTool(renderers=[bars], tooltips=tip))
    plot.ygrid.visible = False
    plot.xaxis.axis_label = "Vacuum wavelength (Å)"
    plot.xaxis.formatter = BasicTickFormatter(use_scientific=False)
    plot.yaxis.major_label_text_font_size = "9px"
    plot.yaxis.major_tick_line_color = None
    return plot


def overview_panel(theme: Theme, x_range: Range1d, whole_spectrum: ColumnDataSource, height: int) -> figure:
    """The whole spectrum with the view marked on it, to move about in."""
    whole = fixed_range(float(WAVELENGTH[0]), float(WAVELENGTH[-1]))
    plot = _panel(theme, whole, height, name="overview")
    plot.add_glyph(whole_spectrum, Line(x="wavelength", y="normalized", line_color=theme.context, line_width=0.7))
    plot.axis.visible = False
    plot.grid.visible = False
    tool = RangeTool(x_range=x_range, visible=False)
    tool.overlay.fill_color, tool.overlay.fill_alpha = theme.chosen, 0.15
    tool.overlay.line_color, tool.overlay.line_alpha = theme.chosen, 0.7
    tool.overlay.line_dash = "solid"
    plot.add_tools(tool)
    return plot


def add_band(plot: figure, theme: Theme, detail: ColumnDataSource, low: str, high: str) -> Band:
    """The error band behind a curve."""
    area = VArea(x="wavelength", y1=low, y2=high, fill_color=theme.chosen)
    outline = tuple(Line(x="wavelength", y=y, line_color=theme.chosen, line_width=HAIRLINE) for y in (low, high))
    for glyph in (area, *outline):
        plot.add_glyph(detail, glyph, level="underlay")
    return Band(area, outline)


def add_model(plot: figure, theme: Theme, detail: ColumnDataSource, column: str) -> None:
    """The best-fitting model over a curve; nothing where the star has none."""
    line = plot.add_glyph(detail, Line(x="wavelength", y=column, line_color=theme.catalogue, line_width=HAIRLINE))
    tip = tooltip((MODEL, f"@{column}{{0.0000}}"), ("λ", "@wavelength{0.00} Å vacuum"))
    plot.add_tools(HoverTool(renderers=[line], tooltips=tip, line_policy="nearest", visible=False))


def add_strips(plot: figure, source: ColumnDataSource, alpha: float) -> None:
    """Shade windows from foot to head; they have no say in the ranges, which are fixed ones."""
    style: dict[str, Any] = {"fill_color": "colour", "fill_alpha": alpha, "line_color": "colour", "line_alpha": alpha}
    style |= {"hatch_pattern": "pattern", "hatch_color": "colour", "hatch_alpha": alpha, "hatch_scale": 9}
    plot.add_glyph(source, VStrip(x0="left", x1="right", **style), level="underlay")


def add_marks(
    plot: figure, theme: Theme, source: ColumnDataSource, x: str, y: float, **options: Any
) -> tuple[Any, IndexFilter]:
    """Write the ``name`` of each row at `y` of the frame's height; returns the renderer and what thins it."""
    chosen = IndexFilter(indices=[])
    paper: dict[str, Any] = {"background_fill_color": theme.paper, "background_fill_alpha": 0.75}
    words = Text(x=x, y=y, text="name", **paper, **text_style(theme, **options))
    renderer = plot.add_glyph(source, words, view=CDSView(filter=chosen), y_range_name=STRIP)
    return renderer, chosen


def left_out_note(theme: Theme) -> Label:
    """Where the plot says what it leaves out, above its frame's right end; empty while it shows everything."""
    style: dict[str, Any] = {"text_font": FONT, "text_font_size": "10px", "text_color": theme.text}
    style["background_fill_color"] = theme.paper  # no name of a window shows through the words
    place: dict[str, Any] = {"x": Node.frame.right, "y": Node.frame.bottom, "x_offset": -4, "y_offset": 4}
    return Label(text="", name="left-out", text_align="right", **place, **style)


def context_curve(theme: Theme, source: ColumnDataSource, column: str, place: int) -> GlyphRenderer[Line]:
    """A curve that is not the inspected one: muted, and behind it; yet to be added to a panel."""
    line = Line(x="wavelength", y=column, line_color=theme.others[place % len(theme.others)], line_alpha=0.8)
    return GlyphRenderer(data_source=source, glyph=line, tags=[CURVE], level="underlay")


def _inspected(plot: figure, theme: Theme, detail: ColumnDataSource, column: str) -> Any:
    curve = Line(x="wavelength", y=column, line_color=theme.chosen, line_width=HAIRLINE)
    return plot.add_glyph(detail, curve, tags=[CURVE])


def _dots(theme: Theme, column: str) -> Scatter:
    return Scatter(x="wavelength", y=column, size=3, fill_color=theme.attention, line_color=None)


def _panel(theme: Theme, x_range: Range1d, height: int, **options: Any) -> figure:
    settings: dict[str, Any] = {"y_range": fixed_range(0, 1), "tools": [], **options}
    plot = new_figure(theme, x_range=x_range, height=height, **settings)
    plot.styles = {
        "height": f"var(--{plot.name}-height, {height}px)"
    }  # the page's style sheet knows the window's height
    wheel = next((tool for tool in plot.toolbar.tools if isinstance(tool, WheelZoomTool)), None)
    if wheel is not None:
        plot.toolbar.active_scroll = wheel
    plot.min_border_left, plot.min_border_right = LEFT_BORDER, 6
    plot.min_border_top = plot.min_border_bottom = 2
    return plot
