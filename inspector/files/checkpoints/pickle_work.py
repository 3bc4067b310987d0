"""How much work a pickle will be, found out before it is executed.

A few hundred bytes can nest a tuple in itself, twice at each level: whoever then takes it for a key of a dict
counts for ever; and five bytes number an entry of the memo so high that Python makes room for gigabytes. The
opcodes are walked here as `pickletools.dis` walks them, with what each value weighs on the stack instead of the
value.
"""

from __future__ import annotations

import pickletools
from io import BytesIO
from typing import Any

MAX_BYTES = 1 << 20
"""Of one checkpoint's pickles, arrays apart; SDSS's takes 20 kB, with its optimiser 60 kB."""

MAX_WORK = 5_000_000
"""Values looked at in all; SDSS's takes 10,000."""

_CARRIES = frozenset(
    ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "FROZENSET", "REDUCE", "NEWOBJ", "NEWOBJ_EX", "OBJ", "INST")
)
_PUTS, _GETS = frozenset(("PUT", "BINPUT", "LONG_BINPUT")), frozenset(("GET", "BINGET", "LONG_BINGET"))
_MARK = 0  # no value weighs nothing


def refuse_endless(data: bytes, pickles: int = 1) -> None:
    """Raise ValueError unless so many pickles, one after the other, end soon and are little work.

    Parameters
    ----------
    data : bytes
        What follows the pickles does not matter.
    """
    stream = BytesIO(data[:MAX_BYTES])
    for _ in range(pickles):
        try:
            _Walk().through(stream)
        except (IndexError, KeyError):
            raise ValueError("its pickle is damaged") from None
        except ValueError as error:
            cut = f"its pickle is damaged, or longer than {MAX_BYTES >> 20} MiB"
            raise ValueError(cut if stream.tell() >= min(len(data), MAX_BYTES) else str(error)[:150]) from None


class _Walk:
    """The weights on one pickle's stack and in its memo."""

    def __init__(self) -> None:
        self.stack: list[int] = []
        self.memo: dict[Any, int] = {}
        self.work = 0

    def through(self, stream: BytesIO) -> None:
        for opcode, argument, _ in pickletools.genops(stream):
            if opcode.name in _PUTS or opcode.name == "MEMOIZE":
                self._keep(len(self.memo) if argument is None else argument)
                continue
            taken = self._take(opcode)
            self.work += sum(taken) + 1
            if self.work > MAX_WORK:
                raise ValueError("its values are nested in each other too often")
            self._put(opcode, argument, taken)

    def _keep(self, entry: Any) -> None:
        if not 0 <= entry <= MAX_BYTES:
            raise ValueError("it numbers more values than it can hold")
        self.memo[entry] = self.stack[-1]

    def _take(self, opcode: pickletools.OpcodeInfo) -> list[int]:
        before = opcode.stack_before
        taken: list[int] = []
        if pickletools.markobject in before or (opcode.name == "POP" and self.stack[-1] == _MARK):
            while (weight := self.stack.pop()) != _MARK:
                taken.append(weight)
            before = before[: before.index(pickletools.markobject)] if pickletools.markobject in before else []
        return taken + [self.stack.pop() for _ in before]

    def _put(self, opcode: pickletools.OpcodeInfo, argument: Any, taken: list[int]) -> None:
        for kind in opcode.stack_after:
            if kind is pickletools.markobject:
                self.stack.append(_MARK)
            elif opcode.name in _GETS:
                self.stack.append(self.memo[argument])
            elif opcode.name in _CARRIES or opcode.name == "DUP":
                self.stack.append(1 + sum(taken))
            else:
                self.stack.append(1)
