"""Rows of a table find their verdicts, by whatever id both know."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from inspector.science.spectrum_key import SpectrumKey
from inspector.service.verdicts.row_verdicts import verdict_column
from inspector.service.verdicts.subject import Subject


@dataclass
class Table:
    """Rows as keys; columns of the ids they have."""

    keys: list[SpectrumKey]
    whole: tuple[str, ...] = ()
    asked: list[int] = field(default_factory=list)

    @property
    def n_rows(self):
        return len(self.keys)

    @property
    def names(self):
        ids = ("apogee_id", "sdss_id", "gaia_id", "catalogid", "file_sha256")
        return [name for name in ids if any(getattr(key, name) for key in self.keys)]

    def column(self, name):
        values = [getattr(key, name) for key in self.keys]
        if name in self.whole:
            return np.array([int(value or -1) for value in values])
        return np.array([value or "" for value in values])

    def key(self, row):
        self.asked.append(row)
        return self.keys[row]


def column(keys, *verdicts, **options):
    return verdict_column(Table(keys, **options), verdicts).tolist()


HASH = "ab" * 32
STAR = Subject(apogee_id="2M00000002+7417074", sdss_id="114892017", file_sha256=HASH, telescope="apo25m", release="r12")


@pytest.mark.parametrize(
    ("row", "matches"),
    [
        (SpectrumKey(apogee_id=STAR.apogee_id), True),
        (SpectrumKey(sdss_id="114892017"), True),
        (SpectrumKey(file_sha256=HASH), True),
        (SpectrumKey(apogee_id=STAR.apogee_id, file_sha256="cd" * 32), False),
        (SpectrumKey(apogee_id=STAR.apogee_id, telescope="lco25m"), False),
        (SpectrumKey(apogee_id=STAR.apogee_id, spectrum="visit 1"), False),
        (SpectrumKey(apogee_id=STAR.apogee_id, release="dr16"), True),  # whose reduction is r12
        (SpectrumKey(apogee_id=STAR.apogee_id, release="dr17"), False),
        (SpectrumKey(apogee_id=STAR.apogee_id, release="somebody's own"), True),
        (SpectrumKey(apogee_id=STAR.apogee_id, mjd="57729"), False),
        (SpectrumKey(apogee_id=STAR.apogee_id, sdss_id="5"), False),
        (SpectrumKey(telescope="apo25m"), False),
    ],
)
def test_a_row_is_a_subjects_if_an_id_is_the_same_and_nothing_differs(row, matches):
    assert STAR.is_row(row) is matches
    assert column([SpectrumKey(), row], (STAR, "good")) == ["", "good" if matches else ""]


def test_the_later_of_two_verdicts_stands_and_both_telescopes_have_their_own():
    north, south = (SpectrumKey(apogee_id=STAR.apogee_id, telescope=t) for t in ("apo25m", "lco25m"))
    other = Subject(apogee_id=STAR.apogee_id, file_sha256="cd" * 32, telescope="lco25m")
    assert column([north, south], (STAR, "good"), (other, "bad"), (STAR, "use with care")) == ["use with care", "bad"]


def test_ids_of_64_bits_are_compared_to_the_last_digit_in_columns_of_numbers():
    keys = [SpectrumKey(gaia_id=f"462765259152118{last}") for last in (1, 2, 3)]
    verdicts = [(Subject(gaia_id="4627652591521182"), "bad"), (Subject(gaia_id="99999999999999999999"), "good")]
    assert column(keys, *verdicts, whole=("gaia_id",)) == ["", "bad", ""] == column(keys, *verdicts)


def test_only_rows_that_share_an_id_are_looked_at():
    table = Table([SpectrumKey(apogee_id=f"2M{i:08d}") for i in range(1000)])
    verdict_column(table, [(Subject(apogee_id="2M00000007"), "good"), (Subject(apogee_id="none"), "bad")])
    assert table.asked == [7]
    assert column([], (STAR, "good")) == [] and column([SpectrumKey()]) == [""]


class Named(Table):
    """One of our own tables: a row has the best name of its star."""

    names = ("star_id",)

    def column(self, name):
        assert name == "star_id"
        return np.array([f"SDSS {key.sdss_id}" if key.sdss_id else key.apogee_id for key in self.keys])


def test_rows_of_our_own_tables_are_found_by_the_stars_name():
    keys = [SpectrumKey(apogee_id=STAR.apogee_id), SpectrumKey(sdss_id="114892017"), SpectrumKey(sdss_id="1148920")]
    assert verdict_column(Named(keys), [(STAR, "good")]).tolist() == ["good", "good", ""]
