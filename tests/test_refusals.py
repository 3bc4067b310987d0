"""Refusals name what a file is, where that can be known, and the way on; what is read with ease is read."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import makers
import numpy as np
import pytest
from astropy.io import fits

from inspector.exceptions import FileError, NotRecognised
from inspector.files.spectra import fits_file
from inspector.files.spectra.product_detection import READERS
from inspector.files.spectra.star_file import read_star, read_star_bytes

PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.fixture(scope="module")
def star(tmp_path_factory) -> bytes:
    return makers.write_apstar(tmp_path_factory.mktemp("star") / "star.fits", n_visits=1, one_d=True).read_bytes()


# --- what is read


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_star_is_the_star(tmp_path, star, suffix):
    packed = tmp_path / f"star.fits{suffix}"
    packed.write_bytes(PACKERS[suffix](star))
    read, plain = read_star(packed), read_star_bytes(star, "star.fits")
    np.testing.assert_array_equal(read.coadd.flux, plain.coadd.flux)
    assert read.id == plain.id


def test_an_id_from_the_files_name_has_no_packing_in_it(tmp_path):
    nameless = makers.write_apstar(tmp_path / "a.fits", OBJID=None).read_bytes()
    for suffix, pack in PACKERS.items():
        assert read_star_bytes(pack(nameless), f"a.fits{suffix}").id == "a"


def test_xz_of_several_streams_is_read_whole(star):
    packed = lzma.compress(star[:5000]) + lzma.compress(star[5000:]) + bytes(8)
    assert read_star_bytes(packed, "a.fits.xz").id == read_star_bytes(star, "a.fits").id


def fpacked(star: bytes, **options: Any) -> bytes:
    """A file as ``fpack`` makes it: each image in tiles."""
    made = io.BytesIO()
    with fits.open(io.BytesIO(star)) as hdus:
        parts = [fits.CompImageHDU(hdu.data, hdu.header, **options) for hdu in hdus[1:]]
        fits.HDUList([fits.PrimaryHDU(header=hdus[0].header), *parts]).writeto(made)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["RICE_1", "GZIP_1", "GZIP_2"])
def test_a_tile_compressed_star_is_the_star(star, kind):
    lossless = {} if kind == "RICE_1" else {"quantize_level": 0}
    read = read_star_bytes(fpacked(star, compression_type=kind, **lossless), "star.fits.fz")
    plain = read_star_bytes(star, "star.fits")
    np.testing.assert_array_equal(read.coadd.bitmask, plain.coadd.bitmask)
    inside = plain.coadd.error < 1e9
    apart = np.abs(read.coadd.flux - plain.coadd.flux)[inside] / plain.coadd.error[inside]
    assert apart.max() <= (0.3 if kind == "RICE_1" else 0)  # fpack rounds to a fraction of the noise
    assert read.id == plain.id


def test_an_fz_in_a_way_that_is_not_read_is_named(star):
    with fits.open(io.BytesIO(star)) as hdus:
        square = np.ones((50, 50), dtype=np.int16)
        parts = [fits.CompImageHDU(square, compression_type="HCOMPRESS_1") for _ in hdus[1:]]
        made = io.BytesIO()
        fits.HDUList([fits.PrimaryHDU(), *parts]).writeto(made)
    assert "tile-compressed (.fz)" in refusal(made.getvalue())[0] and "funpack" in refusal(made.getvalue())[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [("ZNAXIS1", 10**12), ("ZNAXIS1", -5), ("ZTILE1", 10**9), ("ZNAXIS", 999), ("ZBITPIX", 17), ("ZVAL1", 0x7FFFFFFF)],
)
def test_a_tile_compressed_image_of_any_claim_costs_little(star, key, value):
    data = fpacked(star, compression_type="RICE_1")
    at = data.index(f"{key:8}=".encode())
    lie = f"{key:8}= {value:>20}".ljust(80).encode()
    _, memory = refusal(data[:at] + lie + data[at + 80 :])
    assert memory < 8 * 2**20


def test_a_gzipped_tile_that_unpacks_to_more_than_a_tile_is_refused(star):
    """Astropy would unpack it whole, whatever its size."""
    bomb = gzip.compress(bytes(60 * 2**20), 9)
    column = fits.Column("COMPRESSED_DATA", "1PB()", array=np.array([np.frombuffer(bomb, np.uint8)], dtype=object))
    table = fits.BinTableHDU.from_columns([column])
    claims = {"ZIMAGE": True, "ZBITPIX": -32, "ZNAXIS": 1, "ZNAXIS1": 8575, "ZTILE1": 8575, "ZCMPTYPE": "GZIP_1"}
    table.header.update(claims)
    made = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(made)
    said, memory = refusal(made.getvalue())
    assert "unpacks to more than a tile" in said and memory < 4 * 2**20


def test_damaged_tiles_are_a_sentence(star):
    rng = np.random.default_rng(5)
    for kind in ("RICE_1", "GZIP_1", "GZIP_2"):
        data = fpacked(star, compression_type=kind)
        for _ in range(25):
            spoilt = np.frombuffer(data, np.uint8).copy()
            spoilt[rng.integers(2880, len(data), 60)] = rng.integers(0, 256, 60)
            with contextlib.suppress(FileError):
                read_star_bytes(spoilt.tobytes(), "a.fits.fz")


def refusal(data: bytes, name: str = "a.fits") -> tuple[str, int]:
    """What is said of a file, and the most memory that took."""
    tracemalloc.start()
    try:
        with pytest.raises(FileError) as caught:
            read_star_bytes(data, name)
        return str(caught.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".bz2", ".xz"])
def test_packed_bombs_stop_early(star, monkeypatch, suffix):
    monkeypatch.setattr(fits_file, "MAX_BYTES", 2 * 2**20)
    started = time.thread_time()
    message, memory = refusal(PACKERS[suffix](star + bytes(40 * 2**20)))
    assert "larger than 2 MiB" in message and memory < 24 * 2**20
    message, memory = refusal(PACKERS[suffix](bytes(40 * 2**20)))
    assert "not a FITS file" in message and memory < 12 * 2**20
    assert time.thread_time() - started < 20


def test_xz_that_asks_for_gigabytes_of_memory_is_refused(star):
    greedy = lzma.compress(star, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 28}])
    assert "packing is damaged (Memory usage limit" in refusal(greedy)[0]


@pytest.mark.parametrize("suffix", PACKERS)
def test_packings_cut_anywhere_are_said_to_be_damaged(star, suffix):
    packed = PACKERS[suffix](star)
    for end in np.random.default_rng(1).integers(20, len(packed) - 1, 12).tolist():
        assert "Download it again" in refusal(packed[:end])[0]


# --- what is not FITS


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.fits", b"x")
    return made.getvalue()


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.fits"), io.BytesIO())
    return made.getvalue()


FOREIGN = {
    "zip archive": _zip(),
    "tar archive": _tar(),
    "packed with zstd": b"\x28\xb5\x2f\xfd" + bytes(20),
    "packed with 'compress'": b"\x1f\x9d\x90" + bytes(20),
    "7-Zip": b"7z\xbc\xaf\x27\x1c" + bytes(20),
    "PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "PDF document": b"%PDF-1.7\n",
    "web page": b"\n<!DOCTYPE html><html><title>Sign in</title>",
    "Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
    "git-annex pointer": b"/annex/objects/MD5E-s1--0.fits\n",
    "server's answer": b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>',
    "VOTable": b'<?xml version="1.0"?>\n<VOTABLE version="1.4">',
    "HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(20),
    "Parquet": b"PAR1" + bytes(20),
    "numpy array": b"\x93NUMPY\x01\x00",
    "ECSV table": b"# %ECSV 1.0\n",
    "packed with gzip twice": gzip.compress(gzip.compress(b"SIMPLE  =")),
    "text that begins with 'Dear colleague, ": b"Dear colleague, the files are on disk 3.\n",
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("pack", [bytes, bz2.compress], ids=["plain", "bz2"])
def test_what_is_not_fits_is_named_with_the_way_on(what, pack):
    with pytest.raises(NotRecognised) as caught:
        read_star_bytes(pack(FOREIGN[what]), "apStar.fits")
    said = str(caught.value)
    assert said.startswith("apStar.fits is not a FITS file: it is ")
    assert what in said and said.count(". ") >= 1


# --- what is FITS, and no star


def table(**columns: str) -> fits.BinTableHDU:
    return fits.BinTableHDU.from_columns([fits.Column(name, code) for name, code in columns.items()], nrows=2)


def image(*shape: int) -> fits.ImageHDU:
    return fits.ImageHDU(np.zeros(shape, dtype=np.int16))


PRODUCTS: dict[str, list[Any]] = {
    "a result table of 'inspector batch'": [table(star_id="18A", weights_hash="64A", teff="D")],
    "catalogue of stars (allStar)": [table(APOGEE_ID="18A", FILE="40A", ASPCAPFLAG="J", TEFF="E")],
    "catalogue of visits (allVisit)": [table(APOGEE_ID="18A", FILE="40A", MJD="J", PLATE="5A")],
    "SDSS Astra's AstroNN results": [table(sdss_id="K", raw_teff="E", raw_e_teff="E", teff="E")],
    "a catalogue of stellar labels": [table(APOGEE_ID="18A", TEFF="E", TEFF_ERR="E", AGE="E")],
    "a model from SDSS Astra": [table(sdss_id="K", model_flux="8575E", continuum="8575E")],
    "an optical spectrum of SDSS or BOSS": [table(flux="E", loglam="E", ivar="E", and_mask="J"), table(z="E")],
    "one detector of an exposure of all 300 fibres": [image(300, 2048), image(300, 2048), image(300, 2048)],
    "an exposure of all 300 fibres (apPlate)": [image(3, 300, 4096), image(3, 300, 4096), image(3, 300, 4096)],
    "a picture from an APOGEE detector": [image(2048, 2048)],
}


def content(hdus: list[Any]) -> bytes:
    made = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(made)
    return made.getvalue()


@pytest.mark.parametrize("what", PRODUCTS)
def test_fits_that_is_no_star_is_named_with_the_way_on(what):
    with pytest.raises(NotRecognised) as caught:
        read_star_bytes(content(PRODUCTS[what]), "a.fits")
    said = str(caught.value)
    assert said.startswith("a.fits is ") and what in said and "open" in said.lower()
    assert set(caught.value.reasons) == {reader.KIND for reader in READERS}


def test_a_catalogue_past_the_limit_of_size_is_named_too(tmp_path, monkeypatch):
    monkeypatch.setattr(fits_file, "MAX_BYTES", 20_000)
    rows = fits.BinTableHDU.from_columns([fits.Column("APOGEE_ID", "18A"), fits.Column("ASPCAPFLAG", "J")], nrows=4000)
    path = tmp_path / "allStar.fits"
    path.write_bytes(content([rows]))
    for packed in (path.read_bytes(), gzip.compress(path.read_bytes())):
        path.write_bytes(packed)
        with pytest.raises(NotRecognised, match="catalogue of stars"):
            read_star(path)


def test_a_message_stays_short_and_printable_whatever_the_file_says():
    for junk in (b"\x1b[2J" * 999, bytes(range(256)) * 9, "\u202e".encode() * 99, b"<html>" + b"\x07" * 99):
        said, _ = refusal(junk, "a\x1b[31m\u202e.fits")
        assert said.isprintable() and len(said) < 400


def test_a_folder_that_may_not_be_entered_says_so(tmp_path, monkeypatch):
    import os

    def denied(path: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(FileError, match="permission denied"):
        read_star(Path(tmp_path))
