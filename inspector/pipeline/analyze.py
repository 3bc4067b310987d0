"""The chain, whole: normalise, sample, correct the errors, flag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from inspector.pipeline.prepare import Prepared, prepare
from inspector.pipeline.result import Result, judge, no_result
from inspector.pipeline.second_opinion import Wanted, second_opinion
from inspector.pipeline.shipped_weights import shipped_network
from inspector.science.diagnosis.editing import apply_edits
from inspector.science.edit import Edit
from inspector.science.network import Network
from inspector.science.noise_model import NoiseModel
from inspector.science.sampling import sample
from inspector.science.settings import Settings
from inspector.science.spectrum import Spectrum


def analyze(
    spectrum: Spectrum,
    network: Network | None = None,
    noise_model: NoiseModel | None = None,
    mc_num: int = Settings.mc_num,
    seed: int | None = Settings.seed,
    dropout_rate: float | None = Settings.dropout_rate,
    edits: str | Iterable[Edit | str] = (),
    visits: Sequence[Spectrum] = (),
    opinion: Wanted | None = None,
) -> Result:
    """Take one spectrum through the whole chain.

    Parameters
    ----------
    spectrum : Spectrum
        As `read_star` gives it.
    network : Network, optional
        The shipped weights if None.
    noise_model : NoiseModel, optional
        One you name is used, unless it states that it was fitted for other weights. None: the shipped
        one if it was fitted for these weights; otherwise errors stay raw, and the remark says so.
    mc_num, seed, dropout_rate
        See `Settings`. With edits and a seed of None, the draws are those of the unedited spectrum.
    edits : str or sequence of Edit or str
        What to change before it is asked about; see `inspector.apply_edits`.
    visits : sequence of Spectrum
        Of the star, where an edit drops some of them.
    opinion : {"goodness", "fit"}, optional
        Whether to judge if the answer explains the spectrum, and with ``"fit"`` to find the labels that explain it
        best: further columns of the row, and `Result.opinion`.

    Returns
    -------
    Result
        With ``flag_no_result`` and the reason if the spectrum cannot be normalised.

    Raises
    ------
    WeightsError
        If no weights are shipped or they cannot be read.
    SettingsError
        If mc_num, seed, dropout_rate, an edit or opinion make no sense.
    """
    spectrum = apply_edits(spectrum, edits, visits)
    network = network or shipped_network()
    settings = Settings(mc_num, seed, dropout_rate)
    return answer(prepare(spectrum, settings.seed), network, noise_model, settings, opinion)


def answer(
    prepared: Prepared,
    network: Network,
    noise_model: NoiseModel | None,
    settings: Settings,
    opinion: Wanted | None = None,
) -> Result:
    """The chain from the normalised spectrum on; the seed is that of `prepared`."""
    result = _answer(prepared, network, noise_model, settings)
    if opinion is None:
        return result
    judged = prepared.normalized if result.posterior is not None else None
    return replace(result, opinion=second_opinion(judged, result.value, opinion))


def _answer(prepared: Prepared, network: Network, noise_model: NoiseModel | None, settings: Settings) -> Result:
    if prepared.flux is None:
        return no_result(prepared, network, noise_model, settings)
    posterior = sample(network, prepared.flux, settings.mc_num, prepared.seed, settings.dropout_rate)
    return judge(prepared.subject, posterior, network, noise_model)
