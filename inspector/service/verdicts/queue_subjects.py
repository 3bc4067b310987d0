"""The spectra that rows of a queue speak of, as verdicts name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from inspector.science.spectrum_key import SpectrumKey
from inspector.service.verdicts.history import Review
from inspector.service.verdicts.subject import STAR_IDS, Subject

_IDS = (*STAR_IDS, "file_sha256")


def subjects_of_rows(keys: Iterable[SpectrumKey], reviews: Mapping[str, Review]) -> list[tuple[Subject, ...]]:
    """What each row of a table speaks of: the spectra with a verdict that it is, else what the row says itself.

    Parameters
    ----------
    keys : iterable of SpectrumKey
        Of the rows.
    reviews : mapping of str to Review
        By subject's key.
    """
    by_id: dict[tuple[str, str], list[Subject]] = defaultdict(list)
    for review in reviews.values():
        for name in _IDS:
            if said := getattr(review.subject, name):
                by_id[name, said].append(review.subject)
    return [_subjects(key, by_id) for key in keys]


def subjects_of_files(names: Iterable[str], reviews: Mapping[str, Review]) -> list[tuple[Subject, ...]]:
    """The same of opened files, by their names: every spectrum of theirs with a verdict."""
    by_file: dict[str, list[Subject]] = defaultdict(list)
    for review in reviews.values():
        by_file[review.subject.file].append(review.subject)
    return [tuple(by_file[name]) if name in by_file else (Subject(file=name),) for name in names]


def _subjects(key: SpectrumKey, by_id: Mapping[tuple[str, str], Sequence[Subject]]) -> tuple[Subject, ...]:
    row = Subject.of_row(key)
    near = [subject for name in _IDS for subject in by_id.get((name, getattr(row, name)), ())]
    found = {subject.key: subject for subject in near if subject.is_row(key)}
    return tuple(found.values()) or (row,)
