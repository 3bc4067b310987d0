"""The bar in which a verdict is given: qualities and causes by key, a comment, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from inspector.service.verdicts.event import Event
from inspector.service.verdicts.scheme import Scheme
from inspector.web.page_updates import held
from inspector.web.static_files import static_path, static_text
from inspector.web.verdicts_state import Judged, VerdictsState


class VerdictBar(JSComponent):
    """Shows a page's `VerdictsState`; what is pressed and typed is told to `heard`, with the star it is about."""

    scheme = param.Dict(default={}, doc="Qualities and causes, as the scheme defines them.")
    reviewer = param.String(default="")
    named = param.Boolean(default=False)
    judged = param.Dict(default={}, doc="What is on screen, and what was said of it.")
    status = param.Dict(default={}, doc="kind, text and time of the last event.")
    place = param.String(default="")
    go_on = param.Boolean(default=True)
    show_others = param.Boolean(default=False)
    disputes = param.List(default=[])

    _esm = static_path("verdict_bar.js")
    _stylesheets: ClassVar[list[str]] = [static_text("verdict_bar.css")]

    def __init__(
        self, state: VerdictsState, scheme: Scheme, heard: Callable[[dict[str, Any]], None], **params: Any
    ) -> None:
        super().__init__(scheme=scheme_dict(scheme), sizing_mode="stretch_width", height=36, margin=0, **params)
        self._verdicts, self._heard = state, heard
        for name in ("reviewer", "named", "place", "go_on", "show_others"):
            state.param.watch(held(lambda event: self.param.update(**{event.name: event.new})), name)
        state.param.watch(held(self._show), ["judged", "show_others", "reviewer"])
        state.param.watch(held(self._tell_writing), "writing")
        state.param.watch(held(self._tell_disputes), "disputes")
        same = {name: getattr(state, name) for name in ("reviewer", "named", "place", "go_on", "show_others")}
        self.param.update(**same)
        self._show()

    def kept(self, key: str, number: int) -> None:
        """Tell the browser that the server has a draft, so that it need not keep it."""
        self._send_msg({"kept": key, "number": number})

    def saved(self, key: str, event: str) -> None:
        """Tell the browser that an event is written."""
        self._send_msg({"saved": key, "id": event})

    def _show(self, *_: Any) -> None:
        judged = self._verdicts.judged
        self.judged = judged_dict(judged, self._verdicts, self.scheme) if judged else {}

    def _tell_writing(self, *_: Any) -> None:
        self.status = vars(self._verdicts.writing)

    def _tell_disputes(self, *_: Any) -> None:
        self.disputes = [
            {
                "star": dispute.review.subject.star,
                "spectrum": dispute.review.subject.spectrum,
                "open": dispute.entry,
                "verdicts": [event_dict(event) for event in dispute.review.verdicts],
            }
            for dispute in self._verdicts.disputes
        ]

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            self._heard(data)


def scheme_dict(scheme: Scheme) -> dict[str, Any]:
    """A scheme for the browser."""
    return {
        "qualities": [dict(vars(one)) for one in scheme.qualities],
        "causes": [dict(vars(c)) for c in scheme.causes],
    }


def judged_dict(judged: Judged, state: VerdictsState, scheme: dict[str, Any]) -> dict[str, Any]:
    """What is on screen for the browser; others' verdicts stay on the server until they may be seen."""
    mine, draft, review = judged.verdict(state.reviewer), judged.draft, judged.review
    sentences = {one.evidence: one.sentence for one in judged.suggested}
    seen = review is not None and (state.show_others or mine is not None)
    others = [event for event in review.verdicts if event.reviewer != state.reviewer] if review and seen else []
    decision = review.decision if review and seen else None
    return {
        "key": judged.subject.key,
        "star": judged.subject.star,
        "spectrum": judged.subject.spectrum,
        "ready": judged.ready,
        "mine": event_dict(mine) if mine else None,
        "draft": {"causes": list(draft.causes), "comment": draft.comment} if draft else None,
        "suggested": [
            {"letter": cause["letter"], "sentence": sentences[cause["evidence"]]}
            for cause in scheme["causes"]
            if cause["evidence"] in sentences
        ],
        "others": [event_dict(event) for event in others],
        "hidden": not (state.show_others or mine is not None),
        "disagree": [event_dict(event) for event in review.verdicts] if review and seen and review.disagrees else [],
        "settled": event_dict(decision) if decision else None,
    }


def event_dict(event: Event) -> dict[str, Any]:
    """A verdict for the browser."""
    return {
        "id": event.id,
        "reviewer": event.reviewer,
        "quality": event.quality,
        "causes": list(event.causes),
        "comment": event.comment,
        "time": event.time.isoformat(),
    }
