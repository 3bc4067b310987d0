"""What decided an answer, as one value: rows, captions, caches, journals and links read it and nothing else."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from inspector.science.edit import Edit, edits_text
from inspector.science.noise_model import NoiseModel
from inspector.science.settings import Settings
from inspector.science.weights_card import WeightsCard

SHORT = 8
"""Digits of a hash that a person compares."""


@dataclass(frozen=True)
class Provenance:
    """What decided an answer; the same spectrum and the same provenance give the same numbers.

    Attributes
    ----------
    settings : Settings
        How the network was asked. Of an answer they are settled; of a run that is to come, or of a link, a seed of
        None stands for the one each spectrum has of itself, a rate of None for the weights' own.
    weights_hash : str
        SHA-256 of the weights' numbers.
    noise_model_hash : str
        SHA-256 of the noise model's numbers; empty where errors are raw.
    edits : tuple of Edit
        What was changed in the spectrum on purpose.
    """

    settings: Settings
    weights_hash: str
    noise_model_hash: str = ""
    edits: tuple[Edit, ...] = ()

    @classmethod
    def of(
        cls, settings: Settings, weights: WeightsCard, noise_model: NoiseModel, edits: tuple[Edit, ...] = ()
    ) -> Provenance:
        """Of an answer by these weights, its errors corrected by this noise model."""
        return cls(settings, weights.sha256, noise_model.sha256, edits)

    @property
    def columns(self) -> dict[str, Any]:
        """By the names of the result table's columns."""
        hashes = {"weights_hash": self.weights_hash, "noise_model_hash": self.noise_model_hash}
        return {**vars(self.settings), **hashes, "edits": edits_text(self.edits)}

    @property
    def draws(self) -> Hashable:
        """What decides each draw: runs that share it are parts of one run, however long."""
        return self.weights_hash, self.settings.seed, self.settings.dropout_rate

    @property
    def text(self) -> str:
        """One line for a caption: the settings, then ``weights 1a2b3c4d · noise model 5e6f7a8b``, then any edits."""
        noise = f"noise model {self.noise_model_hash[:SHORT]}" if self.noise_model_hash else "errors raw, not corrected"
        edited = f" · edited: {edits_text(self.edits)}" if self.edits else ""
        return f"{self.settings.text} · weights {self.weights_hash[:SHORT]} · {noise}{edited}"
