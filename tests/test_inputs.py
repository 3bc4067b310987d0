"""Which files are meant: a list is a list for what it is, and what cannot be read is said, never lost."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import makers
import pytest

from inspector.exceptions import FileError
from inspector.files import input_files
from inspector.files.input_files import find_files, is_list
from inspector.files.spectra.star_file import read_star


@pytest.fixture(scope="module")
def star(tmp_path_factory) -> Path:
    return makers.write_apstar(tmp_path_factory.mktemp("star") / "star.fits", n_visits=1)


# --- lists


@pytest.mark.parametrize("name", ["list.txt", "list.lst", "list", "stars.dat", "paths.csv"])
def test_a_list_is_a_list_though_its_first_entry_is_missing(tmp_path, star, name):
    (tmp_path / name).write_text(f"gone.fits\n{star}\nalso/gone.fits.gz\n")
    assert find_files([tmp_path / name]) == [tmp_path / "gone.fits", star, tmp_path / "also/gone.fits.gz"]


def test_a_list_none_of_whose_entries_exists_is_a_list(tmp_path):
    (tmp_path / "list.txt").write_text("# mine\n\n  gone.fits  # the first\nb#1.fits\n/mnt/old disk/c.fits\n2M0000\n")
    names = ["gone.fits", "b#1.fits", "/mnt/old disk/c.fits", "2M0000"]
    assert find_files([tmp_path / "list.txt"]) == [tmp_path / name for name in names]


def test_a_list_of_another_encoding_or_system_finds_its_files(tmp_path, star):
    odd = os.fsdecode(b"st\xe9rne.fits")  # Latin-1
    (tmp_path / odd).write_bytes(star.read_bytes())
    (tmp_path / "latin.txt").write_bytes(b"st\xe9rne.fits\r\n")
    (tmp_path / "windows.txt").write_bytes(b"\xef\xbb\xbfa.fits\r\nb.fits\r\n")
    assert [file.exists() for file in find_files([tmp_path / "latin.txt"])] == [True]
    assert find_files([tmp_path / "windows.txt"]) == [tmp_path / "a.fits", tmp_path / "b.fits"]


def test_a_folder_in_a_list_is_searched_and_an_empty_one_says_so(tmp_path, star):
    for name in ("full", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "a.fits").write_bytes(star.read_bytes())
    (tmp_path / "list.txt").write_text("full\nempty\n")
    assert find_files([tmp_path / "list.txt"]) == [tmp_path / "full" / "a.fits", tmp_path / "empty"]


@pytest.mark.parametrize("text", ["alpha\nbeta\ngamma\n", "1.5\n2.5\n", "one/of/three\n"])
def test_a_text_whose_lines_lead_nowhere_is_a_wrong_file_and_not_a_list(tmp_path, text):
    (tmp_path / "notes.txt").write_text(text)
    lines = text.split()
    said = rf"notes\.txt' is a text, and none of its {len(lines)} lines names a file .* '{Path(lines[0]).name}'"
    with pytest.raises(FileError, match=said):
        find_files([tmp_path / "notes.txt"])
    (tmp_path / lines[-1]).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / lines[-1]).touch()
    assert len(find_files([tmp_path / "notes.txt"])) == len(lines)  # one that is there makes it a list


NO_LISTS: dict[str, bytes] = {
    "broken.fits": b"SIMPLX  = a/b.fits\n",
    "words.fits": b"gone.fits\nalso_gone.fits\n",
    "page.txt": b"<!DOCTYPE html>\n<a href=a.fits>a.fits</a>\n",
    "pointer.txt": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
    "README.txt": b"These are the spectra and/or their visits.\nPlease write to me if one is missing.\n",
    "table.csv": b"apogee_id,ra,dec\n2M0000,1,2\n2M0001,1,3\n",
    "binary.txt": b"a.fits\n\x00\x01\x02b.fits\n",
    "packed.txt": gzip.compress(b"a.fits\n"),
    "nothing.txt": b"# a.fits\n\n",
    "image.lst": b"\x89PNG\r\n\x1a\na.fits\n",
}


@pytest.mark.parametrize("name", NO_LISTS)
def test_what_is_no_list_is_one_input_with_a_reason(tmp_path, name):
    (tmp_path / name).write_bytes(NO_LISTS[name])
    assert not is_list(tmp_path / name)
    assert find_files([tmp_path / name]) == [tmp_path / name]
    with pytest.raises(FileError):
        read_star(tmp_path / name)


# --- folders


def test_a_file_that_is_fits_by_name_alone_is_not_lost(tmp_path, star):
    """A web page saved as .fits, an empty download, a link that leads nowhere: each gets a row with its reason."""
    (tmp_path / "good.fits").write_bytes(star.read_bytes())
    (tmp_path / "page.fits").write_text("<html>Sign in</html>")
    (tmp_path / "empty.FITS").touch()
    (tmp_path / "link.fits").symlink_to(tmp_path / "gone.fits")
    for name in ("notes.txt", "empty.log", "plot.png"):
        (tmp_path / name).write_bytes(b"\x89PNG" if name.endswith("png") else b"")
    found = [file.name for file in find_files([tmp_path])]
    assert found == ["empty.FITS", "good.fits", "link.fits", "page.fits"]


def test_packed_files_are_found_by_what_is_in_them(tmp_path, star):
    for pack in (gzip, bz2, lzma):
        (tmp_path / f"{pack.__name__}_star").write_bytes(pack.compress(star.read_bytes()))
        (tmp_path / f"{pack.__name__}_notes").write_bytes(pack.compress(b"notes " * 9))
    assert [file.name for file in find_files([tmp_path])] == ["bz2_star", "gzip_star", "lzma_star"]


def test_a_folder_of_the_searched_one_that_is_linked_is_searched_once_and_one_outside_is_named(tmp_path, star):
    for name in ("stars/a", "outside"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.fits").write_bytes(star.read_bytes())
    (tmp_path / "stars" / "again").symlink_to(tmp_path / "stars" / "a")
    (tmp_path / "stars" / "out").symlink_to(tmp_path / "outside")
    assert find_files([tmp_path / "stars"]) == [tmp_path / "stars/a/x.fits", tmp_path / "stars/out"]


def test_what_may_not_be_read_is_kept_with_its_reason(tmp_path, star):
    """As another user, since root may read anything."""
    home = tmp_path / "stars"
    (home / "closed").mkdir(parents=True)
    for name in ("good.fits", "closed/inside.fits", "secret.fits", "secret"):
        (home / name).write_bytes(star.read_bytes())
    for place in (tmp_path, *tmp_path.parents):  # a worker's folder lies one deeper
        if place.stat().st_uid == os.getuid() and place.stat().st_mode & 0o077 == 0:
            place.chmod(0o755)
    for name in ("closed", "secret.fits", "secret"):
        (home / name).chmod(0)
    try:
        found = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, str(home)], capture_output=True, text=True, check=False
        )
    finally:
        (home / "closed").chmod(0o755)
    lines = found.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["closed", "good.fits", "secret", "secret.fits"], found.stderr
    assert [("permission denied" in line) for line in lines] == [True, False, True, True]


_AS_NOBODY = """
import os, sys
from pathlib import Path
from inspector.exceptions import FileError
from inspector.files.input_files import find_files
from inspector.files.spectra.star_file import read_star
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
for file in find_files([sys.argv[1]]):
    try:
        said = read_star(file).id
    except FileError as error:
        said = str(error)
    print(f"{file.name}: {said}")
"""


def test_a_file_that_goes_while_its_folder_is_read_is_kept_for_its_reason(tmp_path, star, monkeypatch):
    (tmp_path / "a").write_bytes(star.read_bytes())

    def gone(path: Any, size: int) -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(input_files, "head_of", gone)
    assert find_files([tmp_path]) == [tmp_path / "a"]


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="Linux's own files")
def test_files_of_the_kernel_do_not_hold_anyone_up():
    for path in ("/proc/kmsg", "/proc/self/mem", "/proc/version"):
        assert find_files([path]) == [Path(path)]
        with pytest.raises(FileError):
            read_star(path)
