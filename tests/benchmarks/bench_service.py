"""How long others wait while one page opens a file of 300 visits and its network answers for each of them.

Run with ``python tests/benchmarks/bench_service.py [VISITS]``. What is measured is the event loop that serves every
page: how late it comes to what is due every 5 ms, while the file is read, normalised, shown and asked about.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from made_services import until  # beside the tests, which are no package
from makers import write_apstar

from inspector.service.network_process import NetworkProcesses
from inspector.service.reading import Readers, ReadHere, Source
from inspector.service.services import Services
from inspector.web.page_tasks import at_once
from inspector.web.session import Session

BEAT = 0.005


async def lateness(stop: asyncio.Event) -> list[float]:
    """How late the loop came to each beat, in seconds."""
    late = []
    while not stop.is_set():
        due = time.perf_counter() + BEAT
        await asyncio.sleep(BEAT)
        late.append(time.perf_counter() - due)
    return late


async def measure(path: Path, readers: Readers | ReadHere) -> tuple[float, list[float], list[float]]:
    """Seconds until the star stands, and how late the loop was until then and while the visits were drawn."""
    processes = NetworkProcesses()
    services = Services([path], readers=readers, processes=processes, mc_num=50)
    await asyncio.to_thread(services.load)
    if isinstance(readers, Readers):  # a server has read something before
        small = write_apstar(path.with_name("small.fits"), n_visits=1)
        await readers.read(Source("small.fits", small), readers.queue.job())
    stop = asyncio.Event()
    beats = asyncio.create_task(lateness(stop))
    await asyncio.sleep(10 * BEAT)
    begun = time.perf_counter()
    session = Session(services, at_once)
    await until(lambda: session.state.star is not None)
    opened = time.perf_counter() - begun
    stop.set()
    opening, stop = await beats, asyncio.Event()
    beats = asyncio.create_task(lateness(stop))
    await until(lambda: len(session.state.visit_results) > 30)
    stop.set()
    session.close()
    services.close()
    return opened, opening, await beats


def main() -> None:
    warnings.simplefilter("ignore")  # keywords of the hundredth visit are longer than FITS knows
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        path = write_apstar(Path(folder) / "many.fits", n_visits=visits)
        for name, readers in (("in place", ReadHere()), ("by a reader process", Readers())):
            opened, opening, drawing = asyncio.run(measure(path, readers))
            print(
                f"{visits} visits read {name}: on screen after {opened:.2f} s; the loop was late by at most"
                f" {1e3 * max(opening):.0f} ms meanwhile, and {1e3 * max(drawing):.0f} ms while visits were drawn"
            )


if __name__ == "__main__":
    main()
