"""What holds now, worked out of the events: each reviewer's verdict on a subject, disagreements, and what settled them.

Order is that of the events' times, not of their arrival, so that stores that were merged say the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inspector.service.verdicts.event import CLEAR, SETTLE, UNDO, VERDICT, Event
from inspector.service.verdicts.subject import Subject


@dataclass(frozen=True)
class Standing:
    """What one reviewer's events on one subject come to.

    Attributes
    ----------
    last : Event
        The newest event that no other supersedes: what the next one supersedes.
    holds : Event or None
        The verdict or clear that is in force; None where all was undone.
    rivals : tuple of Event
        Verdicts beside it that `last` had not seen: somebody under the same name judged at the same time.
    """

    last: Event
    holds: Event | None
    rivals: tuple[Event, ...] = ()

    @property
    def verdict(self) -> Event | None:
        """The verdict in force; None where it was cleared or undone."""
        return self.holds if self.holds is not None and self.holds.kind == VERDICT else None

    @property
    def subject(self) -> Subject:
        """Of these events."""
        return self.last.subject


@dataclass(frozen=True)
class Review:
    """What all reviewers say of one subject.

    Attributes
    ----------
    subject : Subject
    verdicts : tuple of Event
        In force, one for each reviewer, in order of time.
    decision : Event or None
        The newest settlement, if it decides between just these verdicts.
    """

    subject: Subject
    verdicts: tuple[Event, ...]
    decision: Event | None = None

    @property
    def qualities(self) -> tuple[int, ...]:
        """Those given, each once."""
        return tuple(dict.fromkeys(event.quality for event in self.verdicts if event.quality is not None))

    @property
    def disagrees(self) -> bool:
        """Whether two reviewers gave different qualities and nothing has settled it."""
        return len(self.qualities) > 1 and self.decision is None

    @property
    def quality(self) -> int | None:
        """What holds of the subject: the settlement's, or what all agree on; None where neither is."""
        if self.decision is not None:
            return self.decision.quality
        return self.qualities[0] if len(self.qualities) == 1 else None


Key = tuple[str, str]
"""A subject's key, and a reviewer."""


def standings(events: Iterable[Event]) -> dict[Key, Standing]:
    """Each reviewer's standing on each subject.

    Parameters
    ----------
    events : iterable of Event
        Every event of the subjects in question; settlements do not count.
    """
    groups: dict[Key, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind in (VERDICT, CLEAR, UNDO):
            groups[event.subject.key, event.reviewer].append(event)
    return {key: _standing(group) for key, group in groups.items()}


def reviews(events: Iterable[Event]) -> dict[str, Review]:
    """What all reviewers say of each subject, by its key; without those that nobody has a verdict on."""
    events = list(events)
    verdicts: dict[str, list[Event]] = defaultdict(list)
    for (key, _), standing in standings(events).items():
        if standing.verdict is not None:
            verdicts[key].append(standing.verdict)
    decisions = _decisions(events)
    return {key: _review(held, decisions.get(key)) for key, held in verdicts.items()}


def _review(verdicts: list[Event], decision: Event | None) -> Review:
    held = tuple(sorted(verdicts, key=lambda event: event.order))
    valid = decision is not None and {event.id for event in held} <= set(decision.settles)
    return Review(held[-1].subject, held, decision if valid else None)


def _decisions(events: Sequence[Event]) -> dict[str, Event]:
    """The newest settlement of each subject; none where that withdraws the one before."""
    newest: dict[str, Event] = {}
    for event in sorted((event for event in events if event.kind == SETTLE), key=lambda event: event.order):
        newest[event.subject.key] = event
    return {key: event for key, event in newest.items() if event.quality is not None}


def _standing(group: list[Event]) -> Standing:
    by_id = {event.id: event for event in group}
    superseded = {event.supersedes for event in group if event.supersedes != event.id}
    heads = [event for event in group if event.id not in superseded] or group  # a circle has no head
    *others, last = sorted(heads, key=lambda event: event.order)
    before = by_id.get(last.supersedes or "")
    unseen = [event for event in others if before is None or event.order > before.order]
    holds = _holds(last, by_id)
    held = (_holds(event, by_id) for event in unseen)
    rivals = [event for event in held if event is not None and event.kind == VERDICT and event is not holds]
    return Standing(last, holds, tuple(dict.fromkeys(rivals)))


def _holds(head: Event, by_id: Mapping[str, Event]) -> Event | None:
    """The verdict or clear that is in force after an event: an undo takes back the one in force before it."""
    chain: dict[str, Event] = {}
    follow: Event | None = head
    while follow is not None and follow.id not in chain:
        chain[follow.id] = follow
        follow = by_id.get(follow.supersedes or "")
    after: dict[str, Event | None] = {}
    for event in reversed(chain.values()):
        held: Event | None = event
        if event.kind == UNDO:
            undone = after.get(event.supersedes or "")
            held = after.get(undone.supersedes or "") if undone is not None else None
        after[event.id] = held
    return after[head.id]
