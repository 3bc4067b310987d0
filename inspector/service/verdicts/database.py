"""The database behind a store: opened when it is first needed, and again after it was lost."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from inspector.exceptions import SettingsError, StoreError
from inspector.service.verdicts.migrate import bring_up_to_date
from inspector.service.verdicts.store_errors import in_words

PATIENCE = 5.0
"""Seconds to wait for a lock, and for a connection."""

_LOST_AFTER = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 15_000}
"""How soon a server that has vanished is noticed: seconds, but for the last, milliseconds."""


class Database:
    """Transactions in one database, whose tables are brought up to date when it is opened. Any thread may use it.

    Parameters
    ----------
    place : str
        Where it lies, for messages.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._process = 0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is on disk after the block, or has not happened if it raises `StoreError`."""
        with (
            in_words(self.place),
            self._opened().connect() as connection,
            connection.execution_options(writes=True).begin(),
        ):
            self._begin_writing(connection)
            yield connection

    @contextmanager
    def reading(self, create: bool = False) -> Iterator[Connection | None]:
        """A transaction that sees one state; None where there is no database yet, unless it is to be created."""
        with in_words(self.place):
            if not create and not self._exists():
                yield None
                return
            with self._opened().begin() as connection:
                yield connection

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self._forget()

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is not None and (self._process != os.getpid() or self._is_another()):
                self._forget()
            if self._engine is None:
                engine = self._new_engine()
                try:
                    bring_up_to_date(engine, self.place)
                except BaseException:  # whatever came: nothing half open is kept
                    engine.dispose()
                    raise
                self._engine, self._process = engine, os.getpid()
                self._note()
            return self._engine

    def _forget(self) -> None:
        if self._engine is not None:
            self._engine.dispose(close=self._process == os.getpid())  # a parent's connections are not a child's to end
        self._engine = None

    def _new_engine(self) -> Engine:
        raise NotImplementedError

    def _begin_writing(self, connection: Connection) -> None:
        """What a transaction that writes begins with."""

    def _exists(self) -> bool:
        return True

    def _is_another(self) -> bool:
        """Whether what is there now is not what was opened."""
        return False

    def _note(self) -> None:
        """Remember what was opened."""


class SqliteDatabase(Database):
    """A file.

    Parameters
    ----------
    path : Path
    make_folder : bool
        Whether its folder is made, for this user alone, if there is none.
    """

    def __init__(self, path: Path, make_folder: bool = False) -> None:
        super().__init__(f"'{path}'")
        self.path, self._make_folder = path, make_folder
        self._identity: tuple[int, int] | None = None

    def _new_engine(self) -> Engine:
        if self._make_folder:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.exists() and not stat.S_ISREG(self.path.stat().st_mode):
            raise StoreError(
                f"Verdicts cannot be kept in {self.place}: it is not a regular file. Choose another place."
            )
        engine = create_engine("sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=2)
        event.listen(engine, "begin", _begin)
        return engine

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")  # readers and one writer do not wait for each other
            connection.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns
            connection.execute("PRAGMA trusted_schema = OFF")
        except BaseException:  # whatever came: no open file is left behind
            connection.close()
            raise
        return connection

    def _exists(self) -> bool:
        return self.path.exists()

    def _is_another(self) -> bool:
        return self._identity != _identity(self.path)

    def _note(self) -> None:
        self._identity = _identity(self.path)


class PostgresqlDatabase(Database):
    """A database on a server."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        super().__init__(f"'{url.render_as_string(hide_password=True)}'")

    def _new_engine(self) -> Engine:
        arguments: dict[str, Any] = {"connect_timeout": int(PATIENCE), **_LOST_AFTER}
        given = {name: value for name, value in arguments.items() if name not in self._url.query}
        try:
            return create_engine(self._url, pool_pre_ping=True, pool_size=2, connect_args=given)
        except ImportError:
            raise SettingsError(
                "Verdicts in PostgreSQL need psycopg, which is missing: pip install 'apogee-inspector[postgresql]'"
            ) from None

    def _begin_writing(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = on")


def _begin(connection: Connection) -> None:
    """Python's driver would begin late; a transaction that writes takes its turn at once, so that it need not fail."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
