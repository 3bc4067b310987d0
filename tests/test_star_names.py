"""What people type is read as the star they mean, or refused with a sentence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from inspector.exceptions import SettingsError
from inspector.science.sky_position import read_position, separation
from inspector.science.star_names import StarName, read_star_name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("2M17335483-2753043", "2M17335483-2753043"),
        (" 2m17335483−2753043 ", "2M17335483-2753043"),
        ("17335483-2753043", "2M17335483-2753043"),
        ("2MASS J17335483-2753043", "2M17335483-2753043"),
        ("J17335483-2753043", "2M17335483-2753043"),
        ("AP17335483-2753043", "AP17335483-2753043"),
        ("vb17335483+2753043", "VB17335483+2753043"),
    ],
)
def test_an_apogee_id_with_or_without_its_prefix(typed, name):
    found = read_star_name(typed)
    assert found == StarName("apogee", name)
    assert found.digits == name[2:]


@pytest.mark.parametrize(
    ("typed", "kind", "name"),
    [
        ("54392", "sdss", "54392"),
        ("114892017", "sdss", "114892017"),
        ("sdss_id = 77", "sdss", "77"),
        ("SDSS 114892017", "sdss", "114892017"),
        ("34361129088", "gaia", "34361129088"),
        ("2096876543210987654", "gaia", "2096876543210987654"),
        ("Gaia DR3 4061234567890123", "gaia", "4061234567890123"),
        ("VESTA", "other", "VESTA"),
        ("HD 122563", "other", "HD 122563"),
    ],
)
def test_numbers_and_other_names(typed, kind, name):
    assert read_star_name(typed) == StarName(kind, name)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "123",
        "1234",
        "99999999999999999999",
        "9999999999999999999",
        "00000",
        "400 10",
        "10 -91",
        "24:00:00 10:00:00",
        "10:61:00 1:2:3",
        "a\x1b[31m",
        "x" * 101,
    ],
)
def test_what_cannot_be_a_name_is_refused_with_what_can(typed):
    with pytest.raises(SettingsError) as refused:
        read_star_name(typed)
    assert str(refused.value).isprintable()
    assert 20 < len(str(refused.value)) < 500


@given(st.floats(0, 359.9), st.floats(-89.9, 89.9), st.sampled_from(["dms", ":", " ", "°′″", "degrees", "comma"]))
def test_a_position_is_the_one_astropy_writes(ra, dec, style):
    place = SkyCoord(ra, dec, unit="deg")
    if style in ("degrees", "comma"):
        text = (", " if style == "comma" else " ").join((f"{ra:.7f}", f"{dec:+.7f}"))
    else:
        separator = {"dms": "fromunit", "°′″": "fromunit"}.get(style, style)
        parts = (
            place.ra.to_string(unit=u.hour, sep=separator, precision=4, pad=True),
            place.dec.to_string(unit=u.deg, sep=separator, precision=4, pad=True, alwayssign=True),
        )
        text = " ".join(parts)
        if style == "°′″":
            text = parts[0] + parts[1].replace("-", "−").replace("d", "°").replace("m", "′").replace("s", "″")
    found = read_star_name(text)
    assert found.kind == "position"
    assert place.separation(SkyCoord(found.ra, found.dec, unit="deg")).arcsec < 0.01


def test_a_declination_between_zero_and_minus_one_keeps_its_sign():
    assert read_position("00:00:00 -00:30:00") == (0.0, -0.5)
    assert read_position("360 0") == (0.0, 0.0)


def test_distances_are_those_of_astropy_also_across_ra_zero_and_at_the_pole():
    generator = np.random.default_rng(1)
    ra, dec = generator.uniform(0, 360, 500), np.degrees(np.arcsin(generator.uniform(-1, 1, 500)))
    for ra_0, dec_0 in ((0.0001, 0.0), (180.0, 89.9999), (263.4785, -27.8846)):
        true = SkyCoord(ra, dec, unit="deg").separation(SkyCoord(ra_0, dec_0, unit="deg")).arcsec
        assert np.allclose(separation(ra, dec, ra_0, dec_0), true, rtol=1e-9, atol=1e-6)
    assert separation([359.9999], [0.0], 0.0001, 0.0)[0] == pytest.approx(0.72)
    assert math.isnan(separation([math.nan], [0.0], 1.0, 1.0)[0])
