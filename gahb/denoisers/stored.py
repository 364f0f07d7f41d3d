"""Tensors that are still in a file: what is known of them, and reading those that are wanted."""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gahb.errors import CheckpointError
from gahb.files import check_memory
from gahb.messages import quoted

BLOCK = 2**24
"""Bytes that are read at a time."""
SMALL = 2**26
"""Bytes that tensors may claim in any case, by views of fewer values."""
DEEPEST, MOST_STATES, LONGEST_NAME = 8, 1000, 300
"""Mappings inside of each other, mappings with tensors, characters of a name: hostile files have
more."""


@dataclass(frozen=True)
class Stored:
    """A tensor in a file, before it is read."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    storage: str

    @property
    def elements(self) -> int:
        """Return how many elements of its storage it reaches over."""
        if 0 in self.shape:
            return 0
        sides = zip(self.shape, self.stride, strict=True)
        return self.offset + 1 + sum((side - 1) * step for side, step in sides)


@dataclass(frozen=True)
class Strange:
    """What stands where a tensor could, and cannot be read: what it is."""

    what: str


@dataclass(frozen=True)
class Place:
    """Where the bytes of a storage are in a file, and their checksum if there is one."""

    start: int
    size: int
    checksum: int | None = None


Names = dict[str, Stored | Strange]


@dataclass
class TensorFile:
    """A file that has been looked into.

    Attributes
    ----------
    path : Path
        Of the file.
    content : Any
        What is in it: mappings, lists and numbers, with `Stored` and `Strange` in them.
    places : dict
        Where its storages are.
    """

    path: Path
    content: Any
    places: dict[str, Place] = field(default_factory=dict)

    @cached_property
    def states(self) -> dict[str, Names]:
        """Every mapping of names to tensors in the file, by the keys that lead to it.

        Below numbers, as optimisers have, is none.

        Raises
        ------
        CheckpointError
            If there are very many, or their names are very long.
        """
        states: dict[str, Names] = {}
        waiting: list[tuple[tuple[str, ...], Any]] = [((), self.content)]
        known = set()
        while waiting:
            place, box = waiting.pop()
            if not isinstance(box, dict | list | tuple) or id(box) in known:
                continue
            known.add(id(box))
            if not isinstance(box, dict):
                box = {str(index): value for index, value in enumerate(box[:16])}
            named = {key: value for key, value in box.items() if isinstance(key, str)}
            names = {key: named[key] for key in named if isinstance(named[key], Stored | Strange)}
            if names:
                states[".".join(place)] = names
            if len(states) > MOST_STATES or max(map(len, names), default=0) > LONGEST_NAME:
                raise CheckpointError(
                    f"{self.path} has more than {MOST_STATES:,} mappings with tensors, or a tensor "
                    f"with a name of more than {LONGEST_NAME} characters: no network of ours does"
                )
            if len(place) < DEEPEST:
                short = (key for key in named if len(key) <= LONGEST_NAME)
                waiting += [((*place, key), named[key]) for key in short]
        return states

    def read(self, wanted: Mapping[str, Stored]) -> dict[str, Tensor]:
        """Return tensors, on the CPU.

        Raises
        ------
        CheckpointError
            If the file holds less than a tensor claims, or is damaged, or larger than memory.
        """
        length = self.path.stat().st_size
        sizes, claimed = {}, 0
        for name, stored in wanted.items():
            place = self.places.get(stored.storage)
            claimed += math.prod(stored.shape) * stored.dtype.itemsize
            # Views of few values as many are allowed, as long as they stay small.
            if (
                place is None
                or stored.elements * stored.dtype.itemsize > place.size
                or claimed > max(4 * length, SMALL)
            ):
                raise CheckpointError(
                    f"{self.path}: {quoted(name)} holds fewer values than its shape {stored.shape} "
                    "says: get the file again"
                )
            sizes[stored.storage] = place.size
        ends = [self.places[key].start + self.places[key].size for key in sizes]
        if max(ends, default=0) > length or sum(sizes.values()) > length:
            raise CheckpointError(f"{self.path} is cut short: get it again")
        check_memory(self.path, length)
        with self.path.open("rb") as file:
            storages = {key: self._storage(file, key) for key in sizes}
        found = {}
        for name, stored in wanted.items():
            numbers = storages[stored.storage]
            numbers = numbers[: numbers.numel() // stored.dtype.itemsize * stored.dtype.itemsize]
            found[name] = numbers.view(stored.dtype).as_strided(
                stored.shape, stored.stride, stored.offset
            )
        return found

    def _storage(self, file: io.BufferedReader, key: str) -> Tensor:
        """Return the bytes of a storage."""
        place = self.places[key]
        numbers, checksum, done = torch.empty(place.size, dtype=torch.uint8), 0, 0
        into = numbers.numpy().data
        file.seek(place.start)
        while done < place.size:
            count = file.readinto(into[done : done + BLOCK])
            if not count:
                raise CheckpointError(f"{self.path} is cut short: get it again")
            if place.checksum is not None:
                checksum = zlib.crc32(into[done : done + count], checksum)
            done += count
        if place.checksum not in (None, checksum):
            raise CheckpointError(f"{self.path} is damaged (its checksum is wrong): get it again")
        return numbers
