"""A table of made stars with what the diagram asks of its queue, in a page of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui  # noqa: F401  registers its resources before the server starts

from inspector.service.queue.columns import Columns
from inspector.web.figures.theme import AS_DRAWN
from inspector.web.page_tasks import PageTasks
from inspector.web.panels.kiel import KielView
from inspector.web.server.host_gate import guard
from inspector.web.server.served_names import served_names
from inspector.web.state import InspectorState

HOSTILE_NAME = "<img src=x onerror=alert(1)>"

KINDS = {"b": "flag", "f": "number", "i": "integer", "U": "text"}


class MadeTable:
    """Columns given as arrays."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = {name: np.asarray(values) for name, values in columns.items()}
        self.names = list(self._columns)
        self.n_rows = len(self._columns[self.names[0]])

    def kind(self, name: str) -> Any:
        return KINDS[self._columns[name].dtype.kind]

    def unit(self, name: str) -> str:
        return ""

    def column(self, name: str) -> Any:
        return self._columns[name]

    def key(self, row: int) -> Any:
        raise AssertionError("the diagram opens no spectrum by itself")


def stars(n: int, seed: int = 0) -> dict[str, Any]:
    """Columns of giants and dwarfs, the first of them with a name from a hostile file and the last without a log g."""
    rng = np.random.default_rng(seed)
    giant = rng.random(n) < 0.7
    teff = np.where(giant, rng.normal(4700, 350, n), rng.normal(5900, 350, n))
    logg = np.where(giant, 2.4 + (teff - 4700) / 600 + rng.normal(0, 0.3, n), rng.normal(4.3, 0.15, n))
    logg[-1] = np.nan
    names = [f"2M{i:08d}" for i in range(n)]
    names[0] = HOSTILE_NAME
    verdict = np.where(rng.random(n) < 0.1, "bad", np.where(rng.random(n) < 0.2, "good", ""))
    return {
        "star_id": names,
        "teff": teff,
        "logg": logg,
        "fe_h": rng.normal(-0.2, 0.3, n),
        "flag_bad": rng.random(n) < 0.05,
        "verdict": verdict,
        "snr": rng.integers(20, 400, n),
    }


class MadeRows:
    """What the diagram asks, answered from memory; it remembers what it was told."""

    def __init__(self, columns: Mapping[str, Any] | None) -> None:
        self._listeners: list[Callable[[], None]] = []
        self.chosen: Any = None
        self.current: int | None = None
        self.opened: list[int] = []
        self.take(columns)

    def take(self, columns: Mapping[str, Any] | None) -> None:
        """Open a table, or none."""
        self.columns = None if columns is None else Columns(MadeTable(columns))
        self.filtered = np.arange(0 if self.columns is None else self.columns.n_rows)
        self.tell()

    def star_names(self, rows: Any) -> Sequence[str]:
        return list(self.columns.column("star_id")[rows])

    def choose(self, rows: Any) -> None:
        self.chosen = rows
        self.tell()

    def open_row(self, row: int) -> None:
        self.opened.append(row)
        self.current = row
        self.tell()

    def keep(self, rows: Any) -> None:
        """Filter."""
        self.filtered = rows
        self.tell()

    def on_change(self, act: Callable[[], None]) -> None:
        self._listeners.append(act)

    def tell(self) -> None:
        for act in self._listeners:
            act()


def page_of(rows: MadeRows, theme: str = "light") -> pn.Column:
    """A page with nothing but the diagram of some rows."""
    document = pn.state.curdoc
    document.theme = AS_DRAWN
    state = InspectorState(theme=theme)
    tasks = PageTasks(state, document.add_next_tick_callback)
    pn.state.on_session_destroyed(lambda _: tasks.close())
    said = pn.pane.Str("")
    rows.on_change(lambda: said.param.update(object=_told(rows)))
    view = KielView(state, rows, tasks)
    return pn.Column(pn.Column(view, width=560, height=340), said)


def _told(rows: MadeRows) -> str:
    chosen = "all" if rows.chosen is None else f"{len(rows.chosen)} rows"
    return f"chosen: {chosen}; opened: {rows.opened}"


def serve() -> None:
    """Serve a page of few stars, and of many at ``/many``, with the headers of the real one; print the address."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    few, many = stars(300), stars(30_000)
    pages = {"/": lambda: page_of(MadeRows(few)), "/many": lambda: page_of(MadeRows(many))}
    host = f"localhost:{port}"
    server = pn.io.server.get_server(
        pages, port=port, address="localhost", websocket_origin=[host], start=False, show=False
    )
    guard(server, served_names("localhost", port, ()))
    print(f"http://{host}/", flush=True)
    server.start()
    server.io_loop.start()


if __name__ == "__main__":
    serve()
