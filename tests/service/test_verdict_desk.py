"""The desk where pages hand in verdicts: it tries until they are written, and shows nobody too much."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from inspector.exceptions import StoreError
from inspector.service.verdicts import store as store_module
from inspector.service.verdicts.desk import SAVED, SAVING, WAITING, Saving, VerdictDesk, in_words, open_desk
from inspector.service.verdicts.drafts import Draft
from inspector.service.verdicts.event import settlement, undo, verdict
from inspector.service.verdicts.review_desk import ReviewDesk, ReviewTerms
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.store import open_outbox, open_store
from inspector.service.verdicts.subject import Subject

SCHEME = load_scheme()
STAR, OTHER = (Subject(apogee_id="2M00000002+7417074", file_sha256=letter * 64) for letter in "ab")


def judge(quality=4, who="Ann", subject=STAR, **more):
    return verdict(subject, who, quality, SCHEME, **more)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "default_path", lambda: tmp_path / "own" / "verdicts.sqlite")
    return open_store(tmp_path / "verdicts.sqlite")


@asynccontextmanager
async def desk_of(store, **options):
    desk = VerdictDesk(store, pauses=(0.0,), **options)
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def broken(store, monkeypatch):
    """A store that cannot be written."""

    def refuse(events):
        raise StoreError("the disk is full.")

    with monkeypatch.context() as change:
        change.setattr(store, "merge", refuse)
        yield


def run(story):
    return asyncio.run(asyncio.wait_for(story, 60))


def test_saved_is_said_only_once_it_is_on_disk(store, tmp_path):
    async def story():
        async with desk_of(store) as desk:
            steps = []

            def told(step):
                with closing(open_store(tmp_path / "verdicts.sqlite")) as other:
                    steps.append((step.state, len(other.events())))

            saved = await desk.save(judge(), told)
            await asyncio.sleep(0)
            assert saved.state == SAVED and saved.time is not None
            assert [state for state, _ in steps] == [SAVING, SAVED] and steps[-1][1] == 1

    run(story())


def test_what_cannot_be_written_is_tried_until_it_can_and_kept_once(store, monkeypatch):
    async def story():
        async with desk_of(store) as desk:
            event, steps, thrice = judge(comment="typed"), [], asyncio.Event()

            def told(step):
                steps.append(step)
                if sum(step.state == WAITING for step in steps) == 3:
                    thrice.set()

            with broken(store, monkeypatch):
                saving = asyncio.create_task(desk.save(event, told))
                await thrice.wait()
                assert not saving.done() and steps[1] == Saving(WAITING, None, "the disk is full.", 0.0)
            assert (await saving).state == SAVED
            assert store.events() == [event]

    run(story())


def test_a_page_that_goes_away_does_not_take_its_verdict_along(store, monkeypatch):
    async def story():
        async with desk_of(store) as desk:
            event, heard = judge(), asyncio.Event()
            with broken(store, monkeypatch):
                page = asyncio.create_task(desk.save(event, lambda step: heard.set()))
                await heard.wait()
                page.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await page
            await asyncio.gather(*desk._under_way)
            assert store.events() == [event]

    run(story())


def test_a_listener_that_fails_does_not_stop_the_writing(store):
    async def story():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        async with desk_of(store) as desk:
            assert (await desk.save(judge(), lambda step: 1 / 0)).state == SAVED

    run(story())


def test_what_trying_again_cannot_help_is_raised(store):
    async def story():
        async with desk_of(store) as desk:
            event = judge()
            await desk.save(event)
            with pytest.raises(StoreError, match="changed or forged"):
                await desk.save(judge(3, id=event.id))

    run(story())


def test_what_a_server_could_not_write_before_it_was_killed_is_sent_by_the_next(store, tmp_path, monkeypatch):
    event = judge(comment="while the database was away")

    async def killed():
        desk = VerdictDesk(store, open_outbox(store), pauses=(1e6,))
        waiting = asyncio.Event()
        with broken(store, monkeypatch):
            saving = asyncio.create_task(desk.save(event, lambda step: step.state == WAITING and waiting.set()))
            await waiting.wait()
        saving.cancel()
        for task in desk._under_way:
            task.cancel()
        desk.close()

    async def next_server():
        with closing(open_desk(tmp_path / "verdicts.sqlite")) as desk:
            assert await desk.events("Ann") == [event]
            assert await desk.send_outbox() == 0

    run(killed())
    run(next_server())


def test_an_outbox_that_cannot_be_written_either_is_no_reason_to_stop(store, monkeypatch):
    async def story():
        outbox = open_outbox(store)
        async with desk_of(store, outbox=outbox) as desk:
            waiting = asyncio.Event()
            with broken(outbox, monkeypatch), broken(store, monkeypatch):
                saving = asyncio.create_task(desk.save(judge(), lambda step: step.state == WAITING and waiting.set()))
                await waiting.wait()
            assert (await saving).state == SAVED

    run(story())


def test_others_verdicts_are_seen_only_beside_ones_own(store):
    async def story():
        async with desk_of(store) as desk:
            await desk.save(judge(4))
            await desk.save(judge(4, subject=OTHER))
            assert await desk.reviews("Bo") == {} and await desk.disagreements("Bo") == []
            assert await desk.events("Bo") == [] and len(await desk.events("Ann")) == 2
            mine = judge(2, who="Bo")
            await desk.save(mine)
            assert set(await desk.reviews("Bo")) == {STAR.key}
            assert [event.reviewer for event in await desk.events("Bo")] == ["Ann", "Bo"]
            assert len(await desk.events("Ann", [OTHER.key])) == 1
            (review,) = await desk.disagreements("Bo")
            assert review.qualities == (4, 2)
            await desk.save(undo(mine, "Bo"))
            assert await desk.reviews("Bo") == {}
            desk.blind = False
            assert set(await desk.reviews("Bo")) == {STAR.key, OTHER.key}
            assert len(await desk.events("Bo")) == 4

    run(story())


def test_standings_are_ones_own_and_follow_other_servers(store, tmp_path):
    async def story():
        async with desk_of(store) as desk:
            first = judge(4)
            await desk.save(first)
            assert (await desk.standing(STAR.key, "Ann")).verdict == first
            assert await desk.standing(STAR.key, "Bo") is None
            with closing(open_store(tmp_path / "verdicts.sqlite")) as other_server:
                second = judge(3).superseding(first)
                other_server.merge([second, judge(1, who="Bo")])
            own = await desk.standings("Ann")
            assert set(own) == {STAR.key} and own[STAR.key].verdict == second

    run(story())


def test_a_store_that_is_put_in_the_place_of_another_is_read_anew(store, tmp_path):
    async def story():
        async with desk_of(store) as desk:
            await desk.save(judge(4))
            assert await desk.standings("Ann")
            with closing(open_store(tmp_path / "copy.sqlite")) as copy:
                copy.append(judge(2, who="Bo"))
            for end in ("", "-wal", "-shm"):
                (tmp_path / f"verdicts.sqlite{end}").unlink(missing_ok=True)
            (tmp_path / "copy.sqlite").rename(tmp_path / "verdicts.sqlite")
            assert await desk.standings("Ann") == {} and set(await desk.standings("Bo")) == {STAR.key}

    run(story())


def test_drafts_outlive_the_desk_and_end_with_the_verdict_they_became(store):
    draft = Draft("Ann", STAR.key, 3, ("M",), "half a sent")

    async def typing():
        async with desk_of(store) as desk:
            await desk.keep_draft(draft)
            await desk.keep_draft(Draft("Ann", OTHER.key, comment="x"))
            await desk.keep_draft(Draft("Ann", OTHER.key))
            assert await desk.draft(OTHER.key, "Ann") is None

    async def sending():
        async with desk_of(store) as desk:
            assert await desk.draft(STAR.key, "Ann") == draft and await desk.draft(STAR.key, "Bo") is None
            event = judge(3, comment="half a sentence")
            later = Draft("Ann", STAR.key, comment="and more, in another window")
            await desk.save(event)
            assert await desk.draft(STAR.key, "Ann") is None
            await desk.keep_draft(later)
            await desk.save(event)  # sent again, it does not take what was typed since
            assert await desk.draft(STAR.key, "Ann") == later

    run(typing())
    run(sending())


def test_the_summary_counts_spectra_people_and_agreement(store):
    async def story():
        async with desk_of(store) as desk:
            for event in (judge(4), judge(2, who="Bo"), judge(4, subject=OTHER), judge(4, who="Bo", subject=OTHER)):
                await desk.save(event)
            (review,) = await desk.disagreements("Ann")
            summary = await desk.summary()
            assert (summary.spectra, summary.disagreements, dict(summary.by_quality)) == (2, 1, {4: 1})
            assert "Ann and Bo: the same on 50% of 2 spectra, κ = 0.00" in summary.text(SCHEME)
            await desk.save(settlement(review.verdicts, "Cy", 2, SCHEME))
            text = (await desk.summary()).text(SCHEME)
            assert "1  2 bad" in text and "1 disagreement was settled" in text and "in disagreement" not in text

    run(story())


def test_what_the_page_says():
    assert in_words(Saving(SAVING)) == "Saving…"
    assert in_words(Saving(WAITING, None, "The disk is full.", 5.0)).endswith(
        "The disk is full. It is tried again in 5 s."
    )


def test_the_desks_of_two_server_processes_on_one_file_lose_nothing(tmp_path):
    """As `--num-procs 2` has them: each with a store of its own, and one outbox for both."""
    place, script = tmp_path / "verdicts.sqlite", Path(__file__).with_name("desk_writer.py")
    command = [sys.executable, str(script), str(place)]
    open_store(place).close()  # a server checks the store before its processes part
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ExitStack() as stack:
        desks = [stack.enter_context(subprocess.Popen([*command, who, "60"], **piped)) for who in ("Ann", "Bo")]
        assert [desk.stdout.readline() for desk in desks] == ["ready\n"] * 2
        assert [desk.communicate("go\n")[0] for desk in desks] == ["60\n"] * 2
    with closing(open_desk(place)) as desk:
        assert run(desk.summary()).by_reviewer == {"Ann": 60, "Bo": 60}
    with closing(open_store(place)) as store:
        events = store.events()
        assert len({event.id for event in events}) == len(events) == 120


def test_the_pages_desk_has_an_outbox_and_leaves_hiding_to_each_page(tmp_path):
    desk = ReviewDesk(ReviewTerms(SCHEME, tmp_path / "verdicts.sqlite"))
    opened = run(desk.open())
    assert opened._outbox is not None and opened._outbox.place == open_outbox(opened._store).place
    assert not opened.blind
    desk.close()
