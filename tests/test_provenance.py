"""What decided an answer is one value: rows, captions and caches say it, and it gives the same numbers again."""

from __future__ import annotations

from dataclasses import replace

import makers
import numpy as np
import pytest
from random_network import random_network

import inspector
from inspector.pipeline.result import Result
from inspector.science.noise_model import NoiseModel
from inspector.science.provenance import Provenance
from inspector.science.settings import Settings
from inspector.science.spectrum import WAVELENGTH, Spectrum
from inspector.web.exported_files import picture_words
from inspector.web.link import difference, read_query, to_query
from inspector.web.state import InspectorState

NETWORK = random_network()
NOISE = NoiseModel(np.full(22, 1.3), np.zeros(22), "mine", weights=NETWORK.card.sha256)


@pytest.fixture(scope="module")
def spectrum() -> Spectrum:
    return Spectrum(WAVELENGTH, *makers.on_grid(seed=1, snr=100.0), 100.0, "coadd")


@pytest.fixture(scope="module")
def result(spectrum: Spectrum) -> Result:
    return inspector.analyze(spectrum, NETWORK, NOISE, mc_num=20)


def test_it_is_settled_and_names_weights_and_noise_model(result: Result) -> None:
    assert result.posterior is not None
    seed, rate = result.posterior.seed, NETWORK.dropout_rate
    assert result.provenance == Provenance(Settings(20, seed, rate), NETWORK.card.sha256, NOISE.sha256)


def test_the_row_says_what_it_says(result: Result) -> None:
    columns = result.provenance.columns
    assert {"mc_num", "seed", "dropout_rate", "weights_hash", "noise_model_hash", "edits"} == columns.keys()
    assert {name: result.row()[name] for name in columns} == columns


def test_a_caption_says_what_it_says(result: Result) -> None:
    text = result.provenance.text
    assert text == (
        f"mc_num 20 · seed {result.seed} · dropout rate 0.3 · weights {NETWORK.card.sha256[:8]}"
        f" · noise model {NOISE.sha256[:8]}"
    )
    assert text in picture_words(result)


def test_it_gives_the_same_numbers_again(spectrum: Spectrum, result: Result) -> None:
    asked = result.provenance.settings
    again = inspector.analyze(spectrum, NETWORK, NOISE, asked.mc_num, asked.seed, asked.dropout_rate)
    assert again.provenance == result.provenance
    assert again.row() == result.row()


def test_raw_errors_have_no_noise_model(spectrum: Spectrum) -> None:
    for noise in (NoiseModel.identity(), replace(NOISE, weights="0" * 64)):
        raw = inspector.analyze(spectrum, NETWORK, noise, mc_num=20)
        assert raw.provenance.noise_model_hash == "" and raw.provenance.text.endswith("errors raw, not corrected")


@pytest.mark.parametrize(
    ("change", "same_draws"),
    [
        ({"settings": Settings(30, 5, 0.3)}, True),
        ({"noise_model_hash": ""}, True),
        ({"settings": Settings(20, 6, 0.3)}, False),
        ({"settings": Settings(20, 5, 0.2)}, False),
        ({"weights_hash": "b"}, False),
    ],
)
def test_draws_are_shared_whatever_their_number_and_their_correction(change: dict, same_draws: bool) -> None:
    one = Provenance(Settings(20, 5, 0.3), "a", "c")
    other = replace(one, **change)
    assert other != one and (other.draws == one.draws) == same_draws


def test_a_spectrum_without_a_result_is_settled_too(spectrum: Spectrum) -> None:
    dead = inspector.analyze(replace(spectrum, flux=np.zeros_like(spectrum.flux)), NETWORK, None, mc_num=20)
    assert dead.reason and dead.provenance.settings == Settings(20, 0, NETWORK.dropout_rate)


def asked_by(noise: NoiseModel, **settings: object) -> InspectorState:
    """A page's state, once the weights are loaded."""
    return InspectorState(network=NETWORK, noise_model=noise, **settings)


def test_a_link_says_what_the_page_asks_with() -> None:
    state = asked_by(NOISE, mc_num=250, seed=7, dropout_rate=0.25)
    asked = Provenance(Settings(250, 7, 0.25), NETWORK.card.sha256, NOISE.sha256)
    assert state.asked == asked
    link = read_query(to_query(state))
    assert Settings(*(link.values[name] for name in ("mc_num", "seed", "dropout_rate"))) == asked.settings
    assert (link.weights, link.noise_model) == (asked.weights_hash[:8], asked.noise_model_hash[:8])
    assert difference(link, asked) == ""
    assert InspectorState(noise_model=NOISE).asked is None  # before the weights are loaded


def test_a_link_made_with_other_weights_or_another_noise_model_is_told_apart() -> None:
    link = read_query(to_query(asked_by(NOISE)))
    here = Provenance(Settings(), NETWORK.card.sha256, NOISE.sha256)
    told = difference(link, replace(here, weights_hash="0" * 64))
    assert told.startswith(f"This link was made with the weights {link.weights}; here 00000000 answer")
    told = difference(link, replace(here, noise_model_hash="1" * 64))
    assert f"the noise model {link.noise_model}" in told and "corrected by the noise model 11111111" in told
    assert "errors here are raw" in difference(link, replace(here, noise_model_hash=""))
    raw = read_query(to_query(asked_by(NoiseModel.identity())))
    assert "made with raw errors" in difference(raw, here) and not difference(raw, replace(here, noise_model_hash=""))
    assert difference(read_query("?label=teff"), here) == ""


def test_what_is_not_settled_says_so() -> None:
    assert Settings().text == "mc_num 100 · seed from the flux · the weights' own dropout rate"
    assert Settings(50, None, 0.1).settled(9, 0.3) == Settings(50, 9, 0.1)
    assert Settings(50, 4, None).settled(9, 0.3) == Settings(50, 4, 0.3)
