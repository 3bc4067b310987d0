"""Verdicts in numbers: how many, by whom, and how far people agree."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from inspector.science.agreement import Agreement, agreement
from inspector.service.verdicts.history import Review
from inspector.service.verdicts.scheme import Scheme


@dataclass(frozen=True)
class Summary:
    """Verdicts in numbers.

    Attributes
    ----------
    spectra : int
        That have a verdict.
    by_quality : mapping of int to int
        Spectra on which a quality holds: it was agreed on or settled.
    by_reviewer : mapping of str to int
        Spectra that a reviewer has a verdict on.
    disagreements, settled : int
        Spectra on which people differ and nothing is settled; on which a settlement holds.
    agreements : mapping of (str, str) to Agreement
        Of each two reviewers with something in common.
    """

    spectra: int
    by_quality: Mapping[int, int]
    by_reviewer: Mapping[str, int]
    disagreements: int
    settled: int
    agreements: Mapping[tuple[str, str], Agreement]

    def text(self, scheme: Scheme) -> str:
        """In lines for a terminal, with the scheme's names."""
        lines = [_counted(self.spectra, "spectrum has a verdict", "spectra have a verdict") + "."]
        lines += [
            f"  {count:6d}  {quality} {scheme.quality_name(quality)}".rstrip()
            for quality, count in sorted(self.by_quality.items(), reverse=True)
        ]
        lines += [f"  {self.disagreements:6d}  in disagreement"] if self.disagreements else []
        lines += ["", "By reviewer:"] if self.by_reviewer else []
        lines += [f"  {count:6d}  {name}" for name, count in sorted(self.by_reviewer.items())]
        if self.settled:
            lines += ["", f"{_counted(self.settled, 'disagreement was', 'disagreements were')} settled."]
        if self.agreements:
            lines += ["", "Agreement of two reviewers (Cohen's κ takes off what chance would give):"]
        lines += [f"  {one} and {other}: {_words(found)}" for (one, other), found in self.agreements.items()]
        return "\n".join(lines)


def summarize(reviews: Mapping[str, Review]) -> Summary:
    """The numbers of what people say of their subjects, by subject's key."""
    given = [{event.reviewer: event.quality for event in review.verdicts} for review in reviews.values()]
    reviewers = Counter(name for verdicts in given for name in verdicts)
    pairs = {
        (one, other): agreement((held[one], held[other]) for held in given if one in held and other in held)
        for one, other in combinations(sorted(reviewers), 2)
    }
    return Summary(
        spectra=len(reviews),
        by_quality=Counter(review.quality for review in reviews.values() if review.quality is not None),
        by_reviewer=reviewers,
        disagreements=sum(review.disagrees for review in reviews.values()),
        settled=sum(review.decision is not None for review in reviews.values()),
        agreements={names: found for names, found in pairs.items() if found.n},
    )


def _words(found: Agreement) -> str:
    kappa = "κ cannot be told" if math.isnan(found.kappa) else f"κ = {found.kappa:.2f}".replace("-", "−")
    return f"the same on {found.share:.0%} of {_counted(found.n, 'spectrum', 'spectra')}, {kappa}"


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
