"""The weights that ship: whole, labelled, as recorded, and with errors that mean what they say."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from inspector import Network, analyze, load_network, load_noise_model, read_star, sample
from inspector.files.bundled_files import bundled_path
from inspector.science.labels import LABEL_NAMES

ROOT = Path(__file__).resolve().parents[1]
STAR = "stars/apStar-dr17-2M17335483-2753043.fits"
RECORDED = json.loads((Path(__file__).parent / "data" / "shipped_weights.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(None)


def test_the_file_is_the_recorded_one_and_small(network: Network) -> None:
    assert network.card.sha256 == RECORDED["sha256"]
    assert bundled_path("demonstration.safetensors", "weights").stat().st_size < 20e6


def test_it_says_what_it_is(network: Network) -> None:
    card = network.card
    assert card.demonstration
    assert "synthetic" in card.training_set
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", card.date)
    assert card.extra["code_version"]
    assert (ROOT / str(card.extra["model_card"])).exists()


def test_it_says_where_its_labels_lie(network: Network) -> None:
    ranges = network.card.extra["label_ranges"]
    assert tuple(ranges) == LABEL_NAMES
    for edges in ranges.values():
        assert edges["min"] <= edges["p1"] < edges["p99"] <= edges["max"]


def test_the_bundled_star_gets_its_recorded_labels(network: Network) -> None:
    star = read_star(bundled_path(STAR))
    result = analyze(star.coadd, network, load_noise_model(), mc_num=100, seed=0)
    for name, value, error in zip(LABEL_NAMES, result.value, result.error):
        assert value == pytest.approx(RECORDED["value"][name], rel=1e-3, abs=1e-3), name
        assert error == pytest.approx(RECORDED["error"][name], rel=1e-2, abs=1e-3), name


def test_both_forms_of_the_noise_model_agree() -> None:
    pickled, text = load_noise_model(), load_noise_model(ROOT / "weights" / "noise_model.json")
    np.testing.assert_allclose(pickled.scale, text.scale)
    np.testing.assert_allclose(pickled.offset, text.offset)
    assert not pickled.missing
    assert pickled.scale.tobytes() == text.scale.tobytes() and pickled.offset.tobytes() == text.offset.tobytes()
    assert pickled.weights == text.weights == RECORDED["sha256"]
    assert RECORDED["sha256"][:8] in pickled.reference


def test_the_pipeline_reads_the_shipped_noise_model_as_it_reads_its_own() -> None:
    with (ROOT / "weights" / "AstroNN_corrections.pkl").open("rb") as file:
        corrections, _ = pickle.load(file)
    keys = {"offset", "scale"}
    assert {name: set(entry) for name, entry in corrections.items()} == dict.fromkeys(LABEL_NAMES, keys)


def test_corrected_errors_keep_their_coverage(network: Network) -> None:
    """On 100 observations of held-out spectra; one label's share is uncertain by 5% there, their mean by far less."""
    with np.load(Path(__file__).parent / "data" / "heldout_observations.npz", allow_pickle=False) as stored:
        flux, truth = stored["flux_q"] * float(stored["flux_scale"]), stored["labels"].astype(float)
    asked = [sample(network, row, 30, 0) for row in flux]
    error = load_noise_model().correct(np.stack([posterior.total_error for posterior in asked]))
    miss = np.stack([posterior.value for posterior in asked]) - truth
    inside = np.mean(np.abs(miss) <= 0.9945 * error, axis=0)
    assert inside.mean() == pytest.approx(0.68, abs=0.04)
    assert np.all(np.abs(inside - 0.68) < 0.16)


def test_the_card_names_the_weights_it_describes() -> None:
    card = (ROOT / "weights" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert RECORDED["sha256"] in card
    for figure in re.findall(r"\]\((figures/[^)]+)\)", card):
        assert (ROOT / "weights" / figure).exists(), figure
