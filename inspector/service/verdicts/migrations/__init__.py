"""How the tables came to be, step by step (Alembic); a step that was shipped is never changed."""
