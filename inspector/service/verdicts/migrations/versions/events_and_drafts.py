"""Events that nobody can change, and drafts."""

import sqlalchemy as sa
from alembic import op

revision = "verdicts_1"
down_revision = None

_JSON = ("subject", "causes", "suggested", "provenance", "seen", "edits", "settles")


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "verdict_events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject_key", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("quality", sa.Integer),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("scheme_version", sa.Text, nullable=False),
        sa.Column("supersedes", sa.String(64)),
        sa.Column("software", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _JSON),
        sqlite_autoincrement=True,
    )
    op.create_index("verdict_events_subject", "verdict_events", ["subject_key"])
    op.create_index("verdict_events_reviewer", "verdict_events", ["reviewer"])
    op.create_table(
        "verdict_drafts",
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("subject_key", sa.Text, nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("reviewer", "subject_key"),
    )
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


_SQLITE = (
    """CREATE TRIGGER verdict_events_update BEFORE UPDATE ON verdict_events
       BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
    """CREATE TRIGGER verdict_events_delete BEFORE DELETE ON verdict_events
       BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
    # REPLACE deletes without asking the trigger above
    """CREATE TRIGGER verdict_events_once BEFORE INSERT ON verdict_events
       WHEN EXISTS (SELECT 1 FROM verdict_events WHERE id = NEW.id OR number = NEW.number)
       BEGIN SELECT RAISE(IGNORE); END""",
)

_POSTGRESQL = (
    """CREATE FUNCTION verdict_events_keep() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'events are never changed or deleted'; END $$""",
    """CREATE TRIGGER verdict_events_keep BEFORE UPDATE OR DELETE ON verdict_events
       FOR EACH ROW EXECUTE FUNCTION verdict_events_keep()""",
    """CREATE TRIGGER verdict_events_keep_all BEFORE TRUNCATE ON verdict_events
       FOR EACH STATEMENT EXECUTE FUNCTION verdict_events_keep()""",
)
