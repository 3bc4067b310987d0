"""Result tables: what is written is read back, in each of the five formats."""

from __future__ import annotations

import csv
import math
import warnings
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.exceptions import FileError
from inspector.files.tables.catalogue_opening import open_catalogue
from inspector.files.tables.result_table import read_table, write_table
from inspector.science.result_columns import COLUMNS, FIT_COLUMNS, GOODNESS_COLUMNS

FORMATS = ("fits", "ecsv", "vot", "parquet", "csv")

NUMBERS = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308, 0.1])
INTEGERS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12) | st.sampled_from(
    [
        "",
        "N/A",
        "nan",
        "None",
        '"quoted", and commas',
        "[α/M] ± 0.1",
        "星",
        "two words",
        "#1",
        "True",
        "0012",
        "=1+1",
        "'=1+1",
        "''-x",
        "-x",
        "@a",
        "+1",
        "'quoted'",
    ]
)
FORMULAS = ("=1+1", "'=1+1", "''-x", "-x", "@a", "+1", "'quoted'", "\uff1dA1")
TEXTS |= st.sampled_from(FORMULAS)
OF_TYPE = {float: NUMBERS, int: INTEGERS, bool: st.booleans(), str: TEXTS}


def row_of(numbers: list[float], integers: list[int], truths: list[bool], texts: list[str]) -> dict[str, Any]:
    """A whole row from a few values of each type, each used again and again."""
    values = {float: numbers, int: integers, bool: truths, str: texts}
    return {c.name: values[c.dtype][i % len(values[c.dtype])] for i, c in enumerate(COLUMNS)}


ROWS = st.lists(
    st.builds(row_of, *(st.lists(OF_TYPE[kind], min_size=1, max_size=6) for kind in (float, int, bool, str))),
    max_size=4,
)
ROW = row_of([4650.5, math.nan, -0.1], [100, 2**62 + 1, 0], [True, False], ["2M00000000+0000000", "", "coadd α"])


def same(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> bool:
    """Equal in value, type and order; NaN is NaN."""
    return repr(a) == repr(b)


@pytest.mark.parametrize("extension", FORMATS)
@given(rows=ROWS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_rows_come_back_as_they_were(tmp_path_factory, extension, rows):
    file = tmp_path_factory.getbasetemp() / f"rows.{extension}"
    write_table(rows, file)
    assert same(read_table(file), rows)


@pytest.mark.parametrize("extension", FORMATS)
def test_a_star_whose_name_begins_with_a_hash_is_no_comment(tmp_path, extension):
    rows = [{**ROW, "star_id": name} for name in ("#", "#1", "a#")]
    write_table(rows, tmp_path / f"rows.{extension}")
    assert same(read_table(tmp_path / f"rows.{extension}"), rows)


@pytest.mark.parametrize("extension", [*FORMATS, "xml", "FITS"])
@pytest.mark.parametrize("count", [0, 3])
def test_none_one_and_several(tmp_path, extension, count):
    write_table([ROW] * count, tmp_path / f"rows.{extension}")
    assert same(read_table(tmp_path / f"rows.{extension}"), [ROW] * count)
    assert [file.name for file in tmp_path.iterdir()] == [f"rows.{extension}"]


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("further", [GOODNESS_COLUMNS, GOODNESS_COLUMNS + FIT_COLUMNS])
def test_further_columns_come_back_where_a_row_has_them(tmp_path, extension, further):
    numbers = {c.name: c.blank if c.dtype is bool else float(i) for i, c in enumerate(further)}
    rows = [ROW | numbers, ROW | {c.name: c.blank for c in further}]
    write_table(rows, tmp_path / f"rows.{extension}")
    assert same(read_table(tmp_path / f"rows.{extension}"), rows)


@pytest.mark.parametrize("extension", ["fits", "csv"])
def test_many_rows_of_texts_of_all_lengths(tmp_path, extension):
    rows = [{**ROW, "seed": n, "reason": "é" * (n % 40)} for n in range(500)]
    write_table(rows, tmp_path / f"rows.{extension}")
    assert same(read_table(tmp_path / f"rows.{extension}"), rows)


def test_every_fits_column_is_in_order_with_unit_and_description(tmp_path):
    write_table([ROW], tmp_path / "rows.fits")
    header = fits.getheader(tmp_path / "rows.fits", 1)
    said = [[header.get(f"{key}{n}") for key in ("TTYPE", "TUNIT", "TCOMM")] for n in range(1, header["TFIELDS"] + 1)]
    dex = {column.name for column in COLUMNS if column.unit == "dex"}  # in words: no unit of FITS
    assert said == [
        [c.name, None, f"{c.description} (dex)"] if c.name in dex else [c.name, c.unit, c.description] for c in COLUMNS
    ]
    assert {"logg", "e_fe_h", "raw_mg_h", "raw_e_mg_h"} <= dex


def test_astropy_has_no_complaint_of_a_fits_table_and_its_units_are_known(tmp_path):
    write_table([ROW], tmp_path / "rows.fits")
    table = Table.read(tmp_path / "rows.fits")  # warnings are errors
    assert (table["teff"].unit, table["logg"].unit) == ("K", None)
    catalogue = open_catalogue(tmp_path / "rows.fits")
    assert all(catalogue.unit(column.name) == column.unit for column in COLUMNS if column.unit)


def test_a_fits_table_of_before_that_says_dex_is_read(tmp_path):
    write_table([ROW], tmp_path / "rows.fits")
    with fits.open(tmp_path / "rows.fits", mode="update") as hdus:
        for number, column in enumerate(COLUMNS, start=1):
            if column.unit:
                hdus[1].header[f"TUNIT{number}"] = column.unit
    assert same(read_table(tmp_path / "rows.fits"), [ROW])
    assert open_catalogue(tmp_path / "rows.fits").unit("fe_h") == "dex"


@pytest.mark.parametrize(("extension", "kind"), [("ecsv", "ascii.ecsv"), ("vot", "votable"), ("parquet", "parquet")])
def test_every_column_is_in_order_with_unit_and_description(tmp_path, extension, kind):
    file = tmp_path / f"rows.{extension}"
    write_table([ROW], file)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*'dex'.*")  # VOTable does not list it; astronomers and SDSS use it
        table = Table.read(file, format=kind)
    assert table.colnames == [column.name for column in COLUMNS]
    for column in COLUMNS:
        assert str(table[column.name].unit) == str(column.unit), column.name
        assert " ".join(table[column.name].description.split()) == column.description, column.name  # VOTable wraps


def test_csv_has_the_columns_in_order(tmp_path):
    write_table([ROW], tmp_path / "rows.csv")
    header = (tmp_path / "rows.csv").read_text().splitlines()[0]
    assert header == ",".join(column.name for column in COLUMNS)


@pytest.mark.parametrize("name", ["rows", "rows.txt", "rows.fits.gz", ".fits", "rows.h5"])
def test_an_unknown_extension_names_the_known_ones(tmp_path, name):
    for use in (lambda: write_table([ROW], tmp_path / name), lambda: read_table(tmp_path / name)):
        with pytest.raises(FileError, match=r"\.fits, \.ecsv, \.vot, \.xml, \.parquet, \.csv"):
            use()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("extension", FORMATS)
def test_a_place_that_cannot_be_written(tmp_path, extension):
    (tmp_path / "a_file").write_text("")
    (tmp_path / f"folder.{extension}").mkdir()
    for place in (tmp_path / "missing", tmp_path / "a_file"):
        with pytest.raises(FileError, match="cannot be written"):
            write_table([ROW], place / f"rows.{extension}")
    with pytest.raises(FileError, match="cannot be written"):
        write_table([ROW], tmp_path / f"folder.{extension}")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a_file", f"folder.{extension}"]


@pytest.mark.parametrize("extension", FORMATS)
def test_what_is_no_result_table_is_refused(tmp_path, extension):
    file = tmp_path / f"rows.{extension}"
    with pytest.raises(FileError, match="not a result table"):
        read_table(file)
    write_table([ROW], file)
    whole = file.read_bytes()
    other = tmp_path / f"other.{extension}"
    garbage = (b"", b"\0" * 3000, b"no table at all\n1,2\n", b"SIMPLE  =", whole[:100], whole[: len(whole) // 2])
    for content in garbage:
        other.write_bytes(content)
        with pytest.raises(FileError, match="not a result table"):
            read_table(other)


@pytest.mark.parametrize("extension", FORMATS)
def test_a_write_that_is_interrupted_leaves_the_old_table(tmp_path, extension):
    file: Path = tmp_path / f"rows.{extension}"
    write_table([ROW], file)

    def interrupted() -> Any:
        yield ROW
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_table(interrupted(), file)
    assert same(read_table(file), [ROW])


@pytest.mark.parametrize("extension", FORMATS)
def test_a_move_that_fails_leaves_the_old_table_and_nothing_else(tmp_path, extension, monkeypatch):
    file: Path = tmp_path / f"rows.{extension}"
    write_table([ROW], file)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FileError, match="No space left on device"):
        write_table([ROW, ROW], file)
    assert same(read_table(file), [ROW])
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_no_text_of_a_csv_is_a_formula_and_each_comes_back(tmp_path):
    """A spreadsheet takes what begins with one of these for a formula; an apostrophe makes it text."""
    file = tmp_path / "rows.csv"
    rows = [{**ROW, "star_id": text, "remark": text} for text in FORMULAS]
    write_table(rows, file)
    assert same(read_table(file), rows)
    with file.open(newline="", encoding="utf-8") as stream:
        cells = [row[column] for row in csv.DictReader(stream) for column in ("star_id", "remark")]
    assert not [cell for cell in cells if cell[0] in "=+-@\uff1d"]
