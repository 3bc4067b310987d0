"""Edits put to work: a list of them written and read, applied, undone and redone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from inspector.exceptions import SettingsError
from inspector.science.diagnosis.edit_reading import read_edit
from inspector.science.diagnosis.edits import Change
from inspector.science.edit import BETWEEN, Edit
from inspector.science.spectrum import Spectrum

MOST = 50
"""Edits of one spectrum."""

Edits = tuple[Change, ...]


def read_edits(said: str | Iterable[Edit | str]) -> Edits:
    """Edits from one text, or from edits and texts of one each.

    Raises
    ------
    SettingsError
        If one makes no sense, or there are more than `MOST`.
    """
    parts = [part for part in said.split(BETWEEN) if part.strip()] if isinstance(said, str) else list(said)
    if len(parts) > MOST:
        raise SettingsError(f"There are {len(parts)} edits; a spectrum takes at most {MOST}.")
    return tuple(map(_read, parts))


def _read(part: Edit | str) -> Change:
    return part if isinstance(part, Change) else read_edit(part if isinstance(part, str) else part.text)


def apply_edits(spectrum: Spectrum, edits: str | Iterable[Edit | str], visits: Sequence[Spectrum] = ()) -> Spectrum:
    """Change a spectrum on purpose, edit by edit.

    Parameters
    ----------
    spectrum : Spectrum
    edits : str or sequence of Edit or str
        In order: ``"mask:15740-15760; shift:+5"``, or one by one. What was edited before is edited further.
    visits : sequence of Spectrum
        Of the star, in the file's order; for ``drop`` alone.

    Returns
    -------
    Spectrum
        It says what was changed, and holds what it was before; `spectrum` itself where there are no edits.

    Raises
    ------
    SettingsError
        If an edit makes no sense, or none for this spectrum.
    """
    original, made = spectrum.unedited or spectrum, spectrum
    new = read_edits(edits)
    read_edits([*spectrum.edits, *new])  # not too many in all
    for edit in new:
        made = replace(edit.apply(made, visits), edits=(*made.edits, edit), unedited=original)
    return made


@dataclass(frozen=True)
class EditHistory:
    """The edits of one spectrum, with those before them and those that were undone.

    Attributes
    ----------
    now : tuple of Edit
    past, future : tuple of tuple of Edit
        What undo and redo come to next stands last.
    """

    now: Edits = ()
    past: tuple[Edits, ...] = ()
    future: tuple[Edits, ...] = ()

    def then(self, edits: Edits) -> EditHistory:
        """With other edits; what was undone is gone."""
        return self if edits == self.now else EditHistory(edits, (*self.past, self.now))

    def undone(self) -> EditHistory:
        """One step back; itself at the beginning."""
        if not self.past:
            return self
        return EditHistory(self.past[-1], self.past[:-1], (*self.future, self.now))

    def redone(self) -> EditHistory:
        """One step on; itself at the end."""
        if not self.future:
            return self
        return EditHistory(self.future[-1], (*self.past, self.now), self.future[:-1])
