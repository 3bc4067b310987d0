"""Pickles no reader may obey, for every door a pickle can come through."""

from __future__ import annotations

import os
import pickle
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inspector.exceptions import WeightsError
from inspector.files.checkpoints.weights import load_network


class Calls:
    """Pickled, it is a call of `function` with `arguments`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def code_pickles(mark: Path) -> dict[str, Any]:
    """Objects whose pickles would create the file `mark`, by one way or another."""
    touch = f"open({str(mark)!r}, 'w').close()"
    return {
        "os.system": Calls(os.system, f"touch {mark}"),
        "eval": Calls(eval, touch),
        "exec": Calls(exec, touch),
        "open": Calls(open, str(mark), "w"),
        "nested": {"teff": {"scale": Calls(os.system, f"touch {mark}"), "offset": 0.0}},
        "getattr": Calls(getattr, Calls(__import__, "os"), "system"),
    }


def code_bytes(mark: Path) -> dict[str, bytes]:
    """The same as bytes, and what no pickler writes."""
    made = {f"{name} {n}": pickle.dumps(it, protocol=n) for name, it in code_pickles(mark).items() for n in (0, 2, 4)}
    made["inst"] = f"(S'touch {mark}'\nios\nsystem\n.".encode()
    made["obj"] = f"(cos\nsystem\nS'touch {mark}'\no.".encode()
    made["copyreg"] = b"ccopyreg\n_reconstructor\n(cos\n_wrap_close\nc__builtin__\nobject\nNtR."
    made["persistent"] = b"\x80\x04\x8c\x01xQ."
    made["extension"] = b"\x80\x02\x82\x01."
    return made


def array_copies(text: bytes) -> bytes:
    """An array of half a megabyte, made again and again from bytes that stand in the pickle once."""
    kind = b"cnumpy\ndtype\n(X\x02\x00\x00\x00u1\x89\x88tRq\x02"
    state = b"(K\x01(J" + (500_000).to_bytes(4, "little") + b"th\x02\x89h\x01tq\x03"
    make = b"cnumpy.core.multiarray\n_reconstruct\nq\x00(cnumpy\nndarray\nK\x00\x85C\x01btq\x04"
    return b"\x80\x04" + text + kind + state + make + b"(" + b"h\x00h\x04Rh\x03b" * 60_000 + b"t."


def greedy_bytes() -> dict[str, bytes]:
    """Small pickles that ask for gigabytes, or for ever."""
    text = b"X" + (500_000).to_bytes(4, "little") + b"0" * 500_000 + b"q\x01"
    many = b"(h\x00(h\x01h\x02tR" + b"h\x00h\x03R" * 90_000 + b"t."
    nest = b"\x80\x04)\x94" + b"".join(b"h%c" % n * 2 + b"\x86\x94" for n in range(60))
    shape = b"(K\x01\x8a\x05\x00\x00\x00\x00\x7ft"  # a tuple (1, 2**38 …)
    array = b"\x80\x04cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n"
    return {
        "memo": b"\x80\x04Nr\xff\xff\xff\x7f.",
        "memo of text": b"\x80\x04Np2147483647\n.",
        "bytearray": b"\x80\x05\x96" + (1 << 40).to_bytes(8, "little") + b".",
        "text": b"\x80\x04\x8d" + (1 << 40).to_bytes(8, "little") + b".",
        "frame": b"\x80\x04\x95" + (1 << 40).to_bytes(8, "little") + b"N.",
        "tuple as key": nest[:4] + nest[4:] + b"}h\x3cK\x01s.",
        "tuple as value": nest + b"}\x8c\x04teff}\x8c\x05scaleh\x3css.",
        "memo of a number": b"\x80\x04Nr\xff\xff\xff\x0f.",
        "copies of text": b"\x80\x02c_codecs\nencode\nq\x00"
        + text
        + b"X\x06\x00\x00\x00latin1q\x02h\x01h\x02\x86q\x03"
        + many,
        "copies of an array": array_copies(text),
        "huge array": array + shape + b"C\x01btR.",
        "ndarray called": b"\x80\x04cnumpy\nndarray\n" + shape + b"\x85R.",
        "long": b"\x80\x04\x8b\xff\xff\xff\x7f.",
        "digits": b"L" + b"9" * 100_000 + b"L\n.",
    }


@contextmanager
def limited_memory(extra: int = 1 << 30) -> Iterator[None]:
    """No more than `extra` bytes beyond what this process has; past it an allocation fails."""
    if not sys.platform.startswith("linux"):
        yield
        return
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + extra, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def refusal(path: str | os.PathLike[str]) -> str:
    """The sentence with which weights are refused, within a gigabyte."""
    with limited_memory(), pytest.raises(WeightsError) as caught:
        load_network(path)
    sentence = str(caught.value)
    assert sentence.strip() and len(sentence) < 1000
    return sentence
