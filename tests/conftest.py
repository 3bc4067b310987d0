"""What several tests share."""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"
BUNDLED = Path(__file__).resolve().parents[1] / "assets" / "stars"
FEW_FILES = 4
MOST_WORKERS = 4  # each takes over a gigabyte

if "PYTEST_XDIST_WORKER" in os.environ:  # each worker keeps to its core, and so do the servers it starts
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Share the tests among processes, a file to one of them, unless the command says otherwise or xdist is absent."""
    if "PYTEST_XDIST_WORKER" in os.environ or not config.pluginmanager.hasplugin("xdist"):
        return  # a worker that shared in its turn would have workers of its own, without end
    if config.option.numprocesses is None and config.option.dist == "no":
        config.option.numprocesses, config.option.dist = "auto", "loadfile"
        config.option.loadscopereorder = False  # the order below


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes share the tests: one per core for whole folders, none but this for a few files."""
    files = [argument.partition("::")[0] for argument in config.args]
    if len(files) <= FEW_FILES and all(file.endswith(".py") for file in files):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS) if cores > 1 else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first, files with journeys in the browser, so that no worker ends with one of them."""
    journeys = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in journeys)


@pytest.fixture(autouse=True)
def no_loop_of_others(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright leaves its event loop running in this thread; a test without a browser has none, as in a script."""
    loop = None if request.node.get_closest_marker("browser") else asyncio._get_running_loop()
    if loop is not None:
        asyncio._set_running_loop(None)
    yield
    if loop is not None:
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where programs started by tests keep a user's verdicts: not among those of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def real_spectra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a real file of every product; those that are not bundled are cut (``data/spectra/cut.py``)."""
    folder = tmp_path_factory.mktemp("real")
    for whole in BUNDLED.glob("*.fits"):
        shutil.copy(whole, folder)
    for packed in (DATA / "spectra").glob("*.fits.gz"):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder
