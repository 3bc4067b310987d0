"""Asking what the columns of a table are, where their names do not say it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import panel_material_ui as pmui

from inspector.web.components.html import Html
from inspector.web.page_updates import held
from inspector.web.queue_state import NeedsColumns, QueueState


def columns_dialog(view: QueueState, say: Callable[[str], Any]) -> pmui.Dialog:
    """A dialog with the guess, to be corrected; `say` hears what the columns are."""
    words = Html("", margin=0)
    field = pmui.TextInput(label="Columns: ours=theirs, …", size="small", margin=(12, 0), width=460)
    button = pmui.Button(label="Open the table", size="small", margin=0)
    dialog = pmui.Dialog(
        words, field, button, title="Which column is which?", title_variant="h6", open=False, show_close_button=True,
        sx={"& .MuiIconButton-root": {"color": "inherit"}},
    )  # fmt: skip

    def ask(*_: Any) -> None:
        needs = view.needs
        if needs is not None:
            words.object = _words(needs)
            guess = ",".join(f"{ours}={theirs}" for ours, theirs in needs.guess.items())
            field.param.update(value=guess, value_input=guess)
        dialog.open = needs is not None

    def closed(*_: Any) -> None:
        if not dialog.open:
            view.needs = None

    view.param.watch(held(ask), "needs")
    dialog.param.watch(held(closed), "open")
    button.on_click(lambda _: say(field.value_input or field.value))
    return dialog


def _words(needs: NeedsColumns) -> str:
    example = "apogee_id=STAR,teff=T_NN"
    return (
        f"<p>{escape(needs.why)}</p>"
        f"<p>Write our name, an equals sign and the table's, for example <code>{escape(example)}</code>.</p>"
    )
