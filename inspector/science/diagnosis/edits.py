"""Edits of a spectrum: what somebody changes to see whether the answer hangs on it, each a value with a text form.

=========================== ======================================================================================
``mask:15740-15760``        the region's pixels are replaced by 1, as bad ones are
``unmask:15740-15760``      bits astroNN masks are lifted there; what is no measurement stays masked
``blank:Mg``                the windows of an element are masked
``pixel:15741.2=0.85``      the nearest pixel has this flux over the continuum
``shift:+5``                lines move to the red by 5 km/s
``snr:50``, ``snr:50@3``    noise is added until the S/N per pixel is 50; its seed is 0, or 3
``continuum:3``             degree of the polynomial through each chip's continuum
``leave_out:16000-16020``   the region has no say in the continuum
``persistence:blue+0.05``   5% of the chip's median flux is added; ``@15300`` from there to its red end
``drop:2+3``                the coadd is combined anew, without visits 2 and 3; before all other edits
=========================== ======================================================================================
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SettingsError
from inspector.science.continuum_fit import DEGREE
from inspector.science.diagnosis import changes
from inspector.science.edit import Edit
from inspector.science.labels import ELEMENTS
from inspector.science.settings import SEED, Bounds
from inspector.science.spectrum import CHIP_PIXELS, CHIP_WAVELENGTH, CHIPS, Spectrum
from inspector.science.windows import element_windows

WAVELENGTHS = Bounds("wavelength", 15100, 17000, whole=False)
"""Vacuum Å."""
VELOCITY = Bounds("shift", -300, 300, whole=False)
"""km/s."""
SNR = Bounds("snr", 1, 5000, whole=False)
FLUX = Bounds("flux", 0, 5, whole=False)
"""Over the continuum."""
STEP = Bounds("persistence", -1, 5, whole=False)
"""Over the chip's median flux."""
VISIT = Bounds("visit", 1, 1000)

DECIMALS = 2
"""Of a wavelength in Å; a pixel is 0.2 Å wide."""


class Change(Edit):
    """An edit that knows how it is done."""

    kind: ClassVar[str]
    form: ClassVar[str]
    """What the text looks like, for who got it wrong."""

    @property
    def text(self) -> str:
        """``mask:15740-15760``."""
        return f"{self.kind}:{self._said()}"

    @abstractmethod
    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """The changed spectrum; raises `SettingsError` if that makes no sense for this one."""

    @abstractmethod
    def _said(self) -> str:
        """What stands behind the kind in the text."""

    def _keep(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Region(Change):
    """An edit of all pixels from one wavelength to another, both included; vacuum Å."""

    start: float
    end: float

    form: ClassVar[str] = "{kind}:15740-15760"

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            self._keep(name, round(WAVELENGTHS.check(getattr(self, name)), DECIMALS))
        if not self.start <= self.end:
            raise SettingsError(f"The region {self._said()} ends before it starts; give the smaller wavelength first.")
        if not self.pixels(CHIP_WAVELENGTH).any():
            raise SettingsError(f"The region {self._said()} holds no pixel of a chip; choose a wider one.")

    def pixels(self, wavelength: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which pixels lie in it."""
        inside: NDArray[np.bool_] = (wavelength >= self.start) & (wavelength <= self.end)
        return inside

    def _said(self) -> str:
        return f"{_number(self.start)}-{_number(self.end)}"


@dataclass(frozen=True)
class Mask(Region):
    """Replace a region by 1, as astroNN does with bad pixels."""

    kind: ClassVar[str] = "mask"

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """With a bad bit on each pixel of the region."""
        return changes.masked(spectrum, self.pixels(spectrum.wavelength))


@dataclass(frozen=True)
class Unmask(Region):
    """Use the pixels of a region that astroNN masks."""

    kind: ClassVar[str] = "unmask"

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """Without the bits that astroNN masks; a pixel that is no measurement stays masked."""
        return changes.unmasked(spectrum, self.pixels(spectrum.wavelength))


@dataclass(frozen=True)
class LeaveOut(Region):
    """Let a region have no say in the continuum."""

    kind: ClassVar[str] = "leave_out"

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """The flux is what it was; the continuum is another."""
        fit = spectrum.continuum
        return changed(spectrum, continuum=changed(fit, left_out=(*fit.left_out, (self.start, self.end))))


@dataclass(frozen=True)
class Blank(Change):
    """Mask all windows of an element."""

    element: str

    kind: ClassVar[str] = "blank"
    form: ClassVar[str] = "{kind}:Mg"

    def __post_init__(self) -> None:
        if self.element not in ELEMENTS:
            raise SettingsError(f"{self.element!r:.20} has no window; {', '.join(ELEMENTS)} have.")

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """With a bad bit on each pixel of the windows."""
        return changes.masked(spectrum, CHIP_PIXELS[element_windows()[ELEMENTS.index(self.element)]])

    def _said(self) -> str:
        return self.element


@dataclass(frozen=True)
class SetPixel(Change):
    """Set by hand what the network sees at the pixel nearest to a wavelength: flux over the continuum."""

    wavelength: float
    flux: float

    kind: ClassVar[str] = "pixel"
    form: ClassVar[str] = "{kind}:15741.2=0.85"

    def __post_init__(self) -> None:
        self._keep("wavelength", round(WAVELENGTHS.check(self.wavelength), DECIMALS))
        self._keep("flux", FLUX.check(self.flux))

    @property
    def pixel(self) -> int:
        """Of the 7514."""
        return int(np.abs(CHIP_WAVELENGTH - self.wavelength).argmin())

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """Normalising puts it in last."""
        fit = spectrum.continuum
        others = tuple(one for one in fit.fixed if one[0] != self.pixel)
        return changed(spectrum, continuum=changed(fit, fixed=(*others, (self.pixel, self.flux))))

    def _said(self) -> str:
        return f"{_number(self.wavelength)}={_number(self.flux)}"


@dataclass(frozen=True)
class Shift(Change):
    """Move the lines to the red by a velocity in km/s."""

    velocity: float

    kind: ClassVar[str] = "shift"
    form: ClassVar[str] = "{kind}:+5"

    def __post_init__(self) -> None:
        self._keep("velocity", VELOCITY.check(self.velocity) + 0.0)  # no -0.0

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """Resampled, with its bits and errors."""
        return changes.shifted(spectrum, self.velocity)

    def _said(self) -> str:
        return _signed(self.velocity)


@dataclass(frozen=True)
class Degrade(Change):
    """Add seeded noise until the S/N per pixel is lower."""

    snr: float
    seed: int = SEED.low

    kind: ClassVar[str] = "snr"
    form: ClassVar[str] = "{kind}:50"

    def __post_init__(self) -> None:
        self._keep("snr", SNR.check(self.snr))
        self._keep("seed", SEED.check(self.seed))

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """With the errors that it then has."""
        return changes.degraded(spectrum, self.snr, self.seed)

    def _said(self) -> str:
        return f"{_number(self.snr)}@{self.seed}" if self.seed else _number(self.snr)


@dataclass(frozen=True)
class Continuum(Change):
    """Fit a polynomial of another degree through each chip's continuum."""

    degree: int

    kind: ClassVar[str] = "continuum"
    form: ClassVar[str] = "{kind}:3"

    def __post_init__(self) -> None:
        self._keep("degree", DEGREE.check(self.degree))

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """The flux is what it was; the continuum is another."""
        return changed(spectrum, continuum=changed(spectrum.continuum, degree=self.degree))

    def _said(self) -> str:
        return str(self.degree)


@dataclass(frozen=True)
class Persistence(Change):
    """Add a share of a chip's median flux, as the ghost of an earlier exposure does, or remove it.

    It reaches from `start` (vacuum Å) to the red end of the chip; over all of the chip where that is None.
    """

    chip: str
    size: float
    start: float | None = None

    kind: ClassVar[str] = "persistence"
    form: ClassVar[str] = "{kind}:blue+0.05 or {kind}:blue+0.05@15300"

    def __post_init__(self) -> None:
        if self.chip not in CHIPS:
            raise SettingsError(f"{self.chip!r:.20} is not a chip; {', '.join(CHIPS)} are.")
        self._keep("size", STEP.check(self.size) + 0.0)
        if self.start is not None:
            self._keep("start", round(WAVELENGTHS.check(self.start), DECIMALS))

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """Errors stay: the photon noise of what is added is not."""
        return changes.stepped(spectrum, CHIPS[self.chip], self.size, self.start)

    def _said(self) -> str:
        return f"{self.chip}{_signed(self.size)}" + ("" if self.start is None else f"@{_number(self.start)}")


@dataclass(frozen=True)
class DropVisits(Change):
    """Combine the coadd anew from the other visits, by inverse variance; visits are counted from 1."""

    visits: tuple[int, ...]

    kind: ClassVar[str] = "drop"
    form: ClassVar[str] = "{kind}:2+3"

    def __post_init__(self) -> None:
        self._keep("visits", tuple(sorted({VISIT.check(number) for number in self.visits})))
        if not self.visits:
            raise SettingsError("No visit is named; drop:2 drops the second.")

    def apply(self, spectrum: Spectrum, visits: Sequence[Spectrum]) -> Spectrum:
        """Flux, error, bits and S/N are the other visits'."""
        if spectrum.edits:
            raise SettingsError("Visits are dropped before anything else is changed; put drop first.")
        return changes.recombined(spectrum, visits, self.visits)

    def _said(self) -> str:
        return "+".join(map(str, self.visits))


def _signed(value: float) -> str:
    return _number(value) if value < 0 else f"+{_number(value)}"


def _number(value: float) -> str:
    """With all its digits, so that it is read back to the bit."""
    return repr(float(value)).removesuffix(".0")
