"""A checkpoint as ``torch.save`` writes it, from a stranger: looked through before torch opens it."""

from __future__ import annotations

import mmap
import re
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from inspector.exceptions import WeightsError
from inspector.files.checkpoints.pickle_work import MAX_BYTES, refuse_endless
from inspector.files.untrusted_text import clean

ZIP = b"PK\x03\x04"
"""How an archive begins."""

MAX_ENTRIES = 10_000
"""Of an archive; that of SDSS has some 200."""


def read_torch_file(file: Path) -> Any:
    """What `torch.save` wrote, as far as it is plain values and arrays; raises WeightsError otherwise."""
    _refuse_packed(file)
    _refuse_endless(file)
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - a hostile pickle can make the loader raise anything at all
        reason = clean(str(error).split("\n", 1)[0])
        raise WeightsError(
            f"'{file.name}' was refused: it holds something other than plain arrays, or is damaged ({reason})."
            " Use a checkpoint saved as a state dict."
        ) from None


def _refuse_packed(file: Path) -> None:
    """torch stores its arrays as they are; what is packed, or counted twice, may unpack to anything."""
    try:
        if not zipfile.is_zipfile(file):
            return
        _refuse_many_entries(file)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WeightsError(f"'{file.name}' is a damaged archive ({clean(str(error))}). Download it again.") from None
    unpacked = sum(entry.file_size for entry in entries)
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or unpacked > file.stat().st_size:
        raise WeightsError(
            f"'{file.name}' is packed, {unpacked >> 20} MiB in {file.stat().st_size >> 20} MiB; a checkpoint is stored"
            " as it is. It was not opened; save it with torch.save."
        )


def _refuse_many_entries(file: Path) -> None:
    """Before they are listed, which takes memory and minutes where there are millions."""
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if next(islice(re.finditer(b"PK\x01\x02", content), MAX_ENTRIES, None), None):
            raise ValueError(f"more than {MAX_ENTRIES} entries")


def _refuse_endless(file: Path) -> None:
    """What would keep torch busy for ever, in the archive's pickles, or in the five a torch before 1.6 began with."""
    try:
        with file.open("rb") as stream:
            if stream.read(4) != ZIP:
                stream.seek(0)
                return refuse_endless(stream.read(MAX_BYTES), 5)
        with zipfile.ZipFile(file) as archive:
            pickles = [entry for entry in archive.infolist() if entry.filename.endswith(".pkl")]
            if len(pickles) != 1:
                raise ValueError(f"{len(pickles)} pickles, where one was expected")
            with archive.open(pickles[0]) as part:
                refuse_endless(part.read(MAX_BYTES + 1))
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise WeightsError(f"'{file.name}' was refused: {clean(str(error))}. Download it again.") from None
