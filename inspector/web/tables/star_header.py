"""What the page says of a star and of the weights, as HTML; every string out of a file is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from inspector.science.bitmask import STAR_BITS, set_bits
from inspector.science.number_format import fixed
from inspector.science.star import Star
from inspector.science.star_info import StarInfo
from inspector.web.static_files import static_text
from inspector.web.tables.star_links import links_html

if TYPE_CHECKING:
    from inspector.science.weights_card import WeightsCard

STYLE = static_text("star_header.css")


def star_line(star: Star | None, inspected: str = "", file: str = "") -> str:
    """The star's name, place, magnitudes, telescope, visits and flags, and the S/N of the inspected spectrum.

    Parameters
    ----------
    star : Star or None
    inspected : str
        Name of the spectrum whose S/N is told; the coadd's if it has none of that name.
    file : str
        What to call its file.
    """
    if star is None:
        return '<div class="facts"><h1>No star is open</h1><span>Drop a FITS file on the page.</span></div>'
    info = star.info
    spectrum = next((s for s in star.spectra if s.name == inspected), star.coadd)
    said = [
        ("", _place(info)),
        ("", links_html(info)),
        ("H", _fixed(info.h, 2)),
        ("J−K", _colour(info)),
        ("", _where(info)),
        ("visits", _visits(star)),
        (f"S/N of {escape(_article(spectrum.name))}", _fixed(spectrum.snr, 0)),
        ("", escape(_kind(info))),
    ]
    spans = "".join(f"<span>{_named(name)}{text}</span>" for name, text in said if text)
    spans += f'<span class="file" title="{escape(file)}"><i>file</i>{escape(file)}</span>' if file else ""
    if spectrum.processing.made_here:
        spans += f'<span class="how">{escape(spectrum.processing.how)}</span>'
    return f'<div class="facts"><h1>{escape(star.id)}</h1>{spans}{star_flags(info.starflag)}</div>'


def absent_line(name: str, why: str, values: Iterable[tuple[str, str]]) -> str:
    """A star whose spectrum is missing: its name, why, and what a table says of it."""
    told = "".join(f"<span><i>{escape(title)}</i>{escape(text)}</span>" for title, text in values)
    of_table = f"<span>from the table:</span>{told}" if told else ""
    return (
        f'<div class="facts"><h1>{escape(name)}</h1><span class="mark doubt">no spectrum</span>'
        f'<span style="white-space:normal">{escape(why)}</span>{of_table}</div>'
    )


def star_flags(starflag: int | None) -> str:
    """STARFLAG's bits by name; what it means on hover."""
    if starflag is None:
        return "<span><i>STARFLAG</i>not in the file</span>"
    bits = set_bits(starflag, STAR_BITS)
    if not bits:
        return "<span><i>STARFLAG</i>none set</span>"
    marks = " ".join(
        f'<span class="mark {"bad" if bit.bad else "doubt"}" title="{escape(bit.description)}">'
        f"{escape(bit.name)}</span>"
        for bit in bits
    )
    return f"<span><i>STARFLAG</i>{marks}</span>"


def weights_line(card: WeightsCard | None, loaded: bool, problems: Iterable[str], raw: str = "") -> str:
    """Who answers, marked where the weights are not SDSS's and where errors stay raw; or why nobody does."""
    if card is None and not loaded:
        return '<div class="facts"><span><i>answered by</i>loading the network …</span></div>'
    warnings = "".join(f'<span class="mark doubt" style="white-space:normal">{escape(p)}</span>' for p in problems)
    if card is None:
        return f'<div class="facts"><span class="mark bad">no weights: no labels</span>{warnings}</div>'
    mark = (
        '<span class="mark doubt" title="Not the weights of SDSS: do not publish these labels">'
        "demonstration weights</span>"
        if card.demonstration
        else ""
    )
    if raw:
        mark += f'<span class="mark doubt" title="{escape(raw)}">errors are raw: no noise model fits</span>'
    return (
        f'<div class="facts one"><span><i>answered by</i>{escape(card.name)}'
        f" <code>{escape(card.short_hash)}</code></span>{mark}"
        f'<span class="rest" title="{escape(card.training_set)}"><i>trained on</i>{escape(card.training_set)}</span>'
        f"{warnings}</div>"
    )


def _named(name: str) -> str:
    return f"<i>{name}</i>" if name else ""


def _place(info: StarInfo) -> str:
    if info.ra is None or info.dec is None:
        return ""
    return f"{sexagesimal(info.ra / 15, 2)} {sexagesimal(info.dec, 1, sign=True)}"


def sexagesimal(value: float, places: int, sign: bool = False) -> str:
    """``17:33:54.83``, or with a sign ``−27:53:04.3``; rounded once, so that no field reads 60."""
    units = round(abs(value) * 3600 * 10**places)
    minutes, seconds = divmod(units, 60 * 10**places)
    hours, minutes = divmod(minutes, 60)
    front = ("−" if value < 0 else "+") if sign else ""
    return f"{front}{hours:02d}:{minutes:02d}:{seconds / 10**places:0{3 + places}.{places}f}"


def _fixed(value: float | None, places: int) -> str:
    return "" if value is None or value != value else fixed(value, places)


def _colour(info: StarInfo) -> str:
    return "" if info.j is None or info.k is None else _fixed(info.j - info.k, 2)


def _where(info: StarInfo) -> str:
    field = f"field {info.field}" if info.field else ""
    return escape(" · ".join(filter(None, (info.telescope, field))))


def _visits(star: Star) -> str:
    count = star.info.n_visits
    return str(len(star.visits) or "") if count is None else str(count)


def _article(name: str) -> str:
    return f"the {name}" if name == "coadd" else name


def _kind(info: StarInfo) -> str:
    return " ".join(filter(None, (info.product, info.release)))
