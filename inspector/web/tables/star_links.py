"""Where else to look a star up, by its position; nothing is asked of anyone until a link is clicked."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlencode

from inspector.science.star_info import StarInfo

RADIUS = 5
"""Arcseconds around the position: a 2MASS position is good to a tenth of one, and fast stars have moved since."""


def star_links(info: StarInfo) -> list[tuple[str, str]]:
    """Name and address of each place that shows a position; empty without one."""
    if info.ra is None or info.dec is None:
        return []
    ra, dec = f"{info.ra:.6f}", f"{info.dec:+.6f}"
    simbad = {"Coord": f"{ra} {dec}", "CooFrame": "ICRS", "Radius": RADIUS, "Radius.unit": "arcsec"}
    gaia = {"-source": "I/355/gaiadr3", "-c": f"{ra} {dec}", "-c.rs": RADIUS}
    return [
        ("SIMBAD", f"https://simbad.cds.unistra.fr/simbad/sim-coo?{urlencode(simbad)}"),
        ("Gaia", f"https://vizier.cds.unistra.fr/viz-bin/VizieR-4?{urlencode(gaia)}"),
        ("SDSS", f"https://skyserver.sdss.org/dr18/VisualTools/explore/summary?{urlencode({'ra': ra, 'dec': dec})}"),
        ("Aladin", f"https://aladin.cds.unistra.fr/AladinLite/?target={quote(f'{ra} {dec}')}&fov=0.05"),
    ]


def links_html(info: StarInfo) -> str:
    """The links, which open in a tab of their own and do not tell where they stood."""
    made = (
        f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer"'
        f' title="Open this position in {name}">{name}</a>'
        for name, address in star_links(info)
    )
    return " ".join(made)
