"""What a file that is not FITS is, recognised by how it begins, and what to do with it."""

from __future__ import annotations

import re

_ARCHIVE = "Unpack it and open the files in it."
_DOWNLOAD = "Download the file again: perhaps the server asked for a password, or did not find it."

_SIGNATURES: tuple[tuple[str, str, str], ...] = (
    (r"PK(\x03\x04|\x05\x06)", "a zip archive (or a PyTorch checkpoint, which --weights takes)", _ARCHIVE),
    (r"\x28\xb5\x2f\xfd", "packed with zstd", "Unpack it with 'unzstd' first."),
    (r"\x1f\x9d", "packed with 'compress' (.Z)", "Unpack it with 'uncompress' first."),
    (r"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _ARCHIVE),
    (r"Rar!\x1a", "a RAR archive", _ARCHIVE),
    (r"[\s\S]{257}ustar", "a tar archive", "Unpack it with 'tar xf' and open the files in it."),
    (r"\x1f\x8b", "packed with gzip twice, or damaged", "Unpack it with 'gunzip' first."),
    (r"BZh\d", "packed with bzip2 twice, or damaged", "Unpack it with 'bunzip2' first."),
    (r"\xfd7zXZ", "packed with xz twice, or damaged", "Unpack it with 'unxz' first."),
    (r"\x89PNG", "a PNG picture", "Open the spectrum it was drawn from."),
    (r"\xff\xd8\xff", "a JPEG picture", "Open the spectrum it was drawn from."),
    (r"GIF8", "a GIF picture", "Open the spectrum it was drawn from."),
    (r"%PDF", "a PDF document", "Open the spectrum it was made from."),
    (r"\x89HDF\r\n", "an HDF5 file", "Open the FITS file of the star; a network's .h5 goes to --weights."),
    (r"PAR1", "a Parquet table", "A result table is read with inspector.read_table; open the spectra instead."),
    (r"\x93NUMPY", "a numpy array", "Open the FITS file of the star."),
    (r"SR\x00\x04", "an IDL save file", "Open the FITS file of the star."),
    (r"version https://git-lfs", "a Git LFS pointer, a placeholder for the file", "Run 'git lfs pull' first."),
    (r"\.?\.?/?\S*\.?git/annex/|/annex/objects/", "a git-annex pointer, a placeholder for the file",
     "Run 'git annex get' first."),
    (r"(?i)\s*<(!doctype html|html|head|body)", "a web page", _DOWNLOAD),
    (r"(?i)\s*<\?xml[\s\S]{0,300}<votable|\s*<votable", "a VOTable", "Open the spectra it lists instead."),
    (r"(?i)\s*<\?xml[\s\S]{0,300}<(html|error|[\w:]*error)", "a server's answer", _DOWNLOAD),
    (r"# %ECSV", "an ECSV table", "Open the spectra it lists instead."),
    (r"\s*[\[{][\s\S]{0,60}\"", "a JSON file", "Open the FITS file of the star."),
)  # fmt: skip

_KNOWN = tuple((re.compile(pattern.encode("latin-1")), what, remedy) for pattern, what, remedy in _SIGNATURES)


def foreign(head: bytes) -> tuple[str, str] | None:
    """What a file is that begins so, and the way on; None where that is not known.

    Parameters
    ----------
    head : bytes
        The first bytes, 300 or more where there are as many.
    """
    return next(((what, remedy) for pattern, what, remedy in _KNOWN if pattern.match(head[:4096])), None)


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is text, in UTF-8 or another encoding that keeps ASCII."""
    return not re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", head)
