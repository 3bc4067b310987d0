"""Schemes of verdicts: the one that is shipped, a survey's own, and what is refused in words."""

from __future__ import annotations

import re

import pytest

from inspector.exceptions import FileError, InspectorError, SettingsError
from inspector.science.evidence import KINDS
from inspector.service.verdicts.scheme import DEFAULT_SCHEME, Cause, Quality, load_scheme

OWN = """
name = "Überblick"
version = "2026-11"
[[quality]]
number = 10
key = "g"
name = "gut"
definition = "So verwendbar."
[[quality]]
number = 0
key = "w"
name = "weg"
definition = "Nimmt das Urteil zurück."
clears = true
[[cause]]
letter = "Ω"
name = "Rauschen"
definition = "Zu viel davon."
evidence = "low_snr"
"""


def written(tmp_path, text: str | bytes):
    path = tmp_path / "own.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_shipped_scheme_has_the_qualities_and_causes_of_the_manual():
    scheme = load_scheme()
    assert [(q.number, q.key, q.name) for q in scheme.qualities] == [
        (4, "4", "good"),
        (3, "3", "use with care"),
        (2, "2", "bad"),
        (1, "1", "ask"),
        (0, "0", "clear"),
    ]
    assert [q.name for q in scheme.qualities if q.clears] == ["clear"]
    assert len(scheme.causes) == 11 and scheme.causes[-1].name == "other"
    assert {cause.evidence for cause in scheme.causes} == {"", *KINDS}
    assert all(len(part.definition) > 20 for part in (*scheme.qualities, *scheme.causes))


def test_a_survey_brings_its_own(tmp_path):
    scheme = load_scheme(written(tmp_path, OWN))
    assert (scheme.name, scheme.version) == ("Überblick", "2026-11")
    assert scheme.quality_of_key("g") == Quality(10, "g", "gut", "So verwendbar.")
    assert scheme.cause("Ω") == Cause("Ω", "Rauschen", "Zu viel davon.", "low_snr")
    assert scheme.suggested({"low_snr", "masking"}) == ("Ω",)
    assert scheme.quality_name(10) == "gut" and scheme.quality_name(7) == "7" and scheme.quality_name(None) == ""
    assert scheme.cause_names("ΩM") == ("Rauschen", "M")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('version = "2026-11"', ""), "no version"),
        (('version = "2026-11"', "version = 3"), "the version 3"),
        (("number = 10", "number = 100"), "the number 100"),
        (("number = 10", "number = true"), "the number True"),
        (("number = 10", "number = 0"), "the number '0' twice"),
        (('key = "g"', 'key = "gg"'), "the key 'gg'"),
        (('key = "g"', 'key = "Ω"'), "key or letter 'Ω' twice"),
        (('letter = "Ω"', 'letter = ","'), "not a comma"),
        (('name = "gut"', 'name = "gut\\u001b[31m"'), "one line"),
        (('name = "gut"', f'name = "{"g" * 61}"'), "at most 60"),
        (('definition = "So verwendbar."', ""), "no definition in [[quality]] number 1"),
        (('evidence = "low_snr"', 'evidence = "stars"'), "'stars'"),
        (("clears = true", 'clears = "yes"'), "true or false"),
        (("clears = true", "colour = 1"), "'colour'"),
        (("[[cause]]", "[cause]"), "write each as [[cause]]"),
        (("number = 10", "number = 10\nclears = true"), "no quality that judges"),
        (("[[cause]]", "[[cause"), "not a TOML file"),
    ],
)
def test_what_is_not_a_scheme_is_refused_in_words(tmp_path, change, said):
    with pytest.raises(SettingsError, match=re.escape(said)) as error:
        load_scheme(written(tmp_path, OWN.replace(*change)))
    assert "own.toml" in str(error.value) and str(error.value).endswith(".")


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"a=" + b"[" * 100_000, b"x" * (2 << 20), b"[[quality]]\n" * 40],
    ids=["not UTF-8", "deep", "large", "many"],
)
def test_hostile_files_are_refused(tmp_path, content):
    with pytest.raises(InspectorError, match=r"own\.toml"):
        load_scheme(written(tmp_path, content))


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(FileError, match="There is no file"):
        load_scheme(tmp_path / "none.toml")
    assert DEFAULT_SCHEME.is_file()
