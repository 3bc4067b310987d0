"""The network in its own process: the same numbers, its refusals, its deaths."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from random_network import random_network

from inspector import load_network, sample, save_network
from inspector.exceptions import WeightsError
from inspector.service.network_process import NetworkProcesses
from inspector.service.services import Services


@pytest.fixture(scope="module")
def process() -> Iterator[NetworkProcesses]:
    made = NetworkProcesses()
    yield made
    made.close()


@pytest.fixture
def flux() -> np.ndarray:
    return 1 + 0.05 * np.random.default_rng(3).normal(size=7514)


def test_it_draws_what_the_library_draws(process: NetworkProcesses, flux: np.ndarray) -> None:
    here, there = load_network(), process.network()
    assert there.card == here.card and there.dropout_rate == here.dropout_rate
    for seed, rate in ((0, None), (7, 0.1)):
        near, far = (sample(network, flux, 120, seed, rate) for network in (here, there))
        assert np.array_equal(near.draws, far.draws)
        assert np.array_equal(near.log_variance, far.log_variance)


def test_threads_that_ask_at_once_get_their_own_draws(process: NetworkProcesses, flux: np.ndarray) -> None:
    network, drawn = process.network(), {}
    spectra = {seed: flux + 0.01 * seed for seed in range(4)}

    def ask(seed: int) -> None:
        drawn[seed] = sample(network, spectra[seed], 100, seed).draws

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in spectra]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    here = load_network()
    assert all(np.array_equal(drawn[s], sample(here, spectra[s], 100, s).draws) for s in spectra)


def test_a_killed_process_is_started_again(process: NetworkProcesses, flux: np.ndarray) -> None:
    network = process.network()
    before = sample(network, flux, 50, 1).draws
    os.kill(process.pids[0], signal.SIGKILL)
    assert np.array_equal(sample(network, flux, 50, 1).draws, before)


def test_weights_exchanged_meanwhile_do_not_answer(tmp_path: Path, flux: np.ndarray) -> None:
    file = tmp_path / "weights.safetensors"
    save_network(random_network(seed=1), file)
    process = NetworkProcesses(file)
    try:
        network = process.network()
        save_network(random_network(seed=2), file)
        os.kill(process.pids[0], signal.SIGKILL)
        for _ in range(2):  # nor when asked again
            with pytest.raises(WeightsError, match="no longer those"):
                sample(network, flux, 50, 1)
    finally:
        process.close()


def test_wrong_weights_are_refused_in_a_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "weights.safetensors"
    wrong.write_bytes(b"no weights")
    services = Services(weights=wrong)
    try:
        services.load()
        assert services.network is None and len(services.problems) == 1
    finally:
        services.close()


def test_several_processes_draw_what_one_draws(process: NetworkProcesses, flux: np.ndarray) -> None:
    several = NetworkProcesses(count=2)
    try:
        network, drawn = several.network(), {}

        def ask(seed: int) -> None:
            drawn[seed] = sample(network, flux, 100, seed).draws

        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(several.pids) == 2
        assert all(np.array_equal(drawn[s], sample(process.network(), flux, 100, s).draws) for s in drawn)
    finally:
        several.close()
