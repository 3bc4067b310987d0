"""A second opinion beside the network's answer: the same from library and batch, blank where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from random_network import random_network

import inspector
from inspector.exceptions import SettingsError
from inspector.pipeline.batch import BatchSettings, run_batch
from inspector.pipeline.second_opinion import judge_answer, second_opinion
from inspector.science.labels import LABEL_NAMES
from inspector.science.result_columns import COLUMNS, FIT_COLUMNS, GOODNESS_COLUMNS

SOUND = Path(__file__).parents[1] / "assets/stars/apStar-dr17-2M19485057+5005279.fits"


@pytest.fixture(scope="module")
def star():
    return inspector.read_star(SOUND)


def test_the_row_holds_what_the_models_say(star):
    result = inspector.analyze(star.coadd, opinion="fit")
    row, plain = result.row(), inspector.analyze(star.coadd).row()
    assert list(row) == [column.name for column in (*COLUMNS, *GOODNESS_COLUMNS, *FIT_COLUMNS)]
    assert {name: row[name] for name in plain} == plain
    judged = inspector.goodness_of_fit(star.coadd, result.value)
    found = inspector.fit(star.coadd, result.value)
    assert row["fit_ok"] is True is judged.fits
    assert [row[f"fit_{name}"] for name in ("chi2", "corr", "velocity", "e_velocity", "broadening")] == [
        judged.chi2, judged.correlation, judged.velocity, judged.e_velocity, judged.broadening,
    ]  # fmt: skip
    assert [row[f"fit_{name}"] for name in LABEL_NAMES] == found.labels.tolist()
    assert [row[f"fit_e_{name}"] for name in LABEL_NAMES] == found.errors.tolist()


def test_goodness_alone_has_no_labels(star):
    row = inspector.analyze(star.coadd, opinion="goodness").row()
    assert [name for name in row if name.startswith("fit_")] == [column.name for column in GOODNESS_COLUMNS]


def test_where_there_is_no_answer_the_columns_are_blank(star):
    dead = replace(star.coadd, flux=np.zeros(8575))
    row = inspector.analyze(dead, random_network(), opinion="fit").row()
    assert row["flag_no_result"] and row["fit_ok"] is False
    assert all(np.isnan(value) for name, value in row.items() if name.startswith("fit_") and name != "fit_ok")


def test_an_answer_without_numbers_cannot_be_judged(star):
    opinion = judge_answer(inspector.normalize(star.coadd), np.full(22, np.nan))
    assert opinion.goodness is None and "finite" in opinion.reason
    assert opinion.columns["fit_ok"] is False and np.isnan(opinion.columns["fit_chi2"])


def test_another_opinion_is_refused(star):
    with pytest.raises(SettingsError, match="'goodness', 'fit'"):
        second_opinion(inspector.normalize(star.coadd), np.zeros(22), "third")  # type: ignore[arg-type]


def test_a_batch_says_what_the_library_says(star, tmp_path):
    network, table = inspector.load_network(), tmp_path / "rows.fits"
    missing = tmp_path / "missing.fits"
    settings = BatchSettings(coadd_only=True, opinion="fit")
    summary = run_batch([SOUND, missing], table, network, None, settings)
    of_batch, none = inspector.read_table(table)
    assert of_batch == inspector.analyze(star.coadd, network, opinion="fit").row() | {"path": str(SOUND)}
    assert none["flag_no_result"] and none["fit_ok"] is False and np.isnan(none["fit_teff"])
    assert "does not fit" not in summary.text()


def test_the_summary_counts_what_does_not_fit(tmp_path):
    giant = SOUND.parent / "apStar-dr17-2M17335483-2753043.fits"
    settings = BatchSettings(coadd_only=True, opinion="goodness")
    summary = run_batch([giant, SOUND], tmp_path / "rows.csv", inspector.load_network(), None, settings)
    assert "does not fit: 1 (fit_ok)" in summary.text()
