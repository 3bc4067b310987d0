"""Read a pickle of plain values without letting it build, call or import anything.

Python's own unpickler runs what a file asks for, and even a restricted one allocates what a file announces.
This one walks the opcodes and knows numbers, strings, containers, and numpy's scalars and arrays of numbers,
which it makes itself from their bytes.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

_LITERALS = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
    ]
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY = {"EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS, _GETS = frozenset(("PUT", "BINPUT", "LONG_BINPUT")), frozenset(("GET", "BINGET", "LONG_BINGET"))
_IGNORED = frozenset(("PROTO", "FRAME"))


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
    ValueError, TypeError, IndexError, KeyError, OverflowError
        If it is no pickle, or a damaged one.
    """
    machine = _Machine()
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name == "STOP":
            return machine.stack.pop()
        machine.do(opcode.name, argument)
    raise ValueError("it ends too early")


@dataclass(frozen=True)
class _Name:
    """A class or function the pickle names; never imported."""

    module: str
    name: str


_KNOWN = {
    _Name("numpy", "dtype"),
    _Name("numpy", "ndarray"),
    _Name("numpy._core.multiarray", "_reconstruct"),
    _Name("numpy._core.multiarray", "scalar"),
    _Name("numpy._core.numeric", "_frombuffer"),
    _Name("_codecs", "encode"),
}


def _known(module: Any, name: Any) -> _Name:
    found = _Name(_of_type(module, str).replace("numpy.core.", "numpy._core."), _of_type(name, str))
    if found not in _KNOWN:
        raise ForbiddenPickle(f"'{module:.60}.{name:.60}', which could run code")
    return found


@dataclass
class _Kind:
    """numpy's dtype, of numbers alone."""

    code: str
    order: str = "="

    @property
    def dtype(self) -> np.dtype[Any]:
        if not isinstance(self.code, str) or self.code[:1] not in ("b", "i", "u", "f") or len(self.code) != 2:
            raise ValueError(f"numpy kind {self.code!r:.20} is not one of numbers")
        return np.dtype((">" if self.order == ">" else "<") + self.code)


class _Machine:
    """The pickle's stack, marks and memo."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def do(self, name: str, argument: Any) -> None:
        """One opcode."""
        stack = self.stack
        if name in _LITERALS:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            stack.append(_EMPTY[name]())
        elif name in _TUPLES:
            stack.append(tuple(self._pop(_TUPLES[name])))
        elif name in _PUTS:
            self.memo[argument] = stack[-1]
        elif name in _GETS:
            stack.append(self.memo[argument])
        elif name not in _IGNORED:
            try:
                _DO[name](self, argument)
            except KeyError:
                if name in _DO:
                    raise
                raise ForbiddenPickle(f"'{name}', which could build anything") from None

    def _pop(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise ValueError("its stack runs empty")
        taken = self.stack[-count:]
        del self.stack[-count:]
        return taken

    def _pop_mark(self) -> list[Any]:
        start = self.marks.pop()
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def _memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def _tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._pop_mark()))

    def _list(self, _: Any) -> None:
        self.stack.append(self._pop_mark())

    def _dict(self, _: Any) -> None:
        self.stack.append(_set_items({}, self._pop_mark()))

    def _append(self, _: Any) -> None:
        (item,) = self._pop(1)
        _of_type(self.stack[-1], list).append(item)

    def _appends(self, _: Any) -> None:
        items = self._pop_mark()
        _of_type(self.stack[-1], list).extend(items)

    def _set_item(self, _: Any) -> None:
        pair = self._pop(2)
        _set_items(_of_type(self.stack[-1], dict), pair)

    def _set_many(self, _: Any) -> None:
        pairs = self._pop_mark()
        _set_items(_of_type(self.stack[-1], dict), pairs)

    def _global(self, argument: Any) -> None:
        self.stack.append(_known(*argument.split(" ", 1)))

    def _stack_global(self, _: Any) -> None:
        self.stack.append(_known(*self._pop(2)))

    def _reduce(self, _: Any) -> None:
        name, arguments = self._pop(2)
        self.stack.append(_make(_of_type(name, _Name), _of_type(arguments, tuple)))

    def _build(self, _: Any) -> None:
        (state,) = self._pop(1)
        made = self.stack[-1]
        if isinstance(made, _Kind):  # (version, byte order, ...)
            made.order = state[1]
        else:  # (version, shape, kind, in Fortran's order, bytes)
            _, shape, kind, fortran, content = state
            array = _array(content, kind, shape, "F" if fortran else "C")
            _of_type(made, np.ndarray).__setstate__((1, array.shape, array.dtype, False, array.tobytes()))


_DO = {
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "MEMOIZE": _Machine._memoize,
    "TUPLE": _Machine._tuple,
    "LIST": _Machine._list,
    "DICT": _Machine._dict,
    "APPEND": _Machine._append,
    "APPENDS": _Machine._appends,
    "SETITEM": _Machine._set_item,
    "SETITEMS": _Machine._set_many,
    "GLOBAL": _Machine._global,
    "STACK_GLOBAL": _Machine._stack_global,
    "REDUCE": _Machine._reduce,
    "BUILD": _Machine._build,
}


def _make(name: _Name, arguments: tuple[Any, ...]) -> Any:
    """What numpy, or bytes in an old protocol, would be made by; by our own hand."""
    match name.name:
        case "dtype":
            return _Kind(arguments[0])
        case "_reconstruct":
            return np.empty(0)
        case "scalar":
            kind, content = arguments
            return _array(content, kind, (), "C")[()]
        case "_frombuffer":
            return _array(*arguments)
        case "encode" if arguments[1:] == ("latin1",):
            return _of_type(arguments[0], str).encode("latin-1")
    raise ForbiddenPickle(f"'{name.module}.{name.name}' with {len(arguments)} arguments")


def _array(content: Any, kind: Any, shape: Any, order: Any) -> np.ndarray[Any, Any]:
    if isinstance(content, str):  # bytes as Python 2 wrote them
        content = content.encode("latin-1")
    numbers = np.frombuffer(_of_type(content, bytes, bytearray), _of_type(kind, _Kind).dtype)
    if prod(_of_type(shape, tuple)) != numbers.size:
        raise ValueError(f"an array's {numbers.size} numbers do not fill its shape")
    return numbers.reshape(shape, order=order)


def _set_items(target: dict[str, Any], flat: list[Any]) -> dict[str, Any]:
    if len(flat) % 2:
        raise ValueError("a dict's key has no value")
    for key, value in zip(flat[::2], flat[1::2]):  # the hash of a nested tuple may take for ever: strings alone
        target[_of_type(key, str)] = value
    return target


def _of_type(value: Any, *types: type) -> Any:
    if not isinstance(value, types):
        raise ForbiddenPickle(f"a {type(value).__name__} where a {types[0].__name__} belongs")
    return value
