"""Where verdicts are kept: events in SQLite or PostgreSQL; some are added, and none is ever changed."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir
from sqlalchemy import Connection, Row, Select, insert, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError

from inspector.exceptions import SettingsError, StoreError
from inspector.files.untrusted_text import clean
from inspector.service.verdicts.database import Database, PostgresqlDatabase, SqliteDatabase
from inspector.service.verdicts.event import Event, event_from_json, event_json
from inspector.service.verdicts.history import Key, Review, Standing, reviews, standings
from inspector.service.verdicts.schema import DRAFTS, EVENTS

_JSON = ("subject", "causes", "suggested", "provenance", "seen", "edits", "settles")

_AT_ONCE = 500
"""Keys in one query: SQLite takes 32,766 parameters, older ones 999."""


@dataclass(frozen=True)
class Draft:
    """What a reviewer has ticked and typed on a subject and not sent.

    Attributes
    ----------
    reviewer, subject_key : str
    quality : int or None
    causes : tuple of str
    comment : str
    time : datetime
        In UTC, when it was kept.
    """

    reviewer: str
    subject_key: str
    quality: int | None = None
    causes: tuple[str, ...] = ()
    comment: str = ""
    time: datetime = field(default_factory=lambda: datetime.now(UTC))


class Store:
    """The events of all reviewers, and their drafts. Any thread may use it.

    Parameters
    ----------
    database : Database
        As `open_store` opens it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def place(self) -> str:
        """Where it lies, fit to be shown: no password."""
        return self._database.place

    def close(self) -> None:
        """Let go of the database; whoever uses the store again opens it again."""
        self._database.close()

    def check(self) -> None:
        """Open the database now; raises `StoreError` if it cannot be used."""
        with self._database.reading(create=True):
            pass

    def append(self, event: Event) -> bool:
        """Keep an event; it is on disk when this returns.

        Parameters
        ----------
        event : Event

        Returns
        -------
        bool
            False if the store had it already: sent twice, it is kept once.

        Raises
        ------
        StoreError
            If it could not be written (whether it was is then unknown, and sending it again is right), or if the store
            has a different event of that id.
        """
        return self.merge([event]) == 1

    def merge(self, events: Iterable[Event]) -> int:
        """Keep events, all or none; how many of them were new. Raises as `append`."""
        events = list(events)
        if not events:
            return 0
        with self._database.writing() as connection:
            return sum(self._add(connection, event) for event in events)

    def events(self, keys: Collection[str] | None = None, reviewer: str | None = None) -> list[Event]:
        """Events in the order in which they happened.

        Parameters
        ----------
        keys : collection of str, optional
            Of the subjects in question; of all if None.
        reviewer : str, optional
            Whose; everybody's if None.
        """
        query = select(EVENTS)
        if reviewer is not None:
            query = query.where(EVENTS.c.reviewer == reviewer)
        with self._database.reading() as connection:
            found = [] if connection is None else [_event(row) for row in _rows(connection, query, keys)]
        return sorted(found, key=lambda event: event.order)

    def current(self, keys: Collection[str] | None = None, reviewer: str | None = None) -> dict[Key, Standing]:
        """What each reviewer's events on each subject come to; by subject's key and reviewer."""
        return standings(self.events(keys, reviewer))

    def reviews(self, keys: Collection[str] | None = None) -> dict[str, Review]:
        """What all reviewers together say of each subject that has a verdict, by its key."""
        return reviews(self.events(keys))

    def disagreements(self) -> list[Review]:
        """Subjects on which reviewers gave different qualities and nothing has settled it, the newest last."""
        found = [review for review in self.reviews().values() if review.disagrees]
        return sorted(found, key=lambda review: review.verdicts[-1].order)

    def keep_draft(self, draft: Draft) -> None:
        """Keep what was not sent, in place of the same reviewer's earlier draft on the subject."""
        content = json.dumps({"quality": draft.quality, "causes": list(draft.causes), "comment": draft.comment})
        values = {"time": _text(draft.time), "content": content}
        with self._database.writing() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            key = {"reviewer": draft.reviewer, "subject_key": draft.subject_key}
            statement = dialect.insert(DRAFTS).values(**key, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))

    def drop_draft(self, reviewer: str, key: str) -> None:
        """Forget a draft: it was sent, or emptied."""
        with self._database.writing() as connection:
            mine = (DRAFTS.c.reviewer == reviewer) & (DRAFTS.c.subject_key == key)
            connection.execute(DRAFTS.delete().where(mine))

    def drafts(self, reviewer: str, keys: Collection[str] | None = None) -> dict[str, Draft]:
        """A reviewer's drafts, by the subject's key."""
        query = select(DRAFTS).where(DRAFTS.c.reviewer == reviewer)
        with self._database.reading() as connection:
            rows = [] if connection is None else list(_rows(connection, query, keys, DRAFTS.c.subject_key))
        return {row.subject_key: _draft(row) for row in rows}

    def _add(self, connection: Connection, event: Event) -> bool:
        values = _values(event)
        statement = insert(EVENTS).values(**values).inline()
        if connection.dialect.name == "postgresql":
            statement = (
                postgresql.insert(EVENTS).values(**values).inline().on_conflict_do_nothing(index_elements=["id"])
            )
        if connection.execute(statement).rowcount == 1:
            return True
        there = connection.execute(select(EVENTS).where(EVENTS.c.id == event.id)).one()
        if _values(_event(there)) != values:
            raise StoreError(
                f"The store has another event with the id {event.id}. One of the two was changed or forged; nothing was"
                " written.",
                passing=False,
            )
        return False


def _rows(
    connection: Connection, query: Select[Any], keys: Collection[str] | None, column: Any = EVENTS.c.subject_key
) -> Iterator[Row[Any]]:
    if keys is None:
        yield from connection.execute(query)
        return
    wanted: Sequence[str] = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _AT_ONCE):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _AT_ONCE])))


def _values(event: Event) -> dict[str, Any]:
    said = event_json(event)
    return said | {"subject_key": event.subject.key, **{name: json.dumps(said[name]) for name in _JSON}}


def _event(row: Row[Any]) -> Event:
    said = dict(zip(row._fields, row))
    return event_from_json(said | {name: json.loads(said[name]) for name in _JSON})


def _draft(row: Row[Any]) -> Draft:
    said = json.loads(row.content)
    return Draft(
        row.reviewer,
        row.subject_key,
        said["quality"],
        tuple(said["causes"]),
        said["comment"],
        datetime.fromisoformat(row.time),
    )


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def open_store(where: str | os.PathLike[str] | None = None) -> Store:
    """Open a store of verdicts.

    Parameters
    ----------
    where : path-like or str, optional
        A SQLite file, which is created if there is none, or ``postgresql://user@host/database``. If None, a file of
        this user, which is created with the first verdict.

    Raises
    ------
    StoreError
        If it cannot be used: what is in the way, and what to do.
    SettingsError
        If it is an address of another kind.
    """
    if where is None:
        path = default_path()
        store = Store(SqliteDatabase(path, make_folder=True))
        if not path.exists():
            return store
    else:
        store = Store(_database(os.fspath(where)))
    store.check()
    return store


def default_path() -> Path:
    """Where verdicts are kept if nobody says where."""
    return Path(user_data_dir("apogee-inspector", appauthor=False)) / "verdicts.sqlite"


def _database(where: str) -> Database:
    kind, separator, rest = where.partition("://")
    if not separator:
        return SqliteDatabase(Path(where).absolute())
    if kind == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return SqliteDatabase(Path(rest[1:]).absolute())
    if kind in ("postgresql", "postgres", "postgresql+psycopg"):
        try:
            return PostgresqlDatabase(make_url(f"postgresql://{rest}"))
        except (ArgumentError, ValueError):
            raise SettingsError(
                "The address of the verdicts cannot be understood. Write postgresql://user@host/database."
            ) from None
    raise SettingsError(
        f"Verdicts cannot be kept in a place of the kind '{clean(kind, 40)}://'. Give the path of a file, or"
        " postgresql://user@host/database."
    )
