"""Filters kept under a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.exceptions import FileError, SettingsError
from inspector.service.queue.saved_filters import MAX_SAVED, SavedFilters, filters_file


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_saved_is_there_until_it_is_removed(tmp_path: Path, kept: bool) -> None:
    saved = SavedFilters(tmp_path / "new" / "filters.json" if kept else None)
    assert saved.all() == {}
    saved.save("ｆlagged  <b>", "flag_bad, teff:4000..5000")
    saved.save("a", "text:2M17")
    saved.save("a", "verdict:none")
    assert list(saved.all().items()) == [("a", "verdict:none"), ("ｆlagged <b>", "flag_bad,teff:4000..5000")]
    saved.remove("a")
    saved.remove("never there")
    assert list(saved.all()) == ["ｆlagged <b>"]


def test_another_page_reads_what_one_saved(tmp_path: Path) -> None:
    SavedFilters(tmp_path / "filters.json").save("x", "flag_bad")
    assert SavedFilters(tmp_path / "filters.json").all() == {"x": "flag_bad"}
    assert [file.name for file in tmp_path.iterdir()] == ["filters.json"]


@pytest.mark.parametrize(
    ("name", "filters"), [("", "flag_bad"), ("n" * 61, "flag_bad"), ("\x07", "flag_bad"), ("a", ":")]
)
def test_names_and_filters_that_make_no_sense(name: str, filters: str) -> None:
    with pytest.raises(SettingsError):
        SavedFilters().save(name, filters)


def test_no_more_than_a_person_can_oversee() -> None:
    saved = SavedFilters()
    for number in range(MAX_SAVED):
        saved.save(f"{number}", "flag_bad")
    saved.save("7", "flag_warn")
    with pytest.raises(SettingsError, match="the most"):
        saved.save("one more", "flag_bad")


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 1}', "{" * 9, "\udcff"])
def test_a_file_of_something_else_is_a_sentence_and_stays(tmp_path: Path, content: str) -> None:
    path = tmp_path / "filters.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(FileError, match="cannot be read"):
        SavedFilters(path).save("a", "flag_bad")
    assert path.read_bytes() == content.encode(errors="surrogateescape")


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"could not be saved|cannot be read"):
        SavedFilters(tmp_path / "file" / "filters.json").save("a", "flag_bad")


def test_the_file_is_where_the_system_keeps_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert filters_file().is_relative_to(tmp_path) and not list(tmp_path.iterdir())
