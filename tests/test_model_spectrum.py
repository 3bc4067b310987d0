"""The model spectrum: its network against a slow oracle, its gradient against differences, its accuracy as stated."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

import inspector
from inspector.exceptions import SettingsError, WeightsError
from inspector.files.bundled_files import bundled_path
from inspector.files.checkpoints.spectrum_model_file import SHIPPED, load_spectrum_model, save_spectrum_model
from inspector.science.labels import FE_H, LABEL_NAMES, LOGG, TEFF
from inspector.science.model_spectrum import Atmosphere, SpectrumModel, absolute_labels, relative_labels

sys.path.insert(0, str(Path(__file__).parents[1]))  # the training code is not part of the installed package

from weights.training.model_network import NetworkSettings
from weights.training.model_spectrum import Material, accuracy, trained

ROOT = Path(__file__).resolve().parents[1]
GIANT = np.array([4800.0, 2.5] + [-0.2] * 20)
SUN = np.array([5777.0, 4.44] + [0.0] * 20)
ARCTURUS = np.array([4286, 1.66, -.37, -.37, -.22, -.05, -.41, -.15, -.18, -.19, -.27, -.22,
                     -.32, -.41, -.25, -.25, -.32, -.57, -.73, -.52, -.43, -.46])  # fmt: skip


@pytest.fixture(scope="module")
def model() -> SpectrumModel:
    return load_spectrum_model()


@pytest.fixture(scope="module")
def held_out() -> Material:
    """Clean spectra of the grid that the model has not learned from."""
    with np.load(ROOT / "tests" / "data" / "heldout_models.npz", allow_pickle=False) as d:
        flux = (d["flux_q"] * float(d["flux_scale"])).astype(np.float32)
        return Material(flux, d["labels"].astype(float), d["atmosphere"].astype(float))


def by_torch(model: SpectrumModel, labels: np.ndarray) -> np.ndarray:
    """The literal network in double precision."""
    a = model.usual_atmosphere(labels)
    x = np.array([*relative_labels(labels), a.vmicro, a.log_c12c13, a.width, a.rotation])
    z = torch.from_numpy((x - model.input_mean) / model.input_scale)
    for w, b in ((model.w1, model.b1), (model.w2, model.b2)):
        z = torch.nn.functional.silu(torch.from_numpy(w.copy()) @ z + torch.from_numpy(b.copy()))
    weights = model.w3 @ z.numpy() + model.b3
    return model.mean + np.einsum("k,kp->p", weights, model.components.astype(float))


@pytest.mark.parametrize("labels", [GIANT, SUN, ARCTURUS])
def test_flux_is_that_of_the_literal_network(model: SpectrumModel, labels: np.ndarray) -> None:
    np.testing.assert_allclose(model.at(labels).flux, by_torch(model, labels), rtol=0, atol=2e-5)


@pytest.mark.parametrize("labels", [GIANT, SUN, ARCTURUS])
def test_gradient_is_that_of_finite_differences(model: SpectrumModel, labels: np.ndarray) -> None:
    gradient = model.gradient(labels)
    for i, step in enumerate([5.0] + [0.005] * 21):
        change = np.zeros(22)
        change[i] = step
        slope = (by_torch(model, labels + change) - by_torch(model, labels - change)) / (2 * step)
        np.testing.assert_allclose(gradient[:, i], slope, rtol=0, atol=2e-3 * np.abs(slope).max() + 1e-9)


def test_it_is_as_accurate_on_held_out_spectra_as_the_card_says(model: SpectrumModel, held_out: Material) -> None:
    rms = accuracy(model, held_out)
    assert np.median(rms["own atmosphere"]) < 0.0015
    assert np.percentile(rms["own atmosphere"], 90) < 0.004
    assert np.median(rms["usual atmosphere"]) < 0.003
    assert np.percentile(rms["usual atmosphere"], 90) < 0.007


def test_its_error_covers_what_it_misses_on_held_out_spectra(model: SpectrumModel, held_out: Material) -> None:
    pulls = [
        (flux - model.flux(labels)) / model.error(model.flux(labels))
        for flux, labels in zip(held_out.flux, held_out.labels)
    ]
    assert np.mean(np.abs(pulls) < 1) > 0.9
    assert (model.error(model.flux(SUN)) > 1e-4).all()


def test_another_atmosphere_changes_what_it_should(model: SpectrumModel) -> None:
    usual = model.usual_atmosphere(GIANT)
    broad = model.flux(GIANT, replace(usual, width=usual.width + 10))
    deep = model.flux(GIANT, replace(usual, vmicro=usual.vmicro + 0.3))
    assert broad.min() > model.flux(GIANT).min()
    assert deep.mean() < model.flux(GIANT).mean()
    assert isinstance(usual, Atmosphere) and 0.8 < usual.vmicro < 2.2


def test_relative_labels_are_over_iron_and_come_back() -> None:
    relative = relative_labels(ARCTURUS)
    assert relative[[TEFF, LOGG, FE_H]].tolist() == ARCTURUS[[TEFF, LOGG, FE_H]].tolist()
    assert relative[LABEL_NAMES.index("mg_h")] == pytest.approx(0.37)
    np.testing.assert_allclose(absolute_labels(relative), ARCTURUS, atol=1e-12)


def with_label(name: str, value: float, labels: np.ndarray = GIANT) -> np.ndarray:
    out = labels.copy()
    out[LABEL_NAMES.index(name)] = value
    return out


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (with_label("teff", 3100), "Teff is 3100 K; the model holds from 3600 to 6800 K"),
        (with_label("fe_h", -2.6), "[Fe/H] is −2.60"),
        (with_label("logg", 4.4, with_label("teff", 3700)), "the model knows no star of Teff 3700 K and log g 4.40"),
        (with_label("mg_h", 1.5), "[Mg/Fe] is 1.70"),
        (with_label("mg_h", np.nan), "22 finite numbers"),
        (GIANT[:21], "22 finite numbers"),
    ],
)
def test_it_refuses_labels_where_it_does_not_hold(labels: np.ndarray, words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)):
        inspector.model_spectrum(labels)


def test_abundances_can_be_brought_to_the_nearest_known(model: SpectrumModel) -> None:
    strange = with_label("mg_h", 1.5)
    nearest = model.nearest(strange)
    assert model.why_not(nearest) == ""
    assert np.flatnonzero(nearest != strange).tolist() == [LABEL_NAMES.index("mg_h")]
    np.testing.assert_array_equal(model.nearest(SUN), SUN)


def test_the_file_is_small_and_the_card_names_it(model: SpectrumModel) -> None:
    assert bundled_path(SHIPPED, "weights").stat().st_size < 6e6
    assert model.sha256 in (ROOT / "weights" / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_a_model_written_is_the_model_read(model: SpectrumModel, tmp_path: Path) -> None:
    assert save_spectrum_model(model, tmp_path / "again.safetensors") == model.sha256
    again = load_spectrum_model(tmp_path / "again.safetensors")
    np.testing.assert_array_equal(again.flux(SUN), model.flux(SUN))
    with pytest.raises(ValueError, match="read-only"):
        again.mean[0] = 0


def spoiled(change: str, arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    metadata = {"format": "inspector-model-spectrum-1", "sha256": load_spectrum_model().sha256}
    if change == "missing":
        del arrays["w2"]
    elif change == "shape":
        arrays["mean"] = arrays["mean"][:-1]
    elif change == "kind":
        arrays["mean"] = arrays["mean"].astype(np.float64)
    elif change == "infinite":
        arrays["b1"] = np.full_like(arrays["b1"], np.inf)
    elif change == "damaged":
        arrays["b1"] = arrays["b1"] + np.float32(0.1)
    elif change == "format":
        metadata["format"] = "another"
    return arrays, metadata


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("missing", "has no 'w2'"),
        ("shape", "'mean' is float32 of shape"),
        ("kind", "'mean' is float64"),
        ("infinite", "not finite"),
        ("damaged", "do not match the hash"),
        ("format", "'another'"),
    ],
)
def test_a_spoiled_file_is_refused(tmp_path: Path, change: str, words: str) -> None:
    arrays, metadata = spoiled(change, load_file(bundled_path(SHIPPED, "weights")))
    save_file(arrays, tmp_path / "spoiled.safetensors", metadata)
    with pytest.raises(WeightsError, match=re.escape(words)):
        load_spectrum_model(tmp_path / "spoiled.safetensors")


@pytest.mark.parametrize("content", [b"", b"no tensors at all, but long enough", b"\x10\0\0\0\0\0\0\0{]"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match=r"Use the file that the project ships"):
        load_spectrum_model(tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match=r"no model spectrum at"):
        load_spectrum_model(tmp_path)


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_training_learns_and_is_repeatable(held_out: Material) -> None:
    settings = NetworkSettings(components=12, hidden=32, passes=40, batch=20, rate=1e-2, warm_up=5)
    one, again = trained(held_out, settings), trained(held_out, settings)
    np.testing.assert_array_equal(one.flux(GIANT), again.flux(GIANT))
    learned = np.median(accuracy(one, held_out)["own atmosphere"])
    assert learned < 0.5 * np.median(np.std(held_out.flux - one.mean, axis=1))
