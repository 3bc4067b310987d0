"""What one page knows of verdicts: who reviews, what is on screen and was said of it, and whether that is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import param

from inspector.pipeline.result import Result
from inspector.science.evidence import Suggestion
from inspector.service.verdicts.event import Event
from inspector.service.verdicts.history import Review, Standing, reviews, standings
from inspector.service.verdicts.subject import Subject

if TYPE_CHECKING:  # the store's own library takes a moment to import
    from inspector.service.verdicts.drafts import Draft


@dataclass(frozen=True, eq=False)
class Judged:
    """A spectrum that was on screen, as a verdict speaks of it.

    Attributes
    ----------
    subject : Subject
    entry : str
        Key of its star in the list of opened stars.
    suggested : tuple of Suggestion
        What the star's data suggest.
    result : Result or None
        The answer that was last on screen with it; None while none had come.
    ready : bool
        Whether the store has been asked; what follows is unknown until then.
    events : tuple of Event
        All that happened to verdicts on it.
    draft : Draft or None
        What the reviewer typed and has not sent.
    """

    subject: Subject
    entry: str
    suggested: tuple[Suggestion, ...] = ()
    result: Result | None = None
    ready: bool = False
    events: tuple[Event, ...] = ()
    draft: Draft | None = None

    def standing(self, reviewer: str) -> Standing | None:
        """What a reviewer's events come to; None where there are none."""
        return standings(self.events).get((self.subject.key, reviewer))

    def verdict(self, reviewer: str) -> Event | None:
        """A reviewer's verdict in force."""
        standing = self.standing(reviewer)
        return None if standing is None else standing.verdict

    @property
    def review(self) -> Review | None:
        """What all reviewers say; None where nobody has a verdict."""
        return reviews(self.events).get(self.subject.key)


@dataclass(frozen=True)
class Writing:
    """What is to be said of the last event: on its way, written, or why it cannot be.

    Attributes
    ----------
    kind : str
    text : str
        A sentence, or for what is saved what it is.
    time : str
        When it was written: ISO, in UTC.
    """

    kind: Literal["", "saving", "saved", "failed", "told"] = ""
    text: str = ""
    time: str = ""


@dataclass(frozen=True)
class Dispute:
    """A disagreement somewhere in the store.

    Attributes
    ----------
    review : Review
    entry : str
        Key of its star in the list of opened stars; empty where it is not open here.
    """

    review: Review
    entry: str = field(default="")


class VerdictsState(param.Parameterized):
    """One page's side of the verdicts."""

    reviewer = param.String(default="", doc="Who gives verdicts; empty until a name is told.")
    named = param.Boolean(default=False, doc="Whether the server knows the reviewer, by a login or its command line.")
    judged: param.Parameter[Judged | None] = param.Parameter(default=None, doc="What is on screen.")
    writing: param.Parameter[Writing] = param.Parameter(default=Writing())
    place = param.String(default="", doc="Where one is among the stars, and how many have a verdict.")
    go_on = param.Boolean(default=True, doc="Whether a verdict leads to the next star.")
    show_others = param.Boolean(default=False, doc="Whether others' verdicts are shown before one's own is given.")
    disputes = param.List(default=[], item_type=Dispute, doc="All disagreements, once somebody looked.")
