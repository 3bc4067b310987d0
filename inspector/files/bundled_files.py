"""Where the files this project carries lie: in the wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def bundled_path(name: str, kind: str = "assets") -> Path:
    """Path of a bundled file or folder.

    Parameters
    ----------
    name : str
        Relative to the folder `kind`: ``stars``, ``lines/hband_lines.csv``.
    kind : str
        ``assets`` or ``weights``.

    Returns
    -------
    Path
        It may not exist: not every build carries trained weights.
    """
    installed = _PACKAGE / "_bundled" / kind
    return (installed if installed.is_dir() else _PACKAGE.parent / kind) / name
