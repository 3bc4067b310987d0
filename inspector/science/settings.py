"""How the network is asked: number of draws, seed, dropout rate. Bounds and defaults are stated here alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from inspector.exceptions import SettingsError
from inspector.science.number_format import plain


@dataclass(frozen=True)
class Bounds:
    """What one setting may be; the page, a link, a command and the library refuse the rest in the same words.

    Attributes
    ----------
    name : str
    low, high : int or float
        The smallest and the largest.
    whole : bool
        Whether only whole numbers make sense.
    """

    name: str
    low: int
    high: float
    whole: bool = True

    @property
    def pair(self) -> tuple[Any, Any]:
        """Both ends, as a widget wants them."""
        return self.low, self.high

    def check(self, value: Any) -> Any:
        """The value as a plain number; raises `SettingsError` if it is none or lies outside."""
        kinds = (int, np.integer) if self.whole else (int, float, np.integer, np.floating)
        if isinstance(value, kinds) and not isinstance(value, bool) and self.low <= value <= self.high:
            return int(value) if self.whole else float(value)
        raise SettingsError(self._refusal(f"{value}" if isinstance(value, kinds) else repr(value)))

    def read(self, text: str) -> Any:
        """The value somebody typed in, or a link states."""
        plain = text.strip()
        try:
            value = int(plain) if self.whole else float(plain)
        except ValueError:  # no number, or one of more digits than Python reads
            value = None
        if value is None or not plain.isascii() or "_" in plain:
            raise SettingsError(self._refusal(repr(plain)))
        return self.check(value)

    def after(self, value: int | None) -> int:
        """The next whole number; after the last, and after none, comes the first."""
        return self.low if value is None or value >= self.high else value + 1

    def _refusal(self, found: str) -> str:
        found = found if len(found) <= 40 else f"{found[:40]}…"
        kind = "a whole number" if self.whole else "a number"
        return f"{self.name} is {found}; it must be {kind} from {self.low} to {self.high}."


MC_NUM = Bounds("mc_num", 2, 10_000)
SEED = Bounds("seed", 0, 2**53 - 1)
"""The last is the largest whole number that JavaScript and a FITS viewer still tell from its neighbours."""
RATE = Bounds("dropout_rate", 0, 0.95, whole=False)


@dataclass(frozen=True)
class Settings:
    """How the network is asked; refused at once if it makes no sense.

    Attributes
    ----------
    mc_num : int
        Draws for each spectrum.
    seed : int or None
        Of the random numbers. None: derived from the normalised flux, by the network's `sample` itself, so that
        the same spectrum has the same draws wherever it is asked about.
    dropout_rate : float or None
        Share of neurones dropped. None: the rate the weights were trained with; any other is an experiment.

    Raises
    ------
    SettingsError
        In the same words everywhere.
    """

    mc_num: int = 100
    seed: int | None = None
    dropout_rate: float | None = None

    def __post_init__(self) -> None:
        for bounds in (MC_NUM, SEED, RATE):
            value = getattr(self, bounds.name)
            if value is not None or bounds is MC_NUM:
                object.__setattr__(self, bounds.name, bounds.check(value))

    def settled(self, seed: int, dropout_rate: float) -> Settings:
        """The same, with these in place of None."""
        return replace(
            self,
            seed=seed if self.seed is None else self.seed,
            dropout_rate=dropout_rate if self.dropout_rate is None else self.dropout_rate,
        )

    @property
    def text(self) -> str:
        """In one line: ``mc_num 100 · seed 5 · dropout rate 0.3``."""
        seed = "seed from the flux" if self.seed is None else f"seed {self.seed}"
        rate = (
            "the weights' own dropout rate" if self.dropout_rate is None else f"dropout rate {plain(self.dropout_rate)}"
        )
        return f"mc_num {self.mc_num} · {seed} · {rate}"
