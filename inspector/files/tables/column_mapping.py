"""Which column of a table holds what: known names, spellings met in the wild, and what a user says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from inspector.exceptions import SettingsError
from inspector.files.untrusted_text import clean
from inspector.science.flag_rules import FLAGS
from inspector.science.labels import LABELS

SPELLINGS: Mapping[str, str] = {
    "star_id": "star_id",
    "apogee_id": "obj apogee_id sdss4_apogee_id apogeeid sdss4_id twomass_id tmass_id twomass 2mass 2mass_id",
    "sdss_id": "sdss_id sdssid",
    "gaia_id": (
        "gaia_dr3_source_id gaiadr3_source_id gaiaedr3_source_id gaia_edr3_source_id dr3_source_id source_id gaia_dr3"
        " gaiadr3 gaia_id"
    ),
    "catalogid": "catalogid catalog_id",
    "path": "path file_path filepath spectrum_path full_path",
    "file": "file filename file_name spectrum_file apstar_file",
    "file_sha256": "file_sha256 sha256",
    "spectrum": "spectrum",
    "snr": "snr s_n s2n sn signal_to_noise",
    "ra": "ra raj2000 ra_j2000 ra_deg ra_apogee ra_icrs right_ascension",
    "dec": "dec dej2000 decj2000 dec_j2000 dec_deg dec_apogee de_icrs dec_icrs declination",
    "telescope": "telescope",
    "field": "field",
    "healpix": "healpix",
    "release": "release data_release",
    "apred": "apred apred_vers",
    "apstar": "apstar apstar_vers",
    "prefix": "prefix",
    "v_astra": "v_astra",
    "filetype": "filetype",
    "plate": "plate plateid plate_id",
    "mjd": "mjd mjd5",
    "fiber": "fiber fiberid fiber_id",
    "visit_pk": "visit_pk",
    "mc_num": "mc_num",
    "seed": "seed",
    "dropout_rate": "dropout_rate",
    "weights_hash": "weights_hash",
    "noise_model_hash": "noise_model_hash",
    "reason": "reason",
    "remark": "remark",
}
"""Our names of columns that are no label and no flag, with the spellings that are known to mean the same."""

FLAG_NAMES = (*(flag.name for flag in FLAGS), "flag_warn", "flag_bad")

MEASURES = ("", "e_", "raw_", "raw_e_")
"""What stands before a label's name: its value, corrected error, raw value and raw error."""

LABEL_COLUMNS = tuple(prefix + label.name for label in LABELS for prefix in MEASURES)

CANONICAL: tuple[str, ...] = (
    *("star_id", "apogee_id", "sdss_id", "gaia_id", "snr"),
    *(prefix + name for name in ("teff", "logg", "fe_h") for prefix in MEASURES[:2]),
    *("result_flags", *FLAG_NAMES, "flags_undecided", "ra", "dec", "telescope", "field"),
    *(name for name in LABEL_COLUMNS if name not in {"teff", "e_teff", "logg", "e_logg", "fe_h", "e_fe_h"}),
    *(name for name in SPELLINGS if name not in {"star_id", "apogee_id", "sdss_id", "gaia_id", "snr", "ra", "dec"}),
)
"""Our name of every column that is known, in the order in which they are shown."""
CANONICAL = tuple(dict.fromkeys(CANONICAL))

IDENTIFIERS = ("sdss_id", "gaia_id", "catalogid", "visit_pk")
"""Columns of whole numbers that name something: they pass 2^53, and 0 stands for none."""

TEXT_IDS = (
    *IDENTIFIERS,
    "healpix",
    "apogee_id",
    "star_id",
    "plate",
    "field",
    "release",
    "apred",
    "v_astra",
    "file_sha256",
    "seed",
)
"""What must not lose a digit where a table is text: leading zeros, 64 bits."""

NAMING = ("path", "file", "star_id", "apogee_id", "sdss_id", "gaia_id")
"""Columns of which a table needs one: they name the spectrum or the star."""

_WEAK: Mapping[str, str] = {
    "apogee_id": "id name object star target star_name object_name target_name source main_id",
    "gaia_id": "gaia gaia_source_id designation",
    "path": "location url spectrum_url",
    "teff": "t temperature temp",
    "logg": "g gravity",
    "fe_h": "metallicity m_h mh",
}
"""Spellings that may mean something else: shown as a guess, and used only when a user agrees."""

_EXTRA = {"teff": ("t_eff",), "logg": ("log_g",), "fe_h": ("feh",), "c_1_h": ("c_i_h",), "ti_2_h": ("ti_ii_h",)}
_MARKS = ("nn", "astronn")
_ERRORS = ("e", "err", "error", "sigma", "sig", "unc", "uncertainty")


def guess_columns(names: Iterable[str], weak: bool = True) -> dict[str, str]:
    """Which of a table's columns holds what, as far as the names tell.

    Parameters
    ----------
    names : iterable of str
        As the table spells them: ``TEFF``, ``Teff_NN``, ``[Fe/H]``, ``GAIAEDR3_SOURCE_ID``.
    weak : bool
        Whether to take names that often mean something else (``id``, ``metallicity``) where there is no better one.

    Returns
    -------
    dict of str to str
        Our names, in the order of `CANONICAL`, to the table's. A column that is marked as AstroNN's own (``TEFF_NN``)
        comes before one that is not.
    """
    found = {name: choices[0] for name, choices in candidates(names).items()}
    if weak:
        taken = set(found.values())
        spelled = {plain_name(name): name for name in names}
        for ours, spellings in _WEAK.items():
            free = (spelled[s] for s in spellings.split() if s in spelled and spelled[s] not in taken)
            if ours not in found and (choice := next(free, None)) is not None:
                found[ours] = choice
                taken.add(choice)
    return {name: found[name] for name in CANONICAL if name in found}


def candidates(names: Iterable[str]) -> dict[str, list[str]]:
    """Our names to every column of a table that is known to hold it, the best first."""
    known = _known()
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if (meaning := known.get(plain_name(name))) is not None:
            rank, ours = meaning
            found.setdefault(ours, []).append((rank, name))
    return {ours: [name for _, name in sorted(choices, key=lambda c: c[0])] for ours, choices in found.items()}


def plain_name(name: str) -> str:
    """A column's name without case, brackets and a unit at its end: ``[Fe/H]`` is ``fe_h``, ``Teff (K)`` ``teff``."""
    without_unit = re.sub(r"(?<=\S)\s*\([^()]*\)\s*$", "", name)
    return re.sub(r"[^a-z0-9]+", "_", without_unit.lower()).strip("_")


def read_mapping(text: str) -> dict[str, str]:
    """What ``--columns`` says: ``teff=TEFF_NN,apogee_id=Star``.

    Returns
    -------
    dict of str to str
        Our names to the table's.

    Raises
    ------
    SettingsError
        If a part is not ``ours=theirs``, our name is not known, or is given twice.
    """
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not equals or not ours or not theirs:
            raise SettingsError(
                f"'{clean(part, 60)}' does not name a column. Write our name, '=', and the table's:"
                " --columns teff=TEFF_NN,apogee_id=Star."
            )
        name = canonical_name(ours)
        if name in found:
            raise SettingsError(
                f"--columns names '{name}' twice, as '{found[name]}' and '{clean(theirs, 60)}'. Keep one."
            )
        found[name] = theirs
    return found


def canonical_name(name: str) -> str:
    """Our spelling of one of our names; SettingsError if it is none."""
    plain = plain_name(name)
    if plain in CANONICAL:
        return plain
    if (meaning := _known().get(plain)) is not None:
        return meaning[1]
    near = difflib.get_close_matches(plain, CANONICAL, n=3) or ["apogee_id", "sdss_id", "teff", "e_teff"]
    raise SettingsError(f"'{clean(name, 60)}' is not a column that is known here. Perhaps: {', '.join(near)}.")


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[int, str]]:
    """Every plain spelling to its rank (the lower, the better) and our name."""
    found: dict[str, tuple[int, str]] = {}
    for ours, spellings in SPELLINGS.items():
        for rank, spelling in enumerate(spellings.split()):
            found[spelling] = (rank, ours)
    found |= {name: (0, name) for name in ("result_flags", *FLAG_NAMES, "flags_undecided")}
    for label in LABELS:
        for rank, spelling in enumerate(_label_spellings(label.name, label.aliases)):
            for theirs, ours in _decorated(spelling, label.name):
                for marked, better in _marked(theirs):
                    found.setdefault(marked, (rank - 1000 * better, ours))
    return found


def _label_spellings(name: str, aliases: Iterable[str]) -> list[str]:
    """Of a label; an element alone is not one: K is a magnitude."""
    plain = [alias for alias in map(plain_name, aliases) if alias.endswith("_h") or name in ("teff", "logg")]
    return list(dict.fromkeys((name, *plain, *_EXTRA.get(name, ()))))


def _decorated(spelling: str, label: str) -> list[tuple[str, str]]:
    """The label's value, errors and raw values, in every way of writing them."""
    errors = [f"{word}_{spelling}" for word in _ERRORS] + [f"{spelling}_{word}" for word in _ERRORS]
    return [
        (spelling, label),
        (f"raw_{spelling}", f"raw_{label}"),
        (f"raw_e_{spelling}", f"raw_e_{label}"),
        (f"e_raw_{spelling}", f"raw_e_{label}"),
        *((error, f"e_{label}") for error in errors),
    ]


def _marked(spelling: str) -> list[tuple[str, bool]]:
    """The spelling alone, and marked as AstroNN's."""
    marked = [f"{spelling}_{mark}" for mark in _MARKS] + [f"{mark}_{spelling}" for mark in _MARKS]
    for error in _ERRORS:
        if spelling.endswith(f"_{error}"):
            marked += [f"{spelling.removesuffix(f'_{error}')}_{mark}_{error}" for mark in _MARKS]
        elif spelling.startswith(f"{error}_"):
            marked += [f"{error}_{mark}_{spelling.removeprefix(f'{error}_')}" for mark in _MARKS]
    return [(spelling, False), *((one, True) for one in marked)]
