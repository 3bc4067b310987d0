"""What all sessions of a server share: weights, noise model, opened files, processes, bounds."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.exceptions import InspectorError
from inspector.science.settings import Settings
from inspector.service.inference import Inference
from inspector.service.left_sessions import LeftSessions
from inspector.service.library import Library
from inspector.service.measurements import Measurements
from inspector.service.network_process import NETWORK_PROCS, NetworkProcesses
from inspector.service.queue.opened_table import OpenedTable
from inspector.service.reading import Readers, ReadHere
from inspector.service.uploads import Allowance

if TYPE_CHECKING:
    from inspector.science.noise_model import NoiseModel
    from inspector.science.sampling import Askable
    from inspector.service.spectrum_sources import SpectrumSources
    from inspector.service.verdicts.review_desk import ReviewDesk

log = logging.getLogger(__name__)


class Services:
    """What the server was started with, and what its sessions ask and leave for each other.

    Parameters
    ----------
    paths : sequence of Path
        The opened files, as `inspector.service.library.find_files` gives them.
    weights, noise : Path or None
        None for what the project ships.
    mc_num : int
        Draws a new session asks for.
    local : bool
        Whether only this machine can connect: its user may then open any path, and know where files lie.
    processes : NetworkProcesses or None
        That read the weights already; started when they are wanted if None.
    network, noise_model
        Read already, by whoever serves nobody else.
    readers : Readers or ReadHere
        Processes of their own if None.
    network_procs : int
        How many `processes` are started if there are none.
    table : OpenedTable or None
        The results table whose rows are gone through.
    sources : SpectrumSources or None
        Where spectra of rows are looked for; made when a table is opened if None.
    verdicts : ReviewDesk or None
        Where verdicts are written; None where none are taken.

    Attributes
    ----------
    measurements : Measurements
    library : Library
    readers : Readers
    inference : Inference
    painter : Executor
        Where figures for a talk or a paper are drawn.
    uploads : Allowance
    left : LeftSessions
    network : Network or None
        None until it has been read, or if it could not be.
    noise_model : NoiseModel or None
        The one somebody named.
    stopping : bool
        Whether the server has been asked to stop.
    problems : list of str
        What went wrong when they were read.
    """

    def __init__(
        self,
        paths: Sequence[Path] = (),
        weights: Path | None = None,
        noise: Path | None = None,
        mc_num: int = Settings.mc_num,
        local: bool = True,
        processes: NetworkProcesses | None = None,
        network: Askable | None = None,
        noise_model: NoiseModel | None = None,
        readers: Readers | ReadHere | None = None,
        network_procs: int = 1,
        table: OpenedTable | None = None,
        sources: SpectrumSources | None = None,
        verdicts: ReviewDesk | None = None,
    ) -> None:
        self.table, self._sources = table, sources
        self.weights, self.noise, self.mc_num, self.local = weights, noise, mc_num, local
        self.measurements = Measurements()
        self.readers = readers or Readers(measurements=self.measurements)
        self.library = Library(paths, self.readers, show_paths=local)
        self._processes, self._network_procs = processes, NETWORK_PROCS.check(network_procs)
        slots = 1 + (processes.count if processes else self._network_procs)
        self.inference = Inference(slots, self.measurements)
        self.painter = ThreadPoolExecutor(1, "inspector-figure")
        self.uploads, self.left = Allowance(), LeftSessions()
        self.verdicts = verdicts
        self.network, self.noise_model = network, noise_model
        self.problems: list[str] = []
        self.stopping = False
        self._lock, self._loading, self._closed = threading.Lock(), False, False
        self._done: Future[None] = Future()
        if network is not None:
            self._done.set_result(None)
        self._measure()

    @property
    def loaded(self) -> bool:
        """Whether weights and noise model have been read, well or not."""
        return self._done.done()

    @property
    def state(self) -> str:
        """``loading``, ``ready``, ``failed`` (without weights nothing is answered) or ``stopping``."""
        if self.stopping or self._closed:
            return "stopping"
        if not self.loaded:
            return "loading"
        return "failed" if self.network is None else "ready"

    def _measure(self) -> None:
        watch = self.measurements.watch
        watch("inspector_sessions", "Pages that are open.", lambda: self.left.alive)
        watch("inspector_waiting_turns", "Turns of the network waited for.", lambda: self.inference.queue.waiting)
        watch("inspector_waiting_files", "Files waited for.", lambda: self.readers.queue.waiting)
        watch("inspector_ready", "Whether the weights are read.", lambda: self.state == "ready")

    @property
    def sources(self) -> SpectrumSources:
        """Where spectra of rows are looked for."""
        if self._sources is None:
            from inspector.service.spectrum_sources import SpectrumSources  # who opens no table need not wait for it

            self._sources = SpectrumSources(local=self.local)
        return self._sources

    def load(self) -> None:
        """Have weights and noise model read; a failure becomes a sentence in `problems`."""
        try:
            self._load_network()
            self._load_noise_model()
        finally:
            self._done.set_result(None)

    def start(self) -> None:
        """Read weights, noise model and the first star in the background, so that the server answers meanwhile; once.

        Called in the event loop.
        """
        with self._lock:
            if self._loading or self.loaded:
                return
            self._loading = True
        self.readers.start()
        self.library.read_ahead()
        threading.Thread(target=self._load_and_log, name="inspector-load", daemon=True).start()

    async def until_loaded(self) -> None:
        """Wait until weights and noise model have been read."""
        await asyncio.shield(asyncio.wrap_future(self._done))  # one session that goes must not end it for all

    def close(self) -> None:
        """End the processes and what waits for them."""
        self._closed = True
        self.readers.close()
        self.inference.close()
        self.painter.shutdown(wait=False, cancel_futures=True)
        if self._sources is not None:
            self._sources.close()
        if self.verdicts is not None:
            self.verdicts.close()
        if self._processes is not None:
            self._processes.close()

    def _load_and_log(self) -> None:
        self.load()
        for problem in () if self._closed else self.problems:
            log.warning("%s", problem)

    def _load_network(self) -> None:
        self._processes = self._processes or NetworkProcesses(self.weights, self._network_procs)
        try:
            self.network = self._processes.network()
        except InspectorError as error:
            self.problems.append(str(error))

    def _load_noise_model(self) -> None:
        if self.noise is None:
            return
        from inspector.files.checkpoints.noise_model_file import load_noise_model
        from inspector.science.noise_model import NoiseModel

        try:
            self.noise_model = load_noise_model(self.noise)
        except InspectorError as error:
            self.problems.append(str(error))
            self.noise_model = NoiseModel.identity()
