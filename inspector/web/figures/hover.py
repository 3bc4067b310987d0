"""What the pointer tells of a pixel. Only numbers are sent; the browser spells the bits out."""

from __future__ import annotations

from bokeh.models import CustomJSHover, HoverTool, Line
from bokeh.models.renderers import GlyphRenderer

from inspector.science.bitmask import ASTRONN_BITS, PIXEL_BITS
from inspector.science.number_format import ABSURD, MARK
from inspector.web.figures.javascript import hover_script
from inspector.web.figures.theme import tooltip

TOOLTIP = tooltip(
    ("λ", "@wavelength{0.00} Å vacuum"),
    ("pixel", "@pixel{custom} of 8575 · @network_pixel{custom} of 7514"),
    ("flux", "@flux{3} ± @error{3}"),
    ("normalised", "@normalized{4} ± @normalized_error{4}"),
    ("bits", "@bits{custom}"),
)

NAMES = "curve-names"
"""Name of the hover tool that tells the names of curves."""


def pixel_hover(renderer: GlyphRenderer[Line]) -> HoverTool:
    """A hover tool for the inspected curve."""
    return HoverTool(
        renderers=[renderer],
        mode="vline",
        tooltips=TOOLTIP,
        formatters={
            "@bits": bits_in_words(),
            **{name: CustomJSHover(code=hover_script("pixel")) for name in ("@pixel", "@network_pixel")},
            **{f"@{name}": number_in_words() for name in ("flux", "error", "normalized", "normalized_error")},
        },
    )


def name_hover() -> HoverTool:
    """A hover tool that tells the name of the curve under the pointer; its renderers are added as they are drawn."""
    tips = tooltip(("", "$name"))
    return HoverTool(name=NAMES, renderers=[], mode="mouse", visible=False, tooltips=tips, line_policy="nearest")


def number_in_words() -> CustomJSHover:
    """Writes a number with the decimals its field asks for, in the browser; an absurd one short."""
    return CustomJSHover(args={"absurd": ABSURD, "mark": MARK}, code=hover_script("number"))


def bits_in_words() -> CustomJSHover:
    """Turns a pixel's mask into names of bits, in the browser."""
    names = {bit.bit: bit.name for bit in PIXEL_BITS}
    every = [names.get(bit, "") for bit in range(max(names) + 1)]
    return CustomJSHover(args={"names": every, "masking": list(ASTRONN_BITS)}, code=hover_script("bits"))
