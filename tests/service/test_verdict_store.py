"""The store of verdicts: nothing is lost, doubled or changed, and what goes wrong is said."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.exceptions import SettingsError, StoreError
from inspector.service.verdicts import database as database_module
from inspector.service.verdicts import store as store_module
from inspector.service.verdicts.event import Event, undo, verdict
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.store import Draft, open_store
from inspector.service.verdicts.subject import Subject

SCHEME = load_scheme()
STAR = Subject(apogee_id="2M00000002+7417074", file="a.fits", file_sha256="a" * 64)
OTHER = replace(STAR, spectrum="visit 2")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "verdicts.sqlite"


@pytest.fixture
def store(path):
    with closing(open_store(path)) as opened:
        yield opened


def judge(quality: int = 4, who: str = "Ann", subject: Subject = STAR, **more) -> Event:
    return verdict(subject, who, quality, SCHEME, **more)


def test_events_come_back_as_they_were_in_the_order_they_happened(store):
    first = judge(
        4, comment="λ Boötis\n\u202eاختبار 🌟" * 1000, causes=("M", "X"), seen={"teff": [4750.5, 10**19, None]}
    )
    second = judge(2, who="Bo", subject=OTHER)
    assert store.append(second) and store.append(first)
    assert store.events() == [first, second]
    assert store.events([STAR.key]) == [first] == store.events(reviewer="Ann")
    assert store.events([]) == []


def test_an_event_that_is_sent_twice_is_kept_once(store):
    event = judge()
    assert store.append(event) and not store.append(event)
    assert store.merge([event, judge(3), event]) == 1
    assert len(store.events()) == 2


def test_another_event_of_the_same_id_is_refused_and_nothing_of_its_company_is_kept(store):
    event = judge()
    store.append(event)
    with pytest.raises(StoreError, match="changed or forged") as error:
        store.merge([judge(3), replace(event, comment="no")])
    assert not error.value.passing
    assert store.events() == [event]


def test_current_verdicts_and_disagreements_are_those_of_the_events(store):
    first = judge(4)
    second = judge(3).superseding(first)
    store.merge([first, second, judge(2, who="Bo"), undo(second, "Ann"), judge(4, subject=OTHER)])
    assert store.current()[STAR.key, "Ann"].verdict == first
    assert set(store.current([OTHER.key])) == {(OTHER.key, "Ann")}
    (review,) = store.disagreements()
    assert review.qualities == (4, 2)


def test_drafts_are_replaced_and_forgotten(store):
    store.keep_draft(Draft("Ann", STAR.key, 3, ("M",), "half a sen"))
    whole = Draft("Ann", STAR.key, None, (), "half a sentence, ünfinished")
    store.keep_draft(whole)
    store.keep_draft(Draft("Bo", STAR.key, comment="mine"))
    assert store.drafts("Ann") == {STAR.key: whole} == store.drafts("Ann", [STAR.key, OTHER.key])
    store.drop_draft("Ann", STAR.key)
    assert store.drafts("Ann") == {} and len(store.drafts("Bo")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE verdict_events SET comment = ''",
        "DELETE FROM verdict_events",
        "INSERT OR REPLACE INTO verdict_events SELECT * FROM verdict_events",
        "UPDATE OR REPLACE verdict_events SET number = number + 1",
        "REPLACE INTO verdict_events SELECT 1, 'new', " + ", ".join(["'x'"] * 17) + " FROM verdict_events",
    ],
)
def test_no_statement_changes_an_event(store, path, statement):
    event = judge(comment="as it was")
    store.append(event)
    with closing(sqlite3.connect(path)) as connection, connection:
        try:
            assert connection.execute(statement).rowcount == 0
        except sqlite3.IntegrityError as error:
            assert "never" in str(error)
    assert store.events() == [event]


def test_four_reviewers_at_once_lose_and_double_nothing(path):
    made = {who: [judge(2, who=who, comment=str(i)) for i in range(15)] for who in ("Ann", "Bo", "Cy", "Di")}

    def write(who: str) -> None:
        with closing(open_store(path)) as mine:  # four open a store that is not there yet
            for event in made[who]:
                assert mine.append(event)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, made))
    with closing(open_store(path)) as store:
        assert {event.id for event in store.events()} == {event.id for events in made.values() for event in events}
        assert len(store.events()) == 60


def test_a_commit_is_on_disk_before_append_returns(store):
    with store._database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@given(
    st.lists(
        st.builds(
            Event,
            st.sampled_from(["verdict", "clear", "settle"]),
            st.builds(Subject, *[st.text(max_size=8)] * 11),
            st.text(st.characters(categories=["L", "N", "S", "P"]), min_size=1, max_size=20),
            quality=st.integers(0, 99),
            time=st.datetimes(timezones=st.just(UTC)),
            comment=st.text(max_size=50),
            causes=st.lists(st.sampled_from("MPXΩ🌟"), max_size=3).map(tuple),
            seen=st.dictionaries(st.text(max_size=5), st.floats() | st.integers(), max_size=3),
        ),
        max_size=4,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_whatever_an_event_says_the_store_gives_it_back(store, events):
    store.merge(events)
    ids = {event.id for event in events}
    assert sorted(events, key=lambda e: e.order) == [event for event in store.events() if event.id in ids]


# what goes wrong


def test_a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_room(store):
    kept = judge(comment="small")
    store.append(kept)
    with pages_at_most(store, 0), pytest.raises(StoreError, match=r"the disk is full\. Free some space") as error:
        store.append(judge(comment="large " * 100_000))
    assert error.value.passing
    assert store.events() == [kept]
    late = judge(comment="large " * 100_000)
    assert store.append(late)
    assert store.events() == [kept, late]


@contextmanager
def pages_at_most(store, more: int):
    """The store's file may grow by so many pages."""
    with store._database._engine.connect() as connection:  # the only one in the pool
        raw = connection.connection.dbapi_connection
    (limit,) = raw.execute("PRAGMA max_page_count").fetchone()
    (pages,) = raw.execute("PRAGMA page_count").fetchone()
    raw.execute(f"PRAGMA max_page_count = {pages + more}")
    yield
    raw.execute(f"PRAGMA max_page_count = {limit}")


def test_a_limit_on_the_size_of_files_is_a_sentence(path):
    """A real refusal of the system: it says EFBIG where the disk would say ENOSPC."""
    import resource
    import signal

    with closing(open_store(path)) as store:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            with pytest.raises(StoreError, match="disk"):
                store.append(judge(comment="large " * 100_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
        assert store.append(judge()) and len(store.events()) == 1


def test_a_file_that_may_only_be_read_is_read_and_refuses_to_be_written(store):
    store.append(judge())
    with store._database._engine.connect() as connection:
        raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="it may only be read"):
        store.append(judge())
    raw.execute("PRAGMA query_only = OFF")
    assert len(store.events()) == 1 and store.append(judge())


def test_a_folder_without_permission_is_a_sentence(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    with as_nobody(tmp_path), pytest.raises(StoreError, match=r"it cannot be opened|Permission denied"):
        open_store(folder / "verdicts.sqlite")


@contextmanager
def as_nobody(folder):
    """As a user without rights, where the tests run as one with all."""
    if os.geteuid():
        yield
        return
    opened = [
        parent for parent in (folder, *folder.parents) if parent.stat().st_uid == 0 and parent.stat().st_mode & 5 != 5
    ]
    modes = {parent: parent.stat().st_mode for parent in opened}
    for parent in opened:
        parent.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for parent, mode in modes.items():
            parent.chmod(mode)


def test_a_locked_database_is_a_sentence_and_then_takes_the_event(store, path, monkeypatch):
    monkeypatch.setattr(database_module, "PATIENCE", 0.01)
    event = judge()
    with closing(open_store(path)) as hasty, closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="another program holds it") as error:
            hasty.append(event)
        holder.execute("ROLLBACK")
        assert error.value.passing and hasty.append(event)


@pytest.mark.parametrize("content", [b"SIMPLE  =                    T" * 100, b"x" * 5000], ids=["FITS", "letters"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a SQLite database"):
        open_store(path)
    assert path.read_bytes() == content


def test_a_damaged_database_is_refused_in_words(path):
    with closing(open_store(path)) as store:
        store.merge([judge(comment="x" * 2000) for _ in range(50)])
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xa5" * (len(content) - 4096 * 2)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="it is damaged"), closing(open_store(path)) as store:
        store.events()


def test_the_database_of_another_program_is_refused_and_left_alone(path):
    with closing(sqlite3.connect(path)) as theirs, theirs:
        theirs.execute("CREATE TABLE cookies (value TEXT)")
    with pytest.raises(StoreError, match=r"another program \(it has the table 'cookies'\)"):
        open_store(path)
    with closing(sqlite3.connect(path)) as theirs:
        assert [name for (name,) in theirs.execute("SELECT name FROM sqlite_master")] == ["cookies"]


def test_a_newer_version_is_refused_in_words(path):
    open_store(path).close()
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("UPDATE verdicts_version SET version_num = 'verdicts_99'")
    with pytest.raises(StoreError, match=r"newer version of the inspector \(tables 'verdicts_99'; .*Update") as error:
        open_store(path)
    assert not error.value.passing


def test_a_migration_that_fails_leaves_nothing_behind(path, monkeypatch):
    from inspector.service.verdicts import migrate

    def stop(connection):
        connection.exec_driver_sql("CREATE TABLE half (x)")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as change:
        change.setattr(migrate, "_upgrade", stop)
        with pytest.raises(StoreError, match="No space left"):
            open_store(path)
    with closing(open_store(path)) as store:
        assert store.append(judge())


def test_a_file_that_was_moved_away_is_not_written_to_unseen(store, path):
    store.append(judge())
    path.rename(path.with_name("old.sqlite"))
    assert store.events() == []
    event = judge(3)
    store.append(event)
    with closing(open_store(path)) as again:
        assert again.events() == [event]


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_refused(path, kind):
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(StoreError, match="not a regular file"):
        open_store(path)


def test_a_missing_folder_is_a_sentence(path):
    with pytest.raises(StoreError, match="folder exists"):
        open_store(path.parent / "none" / "verdicts.sqlite")


@pytest.mark.parametrize("address", ["mysql://me:secret@host/x", "sqlite://", "postgresql://me:secret@host:port/x"])
def test_an_address_of_another_kind_is_refused_without_its_password(address):
    with pytest.raises(SettingsError, match=r"postgresql://user@host/database") as error:
        open_store(address)
    assert "secret" not in str(error.value)


def test_the_users_own_store_is_made_with_the_first_verdict_for_him_alone(tmp_path, monkeypatch):
    place = tmp_path / "data" / "apogee-inspector" / "verdicts.sqlite"
    monkeypatch.setattr(store_module, "default_path", lambda: place)
    with closing(open_store()) as store:
        assert store.events() == [] and store.drafts("Ann") == {} and not place.parent.exists()
        store.append(judge())
        assert place.is_file() and place.parent.stat().st_mode & 0o077 == 0


def test_a_child_process_does_not_use_its_parents_connection(store):
    store.append(judge())
    parent = store._database._engine
    store._database._process = -1  # as after a fork
    assert store.append(judge()) and store._database._engine is not parent


def test_the_tables_are_those_the_code_knows(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from inspector.service.verdicts.schema import METADATA, VERSION_TABLE

    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_threads_share_a_store(store):
    barrier = threading.Barrier(4)

    def write(number: int) -> bool:
        barrier.wait()
        return store.append(judge(comment=str(number)))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(write, range(4)))
    assert len(store.events()) == 4


def test_times_are_kept_in_utc(store):
    event = judge(time=datetime.fromisoformat("2026-11-30T12:00:00.000001+05:30"))
    store.append(event)
    (kept,) = store.events()
    assert kept.time == event.time and kept.time.tzinfo is UTC
