"""What a pickle would build, as a description: nothing in it is imported, called or run.

PyTorch's files are pickles. Its own reader calls only a few functions (``weights_only=True``),
but 400 bytes make it ask for gigabytes (``bytearray(10**12)``) and 700 bytes for years (the hash
of nested tuples). Here every instruction costs the same, and there may be so many.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

LARGEST_PICKLE = 2**24
"""Bytes; the description of a tensor takes about 200."""
MOST_INSTRUCTIONS = 2**20
"""Of one pickle; the description of a tensor takes about 25."""
LARGEST_NUMBER = 512
"""Bits; states of random generators have 128."""


class Refused(ValueError):
    """What a file says or asks for, and no file of a network does."""


@dataclass(frozen=True, eq=False)
class Named:
    """A class or a function, by its name; it is not looked for."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, eq=False)
class Called:
    """What a function or a class would return for some arguments; it is not called."""

    function: Any
    arguments: Any


@dataclass(frozen=True, eq=False)
class Outside:
    """What is kept outside of the pickle, by what it is called there."""

    identity: Any


def described(stream: BinaryIO) -> tuple[Any, list[Outside]]:
    """Return what the pickle at the position of a stream describes, and what it refers to.

    Mappings, lists, tuples, text, bytes and numbers are themselves; everything else is a
    `Named`, `Called` or `Outside`. Of a mapping only entries whose key is text or a whole number
    are kept; what objects are given after they are made (their state) is left out.

    Parameters
    ----------
    stream : BinaryIO
        It is read to the end of the pickle; its caller bounds its length.

    Raises
    ------
    Refused
        If it has too many instructions, or some that have no meaning.
    ValueError
        If it is no pickle.
    """
    machine = _Machine()
    for count, (operation, argument, _) in enumerate(pickletools.genops(stream)):
        if count == MOST_INSTRUCTIONS:
            raise Refused(f"it describes more than {count:,} things")
        try:
            machine.do(operation.name, argument)
        except (IndexError, KeyError, TypeError, AttributeError):
            raise Refused(f"{operation.name} comes where it has no meaning") from None
    return (machine.stack[-1] if machine.stack else None), machine.outside


CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
EMPTY: dict[str, type] = {
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
NOTHING = frozenset({"PROTO", "FRAME", "STOP"})
LARGEST_KEY = 2**31
"""Larger numbers as keys can be chosen so that all are looked for in one place."""


def _is_key(key: Any) -> bool:
    return isinstance(key, str) or (isinstance(key, int) and abs(key) < LARGEST_KEY)


class _Machine:
    """Stack and memory that the instructions of a pickle work on."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memory: dict[int, Any] = {}
        self.outside: list[Outside] = []

    def do(self, name: str, argument: Any) -> None:
        """Follow one instruction."""
        if name in NOTHING:
            return
        if name in CONSTANTS:
            self.stack.append(CONSTANTS[name])
        elif name in EMPTY:
            self.stack.append(EMPTY[name]())
        elif name in TUPLES:
            self.stack.append(tuple(self.pop() for _ in range(TUPLES[name]))[::-1])
        elif name in INSTRUCTIONS:
            INSTRUCTIONS[name](self, argument)
        elif isinstance(argument, int) and argument.bit_length() > LARGEST_NUMBER:
            raise Refused(f"it holds a number of {argument.bit_length():,} bits")
        elif argument is not None and name not in ("EXT1", "EXT2", "EXT4"):
            self.stack.append(argument)  # a number, text or bytes
        else:
            raise Refused(f"{name} is not among the instructions that PyTorch writes")

    def pop(self) -> Any:
        return self.stack.pop()

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def above_mark(self) -> list[Any]:
        """Return everything above the last mark, and take it and the mark away."""
        found, self.stack = self.stack, self.below.pop()
        return found

    def remember(self, index: int | None) -> None:
        self.memory[len(self.memory) if index is None else index] = self.stack[-1]

    def fill(self, values: list[Any]) -> None:
        """Put keys and values, in turns, into the mapping on top."""
        target = self.stack[-1]
        if isinstance(target, dict):
            pairs = zip(values[::2], values[1::2], strict=True)
            target.update((key, value) for key, value in pairs if _is_key(key))

    def extend(self, values: list[Any]) -> None:
        """Put values into the list on top."""
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(values)

    def call(self, arguments: Any, function: Any) -> None:
        """Put what a call returns on top: only an empty ordered mapping is really made."""
        ordered = isinstance(function, Named) and str(function) == "collections.OrderedDict"
        empty = ordered and isinstance(arguments, tuple) and not arguments
        self.stack.append({} if empty else Called(function, arguments))

    def call_with_keywords(self) -> None:
        _, arguments, function = self.pop(), self.pop(), self.pop()
        self.call(arguments, function)

    def make(self, values: list[Any]) -> None:
        """Put an object of the class that comes first on top."""
        self.call(tuple(values[1:]), values[0])

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def refer(self, identity: Any) -> None:
        self.push(Outside(identity))
        self.outside.append(self.stack[-1])

    def mapping(self, values: list[Any]) -> None:
        self.push({})
        self.fill(values)

    def name(self, name: Any, module: Any) -> None:
        if not (isinstance(name, str) and isinstance(module, str)):
            raise Refused("a name is not text")
        self.push(Named(module, name))


INSTRUCTIONS: dict[str, Callable[[_Machine, Any], Any]] = {
    "MARK": lambda machine, _: machine.mark(),
    "POP": lambda machine, _: machine.pop() if machine.stack else machine.above_mark(),
    "POP_MARK": lambda machine, _: machine.above_mark(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "PUT": lambda machine, index: machine.remember(index),
    "BINPUT": lambda machine, index: machine.remember(index),
    "LONG_BINPUT": lambda machine, index: machine.remember(index),
    "MEMOIZE": lambda machine, _: machine.remember(None),
    "GET": lambda machine, index: machine.push(machine.memory[index]),
    "BINGET": lambda machine, index: machine.push(machine.memory[index]),
    "LONG_BINGET": lambda machine, index: machine.push(machine.memory[index]),
    "LIST": lambda machine, _: machine.push(machine.above_mark()),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.above_mark())),
    "FROZENSET": lambda machine, _: machine.push(machine.above_mark()),
    "DICT": lambda machine, _: machine.mapping(machine.above_mark()),
    "SETITEM": lambda machine, _: machine.fill([machine.pop(), machine.pop()][::-1]),
    "SETITEMS": lambda machine, _: machine.fill(machine.above_mark()),
    "APPEND": lambda machine, _: machine.extend([machine.pop()]),
    "APPENDS": lambda machine, _: machine.extend(machine.above_mark()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.above_mark()),
    "GLOBAL": lambda machine, name: machine.name(*reversed(name.split(" ", 1))),
    "STACK_GLOBAL": lambda machine, _: machine.name(machine.pop(), machine.pop()),
    "REDUCE": lambda machine, _: machine.call(machine.pop(), machine.pop()),
    "NEWOBJ": lambda machine, _: machine.call(machine.pop(), machine.pop()),
    "NEWOBJ_EX": lambda machine, _: machine.call_with_keywords(),
    "OBJ": lambda machine, _: machine.make(machine.above_mark()),
    "INST": lambda machine, name: machine.make([Named(*name.split(" ", 1)), *machine.above_mark()]),
    "BUILD": lambda machine, _: machine.pop(),
    "PERSID": lambda machine, identity: machine.refer(identity),
    "BINPERSID": lambda machine, _: machine.refer(machine.pop()),
}
"""By their names in `pickletools`; others put their argument on the stack."""
