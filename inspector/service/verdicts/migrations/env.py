"""Where Alembic enters: it works in the connection, and the transaction, of the store that is being opened."""

from alembic import context

from inspector.service.verdicts.schema import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
context.run_migrations()
