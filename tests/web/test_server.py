"""The server: what it refuses with a sentence, what it answers, what it lets go."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_services import services_for, session_of
from makers import write_apstar
from random_network import random_network

from inspector import save_network
from inspector.exceptions import FileError, InspectorError, SettingsError
from inspector.files.spectra.star_file import read_star
from inspector.service.left_sessions import Left, LeftSessions
from inspector.service.library import Library, StarEntry, find_files
from inspector.service.opened_star import OpenedStar
from inspector.service.reading import ReadHere
from inspector.service.services import Services
from inspector.terminal import REFUSED
from inspector.web.link import to_query
from inspector.web.server.command import main
from inspector.web.server.server import _checked_port, make_services
from inspector.web.session import Session
from inspector.web.star_opening import MAX_REFUSALS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def session(star_file: Path) -> Iterator[Session]:
    session = session_of(services_for([star_file]))
    yield session
    session.close()


class TestOpening:
    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match="does not exist"):
            find_files([tmp_path / "none.fits"])

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match="holds no FITS file"):
            find_files([tmp_path])

    def test_a_folder_is_opened_by_name_and_never_left(self, tmp_path: Path, star_file: Path) -> None:
        inside = tmp_path / "opened"
        inside.mkdir()
        write_apstar(inside / "b.fits", n_visits=1)
        write_apstar(inside / "a.fits", n_visits=1)
        (inside / "notes.txt").write_text("no star")
        (inside / "link.fits").symlink_to(star_file)
        assert [path.name for path in find_files([inside])] == ["a.fits", "b.fits"]

    def test_a_folder_of_links_that_lead_out_of_it(self, tmp_path: Path, star_file: Path) -> None:
        (tmp_path / "links").mkdir()
        (tmp_path / "links" / "star.fits").symlink_to(star_file)
        with pytest.raises(FileError, match="lead out of it"):
            find_files([tmp_path / "links"])

    def test_a_list_of_files_is_followed(self, tmp_path: Path, star_file: Path) -> None:
        (tmp_path / "stars.txt").write_text(f"# odd ones\n{star_file}\n")
        assert find_files([tmp_path / "stars.txt"]) == [star_file.resolve()]

    def test_two_files_of_one_name_have_two_keys(self, tmp_path: Path) -> None:
        for folder in ("one", "two"):
            (tmp_path / folder).mkdir()
            write_apstar(tmp_path / folder / "star.fits", n_visits=1)
        library = Library(find_files([tmp_path]), ReadHere())
        assert [entry.key for entry in library.entries] == ["one/star.fits", "two/star.fits"]

    def test_a_port_in_use(self) -> None:
        import socket

        with socket.socket() as taken:
            taken.bind(("localhost", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(SettingsError, match=f"Port {port} is in use"):
                _checked_port("localhost", port)

    def test_weights_that_are_none(self, star_file: Path) -> None:
        with pytest.raises(InspectorError, match="neither"):
            make_services([star_file], weights=star_file)

    def test_processes_that_part_later_do_not_share_the_network_that_checked_the_weights(
        self, tmp_path: Path, star_file: Path
    ) -> None:
        save_network(random_network(), tmp_path / "weights.safetensors")
        services = make_services([star_file], weights=tmp_path / "weights.safetensors")
        assert not services.loaded and services.network is None  # each reads them again once they have parted
        assert [child for child in multiprocessing.active_children() if child.name == "network"] == []

    @pytest.mark.parametrize(
        "options",
        [("--port", "99999"), ("--num-procs", "0"), ("--network-procs", "0"), ("--num-procs=2", "--network-procs=-1")],
        ids=" ".join,
    )
    def test_a_number_out_of_range_is_one_sentence(
        self, options: tuple[str, ...], star_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--no-browser", str(star_file), *options]) == REFUSED
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "it must be a whole number from" in said

    def test_wrong_weights_are_told_once(self, star_file: Path) -> None:
        command = [sys.executable, str(ROOT / "launch.py"), "--no-browser", "--weights", "nowhere"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "There are no weights at" in done.stderr

    @pytest.mark.parametrize("mc_num", [1, 10_001])
    def test_a_number_of_draws_out_of_range(self, star_file: Path, mc_num: int) -> None:
        with pytest.raises(SettingsError, match="mc_num"):
            make_services([star_file], mc_num=mc_num)

    def test_the_command_says_one_sentence(self) -> None:
        command = [sys.executable, str(ROOT / "launch.py"), "nowhere.fits"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1 and "nowhere.fits" in done.stderr

    def test_the_server_can_answer_before_torch_is_there(self) -> None:
        code = "import inspector.web.server.server, sys; print('torch' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        assert done.stdout.strip() == "False"


class TestSession:
    def test_the_first_star_is_on_screen(self, session: Session) -> None:
        assert session.state.star is not None
        assert session.state.key == "star.fits"

    @pytest.mark.parametrize("key", ["../star.fits", "/etc/passwd", "", "star.fits\0"])
    def test_only_opened_stars_can_be_named(self, session: Session, key: str) -> None:
        session.hear_list({"choose": key})
        assert session.state.message.severity == "error"
        assert session.state.key == "star.fits"

    def test_a_file_that_went_away_is_marked_and_the_star_stays(self, tmp_path: Path) -> None:
        files = [write_apstar(tmp_path / name, n_visits=1) for name in ("a.fits", "b.fits")]
        session = session_of(services_for(files))
        files[1].unlink()
        session.hear_list({"choose": "b.fits"})
        assert session.state.key == "a.fits"
        assert "Was it moved or deleted?" in session.state.message.text
        assert session.state.stars[1].error
        session.close()

    def test_paths_only_where_nobody_else_can_ask(self, star_file: Path) -> None:
        session = session_of(services_for([star_file], local=False))
        with pytest.raises(InspectorError, match="does not open paths"):
            asyncio.run(session.opening.open_path(str(star_file)))
        session.close()

    def test_a_callback_that_fails_is_told_and_logged(self, session: Session, caplog: pytest.LogCaptureFixture) -> None:
        def fail() -> None:
            raise RuntimeError("boom")

        session.guarded(fail)()
        assert "RuntimeError" in session.state.message.text
        assert "boom" not in session.state.message.text
        assert "boom" in caplog.text

    def test_a_link_of_other_weights_warns(self, services: Services) -> None:
        session = session_of(services, "?weights=00000000&mc_num=7")
        assert "numbers differ" in session.state.message.text
        assert session.state.mc_num == 7
        session.close()

    def test_a_link_of_endless_names_gets_short_sentences(self, services: Services) -> None:
        endless = "A" * 9_000
        for query in (f"?star={endless}", f"?spectrum={endless}", f"?show={endless}|{endless}x", f"?{endless}=1"):
            session = session_of(services, query)
            assert 0 < len(session.state.message.text) < 400
            session.close()

    def test_a_later_file_hides_no_refusal_and_the_next_drop_forgets_them(self, session: Session) -> None:
        def drop(which: str, n: int) -> None:
            for i in range(n):
                piece = {"upload": f"{which}{i}", "drop": which, "name": f"{which}{i}.fits", "part": 0, "parts": 1}
                session.hear_list({**piece, "data": b"no star"})

        drop("a", MAX_REFUSALS + 2)
        said = [message.text for message in session.state.messages]
        assert len(said) == MAX_REFUSALS + 1
        assert all(f"a{i}.fits" in text for i, text in enumerate(said[:-1]))
        assert said[-1] == "2 more files were refused."
        drop("b", 1)
        (message,) = session.state.messages
        assert "b0.fits" in message.text

    @pytest.mark.parametrize(
        "piece", [{"upload": "1"}, {"upload": "1", "name": "a", "part": 0, "parts": "x", "data": 3}]
    )
    def test_a_malformed_message_harms_nobody(self, session: Session, piece: dict) -> None:
        session.hear_list(piece)
        assert session.state.message.severity == "error"


class TestBack:
    """The browser's Back button: the address of an earlier star."""

    @pytest.fixture
    def pair(self, tmp_path: Path) -> Iterator[Session]:
        files = [write_apstar(tmp_path / name, n_visits=1) for name in ("a.fits", "b.fits")]
        session = session_of(services_for(files))
        yield session
        session.close()

    def test_it_restores_what_was_said_and_what_was_not(self, pair: Session) -> None:
        pair.state.mc_num = 33
        address = to_query(pair.state)
        pair.press("n")
        pair.state.param.update(mc_num=44, seed=5, elements=["Mg"], view_range=(16000, 16100))
        pair.bridge._handle_msg({"back": address, "step": 1})
        state = pair.state
        assert (state.key, state.mc_num, state.seed, list(state.elements)) == ("a.fits", 33, None, [])
        assert to_query(state) == address

    def test_a_star_that_is_gone_leaves_the_one_there_is(self, pair: Session) -> None:
        pair.bridge._handle_msg({"back": "?star=gone.fits&mc_num=99", "step": 1})
        assert (pair.state.key, pair.state.mc_num) == ("a.fits", 100)
        assert "not open here" in pair.state.message.text


class Page:
    """What `LeftSessions` asks of a session."""

    def __init__(self, stars: list[StarEntry]) -> None:
        self.stars = stars

    def left(self) -> Left:
        return Left(self.stars, "a", {})


class TestLeftSessions:
    """A page that is loaded again comes back with a ticket."""

    def test_it_finds_what_no_link_holds(self, session: Session, tmp_path: Path) -> None:
        mine = write_apstar(tmp_path / "mine.fits", n_visits=2)
        piece = {"upload": "1", "drop": "1", "name": "mine.fits", "part": 0, "parts": 1, "data": mine.read_bytes()}
        session.hear_list(piece)
        session.state.step_visit(1)
        session.state.param.update(lines_on=True, theme="dark", mc_num=7, seed=3, elements=["Mg"])
        ticket = session.bridge.ticket
        session.close()
        again = session_of(session.services, f"?resume={ticket}&star=star.fits&mc_num=9")
        kept = ("key", "inspected", "shown", "lines_on", "theme", "mc_num", "seed", "elements", "label")
        assert {name: getattr(again.state, name) for name in kept} == {
            name: getattr(session.state, name) for name in kept
        }
        assert again.state.message.text == ""
        again.close()
        hasty = session_of(session.services, f"?resume={ticket}")  # reloaded again before the page stood
        assert hasty.state.key == "mine.fits"
        hasty.ready()
        hasty.close()
        thief = session_of(session.services, f"?resume={ticket}&mc_num=9")  # it opens once
        assert [entry.key for entry in thief.state.stars] == ["star.fits"]
        assert thief.state.mc_num == 9
        assert "Drop your own files here again" in thief.state.message.text
        thief.close()

    def test_it_may_come_before_the_server_knows_that_it_went(self, session: Session) -> None:
        session.state.mc_num = 11
        ticket = session.bridge.ticket
        again = session_of(session.services, f"?resume={ticket}")
        assert again.state.mc_num == 11
        again.ready()
        assert session.services.left.fetch(ticket) is None
        session.close()
        assert session.services.left.fetch(ticket) is None
        again.close()

    def test_the_browser_knows_whether_a_reload_would_lose_files(self, session: Session, tmp_path: Path) -> None:
        assert not session.bridge.opened
        asyncio.run(session.opening.open_path(str(write_apstar(tmp_path / "more.fits"))))
        assert session.bridge.opened

    def test_uploads_of_pages_that_never_come_back_are_bounded(self, star_file: Path) -> None:
        opened, sessions = OpenedStar(read_star(star_file)), LeftSessions()
        pages = [Page([StarEntry("a", "a", None, opened)] * 100) for _ in range(9)]
        tickets = [sessions.enter(page) for page in pages]
        for ticket in tickets:
            sessions.leave(ticket)
        found = [sessions.fetch(ticket) for ticket in tickets]
        assert found[0] is None
        assert found[-1] is not None
