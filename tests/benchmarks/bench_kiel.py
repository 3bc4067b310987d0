"""How long the server is at work when somebody looks around in a diagram of a million stars.

Run with ``python tests/benchmarks/bench_kiel.py [STARS]``. Counting the stars of a view, and picking those within an
outline, happen in a thread; what they then change is put into the figure on the event loop that serves every page.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

from made_rows import MadeTable, stars  # beside the tests, which are no package

from inspector.service.queue.columns import Columns
from inspector.web.figures.diagram_data import View
from inspector.web.figures.diagram_layers import Sight, look
from inspector.web.figures.diagram_selection import nearest_row, rows_within
from inspector.web.figures.diagram_squares import warm_up
from inspector.web.figures.kiel import Heard, KielFigure, find_holoviews
from inspector.web.figures.theme import THEMES
from inspector.web.panels.kiel_columns import Columned, diagram_of


def milliseconds(act: Callable[[int], object], times: int = 15) -> str:
    """Median and longest of several turns, and how long the processor was at work, whoever else kept it busy."""
    spent = []
    at_work = time.process_time()
    for turn in range(times):
        begun = time.perf_counter()
        act(turn)
        spent.append(1e3 * (time.perf_counter() - begun))
    at_work = 1e3 * (time.process_time() - at_work) / times
    return f"{statistics.median(spent):6.1f} ms (at most {max(spent):.1f}; {at_work:.1f} at work)"


def views(whole: View) -> list[View]:
    """A way across a diagram: pans by a tenth of its width, and zooms."""
    (left, right), (low, high) = whole.x, whole.y
    width, height = right - left, high - low
    steps = np.linspace(-0.3, 0.3, 7)
    pans = [View((left + s * width, right + s * width), (low + s * height, high + s * height)) for s in steps]
    zooms = [
        View((left + z * width, right - z * width), (low + z * height, high - z * height)) for z in (0.1, 0.2, 0.3)
    ]
    return pans + zooms


def look_around(columns: Columns, colour: str) -> tuple[Sight, list[View]]:
    """Print how long each look takes at all rows in some colour; the first look, and the views."""
    rows = np.arange(columns.n_rows)
    names = columns.column("star_id")
    diagram = diagram_of(columns, rows, Columned("teff", "logg", colour), {}, lambda some: list(names[some]))
    begun = time.perf_counter()
    sight = look(diagram, None)
    first = 1e3 * (time.perf_counter() - begun)
    way = views(sight.view)
    spent = milliseconds(lambda turn: look(diagram, way[turn % len(way)]))
    print(f"by {colour or 'count':8}: first look {first:6.1f} ms; pan and zoom {spent}")
    return sight, way


def on_the_loop(sight: Sight, way: list[View]) -> None:
    """Print what the event loop is busy with."""
    figure = KielFigure(THEMES["light"], Heard(*[lambda *_: None] * 3))
    figure.look_at(sight.diagram, sight.view)
    looks = [look(sight.diagram, view) for view in way]
    print("on the event loop:")
    print(f"  the figure, once per page: {milliseconds(lambda _: _rendered(figure), 3)}")
    print(f"  a view: {milliseconds(lambda turn: figure.show(sight.diagram, looks[turn % len(way)].drawn))}")
    print(f"  the ring: {milliseconds(lambda turn: figure.ring(sight.diagram.place(turn)))}")


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    columns = Columns(MadeTable(stars(n)))
    begun = time.perf_counter()
    find_holoviews()
    warm_up()
    print(f"import and compile, once per server: {time.perf_counter() - begun:.1f} s")
    print(f"in a thread, {n:,} stars:")
    for colour in ("", "fe_h", "flag_bad", "verdict"):
        sight, way = look_around(columns, colour)
    angle = np.linspace(0, 2 * np.pi, 300)
    lasso = np.column_stack([4700 + 600 * np.cos(angle), 2.4 + np.sin(angle)])
    picked = len(rows_within(sight.diagram, lasso))
    print(f"a lasso about {picked:,} of them: {milliseconds(lambda _: rows_within(sight.diagram, lasso), 5)}")
    print(f"a click: {milliseconds(lambda _: nearest_row(sight.diagram, 4700, 2.4, sight.view))}")
    on_the_loop(sight, way)


def _rendered(figure: KielFigure) -> object:
    import holoviews as hv

    return hv.renderer("bokeh").get_plot(figure.layout)


if __name__ == "__main__":
    main()
