"""Which noise model corrects whose errors: never one that was fitted for other weights."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_services import services_for, session_of
from makers import write_apstar
from random_network import random_network

import inspector
from inspector.cli import main
from inspector.exceptions import NoiseModelError
from inspector.files.checkpoints.noise_model_file import load_noise_model, save_noise_model
from inspector.files.checkpoints.weights import save_network
from inspector.pipeline.batch import BatchSettings, run_batch
from inspector.pipeline.correction import correction_for, shipped_noise_model
from inspector.pipeline.result import Result
from inspector.science.flags import FlagReport, check_flags
from inspector.science.network import Network
from inspector.science.noise_model import NoiseModel
from inspector.web.exported_files import picture_words
from inspector.web.figures.errors import error_columns
from inspector.web.tables.errors_table import errors_html
from inspector.web.tables.star_header import weights_line


@pytest.fixture(scope="module")
def foreign() -> Network:
    """Weights that the shipped noise model was not fitted for."""
    return random_network(9)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write_apstar(tmp_path_factory.mktemp("correction") / "star.fits", n_visits=1)


def scaled(weights: str = "") -> NoiseModel:
    return NoiseModel(np.full(22, 3.0), np.zeros(22), "mine.json", "", weights)


def by_analyze(path: Path, network: Network, named: NoiseModel | None) -> dict:
    return inspector.analyze(inspector.read_star(path).coadd, network, named, mc_num=4).row()


def by_batch(path: Path, network: Network, named: NoiseModel | None) -> dict:
    output = path.with_name(f"out-{id(network)}-{id(named)}.ecsv")
    run_batch([path], output, network, named, BatchSettings(mc_num=4, coadd_only=True))
    (row,) = inspector.read_table(output)
    output.unlink()
    return row


def by_page(path: Path, network: Network, named: NoiseModel | None) -> dict:
    return shown(path, network, named).row()


def shown(path: Path, network: Network, named: NoiseModel | None) -> Result:
    """What the page shows, without a browser."""
    services = services_for([path], network=network, noise_model=named, mc_num=4)
    session = session_of(services)
    session.close()
    services.close()
    return session.state.result


DOORS = [by_analyze, by_batch, by_page]


@pytest.mark.parametrize("door", DOORS)
def test_weights_without_a_noise_model_of_their_own_keep_raw_errors_and_say_so(door, path, foreign):
    row = door(path, foreign, None)
    assert row["e_teff"] == row["raw_e_teff"] and row["e_fe_h"] == row["raw_e_fe_h"]
    assert row["noise_model_hash"] == ""
    assert row["remark"].startswith("Errors are raw, and flags are judged on them: the shipped noise model was fitted")
    assert foreign.card.short_hash in row["remark"]


@pytest.mark.parametrize("door", DOORS)
def test_a_noise_model_fitted_for_these_weights_corrects_and_is_named_by_its_hash(door, path, foreign):
    row = door(path, foreign, scaled(foreign.card.sha256))
    assert row["e_teff"] == pytest.approx(3 * row["raw_e_teff"])
    assert row["noise_model_hash"] == scaled().sha256 != ""
    assert row["remark"] == ""


@pytest.mark.parametrize("door", DOORS)
def test_a_named_noise_model_that_does_not_say_its_weights_is_taken_as_meant(door, path, foreign):
    row = door(path, foreign, scaled())
    assert row["e_teff"] == pytest.approx(3 * row["raw_e_teff"])
    assert row["remark"] == ""


@pytest.mark.parametrize("door", DOORS)
def test_a_named_noise_model_that_says_it_is_for_other_weights_is_not_applied(door, path, foreign):
    row = door(path, foreign, scaled("0" * 64))
    assert row["e_teff"] == row["raw_e_teff"] and row["noise_model_hash"] == ""
    assert "the noise model 'mine.json' was fitted for the weights 00000000" in row["remark"]


def test_flags_are_judged_on_the_errors_of_the_row(path, foreign):
    result = inspector.analyze(inspector.read_star(path).coadd, foreign, mc_num=4)
    assert numbers(result.flags) == numbers(check_flags(result.value, result.raw_error))
    assert numbers(result.flags) != numbers(check_flags(result.value, shipped_noise_model().correct(result.raw_error)))


def numbers(report: FlagReport) -> list[float]:
    """Every number that a flag was judged by."""
    return [check.number for flag in report.checks for check in flag.checks]


def test_raw_errors_that_somebody_asked_for_need_no_remark(path, foreign):
    row = by_analyze(path, foreign, NoiseModel.identity())
    assert (row["remark"], row["noise_model_hash"]) == ("", "")


def test_a_spectrum_without_a_result_names_the_noise_model_it_would_have_had(path, foreign):
    dead = replace(inspector.read_star(path).coadd, flux=np.zeros(8575))
    assert inspector.analyze(dead, foreign).row()["noise_model_hash"] == ""
    assert inspector.analyze(dead, foreign, scaled()).row()["noise_model_hash"] == scaled().sha256


def test_the_shipped_weights_are_corrected_by_the_shipped_noise_model():
    correction = correction_for(inspector.load_network().card, None)
    assert correction.noise_model is shipped_noise_model() and correction.remark == ""


def test_the_page_says_that_errors_are_raw(path, foreign):
    result = shown(path, foreign, None)
    assert "errors raw" in picture_words(result)
    assert "was fitted for the weights" in errors_html(result, 0) and "not corrected" in errors_html(result, 0)
    assert np.isnan(error_columns(result)["corrected"]).all() and np.isfinite(error_columns(result)["raw"]).all()
    raw = correction_for(foreign.card, None).remark
    assert "errors are raw" in weights_line(foreign.card, True, (), raw)
    assert "errors are raw" not in weights_line(foreign.card, True, ())


def test_the_command_says_so_before_it_starts(path, foreign, tmp_path, capsys):
    save_network(foreign, tmp_path / "foreign.safetensors")
    given = ["batch", path, "-o", tmp_path / "o.csv", "--weights", tmp_path / "foreign.safetensors", "--mc-num", 2]
    assert main([*map(str, given), "--serial", "--coadd-only"]) == 0
    assert "Errors are raw, and flags are judged on them" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".pkl", ".json"])
def test_a_noise_model_keeps_the_weights_it_was_fitted_for(tmp_path, suffix):
    made = replace(scaled("ab" * 32), reference="12 stars")
    save_noise_model(made, tmp_path / f"noise{suffix}")
    again = load_noise_model(tmp_path / f"noise{suffix}")
    assert (again.weights, again.reference, again.sha256) == ("ab" * 32, "12 stars", made.sha256)


def test_the_pipelines_own_file_names_no_weights(tmp_path):
    corrections = scaled().to_dict()
    for reference in ("DR17", {"a": 1}, None, {}):
        (tmp_path / "AstroNN_corrections.pkl").write_bytes(pickle.dumps((corrections, reference)))
        assert load_noise_model(tmp_path / "AstroNN_corrections.pkl").weights == ""


@pytest.mark.parametrize("weights", ["e464610b", 5, ["0" * 64], "\x1b[31m" * 10_000, "G" * 64])
def test_weights_that_are_no_hash_are_refused(tmp_path, weights):
    content = {"corrections": scaled().to_dict(), "weights": weights}
    (tmp_path / "noise.json").write_text(json.dumps(content))
    with pytest.raises(NoiseModelError, match="expected their SHA-256") as caught:
        load_noise_model(tmp_path / "noise.json")
    assert len(str(caught.value)) < 400 and "\x1b" not in str(caught.value)
