"""The store on a real PostgreSQL: several people at once, connections that drop, servers that crash."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count

import pytest
from killing import Writers, check_nothing_lost
from postgresql_server import PostgresqlServer, binaries
from sqlalchemy.exc import DBAPIError

from inspector.exceptions import StoreError
from inspector.service.verdicts.drafts import Draft
from inspector.service.verdicts.event import verdict
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.store import open_store
from inspector.service.verdicts.subject import Subject

SCHEME = load_scheme()
STAR = Subject(apogee_id="2M00000002+7417074", file="a.fits", file_sha256="a" * 64)


@pytest.fixture(scope="module")
def server():
    """One for all; absent, these are skipped, unless INSPECTOR_REQUIRE_POSTGRES asks for them."""
    programs = binaries()
    if programs is None:
        missing = "needs PostgreSQL's server (apt-get install postgresql)"
        (pytest.fail if os.environ.get("INSPECTOR_REQUIRE_POSTGRES") else pytest.skip)(missing)
    running = PostgresqlServer(programs)
    yield running
    running.remove()


numbers = count()


@pytest.fixture
def url(server):
    """Of a database that is empty."""
    name = f"verdicts{next(numbers)}"
    server.sql(f"CREATE DATABASE {name}")
    return server.url(name)


@pytest.fixture
def store(url):
    with closing(open_store(url)) as opened:
        yield opened


def judge(quality=4, who="Ann", subject=STAR, **more):
    return verdict(subject, who, quality, SCHEME, **more)


def test_events_and_drafts_come_back_as_they_were(store):
    event = judge(4, comment="λ\n\0\u202e🌟\\" * 1000, causes=("M",), seen={"teff": [4750.5, 10**19, None], "x": "\0"})
    assert store.append(event) and not store.append(event)
    assert store.events() == [event] == store.events([STAR.key], "Ann")
    for comment in ("half", "half a sentence"):
        store.keep_draft(Draft("Bo", STAR.key, 2, ("X",), comment))
    assert store.drafts("Bo")[STAR.key].comment == "half a sentence"
    store.append(judge(2, who="Bo"))
    assert store.drafts("Bo") == {} and len(store.disagreements()) == 1


def test_another_event_of_the_same_id_is_refused_with_all_its_company(store):
    event = judge()
    store.append(event)
    with pytest.raises(StoreError, match="changed or forged"):
        store.merge([judge(3), replace(event, comment="no")])
    assert store.events() == [event]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE verdict_events SET comment = ''", "DELETE FROM verdict_events", "TRUNCATE verdict_events"],
)
def test_no_statement_changes_an_event(store, statement):
    event = judge()
    store.append(event)
    with pytest.raises(StoreError, match="never changed or deleted") as error, store._database.writing() as connection:
        connection.exec_driver_sql(statement)
    assert isinstance(error.value.__cause__, DBAPIError)
    assert store.events() == [event]


def test_four_reviewers_at_once_lose_and_double_nothing(url):
    made = {who: [judge(2, who=who, comment=str(i)) for i in range(40)] for who in ("Ann", "Bo", "Cy", "Di")}

    def write(who):
        with closing(open_store(url)) as mine:  # four open a database whose tables are not there yet
            for event in made[who]:
                assert mine.append(event)
            assert mine.merge(made["Ann"][:5]) in range(6)  # all send the same ones: each is kept once

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, made))
    with closing(open_store(url)) as store:
        events = store.events()
        assert {event.id for event in events} == {event.id for mine in made.values() for event in mine}
        assert len(events) == 160


def test_two_verdicts_on_the_same_state_are_both_kept_and_seen(url):
    with closing(open_store(url)) as one, closing(open_store(url)) as other:
        first = judge(4)
        one.append(first)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda s, e: s.append(e), (one, other), (judge(q).superseding(first) for q in (2, 3))))
        standing = one.current()[STAR.key, "Ann"]
        assert {standing.verdict.quality, *(rival.quality for rival in standing.rivals)} == {2, 3}


def test_reviewers_who_are_killed_lose_nothing(url):
    writers = Writers(url)
    try:
        writers.kill_at_random(12)
    finally:
        writers.end()
    with closing(open_store(url)) as store:
        check_nothing_lost(store, writers)


def test_a_connection_that_drops_is_made_anew(server, store):
    store.append(judge())
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE 'verdicts%'"
    assert int(server.sql(cut)) >= 1
    event = judge(3)
    assert store.append(event)
    with pytest.raises(StoreError, match="connection"):
        half_way(store, lambda: server.sql(cut))
    assert len(store.events()) == 2


def half_way(store, happens):
    """Something happens while a transaction is open."""
    with store._database.writing() as connection:
        happens()
        connection.exec_driver_sql("SELECT 1")


def test_a_server_that_crashes_is_a_sentence_and_then_has_all_it_said_it_had(server, store):
    kept, late = judge(4), judge(2, comment="while it was away")
    store.append(kept)
    server.stop("immediate")
    try:
        for _ in range(2):
            with pytest.raises(StoreError, match=r"the connection fails .*Check that the server runs") as error:
                store.append(late)
            assert error.value.passing and "password" not in str(error.value)
    finally:
        server.start()
    assert store.append(late)
    assert store.events() == [kept, late]


def test_a_server_that_only_lets_read_is_a_sentence(server, store):
    event = judge()
    store.append(event)
    name = store.place.rsplit("/")[3].partition("?")[0]
    server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    store.close()
    with pytest.raises(StoreError, match="only lets it be read"):
        store.append(judge())
    assert store.events() == [event]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("/verdicts", "/nowhere"), "there is no such database"),
        (("me@", "stranger:secret@"), r"'postgresql://stranger:\*\*\*@.*refuses this user"),
        (("?host=", "?host=/nowhere"), "Check that the server runs"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_sentence_without_a_password(url, change, said):
    with pytest.raises(StoreError, match=said) as error:
        open_store(url.replace(*change))
    assert "secret" not in str(error.value)


def test_a_user_without_rights_is_told_so(server, url):
    server.sql("DROP ROLE IF EXISTS guest")
    server.sql("CREATE ROLE guest LOGIN")
    with pytest.raises(StoreError, match="Ask for the right"):
        open_store(url.replace("me@", "guest@"))


def test_a_newer_version_is_refused_and_tables_of_others_do_not_matter(url):
    with closing(open_store(url)) as store:
        with store._database.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (x INT)")
        assert store.append(judge())
        with store._database.writing() as connection:
            connection.exec_driver_sql("UPDATE verdicts_version SET version_num = 'verdicts_99'")
    with pytest.raises(StoreError, match="newer version"):
        open_store(url)


def test_the_tables_are_those_the_code_knows(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from inspector.service.verdicts.schema import METADATA, VERSION_TABLE

    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
