"""Which noise model corrects the errors of which weights; decided here for library, batch and page alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from inspector.exceptions import NoiseModelError
from inspector.files.checkpoints.noise_model_file import load_noise_model
from inspector.science.noise_model import NoiseModel
from inspector.science.weights_card import WeightsCard


@dataclass(frozen=True, eq=False)
class Correction:
    """What is done to the errors.

    Attributes
    ----------
    noise_model : NoiseModel
        The one that corrects; where none fits, one that leaves errors as they are.
    remark : str
        Why errors stay raw although nobody asked for that; empty otherwise.
    """

    noise_model: NoiseModel
    remark: str = ""


def correction_for(card: WeightsCard, named: NoiseModel | None) -> Correction:
    """What corrects the errors of these weights.

    Scales fitted for other weights are worse than none: a noise model that says it was is not applied. One that
    does not say (the pipeline's own file cannot) is applied where somebody named it, and never by itself.

    Parameters
    ----------
    card : WeightsCard
        Of the weights that answer.
    named : NoiseModel or None
        The one somebody chose; None for the shipped one, where it fits.
    """
    try:
        chosen = shipped_noise_model() if named is None else named
    except NoiseModelError as error:
        return _raw(str(error))
    fits = chosen.weights == card.sha256 or (named is not None and not chosen.weights)
    if fits or not chosen.corrects:
        return Correction(chosen)
    which = "the shipped noise model" if named is None else f"the noise model '{chosen.name}'"
    whose = f"was fitted for the weights {chosen.weights[:8]}" if chosen.weights else "does not name its weights"
    return _raw(f"{which} {whose}, and {card.short_hash} answered.")


def _raw(why: str) -> Correction:
    remark = f"Errors are raw, and flags are judged on them: {why}"
    return Correction(replace(NoiseModel.identity(), reference=why), remark)


@cache
def shipped_noise_model() -> NoiseModel:
    """The noise model the project ships, read once."""
    return load_noise_model()
