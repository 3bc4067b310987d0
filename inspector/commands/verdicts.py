"""``inspector verdicts``: hand verdicts over, take others in, and count them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.exceptions import FileError
from inspector.terminal import OK, Printer

if TYPE_CHECKING:
    from inspector.service.verdicts.event import Event
    from inspector.service.verdicts.scheme import Scheme
    from inspector.service.verdicts.store import Store

_HELP = """\
Hand verdicts over, take others in, and count them.

Verdicts lie in a file of yours unless --verdicts says where: the path of another SQLite file, or
postgresql://user@host/database."""

_EXPORT_HELP = """\
Write the verdicts in force, or all events, to a table or an HTML report.

The table is CSV, ECSV, FITS, VOTable or Parquet, by the extension of OUTPUT; 'inspector verdicts import' reads it
as the same events. The report (.html) is one file that needs no network."""

_IMPORT_HELP = """\
Take in the events of exported tables, or the verdicts of prospect's CSV files.

An event that is there already is not taken twice."""

_MERGE_HELP = """\
Take in all events of other stores: SQLite files, or PostgreSQL addresses.

An event that is there already is not taken twice."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``inspector verdicts``."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "verdicts", help="export, import, merge and count verdicts", description=_HELP, formatter_class=raw
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    export = actions.add_parser(
        "export", help="write a table or a report", description=_EXPORT_HELP, formatter_class=raw
    )
    export.set_defaults(run=_export)
    export.add_argument("output", type=Path, metavar="OUTPUT", help=".csv, .ecsv, .fits, .vot, .parquet or .html")
    export.add_argument("--all-events", action="store_true", help="every event, not just the verdicts in force")
    export.add_argument("--server", metavar="URL", help="address of the page, for the report's links")
    export.add_argument("--overwrite", action="store_true", help="replace an existing file")
    take = actions.add_parser("import", help="take in exported tables", description=_IMPORT_HELP, formatter_class=raw)
    take.set_defaults(run=_import)
    take.add_argument("tables", nargs="+", type=Path, metavar="TABLE", help="exported table, or CSV of prospect's")
    take.add_argument("--ids", metavar="KIND", help="what TARGETID is: apogee_id, sdss_id, gaia_id or catalogid")
    take.add_argument("--reviewer", metavar="NAME", help="who gave the verdicts of prospect's that have no VI_scanner")
    merge = actions.add_parser("merge", help="take in other stores", description=_MERGE_HELP, formatter_class=raw)
    merge.set_defaults(run=_merge)
    merge.add_argument("stores", nargs="+", metavar="STORE", help="SQLite file or PostgreSQL address")
    summary = actions.add_parser("summary", help="count verdicts, and say how far people agree")
    summary.set_defaults(run=_summary)
    for action in (export, take, merge, summary):
        action.add_argument("--verdicts", metavar="PLACE", help="where verdicts lie (default: a file of yours)")
    for action in (export, summary):
        action.add_argument("--scheme", type=Path, metavar="FILE", help="scheme of verdicts, TOML (default: our own)")


def _export(options: argparse.Namespace) -> int:
    from inspector.service.verdicts.event_table import write_current, write_events
    from inspector.service.verdicts.history import reviews

    store, scheme = _opened(options, must_exist=True), _scheme(options)
    _refuse_to_replace(options.output, options.overwrite)
    events = store.events()
    held = reviews(events)
    if options.output.suffix.lower() in (".html", ".htm"):
        _write_report(options, events, scheme)
    elif options.all_events:
        write_events(events, options.output, scheme, held)
    else:
        write_current(held, options.output, scheme)
    Printer(sys.stdout).say(
        f"{_counted(len(events), 'event')} on {_counted(len({e.subject.key for e in events}), 'spectrum', 'spectra')},"
        f" {len(held)} with a verdict. Written to {options.output}."
    )
    return OK


def _write_report(options: argparse.Namespace, events: list[Event], scheme: Scheme) -> None:
    from datetime import UTC, datetime

    from inspector.files.tables.typed_table import whole
    from inspector.service.verdicts.history import reviews
    from inspector.service.verdicts.report import ReportRow, report_html, star_link

    rows = [
        ReportRow(review.subject, review, star_link(options.server or "", review.subject))
        for review in reviews(events).values()
    ]
    with whole(options.output) as partial:
        partial.write_text(report_html(rows, scheme, datetime.now(UTC)), encoding="utf-8")


def _import(options: argparse.Namespace) -> int:
    from inspector.service.verdicts.event_table import read_events
    from inspector.service.verdicts.prospect import is_prospect, read_prospect

    store, out = _opened(options), Printer(sys.stdout)
    for path in options.tables:
        if is_prospect(path):
            found = read_prospect(path, options.ids, options.reviewer)
            for remark in found.remarks:
                out.say(f"{path.name}: {remark}")
            there = {event.id for event in store.events()}  # their time is the file's, which a copy changes
            new, count = store.merge([event for event in found.events if event.id not in there]), len(found.events)
        else:
            events = read_events(path)
            new, count = store.merge(events), len(events)
        out.say(f"{path.name}: {_counted(count, 'event')}, {new} of them new.")
    return OK


def _merge(options: argparse.Namespace) -> int:
    store, out = _opened(options), Printer(sys.stdout)
    for place in options.stores:
        if "://" not in place and not Path(place).exists():
            raise FileError(f"There is no file {place}. Check the path.")
        other = _open(place)
        events = other.events()
        out.say(f"{other.place}: {_counted(len(events), 'event')}, {store.merge(events)} of them new.")
        other.close()
    return OK


def _summary(options: argparse.Namespace) -> int:
    from inspector.service.verdicts.summary import summarize

    store, scheme = _opened(options, must_exist=True), _scheme(options)
    Printer(sys.stdout).say(summarize(store.reviews()).text(scheme))
    return OK


def _opened(options: argparse.Namespace, must_exist: bool = False) -> Store:
    """The store that the options name; one that must be there is not made."""
    place = options.verdicts
    if must_exist and place is not None and "://" not in place and not Path(place).exists():
        raise FileError(f"There is no file {place}. Check the path.")
    return _open(place)


def _open(place: str | None) -> Store:
    from inspector.service.verdicts.store import open_store  # the database is not for --help

    return open_store(place)


def _scheme(options: argparse.Namespace) -> Scheme:
    from inspector.service.verdicts.scheme import load_scheme

    return load_scheme(options.scheme)


def _refuse_to_replace(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileError(f"'{path}' exists. --overwrite replaces it; or choose another output.")


def _counted(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"
