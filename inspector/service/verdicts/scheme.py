"""The scheme a verdict follows: which qualities there are, which causes, and what each means. It is data."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from inspector.exceptions import FileError, SettingsError
from inspector.files.file_content import content_of, file_name
from inspector.files.untrusted_text import clean

DEFAULT_SCHEME = Path(__file__).with_name("scheme.toml")

MAX_BYTES = 1 << 20
MOST = 30
"""Qualities, and causes, that a scheme may have: each has a key of its own."""
LONGEST = 60
LONGEST_DEFINITION = 2000


@dataclass(frozen=True)
class Quality:
    """One verdict that can be given.

    Attributes
    ----------
    number : int
        What is kept, from 0 to 99; larger is better.
    key : str
        The key that gives it: one character.
    name, definition : str
    clears : bool
        Whether it takes an earlier verdict back and says nothing of the star.
    """

    number: int
    key: str
    name: str
    definition: str
    clears: bool = False


@dataclass(frozen=True)
class Cause:
    """One reason for a verdict.

    Attributes
    ----------
    letter : str
        What is kept, and the key that ticks it: one character.
    name, definition : str
    evidence : str
        Which of `inspector.science.evidence.KINDS` suggests it; empty if only a person can tell.
    """

    letter: str
    name: str
    definition: str
    evidence: str = ""


@dataclass(frozen=True)
class Scheme:
    """What verdicts there are.

    Attributes
    ----------
    name, version : str
        Verdicts keep both.
    qualities : tuple of Quality
        In the order they are shown.
    causes : tuple of Cause
    """

    name: str
    version: str
    qualities: tuple[Quality, ...]
    causes: tuple[Cause, ...]

    def quality(self, number: int | None) -> Quality | None:
        """The quality of a number; None if this scheme has none."""
        return next((quality for quality in self.qualities if quality.number == number), None)

    def quality_of_key(self, key: str) -> Quality | None:
        """The quality that a key gives."""
        return next((quality for quality in self.qualities if quality.key == key), None)

    def cause(self, letter: str) -> Cause | None:
        """The cause of a letter; None if this scheme has none."""
        return next((cause for cause in self.causes if cause.letter == letter), None)

    def suggested(self, evidence: Collection[str]) -> tuple[str, ...]:
        """The letters that kinds of `inspector.science.evidence` suggest, in the scheme's order."""
        return tuple(cause.letter for cause in self.causes if cause.evidence and cause.evidence in evidence)

    def quality_name(self, number: int | None) -> str:
        """What a quality is called; of one this scheme does not have, its number; empty for None."""
        quality = self.quality(number)
        return quality.name if quality else "" if number is None else str(number)

    def cause_names(self, letters: Sequence[str]) -> tuple[str, ...]:
        """What causes are called; one this scheme does not have keeps its letter."""
        return tuple(cause.name if (cause := self.cause(letter)) else letter for letter in letters)


def load_scheme(path: str | os.PathLike[str] | None = None) -> Scheme:
    """Read a scheme.

    Parameters
    ----------
    path : path-like, optional
        A TOML file as ``scheme.toml`` beside this module, which is read if None.

    Raises
    ------
    FileError
        If there is no such file or it cannot be read.
    SettingsError
        If it is not a scheme: what was found, and what was expected.
    """
    path = DEFAULT_SCHEME if path is None else Path(path)
    content = content_of(path, MAX_BYTES)
    if len(content) > MAX_BYTES:
        raise FileError(f"{file_name(path)} is larger than 1 MiB, which no scheme of verdicts is. Check the path.")
    try:
        said = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"The scheme {file_name(path)} is not a TOML file in UTF-8 ({clean(str(error))}). Correct it there."
        ) from None
    return _Reader(f"The scheme {file_name(path)}").scheme(said)


class _Reader:
    """Takes a scheme out of a TOML document, and says of whose file a fault is."""

    def __init__(self, whose: str) -> None:
        self._whose = whose

    def scheme(self, said: dict[str, Any]) -> Scheme:
        self._check_fields(said, ("name", "version", "quality", "cause"), "it")
        qualities = self._parts(said, "quality", self._quality)
        causes = self._parts(said, "cause", self._cause)
        if not any(not quality.clears for quality in qualities):
            self._refuse("has no quality that judges a star. Add a [[quality]] with number, key, name and definition")
        self._check_once("number", [str(quality.number) for quality in qualities])
        self._check_once("key or letter", [q.key for q in qualities] + [c.letter for c in causes])
        return Scheme(self._text(said, "name", "it"), self._text(said, "version", "it"), qualities, causes)

    def _quality(self, said: dict[str, Any], where: str) -> Quality:
        self._check_fields(said, ("number", "key", "name", "definition", "clears"), where)
        number, clears = said.get("number"), said.get("clears", False)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 99:
            self._refuse(f"has the number {number!r:.40} in {where}; it must be a whole number from 0 to 99")
        if not isinstance(clears, bool):
            self._refuse(f"has clears = {clears!r:.40} in {where}; it must be true or false")
        definition = self._text(said, "definition", where, LONGEST_DEFINITION)
        return Quality(number, self._character(said, "key", where), self._text(said, "name", where), definition, clears)

    def _cause(self, said: dict[str, Any], where: str) -> Cause:
        self._check_fields(said, ("letter", "name", "definition", "evidence"), where)
        from inspector.science.evidence import KINDS  # half a second: not for who only reads verdicts

        evidence = said.get("evidence", "")
        if evidence not in ("", *KINDS):
            self._refuse(f"has the evidence {evidence!r:.40} in {where}; it may be one of {', '.join(KINDS)}")
        definition = self._text(said, "definition", where, LONGEST_DEFINITION)
        return Cause(self._character(said, "letter", where), self._text(said, "name", where), definition, evidence)

    def _parts(self, said: dict[str, Any], name: str, read: Callable[[dict[str, Any], str], Any]) -> tuple[Any, ...]:
        parts = said.get(name, [])
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            self._refuse(f"has a '{name}' that is not a list; write each as [[{name}]]")
        if len(parts) > MOST:
            self._refuse(f"has {len(parts)} of [[{name}]]; there can be {MOST}")
        return tuple(read(part, f"[[{name}]] number {number}") for number, part in enumerate(parts, 1))

    def _text(self, said: dict[str, Any], field: str, where: str, longest: int = LONGEST) -> str:
        text = said.get(field)
        if not isinstance(text, str) or not text.strip() or len(text) > longest or not text.isprintable():
            found = f"the {field} {text!r:.40}" if field in said else f"no {field}"
            self._refuse(
                f"has {found} in {where}; it must be a text in quotes, one line of at most {longest} characters"
            )
        return str(text).strip()

    def _character(self, said: dict[str, Any], field: str, where: str) -> str:
        text = said.get(field)
        if not isinstance(text, str) or len(text) != 1 or not text.isprintable() or text.isspace() or text == ",":
            self._refuse(f"has the {field} {text!r:.40} in {where}; it must be one character in quotes, not a comma")
        return str(text)

    def _check_fields(self, said: dict[str, Any], known: Sequence[str], where: str) -> None:
        if unknown := [name for name in said if name not in known]:
            self._refuse(f"says {clean(unknown[0], 40)!r} in {where}; it may say {', '.join(known)}")

    def _check_once(self, what: str, values: Sequence[str]) -> None:
        if twice := [value for value in values if values.count(value) > 1]:
            self._refuse(f"has the {what} {twice[0]!r} twice; each must have its own")

    def _refuse(self, fault: str) -> NoReturn:
        raise SettingsError(f"{self._whose} {fault.replace(' in it', '')}.")
