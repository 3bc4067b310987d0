"""One person's visit to the page: state, live network and browser, and what they tell each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from inspector.service.left_sessions import Left
from inspector.service.library import typed_path
from inspector.service.services import Services
from inspector.web.components.browser_bridge import Bridge
from inspector.web.components.keys import Keys, handed_keys
from inspector.web.exporting import Exporting
from inspector.web.inspection import Inspection
from inspector.web.link import LINKED, UNSAID, difference, read_query, to_query
from inspector.web.link_restoring import take_up
from inspector.web.page_tasks import Later, Work
from inspector.web.queue_export import QUEUES, QueueExport
from inspector.web.queueing import Queueing
from inspector.web.reviewing import Reviewing
from inspector.web.sharing import SHARED, Sharing
from inspector.web.star_finding import Finding
from inspector.web.state import InspectorState
from inspector.web.table_files import TableFiles, is_table_file

RESTORED = (
    *("inspected", "shown", "elements", "label", "view_range", "lines_on", "theme"),
    *("mc_num", "seed", "seed_kept", "dropout_rate"),
)
"""The state's parameters that come back after a broken connection."""


class Session(Inspection):
    """An inspection in a page of its own, with an address and keys; gone when its browser tab is.

    Parameters
    ----------
    services : Services
    later : callable
        Runs a function in the session's thread soon; called from any thread
        (``document.add_next_tick_callback``).
    query : str
        Of the address the page was opened at.
    user : str
        Who logged in; empty where nobody did.
    """

    def __init__(self, services: Services, later: Later, query: str = "", user: str = "") -> None:
        state = InspectorState(stars=list(services.library.entries), mc_num=services.mc_num)
        super().__init__(services, state, later)
        self.user = user
        self._ticket = services.left.enter(self)
        self.bridge = Bridge(self.guarded(self._hear_bridge), ticket=self._ticket)
        self.exporting = Exporting(self.state, services, self.tasks, self.bridge, self.query)
        self.keys = Keys(self.press, handed=handed_keys(services.verdicts.terms.scheme) if services.verdicts else [])
        self.show_help: Callable[[], object] = lambda: None
        self._link = take_up(read_query(query), services.left, self.state, self.opening.uploads)
        self.state.param.update(**self._link.of_any_star)  # before the page is built: no browser need be told
        self.queue = Queueing(self.state, services, self.tasks, self.opening)
        self.tables = TableFiles(self.state, services, self.tasks, self.queue)
        self.finding = Finding(self.state, services, self.tasks, self.opening, self.queue)
        self.sharing = Sharing(self.state, self.queue, self.tasks, later)
        self.opening.take_table = self.tables.take
        self.reviewing = self._review()
        self.queue_export = self._export_of_queue()
        self.tasks.start(self.queue.restore(self._link))
        if services.loaded:
            self._take_network()
        self.state.param.watch(self._follow_address, list(LINKED))
        self.queue.view.param.watch(self._follow_address, ["arrangement", "row", "table"])
        self.state.param.watch(self._tell_opened, "stars")
        self._tell_opened()

    def _review(self) -> Reviewing | None:
        desk = self.services.verdicts
        if desk is None:
            return None
        return Reviewing(self.state, desk, self.tasks, self.opening, self.queue, self.step, self.user)

    def _export_of_queue(self) -> QueueExport | None:
        if self.reviewing is None:
            return None
        return QueueExport(self.state, self.tasks, self.queue, self.reviewing, self.exporting.save)

    def close(self) -> None:
        """Stop what runs, and let go."""
        self.services.left.leave(self._ticket)
        self.sharing.close()
        super().close()

    def left(self) -> Left:
        """What the page looks at, for the page its browser may load after a broken connection."""
        values = {name: getattr(self.state, name) for name in RESTORED}
        return Left(list(self.state.stars), self.state.key, values, self.queue.view.left)

    def query(self) -> str:
        """The link to what the page looks at."""
        return to_query(self.state, self.queue.view.said)

    def export(self, what: str) -> Work | None:
        """Do what the menu offers: save a file, or send something to another program; what is left to do."""
        if what in SHARED:
            return SHARED[what](self.sharing)
        if what in QUEUES and self.queue_export is not None:
            return self.queue_export.export(what)
        return self.exporting.export(what)

    async def open_path(self, text: str) -> None:
        """Open a file, a folder or a results table of this machine; only where no other machine can ask."""
        path = typed_path(text.strip()) if self.services.local and text.strip() else None
        if path is not None and await asyncio.to_thread(is_table_file, path):
            await self.tables.open_path(path)
        else:
            await self.opening.open_path(text)

    def step(self, by: int) -> Work | None:
        """The next row of the queue, or the next opened star."""
        if not self.queue.view.leads:
            return self.opening.step(by)
        self.queue.rows.step(by)
        return None

    def ready(self) -> None:
        """The browser has drawn the page: what it was told before may not have reached it."""
        self.services.left.forget(self._link.resume)
        self._follow_address()

    async def await_network(self) -> None:
        """Ask the network once it has been read."""
        await self.services.until_loaded()
        await self.tasks.apply(self._take_network)

    def hear_list(self, message: dict[str, Any]) -> None:
        """A star chosen in the list, or a piece of a file dropped on it."""
        if "choose" in message:
            self.guarded(self.opening.choose)(str(message["choose"]))
        elif "find" in message:
            self.guarded(self.finding.find)(str(message["find"]))
        elif "upload" in message:
            self.guarded(self.opening.receive)(message)
        elif "folder" in message:
            self.guarded(self.opening.tell_folder)(message)

    def press(self, key: str) -> None:
        """Do what a key stands for, as `inspector.web.components.keys.HELP` says; ``/`` never leaves the browser."""
        acts: dict[str, Callable[[], Any]] = {
            "n": lambda: self.step(1),
            "p": lambda: self.step(-1),
            "]": lambda: self.state.step_visit(1),
            "[": lambda: self.state.step_visit(-1),
            "v": lambda: self.state.step_visit(1),
            "b": lambda: self.state.step_visit(-1),
            ".": lambda: self.state.step_window(1),
            ",": lambda: self.state.step_window(-1),
            "l": lambda: self.state.param.update(lines_on=not self.state.lines_on),
            "t": self.queue.toggle,
            "escape": lambda: self.queue.choose(None),
            "?": lambda: self.show_help(),
        }
        if key in acts:
            self.guarded(acts[key])()

    def _hear_bridge(self, message: dict[str, Any]) -> Work | None:
        if "back" in message:
            return self._go_back(str(message["back"]), message.get("step"))
        if "copied" in message:
            copied = "Link copied." if message["copied"] else f"Copy this link: {message['link']}"
            self.state.settle("copied")
            self.state.say(copied, "success" if message["copied"] else "info", "copied")
        elif "failed" in message:
            self.state.say(f"The picture could not be made: {message['failed']}", "error")
        return None

    def _follow_address(self, *_: Any) -> None:
        if self.state.star is not None or self.state.absent is not None:
            self.bridge.tell("address", query=self.query())

    def _tell_opened(self, *_: Any) -> None:
        """Have the browser know whether a reload would lose files."""
        known = {entry.key for entry in self.services.library.entries}
        self.bridge.opened = any(entry.key not in known for entry in self.state.stars)

    async def _go_back(self, query: str, step: object) -> None:
        """Show what the address of an earlier star says; told with its step, or an older one would be taken for it."""
        link = read_query(query)
        await self.queue.restore(replace(link, values={**UNSAID, **link.values}), others=())
        await self.tasks.apply(lambda: self.bridge.tell("address", query=self.query(), step=step))

    def _take_network(self) -> None:
        network = self.services.network
        self.state.param.update(network=network, noise_model=self.services.noise_model)
        asked = self.state.asked
        if asked is not None and (why := difference(self._link, asked)):
            self.state.say(why, "warning")
        if network is None:
            self.state.param.trigger("network")
