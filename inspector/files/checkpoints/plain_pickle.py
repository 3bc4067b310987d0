"""Plain values out of a stranger's pickle, by Python's own unpickler, which finds no class here but those below.

An allow-list keeps a pickle from importing, calling or changing anything; it does not keep it small. So the opcodes
are walked first (`refuse_endless`), and what numpy's names stand for here copies at most `MAX_CONTENT` bytes. A
process with a memory limit would be a second wall, and cost every command the start of one.
"""

from __future__ import annotations

import pickle
from io import BytesIO
from math import prod
from typing import Any, Self

import numpy as np

from inspector.files.checkpoints.pickle_work import refuse_endless

MAX_CONTENT = 512
"""Bytes of one array, or of text that stands for bytes; a noise model's arrays hold one number."""

_RAISED = (
    pickle.UnpicklingError,  # opcodes out of order, persistent ids
    AttributeError,  # a state for what has none
    EOFError,
    IndexError,
    KeyError,  # a memo's entry that is not there
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,  # a call of what cannot be called, or with other arguments
)


class ForbiddenPickle(ValueError):
    """A pickle that asks for something which could run code."""


def read_plain_pickle(data: bytes) -> Any:
    """The value a pickle holds.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    ForbiddenPickle
        If it names a class or function other than those of numpy's scalars and arrays.
    ValueError
        If it is not a pickle, or a damaged or endless one.
    """
    refuse_endless(data)
    try:
        return _Unpickler(BytesIO(data), encoding="latin1").load()  # bytes as Python 2 wrote them
    except _RAISED as error:
        raise ValueError(f"its pickle is damaged ({type(error).__name__}: {error})") from None


class _Unpickler(pickle.Unpickler):
    """Python's, with an allow-list."""

    def find_class(self, module: str, name: str) -> Any:
        found = _KNOWN.get((module.replace("numpy.core.", "numpy._core."), name))
        if found is None:
            raise ForbiddenPickle(f"'{module:.60}.{name:.60}', which could run code")
        return found


class _Maker:
    """Stands for a function of numpy's; a class, because a pickle could change a function's defaults."""

    def __setstate__(self, *state: Any) -> None:
        raise ForbiddenPickle("a change of what it may only call")


class _Kind(_Maker):
    """numpy's dtype, of numbers alone."""

    __slots__ = ("code", "order")

    def __init__(self, code: str, *_: Any) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: Any) -> None:  # (version, byte order, ...)
        self.order = state[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        if not isinstance(self.code, str) or self.code[:1] not in ("b", "i", "u", "f") or len(self.code) != 2:
            raise ValueError("numpy's kind is not one of numbers")
        return np.dtype((">" if self.order == ">" else "<") + self.code)


class _Ndarray(_Maker):
    """Named by every pickled array, and never called by one."""

    def __new__(cls, *arguments: Any) -> Self:
        raise ForbiddenPickle(f"'numpy.ndarray' with {len(arguments)} arguments")


class _Array(np.ndarray[Any, Any]):
    """An array that takes its shape, kind and numbers from a pickle once they were looked at."""

    def __setstate__(self, state: Any) -> None:  # (version, shape, kind, in Fortran's order, bytes)
        _, shape, kind, fortran, content = state
        array = _array(content, kind, shape, "F" if fortran else "C")
        numbers = (1, array.shape, array.dtype, False, array.tobytes())
        super().__setstate__(numbers)  # type: ignore[arg-type]  # the stub wants numpy's bool, numpy Python's


class _Reconstruct(_Maker):
    def __new__(cls, *_: Any) -> Any:
        return np.ndarray.__new__(_Array, 0)


class _Scalar(_Maker):
    def __new__(cls, kind: Any, content: Any) -> Any:
        return _array(content, kind, (), "C")[()]


class _FromBuffer(_Maker):
    def __new__(cls, content: Any, kind: Any, shape: Any, order: Any) -> Any:
        return _array(content, kind, shape, order)


class _Encode(_Maker):
    def __new__(cls, text: Any, encoding: Any) -> Any:
        if encoding != "latin1":
            raise ForbiddenPickle("'_codecs.encode' in another alphabet than latin1")
        return _bytes(text)


_KNOWN: dict[tuple[str, str], type[_Maker]] = {
    ("numpy", "dtype"): _Kind,
    ("numpy", "ndarray"): _Ndarray,
    ("numpy._core.multiarray", "_reconstruct"): _Reconstruct,
    ("numpy._core.multiarray", "scalar"): _Scalar,
    ("numpy._core.numeric", "_frombuffer"): _FromBuffer,
    ("_codecs", "encode"): _Encode,
}


def _bytes(content: Any) -> bytes:
    if not isinstance(content, str | bytes | bytearray):
        raise ForbiddenPickle(f"a {type(content).__name__} where bytes belong")
    if len(content) > MAX_CONTENT:
        raise ValueError(f"an array larger than {MAX_CONTENT} bytes")
    return content.encode("latin-1") if isinstance(content, str) else bytes(content)


def _array(content: Any, kind: Any, shape: Any, order: Any) -> np.ndarray[Any, Any]:
    if not isinstance(kind, _Kind):
        raise ForbiddenPickle(f"a {type(kind).__name__} where a dtype belongs")
    numbers = np.frombuffer(_bytes(content), kind.dtype)
    if prod(shape) != numbers.size:
        raise ValueError(f"an array's {numbers.size} numbers do not fill its shape")
    return numbers.reshape(shape, order=order)
