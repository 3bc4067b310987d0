"""Verdicts handed over: tables that are read again as the same events, prospect's files, a report that is harmless."""

from __future__ import annotations

import csv
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.cli import OK, REFUSED, main
from inspector.exceptions import FileError, SettingsError
from inspector.service.verdicts.event import Event, settlement, verdict
from inspector.service.verdicts.event_table import escaped, read_events, unescaped, write_current, write_events
from inspector.service.verdicts.history import reviews
from inspector.service.verdicts.prospect import is_prospect, read_prospect
from inspector.service.verdicts.report import ReportRow, report_html
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.store import open_store
from inspector.service.verdicts.subject import Subject

SCHEME = load_scheme()
START = datetime(2026, 11, 30, 12, tzinfo=UTC)
STAR, OTHER, UNSEEN = (
    Subject(apogee_id=f"2M0000000{i}+7417074", gaia_id="12345678901234567890", file_sha256=f"{i}" * 64)
    for i in range(3)
)
SEEN = {"labels": {"teff": [4750.25, 13.0], "logg": [2.5, None]}, "result_flags": 5, "flags_undecided": 0}
FORMATS = ["csv", "ecsv", "fits", "vot", "parquet"]


def judge(second=0, quality=4, who="Ann", subject=STAR, **more):
    return verdict(subject, who, quality, SCHEME, time=START + timedelta(seconds=second), **more)


EVENTS = [
    judge(0, 4, causes=("M", "X"), suggested=("M",), comment="λ Boötis\nwith \\n and\ttabs \n", seen=SEEN),
    judge(1, 2, who="=cmd|' /C calc'!A0", comment="-1+1"),
    judge(2, 3, subject=OTHER, comment='# hash, "quotes" \'n commas'),
    judge(3, 0, subject=OTHER).superseding(None),
]


@pytest.fixture(params=FORMATS)
def table(request, tmp_path):
    return tmp_path / f"verdicts.{request.param}"


def test_all_events_come_back_from_every_format_as_they_were(table):
    write_events(EVENTS, table, SCHEME, reviews(EVENTS))
    assert read_events(table) == EVENTS


short = st.text(max_size=12)
made_events = st.builds(
    Event,
    st.sampled_from(["verdict", "clear", "settle"]),
    st.builds(Subject, *[short] * 11),
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=9),
    quality=st.integers(0, 99),
    time=st.datetimes(timezones=st.just(UTC)),
    comment=st.text(max_size=40),
    causes=st.lists(st.sampled_from("MPXΩ🌟"), max_size=3).map(tuple),
    seen=st.dictionaries(short, st.floats() | st.integers() | short, max_size=3),
    edits=st.lists(short, max_size=2).map(tuple),
    scheme=short,
)


@given(st.lists(made_events, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
def test_whatever_an_event_says_every_format_gives_it_back(table, events):
    write_events(events, table, SCHEME, {})
    assert read_events(table) == events


@given(st.text())
def test_escaping_gives_one_line_that_is_read_again(text):
    line = escaped(text)
    assert unescaped(line) == text and line == line.strip() and len(line.splitlines()) <= 1 and "\0" not in line


def test_a_comment_of_any_length_is_handed_over(tmp_path):
    events = [judge(comment="longer than a CSV field may be " * 10_000)]
    for kind in FORMATS:
        write_events(events, tmp_path / f"long.{kind}", SCHEME, {})
        assert read_events(tmp_path / f"long.{kind}") == events


def test_a_text_that_would_make_a_column_too_wide_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.files.tables.typed_table.MAX_BYTES", 1000)
    with pytest.raises(FileError, match="longest text of 'comment' has 400"):
        write_events([judge(comment="x" * 400)], tmp_path / "wide.fits", SCHEME, {})


def test_the_current_verdicts_are_a_row_for_each_spectrum_and_reviewer_in_the_order_given(table):
    held = reviews(EVENTS[:3])
    decision = settlement(held[STAR.key].verdicts, "Cy", 3, SCHEME, time=START + timedelta(seconds=9))
    held = reviews([*EVENTS[:3], decision])
    write_current(held, table, SCHEME, [OTHER, UNSEEN, STAR])
    assert read_events(table) == [EVENTS[2], EVENTS[0], EVENTS[1], decision]


def test_colleagues_read_words_and_numbers_with_their_own_tools(tmp_path):
    write_current(reviews(EVENTS[:3]), tmp_path / "a.fits", SCHEME, [STAR, UNSEEN])
    with fits.open(tmp_path / "a.fits") as hdus:
        data, header = hdus["VERDICTS"].data, hdus["VERDICTS"].header
        assert data["quality"].tolist() == [4, 2, -1] and data["holds"].tolist() == [-1, -1, -1]
        assert data["quality_name"][0] == "good" and data["cause_names"][0] == "masking, other"
        assert data["teff"][0] == 4750.25 and data["result_flags"].tolist() == [5, -1, -1]
        assert data["gaia_id"][0] == "12345678901234567890"
        assert header["TUNIT11"] == "K" and "TCOMM1" in header
    write_current(reviews(EVENTS[2:3]), tmp_path / "a.ecsv", SCHEME)
    assert Table.read(tmp_path / "a.ecsv", format="ascii.ecsv")["holds"].tolist() == [3]


def test_a_spreadsheet_takes_nothing_for_a_formula_and_may_reorder_and_add_columns(tmp_path):
    path = tmp_path / "v.csv"
    write_events(EVENTS, path, SCHEME, {})
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, ["note", *reversed(rows[0])])
        writer.writeheader()
        writer.writerows(row | {"note": "seen"} for row in rows)
    assert read_events(path) == EVENTS


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("verdict", "murder", "Row 1 of 'v.csv' is not a verdict: An event is a 'murder'"),
        ("2026-11-30T12:00:00", "noon", "Row 1"),
        ('""result_flags"": 5', '""result_flags"": ', "Row 1"),
        ("quality_name", "qualität", "not a table of verdicts .*quality_name"),
    ],
)
def test_a_row_that_is_no_event_is_named(tmp_path, old, new, said):
    path = tmp_path / "v.csv"
    write_events(EVENTS[:1], path, SCHEME, {})
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(FileError, match=said):
        read_events(path)


# prospect

PROSPECT = """\
TARGETID, EXPID, NIGHT, TILEID, Spec_version, Redrock_version, Template_version, Redrock_spectype, Redrock_z, \
Redrock_deltachi2, VI_scanner, VI_quality, VI_issue, VI_z, VI_spectype, VI_comment
114892017,-1,20201216,80605,0.37,0.14,-1,STAR,0.0001,93.1,AB,4,RS,0.0002,STAR,"broad, λ"
2M00000002+7417074,-1,20201216,80605,0.37,0.14,-1,STAR,0.0001,93.1,CD,0,,,,
114892018,-1,20201216,80605,0.37,0.14,-1,STAR,0.0001,93.1, ,-1,,,,
"""


def prospect_file(tmp_path, text=PROSPECT):
    path = tmp_path / "prospect.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_verdicts_of_prospects_keep_their_meaning_and_say_what_has_no_place(tmp_path):
    path = prospect_file(tmp_path)
    found = read_prospect(path)
    assert is_prospect(path)
    one, other = found.events
    assert (one.subject.sdss_id, other.subject.apogee_id) == ("114892017", "2M00000002+7417074")
    assert (one.reviewer, one.quality, one.causes, one.comment) == ("AB", 4, ("R", "S"), "broad, λ")
    assert other.kind == "verdict" and other.quality == 0 and one.scheme == "prospect"
    assert one.seen["prospect"]["VI_z"] == "0.0002" and one.seen["prospect"]["Redrock_deltachi2"] == "93.1"
    said = " ".join(found.remarks)
    assert "no VI_quality: 1." in said and "VI_z and VI_spectype have no place here" in said
    assert [event.id for event in read_prospect(path).events] == [one.id, other.id]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("114892017", "39627652591521181", "--ids"),
        (",CD,", ",,", "Name the reviewer with --reviewer"),
        (",4,RS", ",5,RS", "VI_quality '5'"),
        ("VI_quality", "quality", "lacks the column VI_quality"),
    ],
)
def test_what_cannot_be_told_of_prospects_is_asked_for(tmp_path, old, new, said):
    with pytest.raises((FileError, SettingsError), match=said):
        read_prospect(prospect_file(tmp_path, PROSPECT.replace(old, new)))


def test_ids_and_reviewers_can_be_told(tmp_path):
    text = PROSPECT.replace("114892017", "39627652591521181").replace(",CD,", ",,")
    found = read_prospect(prospect_file(tmp_path, text), "gaia_id", "Ann")
    assert found.events[0].subject.gaia_id == "39627652591521181" and found.events[1].reviewer == "Ann"
    with pytest.raises(SettingsError, match="'name'"):
        read_prospect(prospect_file(tmp_path), "name")


# the report


class Tags(HTMLParser):
    """Every element with its attributes, and the text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\u202e\0'


def test_the_report_says_all_and_runs_nothing():
    evil = Subject(apogee_id=EVIL, file=EVIL, release=EVIL)
    events = [*EVENTS[:3], judge(5, 4, subject=evil, comment=EVIL, who="E<b>", seen=SEEN)]
    held = reviews(events)
    rows = [
        ReportRow(STAR, held[STAR.key], "https://example.org/?star=a&file=b", b"\x89PNG\r\n"),
        ReportRow(evil, held[evil.key], "javascript:alert(1)", f"<svg onload='{EVIL}'/>".encode()),
        ReportRow(UNSEEN),
    ]
    html = report_html(rows, SCHEME, START, f"Verdicts {EVIL}")
    page = Tags(html)
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "link", "svg", "form"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["https://example.org/?star=a&file=b"]
    assert all(attributes["src"].startswith("data:image/") for tag, attributes in page.tags if tag == "img")
    assert [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"] == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    ]
    text = "".join(page.text)
    for part in ("<script>alert(1)</script>", "in disagreement", "4 good", "no verdict", "4750 ± 13 K", "λ Boötis"):
        assert part in text
    assert "\0" not in html and not re.search(r"url\(|@import|https?://(?!example\.org)", html)


# the command


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "verdicts.sqlite"
    with closing(open_store(path)) as store:
        store.merge(EVENTS)
    return path


def events_of(path):
    with closing(open_store(path)) as store:
        return store.events()


def run(*arguments):
    return main(["verdicts", *map(str, arguments)])


def test_export_and_import_carry_all_events_and_none_twice(tmp_path, place, capsys):
    assert run("export", tmp_path / "all.csv", "--all-events", "--verdicts", place) == OK
    assert "4 events on 2 spectra, 1 with a verdict." in capsys.readouterr().out
    for new in (4, 0):
        assert run("import", tmp_path / "all.csv", "--verdicts", tmp_path / "b.sqlite") == OK
        assert f"all.csv: 4 events, {new} of them new." in capsys.readouterr().out
    assert events_of(tmp_path / "b.sqlite") == EVENTS
    assert run("export", tmp_path / "now.ecsv", "--verdicts", place) == OK
    assert read_events(tmp_path / "now.ecsv") == EVENTS[:2]


def test_stores_are_merged(tmp_path, place, capsys):
    with closing(open_store(tmp_path / "theirs.sqlite")) as theirs:
        theirs.merge([EVENTS[0], judge(7, 1, who="Bo")])
    assert run("merge", tmp_path / "theirs.sqlite", "--verdicts", place) == OK
    assert "2 events, 1 of them new." in capsys.readouterr().out
    assert len(events_of(place)) == 5
    assert run("merge", tmp_path / "none.sqlite", "--verdicts", place) == REFUSED
    assert "There is no file" in capsys.readouterr().err and not (tmp_path / "none.sqlite").exists()


def test_prospects_files_are_imported_once(tmp_path, capsys):
    path = prospect_file(tmp_path)
    for new in (2, 0):
        assert run("import", path, "--verdicts", tmp_path / "b.sqlite") == OK
        said = capsys.readouterr().out
        assert f"prospect.csv: 2 events, {new} of them new." in said and "keep prospect's meaning" in said
        path.touch()


def test_the_summary_and_the_report_are_written(tmp_path, place, capsys):
    assert run("summary", "--verdicts", place) == OK
    said = capsys.readouterr().out
    assert "1 spectrum has a verdict." in said and "in disagreement" in said and "κ = 0.00" in said
    assert run("export", tmp_path / "r.html", "--verdicts", place, "--server", "https://example.org/in/") == OK
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "https://example.org/in/?star=2M00000000%2B7417074&amp;spectrum=coadd&amp;file=000000000000" in html


def test_nothing_is_replaced_unasked_and_no_store_made_by_asking(tmp_path, place, capsys):
    (tmp_path / "a.csv").write_text("mine")
    assert run("export", tmp_path / "a.csv", "--verdicts", place) == REFUSED
    assert "--overwrite" in capsys.readouterr().err and (tmp_path / "a.csv").read_text() == "mine"
    assert run("export", tmp_path / "a.csv", "--verdicts", place, "--overwrite") == OK
    assert run("summary", "--verdicts", tmp_path / "none.sqlite") == REFUSED
    assert not (tmp_path / "none.sqlite").exists()
    assert run("export", tmp_path / "a.txt", "--verdicts", place) == REFUSED
    assert "extension must be one of" in capsys.readouterr().err
