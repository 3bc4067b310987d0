"""What decided an answer is one value: rows, captions and caches say it, and it gives the same numbers again."""

from __future__ import annotations

from dataclasses import replace

import makers
import numpy as np
import pytest
from random_network import random_network

import inspector
from inspector.app.export import picture_words
from inspector.pipeline.result import Result
from inspector.science.noise_model import NoiseModel
from inspector.science.provenance import Provenance
from inspector.science.settings import Settings
from inspector.science.spectrum import WAVELENGTH, Spectrum

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
    assert {"mc_num", "seed", "dropout_rate", "weights_hash", "noise_model_hash"} == columns.keys()
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


def test_what_is_not_settled_says_so() -> None:
    assert Settings().text == "mc_num 100 · seed from the flux · the weights' own dropout rate"
    assert Settings(50, None, 0.1).settled(9, 0.3) == Settings(50, 9, 0.1)
    assert Settings(50, 4, None).settled(9, 0.3) == Settings(50, 4, 0.3)
