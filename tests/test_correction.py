"""Which noise model corrects the errors of which weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import makers
import numpy as np
import pytest
from random_network import random_network

import inspector
from inspector.app.export import picture_words
from inspector.app.question import Question
from inspector.errors import NoiseModelError
from inspector.files.noise_model import NoiseModel
from inspector.pipeline.batch import BatchSettings, run_batch
from inspector.pipeline.correction import correction_for, shipped_noise_model
from inspector.pipeline.prepare import prepare
from inspector.science.network import Network
from inspector.science.spectrum import Star


@pytest.fixture(scope="module")
def foreign() -> Network:
    return random_network(3)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return makers.write_apstar(tmp_path_factory.mktemp("corrected") / "star.fits", n_visits=1)


@pytest.fixture(scope="module")
def star(path: Path) -> Star:
    return inspector.read_star(path)


def test_foreign_weights_keep_raw_errors_and_every_way_says_so(
    star: Star, path: Path, foreign: Network, tmp_path: Path
) -> None:
    library = inspector.analyze(star.coadd, foreign, mc_num=10)
    page = Question(prepare(star.coadd), 10, foreign.dropout_rate, foreign, None)
    asked = page.answer(inspector.sample(foreign, inspector.normalize(star.coadd).flux, 10))
    run_batch([path], tmp_path / "table.ecsv", foreign, None, BatchSettings(mc_num=10))
    (row,) = inspector.read_table(tmp_path / "table.ecsv")
    for said in (library.row(), asked.row(), row):
        assert said["noise_model_hash"] == ""
        assert all(said[f"e_{name}"] == said[f"raw_e_{name}"] for name in ("teff", "logg", "mg_h"))
        assert "Errors are raw" in said["remark"] and foreign.card.short_hash in said["remark"]
    assert "errors raw" in picture_words(library)


def test_the_shipped_weights_are_corrected_by_the_shipped_noise_model(star: Star) -> None:
    network, shipped = inspector.load_network(), shipped_noise_model()
    assert shipped.weights == network.card.sha256
    result = inspector.analyze(star.coadd, mc_num=2)
    assert np.array_equal(result.error, shipped.correct(result.raw_error))
    assert result.row()["noise_model_hash"] == shipped.sha256 != ""
    assert "raw" not in result.remark


def test_a_noise_model_somebody_names_is_taken_as_meant_unless_it_names_other_weights(foreign: Network) -> None:
    named = NoiseModel(np.full(22, 0.5), np.full(22, 0.01), "AstroNN_corrections.pkl")
    assert correction_for(foreign.card, named).noise_model is named
    other = replace(named, weights="0" * 64)
    assert not correction_for(foreign.card, other).noise_model.corrects
    assert "'AstroNN_corrections.pkl' was fitted for the weights 00000000" in correction_for(foreign.card, other).remark
    own = replace(named, weights=foreign.card.sha256)
    assert correction_for(foreign.card, own).noise_model is own
    assert correction_for(foreign.card, NoiseModel.identity()).remark == ""  # raw errors were asked for


@pytest.mark.parametrize("suffix", [".pkl", ".json"])
def test_a_noise_model_keeps_its_weights_on_disk(tmp_path: Path, suffix: str) -> None:
    model = NoiseModel(np.full(22, 0.5), np.full(22, 0.01), "made", "made up", "ab" * 32)
    model.save(tmp_path / f"noise{suffix}")
    again = NoiseModel.load(tmp_path / f"noise{suffix}")
    assert (again.weights, again.reference, again.sha256) == (model.weights, model.reference, model.sha256)


def test_weights_that_are_no_hash_are_refused() -> None:
    with pytest.raises(NoiseModelError, match="SHA-256"):
        NoiseModel(np.ones(22), np.ones(22), weights="the best ones")
