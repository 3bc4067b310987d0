"""Bringing a database's tables up to date, once, whoever opens it first."""

from __future__ import annotations

import io
import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from inspector.exceptions import StoreError
from inspector.service.verdicts.schema import VERSION_TABLE, VERSIONS

MIGRATIONS = Path(__file__).with_name("migrations")

_ADVISORY_LOCK = 0x41504F474545  # "APOGEE"; any number that other programs do not lock

_one_at_a_time = threading.Lock()  # Alembic works through a global


def bring_up_to_date(engine: Engine, place: str) -> None:
    """Make the tables, or change them into those of this version.

    Parameters
    ----------
    engine : Engine
    place : str
        Where it lies, for messages.

    Raises
    ------
    StoreError
        If a newer version wrote it, or it is the database of another program.
    """
    with engine.begin() as connection:
        if version_of(connection) == VERSIONS[-1]:
            return
    with _one_at_a_time, engine.connect() as connection, connection.execution_options(writes=True).begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        version = version_of(connection)  # another process may have done it while this one waited
        _refuse_others(connection, version, place)
        if version != VERSIONS[-1]:
            _upgrade(connection)


def version_of(connection: Connection) -> str | None:
    """Version of the tables; None if there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return version


def _refuse_others(connection: Connection, version: str | None, place: str) -> None:
    if version is not None and version not in VERSIONS:
        raise StoreError(
            f"The verdicts in {place} were written by a newer version of the inspector (tables {version!r:.40};"
            f" this one knows them up to '{VERSIONS[-1]}'). Update the inspector, or choose another place.",
            passing=False,
        )
    if version is None and connection.dialect.name == "sqlite" and (tables := inspect(connection).get_table_names()):
        raise StoreError(
            f"{place} is a database of another program (it has the table {tables[0]!r:.40}), not one of verdicts."
            " Choose another place.",
            passing=False,
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # half a second, and seldom needed
    from alembic.config import Config

    config = Config(stdout=io.StringIO(), attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, VERSIONS[-1])
