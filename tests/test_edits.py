"""Edits of a spectrum: written and read, applied in order, undone to the bit."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_network import random_network

import inspector
from inspector.exceptions import SettingsError
from inspector.science.bitmask import ASTRONN_BITS, any_bit
from inspector.science.continuum import continuum_pixels, normalize
from inspector.science.diagnosis import edits as e
from inspector.science.diagnosis.edit_reading import KINDS, read_edit
from inspector.science.diagnosis.editing import MOST, EditHistory, apply_edits, read_edits
from inspector.science.edit import edits_text
from inspector.science.labels import ELEMENTS
from inspector.science.noise_model import NoiseModel
from inspector.science.resample import BAD_BITS
from inspector.science.spectrum import CHIP_PIXELS, CHIP_WAVELENGTH, CHIPS, WAVELENGTH, Spectrum
from inspector.science.windows import element_windows

STAR = inspector.read_star(
    Path(__file__).resolve().parents[1] / "assets" / "stars" / "apStar-dr17-2M17335483-2753043.fits"
)
COADD = STAR.coadd

waves = st.floats(15160, 16930)
regions = st.tuples(waves, st.floats(0.5, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))
regions = regions.filter(lambda r: ((r[0] + 0.02 <= CHIP_WAVELENGTH) & (r[1] - 0.02 >= CHIP_WAVELENGTH)).any())
EDITS = st.one_of(
    regions.map(lambda r: e.Mask(*r)),
    regions.map(lambda r: e.Unmask(*r)),
    regions.map(lambda r: e.LeaveOut(*r)),
    st.sampled_from(ELEMENTS).map(e.Blank),
    st.builds(e.SetPixel, waves, st.floats(*e.FLUX.pair)),
    st.builds(e.Shift, st.floats(*e.VELOCITY.pair)),
    st.builds(e.Degrade, st.floats(*e.SNR.pair), st.integers(*e.SEED.pair)),
    st.builds(e.Continuum, st.integers(*e.DEGREE.pair)),
    st.builds(e.Persistence, st.sampled_from(list(CHIPS)), st.floats(*e.STEP.pair), st.none() | waves),
    st.builds(e.DropVisits, st.lists(st.integers(*e.VISIT.pair), min_size=1, max_size=9).map(tuple)),
)
"""Any edit there can be."""

CHANGES = st.sampled_from(
    ["mask:15740-15760", "unmask:15740-15760", "blank:Mg", "pixel:15741.2=0.85", "shift:+5", "snr:50", "continuum:3",
     "leave_out:16000-16020", "persistence:blue+0.05", "persistence:green-0.05@15950"]
)  # fmt: skip
"""One of each kind that suits the star; all but ``drop``, which comes first."""


def edited(*edits: str, spectrum: Spectrum = COADD) -> Spectrum:
    return apply_edits(spectrum, edits, STAR.visits)


def same(one: Spectrum, other: Spectrum) -> bool:
    bits = all(np.array_equal(getattr(one, n), getattr(other, n), equal_nan=True) for n in ("flux", "error", "bitmask"))
    return bits and (one.continuum, one.edits) == (other.continuum, other.edits)


@given(st.lists(EDITS, max_size=6))
def test_any_list_is_read_back_from_its_text(edits):
    assert read_edits(edits_text(edits)) == tuple(edits)


@given(st.text(max_size=40) | st.tuples(st.sampled_from(KINDS), st.text(max_size=12)).map(":".join))
def test_any_text_is_an_edit_or_refused_in_one_short_sentence(text):
    try:
        assert isinstance(read_edit(text), e.Change)
    except SettingsError as error:
        assert str(error).endswith(".") and len(str(error)) < 200 and "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mask:15760-15740", "ends before it starts"),
        ("mask:15850-15852", "holds no pixel of a chip"),
        ("mask:1-2", "wavelength is 1.0; it must be a number from 15100 to 17000"),
        ("mask:15740", "write mask:15740-15760"),
        ("blank:Xx", "'Xx' has no window"),
        ("pixel:15741=9", "flux is 9.0"),
        ("shift:1e9", "shift is 1000000000.0"),
        ("shift:fast", "write shift:"),
        ("snr:0", "snr is 0"),
        ("snr:1e999", "snr is inf"),
        ("continuum:5", "continuum is 5; it must be a whole number from 1 to 4"),
        ("persistence:pink+0.1", "'pink' is not a chip"),
        ("drop:0", "visit is 0"),
        ("paint:red", "is not an edit; one begins with mask:"),
    ],
)
def test_what_makes_no_sense_is_refused(text, why):
    with pytest.raises(SettingsError, match=r"(?s)" + why.replace("+", r"\+")):
        read_edit(text)


def test_too_many_are_refused():
    with pytest.raises(SettingsError, match=f"at most {MOST}"):
        read_edits(["continuum:3"] * (MOST + 1))


def test_no_edits_give_the_spectrum_itself():
    assert apply_edits(COADD, ()) is COADD
    assert apply_edits(COADD, "") is COADD


@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_an_edited_spectrum_says_so_and_leaves_the_original_alone(edits):
    before = COADD.flux.copy(), COADD.error.copy(), COADD.bitmask.copy()
    made = edited(*edits)
    assert [edit.text for edit in made.edits] == edits
    assert made.unedited is COADD
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, (COADD.flux, COADD.error, COADD.bitmask)))


@given(st.lists(CHANGES, min_size=2, max_size=4), st.data())
def test_editing_step_by_step_is_editing_at_once(edits, data):
    cut = data.draw(st.integers(0, len(edits)))
    try:
        at_once = edited(*edits)
    except SettingsError:
        return
    assert same(edited(*edits[cut:], spectrum=edited(*edits[:cut])), at_once)


@given(st.lists(EDITS, max_size=8), st.lists(st.booleans(), max_size=20))
def test_undoing_and_redoing_come_to_the_lists_that_were(edits, steps):
    history, seen, at = EditHistory(), [()], 0
    for edit in edits:
        if (*history.now, edit) != history.now:
            history = history.then((*history.now, edit))
            seen.append(history.now)
    at = len(seen) - 1
    for back in steps:
        history = history.undone() if back else history.redone()
        at = max(0, at - 1) if back else min(len(seen) - 1, at + 1)
        assert history.now == seen[at]


def test_undoing_gives_the_same_bits():
    history = EditHistory().then(read_edits("mask:15740-15760")).then(read_edits("mask:15740-15760; shift:+5"))
    masked = apply_edits(COADD, history.past[-1])
    back = normalize(apply_edits(COADD, history.undone().now))
    assert np.array_equal(back.flux, normalize(masked).flux)
    assert apply_edits(COADD, history.undone().undone().now) is COADD


def test_order_matters_where_it_must():
    assert not same(edited("mask:15740-15760", "shift:+50"), edited("shift:+50", "mask:15740-15760"))
    kept, gone = edited("mask:15740-15760", "pixel:15750=0.5"), edited("pixel:15750=0.5", "mask:15740-15760")
    pixel = e.SetPixel(15750, 0.5).pixel
    assert normalize(kept).flux[pixel] == 0.5
    assert normalize(gone).flux[pixel] == 1


def test_a_masked_region_is_replaced_by_one_and_nothing_else_changes():
    before, after = normalize(COADD), normalize(edited("mask:15740-15760"))
    inside = np.array([15740 <= w <= 15760 for w in CHIP_WAVELENGTH])
    assert (after.flux[inside] == 1).all() and not after.good[inside].any()
    assert np.array_equal(after.flux[~inside], before.flux[~inside])
    assert np.array_equal(after.continuum, before.continuum)


def test_unmasking_shows_what_was_measured():
    before = normalize(COADD)
    bad = np.flatnonzero(~before.good & np.isfinite(COADD.flux[CHIP_PIXELS]) & (COADD.error[CHIP_PIXELS] > 0))
    after = normalize(edited("unmask:15100-17000"))
    expected = np.maximum(COADD.flux[CHIP_PIXELS][bad] / after.continuum[bad], 0)
    np.testing.assert_allclose(after.flux[bad], expected, rtol=1e-9)
    assert after.good[bad].all()


def test_blanking_takes_exactly_the_elements_windows():
    before, after = normalize(COADD), normalize(edited("blank:Mg"))
    window = element_windows()[ELEMENTS.index("Mg")]
    assert (after.flux[window] == 1).all()
    assert np.array_equal(after.flux[~window], before.flux[~window])


def test_a_pixel_set_by_hand_is_what_the_network_sees():
    after = normalize(edited("pixel:15741.2=0.85"))
    nearest = min(range(7514), key=lambda i: abs(CHIP_WAVELENGTH[i] - 15741.2))
    assert after.flux[nearest] == 0.85
    before = normalize(COADD)
    assert np.count_nonzero(after.flux != before.flux) == 1


def gaussian_lines(velocity: float = 0.0) -> Spectrum:
    """A made spectrum whose lines stand where they should at a velocity."""
    flux = np.full(8575, 100.0)
    for at in (15300.0, 15650.0, 16000.0, 16250.0, 16600.0):
        seen = at * (1 + velocity / 299792.458)
        flux -= 40 * np.exp(-0.5 * ((WAVELENGTH - seen) / 0.45) ** 2)
    return Spectrum(WAVELENGTH, flux, np.ones(8575), np.zeros(8575, dtype=np.int64), 100.0, "made")


@pytest.mark.parametrize("velocity", [-60.0, -1.0, 0.3, 5.0, 40.0])
def test_a_shifted_spectrum_is_the_one_drawn_at_that_velocity(velocity):
    made = apply_edits(gaussian_lines(), [e.Shift(velocity)])
    np.testing.assert_allclose(made.flux[CHIP_PIXELS], gaussian_lines(velocity).flux[CHIP_PIXELS], atol=0.02)
    np.testing.assert_allclose(made.error[CHIP_PIXELS], 1, atol=0.02 + (velocity != 0) * 0.35)


def test_bits_move_with_the_lines():
    made = edited("shift:+41.4")  # ten pixels
    before, after = (any_bit(s.bitmask, ASTRONN_BITS) for s in (COADD, made))
    there = np.flatnonzero(before[500:8000]) + 500
    assert after[there + 10].mean() > 0.99


def test_a_degraded_spectrum_has_the_errors_it_claims():
    made = edited("snr:50@3")
    good = normalize(COADD).good
    ratio = made.error[CHIP_PIXELS][good] / COADD.error[CHIP_PIXELS][good]
    np.testing.assert_allclose(ratio, COADD.snr / 50)
    added = (made.flux - COADD.flux)[CHIP_PIXELS][good]
    claimed = np.sqrt(made.error[CHIP_PIXELS][good] ** 2 - COADD.error[CHIP_PIXELS][good] ** 2)
    assert np.std(added / claimed) == pytest.approx(1, abs=0.03)
    assert made.snr == 50
    assert same(made, edited("snr:50@3")) and not np.array_equal(made.flux, edited("snr:50").flux)


def test_no_spectrum_gets_better_than_it_is():
    with pytest.raises(SettingsError, match="cannot be degraded to 400"):
        edited("snr:400")


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_the_continuum_is_the_polynomial_of_that_degree(degree):
    made = normalize(edited(f"continuum:{degree}", "leave_out:15300-15400"))
    start = 0
    for chip in CHIPS.values():
        n = chip.stop - chip.start
        here = slice(start, start + n)
        start += n
        use = continuum_pixels()[here].copy()
        use &= ~((CHIP_WAVELENGTH[here] >= 15300) & (CHIP_WAVELENGTH[here] <= 15400))
        x = np.arange(n) - (n - 1) / 2
        flux, error = COADD.flux[chip], COADD.error[chip]
        fit = np.polynomial.Polynomial.fit(x[use], flux[use], degree, w=1 / error[use] ** 2)  # as astroNN weighs
        np.testing.assert_allclose(made.continuum[here], fit(x), rtol=1e-6)
    np.testing.assert_allclose(made.flux[made.good], (COADD.flux[CHIP_PIXELS] / made.continuum)[made.good], rtol=1e-9)
    np.testing.assert_allclose(made.error[made.good], (COADD.error[CHIP_PIXELS] / made.continuum)[made.good], rtol=1e-9)


def test_degree_two_is_what_it_always_was():
    assert np.array_equal(normalize(edited("continuum:2")).flux, normalize(COADD).flux)


def test_persistence_is_added_and_taken_away_again():
    raised = edited("persistence:blue+0.05@15300")
    added = raised.flux - COADD.flux
    blue = np.zeros(8575, dtype=bool)
    blue[CHIPS["blue"]] = True
    there = blue & (WAVELENGTH >= 15300)
    good = blue & np.isin(np.arange(8575), CHIP_PIXELS[normalize(COADD).good])
    np.testing.assert_allclose(added[there], 0.05 * np.median(COADD.flux[good]), rtol=1e-6)
    assert np.array_equal(raised.flux[~there], COADD.flux[~there], equal_nan=True)


def test_dropping_a_visit_combines_the_others():
    made = edited("drop:2")
    kept = [STAR.visits[0], STAR.visits[2]]
    for pixel in CHIP_PIXELS[::37]:
        use = [
            v for v in kept if math.isfinite(v.flux[pixel]) and v.error[pixel] > 0
            and not any(v.bitmask[pixel] >> bit & 1 for bit in BAD_BITS)
        ]  # fmt: skip
        if not use:
            assert made.bitmask[pixel] & 1
            continue
        weights = [1 / v.error[pixel] ** 2 for v in use]
        mean = sum(w * v.flux[pixel] for w, v in zip(weights, use)) / sum(weights)
        assert made.flux[pixel] == pytest.approx(mean)
        assert made.error[pixel] == pytest.approx(sum(weights) ** -0.5)
    assert COADD.snr * 0.5 < made.snr < COADD.snr * 1.01


def test_all_visits_together_are_the_surveys_own_coadd():
    from inspector.science.diagnosis.changes import recombined

    made, good = recombined(COADD, STAR.visits, ()), normalize(COADD).good
    np.testing.assert_allclose(made.flux[CHIP_PIXELS][good], COADD.flux[CHIP_PIXELS][good], rtol=1e-3)


def test_a_file_that_cannot_be_recombined_says_so():
    with pytest.raises(SettingsError, match="holds no visits of it"):
        apply_edits(COADD, "drop:1")
    with pytest.raises(SettingsError, match="There is no visit 9"):
        edited("drop:9")
    with pytest.raises(SettingsError, match="No visit is left"):
        edited("drop:1+2+3")
    with pytest.raises(SettingsError, match="holds no visits of it"):
        apply_edits(STAR.visits[0], "drop:1", STAR.visits)
    with pytest.raises(SettingsError, match="put drop first"):
        edited("mask:15740-15760", "drop:1")


NETWORK, NOISE = random_network(), NoiseModel.identity()


def test_analyze_takes_edits_and_keeps_the_draws():
    plain = inspector.analyze(COADD, NETWORK, NOISE, 20)
    other = inspector.analyze(COADD, NETWORK, NOISE, 20, edits="mask:15740-15760; shift:+5")
    assert other.seed == plain.seed  # common random numbers
    assert not np.array_equal(other.value, plain.value)
    row = other.row()
    assert row["edits"] == "mask:15740-15760; shift:+5"
    assert other.provenance.text.endswith("· edited: mask:15740-15760; shift:+5")
    again = inspector.analyze(apply_edits(COADD, row["edits"]), NETWORK, NOISE, 20)
    assert np.array_equal(again.value, other.value) and np.array_equal(again.error, other.error)


def test_an_unedited_answer_is_what_it_was():
    plain = inspector.analyze(COADD, NETWORK, NOISE, 20)
    none = inspector.analyze(COADD, NETWORK, NOISE, 20, edits=[])
    assert plain.row() == none.row() and plain.row()["edits"] == ""
    assert "edited" not in plain.provenance.text


def test_what_nothing_is_left_of_has_a_reason_and_no_numbers():
    result = inspector.analyze(COADD, NETWORK, NOISE, 20, edits="mask:15100-15850")
    assert "blue chip" in result.reason and np.isnan(result.value).all()
    assert result.row()["edits"] == "mask:15100-15850"


def test_drops_reach_analyze_with_the_visits():
    assert inspector.analyze(COADD, NETWORK, NOISE, 20, edits="drop:1", visits=STAR.visits).posterior is not None


def test_a_table_from_before_edits_is_read(tmp_path):
    row = inspector.analyze(COADD, NETWORK, NOISE, 20).row()
    for suffix in (".csv", ".fits", ".ecsv", ".parquet"):
        inspector.write_table([row], tmp_path / f"new{suffix}")
        assert inspector.read_table(tmp_path / f"new{suffix}")[0]["edits"] == ""
    lines = (tmp_path / "new.csv").read_text().splitlines()
    at = lines[0].split(",").index("edits")
    (tmp_path / "old.csv").write_text(
        "\n".join(",".join(c for i, c in enumerate(line.split(",")) if i != at) for line in lines)
    )
    assert inspector.read_table(tmp_path / "old.csv")[0]["edits"] == ""


def test_an_edited_spectrum_may_be_replaced_piece_by_piece():
    made = edited("mask:15740-15760")
    assert replace(made, name="other").edits == made.edits
