"""How long a queue of a million rows takes to filter, to sort and to turn a page, beside pandas doing the same.

Run ``python tests/benchmarks/bench_queue.py [ROWS]``. Ratios of times from one run mean something on any machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "service"))

from made_table import MadeTable  # beside the tests, which are no package

from inspector.service.queue.columns import Columns
from inspector.service.queue.filter_text import read_filters
from inspector.service.queue.queue import Arrangement, Sort, arrange

SHOWN = ["star_id", "teff", "logg", "fe_h", "snr", "flag_bad", "field"]


def made(rows: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, 10**8, rows), rng.integers(0, 10**7, rows)
    return {
        "star_id": np.array([f"2M{a:08d}+{b:07d}" for a, b in zip(left, right)]),
        "teff": np.where(rng.random(rows) < 0.02, np.nan, rng.normal(4800, 500, rows)),
        "logg": rng.normal(2.5, 0.8, rows),
        "fe_h": rng.normal(-0.2, 0.3, rows),
        "snr": rng.lognormal(4.5, 0.6, rows),
        "flag_bad": rng.random(rows) < 0.05,
        "field": rng.choice(np.array(["M67", "000+02", "120-08", "K2_C4_177-21"]), rows),
    }


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    made = act()
    return time.perf_counter() - begun, made


def main() -> None:
    data = made(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    columns, frame = Columns(MadeTable(**data)), pd.DataFrame(data)
    flagged = read_filters("flag_bad,teff:4000..5000")
    cases = {
        "filter by a flag and a range": (flagged, None, lambda: frame[frame.flag_bad & frame.teff.between(4000, 5000)]),
        "sort by a number": ((), Sort("snr"), lambda: frame.sort_values("snr", kind="stable")),
        "sort by it the other way": ((), Sort("snr", True), lambda: frame.sort_values("snr", ascending=False)),
        "filter what is sorted": (flagged, Sort("snr"), lambda: frame[frame.flag_bad].sort_values("snr")),
        "sort by an id": ((), Sort("star_id"), lambda: frame.sort_values("star_id", kind="stable")),
        "find part of an id": (read_filters("text:m1700"), None, lambda: frame[frame.star_id.str.contains("M1700")]),
    }
    for words, (filters, sort, other) in cases.items():
        asked = partial(arrange, columns, Arrangement(filters, sort))
        first, queue = seconds(asked)
        again, _ = seconds(asked)
        of_pandas, _ = seconds(other)
        page, _ = seconds(partial(queue.page, len(queue) // 2, 50, SHOWN))
        place, _ = seconds(partial(queue.place, int(queue.rows[-1]), {1, 2, 3}))
        print(
            f"{words}: {first:.3f} s, again {again:.3f} s; pandas {of_pandas:.3f} s ({of_pandas / first:.1f} ×);"
            f" {len(queue):,} rows, a page {1e3 * page:.1f} ms, the place {1e3 * place:.1f} ms"
        )


if __name__ == "__main__":
    main()
