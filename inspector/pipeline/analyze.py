"""The chain, whole: normalise, sample, correct the errors, flag."""

from __future__ import annotations

from functools import cache

from inspector.errors import SpectrumError
from inspector.files.noise_model import NoiseModel
from inspector.files.weights import load_network
from inspector.pipeline.result import Result, Subject, judge, no_result
from inspector.science.continuum import normalize
from inspector.science.network import Network
from inspector.science.sampling import check_settings, derive_seed, sample
from inspector.science.spectrum import NormalizedSpectrum, Spectrum

ASPCAP_REMARK = (
    "This spectrum was already normalised by ASPCAP and carries no pixel mask: the answer is an indication only."
)


def analyze(
    spectrum: Spectrum,
    network: Network | None = None,
    noise_model: NoiseModel | None = None,
    mc_num: int = 100,
    seed: int | None = None,
    dropout_rate: float | None = None,
) -> Result:
    """Take one spectrum through the whole chain.

    Parameters
    ----------
    spectrum : Spectrum
        As `read_star` gives it.
    network : Network, optional
        The shipped weights if None.
    noise_model : NoiseModel, optional
        The shipped one if None.
    mc_num : int
        Number of draws.
    seed : int, optional
        Derived from the star and the spectrum if None.
    dropout_rate : float, optional
        The network's own if None.

    Returns
    -------
    Result
        With ``flag_no_result`` and the reason if the spectrum cannot be normalised.

    Raises
    ------
    WeightsError, NoiseModelError
        If nothing is shipped or it cannot be read.
    SettingsError
        If mc_num, seed or dropout_rate make no sense.
    """
    network = network or shipped_network()
    noise_model = noise_model or shipped_noise_model()
    check_settings(mc_num, seed, dropout_rate)
    seed = spectrum_seed(spectrum) if seed is None else seed
    try:
        normalized = normalize(spectrum)
    except SpectrumError as error:
        rate = network.dropout_rate if dropout_rate is None else dropout_rate
        return no_result(subject(spectrum), str(error), network, noise_model, mc_num, seed, rate)
    return answer(subject(spectrum), normalized, network, noise_model, mc_num, seed, dropout_rate)


def answer(
    whose: Subject,
    normalized: NormalizedSpectrum,
    network: Network,
    noise_model: NoiseModel,
    mc_num: int,
    seed: int,
    dropout_rate: float | None = None,
) -> Result:
    """The chain from the normalised spectrum on."""
    posterior = sample(network, normalized.flux, mc_num, seed, dropout_rate)
    return judge(whose, posterior, network, noise_model)


def subject(spectrum: Spectrum) -> Subject:
    """Whose spectrum this is, from what its reader noted."""
    meta = spectrum.meta
    return Subject(
        star_id=str(meta.get("star_id", "")),
        file=str(meta.get("source", "")),
        spectrum_name=spectrum.name,
        snr=spectrum.snr,
        remark=ASPCAP_REMARK if meta.get("normalized") == "ASPCAP" else "",
    )


def spectrum_seed(spectrum: Spectrum) -> int:
    """The seed of a spectrum: the same wherever it is looked at, another for each spectrum."""
    whose = f"{spectrum.meta.get('star_id', '')}\n{spectrum.name}".encode()
    return derive_seed(whose, spectrum.flux.astype("<f8").tobytes())


@cache
def shipped_network() -> Network:
    """The weights the project ships, read once."""
    return load_network()


@cache
def shipped_noise_model() -> NoiseModel:
    """The noise model the project ships, read once."""
    return NoiseModel.load()
