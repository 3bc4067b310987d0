"""Events and what follows them: none is lost, none leaves a part of the page behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import panel as pn
import pytest
from bokeh.document import Document
from made_services import services_for, session_of, until
from makers import write_apstar
from panel.io.state import set_curdoc
from random_network import random_network

from inspector.files.spectra.star_file import read_star
from inspector.science.noise_model import NoiseModel
from inspector.web import state as state_module
from inspector.web.page_updates import delivered, held
from inspector.web.state import InspectorState


@pytest.fixture
def document() -> Iterator[Document]:
    """A document that a browser has been given and has not drawn yet."""
    document = Document()
    context = SimpleNamespace(session=object(), request=SimpleNamespace(arguments={}))
    document._session_context = lambda: context  # type: ignore[assignment]
    with set_curdoc(document):
        yield document


def test_an_event_waits_until_the_page_is_drawn_and_a_delivery_does_not(document: Document) -> None:
    done: list[str] = []
    held(done.append)("event")
    delivered(done.append)("labels")
    held(done.append)("second event")
    assert done == ["labels"]
    pn.state._on_load(document)
    assert done == ["labels", "event", "second event"]
    assert document.callbacks.hold_value is None


def test_only_a_delivery_reaches_the_models_of_a_page_that_is_not_drawn_yet(document: Document) -> None:
    """Should the first change ever reach them, `page_updates` no longer needs Panel's private attribute."""
    pane = pn.pane.HTML("given")
    model = pane.get_root(document)
    document.add_root(model)
    pane.object = "early"
    assert "given" in model.text
    delivered(lambda: pane.param.update(object="delivered"))()
    assert "delivered" in model.text


def test_a_panel_that_fails_keeps_no_other_at_the_star_before(document: Document) -> None:
    state, shown, told = InspectorState(), [], []

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    pn.config.exception_handler = told.append
    state.param.watch(held(fail), "key")
    state.param.watch(held(lambda event: shown.append(event.new)), "key")
    delivered(lambda: state.param.update(key="second"))()
    pn.config.exception_handler = None
    assert shown == ["second"]
    assert [type(error) for error in told] == [ZeroDivisionError]


def test_a_star_that_cannot_be_shown_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (read_star(write_apstar(tmp_path / f"{i}.fits", n_visits=2, OBJID=str(i))) for i in (1, 2))
    state = InspectorState()
    state.show_star("first", first)
    state.param.update(inspected=state.spectrum_names[1])
    before = state.param.values()

    def fail(spectrum: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(state_module, "normalized_or_reason", fail)
    with pytest.raises(ZeroDivisionError):
        state.show_star("second", second)
    assert state.param.values() == before


def test_a_step_passes_over_files_that_cannot_be_read_and_says_so(tmp_path: Path) -> None:
    files = [write_apstar(tmp_path / f"{name}.fits", n_visits=1) for name in "abcd"]
    for broken in files[1:3]:
        broken.write_bytes(b"no star")
    session = session_of(services_for(files))
    session.press("n")
    assert session.state.key == "d.fits"
    assert [message.text.split()[0] for message in session.state.messages] == ["b.fits", "c.fits"]
    session.press("p")
    session.press("p")
    assert session.state.key == "d.fits"
    session.close()


def test_labels_of_one_spectrum_do_not_stand_under_another(tmp_path: Path) -> None:
    file = write_apstar(tmp_path / "star.fits", n_visits=2)
    services = services_for([file], network=random_network(), noise_model=NoiseModel.identity())

    async def look() -> None:
        session = session_of(services)
        await until(lambda: session.state.result is not None and not session.state.running)
        session.state.mc_num = 160
        assert session.state.result is not None  # more draws of the same: what there is stays meanwhile
        session.press("]")
        assert session.state.result is None
        session.close()

    asyncio.run(look())
    services.close()
