"""A seed for whoever names none: the same wherever the same spectrum is looked at."""

from __future__ import annotations

from hashlib import sha256

from inspector.science.spectrum import Spectrum


def derive_seed(*parts: bytes) -> int:
    """A seed of 32 bits from whatever should decide it."""
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return int.from_bytes(digest.digest()[:4], "big")


def spectrum_seed(spectrum: Spectrum) -> int:
    """The seed of a spectrum, from whose it is, its name and its flux."""
    whose = f"{spectrum.meta.get('star_id', '')}\n{spectrum.name}".encode()
    return derive_seed(whose, spectrum.flux.astype("<f8").tobytes())
