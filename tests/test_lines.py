"""Line identifications: where they lie, and which species an element is seen in."""

from __future__ import annotations

from inspector.files.line_list import load_lines
from inspector.science.labels import ELEMENTS
from inspector.science.lines import brackett_lines, species_of


def test_lines_are_in_vacuum_and_in_the_band() -> None:
    lines = load_lines()
    assert len(lines) > 700 and all(15_100 < line.wavelength < 17_000 for line in lines)
    assert any(line.species == "Mg I" and abs(line.wavelength - 15_753.2) < 0.3 for line in lines)  # air: 15748.9
    eleven = next(line for line in brackett_lines() if line.species == "Br 11")
    assert abs(eleven.wavelength - 16_811.1) < 0.3


def test_an_element_is_seen_in_its_own_lines_or_its_molecules() -> None:
    assert species_of(["Mg", "TiII"]) == {"Mg I", "Mg II", "Ti II"}
    assert species_of(["N", "O"]) == {"CN", "OH", "CO"}
    assert species_of([], "fe_h") == {"Fe I", "Fe II"} and species_of([], "teff") == frozenset()
    listed = {line.species for line in load_lines()}
    assert all(species_of([element]) & listed for element in ELEMENTS)
