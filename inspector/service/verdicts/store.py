"""Where verdicts are kept: events in SQLite or PostgreSQL; some are added, and none is ever changed."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir
from sqlalchemy import Connection, Row, Select, func, insert, make_url, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ArgumentError

from inspector.exceptions import SettingsError, StoreError
from inspector.files.untrusted_text import clean
from inspector.service.verdicts import drafts
from inspector.service.verdicts.database import Database, PostgresqlDatabase, SqliteDatabase
from inspector.service.verdicts.drafts import Draft
from inspector.service.verdicts.event import Event, event_from_json, event_json
from inspector.service.verdicts.history import Key, Review, Standing, reviews, standings
from inspector.service.verdicts.schema import EVENTS

_JSON = ("subject", "causes", "suggested", "provenance", "seen", "edits", "settles")

_AT_ONCE = 500
"""Keys in one query: SQLite takes 32,766 parameters, older ones 999."""


@dataclass(frozen=True)
class Extent:
    """How much a store holds.

    Attributes
    ----------
    count : int
        Events.
    last : int
        The highest number that the store gave to one.
    last_id : str
        Its id.
    """

    count: int = 0
    last: int = 0
    last_id: str = ""


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
        """Keep an event, and forget the draft it was made of; it is on disk when this returns.

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
            for event in events:
                drafts.drop(connection, event.reviewer, event.subject.key, until=event.time)
            return sum(self._add(connection, event) for event in events)

    def extent(self) -> Extent:
        """How much there is."""
        with self._database.reading() as connection:
            if connection is None:
                return Extent()
            count = connection.execute(select(func.count()).select_from(EVENTS)).scalar_one()
            newest = select(EVENTS.c.number, EVENTS.c.id).order_by(EVENTS.c.number.desc()).limit(1)
            last = connection.execute(newest).first()
        return Extent(count, *last) if last else Extent()

    def events(
        self, keys: Collection[str] | None = None, reviewer: str | None = None, after: int | None = None
    ) -> list[Event]:
        """Events in the order in which they happened.

        Parameters
        ----------
        keys : collection of str, optional
            Of the subjects in question; of all if None.
        reviewer : str, optional
            Whose; everybody's if None.
        after : int, optional
            Only those that the store numbered higher.
        """
        query = select(EVENTS)
        if after is not None:
            query = query.where(EVENTS.c.number > after)
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
        with self._database.writing() as connection:
            drafts.keep(connection, draft)

    def drop_draft(self, reviewer: str, key: str) -> None:
        """Forget a draft that was emptied; one that was sent, `append` has forgotten."""
        with self._database.writing() as connection:
            drafts.drop(connection, reviewer, key)

    def drafts(self, reviewer: str, keys: Collection[str] | None = None) -> dict[str, Draft]:
        """A reviewer's drafts, by the subject's key."""
        with self._database.reading() as connection:
            found = {} if connection is None else drafts.of(connection, reviewer)
        return found if keys is None else {key: found[key] for key in keys if key in found}

    def _add(self, connection: Connection, event: Event) -> bool:
        values = _values(event)
        statement = insert(EVENTS).values(**values).inline()
        if connection.dialect.name == "postgresql":
            statement = (
                postgresql.insert(EVENTS).values(**values).inline().on_conflict_do_nothing(index_elements=["id"])
            )
        counted = {"preserve_rowcount": True}
        if connection.execute(statement, execution_options=counted).rowcount == 1:
            return True
        there = connection.execute(select(EVENTS).where(EVENTS.c.id == event.id)).one()
        if _values(_event(there)) != values:
            raise StoreError(
                f"The store has another event with the id {event.id}. One of the two was changed or forged; nothing was"
                " written.",
                passing=False,
            )
        return False


def _rows(connection: Connection, query: Select[Any], keys: Collection[str] | None) -> Iterator[Row[Any]]:
    if keys is None:
        yield from connection.execute(query)
        return
    wanted: Sequence[str] = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _AT_ONCE):
        yield from connection.execute(query.where(EVENTS.c.subject_key.in_(wanted[start : start + _AT_ONCE])))


def _values(event: Event) -> dict[str, Any]:
    said = event_json(event)
    return said | {"subject_key": event.subject.key, **{name: json.dumps(said[name]) for name in _JSON}}


def _event(row: Row[Any]) -> Event:
    said = dict(zip(row._fields, row))
    return event_from_json(said | {name: json.loads(said[name]) for name in _JSON})


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


def open_outbox(store: Store) -> Store:
    """A file of this user for what a store could not take: of its own for each store; made when it is needed."""
    name = f"outbox-{sha256(store.place.encode()).hexdigest()[:16]}.sqlite"
    return Store(SqliteDatabase(default_path().with_name(name), make_folder=True))


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
