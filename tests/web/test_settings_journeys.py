"""Settings and errors with weights of one's own: a server whose weights have another rate and no noise model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Visitor, start_server, stop_server
from makers import write_apstar
from random_network import random_network

import inspector
from inspector.science.network import Network

pytestmark = pytest.mark.browser

RATE = 0.2
EXPERIMENT = "experiment: the weights were trained with a dropout rate of 0.2"


@pytest.fixture(scope="module")
def foreign() -> Network:
    return replace(random_network(9), dropout_rate=RATE)


@pytest.fixture(scope="module")
def stars(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("settings")
    return [write_apstar(folder / f"{name}.fits", n_visits=1, OBJID=f"2M-{name}") for name in ("one", "two")]


@pytest.fixture(scope="module")
def visitor(context: Any, foreign: Network, stars: list[Path]) -> Iterator[Visitor]:
    weights = stars[0].with_name("foreign.safetensors")
    inspector.save_network(foreign, weights)
    server = start_server("--weights", str(weights), *map(str, stars))
    visitor = Visitor(context, server.url)
    visitor.open()
    yield visitor
    visitor.page.close()
    stop_server(server)


def row(page: Any) -> dict[str, Any]:
    """The result's row, as the Export menu gives it."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
        page.get_by_role("menuitem", name="Result · JSON").click()
    return json.loads(Path(download.value.path()).read_bytes())["result"]


def of_library(path: Path, network: Network, **settings: Any) -> dict[str, Any]:
    """The same of the library, as JSON writes it."""
    made = inspector.analyze(inspector.read_star(path).coadd, network, **settings).row()
    return json.loads(json.dumps(made))


NUMBERS = ("teff", "e_teff", "raw_e_teff", "fe_h", "e_fe_h", "mc_num", "seed", "dropout_rate", "noise_model_hash")


def same(page_row: dict[str, Any], library_row: dict[str, Any]) -> bool:
    return all(page_row[name] == library_row[name] for name in NUMBERS)


def test_weights_without_a_noise_model_of_their_own_are_marked(visitor: Visitor, stars: list[Path]) -> None:
    page = visitor.page
    page.get_by_text("errors are raw: no noise model fits").wait_for()
    page.get_by_text("Errors are raw, and flags are judged on them").wait_for()  # beside the flags
    page.get_by_role("tab", name="Errors").click()
    page.get_by_text("the shipped noise model was fitted for the weights").last.wait_for()
    page.get_by_role("tab", name="Posteriors").click()
    assert row(page)["noise_model_hash"] == ""


def test_the_weights_own_rate_is_used_and_another_is_an_experiment(
    visitor: Visitor, foreign: Network, stars: list[Path]
) -> None:
    page = visitor.page
    field = page.get_by_role("textbox", name="dropout")
    assert field.input_value() == "0.2"
    assert page.get_by_text("experiment").count() == 0
    assert same(row(page), of_library(stars[0], foreign))
    visitor.enter("dropout", "0.3")
    page.get_by_text(EXPERIMENT).wait_for()
    visitor.drawn()
    assert same(row(page), of_library(stars[0], foreign, dropout_rate=0.3))
    visitor.enter("dropout", "0.2")
    page.get_by_text(EXPERIMENT).wait_for(state="detached")
    assert "dropout_rate" not in page.url


def test_a_pinned_seed_is_marked_and_let_go_at_the_next_star_unless_kept(
    visitor: Visitor, foreign: Network, stars: list[Path]
) -> None:
    page = visitor.page
    first = of_library(stars[0], foreign, mc_num=2)["seed"]
    page.get_by_role("button", name="New draws").click()
    page.get_by_text(re.compile(rf"seed {first + 1}\W*pinned")).wait_for()
    visitor.address_has(f"seed={first + 1}")
    visitor.drawn()
    page.keyboard.press("n")
    page.get_by_role("heading", name="2M-two").wait_for()
    visitor.drawn()
    page.get_by_text("pinned").wait_for(state="detached")
    assert page.get_by_role("textbox", name="seed").input_value() == "" and "seed=" not in page.url
    assert same(row(page), of_library(stars[1], foreign))  # and so of the batch
    visitor.enter("seed", "7")
    page.get_by_text(re.compile(r"seed 7\W*pinned")).wait_for()
    page.get_by_role("checkbox", name="Keep this seed for the next stars").check()
    visitor.address_has("keep_seed=yes")
    page.get_by_role("option", name="one").click()
    page.get_by_role("heading", name="2M-one").wait_for()
    visitor.drawn()
    assert same(row(page), of_library(stars[0], foreign, seed=7))
    visitor.enter("seed", str(2**53))
    page.get_by_role("alert").get_by_text("it must be a whole number from 0 to 9007199254740991").wait_for()
    visitor.enter("seed", str(2**53 - 1))
    page.get_by_text(re.compile(rf"seed {2**53 - 1}\W*pinned")).wait_for()
    page.get_by_role("button", name="New draws").click()
    page.get_by_text(re.compile(r"seed 0\W*pinned")).wait_for()
