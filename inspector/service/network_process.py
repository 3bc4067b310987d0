"""The network in a process of its own: reading torch and drawing leave the server's time to its pages.

The process begins before the server is built, on another core, and ends with it.
"""

from __future__ import annotations

import atexit
import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import WeightsError
from inspector.pipeline.signals import deaf_children
from inspector.science.settings import Bounds

if TYPE_CHECKING:  # whoever starts the process should not wait for what these bring along
    from inspector.science.network import Network
    from inspector.science.sampling import Draws
    from inspector.science.weights_card import WeightsCard

NETWORK_PROCS = Bounds("network_procs", 1, 64)

Block = tuple[NDArray[np.float32], NDArray[np.float32]]

SPECTRA = 8
"""Whose first layers the process keeps: spectra asked about in turn."""


class NetworkProcesses:
    """Some processes that answer with the same weights: a question goes to the first that is free.

    Parameters
    ----------
    weights : path-like or None
        What `inspector.load_network` takes.
    count : int
    """

    def __init__(self, weights: str | Path | None = None, count: int = 1) -> None:
        self.count = NETWORK_PROCS.check(count)
        self._processes = [NetworkProcess(weights) for _ in range(count)]
        self._idle: LifoQueue[NetworkProcess] = LifoQueue()  # the one that answered last knows its spectrum
        for process in reversed(self._processes):
            self._idle.put(process)

    def network(self) -> DistantNetwork:
        """The network, once each process has read it.

        Raises
        ------
        WeightsError
            As `inspector.load_network` does, if a process died twice, or if the weights changed in between.
        """
        networks = [process.network(self) for process in self._processes]
        if len({network.card.sha256 for network in networks}) > 1:
            raise WeightsError("The weights changed while they were read. Start the server again.")
        return networks[0]

    def block(self, flux: NDArray[np.float64], rate: float, seed: int, index: int) -> Block:
        """A block of draws; see `inspector.science.sampling.Draws`."""
        process = self._idle.get()
        try:
            return process.block(flux, rate, seed, index)
        finally:
            self._idle.put(process)

    @property
    def pids(self) -> list[int]:
        """Numbers of the processes."""
        return [process.pid for process in self._processes if process.pid is not None]

    def close(self) -> None:
        """End the processes; who asks after this is told so."""
        for process in self._processes:
            process.close()


class NetworkProcess:
    """A process that reads weights and draws; one that dies is started again.

    Parameters
    ----------
    weights : path-like or None
        What `inspector.load_network` takes.
    """

    def __init__(self, weights: str | Path | None = None) -> None:
        self._weights = weights
        self._lock, self._closed = threading.Lock(), False
        self._sha256 = ""  # of the weights once read
        atexit.register(self.close)  # or whoever waits for an answer would start another process at the very end
        self._start()

    def network(self, whole: NetworkProcesses) -> DistantNetwork:
        """The network, once the process has read it; `whole` is who is asked for its draws.

        Raises
        ------
        WeightsError
            As `inspector.load_network` does, or if the process died twice.
        """
        card, rate, mean, std = self._ask("about")
        network = DistantNetwork(card, rate, mean, std, whole)
        self._sha256 = network.card.sha256
        return network

    def block(self, flux: NDArray[np.float64], rate: float, seed: int, index: int) -> Block:
        """A block of draws; see `inspector.science.sampling.Draws`."""
        drawn: Block = self._ask("block", flux.tobytes(), rate, seed, index)
        return drawn

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._process.pid

    def close(self) -> None:
        """End the process; who asks after this is told so."""
        self._closed = True
        atexit.unregister(self.close)
        if self._process.pid is not None:  # it may never have started
            self._process.kill()
            self._process.join(10)  # or a server that forks later would take it for a child of its own

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads may hold
        self._here, there = context.Pipe()
        self._process = context.Process(target=_answer, args=(there, self._weights), name="network", daemon=True)
        with deaf_children():
            self._process.start()
        there.close()

    def _ask(self, *question: Any) -> Any:
        with self._lock:
            try:
                told = self._told(question)
            except (EOFError, OSError):
                told = self._told_by_another(question)
        if isinstance(told, Exception):
            raise told
        return told

    def _told_by_another(self, question: tuple[Any, ...]) -> Any:
        """Ask a new process what the old one did not live to answer."""
        if self._closed:
            raise WeightsError("The network is not asked any more: the server is stopping.")
        self._start()
        try:
            self._refuse_other_weights(self._told(("about",)))
            return self._told(question)
        except (EOFError, OSError):
            raise WeightsError(
                "The process that runs the network died twice. Check that there is enough memory for it."
            ) from None

    def _refuse_other_weights(self, about: Any) -> None:
        """Whoever shows a hash must not be given another network's draws."""
        if self._sha256 and (isinstance(about, Exception) or about[0].sha256 != self._sha256):
            self._process.kill()
            raise WeightsError("The weights are no longer those the server was started with. Start it again.")

    def _told(self, question: tuple[Any, ...]) -> Any:
        self._here.send(question)
        return self._here.recv()


@dataclass(frozen=True, eq=False)
class DistantNetwork:
    """A network that answers from another process: the same numbers, asked for in the same way."""

    card: WeightsCard
    dropout_rate: float
    labels_mean: NDArray[np.float64]
    labels_std: NDArray[np.float64]
    process: NetworkProcesses

    def sampler(self, flux: NDArray[np.float64], rate: float) -> Draws:
        """Who draws for one spectrum."""
        return _DistantDraws(self.process, flux, rate)


@dataclass(frozen=True, eq=False)
class _DistantDraws:
    process: NetworkProcesses
    flux: NDArray[np.float64]
    rate: float

    def block(self, seed: int, index: int) -> Block:
        return self.process.block(self.flux, self.rate, seed, index)


def _answer(questions: Connection, weights: str | Path | None) -> None:
    """What the process does: read the weights, then answer until nobody is there to ask."""
    from inspector.files.checkpoints.weights import load_network

    try:
        answer = _answers_of(load_network(weights))
    except WeightsError as error:
        answer = _refusal(error)
    with suppress(EOFError, OSError):  # nobody is there to ask any more
        while True:
            questions.send(answer(*questions.recv()))


def _refusal(error: WeightsError) -> Callable[..., Any]:
    return lambda *_: error


def _answers_of(network: Network) -> Callable[..., Any]:
    """What a network says of itself, and its draws."""

    @lru_cache(SPECTRA)
    def sampler(flux: bytes, rate: float) -> Draws:
        return network.sampler(np.frombuffer(flux), rate)

    def answer(what: str, *how: Any) -> Any:
        if what == "about":
            return network.card, network.dropout_rate, network.labels_mean, network.labels_std
        flux, rate, seed, index = how
        return sampler(flux, rate).block(seed, index)

    return answer
