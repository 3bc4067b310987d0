"""What holds now: worked out of events in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.exceptions import SettingsError
from inspector.service.verdicts.event import CLEAR, Event, event_from_json, event_json, settlement, undo, verdict
from inspector.service.verdicts.history import reviews, standings
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.subject import Subject

SCHEME = load_scheme()
STAR = Subject(apogee_id="2M00000002+7417074", file="a.fits", file_sha256="a" * 64)
START = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Diary:
    """Events of one subject, a second apart."""

    def __init__(self):
        self.events: list[Event] = []

    def add(self, event: Event, after: Event | None = None) -> Event:
        event = replace(event, time=START + timedelta(seconds=len(self.events)))
        self.events.append(event if after is None else event.superseding(after))
        return self.events[-1]

    def judge(self, quality: int, after: Event | None = None, who: str = "Ann") -> Event:
        return self.add(verdict(STAR, who, quality, SCHEME), after)

    def holds(self, who: str = "Ann"):
        return standings(self.events)[STAR.key, who]


def test_the_newest_verdict_holds_and_undo_brings_back_the_one_before():
    diary = Diary()
    good = diary.judge(4)
    bad = diary.judge(2, good)
    assert diary.holds().verdict is bad and diary.holds().rivals == ()
    back = diary.add(undo(bad, "Ann"))
    assert diary.holds().verdict is good and diary.holds().last is back
    twice = diary.add(undo(back, "Ann"))
    assert diary.holds().verdict is None
    diary.add(undo(twice, "Ann"))
    assert diary.holds().verdict is None and diary.holds().holds is None
    again = diary.judge(3, diary.events[-1])
    assert diary.holds().verdict is again


def test_clearing_is_an_event_that_can_be_undone():
    diary = Diary()
    good = diary.judge(4)
    cleared = diary.judge(0, good)
    assert cleared.kind == CLEAR and diary.holds().verdict is None
    assert reviews(diary.events) == {}
    diary.add(undo(cleared, "Ann"))
    assert diary.holds().verdict is good


def test_two_verdicts_on_the_same_state_are_both_kept_until_both_were_seen():
    diary = Diary()
    good = diary.judge(4)
    bad, ask = diary.judge(2, good), diary.judge(1, good)
    assert diary.holds().verdict is ask and diary.holds().rivals == (bad,)
    care = diary.judge(3, ask)
    assert diary.holds().verdict is care and diary.holds().rivals == ()


def test_people_disagree_and_a_settlement_holds_until_somebody_judges_anew():
    diary = Diary()
    one, other = diary.judge(4), diary.judge(2, who="Bo")
    (review,) = reviews(diary.events).values()
    assert review.disagrees and review.quality is None and review.verdicts == (one, other)
    decision = diary.add(settlement(review.verdicts, "Cy", 3, SCHEME, comment="Halfway."))
    (review,) = reviews(diary.events).values()
    assert not review.disagrees and review.quality == 3 and review.decision is decision
    diary.judge(1, other, who="Bo")
    (review,) = reviews(diary.events).values()
    assert review.disagrees and review.decision is None
    diary.add(settlement(review.verdicts, "Cy", 4, SCHEME))
    diary.add(settlement(review.verdicts, "Cy", None, SCHEME))
    (review,) = reviews(diary.events).values()
    assert review.disagrees


def test_agreement_needs_no_settlement():
    diary = Diary()
    diary.judge(4), diary.judge(4, who="Bo")
    (review,) = reviews(diary.events).values()
    assert not review.disagrees and review.quality == 4


links = st.lists(
    st.tuples(st.sampled_from(["verdict", "clear", "undo"]), st.integers(0, 12), st.integers(0, 4)), max_size=12
)


@given(links, st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter_and_no_link_is_fatal(made, random):
    """Links may point anywhere: forwards, to the event itself, to nothing, in circles."""
    ids = [f"{number}" for number in range(13)]
    events = [
        Event(kind, STAR, "Ann", id=ids[i], time=START + timedelta(seconds=second), quality=2, supersedes=ids[link])
        for i, (kind, link, second) in enumerate(made)
    ]
    there = standings(events)
    mixed = list(events)
    random.shuffle(mixed)
    assert standings(mixed) == there
    for standing in there.values():
        assert standing.last in events and (standing.holds is None or standing.holds in events)


text = st.text(max_size=30)


@given(
    st.builds(Subject, *[text] * 11),
    st.lists(st.sampled_from("MPXΩ🌟"), max_size=4),
    text,
    st.dictionaries(text, st.floats() | st.integers() | text | st.lists(st.booleans()), max_size=3),
    st.datetimes(timezones=st.just(UTC)),
)
def test_an_event_comes_back_from_json_as_it_was(subject, causes, comment, seen, time):
    event = Event(
        "verdict", subject, "Ann", quality=2, causes=tuple(causes), comment=comment, seen=seen, time=time, edits=[seen]
    )
    assert event_from_json(event_json(event)) == event


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "murder"}, "murder"),
        ({"reviewer": " \n"}, "reviewer's name"),
        ({"reviewer": "x" * 101}, "1 to 100"),
        ({"id": "é"}, "ASCII"),
        ({"time": START.replace(tzinfo=None)}, "zone"),
        ({"quality": None}, "without a quality"),
        ({"quality": 2.5}, "2.5"),
        ({"kind": "undo"}, "undoes nothing"),
        ({"seen": {"x": object()}}, "cannot keep object"),
    ],
)
def test_what_is_no_event_is_refused_in_words(fields, said):
    with pytest.raises(SettingsError, match=said):
        Event(**({"kind": "verdict", "subject": STAR, "reviewer": "Ann", "quality": 2} | fields))


def test_a_verdict_outside_the_scheme_is_refused():
    with pytest.raises(SettingsError, match="has 4, 3, 2, 1, 0"):
        verdict(STAR, "Ann", 5, SCHEME)
    with pytest.raises(SettingsError, match="no cause 'Z'"):
        verdict(STAR, "Ann", 4, SCHEME, causes=("M", "Z"))


@pytest.mark.parametrize("said", [{}, {"subject": 3}, {"subject": {}, "time": "noon"}, {"time": None, "subject": {}}])
def test_json_that_is_no_event_is_refused(said):
    with pytest.raises(SettingsError):
        event_from_json(said)
