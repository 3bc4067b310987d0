"""What verdicts cost: to commit one, and to know what holds of all, as ratios within one run.

``python tests/benchmarks/bench_verdicts.py``
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from inspector.service.verdicts.event import verdict
from inspector.service.verdicts.ledger import Ledger
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.store import open_store
from inspector.service.verdicts.subject import Subject

EVENTS = 10_000
SCHEME = load_scheme()


def seconds(work: Callable[[], object], times: int = 1) -> float:
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begin) / times


def made(number: int, reviewer: str = "Ann"):
    seen = {"labels": {f"label{i}": [4750.5 + i, 12.25] for i in range(22)}}
    return verdict(Subject(apogee_id=f"2M{number:08d}", file_sha256=f"{number:064x}"), reviewer, 4, SCHEME, seen=seen)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verdicts.sqlite"
        opening = seconds(lambda: open_store(path))
        store = open_store(path)
        numbers = iter(range(10**9))
        commit = seconds(lambda: store.append(made(next(numbers))), 50)
        store.merge([made(next(numbers)) for _ in range(EVENTS)])
        full = seconds(lambda: store.append(made(next(numbers))), 50)
        ledger = Ledger(store)
        reading = seconds(lambda: ledger.state().standings)
        store.append(made(next(numbers)))
        after = seconds(lambda: ledger.state().standings)
        store.close()
    print(f"open a new store         {opening * 1000:8.1f} ms")
    print(f"commit of a verdict      {commit * 1000:8.1f} ms")
    print(f"… among {EVENTS:,} events  {full / commit:8.2f} times that")
    print(f"what holds of all        {reading / commit:8.1f} times a commit, once")
    print(f"… after one more         {after / commit:8.1f} times a commit")


if __name__ == "__main__":
    main()
