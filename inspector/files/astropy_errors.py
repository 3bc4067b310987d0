"""Astropy under a stranger's file: no warning of its own reaches a user, and what it raises becomes a sentence."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from astropy.io.fits import VerifyError

from inspector.exceptions import FileError
from inspector.files.untrusted_text import clean

_ONE_AT_A_TIME = threading.RLock()

_RAISED = (
    VerifyError,  # a card or a column's definition that is not FITS
    OSError,  # a header cut short
    ValueError,  # axes, formats and names that contradict each other; text where a number belongs
    TypeError,  # a card of the wrong type (NAXIS1 = T); an array larger than its bytes
    KeyError,  # a required card that is missing (TFORMn)
    IndexError,  # a header without any card; a column that is not in the data
    AttributeError,  # a column without a TFORMn or with a TTYPEn that is not text
    AssertionError,  # a column's name that does not fit into a card
    UnboundLocalError,  # a TDIMn beside a TFORMn of unknown type
    OverflowError,  # a number past 64 bits where astropy hands it to numpy
)


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings, whatever the caller's filters are; astropy warns of each oddity it repairs or ignores.

    Python keeps its warning filters in one list all threads share, so that two threads that set and restore them in
    turn may restore each other's. The lock keeps our own reads apart: it is held while one file is taken apart, some
    milliseconds, and never while a file is read from disk or unpacked. It cannot keep other libraries' use of
    ``catch_warnings`` apart from ours; from Python 3.14 on, with ``-X context_aware_warnings``, nothing is shared.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not even -W error may turn a note on a card into a failure
        yield


@contextmanager
def explained(file: str, index: int) -> Iterator[None]:
    """What astropy raises over broken content, as a `FileError` about part `index` of `file`."""
    try:
        yield
    except _RAISED as error:
        said = clean(f"{type(error).__name__}: {error}")
        raise FileError(f"{file}: HDU {index} is damaged ({said}). Download it again.") from error
