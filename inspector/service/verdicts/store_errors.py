"""What a database complains of, in words that say what to do."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from inspector.exceptions import InspectorError, StoreError
from inspector.files.untrusted_text import clean

_SQLITE = {
    sqlite3.SQLITE_BUSY: "another program holds it. Close that program, or wait",
    sqlite3.SQLITE_LOCKED: "another program holds it. Close that program, or wait",
    sqlite3.SQLITE_FULL: "the disk is full. Free some space",
    sqlite3.SQLITE_READONLY: "it may only be read. Change its permissions, or choose another place with --verdicts",
    sqlite3.SQLITE_PERM: "it may only be read. Change its permissions, or choose another place with --verdicts",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened. Check that its folder exists and may be written",
    sqlite3.SQLITE_IOERR: "the disk refuses. Check the disk, its free space and limits on the size of files",
    sqlite3.SQLITE_CORRUPT: "it is damaged. Move it away and restore a copy, or import an export",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite database. Check the path",
}

_POSTGRESQL = {
    "53100": "the server's disk is full. Free some space there",
    "53300": "the server has too many connections. Raise its limit, or wait",
    "25006": "the server only lets it be read. Connect to the primary server",
    "42501": "this user may not write there. Ask for the right to create tables and to insert",
    "28P01": "user or password is wrong. Correct the address",
    "28000": "the server refuses this user. Correct the address, or the server's pg_hba.conf",
    "3D000": "there is no such database. Create it, or correct the address",
}

_REFUSED = {
    r'database ".*" does not exist': "3D000",
    r'role ".*" does not exist': "28000",
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "too many clients": "53300",
}
"""How a server that speaks English refuses a connection: the driver hands on the words, without their code."""


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn what a database complains of in the block into a `StoreError`."""
    try:
        yield
    except InspectorError:
        raise
    except DBAPIError as error:
        raise StoreError(f"Verdicts cannot be kept in {place}: {_why(error)}.") from error
    except SQLAlchemyError as error:
        raise StoreError(f"Verdicts cannot be kept in {place}: {clean(str(error))}.") from error
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(f"Verdicts cannot be kept in {place}: {clean(why)}. Choose another place.") from error


def _why(error: DBAPIError) -> str:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _SQLITE:  # the rest of the code says in which way
        return _SQLITE[code & 0xFF]
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        state = next((code for words, code in _REFUSED.items() if re.search(words, str(error.orig))), None)
    if state in _POSTGRESQL:
        return _POSTGRESQL[state]
    said = clean(str(error.orig).split("\n")[0]) or type(error.orig).__name__
    if error.connection_invalidated or state is None:
        return f"the connection fails ({said.rstrip('.')}). Check that the server runs and can be reached"
    return said.rstrip(".")
