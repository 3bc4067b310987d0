"""Results without a network: draws from a normal distribution about known values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inspector.pipeline.result import Result
from inspector.science.flag_rules import JUDGED
from inspector.science.flags import check_flags, no_result_flags
from inspector.science.labels import LABELS, TEFF
from inspector.science.monte_carlo_error import influence
from inspector.science.noise_model import NoiseModel
from inspector.science.posterior import Posterior
from inspector.science.settings import Settings
from inspector.science.weights_card import WeightsCard

CARD = WeightsCard(name="made", sha256="0" * 64, training_set="none")
NOISE = NoiseModel(np.full(22, 1.1), np.where(np.arange(22) == TEFF, 20.0, 0.01), "made")
CENTRE = np.where(np.arange(22) == TEFF, 4300.0, np.linspace(-0.5, 0.5, 22))
SPREAD = np.where(np.arange(22) == TEFF, 40.0, 0.05)


def make_result(mc_num: int = 100, seed: int = 0, spectrum_name: str = "coadd", shift: float = 0.0) -> Result:
    """A result whose model error is about `SPREAD` and whose predictive error is twice that."""
    draws = CENTRE + SPREAD * (shift + np.random.default_rng(seed).normal(size=(mc_num, len(LABELS))))
    log_variance = np.full(draws.shape, 2 * np.log(2.0))
    posterior = Posterior(draws, log_variance, SPREAD, seed, 0.3)
    value, raw = posterior.value, posterior.total_error
    draws_of = {label: influence(posterior, label, 1.1) for label in JUDGED}
    return Result(
        star_id="<b>star</b>", file="made.fits", spectrum_name=spectrum_name, snr=100.0,
        settings=Settings(mc_num, seed, 0.3), weights=CARD, noise_model=NOISE, posterior=posterior, value=value,
        raw_error=raw, error=NOISE.correct(raw), flags=check_flags(value, NOISE.correct(raw), draws_of),
    )  # fmt: skip


def make_failure(reason: str) -> Result:
    """A result that says why there is none."""
    nothing = np.full(len(LABELS), np.nan)
    made = make_result()
    return replace(
        made, posterior=None, value=nothing, raw_error=nothing, error=nothing, flags=no_result_flags(), reason=reason
    )
