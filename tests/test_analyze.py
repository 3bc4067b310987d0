"""The chain whole, on generated and on real stars."""

from dataclasses import replace

import makers
import numpy as np
import pytest
from random_network import random_network

import inspector
from inspector.exceptions import SettingsError, WeightsError
from inspector.files.bundled_files import bundled_path
from inspector.pipeline.prepare import distinct_spectra
from inspector.science.flag_rules import JUDGED
from inspector.science.flags import check_flags
from inspector.science.labels import LABEL_NAMES
from inspector.science.monte_carlo_error import influence
from inspector.science.result_columns import COLUMNS
from inspector.science.seeds import flux_seed
from inspector.science.star_info import StarInfo


@pytest.fixture(scope="module")
def network():
    return random_network()


@pytest.fixture(scope="module")
def noise_model():
    rng = np.random.default_rng(0)
    return inspector.NoiseModel(rng.uniform(0.5, 2, 22), rng.uniform(0, 0.1, 22), "made up")


@pytest.fixture(scope="module")
def star(tmp_path_factory):
    path = tmp_path_factory.mktemp("star") / "apStar.fits"
    makers.write_apstar(path, n_visits=3)
    return inspector.read_star(path)


def test_step_by_step_and_at_once_agree(star, network, noise_model):
    result = inspector.analyze(star.coadd, network, noise_model, mc_num=60, seed=5)
    posterior = inspector.sample(network, inspector.normalize(star.coadd).flux, mc_num=60, seed=5)
    assert np.array_equal(result.value, posterior.value)
    assert np.array_equal(result.error, noise_model.correct(posterior.total_error))
    draws = {label: influence(posterior, label, noise_model.scale[label]) for label in JUDGED}
    assert result.flags == check_flags(result.value, result.error, draws)


def test_the_row_says_everything(star, network, noise_model):
    result = inspector.analyze(star.visits[1], network, noise_model, mc_num=60)
    row = result.row()
    assert list(row) == [column.name for column in COLUMNS]
    assert row["star_id"] == star.id and row["file"] == "apStar.fits" and row["spectrum"] == star.visits[1].name
    assert (row["mc_num"], row["weights_hash"]) == (60, network.card.sha256)
    for index, name in enumerate(LABEL_NAMES):
        assert row[name] == row[f"raw_{name}"] == result.value[index]
        assert row[f"raw_e_{name}"] == result.raw_error[index]
        assert row[f"e_{name}"] == pytest.approx(
            noise_model.scale[index] * row[f"raw_e_{name}"] + noise_model.offset[index]
        )
    assert row["result_flags"] == result.flags.result_flags and row["reason"] == ""


def test_a_seed_is_derived_from_the_normalised_flux_alone(star, network, noise_model):
    def seed(spectrum):
        return inspector.analyze(spectrum, network, noise_model, mc_num=2).seed

    seeds = [seed(spectrum) for spectrum in star.spectra]
    assert len(set(seeds)) == len(seeds)
    assert seeds == [seed(spectrum) for spectrum in star.spectra]
    assert seed(replace(star.coadd, name="another", star=StarInfo(apogee_id="another"))) == seeds[0]


def test_no_seed_means_the_same_draws_step_by_step_and_at_once(star, network, noise_model):
    for spectrum in star.spectra:
        at_once = inspector.analyze(spectrum, network, noise_model, mc_num=2)
        by_step = inspector.sample(network, inspector.normalize(spectrum).flux, mc_num=2)
        assert by_step.seed == at_once.seed
        assert np.array_equal(by_step.draws, at_once.posterior.draws)


def test_a_seed_does_not_hang_on_the_last_digits_of_the_continuum(star):
    flux = inspector.normalize(star.coadd).flux
    nearby = flux * (1 + 1e-14 * np.random.default_rng(0).normal(size=flux.shape))
    assert flux_seed(nearby) == flux_seed(flux) != flux_seed(flux + 1e-3)


def test_a_spectrum_with_nothing_in_it_gets_no_numbers(star, network, noise_model):
    dead = replace(star.coadd, flux=np.zeros(8575))
    result = inspector.analyze(dead, network, noise_model)
    row = result.row()
    assert row["flag_no_result"] and row["flag_warn"] and not row["flag_bad"]
    assert "blue chip" in row["reason"]
    assert all(np.isnan(row[prefix + name]) for name in LABEL_NAMES for prefix in ("", "e_", "raw_", "raw_e_"))


def test_senseless_settings_are_refused(star, network, noise_model):
    with pytest.raises(SettingsError):
        inspector.analyze(star.coadd, network, noise_model, mc_num=1)


def test_an_aspcap_spectrum_says_so(tmp_path, network, noise_model):
    makers.write_aspcap(tmp_path / "aspcap.fits")
    result = inspector.analyze(inspector.read_star(tmp_path / "aspcap.fits").coadd, network, noise_model, mc_num=2)
    assert "ASPCAP" in result.row()["remark"]


def test_an_answer_outside_the_training_says_so(star, network, noise_model):
    def remark(low, high):
        ranges = {"teff": {"p1": low, "p99": high}}
        card = replace(network.card, extra={"label_ranges": ranges})
        return inspector.analyze(star.coadd, replace(network, card=card), noise_model, mc_num=2).remark

    assert remark(0, 1e5) == ""
    assert "Teff" in remark(0, 100) and "0 to 100 K" in remark(0, 100)


def test_ranges_that_make_no_sense_are_refused(network):
    with pytest.raises(WeightsError, match="ranges"):
        replace(network, card=replace(network.card, extra={"label_ranges": {"teff": 3}}))


def test_a_star_seen_once_is_not_counted_twice(tmp_path):
    makers.write_apstar(tmp_path / "one.fits", n_visits=1)
    star = inspector.read_star(tmp_path / "one.fits")
    assert len(star.spectra) == 2 and len(distinct_spectra(star)) == 1


def test_without_shipped_weights_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr("inspector.files.checkpoints.weights.bundled_path", lambda name, kind: tmp_path / name)
    with pytest.raises(WeightsError, match="No weights are shipped yet"):
        inspector.load_network(None)


def test_every_real_spectrum_answers_or_says_why(real_spectra, network, noise_model):
    for path in sorted(real_spectra.glob("*.fits")):
        result = inspector.analyze(inspector.read_star(path).coadd, network, noise_model, mc_num=2)
        assert result.reason or np.isfinite(result.value).all()


def test_the_bundled_stars_can_be_read():
    stars = [inspector.read_star(path) for path in sorted(bundled_path("stars").glob("*.fits"))]
    assert {star.id for star in stars} >= {"2M17335483-2753043", "2M19485057+5005279"}


@pytest.mark.parametrize("name", inspector.__all__)
def test_the_face_offers_every_name(name):
    assert getattr(inspector, name) is not None
    assert name in dir(inspector)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = inspector.nothing
