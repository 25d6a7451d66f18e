"""Pickles of CIFAR's Python version, read without unpickling.

A pickle is a program that can call any function. This interpreter knows only the instructions that
build dictionaries, lists, tuples, strings, bytes, numbers and NumPy arrays of integers. It imports
and calls nothing that a pickle names, and rejects all other names and instructions.
The source of :mod:`pickletools` describes the instructions.
"""

import math
import pickletools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seedbed.core.errors import DataError

ARRAY, DTYPE, NDARRAY, ENCODE = "array", "dtype", "ndarray", "encode"
KNOWN_NAMES = {
    "numpy.core.multiarray _reconstruct": ARRAY,
    "numpy._core.multiarray _reconstruct": ARRAY,
    "numpy ndarray": NDARRAY,
    "numpy dtype": DTYPE,
    "_codecs encode": ENCODE,
}
"""The names in pickles of NumPy arrays; ``encode`` is for bytes in old pickles."""
ITEM_TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")


@dataclass(frozen=True)
class _Name:
    """A function or class that a pickle names; it is never imported."""

    kind: str


@dataclass
class _Array:
    """An array under construction; BUILD sets its value."""

    value: np.ndarray[Any, np.dtype[Any]] | None = None


@dataclass
class _Type:
    """A NumPy dtype, such as ``u1``, and its byte order, which BUILD sets."""

    name: str
    order: str = "="


_MARK = object()


def read_pickle(data: bytes) -> Any:
    """Return the value in a pickle.

    Byte strings of Python 2 become ``str`` (Latin-1), arrays become NumPy arrays.

    Raises:
        DataError: If the pickle is damaged, or needs other types than those above.

    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python only warns about invalid escapes in strings
            return _Machine().run(data)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, Warning) as error:
        raise DataError(f"the pickle is damaged: {error}") from error


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        push_argument = frozenset(_PUSH_ARGUMENT.split())
        for opcode, argument, _ in pickletools.genops(data):
            name = opcode.name
            if name == "STOP":
                return _finished(self.stack.pop())
            if name in push_argument:
                self.stack.append(argument)
            elif name in _ACTIONS:
                _ACTIONS[name](self, argument)
            else:
                raise DataError(
                    f"the pickle has the instruction {name}, which image data does not need",
                    hint="use the binary version of the dataset",
                )
        raise ValueError("it has no STOP instruction")

    def pop_to_mark(self) -> list[Any]:
        position = len(self.stack) - 1
        while self.stack[position] is not _MARK:
            position -= 1
            if position < 0:
                raise ValueError("a mark is missing")
        items = self.stack[position + 1 :]
        del self.stack[position:]
        return items

    def pop(self, count: int) -> tuple[Any, ...]:
        if len(self.stack) < count:
            raise ValueError("the stack is empty")
        items = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return items

    def push_name(self, argument: str) -> None:
        if argument not in KNOWN_NAMES:
            raise DataError(
                f"the pickle refers to {argument.replace(' ', '.')}, which was not run",
                expected="only lists, dictionaries, strings and arrays of integers",
                hint="do not trust this file; use the binary version of the dataset",
            )
        self.stack.append(_Name(KNOWN_NAMES[argument]))

    def push_name_from_stack(self, _: Any) -> None:
        module, name = self.pop(2)
        if not (isinstance(module, str) and isinstance(name, str)):
            raise ValueError("a name is not a string")  # noqa: TRY004 - of the file, not the call
        self.push_name(f"{module} {name}")

    def reduce(self, _: Any) -> None:
        function, arguments = self.pop(2)
        kind = function.kind
        if kind == ARRAY and isinstance(arguments[0], _Name) and arguments[0].kind == NDARRAY:
            self.stack.append(_Array())
        elif kind == DTYPE and arguments[0] in ITEM_TYPES:
            self.stack.append(_Type(arguments[0]))
        elif kind == ENCODE and arguments[1] == "latin1":
            self.stack.append(arguments[0].encode("latin-1"))
        else:
            # The arguments are not shown: they may be nested so deeply that repr() does not end.
            raise DataError(
                f"the pickle calls {kind} with unsupported arguments",
                expected="arrays of integers",
            )

    def build(self, _: Any) -> None:
        target, state = self.stack[-2], self.stack.pop()
        if isinstance(target, _Type):
            target.order = state[1]
        elif isinstance(target, _Array):
            target.value = _array(state)
        else:
            raise DataError("the pickle sets the state of an object that is not an array")

    def make_dict(self, _: Any) -> None:
        items = self.pop_to_mark()
        self.stack.append({})
        self._update(items)

    def set_items(self, _: Any) -> None:
        self._update(self.pop_to_mark())

    def set_item(self, _: Any) -> None:
        self._update(self.pop(2))

    def _update(self, items: Sequence[Any]) -> None:
        pairs = list(zip(items[::2], items[1::2], strict=True))
        known = all(isinstance(key, (str, bytes, int)) for key, _ in pairs)
        if not known or not isinstance(self.stack[-1], dict):
            raise ValueError("a dictionary was expected")
        self.stack[-1].update(pairs)

    def append(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise ValueError("a list was expected")  # noqa: TRY004 - of the file, not the call
        self.stack[-1].extend(items)


_PUSH_ARGUMENT = """
INT BININT BININT1 BININT2 LONG LONG1 LONG4 STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE
SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8
"""

_ACTIONS: dict[str, Callable[[_Machine, Any], Any]] = {
    "PROTO": lambda machine, _: None,  # noqa: ARG005 - nothing depends on the version
    "FRAME": lambda machine, _: None,  # noqa: ARG005
    "NONE": lambda machine, _: machine.stack.append(None),
    "NEWTRUE": lambda machine, _: machine.stack.append(True),
    "NEWFALSE": lambda machine, _: machine.stack.append(False),
    "MARK": lambda machine, _: machine.stack.append(_MARK),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(()),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.pop_to_mark())),
    "TUPLE1": lambda machine, _: machine.stack.append(machine.pop(1)),
    "TUPLE2": lambda machine, _: machine.stack.append(machine.pop(2)),
    "TUPLE3": lambda machine, _: machine.stack.append(machine.pop(3)),
    "LIST": lambda machine, _: machine.stack.append(machine.pop_to_mark()),
    "APPEND": lambda machine, _: machine.append(list(machine.pop(1))),
    "APPENDS": lambda machine, _: machine.append(machine.pop_to_mark()),
    "DICT": _Machine.make_dict,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "PUT": lambda machine, key: machine.memo.update({key: machine.stack[-1]}),
    "BINPUT": lambda machine, key: machine.memo.update({key: machine.stack[-1]}),
    "LONG_BINPUT": lambda machine, key: machine.memo.update({key: machine.stack[-1]}),
    "MEMOIZE": lambda machine, _: machine.memo.update({len(machine.memo): machine.stack[-1]}),
    "GET": lambda machine, key: machine.stack.append(machine.memo[key]),
    "BINGET": lambda machine, key: machine.stack.append(machine.memo[key]),
    "LONG_BINGET": lambda machine, key: machine.stack.append(machine.memo[key]),
    "GLOBAL": _Machine.push_name,
    "STACK_GLOBAL": _Machine.push_name_from_stack,
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
}


def _array(state: tuple[Any, ...]) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the array of NumPy's pickle state: version, shape, dtype, Fortran order, bytes."""
    _, shape, item, fortran_order, data = state
    raw = data.encode("latin-1") if isinstance(data, str) else data
    dtype = np.dtype(item.name).newbyteorder({"<": "<", ">": ">"}.get(item.order, "="))
    if not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError("an array has an invalid shape")
    if math.prod(shape) * dtype.itemsize != len(raw):
        raise ValueError(f"an array of shape {shape} has {len(raw)} bytes")
    return np.frombuffer(raw, dtype).reshape(shape, order="F" if fortran_order else "C")


def _finished(value: Any) -> Any:
    """Replace arrays under construction by their values, at the top and one level below.

    No deeper level is needed, and in a hostile pickle a full search might not end.
    """
    if isinstance(value, dict):
        return {key: _finished_array(item) for key, item in value.items()}
    return _finished_array(value)


def _finished_array(value: Any) -> Any:
    if isinstance(value, _Array):
        if value.value is None:
            raise ValueError("an array has no value")
        return value.value
    if isinstance(value, (_Name, _Type)):
        raise DataError("the pickle has a class where data was expected")
    return value
