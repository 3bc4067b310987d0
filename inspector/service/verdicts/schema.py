"""The tables that events and drafts lie in, as the newest of the `migrations` leaves them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text

VERSION_TABLE = "verdicts_version"
VERSIONS = ("verdicts_1",)
"""Every version of the tables there has been, oldest first; each is a revision in `migrations`."""

METADATA = MetaData()

EVENTS = Table(
    "verdict_events",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("subject_key", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("time", String(32), nullable=False),
    Column("quality", Integer),
    Column("comment", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("scheme_version", Text, nullable=False),
    Column("supersedes", String(64)),
    Column("software", Text, nullable=False),
    *(
        Column(name, Text, nullable=False)  # JSON
        for name in ("subject", "causes", "suggested", "provenance", "seen", "edits", "settles")
    ),
    Index("verdict_events_subject", "subject_key"),
    Index("verdict_events_reviewer", "reviewer"),
    sqlite_autoincrement=True,
)

DRAFTS = Table(
    "verdict_drafts",
    METADATA,
    Column("reviewer", Text, nullable=False),
    Column("subject_key", Text, nullable=False),
    Column("time", String(32), nullable=False),
    Column("content", Text, nullable=False),  # JSON
    PrimaryKeyConstraint("reviewer", "subject_key"),
)
