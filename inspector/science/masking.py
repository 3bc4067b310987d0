"""What of a spectrum is lost: unmeasured pixels, those astroNN replaces by 1, and what that takes of a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.science.bitmask import ASTRONN_BITS, PIXEL_BITS, Bit, any_bit
from inspector.science.labels import ELEMENTS
from inspector.science.resample import BAD_BITS, BAD_ERROR
from inspector.science.spectrum import CHIP_PIXELS, N_PIXELS, Spectrum
from inspector.science.windows import element_windows

_IN_CHIP = np.zeros(N_PIXELS, dtype=bool)
_IN_CHIP[CHIP_PIXELS] = True


def measured_pixels(spectrum: Spectrum) -> NDArray[np.bool_]:
    """Where flux and error are numbers and the error is above zero. Shape (8575,)."""
    with np.errstate(invalid="ignore"):
        measured: NDArray[np.bool_] = np.isfinite(spectrum.flux) & np.isfinite(spectrum.error) & (spectrum.error > 0)
    return measured


def masked_pixels(spectrum: Spectrum) -> NDArray[np.bool_]:
    """Pixels of the chips that normalising replaces by 1: not measured, or with a bit astroNN masks. Shape (8575,)."""
    return _IN_CHIP & (~measured_pixels(spectrum) | any_bit(spectrum.bitmask, ASTRONN_BITS))


def flagged_pixels(spectrum: Spectrum) -> NDArray[np.bool_]:
    """Pixels of the chips that carry some bit and are used all the same. Shape (8575,)."""
    flagged: NDArray[np.bool_] = (spectrum.bitmask != 0) & ~masked_pixels(spectrum) & _IN_CHIP
    return flagged


def trusted_pixels(spectrum: Spectrum) -> NDArray[np.bool_]:
    """Where there is a flux that neither the pipeline calls bad nor astroNN masks. Shape (8575,)."""
    return ~any_bit(spectrum.bitmask, BAD_BITS + ASTRONN_BITS) & np.isfinite(measured_flux(spectrum))


def measured_flux(spectrum: Spectrum) -> NDArray[np.float64]:
    """Flux, NaN where the file has none (files write 0). Shape (8575,)."""
    return np.where(spectrum.flux == 0, np.nan, spectrum.flux)


def known_error(spectrum: Spectrum) -> NDArray[np.float64]:
    """1σ error, NaN where the file has none (files write `BAD_ERROR` and more). Shape (8575,)."""
    return np.where(spectrum.error < BAD_ERROR, spectrum.error, np.nan)


def bit_counts(spectrum: Spectrum) -> tuple[tuple[Bit, int, bool], ...]:
    """Each bit set inside the chips, on how many pixels, and whether astroNN masks it; lowest bit first."""
    inside = spectrum.bitmask[CHIP_PIXELS]
    counts = ((bit, int(any_bit(inside, (bit.bit,)).sum())) for bit in PIXEL_BITS)
    return tuple((bit, count, bit.bit in ASTRONN_BITS) for bit, count in counts if count)


@dataclass(frozen=True)
class WindowLoss:
    """How many pixels an element's sub-network sees, and how many of them are masked."""

    element: str
    pixels: int
    masked: int

    @property
    def share(self) -> float:
        """Masked share, 0 to 1."""
        return self.masked / self.pixels


def window_losses(spectrum: Spectrum) -> dict[str, WindowLoss]:
    """What the mask of a spectrum takes of each element's windows, in the order of `ELEMENTS`."""
    masked = masked_pixels(spectrum)[CHIP_PIXELS]
    return {
        element: WindowLoss(element, int(window.sum()), int((window & masked).sum()))
        for element, window in zip(ELEMENTS, element_windows(), strict=True)
    }


def masked_share(spectrum: Spectrum) -> float:
    """Share of the chips' pixels that normalising replaces by 1, 0 to 1."""
    return float(masked_pixels(spectrum)[CHIP_PIXELS].mean())
