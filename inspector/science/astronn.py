"""The two astroNN functions this project builds on, imported in one place.

Only ``astroNN.apogee`` is imported: it needs neither TensorFlow nor Keras.
"""

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """A module that is imported when something is first taken from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


# astroNN styles its own plots with pylab, which takes longer to import than all the rest of astroNN
sys.modules.setdefault("pylab", _Later("pylab"))
with warnings.catch_warnings():
    # astroNN 1.1.0 imports pkg_resources, which announces its own retirement to every user
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
    from astroNN.apogee import apogee_continuum, aspcap_mask
    from astroNN.data import datapath

__all__ = ["apogee_continuum", "aspcap_mask", "datapath"]
