"""One person's visit to the page: state, live network and browser, and what they tell each other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from inspector.app.bridge import Bridge
from inspector.app.commons import Commons
from inspector.app.export import (
    FORMATS,
    PICTURES,
    SPECTRA,
    SUMMARIES,
    File,
    file_stem,
    picture_words,
    spectrum_file,
    summary_file,
)
from inspector.app.figures.theme import THEMES
from inspector.app.held import delivered, held
from inspector.app.keys import Keys
from inspector.app.left_sessions import take_up
from inspector.app.link import LINKED, UNSAID, difference, read_query, to_query
from inspector.app.live import Live
from inspector.app.restore import restore
from inspector.app.shelf import find_files, free_key, make_entries, typed_path
from inspector.app.state import InspectorState, StarEntry
from inspector.app.summarize import picture_legends, summarize
from inspector.app.uploads import Drop, Uploads, folder_sentence
from inspector.errors import InspectorError
from inspector.files.spectra.star_file import read_star_bytes
from inspector.science.star import Star

log = logging.getLogger(__name__)

MAX_REFUSALS = 20
"""Refused files of one drop that are told one by one; of more, the number."""

Later = Callable[[Callable[[], None]], Any]


class Session:
    """Opens stars, answers keys and buttons, restores links; gone when its browser tab is.

    Parameters
    ----------
    commons : Commons
    later : callable
        Runs a function in the session's thread soon; called from any thread
        (``document.add_next_tick_callback``).
    query : str
        Of the address the page was opened at.
    """

    def __init__(self, commons: Commons, later: Later, query: str = "") -> None:
        self.commons = commons
        self.state = InspectorState(stars=list(commons.shelf.entries), mc_num=commons.mc_num)
        self._ticket = commons.left.enter(self.state)
        self.bridge = Bridge(self.guarded(self._hear_bridge), ticket=self._ticket)
        self.keys = Keys(self.guarded(self.press))
        self._later, self._closed = later, False
        self.live = Live(self.state, commons, self._deliver)
        self.show_help = lambda: None
        self._picture: Future[File] | None = None
        self._uploads, self._drop = Uploads(commons.uploads), Drop()
        self._chosen = 0  # how often somebody chose a star: a later choice wins over a slow upload
        self._link = take_up(read_query(query), commons.left, self.state, self._uploads)
        restore(self._link, self.state, commons.shelf, self._show)
        self._call_off = commons.when_loaded(lambda: self._deliver(self._loaded))
        self.state.param.watch(self._follow_address, list(LINKED))
        self.state.param.watch(self._tell_opened, "stars")
        self._tell_opened()

    def close(self) -> None:
        """Stop what runs, and let go."""
        self._closed = True
        self.commons.left.leave(self._ticket)
        self._call_off()
        self.live.close()
        self._uploads.close()

    def _deliver(self, act: Callable[[], None]) -> None:
        """Have the session's thread run `act` soon; nothing once the tab is closed."""
        try:
            if not self._closed:
                self._later(self._explained(delivered(act)))
        except AttributeError:  # Bokeh empties the document of a closed tab before it tells anyone
            log.debug("Nobody is there any more", exc_info=True)
            self.close()

    def guarded(self, act: Callable[..., None]) -> Callable[..., None]:
        """`act` for an event: held, and what it raises becomes a sentence on the page."""
        return held(self._explained(act))

    def _explained(self, act: Callable[..., None]) -> Callable[..., None]:
        """`act`, but what it raises becomes a sentence on the page; what is no user's error is logged whole."""

        def explained(*args: Any) -> None:
            try:
                act(*args)
            except Exception as error:  # noqa: BLE001  the session lives on, whatever one callback does
                self.explain(error)

        return explained

    def explain(self, error: BaseException) -> None:
        """Say on the page what went wrong."""
        if isinstance(error, InspectorError | LookupError):
            self.state.say(str(error.args[0] if error.args else error), "error")
            return
        log.error("A callback failed", exc_info=error)
        self.state.say(
            f"Something failed here ({type(error).__name__}); the server's log says what. The page goes on.", "error"
        )

    # stars

    def choose(self, key: str) -> None:
        """Put an opened star on screen; one that cannot be read leaves the one there is."""
        entry = next((e for e in self.state.stars if e.key == key), None)
        if entry is None:
            raise InspectorError(
                f"No opened star is called {key[:80]!r}. Choose one from the list, or drop its file here."
            )
        self._chosen += 1
        self._show(entry)

    def step_star(self, step: int) -> None:
        """Put the next star on screen that can be read; say which ones could not."""
        self._chosen += 1
        problems = []
        for entry in self.state.others(step):
            try:
                self._show(entry)
                break
            except InspectorError as error:
                problems.append(str(error))
        for problem in problems[:MAX_REFUSALS]:
            self.state.say(problem, "warning")

    def open_path(self, text: str) -> None:
        """Open a file or a folder of this machine; only where no other machine can ask."""
        if not self.commons.local:
            raise InspectorError("This server opens no paths: other machines can reach it. Upload the file.")
        named = text.strip()
        if not named:
            raise InspectorError("Type the path of a FITS file or of a folder that holds some, then press Enter.")
        known = {e.path: e for e in self.state.stars if e.path is not None}
        found = find_files([typed_path(named)])
        self._chosen += 1
        fresh = iter(make_entries([p for p in found if p not in known], [e.key for e in self.state.stars]))
        self._add([known[path] if path in known else next(fresh) for path in found])
        opened = found[0].name if len(found) == 1 else f"{len(found)} files"
        self.state.say(f"Opened {opened}.", "success", "opened")

    def receive(self, message: dict[str, Any]) -> None:
        """Take a piece of an upload; once it is whole, open it, and tell what came of each file of its drop."""
        self._begin_drop(str(message.get("drop", "")))
        try:
            whole = self._uploads.receive(message)
            if whole is not None:
                self._read(*whole)
        except InspectorError as error:
            self._refuse(str(error), self._drop)

    def _begin_drop(self, which: str) -> None:
        """Forget what was said of the files dropped before."""
        if which != self._drop.which:
            self._drop = Drop(which)
            self.state.settle("files", "more files")

    def _refuse(self, why: str, drop: Drop) -> None:
        """One message per refused file; of very many, their number."""
        drop.refused += 1
        more = drop.refused - MAX_REFUSALS
        if more <= 0:
            self.state.say(why, "error", "files")
            return
        self.state.settle("more files")
        self.state.say(f"{more} more {'file was' if more == 1 else 'files were'} refused.", "error", "more files")

    def _read(self, name: str, data: bytes) -> None:
        """Have a whole file read, beside the event loop where there is a reader."""
        drop, chosen = self._drop, self._chosen
        reader = self.commons.upload_reader
        if reader is None:
            self._open(name, read_star_bytes(data, name), drop, chosen)
            return
        self._uploads.take(len(data), name)
        self.state.settle("reading")
        self.state.say(f"Reading {name} …", "info", "reading")
        reader.submit(data, name).add_done_callback(
            lambda done: self._deliver(lambda: self._opened(name, done, len(data), drop, chosen))
        )

    def _opened(self, name: str, done: Future[Star], size: int, drop: Drop, chosen: int) -> None:
        self._uploads.give(size)
        self.state.settle("reading")
        try:
            self._open(name, done.result(), drop, chosen)
        except InspectorError as error:
            self._refuse(str(error), drop)

    def _open(self, name: str, star: Star, drop: Drop, chosen: int) -> None:
        """Put a star that was read on the list, and on screen unless somebody chose another since."""
        self._uploads.keep(star, name)
        entry = StarEntry(free_key(name, [e.key for e in self.state.stars]), name, None, star)
        if chosen == self._chosen:
            self._add([entry])
        else:
            self.state.stars = [*self.state.stars, entry]
        drop.opened.append(name)
        self.state.settle("opened")
        self.state.say(drop.sentence, "success", "opened")

    def _add(self, entries: list[StarEntry]) -> None:
        """Put entries on the list that are not on it yet, and the first of them on screen."""
        self.state.stars = [*self.state.stars, *(e for e in entries if e not in self.state.stars)]
        self._show(entries[0])

    def _show(self, entry: StarEntry) -> None:
        try:
            read = self.commons.shelf.read(entry)
        except InspectorError as error:
            self._mark(entry, str(error))
            raise
        assert read.star is not None  # an upload brings its star, a file was just read
        self.state.show_star(entry.key, read.star)

    def _mark(self, entry: StarEntry, error: str) -> None:
        marked = StarEntry(entry.key, entry.name, entry.path, None, error)
        self.state.stars = [marked if e.key == entry.key else e for e in self.state.stars]

    # what the browser says

    def hear_list(self, message: dict[str, Any]) -> None:
        """A star chosen in the list, or a piece of a file dropped on it."""
        if "choose" in message:
            self.guarded(self.choose)(str(message["choose"]))
        elif "upload" in message:
            self.guarded(self.receive)(message)
        elif "folder" in message:
            self.guarded(self._tell_folder)(message)

    def _tell_folder(self, message: dict[str, Any]) -> None:
        self._begin_drop(str(message.get("drop", "")))
        if left_out := folder_sentence(message["folder"], self.commons.local):
            self.state.say(left_out, "warning", "files")

    def _hear_bridge(self, message: dict[str, Any]) -> None:
        if "back" in message:
            self._go_back(str(message["back"]), message.get("step"))
        elif "copied" in message:
            copied = "Link copied." if message["copied"] else f"Copy this link: {message['link']}"
            self.state.settle("copied")
            self.state.say(copied, "success" if message["copied"] else "info", "copied")
        elif "failed" in message:
            self.state.say(f"The picture could not be made: {message['failed']}", "error")

    def press(self, key: str) -> None:
        """Do what a key stands for, as `inspector.app.keys.HELP` says; ``/`` never leaves the browser."""
        acts: dict[str, Callable[[], None]] = {
            "n": lambda: self.step_star(1),
            "p": lambda: self.step_star(-1),
            "]": lambda: self.state.step_visit(1),
            "[": lambda: self.state.step_visit(-1),
            "v": lambda: self.state.step_visit(1),
            "b": lambda: self.state.step_visit(-1),
            ".": lambda: self.state.step_window(1),
            ",": lambda: self.state.step_window(-1),
            "l": lambda: self.state.param.update(lines_on=not self.state.lines_on),
            "?": lambda: self.show_help(),
        }
        if key in acts:
            acts[key]()

    # what the browser is told

    def copy_link(self) -> None:
        """Put the link on the clipboard."""
        self.bridge.tell("copy", query=to_query(self.state))

    def export(self, what: str) -> None:
        """Have the browser save the spectrum, a result, draws or pictures."""
        if what in PICTURES:
            star, theme = self._stem(), THEMES[self.state.theme]
            words = picture_words(self.state.result)
            told = {"star": star, "kind": PICTURES[what], "words": words, "paper": theme.paper, "ink": theme.text}
            self.bridge.tell("pictures", legends=picture_legends(self.state), **told)
        elif what in SUMMARIES:
            self._draw_summary(SUMMARIES[what])
        elif what in SPECTRA:
            spectrum = self.state.spectrum(self.state.inspected)
            self._save(spectrum_file(spectrum, self.state.numbers(spectrum.name), SPECTRA[what]))
        elif self.state.result is None:
            raise InspectorError("There is no result yet. Wait for the first draws.")
        else:
            self._save(FORMATS[what](self.state.result))

    def _stem(self) -> str:
        """What a file of the inspected spectrum is called."""
        star = self.state.star
        return file_stem(star.id, star.info.file.name, self.state.inspected) if star else "star"

    def _draw_summary(self, kind: str) -> None:
        """Draw the figure beside the event loop; one at a time for a session."""
        if self._picture is not None and not self._picture.done():
            raise InspectorError("A figure is being drawn already. Wait for it, then ask again.")
        self._picture = self.commons.painter.submit(summary_file, summarize(self.state), kind)
        self.state.say("Drawing the figure; the browser saves it once it is ready.", about="figure")
        self._picture.add_done_callback(lambda done: self._deliver(lambda: self._drawn(done)))

    def _drawn(self, done: Future[File]) -> None:
        self.state.settle("figure")
        file = done.result()
        self._save(file)
        self.state.say(f"The figure is drawn: {file.name}.", "success", about="figure")

    def _save(self, file: File) -> None:
        self.bridge.tell("save", name=file.name, data=file.data, mime=file.mime)

    def _follow_address(self, *_: Any) -> None:
        if self.state.star is not None:
            self.bridge.tell("address", query=to_query(self.state))

    def _tell_opened(self, *_: Any) -> None:
        """Have the browser know whether a reload would lose files."""
        known = {entry.key for entry in self.commons.shelf.entries}
        self.bridge.opened = any(entry.key not in known for entry in self.state.stars)

    def _go_back(self, query: str, step: object) -> None:
        """Show what the address of an earlier star says; told with its step, or an older one would be taken for it."""
        self._chosen += 1
        link = read_query(query)
        restore(replace(link, values={**UNSAID, **link.values}), self.state, self.commons.shelf, self._show, others=())
        self.bridge.tell("address", query=to_query(self.state), step=step)

    # start

    def ready(self) -> None:
        """The browser has drawn the page: what it was told before may not have reached it."""
        self.commons.left.forget(self._link.resume)
        self._follow_address()

    def _loaded(self) -> None:
        network = self.commons.network
        self.state.param.update(network=network, noise_model=self.commons.noise_model)
        asked = self.state.asked
        if asked is not None and (why := difference(self._link, asked)):
            self.state.say(why, "warning")
        if network is None:
            self.state.param.trigger("network")
