"""`sdss_access` kept to what is wanted of it: where a product lies below the Science Archive Server, and its address.

Left to itself it replaces the hooks of Python's errors and warnings, writes to a log, adds 84 variables to the
environment, and makes a folder ``~/sas``. All of that is undone here. It is imported here alone, when first asked.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType
from typing import Any

from inspector.exceptions import FileError
from inspector.files.astropy_errors import quiet

_ROOT = Path(__file__).resolve().parent
"""Stands for the SAS while a path is asked for: a folder that exists, so that none is made."""

_LOCK = threading.RLock()


@dataclass(frozen=True)
class Located:
    """Where a file lies.

    Attributes
    ----------
    location : str
        Below the root of the SAS, with slashes: ``dr17/apogee/spectro/redux/…``.
    url : str
        On the survey's server.
    """

    location: str
    url: str


def releases() -> tuple[str, ...]:
    """The releases whose archive is known: ``dr10`` and on, ``ipl4``."""
    with _contained():
        return tuple(name.lower() for name in _access().Path.get_available_releases())


def keywords(release: str, product: str) -> tuple[str, ...] | None:
    """What a product's path is made of in a release; None where it has no such product.

    Parameters
    ----------
    release : str
        One of `releases`.
    product : str
        ``apStar``, ``mwmVisit`` …
    """
    path = _path(release)
    return tuple(sorted(path.lookup_keys(product))) if product in path.templates else None


@lru_cache(100_000)
def located(release: str, product: str, values: tuple[tuple[str, str], ...]) -> Located:
    """Where a product lies.

    Parameters
    ----------
    release, product : str
    values : tuple of (str, str)
        A value for each of `keywords`, harmless in a path.
    """
    path = _path(release)
    with _LOCK:
        location = Path(path.full(product, **dict(values))).relative_to(_ROOT).as_posix()
    return Located(location, f"{path.remote_base}/sas/{location}")


@cache
def _path(release: str) -> Any:
    """A release's paths, from the root of the SAS on, so that no variable of the environment is needed any more."""
    with _contained():
        path = _access().Path(release=release)
        templates = {name: os.path.expandvars(template) for name, template in path.templates.items()}
        path.templates = {name: text for name, text in templates.items() if text.startswith(str(_ROOT))}
    return path


@cache
def _access() -> ModuleType:
    with quiet(), _sdss_tree():
        try:
            module = importlib.import_module("sdss_access")
        except ImportError as error:
            raise FileError(
                f"The archive's paths cannot be had: the package sdss-access does not work ({error})."
                " Install it anew: pip install --force-reinstall sdss-access sdss-tree."
            ) from error
    for name in ("sdss_access", "sdss-tree"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = False
    return module


@contextmanager
def _contained() -> Iterator[None]:
    """Undo what it does to the process around it."""
    with _LOCK:
        before, hook, show = dict(os.environ), sys.excepthook, warnings.showwarning
        os.environ["SAS_BASE_DIR"] = str(_ROOT)
        os.environ.pop("TREE_DIR", None)  # another installation's templates
        try:
            yield
        finally:
            _restore(before)
            sys.excepthook, warnings.showwarning = hook, show


def _restore(before: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(before):
        del os.environ[name]
    for name, value in before.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@contextmanager
def _sdss_tree() -> Iterator[None]:
    """Have ``import tree`` give sdss-tree: dm-tree, which TensorFlow Probability needs, is called so too.

    Where both are installed one has written over the other's ``tree/__init__.py``.
    """
    others = {name: module for name, module in list(sys.modules.items()) if name == "tree" or name.startswith("tree.")}
    for name in others:
        del sys.modules[name]
    try:
        sys.modules["tree"] = _tree_module()
        yield
    finally:
        for name in [name for name in list(sys.modules) if name == "tree" or name.startswith("tree.")]:
            del sys.modules[name]
        sys.modules.update(others)


def _tree_module() -> ModuleType:
    """sdss-tree's package as its own ``__init__`` would make it."""
    try:
        folder = Path(str(distribution("sdss-tree").locate_file("tree")))
    except PackageNotFoundError as error:
        raise FileError("The archive's paths need the package sdss-access: pip install sdss-access.") from error
    module = ModuleType("tree")
    module.__path__ = [str(folder)]
    vars(module).update(log=logging.getLogger("sdss-tree"), config={}, __version__="")
    sys.modules["tree"] = module
    vars(module)["Tree"] = importlib.import_module("tree.tree").Tree
    return module
