"""Whoever is killed while they write, at any instant: what was said to be kept is there, whole and once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from killing import Writers, check_nothing_lost

from inspector.service.verdicts.store import open_store


@pytest.mark.parametrize("first", ["no store yet", "a store"])
def test_a_hundred_kills_at_random_moments_lose_nothing(tmp_path, first):
    path = tmp_path / "verdicts.sqlite"
    if first == "a store":
        open_store(path).close()
    writers = Writers(str(path))
    try:
        writers.kill_at_random(100 if first == "a store" else 10)
    finally:
        writers.end()
    with closing(open_store(path)) as store:
        check_nothing_lost(store, writers)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
