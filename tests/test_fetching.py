"""Fetching, against a server that stalls, breaks off, lies, redirects and sends what nobody asked for."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import makers
import pytest
from made_services import in_loop, until
from sas_server import Answer, cut, endless, in_turn, sas_server, silent, stalling, stating, status, whole

import inspector
from inspector.cli import OK, REFUSED, SOME_FAILED, main
from inspector.exceptions import FileError, SettingsError
from inspector.files.archive import archive_file
from inspector.files.fetch_cache import FetchCache
from inspector.science.spectrum_key import SpectrumKey
from inspector.service.archive_server import ArchiveServer, password_for
from inspector.service.asked_key import Asked, asked_key
from inspector.service.download import Patience
from inspector.service.spectrum_sources import SpectrumSources

KEY = SpectrumKey(apogee_id="2M00000000+0000000", telescope="apo25m", field="M67", release="dr17")
PLACE = archive_file(KEY).location
CALM = Patience(connect=30.0, read=30.0, tries=3, pause=0.0)
HASTY = replace(CALM, read=0.2)
"""For servers that stall."""


@dataclass(frozen=True)
class Kit:
    """Content of files: the star's, another star's, a visit's."""

    star: bytes
    other: bytes
    visit: bytes


@pytest.fixture(scope="module")
def kit(tmp_path_factory) -> Kit:
    folder = tmp_path_factory.mktemp("made")
    star = makers.write_apstar(folder / "a.fits", n_visits=1, one_d=True)
    other = makers.write_apstar(folder / "b.fits", n_visits=1, one_d=True, OBJID="2M00000000+0000001")
    visit = makers.write_apvisit(folder / "c.fits", n_pixels=2048)
    return Kit(star.read_bytes(), other.read_bytes(), visit.read_bytes())


@pytest.fixture(scope="module")
def star(kit) -> bytes:
    """A small apStar."""
    return kit.star


@pytest.fixture(autouse=True)
def no_tree(monkeypatch):
    """No copy of the archive that this machine may have."""
    monkeypatch.delenv("SAS_BASE_DIR", raising=False)


@pytest.fixture
def server():
    with sas_server() as running:
        yield running


@pytest.fixture
def cache(tmp_path) -> FetchCache:
    return FetchCache(tmp_path / "cache")


@pytest.fixture
def make(server, cache) -> Iterator[Callable[..., SpectrumSources]]:
    """Sources that ask the test's server."""
    made: list[SpectrumSources] = []

    def making(**given: Any) -> SpectrumSources:
        usual = {"cache": cache, "fetch": True, "server": ArchiveServer(archive=server.archive), "patience": CALM}
        made.append(SpectrumSources(**(usual | given)))
        return made[-1]

    yield making
    for one in made:
        one.close()


@pytest.fixture
def sources(make) -> SpectrumSources:
    return make()


def names(cache: FetchCache) -> list[str]:
    """Every file of the cache."""
    return sorted(kept.path.name for kept in cache.files())


@in_loop
async def test_a_file_is_fetched_once_and_then_taken_from_the_cache(server, sources, cache, star):
    server.answers[PLACE] = whole(star)
    told: list[tuple[int, int]] = []
    found = await sources.find(KEY, progress=lambda what, done, total: told.append((done, total)))
    assert found.origin == f"fetched from localhost:{server.port}"
    assert found.path.read_bytes() == star and found.path.name == "apStar-dr17-2M00000000+0000000.fits"
    assert told[-1] == (len(star), len(star)) and told == sorted(told)
    assert (await sources.find(KEY)).origin == "cache"
    assert len(server.log) == 1 and names(cache) == [found.path.name]


@in_loop
async def test_nothing_is_asked_where_fetching_is_off(server, make, cache, star):
    server.answers[PLACE] = whole(star)
    sources = make(fetch=False)
    with pytest.raises(FileError, match="nothing is fetched unless you ask"):
        await sources.find(KEY)
    await sources.prefetch([KEY])
    assert "not fetched" in sources.where(KEY) and sources.can_fetch(KEY)
    assert server.log == [] and not cache.folder.exists()
    assert (await sources.find(KEY, asked=True)).path.read_bytes() == star


GOES: dict[str, tuple[Callable[[bytes], Answer], int]] = {
    "breaks off, and continues": (lambda star: in_turn(cut(star, 40_000), whole(star)), 2),
    "breaks off twice": (lambda star: in_turn(cut(star, 40_000), cut(star, 1000), whole(star)), 3),
    "stalls, and continues": (lambda star: in_turn(stalling(star, 40_000), whole(star)), 2),
    "does not answer at first": (lambda star: in_turn(silent, whole(star)), 2),
    "knows no ranges": (lambda star: in_turn(cut(star, 40_000), whole(star, ranges=False)), 2),
    "gives no tag": (lambda star: in_turn(cut(star, 40_000, tag=None), whole(star, tag=None)), 2),
    "has a date": (lambda star: in_turn(cut(star, 40_000, None, dated=True), whole(star, None, dated=True)), 2),
    "has a weak tag": (lambda star: in_turn(cut(star, 40_000, 'W/"v1"'), whole(star, 'W/"v1"')), 2),
    "changes the file meanwhile": (lambda star: in_turn(cut(OLD, 40_000), whole(star, '"v2"')), 2),
    "continues another file": (lambda star: in_turn(cut(OLD, 40_000), cut(star, 40_000, '"v2"'), whole(star)), 3),
    "sends another piece": (lambda star: in_turn(cut(star, 40_000), cut(star, 9, shift=5), whole(star)), 3),
    "has less by now": (lambda star: in_turn(cut(star, 40_000), status(416), whole(star)), 3),
    "is busy": (lambda star: in_turn(status(503), status(429), whole(star)), 3),
    "states more than it has, once": (lambda star: in_turn(stating(star, len(star) + 10), whole(star)), 2),
    "states no length": (lambda star: stating(star, None), 1),
    "sends it packed": (lambda star: whole(gzip.compress(star)), 1),
    "redirects to itself": (lambda star: status(302, Location="/sas/elsewhere"), 2),
}  # fmt: skip
"""What a server may do and the file still comes, with the number of requests that takes."""

OLD = b"SIMPLE  =                    T".ljust(80_000)


@pytest.mark.parametrize("case", GOES)
@in_loop
async def test_the_file_comes_although_the_server(case, server, make, cache, star):
    answer, requests = GOES[case]
    server.answers |= {PLACE: answer(star), "elsewhere": whole(star)}
    sources = make(patience=HASTY if case.startswith(("stalls", "does not")) else CALM)
    found = await sources.find(KEY)
    content = found.path.read_bytes()
    assert (gzip.decompress(content) if case == "sends it packed" else content) == star
    assert len(server.log) == requests and names(cache) == [found.path.name]


@in_loop
async def test_a_resumed_file_is_asked_for_from_where_it_ended(server, sources, star):
    server.answers[PLACE] = in_turn(cut(star, 40_000), whole(star))
    await sources.find(KEY)
    asked = [(request.headers.get("range"), request.headers.get("if-range")) for request in server.log]
    assert asked == [(None, None), ("bytes=40000-", '"v1"')]


KEPT_OUT: dict[str, tuple[Callable[[Kit], Answer], str]] = {
    "has no such file": (lambda kit: status(404), "has no apStar-dr17-2M00000000+0000000.fits at dr17/"),
    "wants a password": (lambda kit: status(401), "~/.netrc"),
    "sends a web page": (lambda kit: status(200, b"<!DOCTYPE html>" + b" " * 1000), "sent a web page in place of"),
    "sends a short web page": (lambda kit: status(200, b"<html>no</html>"), "not a FITS file"),
    "sends nothing": (lambda kit: status(200), "is empty"),
    "sends another star": (lambda kit: whole(kit.other), "holds 2M00000000+0000001, which is another star"),
    "sends another product": (lambda kit: whole(kit.visit), "an apVisit came where an apStar was expected"),
    "states less than it has": (lambda kit: stating(kit.star, len(kit.star) // 2), "truncated"),
    "sends half without a length": (lambda kit: stating(kit.star[: len(kit.star) // 2], None), "truncated"),
    "states more than any": (lambda kit: stating(b"", 10**12), "more than the"),
    "never ends": (lambda kit: endless, "more than the"),
    "redirects elsewhere": (lambda kit: status(302, Location="https://example.org/x.fits"), "org/x.fits, which is not"),
    "redirects to a file": (lambda kit: status(302, Location="file:///etc/passwd"), "not an allowed host"),
    "redirects to another port": (lambda kit: status(301, Location="http://localhost:1/x"), "not an allowed host"),
    "redirects without end": (lambda kit: status(302, Location=f"/sas/{PLACE}"), "redirects without end"),
    "is in trouble": (lambda kit: status(500), "status 500"),
    "does not answer": (lambda kit: silent, "does not answer"),
    "teaches": (lambda kit: status(418), "answered with status 418"),
}
"""What a server may do such that nothing is kept, with what is said."""


@pytest.mark.parametrize("case", KEPT_OUT)
@in_loop
async def test_nothing_is_kept_where_the_server(case, server, make, cache, kit):
    answer, said = KEPT_OUT[case]
    server.answers[PLACE] = answer(kit)
    sources = make(patience=HASTY if case == "does not answer" else CALM)
    sources._fetcher._limit = 2_000_000
    with pytest.raises(FileError) as caught:
        await sources.find(KEY)
    assert said in str(caught.value) and ".part" not in str(caught.value)
    assert not list(cache.folder.iterdir())
    assert {request.path for request in server.log} == {f"/sas/{PLACE}"}


@in_loop
async def test_what_came_before_the_server_gave_up_is_continued_later(server, make, cache, star):
    server.answers[PLACE] = cut(star, 10_000)
    with pytest.raises(FileError, match="30,000 bytes have come and are kept"):
        await make().find(KEY)
    assert [name.endswith((".part", ".part.tag")) for name in names(cache)] == [True, True]
    server.answers[PLACE] = whole(star)
    found = await make().find(KEY)
    assert server.log[-1].headers["range"] == "bytes=30000-" and found.path.read_bytes() == star
    assert names(cache) == [found.path.name]


@in_loop
async def test_a_server_that_is_slow_in_all_is_given_up(server, make, star):
    server.answers[PLACE] = stalling(star, 40_000)
    with pytest.raises(FileError, match="too slow"):
        await make(patience=replace(CALM, whole=0.3, slowest=1e9, tries=1)).find(KEY)


@in_loop
async def test_without_a_network_all_that_is_here_works(server, make, cache, star, tmp_path):
    server.answers[PLACE] = whole(star)
    await make().find(KEY)
    nobody = ArchiveServer(archive=server.archive)
    other = replace(KEY, apogee_id="2M00000000+0000009")
    server.stop()
    offline = make(server=nobody)
    assert (await offline.find(KEY)).origin == "cache"
    with pytest.raises(FileError, match=r"cannot be reached\. Without a network, what is in the folders"):
        await offline.find(other)


@in_loop
async def test_a_cancelled_fetch_leaves_nothing(server, sources, cache, star):
    server.answers[PLACE] = stalling(star, 40_000)
    begun = asyncio.Event()
    task = asyncio.create_task(sources.find(KEY, progress=lambda what, done, total: done > 0 and begun.set()))
    await begun.wait()
    assert names(cache)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not list(cache.folder.iterdir())
    server.going.set()
    assert (await sources.find(KEY)).path.read_bytes() == star  # and the next one starts anew


@in_loop
async def test_many_ask_for_one_file_and_it_comes_once(server, sources, cache, star):
    server.answers[PLACE] = stalling(star, 40_000)
    tasks = [asyncio.create_task(sources.find(KEY)) for _ in range(5)]
    await until(lambda: server.log)
    tasks[0].cancel()  # who goes does not end it for the others
    await until(tasks[0].done)
    server.going.set()
    found = await asyncio.gather(*tasks[1:])
    assert {one.path for one in found} == {found[0].path} and len(server.log) == 1


@in_loop
async def test_two_come_at_once_and_what_somebody_waits_for_first(server, make, star):
    keys = [replace(KEY, field=f"F{number}") for number in range(5)]
    places = [archive_file(key).location for key in keys]
    server.answers |= dict.fromkeys(places, stalling(star, 40_000))
    sources = make()
    waited = [asyncio.create_task(sources.find(key)) for key in keys[:2]]
    await until(lambda: len(server.log) == 2)
    later = asyncio.create_task(sources.prefetch(keys[2:4]))
    await until(lambda: sources._fetcher._flights.get(f"{server.archive}/{places[2]}"))
    third = asyncio.create_task(sources.find(keys[4]))
    hurried = asyncio.create_task(sources.find(keys[2]))  # what lay in the background is wanted now
    await until(lambda: len(sources._fetcher._flights) == 4)
    await until(lambda: sources._fetcher._flights[f"{server.archive}/{places[2]}"].job.waited_for)
    assert len(server.log) == 2
    server.going.set()
    assert (await hurried).path.read_bytes() == (await third).path.read_bytes() == star
    await asyncio.gather(*waited, later)
    order = [request.path.removeprefix("/sas/") for request in server.log]
    assert set(order[2:4]) == {places[2], places[4]} and order[4:] == [places[3]]


@in_loop
async def test_a_background_failure_is_met_again_by_who_asks(server, sources, star):
    await sources.prefetch([KEY, replace(KEY, release=None)])
    assert len(server.log) == 1
    with pytest.raises(FileError, match="has no apStar"):
        await sources.find(KEY)


@in_loop
async def test_the_cache_keeps_its_limit_and_what_was_used_last(server, make, tmp_path, star):
    cache = FetchCache(tmp_path / "small", limit=2 * len(star) + 100)
    keys = [replace(KEY, field=f"F{number}") for number in range(3)]
    server.answers |= {archive_file(key).location: whole(star) for key in keys}
    sources = make(cache=cache)
    for key in (keys[0], keys[1], keys[0], keys[2]):
        await sources.find(key)
    assert cache.size() <= cache.limit and len(cache.files()) == 2
    assert [sources.where(key) for key in keys] == ["cache", f"localhost:{server.port}", "cache"]
    single = make(cache=FetchCache(tmp_path / "tiny", limit=10))
    assert (await single.find(keys[0])).path.exists()  # one file is kept, however large


@in_loop
async def test_a_full_disk_is_a_sentence(server, sources, cache, star, monkeypatch):
    server.answers[PLACE] = whole(star)

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="No space left on device"):
        await sources.find(KEY)
    assert not list(cache.folder.iterdir())


@in_loop
async def test_a_cache_that_cannot_be_made_is_a_sentence(server, make, tmp_path, star):
    server.answers[PLACE] = whole(star)
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="INSPECTOR_CACHE"):
        await make(cache=FetchCache(tmp_path / "file" / "cache")).find(KEY)


PROCESS = """
import asyncio, sys
from pathlib import Path
from inspector.files.fetch_cache import FetchCache
from inspector.science.spectrum_key import SpectrumKey
from inspector.service.archive_server import ArchiveServer
from inspector.service.spectrum_sources import SpectrumSources
key = SpectrumKey(apogee_id="2M00000000+0000000", telescope="apo25m", field="M67", release="dr17")
sources = SpectrumSources(cache=FetchCache(Path(sys.argv[1])), fetch=True, server=ArchiveServer(archive=sys.argv[2]))
print(asyncio.run(sources.find(key)).path.stat().st_size)
"""


def test_processes_share_a_cache(server, cache, star):
    server.answers[PLACE] = stalling(star, 40_000)
    command = [sys.executable, "-c", PROCESS, str(cache.folder), server.archive]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    gone = [process.poll for process in processes]
    asyncio.run(asyncio.wait_for(until(lambda: len(server.log) == 2 or any(poll() for poll in gone)), 60))
    assert len([name for name in names(cache) if name.endswith(".part")]) == 2  # neither writes into the other's
    assert cache.empty() == 0  # nor is it taken from under them
    server.going.set()
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == [str(len(star))] * 2
    assert names(cache) == ["apStar-dr17-2M00000000+0000000.fits"]


@pytest.mark.parametrize(
    "archive",
    ["http://data.sdss.org/sas", "https://example.org", "ftp://localhost/x", "https://data.sdss.org:8443/", "x",
     "https://user:word@data.sdss.org/sas", "http://localhost.example.org/", "http://[::1", "https://localhost:1/"],
)  # fmt: skip
def test_other_hosts_are_not_asked(archive):
    with pytest.raises(SettingsError, match="cannot be asked"):
        ArchiveServer(archive=archive)


def test_an_address_is_allowed_as_a_whole():
    usual = ArchiveServer(hosts=("data.sdss.org", "mirror.example.org"))
    assert usual.allows("https://mirror.example.org/sas/x") and usual.allows("https://data.sdss.org:443/x")
    for url in ("http://data.sdss.org/x", "http://localhost/x", "https://data.sdss.org.evil.org/x", "//data.sdss.org/x",
                "https://data.sdss.org@evil.org/x", "https://evil.org/data.sdss.org"):  # fmt: skip
        assert not usual.allows(url)


def test_a_password_goes_to_its_own_host_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert password_for("https://data.sdss.org/x") is None
    (tmp_path / ".netrc").write_text(
        "machine data.sdss5.org login me password word\ndefault login all password known\n"
    )
    (tmp_path / ".netrc").chmod(0o600)
    assert password_for("https://data.sdss5.org/x") == ("me", "word")
    assert password_for("https://data.sdss.org/x") is None
    (tmp_path / ".netrc").write_text("machine\n\tnonsense")
    assert password_for("https://data.sdss5.org/x") is None


def test_a_place_in_the_cache_stays_in_the_cache(cache):
    assert cache.place("localhost:80", "dr17/x.fits") == cache.folder / "localhost_80" / "dr17" / "x.fits"
    for location in ("../x", "/etc/passwd", "a//b", "a/../../b", "a/.", "x y", "a/\0"):
        with pytest.raises(FileError):
            cache.place("data.sdss.org", location)
    with pytest.raises(SettingsError):
        FetchCache(cache.folder, limit=-1)


COMMAND = ["--telescope", "apo25m", "--field", "M67"]


@pytest.fixture
def home(cache, monkeypatch):
    """The command's own cache."""
    monkeypatch.setenv("INSPECTOR_CACHE", str(cache.folder))


def test_the_command_fetches_into_a_folder(home, server, cache, kit, tmp_path, capsys):
    server.answers[PLACE] = whole(kit.star)
    command = ["fetch", "2M00000000+0000000", *COMMAND, "-o", str(tmp_path / "out"), "--archive", server.archive]
    place = tmp_path / "out" / "apStar-dr17-2M00000000+0000000.fits"
    for origin in (f"fetched from localhost:{server.port}", "there already"):
        assert main(command) == OK
        assert capsys.readouterr().out == f"{place} ({origin})\n"
    place.write_bytes(kit.other)  # another star under its name
    assert main(command) == OK
    assert capsys.readouterr().out == f"{place} (cache)\n"
    assert place.read_bytes() == kit.star and list(place.parent.iterdir()) == [place]
    assert len(server.log) == 1


def test_the_command_says_what_it_could_not_fetch(home, server, star, tmp_path, capsys):
    server.answers[PLACE] = whole(star)
    ids = ["2M00000000+0000000", "2M00000000+0000001", "12:00:00 +10:00:00", "2096876543210987654"]
    assert main(["fetch", *ids, *COMMAND, "-o", str(tmp_path), "--archive", server.archive]) == SOME_FAILED
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in said] == ids[1:]
    assert "has no apStar-dr17-2M00000000+0000001.fits" in said[0]
    assert "is a position" in said[1] and "is a Gaia source id" in said[2]
    assert main(["fetch", "2M00000000+0000000"]) == REFUSED
    assert "the field and the telescope (apo25m, lco25m or apo1m) are missing" in capsys.readouterr().err
    assert main(["fetch", "54392901", "--archive", "http://example.org/sas"]) == REFUSED
    assert "cannot be asked" in capsys.readouterr().err


def test_the_command_shows_and_empties_the_cache(home, server, cache, star, tmp_path, capsys):
    server.answers[PLACE] = whole(star)
    main(["fetch", "2M00000000+0000000", *COMMAND, "--archive", server.archive])
    capsys.readouterr()
    assert main(["cache", "--list"]) == OK
    listed, summary = capsys.readouterr().out.splitlines()
    assert PLACE in listed and f"{cache.folder}: 1 file, " in summary and summary.endswith("kB of 5 GB.")
    assert main(["cache", "--limit", "1.5GB"]) == OK
    assert capsys.readouterr().out.endswith("of 1.5 GB.\n") and FetchCache(cache.folder).limit == 1_500_000_000
    assert main(["cache", "--empty"]) == OK
    assert capsys.readouterr().out.startswith("Removed 1 file from ")
    assert cache.files() == []
    with pytest.raises(SystemExit):
        main(["cache", "--limit", "much"])


@in_loop
async def test_the_library_fetches_in_a_notebook_too(home, server, star, tmp_path, monkeypatch):
    """A notebook's cell runs within an event loop."""
    server.answers[PLACE] = whole(star)
    monkeypatch.setattr(ArchiveServer, "address", lambda self, file: f"{server.archive}/{file.location}")
    monkeypatch.setattr(ArchiveServer, "allows", lambda self, url: True)
    path = inspector.fetch("2m00000000+0000000", telescope="apo25m", field="M67")
    assert inspector.read_star(path).id == "2M00000000+0000000"
    with pytest.raises(FileError, match="the field and the telescope"):
        inspector.fetch("2M00000000+0000000", release="dr16")


@pytest.mark.parametrize(
    ("text", "asked", "location"),
    [
        ("54392901", Asked(), "dr19/spectro/astra/0.6.0/spectra/star/29/01/mwmStar-0.6.0-54392901.fits"),
        ("SDSS 54392901", Asked(product="mwmVisit"),
         "dr19/spectro/astra/0.6.0/spectra/visit/29/01/mwmVisit-0.6.0-54392901.fits"),
        ("VESTA", Asked(telescope="apo1m", field="asteroids"),
         "dr17/apogee/spectro/redux/dr17/stars/apo1m/asteroids/apStar-dr17-VESTA.fits"),
        ("2M00000000+0000000", Asked("DR16", "lco25m", "M67"),
         "dr16/apogee/spectro/redux/r12/stars/lco25m/M67/asStar-r12-2M00000000+0000000.fits"),
    ],
)  # fmt: skip
def test_an_id_leads_to_its_file(text, asked, location):
    assert archive_file(asked_key(text, asked)).location == location


def test_a_name_of_nothing_is_a_sentence():
    with pytest.raises(FileError, match="not the name of a star that the archive has files of"):
        asked_key("Betelgeuse")
    with pytest.raises(SettingsError):
        asked_key("")
    with pytest.raises(FileError, match=r"version of Astra \(v_astra\) is missing"):
        archive_file(asked_key("54392901", Asked("dr20")))
