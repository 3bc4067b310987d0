"""What all sessions of a server share, read-only: weights, noise model, opened files, caches, threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from inspector.app.cache import Cache
from inspector.app.left_sessions import LeftSessions
from inspector.app.network_process import NetworkProcess
from inspector.app.shelf import Shelf
from inspector.app.turns import Turns
from inspector.app.upload_reader import UploadReader
from inspector.app.uploads import Allowance
from inspector.errors import InspectorError
from inspector.science.posterior import Posterior
from inspector.science.settings import Settings

if TYPE_CHECKING:
    from inspector.science.noise_model import NoiseModel
    from inspector.science.sampling import Askable

log = logging.getLogger(__name__)

POSTERIOR_BYTES = 64 << 20
"""Memory for draws shared by all sessions; a run of 10,000 draws takes 3.5 MB."""


@dataclass(eq=False)
class Commons:
    """What the server was started with, and what its sessions leave for each other.

    Attributes
    ----------
    shelf : Shelf
    weights, noise : Path or None
        None for what the project ships.
    mc_num : int
        Draws a new session asks for.
    local : bool
        Whether only this machine can connect: its user may then open any path.
    process : NetworkProcess or None
        That reads the weights already; started when they are wanted if None.
    upload_reader : UploadReader or None
        That reads uploads beside the event loop; they are read in place if None.
    """

    shelf: Shelf
    weights: Path | None = None
    noise: Path | None = None
    mc_num: int = Settings.mc_num
    local: bool = True
    process: NetworkProcess | None = None
    upload_reader: UploadReader | None = None

    network: Askable | None = None
    noise_model: NoiseModel | None = None
    problems: list[str] = field(default_factory=list)
    turns: Turns = field(default_factory=Turns)
    left: LeftSessions = field(default_factory=LeftSessions)
    painter: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "inspector-figure"))
    uploads: Allowance = field(default_factory=Allowance)
    posteriors: Cache[Posterior] = field(default_factory=lambda: Cache(POSTERIOR_BYTES, _bytes))

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, Callable[[], None]] = {}
        self._loading = self._loaded = False

    @property
    def loaded(self) -> bool:
        """Whether loading has ended, well or not."""
        return self._loaded

    def load(self) -> None:
        """Have weights and noise model read; a failure becomes a sentence in `problems`."""
        try:
            self._load_network()
            self._load_noise_model()
        finally:
            with self._lock:
                self._loaded, waiting = True, list(self._waiting.values())
                self._waiting = {}
            for tell in waiting:
                tell()

    def start_loading(self) -> None:
        """Load in the background, so that the server answers meanwhile; once, however often it is asked."""
        with self._lock:
            if self._loading or self._loaded:
                return
            self._loading = True
        threading.Thread(target=self.load, name="inspector-load", daemon=True).start()

    def when_loaded(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Call `tell` once loading has ended, from another thread; returns how to call it off."""
        with self._lock:
            if not self._loaded:
                self._waiting[id(tell)] = tell
                return lambda: self._forget(id(tell))
        tell()
        return lambda: None

    def _forget(self, key: int) -> None:
        with self._lock:
            self._waiting.pop(key, None)

    def _load_network(self) -> None:
        self.process = self.process or NetworkProcess(self.weights)
        try:
            self.network = self.process.network()
        except InspectorError as error:
            self._note(error)

    def _load_noise_model(self) -> None:
        if self.noise is None:
            return
        from inspector.files.checkpoints.noise_model_file import load_noise_model
        from inspector.science.noise_model import NoiseModel

        try:
            self.noise_model = load_noise_model(self.noise)
        except InspectorError as error:
            self._note(error)
            self.noise_model = NoiseModel.identity()

    def _note(self, error: InspectorError) -> None:
        log.warning("%s", error)
        self.problems.append(str(error))


def _bytes(posterior: Posterior) -> int:
    """Memory a posterior keeps alive: a growing one is a view of the whole run's array."""
    arrays = (posterior.draws, posterior.log_variance)
    return sum((array if array.base is None else array.base).nbytes for array in arrays)
