"""Results tables of every layout open as what they hold, and what is none says why."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tables_made as made
from astropy.io import fits
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.exceptions import ColumnsNeeded, FileError, InspectorError, SettingsError
from inspector.files.astropy_errors import quiet
from inspector.files.tables.catalogue import Catalogue
from inspector.files.tables.catalogue_opening import is_table, open_catalogue
from inspector.files.tables.column_mapping import IDENTIFIERS, guess_columns, read_mapping
from inspector.science.labels import LABEL_NAMES, LABELS

WRITERS = {
    "own.fits": made.write_own,
    "own.ecsv": made.write_own,
    "own.vot": made.write_own,
    "own.parquet": made.write_own,
    "own.csv": made.write_own,
    "astraAllStarAstroNN-0.6.0.fits": made.write_astra,
    "astraAllStarAstroNN-0.6.0.fits.gz": made.write_astra,
    "upper.fits": lambda path: made.write_astra(path, upper=True),
    "astraAllVisitAstroNN-0.6.0.fits": lambda path: made.write_astra(path, visits=True),
    "apogee_astroNN-DR17.fits": made.write_vac,
}
"""Layouts that have all 22 labels of all five stars."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("tables")
    for name, write in WRITERS.items():
        write(place / name)
    made.write_allstar(place / "allStar-dr17-synspec_rev1.fits")
    made.write_astra_star(place / "astraStarAstroNN-0.6.0-1.fits")
    for extension in ("fits", "ecsv", "vot", "parquet", "csv"):
        made.write_plain(place / f"plain.{extension}")
    return place


def sentence(error: InspectorError) -> str:
    """What a user is told: one bounded line fit for a terminal."""
    said = str(error)
    assert said.isprintable() and 20 < len(said) < 900
    return said


def answers(catalogue: Catalogue) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = [catalogue.labels(i) for i in range(catalogue.n_rows)]
    return tuple(np.array([getattr(one, part) for one in found]) for part in ("value", "error", "raw_error"))


@pytest.mark.parametrize("name", WRITERS)
def test_every_layout_gives_the_labels_it_was_made_with(folder, name):
    catalogue = open_catalogue(folder / name)
    value, error, raw = answers(catalogue)
    true = np.array([[made.value(j, i) for j in range(22)] for i in range(made.N)])
    assert np.allclose(value, true, rtol=1e-6, equal_nan=True)
    errors = np.array([[made.error(j, i) for j in range(22)] for i in range(made.N)])
    assert np.allclose(error, errors, rtol=1e-6, equal_nan=True)
    if catalogue.layout.kind == "vac":
        assert np.isnan(raw).all()
        assert catalogue.labels(0).result_flags is None
    else:
        assert np.allclose(
            raw, np.array([[made.error(j, i, True) for j in range(22)] for i in range(made.N)]), equal_nan=True
        )
        assert [catalogue.labels(i).result_flags for i in range(made.N)] == list(made.RESULT_FLAGS)


@pytest.mark.parametrize("name", WRITERS)
def test_columns_and_rows_say_the_same(folder, name):
    catalogue = open_catalogue(folder / name)
    columns = catalogue.columns(catalogue.names)
    for i in range(catalogue.n_rows):
        row = catalogue.row(i)
        assert tuple(row) == catalogue.names
        json.dumps(row)
        for column, value in row.items():
            array = columns[column]
            assert array.dtype.isnative and not array.flags.writeable and array.shape == (made.N,)
            plain = array.tolist()[i]
            if catalogue.kind(column) == "integer":
                missing = plain != plain or (isinstance(value, str) and plain == 0)
                assert str(value) == str(int(plain)) if not missing else value in (None, "")
            else:
                assert repr(value) == repr(plain)


@pytest.mark.parametrize(
    ("name", "kind", "words", "official"),
    [
        ("own.fits", "own", "the weights abababab", False),
        ("astraAllStarAstroNN-0.6.0.fits", "astra", "version 0.6.0", True),
        ("upper.fits", "astra", "version 0.6.0", True),
        ("astraAllVisitAstroNN-0.6.0.fits", "astra-visits", "version 0.6.0", True),
        ("apogee_astroNN-DR17.fits", "vac", "DR17", True),
        ("allStar-dr17-synspec_rev1.fits", "allstar", "DR17", True),
        ("plain.csv", "other", "a table", False),
    ],
)
def test_it_says_what_it_is_and_who_made_it(folder, name, kind, words, official):
    mapping = {"apogee_id": "Star"} if kind == "other" else None
    catalogue = open_catalogue(folder / name, mapping)
    assert catalogue.layout.kind == kind
    assert catalogue.layout.official is official
    assert words in f"{catalogue.layout.words} {catalogue.made_by}"


@pytest.mark.parametrize("name", ["own.fits", "own.csv", "own.parquet", "own.ecsv", "own.vot"])
def test_a_row_of_ours_is_a_file_and_a_spectrum(folder, name):
    catalogue = open_catalogue(folder / name)
    key = catalogue.key(2)
    assert (key.path, key.file, key.file_sha256) == ("/data/a/apStar-2.fits", "apStar-2.fits", f"{2:064x}")
    assert (key.spectrum, key.apogee_id) == ("visit 2", "AP00000000+0000000")
    assert catalogue.key(4).sdss_id == "99999"
    assert catalogue.row(0)["seed"] == str(2**63 - 1)
    assert catalogue.row(1)["remark"] == "=1+1"
    assert catalogue.labels(0).weights_hash == "ab" * 32
    assert catalogue.column("flag_warn").tolist() == [False, True, True, True, True]


@pytest.mark.parametrize("name", ["astraAllVisitAstroNN-0.6.0.fits", "upper.fits"])
def test_a_row_of_astra_is_its_place_in_the_archive(folder, name):
    catalogue = open_catalogue(folder / name)
    key = catalogue.key(0)
    assert (key.sdss_id, key.gaia_id, key.apogee_id) == ("114892017", "4061234567890123456", "2M17335483-2753043")
    assert (key.telescope, key.field, key.healpix) == ("apo25m", "000+02", None)
    assert (key.release, key.apred, key.apstar, key.prefix) == ("sdss5", "1.3", "stars", "ap")
    assert (key.v_astra, key.filetype) == ("0.6.0", "apStar")
    assert (key.ra, key.dec) == (made.RA[0], made.DEC[0])
    assert [catalogue.key(i).gaia_id for i in range(5)] == [str(g) if g > 0 else None for g in made.GAIA_IDS]
    assert catalogue.key(4).apogee_id == "2M99999999+9999999"
    if "Visit" in name:
        assert (key.plate, key.mjd, key.fiber, key.visit_pk) == ("5094", "55874", "88", "9")
        assert (catalogue.key(1).plate, catalogue.key(3).fiber, catalogue.key(2).visit_pk) == (None, None, None)


def test_a_row_of_allstar_names_its_file_and_aspcaps_labels(folder):
    catalogue = open_catalogue(folder / "allStar-dr17-synspec_rev1.fits")
    key = catalogue.key(0)
    assert (key.file, key.release) == ("apStar-dr17-2M17335483-2753043.fits", "dr17")
    assert (key.telescope, key.field) == ("apo25m", "000+02")
    answer = catalogue.labels(1)
    for name, element in (("mg_h", "Mg"), ("c_1_h", "CI"), ("ti_2_h", "TiII"), ("ni_h", "Ni")):
        place = made.ELEMENTS.index(element)
        assert answer.value[LABEL_NAMES.index(name)] == pytest.approx(place / 10 + 1)
        assert answer.error[LABEL_NAMES.index(name)] == pytest.approx((place / 10 + 1) / 100)
    assert answer.value[LABEL_NAMES.index("fe_h")] == -0.5
    assert math.isnan(answer.value[LABEL_NAMES.index("p_h")])
    assert "FPARAM_COV" in " ".join(catalogue.remarks) and "VISIT_PK" in " ".join(catalogue.remarks)
    assert "k_h" in catalogue.names and catalogue.mapping["k_h"].startswith("X_H[")


def test_abundances_of_unknown_elements_stay_unnamed(tmp_path):
    catalogue = open_catalogue(made.write_allstar(tmp_path / "allStar.fits", elements=False))
    assert "mg_h" not in catalogue.names
    assert np.isfinite(catalogue.labels(0).value).sum() == 3
    assert "elements" in " ".join(catalogue.remarks)


def test_both_telescopes_of_a_star_are_shown_together(folder):
    catalogue = open_catalogue(folder / "astraStarAstroNN-0.6.0-1.fits")
    assert catalogue.column("telescope").tolist() == ["apo25m", "apo25m", "lco25m"]
    assert catalogue.key(2).apogee_id == made.APOGEE_IDS[2]
    assert "APOGEE/LCO" in " ".join(catalogue.remarks)


def test_a_table_of_boss_alone_is_refused(tmp_path):
    path = made.write_fits(tmp_path / "boss.fits", made.hdu_of(made.astra_columns(), "BOSS"))
    with pytest.raises(FileError, match="BOSS"):
        open_catalogue(path)


@pytest.mark.parametrize(
    "name", ["own.fits", "upper.fits", "apogee_astroNN-DR17.fits", "allStar-dr17-synspec_rev1.fits"]
)
def test_every_scalar_is_what_astropy_reads(folder, name):
    catalogue = open_catalogue(folder / name)
    hdu = 2 if name == "upper.fits" else 1
    with quiet():  # dex is no unit of FITS
        table = Table.read(folder / name, hdu=hdu, character_as_bytes=False)
    theirs = {ours: catalogue.mapping.get(ours, ours) for ours in catalogue.names}
    for ours, name_there in theirs.items():
        if name_there not in table.colnames or ours == "apogee_id":
            continue
        true, found = table[name_there], catalogue.column(ours)
        if true.dtype.kind == "f":
            expected = np.where(np.isin(np.asarray(true), [-9999]), np.nan, np.asarray(true, dtype=float))
            assert np.array_equal(expected, found, equal_nan=True), ours
        elif true.dtype.kind in "US":
            assert [str(text).strip() for text in true.tolist()] == found.tolist(), ours
        elif true.dtype.kind == "b":
            assert np.asarray(true).tolist() == found.tolist()
        else:
            kept = found != 0 if ours in IDENTIFIERS else np.isfinite(found)
            assert np.asarray(true)[kept].tolist() == found[kept].tolist(), ours


@pytest.mark.parametrize("extension", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_a_strange_table_opens_with_a_mapping(folder, extension):
    catalogue = open_catalogue(folder / f"plain.{extension}", read_mapping("apogee_id=Star"))
    assert catalogue.column("star_id").tolist()[:4] == list(made.APOGEE_IDS[:4])
    assert np.allclose(catalogue.column("teff"), made.TEFF, equal_nan=True)
    assert np.allclose(catalogue.column("fe_h"), made.FE_H, equal_nan=True)
    assert catalogue.column("e_teff")[0] == made.error(0, 0)
    assert catalogue.key(4).gaia_id == "9007199254740993"
    assert catalogue.column("Code").tolist() == ["0012", "0", "12", "007", "x"]
    assert (catalogue.key(0).ra, catalogue.unit("teff")) == (made.RA[0], "K")


def test_digits_of_ids_in_a_text_stay(tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text("sdss_id;gaia_dr3_source_id;field;teff\n0012;99999999999999999999;007;1\n;;;x\n", encoding="utf-8")
    catalogue = open_catalogue(path)
    assert catalogue.row(0)["gaia_id"] == "99999999999999999999"
    assert catalogue.row(0)["field"] == "007"
    assert (catalogue.key(0).sdss_id, catalogue.key(1).sdss_id) == ("0012", None)
    assert catalogue.find("12345").tolist() == []
    assert catalogue.find("sdss 12").tolist() == [0]
    assert math.isnan(catalogue.labels(1).value[0])


def test_a_column_of_words_past_the_first_block_is_text(tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.files.tables.csv_columns._CSV_BLOCK", 4096)
    path = tmp_path / "late.csv"
    path.write_text("apogee_id,x\n" + "a,1\n" * 3_000 + "b,word\n", encoding="utf-8")
    catalogue = open_catalogue(path)
    assert catalogue.kind("x") == "text"
    assert catalogue.column("x")[-1] == "word"


def test_without_an_id_it_says_what_is_lacking_and_how_to_say_it(folder, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("name,T,x\nVESTA,4000,1\n", encoding="utf-8")
    with pytest.raises(ColumnsNeeded, match="--columns") as refused:
        open_catalogue(path)
    assert refused.value.names == ("name", "T", "x")
    assert refused.value.guess == {"apogee_id": "name", "teff": "T"}
    assert "name, T, x" in sentence(refused.value)
    assert open_catalogue(path, refused.value.guess).column("teff").tolist() == [4000]
    with pytest.raises(ColumnsNeeded, match="no column 'TEFF'"):
        open_catalogue(path, {"teff": "TEFF"})


def test_names_are_guessed():
    names = [
        "TEFF_NN",
        "e_Teff_NN",
        "TEFF",
        "log g",
        "[Fe/H]",
        "[Mg/H]_err",
        "RA (deg)",
        "_DE",
        "K",
        "DE_ICRS",
        "NN_LOGG_ERR",
    ]
    assert guess_columns(names) == {
        "teff": "TEFF_NN",
        "e_teff": "e_Teff_NN",
        "logg": "log g",
        "e_logg": "NN_LOGG_ERR",
        "fe_h": "[Fe/H]",
        "e_mg_h": "[Mg/H]_err",
        "ra": "RA (deg)",
        "dec": "DE_ICRS",
    }


@given(st.lists(st.text(max_size=30), max_size=30))
def test_a_guess_names_columns_that_are_there_each_once(names):
    guess = guess_columns(names)
    assert set(guess.values()) <= set(names)


def test_a_mapping_is_read_or_refused():
    assert read_mapping(" teff=TEFF_NN, [Fe/H]=met ,CI_H=c1,") == {"teff": "TEFF_NN", "fe_h": "met", "c_1_h": "c1"}
    for wrong in ("teff", "=x", "teff=", "tefff=x", "teff=a,teff=b", "<b>=x"):
        with pytest.raises(SettingsError) as refused:
            read_mapping(wrong)
        sentence(refused.value)


@pytest.mark.parametrize("name", ["own.parquet", "own.csv", "upper.fits", "apogee_astroNN-DR17.fits"])
def test_rows_are_found_by_what_is_typed(folder, name):
    catalogue = open_catalogue(folder / name)
    for typed in ("2M17335483-2753043", "17335483-2753043", "AP17335483-2753043", "2MASS J17335483-2753043"):
        assert catalogue.find(typed).tolist() == [0]
    assert catalogue.find("2M11111111+1111111").tolist() == []
    if name.startswith("own"):
        assert catalogue.find("99999").tolist() == [4]
        return
    assert catalogue.find("19:48:50.58 +50:05:27.9").tolist() == [1]
    assert catalogue.find("359.9 89.9999").tolist() == [4]
    assert catalogue.find("10.5 5.25").tolist() == []
    if name == "upper.fits":
        assert catalogue.find("54392901").tolist() == [1]
        assert catalogue.find("9007199254740993").tolist() == [4]
        assert catalogue.find("63050396092955183").tolist() == [1]
        assert catalogue.find("9007199254740992").size == 0


def test_the_nearest_row_comes_first(tmp_path):
    columns = {"sdss_id": ("K", [1, 2, 3]), "ra": ("D", [10, 10.0002, 10]), "dec": ("D", [0.0005, 0.0, 1.0])}
    catalogue = open_catalogue(made.write_fits(tmp_path / "t.fits", made.hdu_of(columns)))
    assert catalogue.find("10 0").tolist() == [1, 0]


def test_what_integers_stand_for(tmp_path):
    columns = {
        "sdss_id": ("K", [5, -1, 0]),
        "n_visits": ("J", [1, -9999, 3]),
        "mjd": ("J", [55874, 1, 2]),
        "obj": ("6A", [b" a  ", b"b__r", b"x\x1b[3"]),
        "big": ("K", [2**60, 1, 2]),
    }
    path = made.write_fits(tmp_path / "t.fits", made.hdu_of(columns))
    path.write_bytes(path.read_bytes().replace(b"b__r", "bär".encode()))  # astropy writes ASCII alone
    catalogue = open_catalogue(path)
    assert catalogue.column("sdss_id").tolist() == [5, 0, 0]
    assert np.array_equal(catalogue.column("n_visits"), [1, np.nan, 3], equal_nan=True)
    assert catalogue.column("mjd").dtype == np.int64
    assert catalogue.column("apogee_id").tolist() == ["a", "bär", "x[3"]
    assert [catalogue.row(i)["n_visits"] for i in range(3)] == [1, None, 3]
    assert [catalogue.row(i)["sdss_id"] for i in range(3)] == ["5", "", ""]
    assert catalogue.row(0)["big"] == str(2**60)
    assert [catalogue.key(i).sdss_id for i in range(3)] == ["5", None, None]


def test_scaled_unsigned_and_null_columns_are_what_astropy_reads(tmp_path):
    path = tmp_path / "t.fits"
    unsigned = {np.uint16: [0, 65535], np.uint32: [0, 2**32 - 1], np.uint64: [1, 2**63 - 1]}
    table = Table({np.dtype(kind).name: np.array(values, dtype=kind) for kind, values in unsigned.items()})
    table["sdss_id"] = [1, 2]
    hdu = fits.table_to_hdu(table)
    scaled = fits.Column("scaled", "I", array=np.array([1, 2]))
    null = fits.Column("null", "J", null=-7, array=np.array([-7, 3]))
    hdu = fits.BinTableHDU.from_columns(hdu.columns + fits.ColDefs([scaled, null]))
    hdu.header["TSCAL5"], hdu.header["TZERO5"] = 0.5, 10
    made.write_fits(path, hdu)
    catalogue = open_catalogue(path)
    for kind, values in unsigned.items():
        assert catalogue.column(np.dtype(kind).name).tolist() == values
        assert catalogue.kind(np.dtype(kind).name) == "integer"
    assert catalogue.column("scaled").tolist() == [10.5, 11.0]
    assert np.array_equal(catalogue.column("null"), [np.nan, 3], equal_nan=True)


def test_parquet_with_nulls_groups_dictionaries_and_lists(tmp_path):
    table = pa.table(
        {
            "apogee_id": pa.array(["a", None, "c" * 500, "a"] * 5).dictionary_encode(),
            "teff": pa.array([1.5, None, 3.0, math.nan] * 5, pa.float32()),
            "n": pa.array([1, None, 2**53 + 1, -9999] * 5),
            "gaia_dr3_source_id": pa.array([2**62 + 1, None, 3, 4] * 5),
            "flag_bad": pa.array([True, None, False, True] * 5),
            "when": pa.array([0, 1, 2, None] * 5, pa.date32()),
            "list": pa.array([[1], None, [2, 3], []] * 5),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=3)
    catalogue = open_catalogue(tmp_path / "t.parquet")
    assert catalogue.n_rows == 20
    for i in range(20):
        row, j = catalogue.row(i), i % 4
        assert row["apogee_id"] == ("a", "", "c" * 200, "a")[j]
        assert np.array_equal(row["teff"], (1.5, math.nan, 3.0, math.nan)[j], equal_nan=True)
        assert row["gaia_id"] == (str(2**62 + 1), "", "3", "4")[j]
        assert row["flag_bad"] == (True, False, False, True)[j]
        assert row["when"] == ("1970-01-01", "1970-01-02", "1970-01-03", "")[j]
    assert catalogue.column("star_id").tolist()[:2] == ["a", "SDSS" * 0 or ""]
    assert "list" in " ".join(catalogue.remarks)


def test_a_file_that_changed_has_another_identity(folder, tmp_path):
    path = tmp_path / "t.fits"
    path.write_bytes((folder / "own.fits").read_bytes())
    first = open_catalogue(path).identity
    assert open_catalogue(path).identity == first
    data = bytearray(path.read_bytes())
    data[-3000] ^= 1
    path.write_bytes(data)
    assert open_catalogue(path).identity != first


def test_a_table_cut_short_while_it_is_open_says_so(folder, tmp_path):
    path = tmp_path / "t.fits"
    path.write_bytes((folder / "own.fits").read_bytes())
    catalogue = open_catalogue(path)
    with path.open("r+b") as stream:
        stream.truncate(20000)
    with pytest.raises(FileError, match="shorter"):
        catalogue.column("teff")


def patched(path: Path, target: Path, **cards: str) -> Path:
    """A copy with other values in the header of its table, card by card, nothing else changed."""
    data = bytearray(path.read_bytes())
    start = data.index(b"XTENSION")
    for keyword, value in cards.items():
        at = data.index(f"{keyword:8}=".encode(), start)
        data[at : at + 80] = f"{keyword:8}= {value:>20}".ljust(80).encode()
    target.write_bytes(data)
    return target


@pytest.mark.parametrize(
    "cards",
    [
        {"NAXIS2": "99999999999"},
        {"NAXIS2": "-5"},
        {"NAXIS1": "0", "NAXIS2": "999999999999999"},
        {"NAXIS1": "3"},
        {"TFIELDS": "998"},
        {"TFORM1": "'Z'"},
        {"TFORM1": "'999999999A'"},
        {"TFORM3": "''"},
        {"PCOUNT": "-1"},
        {"NAXIS": "1"},
        {"BITPIX": "64"},
    ],
)
def test_headers_that_cannot_be_are_refused(folder, tmp_path, cards):
    with pytest.raises(FileError) as refused:
        open_catalogue(patched(folder / "own.fits", tmp_path / "t.fits", **cards))
    sentence(refused.value)


def test_names_of_columns_are_plain_and_distinct(tmp_path):
    path = made.write_fits(
        tmp_path / "t.fits", made.hdu_of({"sdss_id": ("K", [1]), "aaaa": ("J", [2]), "bbbb": ("J", [3])})
    )
    target = patched(path, tmp_path / "u.fits", TTYPE2="'<b>x</b>'", TTYPE3="'sdss_id'")
    catalogue = open_catalogue(target)
    assert catalogue.names == ("star_id", "sdss_id", "<b>x</b>", "sdss_id (2)")
    assert catalogue.row(0) == {"star_id": "SDSS 1", "sdss_id": "1", "<b>x</b>": 2, "sdss_id (2)": 3}


@pytest.mark.parametrize("rows", [[], [3]])
def test_few_rows(tmp_path, rows):
    path = made.write_fits(tmp_path / "t.fits", made.hdu_of(made.some(made.astra_columns(), rows), "APOGEE"))
    catalogue = open_catalogue(path)
    assert catalogue.n_rows == len(rows)
    assert all(len(values) == len(rows) for values in catalogue.columns(catalogue.names).values())
    assert catalogue.find("2M00000000+0000000").tolist() == list(range(len(rows)))
    with pytest.raises(SettingsError):
        catalogue.row(len(rows))


@pytest.mark.parametrize("extension", ["csv", "ecsv", "vot", "parquet"])
def test_no_rows_in_other_formats(tmp_path, extension):
    made.write_table([], tmp_path / f"t.{extension}")
    catalogue = open_catalogue(tmp_path / f"t.{extension}")
    assert catalogue.n_rows == 0
    assert all(len(catalogue.column(name)) == 0 for name in catalogue.names)


def test_ids_that_are_no_numbers(tmp_path):
    columns = {"sdss_id": ("D", [math.nan, 5.0, math.inf]), "gaia_dr3_source_id": ("E", [math.nan] * 3)}
    catalogue = open_catalogue(made.write_fits(tmp_path / "t.fits", made.hdu_of(columns)))
    assert [catalogue.key(i).sdss_id for i in range(3)] == [None, "5", None]
    assert catalogue.column("star_id").tolist() == ["", "SDSS 5", ""]
    assert catalogue.find("sdss 5").tolist() == [1]


FOREIGN = {
    "a.html": b"<!DOCTYPE html><html><body>404</body></html>",
    "a.csv": b"",
    "b.csv": b"\n\n",
    "c.csv": b"1,2,3\n4,5,6\n",
    "d.csv": b"sdss_id,x\n1,2\n3\n",
    "e.csv": b"#only\n#comments\n",
    "a.fits": b"SIMPLE  =                    T",
    "a.fits.gz": b"\x1f\x8b\x08\x00garbage",
    "a.parquet": b"PAR1garbagePAR1",
    "a.ecsv": b"# %ECSV 1.0\n# ---\n# datatype: [}\nx\n1\n",
    "b.ecsv": b"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: sdss_id, datatype: int64}\nsdss_id\nabc\n",
    "c.ecsv": b"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: sdss_id, datatype: int64}\nsdss_id\n1\r2 \x00\n",
    "a.vot": b"<?xml version='1.0'?><VOTABLE><RESOURCE><TABLE></VOTABLE>",
    "b.vot": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><VOTABLE>&b;</VOTABLE>',
    "c.vot": b'<VOTABLE version="1.3"><RESOURCE><TABLE><FIELD name="a" datatype="int"/><DATA><BINARY>'
    b'<STREAM href="file:///etc/passwd"/></BINARY></DATA></TABLE></RESOURCE></VOTABLE>',
    "a.json": b'{"sdss_id": [1]}',
    "a.zip": b"PK\x03\x04aaaa",
    "a.bin": bytes(range(256)),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_table_says_what_it_is(tmp_path, name):
    (tmp_path / name).write_bytes(FOREIGN[name])
    with pytest.raises(FileError) as refused:
        open_catalogue(tmp_path / name)
    assert name in sentence(refused.value)


def test_spectra_and_lists_are_no_tables_and_tables_are(folder, real_spectra, tmp_path):
    spectra = sorted(real_spectra.glob("*.fits"))
    assert spectra and not any(map(is_table, spectra))
    with pytest.raises(FileError, match="spectrum"):
        open_catalogue(spectra[0])
    (tmp_path / "list.txt").write_text("a/b.fits\nc/d.fits\n", encoding="utf-8")
    assert not is_table(tmp_path / "list.txt")
    assert not is_table(tmp_path / "absent") and not is_table(tmp_path)
    for path in folder.iterdir():
        assert is_table(path), path.name
        assert is_table(tmp_path / "renamed.dat") or (tmp_path / "renamed.dat").write_bytes(path.read_bytes())


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_table_opens_or_says_so(folder, tmp_path, data):
    name = data.draw(st.sampled_from(["own.fits", "own.parquet", "own.csv", "plain.vot", "plain.ecsv"]))
    content = bytearray((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 40000) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    try:
        catalogue = open_catalogue(path, {"apogee_id": "Star"} if name.startswith("plain") else None)
        catalogue.columns(catalogue.names)
        for row in range(min(catalogue.n_rows, 3)):
            catalogue.row(row)
            catalogue.labels(row)
    except InspectorError as error:
        sentence(error)


def test_a_packed_table_says_that_it_was_unpacked_and_a_bomb_is_refused(folder, tmp_path, monkeypatch):
    catalogue = open_catalogue(folder / "astraAllStarAstroNN-0.6.0.fits.gz")
    assert "unpacked" in " ".join(catalogue.remarks)
    monkeypatch.setattr("inspector.files.tables.table_file.MAX_UNPACKED", 1 << 20)
    (tmp_path / "bomb.fits.gz").write_bytes(gzip.compress(b"SIMPLE  =" + b" " * (3 << 20)))
    with pytest.raises(FileError, match="unpacks to more"):
        open_catalogue(tmp_path / "bomb.fits.gz")


def test_units_are_the_tables_own_or_the_labels(folder):
    catalogue = open_catalogue(folder / "own.parquet")
    assert (catalogue.unit("teff"), catalogue.unit("e_mg_h"), catalogue.unit("snr")) == ("K", "dex", "")
    assert all(open_catalogue(folder / "upper.fits").unit(label.name) == label.unit for label in LABELS)


def test_flags_are_bools_however_they_are_written(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("sdss_id,flag_bad,flag_warn,flag_no_result\n1,T,1,True\n2,F,0,\n3,,,False\n", encoding="utf-8")
    catalogue = open_catalogue(path)
    for name, set_ in (("flag_bad", [True, False, False]), ("flag_warn", [True, False, False])):
        assert catalogue.kind(name) == "flag"
        assert catalogue.column(name).tolist() == set_
    assert [catalogue.labels(row).result_flags for row in range(3)] == [2048, 0, 0]


def test_a_star_has_the_best_name_its_row_knows(tmp_path):
    columns = {
        "apogee_id": ("18A", ["2M00000000+0000000", "", "", ""]),
        "sdss_id": ("K", [1, 2, -1, 0]),
        "source_id": ("K", [5, 6, 7, 0]),
        "file": ("8A", ["a", "b", "c", "d"]),
    }
    catalogue = open_catalogue(made.write_fits(tmp_path / "t.fits", made.hdu_of(columns)))
    assert catalogue.column("star_id").tolist() == ["2M00000000+0000000", "SDSS 2", "7", "d"]
    assert [catalogue.row(i)["star_id"] for i in range(4)] == catalogue.column("star_id").tolist()
    assert [catalogue.key(i).star for i in range(4)] == catalogue.column("star_id").tolist()


def test_long_texts_are_kept_at_their_own_lengths(tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.files.tables.column_values._WIDE", 1000)
    ids = [f"star {i}" + "x" * (i % 50) for i in range(200)]
    path = made.write_fits(
        tmp_path / "t.fits", made.hdu_of({"apogee_id": ("60A", ids), "sdss_id": ("K", range(1, 201))})
    )
    catalogue = open_catalogue(path)
    assert catalogue.column("apogee_id").tolist() == ids
    assert catalogue.find(ids[77]).tolist() == [77]
    assert catalogue.row(77)["star_id"] == ids[77]
