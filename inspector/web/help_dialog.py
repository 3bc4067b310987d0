"""What is shown behind "?": every key, and what each verdict and each cause means."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import panel_material_ui as pmui

from inspector.service.verdicts.scheme import Scheme
from inspector.web.components.html import Html
from inspector.web.components.keys import HELP, OF_VERDICTS
from inspector.web.static_files import static_text

KEYS = static_text("keys.css")


def help_dialog(scheme: Scheme | None) -> pmui.Dialog:
    """The dialog, closed; `scheme` is that of the verdicts, where some are taken."""
    table = f"<table>{_rows(HELP.items())}</table>"
    if scheme is not None:
        table += f"<h3>Verdicts</h3><table>{_rows(_of(scheme))}</table>"
    return pmui.Dialog(
        Html(f'<div tabindex="0" role="region" aria-label="Keys and verdicts">{table}</div>', stylesheets=[KEYS]),
        title="Keys",
        title_variant="h6",
        open=False,
        show_close_button=True,
        close_on_click=True,
        sx={"& .MuiIconButton-root": {"color": "inherit"}},  # the button to close is grey on grey in the dark theme
    )


def _of(scheme: Scheme) -> list[tuple[str, str]]:
    qualities = [(quality.key, f"{quality.name}: {quality.definition}") for quality in scheme.qualities]
    causes = [(f"Shift+{cause.letter}", f"{cause.name}: {cause.definition}") for cause in scheme.causes]
    return [*qualities, *OF_VERDICTS.items(), *causes]


def _rows(keys: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<tr><td><kbd>{escape(key)}</kbd></td><td>{escape(what)}</td></tr>" for key, what in keys)
