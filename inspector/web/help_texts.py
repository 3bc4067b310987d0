"""What the "?" of every panel explains: a few short sentences for a newcomer."""

from __future__ import annotations

import math
from collections.abc import Mapping

from inspector.science.bitmask import ASTRONN_BITS, PIXEL_BITS
from inspector.science.spectrum import N_CHIP_PIXELS, N_PIXELS, WAVELENGTH
from inspector.web.figures.diagram_layers import MAX_POINTS
from inspector.web.state import WINDOW_MARGIN

PIXEL_WIDTH = 299792.458 * math.log(WAVELENGTH[1] / WAVELENGTH[0])
"""Of the apStar grid, km/s."""

_MASKING = ", ".join(bit.name for bit in PIXEL_BITS if bit.bit in ASTRONN_BITS)

HELP: Mapping[str, str] = {
    "spectrum": (
        "Above: the flux as the file has it, with its 1σ error band (its outline, until you zoom in); the orange curve"
        " is the continuum fitted chip by chip. Below: flux divided by that continuum, which is what the network sees."
        " The inspected spectrum is blue, the others are muted; point at a curve to read its name. Wavelengths are"
        " vacuum, in the star's rest frame.\n\n"
        "Drag to pan, use the wheel to zoom, or move the window on the strip at the foot. The vertical axes follow the"
        " good pixels in view.\n\n"
        f"Bars under the plots are masked pixels. Red: astroNN replaces the flux by 1 ({_MASKING}); a red dot marks the"
        " pixel at 1. Grey: flagged, but used as it is. Point at a bar or a pixel to read the names of the bits."
    ),
    "elements": (
        "For each of the 19 elements a small network sees only the pixels where ASPCAP found that element's lines: its"
        " censor windows. Pick elements to shade their windows; the arrows go from window to window. Teff, log g and"
        " [Fe/H] come from the whole spectrum and have no window.\n\n"
        "The bar under an element is the share of its window that astroNN's mask replaces by 1 in this spectrum:"
        " those pixels tell the network nothing.\n\n"
        f"A pixel is {PIXEL_WIDTH:.2f} km/s wide. Pixels are numbered from 1, as in FITS: the {N_PIXELS} of the apStar"
        f" grid, and the {N_CHIP_PIXELS} inside the chips, which the network sees. “1 of 11” counts stops: windows"
        f" within {WINDOW_MARGIN:.0f} Å of each other are one stop."
    ),
    "network": (
        "Each draw asks the network once, with a fresh random share of its neurones switched off (MC dropout). The"
        " spread of the draws is the model's part of the error. More draws make that spread better known, not smaller."
        " The same seed gives the same draws; a seed you set is cleared at the next star unless you keep it."
    ),
    "labels": (
        "All 22 labels. The hill is the spread of the draws; the dot is their mean, and the line through it the"
        " corrected error. A diamond is the catalogue's value, where the file has one. Abundances share the axis at"
        " the foot; Teff and log g have their own scales. Click a row to enlarge it."
    ),
    "posterior": (
        "Each draw asks the network once, with different neurones dropped. The histogram of the draws shows the model's"
        " part of the error alone. The wider curve adds the scatter the network itself expects (its predictive error)."
        " The noise model then corrects the sum. All curves are scaled to the same height, so compare their widths."
    ),
    "errors": (
        "Raw error: model and predictive error in quadrature. Corrected error: scale × raw error + offset, measured by"
        " comparison with repeated observations. The bars show how the raw variance splits into its two parts."
    ),
    "flags": (
        "A flag is set when every comparison of its rule is exceeded. The bar is this star's number over the threshold;"
        " the line marks 1. The number after the ± is its Monte Carlo error: within three of these of the threshold"
        " the flag is undecided, and more draws decide. Below: the pixel mask bit by bit. STARFLAG comes from the"
        " survey's reduction, not from the network."
    ),
    "table": (
        "What the results table says of this spectrum beside what the network says now. The difference is live minus"
        " table, in σ: over both errors in quadrature. Both saw the same photons, so that more than 1σ is much; such"
        " rows are bold. Flags that only one of the two sets are named."
    ),
    "kiel": (
        "The rows of the table that pass the filters, one column against another: at first log g against Teff, both"
        " drawn as the field does. The ring is the star on screen, the dashed box what the weights saw in training (1%"
        " to 99%). Point at a star to read its name; click it to open it.\n\n"
        f"Of more than {MAX_POINTS:,} stars, those that crowd are counted in squares; the ones that stand alone are"
        " drawn with their names, and all are once you have zoomed in far enough.\n\n"
        "Drag to move, use the wheel to zoom; with the lasso or the box in the toolbar, outline stars to keep only"
        " those in the queue. Escape lets go of the outline."
    ),
    "visits": (
        "The chosen label from each visit by itself, with its corrected error; the band is the coadd. Visits of one"
        " star should agree within their errors. One that stands apart deserves a look: a bad sky, a cosmic ray, a"
        " companion. All use the settings on the left, and are drawn after what you are waiting for. Click a visit to"
        " inspect it."
    ),
}
"""Markdown by panel."""
