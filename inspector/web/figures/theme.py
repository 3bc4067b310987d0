"""Light and dark: grey for context, colour for what was chosen, red for what needs attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bokeh.core.properties import value
from bokeh.plotting import figure
from bokeh.themes import Theme as BokehTheme

from inspector.web.figures.accessible_names import attributes

FONT = "Roboto, Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Theme:
    """The colours of one theme.

    Attributes
    ----------
    text, faint : str
        What is read, and what is read second.
    grid : str
        Lines behind the data.
    context : str
        Curves that are not the chosen one.
    chosen : str
        The inspected spectrum, the selected row.
    model : str
        The fitted continuum, the draws.
    total : str
        What includes the predictive part.
    corrected : str
        What the noise model corrected.
    catalogue : str
        What somebody else measured.
    attention : str
        Masked pixels, flags that are set.
    paper : str
        Behind it all.
    others : tuple of str
        Spectra beside the inspected one, muted, in turn: told apart, yet still context.
    """

    text: str
    faint: str
    grid: str
    context: str
    chosen: str
    model: str
    total: str
    corrected: str
    catalogue: str
    attention: str
    paper: str
    others: tuple[str, ...]


THEMES: Mapping[str, Theme] = {
    "light": Theme(
        text="#1f2328",
        faint="#68707a",
        grid="#e6e8eb",
        context="#a7adb5",
        chosen="#0b57a4",
        model="#5b8dc9",
        total="#d07a00",
        corrected="#0b7a55",
        catalogue="#8e3fa8",
        attention="#d1242f",
        paper="#ffffff",
        others=("#8d949c", "#b5945a", "#5fa08f", "#a07fb8", "#b0736f"),
    ),
    "dark": Theme(
        text="#e6e9ed",
        faint="#9aa3ad",
        grid="#32373d",
        context="#6b737c",
        chosen="#6cb6ff",
        model="#4f88c4",
        total="#f0a33c",
        corrected="#3fc795",
        catalogue="#cf8ee6",
        attention="#ff6b6b",
        paper="#16191d",
        others=("#7c858f", "#a98a50", "#4f9484", "#9573ad", "#a66a66"),
    ),
}


AS_DRAWN = BokehTheme(json={"attrs": {"Axis": {}, "Grid": {}, "Figure": {}, "Title": {}}})
"""A document's theme that leaves these as they are drawn here; the page's own would restyle them in the browser."""


def new_figure(theme: Theme, **options: Any) -> figure:
    """A figure in the theme's colours, as wide as its place and without a logo."""
    settings = {"sizing_mode": "stretch_width", "toolbar_location": None, "tools": "", **options}
    plot = figure(**settings)
    dress(plot, theme)
    return plot


def dress(plot: figure, theme: Theme) -> None:
    """Give a figure the theme's colours, and tell a screen reader what it shows."""
    plot.html_attributes = attributes(plot.name or "")
    plot.background_fill_color = plot.border_fill_color = None
    plot.outline_line_color = theme.grid
    plot.grid.grid_line_color = theme.grid
    plot.toolbar.logo = None
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font = axis.major_label_text_font = FONT
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "11px"
        axis.axis_label_text_color = axis.major_label_text_color = theme.text
        axis.axis_line_color = axis.major_tick_line_color = theme.faint
        axis.minor_tick_line_color = None
        axis.axis_label_standoff = 4


def tooltip(*rows: tuple[str, str]) -> str:
    """What the pointer tells, as small text; names and fields are ours, and Bokeh escapes what stands in the fields."""
    lines = "".join(f"<div><span style='opacity:.65'>{name}</span> {field}</div>" for name, field in rows)
    return f"<div style='font: 11px {FONT}; line-height: 1.35'>{lines}</div>"


def text_style(theme: Theme, **options: Any) -> dict[str, Any]:
    """Text glyphs as the axes write."""
    return {"text_font": value(FONT), "text_font_size": "11px", "text_color": theme.text, **options}
