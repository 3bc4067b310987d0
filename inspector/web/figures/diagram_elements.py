"""A diagram's layers as HoloViews has them, empty: squares, training range, stars, outline and ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from bokeh.models import BoxSelectTool, HoverTool, LassoSelectTool, PanTool, ResetTool, Scatter, WheelZoomTool
from bokeh.models.renderers import GlyphRenderer

from inspector.web.figures.diagram_colours import unknown_colour
from inspector.web.figures.javascript import hover_filter
from inspector.web.figures.theme import Theme, tooltip

if TYPE_CHECKING:
    from holoviews import Overlay

LAYERS = ("squares", "trained", "stars", "outline", "ring")
"""From below."""

RING = 16
"""Pixels across."""

_BARE = {"default_tools": [], "apply_ranges": False}


def elements(theme: Theme) -> Overlay:
    """The layers, one upon the other as in `LAYERS`; what they show is put into their data sources."""
    import holoviews as hv

    nothing = np.zeros((2, 2), dtype=np.float32)
    squares = hv.Image(([0, 1], [0, 1], nothing, nothing), ["x", "y"], ["shade", "count"]).opts(
        cmap=["#000000", "#ffffff"],
        clim=(0, 1),
        clipping_colors={"min": unknown_colour(theme), "NaN": "#00000000"},
        tools=[HoverTool(tooltips=tooltip(("stars here", "@count")), filters={"@count": hover_filter("crowd")})],
        **_BARE,
    )
    stars = hv.Points(([], []), ["x", "y"]).opts(color=theme.chosen, line_color=None, tools=_tools(), **_BARE)
    ring = hv.Points(([], []), ["x", "y"]).opts(
        fill_color=None, line_color=theme.attention, line_width=2, size=RING, **_BARE
    )
    trained, outline = (
        hv.Path([], ["x", "y"]).opts(color=colour, line_dash=dash, line_width=1.5, **_BARE)
        for colour, dash in ((theme.faint, "dashed"), (theme.text, "solid"))
    )
    return hv.Overlay([squares, trained, stars, outline, ring])


def own_colours(stars: GlyphRenderer[Scatter]) -> None:
    """Have each star in its own colour and size; HoloViews, which looks at data for that, has not seen any yet."""
    for glyph in (stars.glyph, stars.selection_glyph, stars.nonselection_glyph, stars.muted_glyph):
        if isinstance(glyph, Scatter):
            glyph.update(fill_color="colour", size="size", fill_alpha=1, line_color=None)


def _tools() -> list[object]:
    """What a mouse can do; the selecting tools mark nothing by themselves, they only tell their outline."""
    name = HoverTool(tooltips=tooltip(("", "@name")))
    return [
        name,
        PanTool(),
        WheelZoomTool(),
        BoxSelectTool(renderers=[]),
        LassoSelectTool(renderers=[], continuous=False),
        ResetTool(),
    ]
