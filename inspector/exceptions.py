"""Every error a user can cause, as one family.

::

    InspectorError
    ├── FileError           a path that cannot be opened or is not what it claims
    │   ├── NotRecognised   no reader knows this file; carries each reader's reason
    │   └── ColumnsNeeded   a table that does not say which column is which; carries its names and a guess
    ├── SpectrumError       a spectrum that cannot be normalised or judged
    ├── WeightsError        a checkpoint that is missing, malformed or hostile
    ├── NoiseModelError     a noise model that is missing, malformed or hostile
    ├── SettingsError       a setting outside what makes sense (mc_num, dropout rate, seed …)
    ├── StoreError          verdicts that cannot be written or read just now, or not by this version
    └── Cancelled           a run that was asked to stop

The message of each says what was found, what was expected and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class InspectorError(Exception):
    """Root of every error a user can cause; ``str(error)`` is a sentence fit to show them."""


class FileError(InspectorError):
    """A file that is missing, unreadable, truncated, too large, or not what it claims."""


class NotRecognised(FileError):
    """No reader knows the file.

    Attributes
    ----------
    reasons : dict of str to str
        Why each reader refused, by the name of the product it reads.
    """

    def __init__(self, message: str, reasons: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reasons = dict(reasons)

    def __reduce__(self) -> tuple[type[NotRecognised], tuple[str, dict[str, str]]]:
        # worker processes hand it back whole
        return type(self), (self.args[0], self.reasons)


class ColumnsNeeded(FileError):
    """A table in which no column is known to name the spectrum or the star.

    Attributes
    ----------
    names : tuple of str
        Its columns.
    guess : dict of str to str
        Our names to the columns that may hold them.
    """

    def __init__(self, message: str, names: Sequence[str], guess: Mapping[str, str]) -> None:
        super().__init__(message)
        self.names = tuple(names)
        self.guess = dict(guess)

    def __reduce__(self) -> tuple[type[ColumnsNeeded], tuple[str, tuple[str, ...], dict[str, str]]]:
        return type(self), (self.args[0], self.names, self.guess)


class SpectrumError(InspectorError):
    """A spectrum with nothing to fit, or whose arrays do not belong together."""


class WeightsError(InspectorError):
    """A checkpoint that is missing, malformed or hostile."""


class NoiseModelError(InspectorError):
    """A noise model that is missing, malformed or hostile."""


class SettingsError(InspectorError):
    """A setting outside the range that makes sense."""


class StoreError(InspectorError):
    """The store of verdicts cannot be written or read.

    Attributes
    ----------
    passing : bool
        Whether the same may succeed later: a full disk, a lock, a lost connection.
    """

    def __init__(self, message: str, passing: bool = True) -> None:
        super().__init__(message)
        self.passing = passing


class Cancelled(InspectorError):
    """The run was asked to stop before it finished."""
