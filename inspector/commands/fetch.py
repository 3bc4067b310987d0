"""``inspector fetch``: files of the public archive by id."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.exceptions import FileError, SettingsError
from inspector.service.archive_options import add_archive_options, archive_server
from inspector.terminal import OK, REFUSED, SOME_FAILED, Printer, Stop

if TYPE_CHECKING:
    from inspector.service.archive_server import ArchiveServer
    from inspector.service.asked_key import Asked

_HELP = """\
Fetch spectra from the public archive of the survey (data.sdss.org).

ID is an sdss_id, which needs nothing else (an mwmStar of DR19), or an APOGEE id, which needs --telescope and
--field (an apStar of DR17). What the local copy of the archive ($SAS_BASE_DIR) or the cache has is not fetched
again; what was cut off is continued. Each file is looked at before it is kept: it is whole, and of that star."""

_EPILOG = """\
examples:
  inspector fetch 54392901 114892017 -o spectra/
  inspector fetch 2M17335483-2753043 --telescope apo25m --field 000+02 -o spectra/

exit code: 0 every file is there, 1 some could not be had, 2 the command could not run, 130 stopped with Ctrl+C"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``inspector fetch``."""
    parser = commands.add_parser(
        "fetch",
        help="fetch spectra from the public archive by id",
        description=_HELP,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_fetch)
    parser.add_argument("ids", nargs="+", metavar="ID", help="sdss_id or APOGEE id")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="where copies go (default: the cache alone)"
    )
    parser.add_argument("--release", metavar="DR", help="data release (default: dr19 for an sdss_id, else dr17)")
    parser.add_argument("--telescope", help="apo25m, lco25m or apo1m")
    parser.add_argument("--field", help="field of the star; in DR14 and before its number, LOCATION_ID")
    parser.add_argument("--healpix", metavar="N", help="in place of the field, in DR19")
    parser.add_argument("--product", help="apStar, apVisit, aspcapStar, mwmStar or mwmVisit")
    parser.add_argument("--plate", help="of a visit (apVisit)")
    parser.add_argument("--mjd", help="of a visit")
    parser.add_argument("--fiber", metavar="N", help="of a visit")
    add_archive_options(parser)


def _fetch(options: argparse.Namespace) -> int:
    from inspector.service.asked_key import Asked

    server = archive_server(options)
    words = ("release", "telescope", "field", "healpix", "product", "plate", "mjd", "fiber")
    asked = Asked(**{word: getattr(options, word) for word in words})
    out, err, failed = Printer(sys.stdout), Printer(sys.stderr), 0
    with Stop().listening():
        for name in options.ids:
            try:
                out.say(_one(name, asked, server, options.output, err))
            except (FileError, SettingsError) as error:
                failed += 1
                err.say(f"{name}: {error}")
    return OK if not failed else REFUSED if failed == len(options.ids) == 1 else SOME_FAILED


def _one(name: str, asked: Asked, server: ArchiveServer, folder: Path | None, err: Printer) -> str:
    """Fetch one file, with a bar that tells how far it is; what was done, in words."""
    from tqdm import tqdm

    from inspector.service.asked_key import asked_key
    from inspector.service.fetch_star import in_loop_of_its_own

    key = asked_key(name, asked)
    with tqdm(total=0, unit="B", unit_scale=True, leave=False, file=err, disable=not err.isatty()) as bar:

        def progress(what: str, done: int, total: int) -> None:
            bar.total = total or None
            bar.set_description_str(what, refresh=False)
            bar.update(done - bar.n)

        found = in_loop_of_its_own(key, folder, server, progress)
    return f"{found.path} ({found.origin})"
