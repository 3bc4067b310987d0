"""What uploads may hold, of a file, a session and a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from made_services import services_for, session_of
from makers import write_apstar

from inspector.exceptions import FileError
from inspector.files.spectra.spectrum_arrays import MAX_ROWS
from inspector.files.spectra.star_file import read_star
from inspector.science.continuum import normalize
from inspector.service import uploads as module
from inspector.service.uploads import MAX_COMING, MAX_UPLOAD, Allowance, Uploads, folder_sentence


def pieces(data: bytes, size: int, upload: str = "1") -> list[dict[str, Any]]:
    cut = [data[i : i + size] for i in range(0, len(data), size)]
    return [
        {"upload": upload, "name": "../../etc/a.fits", "part": i, "parts": len(cut), "data": piece}
        for i, piece in enumerate(cut)
    ]


@pytest.fixture
def uploads() -> Uploads:
    return Uploads(Allowance())


def test_pieces_become_the_file_under_a_plain_name(uploads: Uploads) -> None:
    *first, last = pieces(bytes(range(100)), 30)
    assert all(uploads.receive(piece) is None for piece in first)
    assert uploads.receive(last) == ("a.fits", bytes(range(100)))


def test_disorder_is_refused_and_forgotten(uploads: Uploads) -> None:
    first, second, third = pieces(bytes(90), 30)
    uploads.receive(first)
    with pytest.raises(FileError, match="wrong order"):
        uploads.receive(third)
    with pytest.raises(FileError, match="wrong order"):
        uploads.receive(second)


def test_the_limit_of_a_file_holds_whatever_the_browser_said(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match="256 MiB"):
        uploads.receive({**pieces(b"x", 1)[0], "size": MAX_UPLOAD + 1})
    monkeypatch.setattr(module, "MAX_UPLOAD", 50)
    first, second = pieces(bytes(60), 30)
    uploads.receive(first)
    with pytest.raises(FileError, match="larger than"):
        uploads.receive(second)


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": 1 << 28},
        {"data": "text"},
        {"data": [0] * 10},
        {"data": None},
        {"name": None},
        {"name": 5},
        {"upload": None},
        {"upload": "x" * 65},
        {"part": "0"},
        {"part": -1},
        {"part": 1.0},
        {"parts": 10**9},
        {"parts": 0},
        {"parts": True},
        {"size": "x"},
        {"size": 10**30},
    ],
)
def test_what_no_page_sends_is_refused_before_anything_is_made_of_it(uploads: Uploads, wrong: dict[str, Any]) -> None:
    with pytest.raises(FileError, match="form that no page sends"):
        uploads.receive({**pieces(b"x", 1)[0], **wrong})


def test_a_session_holds_only_so_much_of_what_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SESSION", 100)
    uploads = Uploads(Allowance())
    uploads.receive(pieces(bytes(120), 60, "a")[0])
    with pytest.raises(FileError, match="Close this tab"):
        uploads.receive(pieces(bytes(120), 60, "b")[0])
    assert uploads.receive(pieces(bytes(30), 30, "c")[0])  # and what was refused holds nothing


def test_many_files_at_once_are_refused(uploads: Uploads) -> None:
    for i in range(MAX_COMING):
        uploads.receive(pieces(bytes(2), 1, str(i))[0])
    with pytest.raises(FileError, match="on their way"):
        uploads.receive(pieces(bytes(2), 1, "one more")[0])


def test_sessions_share_what_a_server_holds_and_give_it_back(tmp_path: Path) -> None:
    data = write_apstar(tmp_path / "a.fits", n_visits=2).read_bytes()
    star = read_star(tmp_path / "a.fits")
    held = sum(s.flux.nbytes + s.error.nbytes + s.bitmask.nbytes for s in star.spectra)
    held += sum(a.nbytes for n in map(normalize, star.spectra) for a in (n.flux, n.error, n.continuum, n.good))
    services = services_for([tmp_path / "a.fits"])
    services.uploads = Allowance(held + len(data))
    one, other = (session_of(services) for _ in range(2))
    (piece,) = pieces(data, len(data))
    one.hear_list(piece)
    assert [entry.name for entry in one.state.stars] == ["a.fits", "a.fits"]
    other.hear_list(piece)
    assert "this server already holds" in other.state.message.text
    assert len(other.state.stars) == 1
    one.close()
    one.close()  # a tab's end may be told twice
    other.hear_list(piece)
    assert len(other.state.stars) == 2
    other.close()


def test_a_file_of_many_tables_is_counted_before_it_is_read(tmp_path: Path) -> None:
    """Each table is below the bound, their sum is not; zeros packed by gzip fit into some kilobytes."""
    rows = MAX_ROWS // 4 + 1
    zeros = np.zeros((rows, 8575), np.uint8)
    columns = [fits.Column(name, "8575B", array=zeros) for name in ("flux", "ivar")]
    columns.append(fits.Column("pixel_flags", "8575B", array=zeros))
    columns.append(fits.Column("mjd", "K", array=np.full(rows, 59000)))
    table = fits.BinTableHDU.from_columns(columns, name="APOGEE/APO")
    packed = tmp_path / "many.fits.gz"
    fits.HDUList([fits.PrimaryHDU(), *[table] * 4]).writeto(packed)
    assert packed.stat().st_size < 300_000
    with pytest.raises(FileError, match=f"hold {4 * rows} APOGEE spectra; at most {MAX_ROWS} are read"):
        read_star(packed)


FOLDER = {"name": "field", "opened": 3, "beyond": 0, "unread": 0}


def test_a_dropped_folder_is_spoken_of_only_where_something_was_left_out() -> None:
    assert folder_sentence(FOLDER, local=True) == ""
    assert folder_sentence({**FOLDER, "name": "a/b\\none", "opened": 0}, local=True).startswith(
        "No file in the folder none has a name that ends in .fits"
    )
    beyond = {**FOLDER, "opened": 500, "beyond": 7}
    assert folder_sentence(beyond, local=True) == (
        "The first 500 FITS files of the folder field are opened, 7 are not. Type its path instead."
    )
    assert "Type its path" not in folder_sentence(beyond, local=False)
    assert folder_sentence({**FOLDER, "unread": 2}, local=True).startswith("2 folders in field could not be read")


@pytest.mark.parametrize(
    "wrong", [None, [], "field", {}, {**FOLDER, "name": 5}, {**FOLDER, "opened": "3"}, {**FOLDER, "beyond": 10**30}]
)
def test_a_folder_no_page_sends_is_refused(wrong: object) -> None:
    with pytest.raises(FileError, match="form that no page sends"):
        folder_sentence(wrong, local=True)
