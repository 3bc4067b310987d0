"""Where the survey's archive keeps the spectrum of a row: which product, made by which reduction, of which star."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inspector.exceptions import FileError
from inspector.files import sas_tree
from inspector.files.untrusted_text import clean
from inspector.science.releases import REDUCTIONS
from inspector.science.spectrum_key import SpectrumKey

PRODUCTS = ("apStar", "apVisit", "aspcapStar", "mwmStar", "mwmVisit")
"""Products the readers read; asStar and asVisit, of Las Campanas, count as apStar and apVisit."""

ASTRA = {"dr19": "0.6.0"}
"""The version of Astra whose star files each release published."""

_ASPCAP = {"dr16": "l33", "dr17": "synspec_rev1"}
"""The run of ASPCAP each release published, as far as sdss-tree has its folders right."""

_BY_LOCATION = ("dr10", "dr11", "dr12", "dr13", "dr14", "dr15")
"""Releases that keep a field of the 2.5 m telescopes under its number, LOCATION_ID, and not under its name."""

_FILE_NAME = re.compile(r"(a[ps]Star|a[ps]Visit|aspcapStar|mwmStar|mwmVisit)-")
_STAR = r"(?P<apogee_id>(?:2M|AP|VB)\d{8}[+-]\d{7})\."
_NAMES = (
    re.compile(rf"a[ps]Star-(?P<apred>[\w.]+)-(?:(?P<telescope>(?:apo|lco)\d+m)-)?{_STAR}"),
    re.compile(
        r"a[ps]Visit-(?P<apred>[\w.]+)-(?:(?P<telescope>(?:apo|lco)\d+m)-)?(?P<plate>\w+)-(?P<mjd>\d{5})-(?P<fiber>\d+)\."
    ),
    re.compile(rf"aspcapStar-(?P<apred>\w+)-(?:[\w.]+-)?{_STAR}"),
    re.compile(r"mwm(?:Star|Visit)-(?P<v_astra>[\w.]+)-(?P<sdss_id>\d+)\."),
)
"""What the archive's names say."""

_SOUTH = {"asStar": "apStar", "asVisit": "apVisit"}
_HARMLESS = re.compile(r"(?!.*\.\.)[A-Za-z0-9_+][A-Za-z0-9_+.\-]{0,79}")
_FROM = {
    "obj": "an APOGEE id (2M…)",
    "reduction": "an APOGEE id (2M…)",
    "sdss_id": "an sdss_id",
    "telescope": "the telescope (apo25m, lco25m or apo1m)",
    "field": "the field",
    "healpix": "the healpix",
    "apred": "the reduction (apred)",
    "v_astra": "the version of Astra (v_astra)",
    "plate": "the plate",
    "mjd": "the MJD",
    "fiber": "the fibre",
}
"""What to call a keyword that is missing."""

_COLUMNS = {"telescope": "TELESCOPE", "field": "FIELD", "healpix": "HEALPIX", "fiber": "FIBERID"}
"""Columns of the survey's tables that say it."""


@dataclass(frozen=True)
class ArchiveFile:
    """One file of the archive.

    Attributes
    ----------
    product, release : str
    location : str
        Below the root of the Science Archive Server, with slashes.
    url : str
        On the survey's server.
    """

    product: str
    release: str
    location: str
    url: str

    @property
    def name(self) -> str:
        """Of the file."""
        return self.location.rsplit("/", 1)[-1]


def completed(key: SpectrumKey) -> SpectrumKey:
    """A row with what the archive's name of its file says and the row does not."""
    found = next((match for pattern in _NAMES if (match := pattern.match(key.file or ""))), None)
    told: dict[str, Any] = {} if found is None else {word: text for word, text in found.groupdict().items() if text}
    night = re.search(r"MJD (\d{5})\b", key.spectrum or "")
    if night:
        told["mjd"] = night[1]
    return replace(key, **{word: text for word, text in told.items() if not getattr(key, word)})


def product_of(key: SpectrumKey) -> str | None:
    """Which product a row speaks of: as it says, by its file's name, or by what it carries; None where none tells."""
    if stated := (key.filetype or "").strip():
        return _SOUTH.get(stated, stated)
    if named := _FILE_NAME.match(key.file or ""):
        return _SOUTH.get(named[1], named[1])
    if key.plate and key.mjd and key.fiber:
        return "apVisit"
    if key.v_astra or (key.sdss_id and not (key.field or key.healpix)):
        return "mwmVisit" if key.mjd else "mwmStar"
    return "apStar" if key.apogee_id and not key.mjd else None


def says_product(key: SpectrumKey) -> bool:
    """Whether a row states its product, and `product_of` does not conclude it from the ids it has."""
    return bool(key.filetype or key.v_astra or _FILE_NAME.match(key.file or ""))


def archive_file(key: SpectrumKey) -> ArchiveFile:
    """Where the archive keeps the spectrum of a row; needs no network.

    Parameters
    ----------
    key : SpectrumKey

    Raises
    ------
    FileError
        If the row does not say enough: names what is missing. Nothing is guessed.
    """
    key = completed(key)
    star = clean(key.star, 60) or "this row"
    product = product_of(key)
    if product is None:
        raise FileError(
            f"The archive cannot be asked for {star}: it is not said which product is meant. A row needs an APOGEE id"
            " with telescope and field, an sdss_id, or plate, MJD and fibre of a visit."
        )
    if product not in PRODUCTS:
        raise FileError(
            f"The archive cannot be asked for {star}: '{clean(product, 40)}' is not an APOGEE spectrum that is read"
            f" here ({', '.join(PRODUCTS)})."
        )
    release = _release(key, product, star)
    name, wanted = _template(release, product, key)
    said = _said(key, release)
    missing = [word for word in wanted if not said.get(word)]
    if missing:
        words, help_ = _listed([_FROM.get(word, word) for word in missing]), _helping(missing)
        raise FileError(f"The archive cannot be asked for the {product} of {star}: {words} missing.{help_}")
    values = tuple((word, _harmless(word, said[word], star)) for word in wanted)
    if "field" in wanted:
        _check_field(release, said, star)
    place = sas_tree.located(release, name, values)
    return ArchiveFile(product, release, place.location, place.url)


def _release(key: SpectrumKey, product: str, star: str) -> str:
    """The data release, as stated or as the reduction's name tells."""
    stated = (key.release or "").lower().replace("-", "").strip()
    known = sas_tree.releases()
    mwm = product.startswith("mwm")
    version = key.v_astra if mwm else key.apred
    told = next((release for release, made in (ASTRA if mwm else REDUCTIONS).items() if version == made), None)
    if mwm and told:  # Astra's tables state the release of the spectra it began with
        return told
    if stated in known:
        return stated
    if told is None:
        found = f"'{clean(stated, 20)}' is none" if stated else "none is stated"
        releases = ", ".join(name for name in known if name.startswith("dr") and int(name[2:]) >= 10)
        raise FileError(
            f"The archive cannot be asked for the {product} of {star}: the data release is missing ({found})."
            f" Known are {releases}."
        )
    return told


def _template(release: str, product: str, key: SpectrumKey) -> tuple[str, tuple[str, ...]]:
    """The archive's name of a product, and what its path is made of."""
    name = "apVisit-1m" if product == "apVisit" and key.telescope == "apo1m" else product
    if product == "aspcapStar" and release not in _ASPCAP:
        raise FileError(
            f"The aspcapStar files of {release} cannot be fetched: only those of {_listed_words(_ASPCAP)} lie where"
            " the survey's package of paths says. Open the file itself."
        )
    wanted = sas_tree.keywords(release, name)
    if wanted is None:
        raise FileError(f"Release {release} has no {product} files. Name another release.")
    return name, wanted


def _said(key: SpectrumKey, release: str) -> dict[str, str]:
    """A value for each keyword the row or its release has one for."""
    said = {
        "obj": key.apogee_id,
        "reduction": key.apogee_id,
        "sdss_id": key.sdss_id,
        "telescope": key.telescope,
        "field": key.field,
        "healpix": key.healpix,
        "plate": key.plate,
        "mjd": key.mjd,
        "fiber": key.fiber,
        "apred": key.apred or REDUCTIONS.get(release),
        "apstar": key.apstar or "stars",
        "aspcap": _ASPCAP.get(release),
        "prefix": key.prefix or ("as" if key.telescope == "lco25m" else "ap"),
        "v_astra": key.v_astra or ASTRA.get(release),
    }
    return {word: value for word, value in said.items() if value}


def _harmless(word: str, value: str, star: str) -> str:
    """A value that stays one part of a path."""
    if word in ("sdss_id", "healpix", "fiber") and not (value.isascii() and value.isdecimal() and len(value) < 20):
        raise FileError(f"The archive cannot be asked for {star}: {word} is '{clean(value, 40)}', not a whole number.")
    if not _HARMLESS.fullmatch(value):
        raise FileError(
            f"The archive cannot be asked for {star}: {word} is '{clean(value, 40)}', which no file of the archive has"
            " in its path."
        )
    return value


def _check_field(release: str, said: Mapping[str, str], star: str) -> None:
    """Refuse a field's name where its number is wanted."""
    if release in _BY_LOCATION and said.get("telescope") != "apo1m" and not said["field"].isdecimal():
        raise FileError(
            f"The archive cannot be asked for {star}: {release} keeps fields under their number (LOCATION_ID), and the"
            f" row has their name, '{clean(said['field'], 40)}'."
        )


def _helping(missing: list[str]) -> str:
    """Which columns of a table would help, where a table may have them."""
    columns = [_COLUMNS[word] for word in missing if word in _COLUMNS]
    if not columns:
        return ""
    told = f" A column {_listed_words(columns)} of the table would help"
    if "field" not in missing:
        return f"{told}."
    return f"{told}; allStar has it, in the row order of the DR17 value-added catalogue, which itself has none."


def _listed(words: list[str]) -> str:
    kept = list(dict.fromkeys(words))
    return f"{_listed_words(kept)} {'is' if len(kept) == 1 else 'are'}"


def _listed_words(words: list[str] | Mapping[str, str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
