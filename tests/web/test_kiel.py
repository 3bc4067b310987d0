"""The diagram of one column against another: which stars are picked, counted, coloured and named."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import panel as pn
import pytest
from bokeh.document import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from made_results import CARD
from made_rows import MadeRows, stars
from matplotlib.path import Path as MatplotlibPath

from inspector.web.figures.diagram_colours import colours_of, legend_html, palette, unknown_colour
from inspector.web.figures.diagram_data import Axis, Colour, Diagram, View
from inspector.web.figures.diagram_layers import MAX_NAMED, MAX_POINTS, layers
from inspector.web.figures.diagram_selection import NEAR, box, nearest_row, rows_within
from inspector.web.figures.diagram_squares import SQUARES, count_squares
from inspector.web.figures.kiel import Heard, KielFigure
from inspector.web.figures.theme import THEMES
from inspector.web.page_tasks import PageTasks, at_once
from inspector.web.panels.kiel import NO_NUMBERS, NO_TABLE, KielView
from inspector.web.state import InspectorState

AXES = Axis("x"), Axis("y")
UNIT = View((0.0, 1.0), (0.0, 1.0))
LIGHT = THEMES["light"]
HOSTILE = "<script>alert(1)</script>$$x$$"


def spread(n, seed=0, colour=None, names=lambda rows: [f"star {row}" for row in rows]):
    """Stars all over the unit square; the row of each is its place plus 100."""
    x, y = np.random.default_rng(seed).random((2, n))
    return Diagram.of(np.arange(n) + 100, x, y, AXES, colour, names)


# who is picked


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 60))
def test_an_outline_picks_what_matplotlib_finds_inside_it(seed, corners):
    diagram = spread(500, seed)
    angle = np.sort(np.random.default_rng(seed).uniform(0, 2 * np.pi, corners))
    far = np.random.default_rng(seed + 1).uniform(0.1, 0.6, corners)
    outline = 0.5 + far[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    inside = MatplotlibPath([*outline, outline[0]], closed=True).contains_points(
        np.column_stack([diagram.x, diagram.y])
    )
    assert list(rows_within(diagram, outline)) == list(diagram.rows[inside])


def test_what_an_outline_goes_round_twice_is_outside():
    bow = [(0, 0), (1, 0), (0, 1), (1, 1)]
    diagram = Diagram.of([0, 1, 2], [0.5, 0.5, 0.1], [0.2, 0.8, 0.5], AXES)
    assert list(rows_within(diagram, bow)) == [0, 1]


def test_a_box_picks_between_its_sides_whichever_way_it_was_drawn():
    diagram = spread(1000)
    expected = diagram.rows[(diagram.x > 0.2) & (diagram.x < 0.4) & (diagram.y > 0.5) & (diagram.y < 0.9)]
    for bounds in ((0.2, 0.5, 0.4, 0.9), (0.4, 0.9, 0.2, 0.5)):
        assert set(rows_within(diagram, box(bounds))) == set(expected)


@pytest.mark.parametrize(
    "outline", [[], [(0, 0), (1, 1)], [(0, 0), (np.nan, 1), (1, 0)], [(0, 0), (np.inf, 1), (1, 0)]]
)
def test_what_is_no_outline_picks_nobody(outline):
    assert len(rows_within(spread(10), outline)) == 0


def test_a_click_means_the_nearest_star_as_the_view_shows_it():
    diagram = Diagram.of([7, 8], [0.5, 0.5], [100.0, 130.0], AXES)
    view = View((0.0, 1.0), (0.0, 1000.0))
    assert nearest_row(diagram, 0.5, 110.0, view) == 7
    assert nearest_row(diagram, 0.5, 118.0, view) == 8
    assert nearest_row(diagram, 0.5 + 2 * NEAR, 110.0, view) is None
    assert nearest_row(Diagram.of([], [], [], AXES), 0, 0, view) is None


# what is counted


def counted(diagram, weights=None):
    """How many stars lie in each square, by numpy; the first row is the lowest."""
    bins = (SQUARES[1], SQUARES[0])
    return np.histogram2d(diagram.y, diagram.x, bins=bins, range=(UNIT.y, UNIT.x), weights=weights)[0]


def test_squares_hold_as_many_stars_as_numpy_counts():
    diagram = spread(60_000)
    squares = count_squares(diagram, UNIT)
    assert np.array_equal(squares.count, counted(diagram))
    assert np.array_equal(np.isnan(squares.shade), squares.count == 0)
    assert np.nanmax(squares.shade) == pytest.approx(1)


def test_a_square_has_the_mean_colour_of_its_stars():
    shade = np.random.default_rng(1).random(60_000)
    diagram = spread(60_000, colour=Colour("c", shade))
    with np.errstate(invalid="ignore"):
        mean = counted(diagram, diagram.colour.shade) / counted(diagram)
    assert np.allclose(count_squares(diagram, UNIT).shade, mean, atol=1e-6, equal_nan=True)


def test_a_square_has_the_share_of_its_stars_with_a_flag_but_the_rarest_of_several_classes():
    x = y = [0.5] * 4
    flag = Diagram.of(range(4), x, y, AXES, Colour.of_flag("f", [True, False, False, False]))
    words = Diagram.of(range(4), x, y, AXES, Colour.of_words("w", ["b", "b", "c", "a"]))
    assert np.nanmax(count_squares(flag, UNIT).shade) == pytest.approx(0.25)
    assert words.colour.classes == ("b", "c", "a")
    assert np.nanmax(count_squares(words, UNIT).shade) == 1


def test_a_square_whose_numbers_are_missing_is_not_empty():
    diagram = Diagram.of([0, 1], [0.5, 0.9], [0.5, 0.9], AXES, Colour("c", np.array([np.nan, 1.0])))
    shade = count_squares(diagram, UNIT).shade
    assert np.count_nonzero(shade < 0) == 1 and np.count_nonzero(shade >= 0) == 1


def test_few_stars_are_all_drawn_and_many_are_counted():
    few, many = spread(MAX_POINTS), spread(MAX_POINTS + 1)
    assert layers(few, UNIT).squares is None and len(layers(few, UNIT).points.x) == MAX_POINTS
    drawn = layers(many, UNIT)
    assert drawn.squares.count.sum() == drawn.in_view == len(many)


def test_a_star_alone_in_its_square_is_drawn_with_its_name():
    x = np.full(MAX_POINTS + 1, 0.5)
    x[0] = 0.1
    diagram = Diagram.of(np.arange(len(x)), x, x, AXES, None, lambda rows: [f"star {row}" for row in rows])
    points = layers(diagram, UNIT).points
    assert list(points.names) == ["star 0"] and points.x[0] == 0.1


def test_names_are_asked_for_a_bounded_number_of_stars():
    asked = []
    diagram = spread(100_000, names=lambda rows: asked.append(len(rows)) or [""] * len(rows))
    layers(diagram, UNIT)
    layers(diagram, View((0.4, 0.6), (0.4, 0.6)))
    assert max(asked) <= MAX_NAMED


def test_close_enough_every_star_in_view_is_drawn():
    diagram = spread(100_000)
    view = View((0.5, 0.6), (0.5, 0.6))
    drawn = layers(diagram, view)
    assert drawn.squares is None
    assert len(drawn.points.x) == drawn.in_view == np.count_nonzero(view.holds(diagram.x, diagram.y)) > 0


def test_stars_without_a_number_or_with_an_absurd_one_are_left_out_and_counted():
    diagram = Diagram.of(range(5), [1, np.nan, 3, np.inf, 5], [1, 2, 1e30, 4, 5], AXES, Colour("c", np.arange(5.0)))
    assert list(diagram.rows) == [0, 4] and diagram.left_out == 3
    assert list(diagram.colour.values) == [0, 4]


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 3.0], [0.0, 0.0]])
def test_the_first_view_is_never_empty(values):
    view = Diagram.of(range(len(values)), values, values, AXES).whole()
    assert view.x[1] > view.x[0] and all(view.x[0] < value < view.x[1] for value in values)
    assert layers(Diagram.of(range(len(values)), values, values, AXES), view).in_view == len(values)


# colours and words


def test_each_class_has_its_colour_and_an_unknown_one_another():
    colour = Colour("c", np.array([0.0, 1.0, 2.0, -1.0]), ("a", "b", "c"))
    for theme in THEMES.values():
        drawn = colours_of(theme, colour, colour.shade, False)
        assert drawn == [*palette(theme, colour), unknown_colour(theme)] and len(set(drawn)) == 4


def test_rare_words_are_one_class():
    colour = Colour.of_words("w", ["a"] * 5 + ["b"] * 4 + list("cdefgh"), most=4)
    assert colour.classes == ("a", "b", "c", "other")
    assert np.count_nonzero(colour.values == 3) == 5


def test_a_flag_that_is_not_known_is_neither_set_nor_not():
    assert np.isnan(Colour.of_flag("f", [1.0, 0.0, np.nan]).shade[2])


def test_colours_run_between_the_central_numbers():
    values = np.linspace(0, 100, 101)
    colour = Colour("c", values)
    assert colour.limits == (2, 98)
    assert colour.shade[0] == 0 and colour.shade[50] == 0.5 and colour.shade[100] == 1


def test_what_a_table_calls_its_columns_and_classes_is_text():
    for colour in (Colour(HOSTILE, np.arange(4.0)), Colour.of_words("w", [HOSTILE, "a", "b", "c"])):
        html = legend_html(LIGHT, spread(4, colour=colour), counted=True)
        assert "<script" not in html and "&lt;script" in html


# the figure


def rendered(diagram, view=UNIT, heard=None):
    """A figure and what HoloViews made of it."""
    import holoviews as hv

    heard = heard or Heard(*[lambda *_: None] * 3)
    figure = KielFigure(LIGHT, heard)
    figure.look_at(diagram, view)
    figure.show(diagram, layers(diagram, view))
    return figure, hv.renderer("bokeh").get_plot(figure.layout).state


def test_axes_grow_as_the_field_draws_them_and_titles_are_plain_text():
    diagram = Diagram.of([0], [0.5], [0.5], (Axis(HOSTILE, True), Axis("y")))
    _, plot = rendered(diagram)
    assert (plot.x_range.start, plot.x_range.end) == (1, 0) and (plot.y_range.start, plot.y_range.end) == (0, 1)
    assert type(plot.xaxis[0].axis_label).__name__ == "PlainText"
    assert plot.html_attributes["aria-label"]


def columns(plot, name):
    """The data of the layer that has a column of that name."""
    return next(r.data_source.data for r in plot.renderers if name in r.data_source.data)


def test_a_figure_draws_what_it_is_told_before_and_after_it_is_rendered():
    figure, plot = rendered(spread(5))
    assert len(columns(plot, "colour")["x"]) == 5
    figure.show(spread(3), layers(spread(3), UNIT))
    assert len(columns(plot, "colour")["x"]) == 3


def test_names_lose_what_cannot_be_printed():
    _, plot = rendered(spread(1, names=lambda rows: ["a\x1b[31m\u202e" + "b" * 500]))
    assert columns(plot, "colour")["name"][0].startswith("a[31mb") and len(columns(plot, "colour")["name"][0]) <= 60


def test_a_square_tells_no_count_where_its_star_tells_its_name():
    x = np.full(MAX_POINTS + 1, 0.5)
    x[0] = 0.1
    _, plot = rendered(Diagram.of(np.arange(len(x)), x, x, AXES))
    told = columns(plot, "count")["count"][0]
    assert told.sum() == MAX_POINTS and np.count_nonzero(told) == 1


def test_the_training_range_needs_both_axes():
    for trained, n in (((0.2, 0.8), 1), (None, 0)):
        diagram = Diagram.of([0], [0.5], [0.5], (Axis("x", trained=(0.1, 0.9)), Axis("y", trained=trained)))
        _, plot = rendered(diagram)
        assert len(columns(plot, "xs")["xs"]) == n


# the panel, without a browser


def view_of(rows, **state):
    state = InspectorState(**state)
    return KielView(state, rows, PageTasks(state, at_once)), state


def test_the_diagram_starts_as_a_kiel_diagram_and_says_what_is_left_out():
    view, _ = view_of(MadeRows(stars(50)))
    diagram = view.sight.diagram
    assert (diagram.x_axis.title, diagram.y_axis.title) == ("Teff (K)", "log g (dex)")
    assert diagram.x_axis.reversed and diagram.y_axis.reversed
    assert view.words == "49 stars · 1 left out: a number is missing"


def test_without_a_table_or_numbers_there_are_words():
    view, _ = view_of(MadeRows(None))
    assert view.why_empty == NO_TABLE and view.sight is None
    view._queue.take({"star_id": ["a", "b"]})
    assert view.why_empty == NO_NUMBERS
    view._queue.take(stars(5))
    assert view.why_empty == "" and len(view.sight.diagram) == 4


def test_any_two_columns_can_be_put_on_the_axes():
    view, _ = view_of(MadeRows(stars(50)))
    assert "snr" in dict(view.choices["x"].options) and "star_id" not in dict(view.choices["x"].options)
    view.choices["x"].value = "snr"
    assert view.sight.diagram.x_axis.title == "S/N" and not view.sight.diagram.x_axis.reversed
    view.choices["colour"].value = "flag_bad"
    assert view.sight.diagram.colour.classes == ("not set", "set")


def test_a_column_that_a_browser_made_up_is_not_drawn():
    view, _ = view_of(MadeRows(stars(50)))
    view.choices["x"].value = "__class__"
    assert view.sight.diagram.x_axis.title == "Teff (K)"


def test_filters_change_the_stars_but_not_the_view():
    rows = MadeRows(stars(50))
    view, _ = view_of(rows)
    before = view.sight.view
    rows.keep(np.arange(10))
    assert list(view.sight.diagram.rows) == list(range(10)) and view.sight.view == before


def test_stars_that_come_later_are_in_view_unless_somebody_looks_elsewhere():
    rows = MadeRows(stars(50))
    rows.keep(np.arange(2))
    view, _ = view_of(rows)
    rows.keep(np.arange(50))
    assert view.sight.drawn.in_view == 49
    chosen = View((4000.0, 4100.0), (0.0, 1.0))
    view._figure._heard.looked(chosen)
    rows.keep(np.arange(40))
    assert view.sight.view == chosen


def test_another_table_is_drawn_by_the_same_columns_where_it_has_them():
    rows = MadeRows(stars(50))
    view, _ = view_of(rows)
    view.choices["x"].value = "snr"
    rows.take(stars(20))
    assert view.sight.diagram.x_axis.title == "S/N" and view.choices["x"].value == "snr"
    rows.take({"a": np.arange(3.0), "b": np.arange(3.0)})
    assert (view.choices["x"].value, view.choices["y"].value) == ("a", "b")


def test_the_training_range_is_that_of_the_weights():
    from dataclasses import replace

    class Asked:
        card = replace(CARD, extra={"label_ranges": {"teff": {"p1": 3500, "p99": 6500}}})
        dropout_rate = 0.3

    view, state = view_of(MadeRows(stars(50)))
    assert view.sight.diagram.x_axis.trained is None
    state.network = Asked()
    assert view.sight.diagram.x_axis.trained == (3500, 6500)


def test_an_outline_keeps_its_stars_until_it_is_cleared():
    rows = MadeRows(stars(50))
    view, _ = view_of(rows)
    view._figure._heard.outlined(box((4000, 0, 5000, 5)))
    teff = rows.columns.column("teff")
    assert set(rows.chosen) == set(
        np.flatnonzero((teff > 4000) & (teff < 5000) & np.isfinite(rows.columns.column("logg")))
    )
    view.clear()
    assert rows.chosen is None


def test_a_click_opens_the_star_and_rings_it():
    rows = MadeRows(stars(50))
    view, _ = view_of(rows)
    diagram = view.sight.diagram
    view._figure._heard.clicked(diagram.x[3], diagram.y[3])
    assert rows.opened == [int(diagram.rows[3])]
    assert view._figure._wanted["ring"] == (diagram.x[3], diagram.y[3])


def test_a_view_that_is_gone_is_forgotten():
    rows = MadeRows(stars(50))
    view, state = view_of(rows)
    root = view.__panel__().get_root(Document())
    figure = weakref.ref(view._figure)
    view.__panel__()._cleanup(root)
    pn.state._views.pop(root.ref["id"])  # as Panel does for a session that ends
    del view, rows, state, root
    gc.collect()
    assert figure() is None


def test_nothing_slow_is_imported_before_there_is_a_table():
    script = (
        "import sys; from inspector.web.page_tasks import PageTasks, at_once;"
        "from inspector.web.panels.kiel import KielView;"
        "from inspector.web.state import InspectorState; from made_rows import MadeRows; state = InspectorState();"
        "KielView(state, MadeRows(None), PageTasks(state, at_once));"
        "print([name for name in ('holoviews', 'datashader', 'numba', 'xarray') if name in sys.modules])"
    )
    folder = Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=folder, check=False)
    assert done.stdout.strip() == "[]", done.stderr
