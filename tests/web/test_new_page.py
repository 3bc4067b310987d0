"""Who gets a page, and how many a server gives out."""

from __future__ import annotations

from pathlib import Path

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.document import Document
from made_services import services_for, session_of
from makers import write_apstar
from panel.io.state import set_curdoc

from inspector.web.server import new_page as module
from inspector.web.server.new_page import FULL, STRANGER, new_page


def test_a_server_with_as_many_pages_as_it_may_says_so_until_one_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    services = services_for([write_apstar(tmp_path / "star.fits", n_visits=1)])
    sessions = [session_of(services) for _ in range(2)]
    with set_curdoc(Document()):
        assert isinstance(refused := new_page(services), pn.pane.Str) and refused.object == FULL
    sessions[0].close()
    with set_curdoc(Document()):
        assert isinstance(new_page(services), pmui.Page)
    sessions[1].close()
    services.close()


def test_where_people_log_in_nobody_else_gets_a_page(tmp_path: Path) -> None:
    services = services_for([write_apstar(tmp_path / "star.fits", n_visits=1)])
    with set_curdoc(Document()):
        assert isinstance(refused := new_page(services, login=lambda: ""), pn.pane.HTML) and refused.object == STRANGER
    with set_curdoc(Document()):
        page = new_page(services, login=lambda: "ann")
        assert "Log out (ann)" in [link.description for link in page.select(pmui.IconButton)]
    services.close()
