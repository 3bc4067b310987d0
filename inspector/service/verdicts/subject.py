"""Which spectrum of which star a verdict speaks of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from inspector.files.untrusted_text import encodable
from inspector.science.releases import REDUCTIONS
from inspector.science.spectrum_key import SpectrumKey
from inspector.science.star_info import StarInfo

COADD = "coadd"

STAR_IDS = ("apogee_id", "sdss_id", "gaia_id", "catalogid")


@dataclass(frozen=True)
class Subject:
    """One spectrum of one star; all are texts, and what is not known is empty.

    Attributes
    ----------
    apogee_id, sdss_id, gaia_id, catalogid : str
        Of the star; ids of 64 bits stay texts.
    file : str
        The file's name, to be shown.
    file_sha256 : str
        Of that file's bytes.
    spectrum : str
        Which spectrum of the file: ``coadd`` or a visit's name.
    product, release, telescope, field : str
        What kind of file it is, and where the survey keeps it.
    """

    apogee_id: str = ""
    sdss_id: str = ""
    gaia_id: str = ""
    catalogid: str = ""
    file: str = ""
    file_sha256: str = ""
    spectrum: str = COADD
    product: str = ""
    release: str = ""
    telescope: str = ""
    field: str = ""

    def __post_init__(self) -> None:
        for name in fields(self):
            value = getattr(self, name.name)
            object.__setattr__(self, name.name, encodable(str(value)) if value is not None else "")
        if not self.spectrum:
            object.__setattr__(self, "spectrum", COADD)

    @classmethod
    def of(cls, star: StarInfo, spectrum: str = COADD) -> Subject:
        """A spectrum of an opened star, by its name."""
        ids = {name: getattr(star, name) for name in (*STAR_IDS, "release", "telescope", "field")}
        return cls(file=star.file.name, file_sha256=star.file.sha256, spectrum=spectrum, product=star.product, **ids)

    @classmethod
    def of_row(cls, key: SpectrumKey) -> Subject:
        """What a row of a table speaks of, though its spectrum may not have been opened."""
        names = (*STAR_IDS, "file", "file_sha256", "spectrum", "release", "telescope", "field")
        return cls(product=key.filetype or "", **{name: getattr(key, name) for name in names})

    @property
    def key(self) -> str:
        """What tells it from any other: the file's hash and the spectrum; without a hash, what is known of the star."""
        if self.file_sha256:
            return f"{self.file_sha256}/{self.spectrum}"
        return f"{self.release}/{self.telescope}/{self.field}/{self.star}/{self.spectrum}"

    @property
    def star(self) -> str:
        """The best name of the star there is."""
        if self.apogee_id:
            return self.apogee_id
        return f"SDSS {self.sdss_id}" if self.sdss_id else self.gaia_id or self.catalogid or self.file

    @property
    def json(self) -> dict[str, Any]:
        """Its fields that are known."""
        return {name: value for name, value in vars(self).items() if value}

    @classmethod
    def from_json(cls, said: Any) -> Subject:
        """The reverse of `json`; what this version does not know is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in dict(said).items() if name in known})

    def is_row(self, key: SpectrumKey) -> bool:
        """Whether a row of a table speaks of this spectrum: an id of the star or file is the same, and none differs.

        Neither may telescope, release or spectrum; a visit that the table does not name is not known here.
        """
        row = Subject.of_row(key)
        if row.spectrum != self.spectrum or (key.spectrum is None and (key.mjd or key.visit_pk)):
            return False
        said = [(getattr(self, name), getattr(row, name)) for name in (*STAR_IDS, "file_sha256")]
        more = [(self.telescope, row.telescope), (_reduction(self.release), _reduction(row.release))]
        if any(mine and its and mine != its for mine, its in (*said, *more)):
            return False
        return any(mine and mine == its for mine, its in said)


def _reduction(release: str) -> str:
    """Which reduction of the survey a release is (``r12`` for ``dr16``); empty for one that is not known."""
    name = REDUCTIONS.get(release.lower(), release.lower())
    return name if name in REDUCTIONS.values() else ""
