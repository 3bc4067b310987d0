"""The desk of one server process, which saves many verdicts at once: ``python desk_writer.py STORE REVIEWER NUMBER``.

It says ``ready``, begins at a line of its input, and says how many it was told are saved.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing

from inspector.service.verdicts.desk import open_desk
from inspector.service.verdicts.event import verdict
from inspector.service.verdicts.scheme import load_scheme
from inspector.service.verdicts.subject import Subject


async def save(place: str, reviewer: str, number: int) -> int:
    scheme = load_scheme()
    made = [
        verdict(Subject(apogee_id=f"2M{i:08d}"), reviewer, 1 + i % 4, scheme, comment=str(i)) for i in range(number)
    ]
    with closing(open_desk(place)) as desk:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        steps = await asyncio.gather(*map(desk.save, made))
    return sum(step.state == "saved" for step in steps)


if __name__ == "__main__":
    print(asyncio.run(save(sys.argv[1], sys.argv[2], int(sys.argv[3]))), flush=True)
