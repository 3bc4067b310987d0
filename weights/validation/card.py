"""Reprint the tables and figures of MODEL_CARD.md: ``python -m weights card SYNTHETIC SPECTRA [--write]``.

With ``--write`` the tables are also written into the card, between their marks.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inspector import Network, NoiseModel, Result, Spectrum, analyze, load_network, load_noise_model, read_star, sample
from inspector.science.labels import FE_H, LOGG, label_index
from inspector.science.spectrum import CHIP_PIXELS, N_CHIP_PIXELS, N_PIXELS, WAVELENGTH
from weights import FOLDER
from weights.training.real_stars import RealStar, real_stars
from weights.training.synthetic_grid import (
    CleanSpectra,
    Controlled,
    ErrorPatterns,
    Split,
    read_clean,
    read_controlled,
    read_patterns,
    read_split,
)
from weights.training.telescope import Telescope, normalize
from weights.validation.answers import answers, observe
from weights.validation.calibrate import FOLDS, coverage_table, held_out
from weights.validation.card_figures import coverage_figure, response_figure, scatter_figure, truth_figure
from weights.validation.card_tables import (
    RESPONSE_LABELS,
    lineless_scatter,
    markdown,
    ranges_table,
    real_table,
    response_summary,
    response_table,
    scatter_table,
    strange_table,
    visits_table,
)
from weights.validation.coverage import Answers, cross_corrected

DRAWS = 50
SEED = 23
SNRS = (30, 100, 300)
PIXEL_SPEED = 4.14
"""km/s per pixel."""

QUIET = Telescope(
    snr=(100.0, 100.0), wiggle=(0.0, 0.0), velocity=(0.0, 0.0), broaden=(0.0, 0.0), persistence=0.0
).with_lines_as_modelled()
"""Noise and nothing else."""

EVEN = ErrorPatterns(
    np.ones((1, N_CHIP_PIXELS), dtype=np.float32),
    np.zeros((1, N_CHIP_PIXELS), dtype=bool),
    np.full(1, 100.0, dtype=np.float32),
)
"""The same error everywhere, and no bad pixel."""


class Validation:
    """The shipped weights and the material, and what the one says of the other."""

    def __init__(self, synthetic: Path, spectra: Path) -> None:
        self.network: Network = load_network()
        self.noise = load_noise_model()
        self.split: Split = read_split(synthetic)
        self.patterns: ErrorPatterns = read_patterns(spectra)
        self.controlled: Controlled = read_controlled(synthetic)
        self.atlas: CleanSpectra = read_clean(synthetic / "atlas.npz")
        self.stars: tuple[RealStar, ...] = tuple(real_stars(synthetic, spectra))
        self.files = sorted(spectra.glob("apStar-*.fits"))

    def observed(self, telescope: Telescope, patterns: ErrorPatterns | None = None) -> Answers:
        """One observation of every held-out spectrum; with the errors of real spectra if not said otherwise."""
        clean = self.split.test
        flux, snr, star = observe(clean, patterns or self.patterns, telescope, 1, SEED)
        return answers(self.network, flux, clean.labels[star], snr, star, DRAWS)

    def response(self, base: int) -> NDArray[np.float64]:
        """Answers to one changed abundance over the change, noise-free. Shape (20, 20)."""
        rows = np.flatnonzero(self.controlled.base == base)
        value = self.ask_clean(self.controlled.spectra.flux(rows))
        columns = [label_index(name) for name in RESPONSE_LABELS]
        out = np.empty((len(RESPONSE_LABELS), len(RESPONSE_LABELS)))
        for i, name in enumerate(RESPONSE_LABELS):
            up, down = (
                rows[(self.controlled.changed[rows] == name) & (np.sign(self.controlled.delta[rows]) == sign)]
                for sign in (1, -1)
            )
            at_up, at_down = np.searchsorted(rows, up[0]), np.searchsorted(rows, down[0])
            change = self.controlled.delta[up[0]] - self.controlled.delta[down[0]]
            out[i] = (value[at_up] - value[at_down])[columns] / change
        return out

    def ask_clean(self, flux: NDArray[np.float32]) -> NDArray[np.float64]:
        """Labels of noise-free spectra (n, 8575), the same dropout for all. Shape (n, 22)."""
        chips = torch.from_numpy(flux)[:, CHIP_PIXELS].double()
        seen = normalize(chips, torch.full_like(chips, 0.01), torch.zeros_like(chips, dtype=torch.bool))
        return np.stack([sample(self.network, row, 2 * DRAWS, SEED).value for row in seen.numpy()])

    def analyze(self, spectrum: Spectrum) -> Result:
        """Through the app's own chain."""
        return analyze(spectrum, self.network, self.noise, mc_num=100, seed=0)

    def real(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Labels and corrected errors of every real star with something known of it. Each (n, 22)."""
        drawn = [sample(self.network, star.flux, 100, 0) for star in self.stars]
        return (
            np.stack([posterior.value for posterior in drawn]),
            np.stack([self.noise.correct(posterior.total_error) for posterior in drawn]),
        )

    def visits(self) -> dict[str, list[Result]]:
        """Coadd and visits of every star that has several, through the app's own chain."""
        stars = [read_star(path) for path in self.files]
        return {s.id: [self.analyze(one) for one in s.spectra] for s in stars if len(s.visits) > 1}

    def strange(self) -> dict[str, Result]:
        """Spectra the network was not made for."""
        return {name: self.analyze(spectrum) for name, spectrum in strange_spectra(self.atlas).items()}


def strange_spectra(atlas: CleanSpectra) -> dict[str, Spectrum]:
    """The Sun spun up, a star without lines, the Sun in much noise, and no star at all."""
    rng = np.random.default_rng(SEED)
    sun = atlas.flux()[1].astype(float)
    noise = rng.normal(size=N_PIXELS)
    made = {
        "Sun (FTS), S/N 100": (sun, 100),
        **{f"Sun rotating at {v} km/s, S/N 100": (spun_up(sun, v), 100) for v in (20, 50, 100)},
        "no lines at all (hot star), S/N 100": (np.ones(N_PIXELS), 100),
        "Sun, S/N 5": (sun, 5),
        "noise without a star": (np.zeros(N_PIXELS), 5),
    }
    return {name: _spectrum(name, flux + noise / snr, 1 / snr) for name, (flux, snr) in made.items()}


def _spectrum(name: str, flux: NDArray[np.float64], error: float) -> Spectrum:
    counts = 500.0  # a flux as real files have
    nothing = np.zeros(N_PIXELS, dtype=np.int64)
    return Spectrum(WAVELENGTH, counts * flux, np.full(N_PIXELS, counts * error), nothing, 1 / error, name)


def spun_up(flux: NDArray[np.float64], speed: float) -> NDArray[np.float64]:
    """Convolve with the rotation profile (Gray 2005, limb darkening 0.6) of `speed` km/s."""
    width = speed / PIXEL_SPEED
    x = np.arange(-int(width), int(width) + 1) / width
    profile = 0.8 * np.sqrt(1 - x**2) + 0.3 * np.pi * (1 - x**2)
    return 1 - np.convolve(1 - flux, profile / profile.sum(), "same")


def tables(validation: Validation, figures: Path) -> dict[str, list[str]]:
    """Every table of the card by its mark; the figures are written on the way."""
    at = {snr: validation.observed(Telescope(snr=(snr, snr)).with_lines_as_modelled()) for snr in SNRS}
    varied, quiet = validation.observed(Telescope(snr=(100.0, 100.0))), validation.observed(QUIET, EVEN)
    truth = validation.split.test.labels
    giants = (truth[:, LOGG] < 3.6) & (truth[:, FE_H] > -1)
    blind = truth.std(axis=0)
    asked = held_out(validation.network, validation.split.test, validation.patterns)
    names = [str(name) for name in validation.controlled.base_names]
    responses = [validation.response(base) for base in range(len(names))]
    truth_figure(at[100]).savefig(figures / "truth.png", dpi=90)
    scatter_figure(at, blind).savefig(figures / "scatter.png", dpi=90)
    coverage_figure(asked, cross_corrected(asked, FOLDS)).savefig(figures / "coverage.png", dpi=90)
    response_figure(names, responses).savefig(figures / "response.png", dpi=90)
    return {
        "weights": weights_table(validation.network, validation.noise),
        "scatter": scatter_table(at, varied, quiet, giants, lineless_scatter(validation.split.train.labels, truth)),
        "coverage": coverage_table(asked, validation.noise),
        "response": response_summary(names, responses),
        "matrix": response_table(np.mean(responses, axis=0)),
        "real": real_table(validation.stars, *validation.real()),
        "visits": visits_table(validation.visits()),
        "strange": strange_table(validation.strange()),
        "ranges": ranges_table(dict(validation.network.card.extra["label_ranges"])),
    }


def weights_table(network: Network, noise: NoiseModel) -> list[str]:
    """What the file says of itself."""
    card, parameters = network.card, sum(p.numel() for p in network.module.parameters())
    rows = [
        ("name", card.name),
        ("sha256 of the parameters", f"`{card.sha256}`"),
        ("trained on", card.training_set),
        ("date", card.date),
        ("code version", str(card.extra["code_version"])),
        ("parameters", f"{parameters:,}"),
        ("noise model", noise.reference),
        ("settings", f"`{card.extra['settings']}`"),
    ]
    return markdown(("what", "value"), rows)


def filled(card: str, made: dict[str, list[str]]) -> str:
    """The card with every table between its marks replaced."""
    for name, lines in made.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        text = "\n".join((begin, "", *lines, "", end)).replace("\\", r"\\")
        card, count = re.subn(pattern, text, card, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"The card has the marks of '{name}' {count} times; once is right.")
    return card


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("synthetic", type=Path, help="folder of the synthetic grid")
    parser.add_argument("spectra", type=Path, help="folder of real spectra")
    parser.add_argument("--write", action="store_true", help="write the tables into MODEL_CARD.md")


def run(args: argparse.Namespace) -> None:
    """Print every table, and write the figures."""
    torch.set_num_threads(1)
    (FOLDER / "figures").mkdir(exist_ok=True)
    made = tables(Validation(args.synthetic, args.spectra), FOLDER / "figures")
    for name, lines in made.items():
        print("\n".join((f"\n## {name}", *lines)))
    if args.write:
        card = FOLDER / "MODEL_CARD.md"
        card.write_text(filled(card.read_text(encoding="utf-8"), made), encoding="utf-8")
