"""What this star's own data suggest as the cause of a doubt, with the numbers: hints for a reviewer, no verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from inspector.science.bitmask import STAR_BITS, any_bit, set_bits
from inspector.science.labels import LABELS
from inspector.science.masking import masked_pixels, window_losses
from inspector.science.number_format import fixed, percent, significant
from inspector.science.spectrum import CHIP_PIXELS, Spectrum
from inspector.science.star import Star
from inspector.science.visits import Pull, farthest, velocity_error, velocity_scatter

MASKED_SHARE = 0.2
"""Masked share of the chips: an ordinary spectrum loses up to an eighth of its pixels, most of them to sky lines."""

WINDOW_SHARE = 0.5
"""Masked share of a window: from here on the network reads more ones than measurements."""

WINDOWS_NAMED = 3
"""Windows named in a sentence, those that lost most first."""

PERSISTENT_SHARE = 0.2
"""Share of pixels in a region of persistence from which the survey's own STARFLAG names it."""

SKY_SHARE, TELLURIC_SHARE = 0.2, 0.15
"""Shares of pixels near a significant sky or telluric line: a single visit has some 5% of each, seldom twice that."""

SCATTER, SCATTER_ERRORS = 1.0, 3.0
"""Scatter of the velocity that chance does not explain: in errors of a visit, or km/s where the file states none."""

LOW_SNR = 50.0
"""Per pixel: below it ASPCAP calls a spectrum bad (SN_BAD), and the network has hardly been tried."""

APART = 3.0
"""Joint errors between two answers from which chance is no explanation."""

_PERSISTENCE, _SKY, _TELLURIC = (9, 10), (12,), (13,)  # bits of pixels
_PERSISTENT = (9, 10, 12, 13)  # bits of STARFLAG
_VELOCITY = (16, 18, 19, 20, 21, 22)
_ROTATION = (17, 23)
_LOW = (4,)


@dataclass(frozen=True)
class Suggestion:
    """A cause that the data suggest.

    Attributes
    ----------
    evidence : str
        Of what kind, one of `KINDS`: a cause in a scheme of verdicts refers to it.
    sentence : str
        The evidence, with this star's numbers; plain text.
    """

    evidence: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a spectrum on the day of its verdict.

    Attributes
    ----------
    star : Star
    spectrum : Spectrum
        The one of the star that is judged.
    outside : str
        What `outside_training` says of its answer; empty without one.
    pulls : mapping
        By label index, how far each visit stands from the others; empty for fewer than three.
    apart : mapping of int to float
        By label index, a table's value minus this answer's in their joint errors; empty without a table.
    """

    star: Star
    spectrum: Spectrum
    outside: str = ""
    pulls: Mapping[int, Mapping[str, Pull]] = field(default_factory=dict)
    apart: Mapping[int, float] = field(default_factory=dict)

    @property
    def flags(self) -> int:
        """STARFLAG of the spectrum where the file says so, else of the star where the spectrum is its coadd."""
        own = self.spectrum.observation.flags
        if own is not None:
            return own
        return (self.star.info.starflag or 0) if self.spectrum is self.star.coadd else 0


def suggested_causes(evidence: Evidence) -> tuple[Suggestion, ...]:
    """What the data of a star suggest, in the order of `KINDS`."""
    told = ((kind, tell(evidence)) for kind, tell in _TELL.items())
    return tuple(Suggestion(kind, sentence) for kind, sentence in told if sentence)


def _masking(evidence: Evidence) -> str:
    share = float(masked_pixels(evidence.spectrum)[CHIP_PIXELS].mean())
    losses = window_losses(evidence.spectrum).values()
    lost = sorted((one for one in losses if one.share >= WINDOW_SHARE), key=lambda one: -one.share)
    if share < MASKED_SHARE and not lost:
        return ""
    windows = ", ".join(f"{_written(one.element)} {percent(one.share)}" for one in lost[:WINDOWS_NAMED])
    more = f" and {len(lost) - WINDOWS_NAMED} more" if len(lost) > WINDOWS_NAMED else ""
    worst = f"; of the windows of {windows}{more}" if lost else ""
    return f"{percent(share)} of the pixels are masked{worst}."


def _persistence(evidence: Evidence) -> str:
    share = _share(evidence.spectrum, _PERSISTENCE)
    pixels = f"{percent(share)} of the pixels lie in a region of high or medium persistence"
    return _joined(pixels if share >= PERSISTENT_SHARE else "", _bits(evidence.flags, _PERSISTENT))


def _sky(evidence: Evidence) -> str:
    sky, telluric = (_share(evidence.spectrum, bits) for bits in (_SKY, _TELLURIC))
    if sky < SKY_SHARE and telluric < TELLURIC_SHARE:
        return ""
    return f"{percent(sky)} of the pixels lie near a sky line, {percent(telluric)} near a telluric line."


def _velocity(evidence: Evidence) -> str:
    flags = evidence.flags | (evidence.star.info.starflag or 0)  # a companion is the star's, whichever visit shows it
    (scatter, visits), error = velocity_scatter(evidence.star), velocity_error(evidence.star)
    known = f", each known to {significant(error)} km/s" if error > 0 else ""
    said = f"the velocity scatters by {significant(scatter)} km/s over {visits} visits{known}"
    least = SCATTER_ERRORS * error if known else SCATTER
    return _joined(said if scatter > least else "", _bits(flags, _VELOCITY))


def _rotation(evidence: Evidence) -> str:
    return _joined("", _bits(evidence.flags, _ROTATION))


def _odd_visit(evidence: Evidence) -> str:
    odd = []
    for label, pulls in evidence.pulls.items():
        name = farthest(pulls) if pulls else ""
        if name and pulls[name].verdict == "odd":
            odd.append(f"{name} stands {fixed(abs(pulls[name].pull), 1)} errors from the others in {_symbol(label)}")
    return _joined("; ".join(odd))


def _low_snr(evidence: Evidence) -> str:
    snr = evidence.spectrum.snr
    return _joined(f"S/N {significant(snr)} per pixel" if snr < LOW_SNR else "", _bits(evidence.flags, _LOW))


def _table(evidence: Evidence) -> str:
    apart = {label: sigma for label, sigma in evidence.apart.items() if abs(sigma) > APART}
    if not apart:
        return ""
    farthest_first = sorted(apart, key=lambda label: -abs(apart[label]))
    named = ", ".join(f"{_symbol(label)} by {fixed(abs(apart[label]), 1)}σ" for label in farthest_first[:WINDOWS_NAMED])
    more = len(apart) - WINDOWS_NAMED
    return f"The table differs in {named}{f' and {more} more labels' if more > 0 else ''}."


_TELL: Mapping[str, Callable[[Evidence], str]] = {
    "masking": _masking,
    "persistence": _persistence,
    "sky": _sky,
    "velocity": _velocity,
    "rotation": _rotation,
    "odd_visit": _odd_visit,
    "outside_training": lambda evidence: evidence.outside,
    "low_snr": _low_snr,
    "table_disagrees": _table,
}

KINDS = tuple(_TELL)
"""The kinds of evidence there are."""


def _share(spectrum: Spectrum, bits: tuple[int, ...]) -> float:
    return float(any_bit(spectrum.bitmask[CHIP_PIXELS], bits).mean())


def _bits(flags: int, bits: tuple[int, ...]) -> str:
    names = [bit.name for bit in set_bits(flags, STAR_BITS) if bit.bit in bits]
    return f"STARFLAG has {', '.join(names)}" if names else ""


def _joined(*parts: str) -> str:
    """The parts that say something as one sentence."""
    said = "; ".join(filter(None, parts))
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _symbol(label: int) -> str:
    return LABELS[label].symbol


def _written(element: str) -> str:
    return next(label.symbol.strip("[]").removesuffix("/H") for label in LABELS if label.element == element)
