"""Asking whether a star's file may be fetched, and showing how far that has come."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from inspector.files.untrusted_text import clean
from inspector.web.components.html import Html
from inspector.web.page_tasks import PageTasks
from inspector.web.page_updates import held
from inspector.web.star_finding import Finding


def fetch_dialog(finding: Finding, tasks: PageTasks) -> pmui.Dialog:
    """A dialog that is there while there is an offer."""
    words, progress = Html("", margin=0), Html("", margin=(6, 0))
    fetch = pmui.Button(label="Fetch", size="small", margin=(8, 8, 0, 0))
    leave = pmui.Button(label="Do not fetch", size="small", variant="outlined", margin=(8, 0, 0, 0))
    dialog = pmui.Dialog(
        words, progress, pn.Row(fetch, leave, margin=0), title="Fetch this star?", title_variant="h6", open=False,
        show_close_button=True, sx={"& .MuiIconButton-root": {"color": "inherit"}},
    )  # fmt: skip

    def show(*_: Any) -> None:
        offer = finding.offer
        if offer is not None:
            words.object = _words(offer.name, offer.file, offer.host)
        progress.object = f'<p role="status">{escape(finding.progress)}</p>' if finding.progress else ""
        fetch.disabled = finding.fetching
        leave.label = "Stop" if finding.fetching else "Do not fetch"
        dialog.open = offer is not None

    def closed(*_: Any) -> None:
        if not dialog.open and finding.offer is not None:
            finding.decline()

    finding.param.watch(held(show), ["offer", "fetching", "progress"])
    dialog.param.watch(held(closed), "open")
    fetch.on_click(lambda _: tasks.guarded(finding.accept)())
    leave.on_click(lambda _: tasks.guarded(finding.decline)())
    return dialog


def _words(name: str, file: str, host: str) -> str:
    return (
        f"<p><b>{escape(clean(name, 60))}</b> is not on this machine. {escape(host)} should have"
        f" <code>{escape(file)}</code>. It is fetched once, and kept for the next time.</p>"
    )
