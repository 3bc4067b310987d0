"""The pixel mask of one spectrum by bit: how many pixels, and what astroNN makes of them."""

from __future__ import annotations

from html import escape

from inspector.science.masking import bit_counts
from inspector.science.number_format import percent
from inspector.science.spectrum import N_CHIP_PIXELS, Spectrum


def mask_html(spectrum: Spectrum) -> str:
    """A section with a row per bit that is set inside the chips."""
    rows = "".join(
        f'<tr title="{escape(bit.description, quote=True)}"><td><b>{escape(bit.name)}</b></td>'
        f"<td>{count} px</td><td>{percent(count / N_CHIP_PIXELS)}</td>"
        f'<td class="{"red" if masked else "faint"}">{"replaced by 1" if masked else "used as it is"}</td></tr>'
        for bit, count, masked in bit_counts(spectrum)
    )
    said = f"<table>{rows}</table>" if rows else '<p class="faint">No pixel is flagged.</p>'
    return f"<section><h3>Pixel mask of {escape(spectrum.name)}</h3>{said}</section>"
