"""What a star's own data suggest: each kind of evidence against spectra made to have it, and those that do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import makers
import numpy as np
import pytest

import inspector
from inspector.pipeline.prepare import Subject
from inspector.pipeline.result import Result, judge
from inspector.pipeline.star_evidence import star_evidence
from inspector.pipeline.table_comparison import table_apart
from inspector.science.evidence import KINDS, Evidence, suggested_causes
from inspector.science.labels import ELEMENTS, FE_H, LOGG, TEFF
from inspector.science.posterior import Posterior
from inspector.science.spectrum import CHIP_PIXELS, WAVELENGTH, Spectrum
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star import Star
from inspector.science.star_info import Observation, StarInfo
from inspector.science.table_answer import TableAnswer
from inspector.science.visits import Pull
from inspector.science.weights_card import WeightsCard
from inspector.science.windows import element_windows

N = len(CHIP_PIXELS)


def star_of(pixels: dict[int, int] | None = None, snr: float = 120.0, bits: np.ndarray | None = None, **said) -> Star:
    """A star whose coadd carries a bit on so many pixels of its chips: bit number to count."""
    flux = makers.true_flux(WAVELENGTH)
    bitmask = np.zeros(len(flux), dtype=np.int64) if bits is None else bits
    for bit, count in (pixels or {}).items():
        bitmask[CHIP_PIXELS[:count]] |= 1 << bit
    info = StarInfo(apogee_id="2M1", **said)
    return Star(Spectrum(WAVELENGTH, flux, flux / snr, bitmask, snr, "coadd", info), ())


def told(star: Star, spectrum: Spectrum | None = None, **known) -> dict[str, str]:
    evidence = Evidence(star, spectrum or star.coadd, **known)
    return {one.evidence: one.sentence for one in suggested_causes(evidence)}


def with_visits(star: Star, *velocities: float | None, flags: int | None = None) -> Star:
    said = [Observation(v_helio=v, flags=flags) for v in velocities]
    visits = [replace(star.coadd, name=f"visit {i}", observation=o) for i, o in enumerate(said, 1)]
    return Star(star.coadd, tuple(visits))


def answered(name: str, teff: float) -> Result:
    """An answer of a network that was trained between 3700 and 6500 K."""
    spread = np.where(np.arange(22) == TEFF, 40.0, 0.05)
    draws = np.where(np.arange(22) == TEFF, teff, 0.1) + spread * np.random.default_rng(5).normal(size=(100, 22))
    posterior = Posterior(draws, np.zeros(draws.shape), spread, 5, 0.3)
    card = WeightsCard("made", "0" * 64, "none", extra={"label_ranges": {"teff": {"p1": 3700, "p99": 6500}}})
    return judge(Subject("2M1", "a.fits", name), posterior, SimpleNamespace(card=card), None)


def test_a_sound_star_suggests_nothing() -> None:
    assert told(star_of(v_scatter=0.2, n_visits=3, starflag=1 << 2)) == {}


def test_masked_pixels_are_suggested_from_a_fifth_on_with_their_share() -> None:
    spread = np.arange(len(WAVELENGTH))
    few, many = ((spread % 10 < share).astype(np.int64) << 1 for share in (1, 3))  # no window loses half
    assert told(star_of(bits=few)) == {}
    assert told(star_of(bits=many)) == {"masking": "30% of the pixels are masked."}


def test_a_window_that_is_half_lost_is_named_and_no_other() -> None:
    bits = np.zeros(len(WAVELENGTH), dtype=np.int64)
    window = CHIP_PIXELS[element_windows()[ELEMENTS.index("K")]]
    bits[window] = 1 << 1
    said = told(star_of(bits=bits))
    assert list(said) == ["masking"]
    assert "K 100%" in said["masking"] and "Mg" not in said["masking"]


@pytest.mark.parametrize("bit", [9, 10])
def test_persistence_follows_the_survey_s_own_share(bit: int) -> None:
    assert "persistence" not in told(star_of({bit: int(0.19 * N)}))
    assert "21%" in told(star_of({bit: int(0.21 * N)}))["persistence"]


def test_low_persistence_is_not_suggested() -> None:
    assert told(star_of({11: N})) == {}


@pytest.mark.parametrize(
    ("bit", "kind"),
    [
        *[(bit, "persistence") for bit in (9, 10, 12, 13)],
        *[(bit, "velocity") for bit in (16, 18, 19, 20, 21, 22)],
        *[(bit, "rotation") for bit in (17, 23)],
        (4, "low_snr"),
    ],
)
def test_a_bit_of_starflag_is_told_by_name_as_its_own_kind(bit: int, kind: str) -> None:
    said = told(star_of(starflag=1 << bit))
    assert list(said) == [kind]
    assert said[kind].startswith("STARFLAG has ")


def test_a_bit_of_starflag_does_not_speak_of_a_visit_that_has_flags_of_its_own() -> None:
    star = with_visits(star_of(starflag=1 << 9 | 1 << 17), 1.0, 1.0, flags=0)
    assert set(told(star)) == {"persistence", "rotation"}
    assert told(star, star.visits[0]) == {}


def test_sky_and_telluric_lines_are_told_with_both_shares() -> None:
    assert told(star_of({13: int(0.14 * N)})) == {}
    said = "0% of the pixels lie near a sky line, 16% near a telluric line."
    assert told(star_of({13: int(0.16 * N)})) == {"sky": said}
    assert set(told(star_of({12: int(0.25 * N)}))) == {"sky", "masking"}  # astroNN masks sky lines


def test_velocity_scatter_is_the_file_s_or_that_of_its_visits() -> None:
    assert told(star_of(v_scatter=0.9, n_visits=4)) == {}
    assert told(star_of(v_scatter=61.2, n_visits=6))["velocity"] == (
        "The velocity scatters by 61.2 km/s over 6 visits."
    )
    velocities = (10.0, 13.0, 20.0)
    expected = np.std(velocities, ddof=1)
    assert f"{expected:.2f} km/s over 3 visits" in told(with_visits(star_of(), *velocities))["velocity"]


def test_velocity_scatter_is_judged_by_the_visits_own_errors_where_the_file_has_them() -> None:
    """Errors of 0.3 km/s are some 0.83 km/s of truth: the formula of Price-Whelan et al., by hand."""

    def scattered(scatter: float, *errors: float | None) -> dict[str, str]:
        star = star_of(v_scatter=scatter, n_visits=len(errors))
        said = [replace(star.coadd, name=str(i), observation=Observation(v_error=e)) for i, e in enumerate(errors)]
        return told(Star(star.coadd, tuple(said)))

    true = ((3.5 * 0.3**1.2) ** 2 + 0.072**2) ** 0.5
    assert scattered(3 * true - 0.01, 0.3, 0.3, 9.0, 0.1, 0.3) == {}
    assert scattered(3 * true + 0.01, 0.3, 0.3, 9.0, 0.1, 0.3)["velocity"] == (
        f"The velocity scatters by {3 * true + 0.01:.2f} km/s over 5 visits, each known to {true:.3f} km/s."
    )
    assert scattered(0.4, 0.02, None, 0.02)["velocity"]  # under the 1 km/s of a file without errors
    assert scattered(0.9, None, 0.0, -1.0, float("nan")) == {}


def test_the_scatter_a_single_visit_s_file_states_is_none_of_the_star() -> None:
    assert told(star_of(v_scatter=3.3, n_visits=1)) == {}
    assert told(with_visits(star_of(), 10.0)) == {}


def test_signal_to_noise() -> None:
    assert told(star_of(snr=50.0)) == {}
    unknown = star_of()
    assert told(unknown, replace(unknown.coadd, snr=np.nan)) == {}
    assert told(star_of(snr=49.0)) == {"low_snr": "S/N 49.0 per pixel."}


def test_an_odd_visit_is_told_with_its_distance_and_label_only_where_it_is_clear() -> None:
    pulls = {TEFF: {"visit 1": Pull(-5.2, 0.3), "visit 2": Pull(0.5, 0.1)}, LOGG: {"visit 2": Pull(3.1, 0.4)}}
    assert told(star_of(), pulls=pulls) == {"odd_visit": "Visit 1 stands 5.2 errors from the others in Teff."}


def test_a_table_that_differs_is_told_farthest_first() -> None:
    said = told(star_of(), apart={TEFF: -3.5, LOGG: 2.9, FE_H: 8.04})
    assert said == {"table_disagrees": "The table differs in [Fe/H] by 8.0σ, Teff by 3.5σ."}


def test_a_table_stands_apart_in_joint_errors_unless_other_weights_explain_it() -> None:
    live = answered("coadd", 4300.0)
    value, error = live.value + 1.0, np.full(22, 0.4)
    answer = TableAnswer("t.fits", 0, SpectrumKey(spectrum="coadd"), value, error, error)
    expected = {i: 1 / (0.4**2 + live.shown_error[i] ** 2) ** 0.5 for i in range(22)}
    assert table_apart(answer, "coadd", live) == pytest.approx(expected)
    assert table_apart(None, "coadd", live) == table_apart(answer, "coadd", None) == {}
    assert table_apart(answer, "visit 1", live) == table_apart(answer.about("visit 1"), "coadd", live) == {}
    official = replace(answer, official=True)
    assert table_apart(official, "coadd", live) == {}  # demonstration weights differ on every star
    trained = replace(live, weights=replace(live.weights, demonstration=False))
    assert table_apart(official, "coadd", trained) == pytest.approx(expected)


def test_every_kind_can_be_suggested() -> None:
    bad = star_of({1: N, 9: N, 12: N}, snr=3.0, starflag=1 << 17, v_scatter=50.0, n_visits=9)
    said = told(bad, outside="Outside.", pulls={TEFF: {"v": Pull(9.0, 0.1)}}, apart={TEFF: 9.0})
    assert tuple(said) == KINDS


def test_real_stars(real_spectra: Path) -> None:
    """What their headers and masks say; a hint no person had to look for."""
    found = {}
    for path in sorted(real_spectra.glob("apStar*.fits")):
        star = inspector.read_star(path)
        found[star.id] = {one.evidence for one in suggested_causes(star_evidence(star, star.coadd))}
    assert found["2M17335483-2753043"] == found["2M19485057+5005279"] == found["2M17334253-1654573"] == set()
    assert found["2M03290406+3117075"] == {"persistence", "rotation", "low_snr"}  # faint, PERSIST_HIGH, broad lines
    assert found["2M12241699+2453335"] >= {"low_snr", "masking"}  # S/N 10
    assert found["2M19390532+4027346"] >= {"velocity", "rotation", "masking"}  # 61 km/s of scatter: a binary


def test_the_network_s_answer_adds_what_only_it_can_tell(real_spectra: Path) -> None:
    star = inspector.read_star(real_spectra / "apStar-dr17-2M17335483-2753043.fits")
    answer, beyond = answered("coadd", 4300.0), answered("coadd", 3000.0)
    assert star_evidence(star, star.coadd, answer).outside == ""
    assert star_evidence(star, star.coadd, beyond).outside.startswith("Outside what the weights were trained on: Teff")
    assert star_evidence(star, star.visits[0], beyond).outside == ""  # another spectrum's answer
    results = {visit.name: answered(visit.name, teff) for visit, teff in zip(star.visits, (4300.0, 4304.0, 5100.0))}
    said = suggested_causes(star_evidence(star, star.coadd, answer, {"coadd": answer, **results}))
    assert [one.evidence for one in said] == ["odd_visit"]
    assert said[0].sentence.startswith("Visit 3")
