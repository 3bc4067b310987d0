"""The model card's tables, from numbers to Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from inspector.pipeline.result import Result
from inspector.science.labels import FE_H, LABEL_NAMES, LABELS, LOGG, TEFF
from weights.training.real_stars import RealStar
from weights.validation.coverage import Answers

AIMS: dict[str, float] = {
    "teff": 60.0,
    "logg": 0.12,
    "fe_h": 0.04,
    **dict.fromkeys(("c_h", "mg_h", "si_h", "ca_h", "mn_h", "ni_h"), 0.06),
    **dict.fromkeys(("n_h", "o_h", "al_h", "s_h", "k_h", "cr_h"), 0.10),
}
"""Scatter aimed at, at S/N 100, in label units; the other labels have no aim."""

AIM_RATIO = 2.2
"""The largest growth of the scatter aimed at, from S/N 100 to 30."""

REAL_AIMS = (120.0, 0.3, 0.15)
"""Aim for Teff, log g and [Fe/H] of real stars."""

RESPONSE_LABELS = tuple(name for name in LABEL_NAMES if name not in ("teff", "logg"))


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def number(value: float, label: int) -> str:
    """A value or error with the digits its label deserves."""
    return "–" if np.isnan(value) else f"{value:.0f}" if LABELS[label].unit == "K" else f"{value:.3f}"


def scatter(miss: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square of the misses of each label. Shape (22,)."""
    return np.asarray(np.sqrt(np.mean(miss**2, axis=0)))


def lineless_scatter(learned: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scatter of answers that never look at an element's lines. Shape (22,).

    For an abundance, the residual of a linear regression on the true Teff, log g and [Fe/H]: a network
    worth its name for that element must do better. For those three labels, their own spread.
    """
    shared = [TEFF, LOGG, FE_H]
    design, seen = (np.column_stack([labels[:, shared], np.ones(len(labels))]) for labels in (learned, truth))
    coefficients = np.linalg.lstsq(design, learned, rcond=None)[0]
    out = scatter(seen @ coefficients - truth)
    out[shared] = truth[:, shared].std(axis=0)
    return out


def scatter_table(
    at: dict[int, Answers],
    varied: Answers,
    quiet: Answers,
    giants: NDArray[np.bool_],
    lineless: NDArray[np.float64],
) -> list[str]:
    """Scatter and bias of each label at several S/N.

    Parameters
    ----------
    at : dict
        Answers at S/N 30, 100 and 300, line depths as the models have them.
    varied : Answers
        At S/N 100, line depths varied as in training.
    quiet : Answers
        At S/N 100, with noise and no other trouble.
    giants : ndarray of bool
        Which of the spectra are giants with [Fe/H] > -1.
    lineless : ndarray, shape (22,)
        What `lineless_scatter` gives.
    """
    rows = []
    spread = {snr: scatter(asked.miss) for snr, asked in at.items()}
    for i, label in enumerate(LABELS):
        aim = AIMS.get(label.name, np.nan)
        met = "" if np.isnan(aim) else "met" if spread[100][i] <= aim else "**missed**"
        ratio = spread[30][i] / spread[100][i]
        rows.append(
            [
                label.symbol,
                *(number(spread[snr][i], i) for snr in (30, 100, 300)),
                f"{ratio:.2f}",
                number(at[100].miss[:, i].mean(), i),
                number(np.percentile(np.abs(at[100].miss[:, i]), 68), i),
                number(scatter(at[100].miss[giants])[i], i),
                number(scatter(varied.miss)[i], i),
                number(scatter(quiet.miss)[i], i),
                number(lineless[i], i),
                number(aim, i),
                met,
            ]
        )
    head = [
        "label", "S/N 30", "S/N 100", "S/N 300", "30 / 100", "bias", "68% within", "giants", "depths varied",
        "noise alone", "lineless", "aim", "verdict",
    ]  # fmt: skip
    return markdown(head, rows)


def response_table(response: NDArray[np.float64]) -> list[str]:
    """The matrix of answers to one changed abundance, in percent of the change. Shape (20, 20)."""
    symbols = [label.symbol.strip("[]").removesuffix("/H") for label in LABELS if label.name in RESPONSE_LABELS]
    rows = [[f"**{s}**", *(f"{100 * x:.0f}" for x in row)] for s, row in zip(symbols, response)]
    return markdown(["changed \\ answers", *symbols], rows)


def response_summary(names: Sequence[str], responses: Sequence[NDArray[np.float64]]) -> list[str]:
    """Own response of each element in each base star, and how much the others move."""
    symbols = [label.symbol for label in LABELS if label.name in RESPONSE_LABELS]
    rows = [
        [symbol, *(f"{r[i, i]:.2f}" for r in responses), *(f"{_others(r)[i]:.3f}" for r in responses)]
        for i, symbol in enumerate(symbols)
    ]
    means = [np.mean([_others(r) for r in responses], axis=1)]
    rows.append(["mean", *(f"{np.diag(r).mean():.2f}" for r in responses), *(f"{m:.3f}" for m in means[0])])
    head = ["changed by 0.2 dex", *(f"own, {n}" for n in names), *(f"others (dex), {n}" for n in names)]
    return markdown(head, rows)


def _others(response: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean absolute answer, in dex, of the other labels to 0.2 dex. Shape (20,)."""
    off = np.abs(response) * (1 - np.eye(len(response)))
    return np.asarray(0.2 * off.sum(axis=1) / (len(response) - 1))


def real_table(stars: Sequence[RealStar], value: NDArray[np.float64], error: NDArray[np.float64]) -> list[str]:
    """Real stars against what is known of them; `value` and corrected `error` of shape (n, 22)."""
    rows = []
    for star, said, width in zip(stars, value, error):
        cells, missed = [], []
        for i, known, aim, name in zip((TEFF, LOGG, FE_H), star.reference, REAL_AIMS, ("Teff", "log g", "[Fe/H]")):
            digits = 0 if i == TEFF else 2
            cells.append(f"{said[i]:.{digits}f} ± {width[i]:.{digits}f}")
            cells.append("–" if np.isnan(known) else f"{known:.{digits}f}")
            if star.judged and abs(said[i] - known) > aim:
                missed.append(f"{name} {said[i] - known:+.{digits}f}")
        verdict = ("**missed**: " + ", ".join(missed) if missed else "met") if star.judged else "not judged"
        rows.append([star.name, *cells, star.source, verdict])
    head = ["spectrum", "Teff", "known", "log g", "known", "[Fe/H]", "known", "known from", "aim"]
    return markdown(head, rows)


def visits_table(by_star: dict[str, list[Result]]) -> list[str]:
    """How far the visits of a star lie from its coadd, in units of their corrected errors."""
    rows = []
    for star, (coadd, *visits) in by_star.items():
        pulls = np.array([(v.value - coadd.value) / np.hypot(v.error, coadd.error) for v in visits])
        spread = np.std([v.value for v in visits], axis=0, ddof=1) if len(visits) > 1 else np.full(22, np.nan)
        inside = f"{100 * np.mean(np.abs(pulls) <= 1):.0f}%"
        cells = [number(spread[i], i) for i in (TEFF, LOGG, FE_H)]
        rows.append([star, str(len(visits)), f"{coadd.snr:.0f}", inside, f"{np.abs(pulls).max():.1f}", *cells])
    head = ["star", "visits", "S/N", "within 1 error", "largest", "scatter Teff", "log g", "[Fe/H]"]
    return markdown(head, rows)


def strange_table(results: dict[str, Result]) -> list[str]:
    """Spectra the network was not made for, and what it says of them."""
    rows = []
    for name, result in results.items():
        told = [f"{result.value[i]:.{d}f} ± {result.error[i]:.{d}f}" for i, d in ((TEFF, 0), (LOGG, 2), (FE_H, 2))]
        rows.append([name, *(told if not result.reason else ["–"] * 3), _verdict(result)])
    return markdown(["spectrum", "Teff", "log g", "[Fe/H]", "what the app says"], rows)


def _verdict(result: Result) -> str:
    if result.reason:
        return "no result: " + result.reason
    raised = [check.flag.name for check in result.flags.checks if check.is_set]
    return ", ".join(raised) or "no flag"


def ranges_table(ranges: dict[str, dict[str, float]]) -> list[str]:
    """Where the training labels lie."""
    rows = [
        [label.symbol, *(number(ranges[label.name][key], i) for key in ("min", "p1", "p99", "max"))]
        for i, label in enumerate(LABELS)
    ]
    return markdown(["label", "smallest", "1%", "99%", "largest"], rows)
