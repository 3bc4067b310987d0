"""What reviewers typed and have not sent: unlike events, a draft is replaced and forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from inspector.files.untrusted_text import encodable
from inspector.service.verdicts.schema import DRAFTS


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

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to keep."""
        return self.quality is None and not self.causes and not self.comment

    def __post_init__(self) -> None:
        for name in ("reviewer", "subject_key", "comment"):
            object.__setattr__(self, name, encodable(getattr(self, name)))


def keep(connection: Connection, draft: Draft) -> None:
    """Keep a draft in place of the same reviewer's earlier one on the subject."""
    content = json.dumps({"quality": draft.quality, "causes": list(draft.causes), "comment": draft.comment})
    values = {"time": _text(draft.time), "content": content}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    key = {"reviewer": draft.reviewer, "subject_key": draft.subject_key}
    statement = dialect.insert(DRAFTS).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def drop(connection: Connection, reviewer: str, key: str, until: datetime | None = None) -> None:
    """Forget a draft; one that is newer than `until` stays."""
    mine = (DRAFTS.c.reviewer == reviewer) & (DRAFTS.c.subject_key == key)
    connection.execute(DRAFTS.delete().where(mine if until is None else mine & (DRAFTS.c.time <= _text(until))))


def of(connection: Connection, reviewer: str) -> dict[str, Draft]:
    """A reviewer's drafts, by the subject's key."""
    rows = connection.execute(select(DRAFTS).where(DRAFTS.c.reviewer == reviewer))
    return {row.subject_key: _draft(row) for row in rows}


def _draft(row: Row[Any]) -> Draft:
    said = json.loads(row.content)
    causes, time = tuple(said["causes"]), datetime.fromisoformat(row.time)
    return Draft(row.reviewer, row.subject_key, said["quality"], causes, said["comment"], time)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")
