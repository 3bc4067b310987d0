"""What many draws of the network say together: value, model error, predictive error, total error."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_quiet = np.errstate(over="ignore", invalid="ignore")
"""Absurd draws give infinities and NaN, which `why_impossible` recognises."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """The draws of one spectrum and their summary, in label units (K, dex).

    The draws show the model's part of the uncertainty alone: what dropout does to the answer. The
    predictive part is the scatter the network itself expects around its answer.

    Attributes
    ----------
    draws : ndarray, shape (mc_num, 22)
        Label values, one row per draw.
    log_variance : ndarray, shape (mc_num, 22)
        The network's log-variance of each draw, in units of ``labels_std**2``.
    labels_std : ndarray, shape (22,)
        Scale of the labels.
    seed : int
        Of the random numbers.
    dropout_rate : float
        Share of neurones dropped.

    Notes
    -----
    Parity with astroNN and SDSS Astra: the predictive variance is ``exp(mean(log_variance))``, the
    geometric mean over the draws. The law of total variance would take ``mean(exp(log_variance))``,
    which is never smaller; the two differ when the draws disagree about their own uncertainty.
    """

    draws: NDArray[np.float64]
    log_variance: NDArray[np.float64]
    labels_std: NDArray[np.float64]
    seed: int
    dropout_rate: float

    @property
    def mc_num(self) -> int:
        """Number of draws."""
        return len(self.draws)

    @property
    @_quiet
    def value(self) -> NDArray[np.float64]:
        """Mean of the draws. Shape (22,)."""
        value: NDArray[np.float64] = np.mean(self.draws, axis=0)
        return value

    @property
    @_quiet
    def model_error(self) -> NDArray[np.float64]:
        """Standard deviation of the draws (unbiased variance). Shape (22,)."""
        error: NDArray[np.float64] = np.std(self.draws, axis=0, ddof=1)
        return error

    @property
    @_quiet
    def predictive_error(self) -> NDArray[np.float64]:
        """Scatter the network expects around its answer. Shape (22,)."""
        error: NDArray[np.float64] = np.exp(0.5 * np.mean(self.log_variance, axis=0)) * self.labels_std
        return error

    @property
    @_quiet
    def total_error(self) -> NDArray[np.float64]:
        """Model and predictive error in quadrature: the raw error of SDSS tables. Shape (22,)."""
        return np.hypot(self.model_error, self.predictive_error)

    @property
    @_quiet
    def model_share(self) -> NDArray[np.float64]:
        """Share of the total variance that the draws show; NaN where there is no variance. Shape (22,)."""
        total, share = self.total_error, np.full(self.draws.shape[1], np.nan)
        np.divide(self.model_error, total, out=share, where=(total > 0) & np.isfinite(total))
        return share**2

    @_quiet
    def interval(self, level: float = 0.68) -> NDArray[np.float64]:
        """Central credible interval of the draws (the model part alone).

        Parameters
        ----------
        level : float
            Probability inside, 0 to 1.

        Returns
        -------
        ndarray, shape (2, 22)
            Lower and upper ends.
        """
        tail = (1 - level) / 2
        return np.quantile(self.draws, [tail, 1 - tail], axis=0)

    def first(self, mc_num: int) -> Posterior:
        """The first `mc_num` draws: what a shorter run with the same seed gives."""
        return replace(self, draws=self.draws[:mc_num], log_variance=self.log_variance[:mc_num])
