"""Verdicts of a page without a browser: about which star they are, what they keep, and who sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_services import services_for, session_of
from makers import write_apstar
from random_network import random_network

from inspector.exceptions import StoreError
from inspector.science.noise_model import NoiseModel
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.table_answer import TableAnswer
from inspector.service.verdicts.desk import VerdictDesk
from inspector.service.verdicts.event import Event
from inspector.service.verdicts.review_desk import ReviewDesk, ReviewTerms
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.store import Store, open_store
from inspector.web.components.verdict_bar import judged_dict, scheme_dict
from inspector.web.session import Session

SCHEME = load_scheme()
NETWORK = random_network()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three stars; the first has two visits."""
    folder = tmp_path_factory.mktemp("stars")
    return [
        write_apstar(folder / f"{name}.fits", n_visits=2, OBJID=f"2M-{name}", H=magnitude)
        for name, magnitude in (("a", 10.0), ("b", 11.0), ("c", 12.0))
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "verdicts.sqlite")) as store:
        yield store


Pages = Callable[..., Session]


@pytest.fixture
def page(files: list[Path], store: Store) -> Iterator[Pages]:
    """Opens pages of one server; the reviewer is Ann unless said otherwise."""
    opened: list[Session] = []

    def new(reviewer: str = "Ann", user: str = "", **terms: Any) -> Session:
        desk = ReviewDesk(ReviewTerms(SCHEME, None, reviewer, **terms))
        desk._desk = VerdictDesk(store, blind=False, pauses=(0.0,))
        services = services_for(files, network=NETWORK, noise_model=NoiseModel.identity(), verdicts=desk, mc_num=4)
        opened.append(Session(services, lambda act: act(), user=user) if user else session_of(services))
        return opened[-1]

    yield new
    for session in opened:
        session.close()
        session.services.close()


def key(session: Session) -> str:
    return session.reviewing.verdicts.judged.subject.key


def tell(session: Session, **message: Any) -> None:
    session.guarded(session.reviewing.hear)(message)


def give(session: Session, quality: int, about: str = "", causes: Any = (), comment: str = "", **more: Any) -> None:
    number = len(_numbers)
    _numbers.append(number)
    typed = {"causes": list(causes), "comment": comment.encode(), "number": number}
    tell(session, verdict=about or key(session), id=f"event-{number}", quality=quality, **typed, **more)


_numbers: list[int] = []


def star(session: Session) -> str:
    return session.state.star.id


def said(events: list[Event]) -> list[tuple[str, str, int | None]]:
    return [(event.kind, event.subject.apogee_id, event.quality) for event in events]


def test_a_verdict_is_written_with_what_was_seen_and_leads_on(page: Pages, store: Store) -> None:
    session = page()
    result = session.state.result
    give(session, 3, causes=("M", "X"), comment="λ 🌟\nاختبار")
    (event,) = store.events()
    assert (event.quality, event.causes, event.comment) == (3, ("M", "X"), "λ 🌟\nاختبار")
    assert (event.subject.apogee_id, event.subject.spectrum) == ("2M-a", "coadd")
    assert event.subject.file_sha256 == result.file_sha256 and event.reviewer == "Ann"
    assert event.seen["labels"]["teff"] == [float(result.value[0]), float(result.shown_error[0])]
    assert event.provenance == result.provenance.columns
    assert (event.scheme, event.scheme_version) == (SCHEME.name, SCHEME.version)
    assert star(session) == "2M-b"
    assert session.reviewing.verdicts.writing.kind == "saved"
    assert session.reviewing.verdicts.place == "2 of 3 · 1 with a verdict"


def test_a_table_that_disagrees_is_suggested_once_there_is_an_answer(page: Pages, store: Store) -> None:
    session = page()
    live = session.state.result
    key_of_row = SpectrumKey(spectrum="coadd")
    session.state.table_answer = TableAnswer(
        "t.fits", 0, key_of_row, live.value + 9 * live.shown_error, live.shown_error, live.shown_error
    )
    suggested = {one.evidence: one.sentence for one in session.reviewing.verdicts.judged.suggested}
    assert suggested["table_disagrees"].startswith("The table differs in ") and "6.4σ" in suggested["table_disagrees"]
    give(session, 3)
    assert "D" in store.events()[0].suggested
    assert "table_disagrees" not in {one.evidence for one in session.reviewing.verdicts.judged.suggested}  # next star


def test_a_verdict_is_about_the_star_of_its_key_however_late_it_comes(page: Pages, store: Store) -> None:
    session = page()
    pressed, seen = key(session), session.state.result
    session.press("n")
    assert star(session) == "2M-b"
    give(session, 2, about=pressed)
    (event,) = store.events()
    assert event.subject.apogee_id == "2M-a" and event.subject.key == pressed
    assert event.seen["labels"]["teff"][0] == float(seen.value[0])
    assert star(session) == "2M-b"  # nobody is led on from where they went by themselves


def test_a_key_pressed_twice_is_one_verdict_and_one_step(page: Pages, store: Store) -> None:
    session = page()
    pressed = key(session)
    give(session, 4, about=pressed)
    give(session, 4, about=pressed)
    assert said(store.events()) == [("verdict", "2M-a", 4)]
    give(session, 2, about=pressed)  # thought better of
    assert said(store.events()) == [("verdict", "2M-a", 4), ("verdict", "2M-a", 2)]
    assert store.events()[1].supersedes == store.events()[0].id
    assert star(session) == "2M-b"


def test_an_event_that_is_sent_again_is_written_once(page: Pages, store: Store) -> None:
    session = page()
    message = {"verdict": key(session), "id": "the-same", "quality": 4, "causes": [], "comment": b"", "number": 1}
    tell(session, **message, stay=True)
    tell(session, **message, stay=True)
    give(session, 2, stay=True)
    tell(session, **message, stay=True)  # after a broken connection
    assert [event.quality for event in store.events()] == [4, 2]


def test_of_a_spectrum_without_an_answer_no_numbers_are_kept(page: Pages, store: Store) -> None:
    session = page()
    session.state.result = replace(session.state.result, spectrum_name="visit 1")  # another one's, still on its way
    give(session, 1)
    (event,) = store.events()
    assert (event.seen, event.provenance) == ({}, {})


def test_a_visit_is_judged_by_itself(page: Pages, store: Store) -> None:
    session = page()
    session.press("]")
    give(session, 2, stay=True)
    session.press("[")
    give(session, 4, stay=True)
    assert [event.subject.spectrum.split(" ·")[0] for event in store.events()] == ["visit 1", "coadd"]
    assert all(event.supersedes is None for event in store.events())


def test_undo_goes_back_to_the_star_and_keeps_what_was_typed(page: Pages, store: Store) -> None:
    session = page()
    give(session, 2, causes=("P",), comment="blue")
    tell(session, undo=key(session))
    assert star(session) == "2M-a"
    assert [kind for kind, *_ in said(store.events())] == ["verdict", "undo"]
    judged = session.reviewing.verdicts.judged
    assert judged.verdict("Ann") is None and (judged.draft.comment, judged.draft.causes) == ("blue", ("P",))
    assert session.reviewing.verdicts.place == "1 of 3 · 0 with a verdict"
    tell(session, undo=key(session))
    assert "no verdict to undo" in session.reviewing.verdicts.writing.text
    assert len(store.events()) == 2


def test_a_verdict_is_cleared_and_a_later_visit_finds_it_so(page: Pages, store: Store) -> None:
    session = page()
    give(session, 4, stay=True)
    give(session, 0, stay=True)
    assert [kind for kind, *_ in said(store.events())] == ["verdict", "clear"]
    assert page().reviewing.verdicts.place == "1 of 3 · 0 with a verdict"


def test_with_the_switch_off_the_star_stays(page: Pages) -> None:
    session = page()
    tell(session, go_on=False)
    give(session, 4)
    assert star(session) == "2M-a"


def test_a_draft_outlasts_the_page_and_goes_with_the_verdict(page: Pages, store: Store) -> None:
    told: list[tuple[str, int]] = []
    session = page()
    session.reviewing.kept = lambda subject, number: told.append((subject, number))
    tell(session, draft=key(session), number=7, causes=["S"], comment=b"half a sen")
    assert told == [(key(session), 7)]
    later = page()
    assert later.reviewing.verdicts.judged.draft.comment == "half a sen"
    give(later, 3, causes=("S",), comment="half a sentence", stay=True)
    assert store.drafts("Ann") == {} and later.reviewing.verdicts.judged.draft is None


def test_others_verdicts_do_not_leave_the_server_before_ones_own(page: Pages, store: Store) -> None:
    ann, bo = page("Ann"), page("Bo")
    give(ann, 4, comment="fine to me", stay=True)
    bo.press("n"), bo.press("p")
    assert shown(bo)["hidden"] and "fine to me" not in str(shown(bo))
    tell(bo, look=True)
    assert bo.reviewing.verdicts.disputes == []
    tell(bo, show_others=True)
    assert [one["comment"] for one in shown(bo)["others"]] == ["fine to me"]
    tell(bo, show_others=False)
    give(bo, 2, comment="not to me", stay=True)
    assert [one["comment"] for one in shown(bo)["others"]] == ["fine to me"]
    assert [one["reviewer"] for one in shown(bo)["disagree"]] == ["Ann", "Bo"]
    assert page("Cy", show_others=True).reviewing.verdicts.show_others


def shown(session: Session) -> dict[str, Any]:
    return judged_dict(session.reviewing.verdicts.judged, session.reviewing.verdicts, scheme_dict(SCHEME))


def test_a_disagreement_is_found_opened_and_settled(page: Pages, store: Store) -> None:
    ann, bo = page("Ann"), page("Bo")
    give(ann, 4, stay=True)
    give(bo, 2, causes=("P",), comment="persistence in the blue")
    assert star(bo) == "2M-b"
    tell(bo, look=True)
    (dispute,) = bo.reviewing.verdicts.disputes
    tell(bo, open=dispute.entry)
    assert star(bo) == "2M-a"
    mine = next(one for one in shown(bo)["disagree"] if one["reviewer"] == "Bo")
    tell(bo, settle=key(bo), event=mine["id"])
    assert shown(bo)["disagree"] == [] and shown(bo)["settled"]["quality"] == 2
    assert bo.reviewing.verdicts.disputes == []
    (review,) = store.reviews().values()
    assert review.decision.settles == tuple(event.id for event in review.verdicts)
    assert review.decision.comment == "persistence in the blue"


def test_while_the_store_refuses_it_is_said_and_the_page_stays(
    page: Pages, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = page()
    told: list[tuple[str, str]] = []
    session.reviewing.verdicts.param.watch(lambda e: told.append((e.new.kind, e.new.text)), "writing")
    append, left = store.append, [StoreError("The disk is full. Free some space.")] * 2

    def refuse(event: Event) -> bool:
        if left:
            raise left.pop()
        return append(event)

    monkeypatch.setattr(store, "append", refuse)
    give(session, 4)
    assert [kind for kind, _ in told].count("failed") == 2
    assert any("The disk is full" in text and "again in" in text for _, text in told)
    assert said(store.events()) == [("verdict", "2M-a", 4)]
    assert session.reviewing.verdicts.writing.kind == "saved"
    assert star(session) == "2M-a"  # whoever had trouble is not led on minutes later


def test_a_name_is_told_once_and_a_login_s_is_not_changed(page: Pages, store: Store) -> None:
    session = page("")
    give(session, 4)
    assert "needs a name" in session.state.message.text and store.events() == []
    tell(session, name="  Ann   Lee ")
    assert session.reviewing.verdicts.reviewer == "Ann Lee"
    logged_in = page("", user="bo@example.org")
    tell(logged_in, name="Ann Lee")
    give(logged_in, 2)
    assert [event.reviewer for event in store.events()] == ["bo@example.org"]


def test_another_name_sees_its_own_verdicts(page: Pages, store: Store) -> None:
    session = page("")
    tell(session, name="Ann")
    give(session, 4, stay=True)
    tell(session, name="Bo")
    assert session.reviewing.verdicts.place == "1 of 3 · 0 with a verdict"
    assert shown(session)["mine"] is None and shown(session)["others"] == []
    tell(session, name="Ann")
    assert shown(session)["mine"]["quality"] == 4


@pytest.mark.parametrize(
    "message",
    [
        {"verdict": None, "id": "x", "quality": 4, "causes": [], "comment": b""},
        {"verdict": "k" * 5000, "id": "x", "quality": 4, "causes": [], "comment": b""},
        {"verdict": "nobody/coadd", "id": "x", "quality": 4, "causes": [], "comment": b"", "number": 1},
        {"quality": "4", "id": "x", "causes": [], "comment": b""},
        {"quality": 17, "id": "x", "causes": [], "comment": b""},
        {"quality": 4, "id": "x" * 100, "causes": [], "comment": b""},
        {"quality": 4, "id": "x", "causes": ["nonsense"], "comment": b""},
        {"quality": 4, "id": "x", "causes": [4], "comment": b""},
        {"quality": 4, "id": "x", "causes": [], "comment": "a text"},
        {"quality": 4, "id": "x", "causes": [], "comment": bytes(5 << 20)},
        {"settle": "", "event": "x"},
        {"name": "\n" * 500},
        {"open": "../../etc/passwd"},
    ],
)
def test_what_no_page_sends_is_refused_with_a_sentence(page: Pages, store: Store, message: dict[str, Any]) -> None:
    session = page("" if "name" in message else "Ann")
    tell(session, **({"verdict": key(session)} if "quality" in message and "verdict" not in message else {}), **message)
    assert session.state.message.severity == "error" and len(session.state.message.text) < 400
    assert "log has the details" not in session.state.message.text
    assert store.events() == []


def test_bytes_that_are_no_text_are_a_comment_all_the_same(page: Pages, store: Store) -> None:
    session = page()
    tell(session, verdict=key(session), id="x", quality=4, causes=[], comment=b"\xff\x00ok", number=1)
    assert store.events()[0].comment.endswith("ok")
