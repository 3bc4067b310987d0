"""FITS files of the surveys that no reader takes, recognised by content, so that a refusal can name them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inspector.files.fits_hdus import Hdu

_FIBRES = 300
"""Spectra an APOGEE exposure holds at once."""

_DETECTOR = (2048, 4096)
"""Pixels of one of its detectors' rows, as they are and dithered."""

_STAR = "Open an apStar, apVisit, aspcapStar, mwmStar or mwmVisit file of the star"


def name_of(hdus: Sequence[Hdu]) -> str | None:
    """What a file is, and what to open instead; None where that is not known.

    Parameters
    ----------
    hdus : sequence of Hdu
        The parts of a file that every reader refused.

    Returns
    -------
    str or None
        A phrase for "… is " and a sentence.
    """
    return next((said for is_it, said in _PRODUCTS if is_it(hdus)), None)


def _table_with(*names: str) -> Callable[[Sequence[Hdu]], bool]:
    """Whether a file has a table with all of these columns."""
    return lambda hdus: any(set(names) <= set(hdu.columns) for hdu in hdus if hdu.is_table)


def _compressed(hdus: Sequence[Hdu]) -> bool:
    return any(hdu.is_table and (hdu.header.get("ZIMAGE") is True or hdu.header.get("ZTABLE") is True) for hdu in hdus)


def _exposure(planes: int) -> Callable[[Sequence[Hdu]], bool]:
    """Whether the first image holds all the fibres of an exposure, `planes` detectors of them."""

    def is_it(hdus: Sequence[Hdu]) -> bool:
        shape = next((hdu.shape for hdu in hdus if hdu.shape), ())
        return shape[-1:] in [(n,) for n in _DETECTOR] and _FIBRES in shape[:-1] and len(shape) == planes

    return is_it


def _detector(hdus: Sequence[Hdu]) -> bool:
    shape = next((hdu.shape for hdu in hdus if hdu.shape), ())
    return len(shape) >= 2 and shape[-2] == 2048 and shape[-1] in (2048, 2560)


_PRODUCTS: tuple[tuple[Callable[[Sequence[Hdu]], bool], str], ...] = (
    (
        _compressed,
        "tile-compressed (.fz) in a way that is not read here. Unpack it with 'funpack' and open the result",
    ),
    (
        _table_with("star_id", "weights_hash"),
        "a result table of 'inspector batch', not a spectrum. inspector.read_table reads it; open the spectra it lists",
    ),
    (
        _table_with("model_flux"),
        f"a model from SDSS Astra (astraStarASPCAP or the like), not an observed spectrum. {_STAR} (mwmStar)",
    ),
    (
        _table_with("sdss_id", "raw_teff", "raw_e_teff"),
        f"a table of SDSS Astra's AstroNN results, not a spectrum. {_STAR} (its sdss_id names the mwmStar)",
    ),
    (
        _table_with("flux", "loglam"),
        f"an optical spectrum of SDSS or BOSS (spec-…); the network needs APOGEE's infrared. {_STAR}",
    ),
    (
        _table_with("apogee_id", "aspcapflag"),
        f"a catalogue of stars (allStar), not a spectrum. {_STAR}: the column FILE names the apStar",
    ),
    (
        _table_with("apogee_id", "teff", "teff_err"),
        f"a catalogue of stellar labels (such as astroNN's of DR17), not a spectrum. {_STAR}",
    ),
    (
        _table_with("apogee_id", "mjd"),
        f"a catalogue of visits (allVisit), not a spectrum. {_STAR}: the column FILE names the apVisit",
    ),
    (
        _table_with("apogee_id"),
        f"a catalogue of stars, not a spectrum. {_STAR}",
    ),
    (
        _table_with("sdss_id"),
        f"a catalogue of SDSS-V, not a spectrum. {_STAR} (sdss_id names the mwmStar)",
    ),
    (
        _exposure(3),
        f"an exposure of all 300 fibres (apPlate), not one star. {_STAR}: an apVisit is one fibre of it",
    ),
    (
        _exposure(2),
        (
            f"one detector of an exposure of all 300 fibres (apCframe, ap1D), not one star. {_STAR}: an apVisit is"
            " one fibre of it"
        ),
    ),
    (
        _detector,
        f"a picture from an APOGEE detector (ap2D, ap3D, apR), not a spectrum. {_STAR}",
    ),
)
