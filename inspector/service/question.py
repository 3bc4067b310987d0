"""One question to the network: this spectrum, this seed, this rate, so many draws."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from inspector.pipeline.correction import correction_for
from inspector.pipeline.prepare import Prepared
from inspector.pipeline.result import Result, judge, no_result
from inspector.science.posterior import Posterior
from inspector.science.provenance import Provenance
from inspector.science.sampling import Askable, sample_growing
from inspector.science.settings import Settings

if TYPE_CHECKING:
    from inspector.science.noise_model import NoiseModel


@dataclass(frozen=True, eq=False)
class Question:
    """What decides the answer; equal questions have equal answers.

    Attributes
    ----------
    prepared : Prepared
        The spectrum, or the reason why there is nothing to ask.
    mc_num : int
    rate : float
        Dropout rate.
    network
        Who answers.
    noise_model : NoiseModel or None
        The one somebody named.
    """

    prepared: Prepared
    mc_num: int
    rate: float
    network: Askable
    noise_model: NoiseModel | None

    @property
    def name(self) -> str:
        """Of the spectrum."""
        return self.prepared.subject.spectrum_name

    @property
    def settings(self) -> Settings:
        """How the network is asked, settled."""
        return Settings(self.mc_num, self.prepared.seed, self.rate)

    @property
    def run(self) -> Hashable:
        """The run this question is a part of, whatever its number of draws."""
        flux = b"" if self.prepared.flux is None else self.prepared.flux.tobytes()
        noise_model = correction_for(self.network.card, self.noise_model).noise_model
        return Provenance.of(self.settings, self.network.card, noise_model).draws, sha256(flux).digest()

    def growing(self, previous: Posterior | None) -> Iterator[Posterior | None]:
        """Draws from where `previous`, the longest run so far, ended, block by block; None if nothing can be drawn."""
        flux, seed = self.prepared.flux, self.prepared.seed
        if flux is None or (previous is not None and previous.mc_num >= self.mc_num):
            yield previous
            return
        yield from sample_growing(self.network, flux, self.mc_num, seed, self.rate, previous=previous)

    def done(self, posterior: Posterior | None) -> bool:
        """Whether these draws are the whole answer."""
        return self.prepared.flux is None or (posterior is not None and posterior.mc_num >= self.mc_num)

    def answer(self, posterior: Posterior | None) -> Result:
        """What these draws say, or why there are none."""
        if posterior is None:
            return no_result(self.prepared, self.network, self.noise_model, self.settings)
        return judge(self.prepared.subject, posterior.first(self.mc_num), self.network, self.noise_model)
