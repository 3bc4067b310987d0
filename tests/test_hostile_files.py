"""Whatever a stranger sends: one of our errors or a valid star, soon, in little memory, and no code of theirs runs."""

from __future__ import annotations

import gzip
import os
import pickle
import time
import tracemalloc
from pathlib import Path

import makers
import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.exceptions import FileError, InspectorError, NotRecognised
from inspector.files.fits_header import listed
from inspector.files.spectra import fits_file
from inspector.files.spectra.star_file import read_star, read_star_bytes

WRITERS = {
    "apStar": lambda path: makers.write_apstar(path, n_visits=1, one_d=True),
    "apVisit": makers.write_apvisit,
    "aspcapStar": makers.write_aspcap,
    "mwmVisit": lambda path: makers.write_mwm_visit(path, n_visits=1),
}


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """A small file of every kind, as bytes."""
    folder = tmp_path_factory.mktemp("made")
    return {kind: write(folder / f"{kind}.fits").read_bytes() for kind, write in WRITERS.items()}


def read_or_refuse(data):
    """A valid star or one of our errors; anything else fails the test."""
    try:
        star = read_star_bytes(data, "upload.fits")
    except InspectorError as error:
        assert len(str(error)) < 2000
        return None
    assert all(np.isfinite(s.error).all() and (s.error > 0).all() for s in star.spectra)
    return star


def edited(data, old, new):
    """`data` with one card's text replaced by another of the same length."""
    assert data.count(old) >= 1 and len(old) == len(new)
    return data.replace(old, new, 1)


def card(key, value):
    return f"{key:8}= {value:>20}".encode()


# -- what is not a regular file -------------------------------------------------------------------------------


def test_a_missing_path(tmp_path):
    with pytest.raises(FileError, match="There is no file"):
        read_star(tmp_path / "nothing.fits")


def test_a_folder(tmp_path):
    with pytest.raises(FileError, match="is a folder"):
        read_star(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.fits").touch()
    with pytest.raises(FileError, match="is empty"):
        read_star(tmp_path / "empty.fits")
    with pytest.raises(FileError, match="is empty"):
        read_star_bytes(b"", "empty.fits")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.fits")
    with pytest.raises(FileError, match="pipe, socket or device"):
        read_star(tmp_path / "pipe.fits")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_device_is_not_read():
    with pytest.raises(FileError, match="pipe, socket or device"):
        read_star("/dev/zero")


def test_permission_denied(tmp_path, monkeypatch):
    path = makers.write_apstar(tmp_path / "a.fits")

    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # root may read anything, so chmod proves nothing
    with pytest.raises(FileError, match="permission denied"):
        read_star(path)


@pytest.mark.parametrize("path", ["a\0b.fits", "x" * 5000 + ".fits"])
def test_an_impossible_path(path):
    with pytest.raises(FileError):
        read_star(path)


# -- what is no FITS file ----------------------------------------------------------------------------------


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("pwned",)


def test_a_pickle_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for data in (pickle.dumps(Bomb()), gzip.compress(pickle.dumps(Bomb()))):
        with pytest.raises(NotRecognised, match="not a FITS file"):
            read_star_bytes(data, "innocent.fits")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("data", [b"<html>404</html>", b"SIMPLE", b"\x1f\x8b", b"\x1f\x8bjunk", b"PK\x03\x04"])
def test_not_fits(data):
    with pytest.raises(FileError):
        read_star_bytes(data, "a.fits")


# -- size --------------------------------------------------------------------------------------------------


def peak(call):
    """The error `call` raises, and the most memory it took meanwhile, in bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(FileError) as caught:
            call()
        return str(caught.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_gzip_bombs(contents, monkeypatch):
    monkeypatch.setattr(fits_file, "MAX_BYTES", 2 * 2**20)
    shown = gzip.compress(contents["apStar"] + bytes(40 * 2**20), compresslevel=1)
    message, memory = peak(lambda: read_star_bytes(shown, "bomb.fits.gz"))
    assert "larger than 2 MiB" in message and memory < 12 * 2**20
    blank = gzip.compress(bytes(40 * 2**20), compresslevel=1)
    message, memory = peak(lambda: read_star_bytes(blank, "bomb.fits.gz"))
    assert "not a FITS file" in message and memory < 2 * 2**20


def test_a_large_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(fits_file, "MAX_BYTES", 1000)
    path = makers.write_apstar(tmp_path / "a.fits")
    for call in (lambda: read_star(path), lambda: read_star_bytes(path.read_bytes(), "a.fits")):
        with pytest.raises(FileError, match="larger than"):
            call()


@pytest.mark.parametrize("axis", ["8575000000", "-8575", "99999999999999999999", "0", "8574", "T"])
def test_axis_lies(contents, axis):
    lie = edited(contents["apStar"], card("NAXIS1", 8575), card("NAXIS1", axis))
    _, memory = peak(lambda: read_star_bytes(lie, "a.fits"))
    assert memory < 8 * 2**20


@pytest.mark.parametrize("bitpix", ["-64", "64", "17", "0", "'-32'"])
def test_bitpix_lies(contents, bitpix):
    lie = edited(contents["apStar"], card("BITPIX", -32), card("BITPIX", bitpix))
    assert read_or_refuse(lie) is None


@pytest.mark.parametrize("key", ["NAXIS", "TFIELDS", "PCOUNT", "GCOUNT"])
@pytest.mark.parametrize("value", [2_000_000_000, -1, "'2'", "1.5", "NAN"])
@pytest.mark.parametrize("where", ["instead", "after"])
def test_counts_that_lie(contents, key, value, where):
    """Astropy loops over as many axes and columns as are stated; a second card of a name must not get past us."""
    data = contents["mwmVisit"]
    at = data.index(f"{key:8}=".encode(), data.index(b"XTENSION"))
    lie = card(key, value).ljust(80)
    spoilt = {
        "instead": data[:at] + lie + data[at + 80 :],
        "after": data[: at + 80] + lie + data[at + 160 :],
    }
    started = time.thread_time()
    read_or_refuse(spoilt[where])
    assert time.thread_time() - started < 5


def test_a_negative_axis_does_not_read_the_same_part_for_ever(contents):
    head = contents["apStar"][: contents["apStar"].index(b"XTENSION")]
    cards = [b"XTENSION= 'IMAGE   '", card("BITPIX", 8), card("NAXIS", 1), card("NAXIS1", -2880), b"END"]
    back = b"".join(c.ljust(80) for c in cards).ljust(2880)
    with pytest.raises(FileError, match="no FITS file can have"):
        read_star_bytes(head + back, "a.fits")


def test_a_compressed_image_is_not_unpacked(contents):
    """A header of 3 kB may claim a compressed image of any size."""
    data = contents["aspcapStar"]
    at = data.index(b"TTYPE1", data.index(b"BINTABLE"))
    claims = [
        b"ZIMAGE  =                    T",
        card("ZBITPIX", -64),
        card("ZNAXIS", 1),
        card("ZNAXIS1", 10**12),
    ]
    read_or_refuse(data[:at] + b"".join(c.ljust(80) for c in claims) + data[at + 320 :])


def test_a_header_without_end():
    endless = (b"SIMPLE  =" + b" " * 71) * 300_000
    message, memory = peak(lambda: read_star_bytes(endless, "a.fits"))
    assert "no END" in message and memory < 2**20


def test_very_many_parts(contents):
    empty = b"XTENSION= 'IMAGE   '".ljust(80) + card("BITPIX", 8).ljust(80) + card("NAXIS", 0).ljust(80)
    block = (empty + b"END".ljust(80)).ljust(2880)
    head = contents["apStar"][: contents["apStar"].index(b"XTENSION")]
    with pytest.raises(NotRecognised):
        read_star_bytes(head + block * 5000, "a.fits")


# -- lies within -------------------------------------------------------------------------------------------


def test_another_grid(tmp_path):
    with pytest.raises(FileError, match="grid"):
        read_star(makers.write_apstar(tmp_path / "a.fits", CRVAL1=4.0))


def test_arrays_that_do_not_match(tmp_path):
    path = makers.write_apstar(tmp_path / "a.fits", n_visits=3)
    with fits.open(path) as hdus:
        hdus[2].data = hdus[2].data[:2]
        hdus.writeto(tmp_path / "b.fits")
    with pytest.raises(FileError, match="do not belong together"):
        read_star(tmp_path / "b.fits")


@pytest.mark.parametrize("scale", [1e308, -1e308, 0.0])
def test_scaling_tricks(tmp_path, scale):
    path = makers.write_apstar(tmp_path / "a.fits", n_visits=1, one_d=True)
    flux = fits.ImageHDU(np.full(8575, 30000, dtype=np.int16))
    with fits.open(path) as hdus:
        hdus[1] = flux
        flux.header["BSCALE"], flux.header["BZERO"] = scale, 1e308
        hdus.writeto(tmp_path / "b.fits")
    read_or_refuse((tmp_path / "b.fits").read_bytes())


@pytest.mark.parametrize("code", ["P", "Q", "A", "C", "X", "M"])
def test_columns_of_other_types(contents, code):
    """Variable-length arrays and the rest are refused before they are followed."""
    data = contents["mwmVisit"]
    at = data.index(b"'8575E   '", data.index(b"APOGEE/APO") - 8000)
    size = {"P": 4287, "Q": 2143, "A": 34300, "C": 4287, "X": 99999, "M": 2143}[code]
    assert read_or_refuse(data[:at] + f"'{size}{code}".encode().ljust(9) + b"'" + data[at + 10 :]) is None


def test_wavelengths_that_turn_back(tmp_path):
    arrays = makers.apvisit_arrays(0.0, 4096, 100.0)
    for spoil in (np.nan, 15500.0, np.inf, 1e300):
        arrays[3][1, 2000] = spoil
        with pytest.raises(FileError, match="wavelengths"):
            read_star(makers.write_apvisit(tmp_path / "v.fits", arrays=arrays))


@pytest.mark.parametrize("value", [1e-320, 1e308, -1e308, np.inf, np.nan])
def test_absurd_numbers_do_not_warn(tmp_path, value):
    arrays = [np.asarray(a, dtype=a.dtype) for a in makers.apvisit_arrays(0.0, 4096, 100.0)]
    arrays[0][0, ::3], arrays[1][1, ::2] = value, abs(value)
    assert read_or_refuse(makers.write_apvisit(tmp_path / "v.fits", arrays=arrays).read_bytes()) is not None


def test_text_is_kept_plain_clean_and_short(tmp_path):
    data = makers.write_apstar(
        tmp_path / "a.fits", OBJID="<script>alert(1)</script>#BEL#", FIELD="x" * 900
    ).read_bytes()
    star = read_or_refuse(data.replace(b"#BEL#", b"\x07\x1b[2J"))
    assert star.id == "<script>alert(1)</script>  [2J"
    cards = [card for _, cards in listed(star.info.file.headers) for card in cards]
    assert cards and all(part.isprintable() for card in cards for part in card)
    assert len(star.info.field) <= 200


# -- damage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_truncated_anywhere(contents, kind, packed):
    data = gzip.compress(contents[kind], compresslevel=1) if packed else contents[kind]
    for end in np.random.default_rng(1).integers(0, len(data), 40).tolist():
        star = read_or_refuse(data[:end])
        assert star is None or not packed  # a plain file may lose its last parts, or padding, and still be whole


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(WRITERS)), where=st.floats(0, 1), junk=st.binary(min_size=1, max_size=100))
def test_damaged_headers(contents, kind, where, junk):
    """Junk over any header: all headers, one after the other, are the target."""
    data = contents[kind]
    starts = [0]
    while (at := data.find(b"XTENSION=", starts[-1] + 1)) > 0:
        starts.append(at)
    spots = [start + offset for start in starts for offset in range(0, 2880, 8)]
    at = spots[int(where * (len(spots) - 1))]
    read_or_refuse(data[:at] + junk + data[at + len(junk) :])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(WRITERS)), seed=st.integers(0, 2**32 - 1), packed=st.booleans())
def test_flipped_bytes_anywhere(contents, kind, seed, packed):
    rng = np.random.default_rng(seed)
    data = gzip.compress(contents[kind], compresslevel=1) if packed else contents[kind]
    spoilt = np.frombuffer(data, np.uint8).copy()
    spoilt[rng.integers(0, len(data), 200)] = rng.integers(0, 256, 200)
    read_or_refuse(spoilt.tobytes())
