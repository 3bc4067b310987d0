"""The network against a literal one, and the numbers the paper and the data pages state."""

import numpy as np
import oracle
import pytest
import torch
from random_network import random_network

from inspector.exceptions import WeightsError
from inspector.science.architecture import ApogeeBCNNCensored, Sizes
from inspector.science.labels import ELEMENTS, LABEL_NAMES, LABELS, label_index
from inspector.science.network import Network
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH
from inspector.science.weights_card import WeightsCard
from inspector.science.windows import element_windows, window_spans

WINDOW_SIZES = {
    "C": 3806, "CI": 557, "N": 3776, "O": 505, "Na": 13, "Mg": 106, "Al": 51, "Si": 102, "P": 24, "S": 8,
    "K": 16, "Ca": 19, "Ti": 31, "TiII": 28, "V": 29, "Cr": 46, "Mn": 70, "Co": 24, "Ni": 206,
}  # fmt: skip


@pytest.fixture
def flux():
    rng = np.random.default_rng(1)
    return 1 - np.abs(rng.normal(0, 0.08, 7514))


def test_deterministic_output_equals_the_literal_network(flux):
    network = random_network(seed=3)
    x = torch.from_numpy(flux - network.module.input_mean.numpy()).float()[None, None]
    with torch.inference_mode():
        value, log_variance = network.module(x)
    expected_value, expected_log_variance = oracle.forward(network.module.state_dict(), flux)
    np.testing.assert_allclose(value[0], expected_value, atol=1e-5)
    np.testing.assert_allclose(log_variance[0], expected_log_variance, atol=1e-5)


def test_no_gradient_flows_from_the_elements_into_the_stellar_labels():
    module = ApogeeBCNNCensored(np.array(element_windows()))
    value, _ = module(torch.randn(2, 1, 7514))
    value[:, label_index("mg_h")].sum().backward()
    assert not module.dense_teffloggfeh.weight.grad.any()
    assert module.dense_aux_fullspec.weight.grad.abs().sum() > 0


def test_size_is_that_of_the_published_network():
    parameters = ApogeeBCNNCensored(np.array(element_windows())).named_parameters()
    counted = {name: p.numel() for name, p in parameters if p.is_floating_point()}
    assert counted["dense_1.weight"] == 7512 * 192
    assert counted["elem_dense1.0.weight"] == 3806 * 256
    assert counted["elem_dense2.2.weight"] == 256 * 64
    assert counted["elem_dense_out.7.weight"] == 16 + 5


def test_windows_are_those_of_the_data_page():
    assert dict(zip(ELEMENTS, element_windows().sum(axis=1).tolist())) == WINDOW_SIZES


@pytest.mark.parametrize("index", range(len(ELEMENTS)))
def test_spans_cover_a_window_and_nothing_else(index):
    window = element_windows()[index]
    covered = np.concatenate([np.arange(first, last + 1) for first, last in window_spans(window)])
    assert covered.tolist() == CHIP_PIXELS[window].tolist()


def test_an_empty_window_has_no_spans():
    assert window_spans(np.zeros(7514, dtype=bool)).shape == (0, 2)


def test_grid_is_the_apstar_grid():
    assert WAVELENGTH[[0, -1]].round(2).tolist() == [15100.80, 16999.81]
    assert len(CHIP_PIXELS) == 7514
    velocity = 299792.458 * (WAVELENGTH[1] / WAVELENGTH[0] - 1)
    assert velocity == pytest.approx(4.14, abs=0.01)


def test_labels_are_in_the_order_of_the_tables():
    order = "teff logg c_h c_1_h n_h o_h na_h mg_h al_h si_h p_h s_h k_h ca_h ti_h ti_2_h v_h cr_h mn_h fe_h co_h ni_h"
    assert " ".join(LABEL_NAMES) == order


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("c1_h", "c_1_h"), ("ti2_h", "ti_2_h"), ("C", "c_h"), ("TiII", "ti_2_h"), ("[C/H]", "c_h"), ("[CI/H]", "c_1_h"),
     ("TEFF", "teff"), ("Fe", "fe_h"), (" CI ", "c_1_h"), ("[Ti II/H]", "ti_2_h")],
)  # fmt: skip
def test_every_spelling_finds_its_label(spelling, name):
    assert LABEL_NAMES[label_index(spelling)] == name


def test_no_two_labels_share_an_alias():
    aliases = [alias for label in LABELS for alias in label.aliases]
    assert len(aliases) == len(set(aliases))


def test_weights_that_are_not_finite_are_refused():
    module = random_network().module
    module.dense_2.bias[3] = torch.nan
    with pytest.raises(WeightsError, match=r"dense_2\.bias"):
        Network(module, WeightsCard("broken", "0" * 64, "none"))


def test_a_pooling_that_cannot_be_folded_is_refused():
    with pytest.raises(WeightsError, match="power of two"):
        Sizes(window=(1,) * 19, pool=3)
