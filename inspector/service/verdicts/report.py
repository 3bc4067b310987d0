"""A page of verdicts to hand over: one HTML file, with no script, that fetches nothing from anywhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from inspector.science.labels import LABELS
from inspector.science.number_format import value_error
from inspector.service.verdicts.event import SOFTWARE, Event
from inspector.service.verdicts.history import Review
from inspector.service.verdicts.scheme import Scheme
from inspector.service.verdicts.subject import Subject
from inspector.service.verdicts.summary import summarize

_HERE = Path(__file__).parent

_PNG = b"\x89PNG"

_MAIN = tuple(label for label in LABELS if label.name in ("teff", "logg", "fe_h"))


@dataclass(frozen=True)
class ReportRow:
    """One spectrum of the report.

    Attributes
    ----------
    subject : Subject
    review : Review or None
        What is said of it; None where nobody has a verdict.
    link : str
        Address that opens the star with its state; none is shown unless it begins with ``http://`` or ``https://``.
    thumbnail : bytes
        A PNG or SVG picture; empty for none.
    """

    subject: Subject
    review: Review | None = None
    link: str = ""
    thumbnail: bytes = b""


def report_html(rows: Sequence[ReportRow], scheme: Scheme, made: datetime, title: str = "Verdicts") -> str:
    """The report, in the order of its rows.

    Parameters
    ----------
    rows : sequence of ReportRow
    scheme : Scheme
        For the words; verdicts of another scheme keep its numbers and letters.
    made : datetime
        When it is made.
    title : str
    """
    pictures = any(row.thumbnail for row in rows)
    reviews = {row.subject.key: row.review for row in rows if row.review is not None}
    return _template("report.html").substitute(
        title=_text(title),
        style=_read("report.css"),
        origin=_text(
            f"{SOFTWARE}, {made:%Y-%m-%d %H:%M %Z}; scheme of verdicts: {scheme.name}, version {scheme.version}"
        ),
        summary=_text(summarize(reviews).text(scheme)),
        spectrum_head='<th scope="col">Spectrum</th>' if pictures else "",
        rows="\n".join(_row(row, scheme, pictures) for row in rows),
    )


def star_link(server: str, subject: Subject, more: Mapping[str, str] = {}) -> str:
    """The address at which a page shows a spectrum; empty where the page has none.

    Parameters
    ----------
    server : str
        Address of the page.
    subject : Subject
    more : mapping of str to str
        What else the link says, before it names the star.
    """
    if not server:
        return ""
    said = {**more, "star": subject.star, "spectrum": subject.spectrum, "file": subject.file_sha256[:12]}
    return f"{server.rstrip('/?')}/?{urlencode({name: text for name, text in said.items() if text})}"


def _row(row: ReportRow, scheme: Scheme, pictures: bool) -> str:
    review = row.review
    cells = [
        f'<th scope="row">{_star(row)}</th>',
        f"<td>{_holds(review, scheme)}</td>",
        f"<td>{_said(review, scheme)}</td>",
        f'<td class="numbers">{_answer(review)}</td>',
    ]
    if pictures:
        cells.append(f"<td>{_picture(row)}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _star(row: ReportRow) -> str:
    subject = row.subject
    name = _text(subject.star or "unnamed")
    if row.link.startswith(("http://", "https://")):
        name = f'<a href="{_text(row.link)}" rel="noopener noreferrer">{name}</a>'
    where = [subject.spectrum, subject.file, subject.release, subject.telescope, subject.field]
    return f'{name}<br><span class="faint">{_text(" · ".join(filter(None, where)))}</span>'


def _holds(review: Review | None, scheme: Scheme) -> str:
    if review is None:
        return '<span class="faint">no verdict</span>'
    if review.disagrees:
        return '<span class="disagrees">in disagreement</span>'
    settled = '<br><span class="faint">settled</span>' if review.decision is not None else ""
    return f"{_quality(review.decision or review.verdicts[-1], scheme)}{settled}"


def _said(review: Review | None, scheme: Scheme) -> str:
    if review is None:
        return ""
    decided = [("settled by ", review.decision)] if review.decision is not None else []
    events = [*(("", event) for event in review.verdicts), *decided]
    return "".join(_event(how, event, scheme) for how, event in events)


def _event(how: str, event: Event, scheme: Scheme) -> str:
    causes = ", ".join(scheme.cause_names(event.causes) if _same(event, scheme) else event.causes)
    said = "; ".join(filter(None, (causes, event.comment)))
    signed = f"{how}{event.reviewer}, {event.time:%Y-%m-%d %H:%M} UTC"
    head = f'{_quality(event, scheme)} <span class="faint">{_text(signed)}</span>'
    return f"<p>{head}<br>{_text(said)}</p>" if said else f"<p>{head}</p>"


def _quality(event: Event, scheme: Scheme) -> str:
    if event.quality is None:
        return ""
    if _same(event, scheme):
        return f"{event.quality} {_text(scheme.quality_name(event.quality))}"
    return f'{event.quality} <span class="faint">of the scheme {_text(event.scheme or "unknown")}</span>'


def _same(event: Event, scheme: Scheme) -> bool:
    return (event.scheme, event.scheme_version) == (scheme.name, scheme.version)


def _answer(review: Review | None) -> str:
    """What the newest verdict that kept numbers was given on."""
    seen = [event.seen.get("labels") for event in review.verdicts] if review is not None else []
    labels = next((one for one in reversed(seen) if isinstance(one, Mapping)), {})
    return "<br>".join(_lines(labels))


def _lines(labels: Mapping[str, object]) -> Iterable[str]:
    for label in _MAIN:
        said = labels.get(label.name)
        if isinstance(said, list) and len(said) == 2 and all(isinstance(x, int | float) for x in said):
            yield _text(f"{label.symbol} {value_error(float(said[0]), float(said[1]), label.unit)}")


def _picture(row: ReportRow) -> str:
    if not row.thumbnail:
        return ""
    kind = "png" if row.thumbnail.startswith(_PNG) else "svg+xml"  # as a picture: a script in it does not run
    code = b64encode(row.thumbnail).decode("ascii")
    return f'<img src="data:image/{kind};base64,{code}" alt="Spectrum of {_text(row.subject.star)}">'


def _text(text: str) -> str:
    """A text of anybody's as HTML that shows it; line breaks stay, other control characters go."""
    return escape("".join(c for c in text.replace("\t", " ") if c.isprintable() or c == "\n"))


def _template(name: str) -> Template:
    return Template(_read(name))


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
