"""A star's position is looked up elsewhere only when somebody clicks, and the right place is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from watch import Watch

from inspector.science.star_info import StarInfo
from inspector.web.tables.star_links import links_html, star_links

RA, DEC = 263.397846, -27.884532


def asked(address: str) -> tuple[float, float]:
    """The position an address asks for, however it writes it."""
    said = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    both = said.get("Coord") or said.get("-c") or said.get("target") or f"{said['ra']} {said['dec']}"
    ra, dec = both.split()
    return float(ra), float(dec)


def test_each_address_asks_for_this_position():
    links = star_links(StarInfo(ra=RA, dec=DEC))
    assert [name for name, _ in links] == ["SIMBAD", "Gaia", "SDSS", "Aladin"]
    assert {asked(address) for _, address in links} == {(RA, DEC)}
    assert all(urlsplit(address).scheme == "https" for _, address in links)


def test_a_northern_star_keeps_its_sign():
    assert {asked(address) for _, address in star_links(StarInfo(ra=0.0001, dec=0.0002))} == {(0.0001, 0.0002)}


@pytest.mark.parametrize("info", [StarInfo(), StarInfo(ra=1.0), StarInfo(dec=1.0)])
def test_without_a_position_there_is_no_link(info):
    assert links_html(info) == ""


@pytest.mark.browser
def test_a_click_opens_the_position_elsewhere_and_tells_nobody_where_it_stood(
    newcomer: Callable[[], Any], watch: Watch
) -> None:
    page = newcomer().open("?star=apStar-dr17-2M17335483-2753043.fits")
    told: list[Any] = []

    def answer(route: Any) -> None:
        told.append(route.request)
        route.fulfill(body="<p>elsewhere</p>", content_type="text/html")

    watch.context.route("https://simbad.cds.unistra.fr/**", answer)
    try:
        watch.expect("a request to https://simbad")  # the one that was clicked
        with watch.context.expect_page() as opened:
            page.get_by_role("link", name="SIMBAD").click()
        opened.value.wait_for_load_state()
        assert asked(told[0].url) == (pytest.approx(263.478474), pytest.approx(-27.884539))
        assert "referer" not in told[0].headers
        assert opened.value.evaluate("window.opener") is None
        opened.value.close()
    finally:
        watch.context.unroute("https://simbad.cds.unistra.fr/**")
