"""``inspector cache``: what was fetched and is kept."""

from __future__ import annotations

import argparse
import re
import sys

from inspector.terminal import OK, Printer

_HELP = """\
Show, empty or limit the cache of fetched files.

It lies where the system keeps caches; the environment variable INSPECTOR_CACHE names another folder. What was
used longest ago goes first when the limit is reached."""

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``inspector cache``."""
    parser = commands.add_parser(
        "cache",
        help="show or empty the cache of fetched files",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_cache)
    parser.add_argument("--list", action="store_true", help="name every file, the one used last at the end")
    parser.add_argument("--limit", type=_size, metavar="SIZE", help="keep at most so much from now on, such as 2GB")
    parser.add_argument("--empty", action="store_true", help="remove every file")


def _size(text: str) -> int:
    """Bytes of ``2GB``, ``500 MB``, ``0``."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)\s*([kmgt]?)b?", text.strip().lower())
    if found is None:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a size such as 2GB or 500MB")
    return int(float(found[1]) * _UNITS[found[2]])


def _in_words(size: int) -> str:
    """``1.25 GB``."""
    unit, name = next(((10**n, name) for n, name in ((9, "GB"), (6, "MB"), (3, "kB")) if size >= 10**n), (1, "bytes"))
    return f"{size / unit:.3g} {name}"


def _cache(options: argparse.Namespace) -> int:
    from inspector.files.fetch_cache import FetchCache

    cache, out = FetchCache(), Printer(sys.stdout)
    if options.limit is not None:
        cache.set_limit(options.limit)
        cache.shrink()
    if options.empty:
        count = cache.empty()
        out.say(f"Removed {count} {'file' if count == 1 else 'files'} from {cache.folder}.")
    files = cache.files()
    for kept in files if options.list else ():
        out.say(f"{_in_words(kept.size):>10}  {kept.path.relative_to(cache.folder)}")
    used = _in_words(sum(kept.size for kept in files))
    out.say(
        f"{cache.folder}: {len(files)} {'file' if len(files) == 1 else 'files'}, {used} of {_in_words(cache.limit)}."
    )
    return OK
