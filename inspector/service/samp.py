"""Talking with TOPCAT, Aladin and their like on this machine (SAMP, an IVOA standard).

A page that shares something first connects to the hub that such a program runs. It sends a position or a table, and
hears which row of its own table somebody chose elsewhere. Nothing leaves this machine.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.exceptions import InspectorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

POSITION, TABLE, ROW = "coord.pointAt.sky", "table.load.votable", "table.highlight.row"
"""What is sent, and what is heard."""

NO_HUB = "No SAMP hub runs on this machine. Start TOPCAT or Aladin, then try again."

NOBODY = "No program that takes {what} is connected to the SAMP hub. Start TOPCAT or Aladin, then try again."


class Samp:
    """One page's connection to the hub, made when it is first needed; its calls block.

    Parameters
    ----------
    chosen : callable
        Called in a thread of the hub's with a table's id and the row that was chosen in it, counted from 0.
    """

    def __init__(self, chosen: Callable[[str, int], object]) -> None:
        self._chosen = chosen
        self._lock = threading.Lock()
        self._client: Any = None
        self._folder: Path | None = None
        self._rows: dict[str, int] = {}  # of each table sent

    def send_position(self, ra: float, dec: float) -> list[str]:
        """Have the other programs look at a position in degrees; the names of those that were told.

        Raises
        ------
        InspectorError
            If there is no hub, or nobody who takes a position.
        """
        return self._send(POSITION, {"ra": repr(float(ra)), "dec": repr(float(dec))}, "a position")

    def send_table(self, table_id: str, name: str, columns: Mapping[str, NDArray[Any]]) -> list[str]:
        """Have the other programs load a table; the names of those that were told.

        Parameters
        ----------
        table_id : str
            What the table is called when a row of it is chosen.
        name : str
            What its reader sees.
        columns : mapping
            By name, all of one length.

        Raises
        ------
        InspectorError
            If there is no hub, or nobody who takes a table.
        """
        self._takers(TABLE, "a table")
        place = self._write(table_id, columns)
        self._rows[table_id] = len(next(iter(columns.values())))
        told = {"url": place.as_uri(), "table-id": table_id, "name": name}
        return self._send(TABLE, told, "a table")

    def close(self) -> None:
        """Leave the hub and remove what was written for it."""
        with self._lock:
            client, self._client = self._client, None
            if client is not None:
                _leave(client)
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def _send(self, kind: str, told: Mapping[str, str], what: str) -> list[str]:
        takers = self._takers(kind, what)
        for taker in takers:
            self._connected().notify(taker, {"samp.mtype": kind, "samp.params": dict(told)})
        return list(takers.values())

    def _takers(self, kind: str, what: str) -> dict[str, str]:
        """Name of each program that takes a kind of message, under its id."""
        client = self._connected()
        try:
            takers = [taker for taker in client.get_subscribed_clients(kind) if taker != client.get_public_id()]
            names = {taker: str(client.get_metadata(taker).get("samp.name", taker)) for taker in takers}
        except _failures():
            self.close()
            raise InspectorError(NO_HUB) from None
        if not names:
            raise InspectorError(NOBODY.format(what=what))
        return names

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None or not self._client.is_connected:
                self._client = _client()
                self._client.bind_receive_notification(ROW, self._hear)
                self._client.bind_receive_call(ROW, self._hear)
            return self._client

    def _hear(
        self,
        private_key: str,
        sender_id: str,
        *told: Any,
    ) -> None:
        """A row chosen elsewhere: of a table that was sent from here, and one it has."""
        params, table_id = told[-2], str(told[-2].get("table-id", ""))
        row = str(params.get("row", ""))
        if row.isdecimal() and int(row) < self._rows.get(table_id, 0):
            self._chosen(table_id, int(row))

    def _write(self, table_id: str, columns: Mapping[str, NDArray[Any]]) -> Path:
        """The table as a file that only this user may read."""
        from astropy.table import Table

        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="inspector-samp-"))
        place = self._folder / f"{len(self._rows)}-{abs(hash(table_id)):x}.vot"
        Table(dict(columns)).write(place, format="votable", tabledata_format="binary2", overwrite=True)
        return place


def _client() -> Any:
    from pyvo import samp

    samp.conf.use_internet = False  # the hub is on this machine, and nobody need ask what the machine is called
    about = {
        "samp.name": "APOGEE inspector",
        "samp.description.text": "Looks into AstroNN's answer for one star",
    }
    client = samp.SAMPIntegratedClient(metadata=about, addr="127.0.0.1")
    try:
        client.connect()
    except _failures():
        raise InspectorError(NO_HUB) from None
    return client


def _leave(client: Any) -> None:
    try:
        client.disconnect()
    except _failures():  # the hub went first
        return


def _failures() -> tuple[type[Exception], ...]:
    """How talking with a hub fails."""
    from pyvo.samp import SAMPClientError, SAMPHubError, SAMPProxyError

    return OSError, ValueError, SAMPClientError, SAMPHubError, SAMPProxyError
