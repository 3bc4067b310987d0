"""Giving verdicts on what one page shows: each is about the star that was on screen when its key was pressed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from inspector.exceptions import InspectorError, SettingsError
from inspector.service.verdicts.event import Event, reviewer_name, seen_of, settlement, undo, verdict
from inspector.service.verdicts.history import Review
from inspector.service.verdicts.review_desk import ReviewDesk
from inspector.web.judged_spectra import JudgedSpectra
from inspector.web.page_tasks import PageTasks, Work
from inspector.web.queueing import Queueing
from inspector.web.star_opening import StarOpening
from inspector.web.state import InspectorState
from inspector.web.verdict_messages import Given, Typed, read_given, read_key, read_typed
from inspector.web.verdict_progress import VerdictProgress
from inspector.web.verdicts_state import Dispute, Judged, VerdictsState, Writing

ASK_AGAIN = 2.0
"""Seconds until a store that could not be read is asked again."""


class Reviewing:
    """One reviewer's verdicts.

    Parameters
    ----------
    state : InspectorState
    desk : ReviewDesk
        Shared by the pages of a server.
    tasks : PageTasks
    opening : StarOpening
    queue : Queueing
    step : callable
        Leads so many stars on.
    user : str
        Who logged in; empty where nobody did.
    """

    def __init__(
        self,
        state: InspectorState,
        desk: ReviewDesk,
        tasks: PageTasks,
        opening: StarOpening,
        queue: Queueing,
        step: Callable[[int], Work | None],
        user: str = "",
    ) -> None:
        self._desk, self._tasks, self._opening, self._step = desk, tasks, opening, step
        self.scheme, name = desk.terms.scheme, user or desk.terms.reviewer
        self.verdicts = VerdictsState(reviewer=name, named=bool(name), show_others=desk.terms.show_others)
        self._spectra = JudgedSpectra(state, self.verdicts)
        self._progress = VerdictProgress(state, self.verdicts, queue, self.scheme)
        self._state = state
        self._given: list[Judged] = []  # what undo takes back, the newest last
        self._turn = asyncio.Lock()  # one event after the other: the next supersedes the one before
        self._left = ""  # the subject that a verdict leads away from
        self.kept: Callable[[str, int], None] = lambda key, number: None
        self.saved: Callable[[str, str], None] = lambda key, event: None
        self.verdicts.param.watch(self._another, "judged")
        queue.view.param.watch(lambda *_: tasks.start(self._read_own()), "columns")
        self._another()
        tasks.start(self._read_own())

    def hear(self, message: dict[str, Any]) -> Work | None:
        """Do what the browser asks; what is left to do where that takes a while."""
        if "verdict" in message:
            return self._give(read_given(message))
        if "draft" in message:
            return self._keep(read_typed(message, message["draft"]))
        if "undo" in message:
            return self._undo(read_key(message["undo"]))
        if "settle" in message:
            return self._settle(read_key(message["settle"]), str(message.get("event")))
        if "name" in message:
            return self._take_name(str(message["name"]))
        if "open" in message:
            return self._opening.choose(str(message["open"]))
        if "look" in message:
            return self._find_disputes()
        if "go_on" in message:
            self.verdicts.go_on = message["go_on"] is True
        elif "show_others" in message:
            self.verdicts.show_others = message["show_others"] is True
        return None

    # what the store says

    def _another(self, *events: Any) -> None:
        """Ask what was said of a spectrum that has come on screen."""
        judged = self.verdicts.judged
        old = events[0].old if events else None
        if judged is not None and (old is None or old.subject.key != judged.subject.key):
            self._left = ""
            self._tasks.start(self._read_or_say(judged.subject.key))

    async def _read_or_say(self, key: str) -> None:
        try:
            await self._read(key)
        except InspectorError as error:
            await self._say("failed", str(error))

    async def _read(self, key: str) -> None:
        """Ask what was said of a spectrum, and show it."""
        desk, reviewer = await self._desk.open(), self.verdicts.reviewer
        events = await desk.events(reviewer, [key])
        draft = await desk.draft(key, reviewer) if reviewer else None

        def take() -> None:
            if key in self._spectra and reviewer == self.verdicts.reviewer:
                judged = replace(self._spectra[key], ready=True, events=tuple(events), draft=draft)
                self._spectra.keep(judged)
                self._progress.note(judged.subject, judged.entry, judged.standing(reviewer))

        await self._tasks.apply(take)

    async def _read_own(self) -> None:
        """Find out which spectra have a verdict of this reviewer's."""
        reviewer = self.verdicts.reviewer
        if not reviewer:
            return
        try:
            standings = (await (await self._desk.open()).standings(reviewer)).values()
            rows = await asyncio.to_thread(self._progress.rows, standings)
        except InspectorError as error:
            await self._say("failed", str(error))
            return
        await self._tasks.apply(lambda: self._progress.take(standings, rows))

    async def _find_disputes(self) -> None:
        """All disagreements that this reviewer may see."""
        desk = await self._desk.open()
        found = filter(self._may_see, await desk.disagreements(self.verdicts.reviewer))
        names = {entry.name: entry.key for entry in self._state.stars}
        disputes = [
            Dispute(one, self._spectra.entry(one.subject.file_sha256) or names.get(one.subject.file, ""))
            for one in found
        ]
        await self._tasks.apply(lambda: self.verdicts.param.update(disputes=disputes))

    async def visible_reviews(self) -> dict[str, Review]:
        """What all reviewers say of each subject, as far as this one may see it; raises `StoreError`."""
        found = await (await self._desk.open()).reviews(self.verdicts.reviewer)
        return {key: review for key, review in found.items() if self._may_see(review)}

    def _may_see(self, review: Review) -> bool:
        mine = any(event.reviewer == self.verdicts.reviewer for event in review.verdicts)
        return mine or self.verdicts.show_others

    # who

    async def _take_name(self, text: str) -> None:
        """Who gives verdicts from now on, where the server does not know it."""
        if self.verdicts.named:
            return
        name = reviewer_name(text)
        judged = self.verdicts.judged

        def take() -> None:
            self._progress.take(())
            if judged is not None:
                self._spectra.keep(replace(judged, draft=None))
            self.verdicts.reviewer = name

        await self._tasks.apply(take)
        await self._read_own()
        if judged is not None:
            await self._read_or_say(judged.subject.key)

    def _who(self) -> str:
        if not self.verdicts.reviewer:
            raise SettingsError("A verdict needs a name. Type yours into the verdict bar.")
        return self.verdicts.reviewer

    # events

    async def _give(self, given: Given) -> None:
        """Write a verdict, and go on once it is written; after trouble with the store, stay."""
        judged, reviewer = self._spectra[given.typed.key], self._who()
        seen = judged.result
        made = verdict(
            judged.subject,
            reviewer,
            given.quality,
            self.scheme,
            id=given.id,
            causes=given.typed.causes,
            comment=given.typed.comment,
            suggested=self.scheme.suggested({one.evidence for one in judged.suggested}),
            seen=seen_of(seen) if seen is not None else {},
            provenance=seen.provenance.columns if seen is not None else {},
        )
        smooth = await self._write(judged, made)
        self._given.append(judged)
        if smooth and self.verdicts.go_on and not given.stay:
            await self._leave(given.typed.key)

    async def _leave(self, key: str) -> None:
        """Go on to the next star, once for a star however often its key was pressed."""
        judged = self.verdicts.judged
        if judged is None or judged.subject.key != key or self._left == key:
            return
        self._left = key
        if (work := self._step(1)) is not None:
            await work

    async def _undo(self, key: str) -> None:
        """Take back the last verdict of this page, or the one on screen, and show its star."""
        judged = self._given[-1] if self._given else self._spectra[key]
        await self._until_read(judged.subject.key)
        standing = self._spectra[judged.subject.key].standing(self._who())
        if standing is None or standing.holds is None:
            await self._say("told", "There is no verdict to undo.")
            return
        undone = standing.holds
        await self._write(judged, undo(standing.last, self._who()))
        self._given = self._given[:-1]
        if undone.comment or undone.causes:  # what was typed is still there, not sent
            await self._desk.keep_draft(self._who(), judged.subject.key, undone.causes, undone.comment)
            await self._read_or_say(judged.subject.key)
        if judged.entry != self._state.key:
            await self._opening.choose(judged.entry)

    async def _settle(self, key: str, event: str) -> None:
        """Decide a disagreement as one of its verdicts says."""
        await self._until_read(key)
        judged = self._spectra[key]
        review = judged.review
        chosen = next((one for one in review.verdicts if one.id == event), None) if review else None
        if review is None or chosen is None:
            raise SettingsError("This verdict has changed meanwhile. Look at the disagreement again.")
        more = {"causes": chosen.causes, "comment": chosen.comment}
        await self._write(judged, settlement(review.verdicts, self._who(), chosen.quality, self.scheme, **more))
        await self._find_disputes()

    async def _write(self, judged: Judged, made: Event) -> bool:
        """Write an event after the reviewer's last one on its spectrum; whether that went without trouble."""
        key, trouble = judged.subject.key, False

        def told(words: str, wrong: bool) -> None:
            nonlocal trouble
            trouble = trouble or wrong
            self._tasks.start(self._say("failed" if wrong else "saving", words))

        async with self._turn:
            await self._until_read(key)
            last = self._spectra[key].standing(made.reviewer)
            event = made if made.supersedes or last is None else made.superseding(last.last)
            if not self._is_there(key, event):
                await self._desk.save(event, told)
            await self._forget_draft(event)
            await self._read_or_say(key)
        await self._tasks.apply(lambda: self._tell_saved(judged, event))
        return not trouble

    def _is_there(self, key: str, event: Event) -> bool:
        """Whether it is written: sent twice, or a key pressed twice that says nothing new."""
        now = self._spectra[key].verdict(event.reviewer)
        again = now is not None and event.kind == now.kind and _words(now) == _words(event)
        return again or any(one.id == event.id for one in self._spectra[key].events)

    async def _until_read(self, key: str) -> None:
        """Wait until it is known what was said of a spectrum."""
        while not self._spectra[key].ready:
            await self._read_or_say(key)
            if not self._spectra[key].ready:
                await asyncio.sleep(ASK_AGAIN)

    async def _forget_draft(self, event: Event) -> None:
        if event.kind in ("verdict", "clear"):
            try:
                await self._desk.keep_draft(event.reviewer, event.subject.key)
            except InspectorError:  # it says no more than the verdict does
                return

    async def _keep(self, typed: Typed) -> None:
        """Keep what is typed, so that it outlasts the browser too."""
        if typed.key not in self._spectra:
            return
        await self._desk.keep_draft(self._who(), typed.key, typed.causes, typed.comment)
        await self._tasks.apply(lambda: self.kept(typed.key, typed.number))

    def _tell_saved(self, judged: Judged, event: Event) -> None:
        self.saved(judged.subject.key, event.id)
        what = self.scheme.quality_name(event.quality) if event.kind != "undo" else "undone"
        text = f"{judged.subject.star} {'settled: ' if event.kind == 'settle' else ''}{what}"
        self.verdicts.writing = Writing("saved", text, datetime.now(UTC).isoformat())

    async def _say(self, kind: Any, text: str) -> None:
        await self._tasks.apply(lambda: self.verdicts.param.update(writing=Writing(kind, text)))


def _words(event: Event) -> tuple[object, ...]:
    return event.quality, event.causes, event.comment
