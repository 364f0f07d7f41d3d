"""Decode, crop and resize pictures in parallel, in order, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import PurePosixPath
from threading import Condition
from typing import TypeVar

import numpy as np
from PIL import ImageFile

from gahb.data.colours import read_colours
from gahb.data.containers import Listing, open_container
from gahb.data.files import MOST_BYTES, Unusable
from gahb.data.headers import Header
from gahb.data.pictures import MOST_PIXELS, open_picture, read_whole
from gahb.data.source_record import Source
from gahb.errors import DataError

CHUNK = 128
"""Pictures that one thread decodes before it hands them on."""
GROUP_BYTES = 8 * 2**20
"""Decoded pixels that one thread holds, or one picture: averaging needs many times more."""

PIXEL_BYTES = 20
"""What a decoded pixel takes while it is averaged."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def centre_square(pixels: np.ndarray) -> np.ndarray:
    """Return the largest square around the centre of ``[height, width, 3]``."""
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    return pixels[top : top + side, left : left + side]


CROPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "whole": lambda pixels: pixels,
    # Kadkhodaie et al. take rows 29 to -29 and columns 9 to -9 of 218x178 pixels.
    "aligned face": lambda pixels: pixels[29:-29, 9:-9],
    # LSUN's shorter side is 256.
    "top left": lambda pixels: pixels[:256, :256],
    "centre": centre_square,
}
"""What is kept of a picture, by the name that `gahb.data.sources.Source` gives it."""


def decode(content: bytes, name: str, source: Source) -> np.ndarray:
    """Return the part of one encoded picture that is kept, uint8 ``[side, side, 3]``.

    Raises
    ------
    DataError
        If it cannot be decoded, or is not of the size that the data set has.
    """
    with _opened(content, name) as picture:
        return picture.kept(source)


@dataclass(frozen=True)
class _Opened:
    """A picture that is about to be decoded: its name, itself, its header and file."""

    name: str
    picture: ImageFile.ImageFile
    header: Header
    content: bytes

    @property
    def pixels(self) -> int:
        """How many pixels are held while it is decoded."""
        return max(self.picture.width * self.picture.height, self.header.pixels)

    def kept(self, source: Source) -> np.ndarray:
        """Return what `decode` does."""
        name, picture = self.name, self.picture
        expected = (source.width, source.height)
        if all(expected) and picture.size != expected:
            raise DataError(
                f"{name} has {picture.height}x{picture.width} pixels, expected "
                f"{source.height}x{source.width}"
            )
        with _named(name):
            kept = CROPS[source.crop](read_colours(picture, self.header, self.content))
        if kept.shape[0] != kept.shape[1]:
            raise DataError(f"{name} is {kept.shape[0]}x{kept.shape[1]} after cropping, not square")
        return kept


@contextmanager
def _opened(content: bytes, name: str) -> Iterator[_Opened]:
    with _named(name):
        header = read_whole(content)
        content = header.without_metadata(content)
        picture = open_picture(header, BytesIO(content))
    with picture:
        yield _Opened(name, picture, header, content)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Make a `DataError` that names a picture of whatever a bad file makes of its reader."""
    try:
        yield
    except Unusable as error:
        raise DataError(f"{name} cannot be used: {error}; convert it or take it out") from None
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{name} cannot be read as a picture ({reason}); replace it") from None


class Room:
    """What all threads together may hold of something.

    Parameters
    ----------
    total : int
        As much as one picture may ask for.
    free : int
        Up to so much each thread may hold besides, without asking.
    """

    def __init__(self, total: int, free: int) -> None:
        self.left, self.free = total, free
        self.total, self.changed = total, Condition()

    @contextmanager
    def holding(self, amount: int) -> Iterator[None]:
        """Wait until there is room for ``amount``, and keep it."""
        amount = min(amount, self.total) if amount > self.free else 0
        with self.changed:
            self.changed.wait_for(lambda: self.left >= amount)
            self.left -= amount
        try:
            yield
        finally:
            with self.changed:
                self.left += amount
                self.changed.notify_all()


def decoding_bytes(workers: int) -> int:
    """Return how much memory `decode_all` takes at most, with so many threads."""
    # All threads together have no more encoded pictures, and pixels, than that.
    return workers * PIXEL_BYTES * GROUP_BYTES + 2 * MOST_BYTES + PIXEL_BYTES * MOST_PIXELS


def decode_all(
    names: Sequence[str],
    listing: Listing,
    source: Source,
    prepare: Callable[[np.ndarray], np.ndarray],
    workers: int,
) -> Iterator[np.ndarray]:
    """Yield prepared pictures in the order of ``names``, at most `CHUNK` at a time.

    Memory: `decoding_bytes`, however many there are and whatever their headers say.

    Parameters
    ----------
    names : sequence of str
        Which pictures of the container.
    listing : Listing
        The container.
    source : Source
        Size and crop.
    prepare : callable
        From uint8 ``[image, side, side, 3]`` to as many prepared images.
    workers : int
        Threads; decoders work outside of the interpreter's lock. The result does not
        depend on it.
    """
    encoded = Room(MOST_BYTES, free=2**20)
    # Who has room for pixels waits for nothing else: nobody waits for ever.
    decoded = Room(MOST_PIXELS, free=GROUP_BYTES // 3)

    with open_container(listing.kind, listing.place) as container:

        def take(name: str, groups: _Groups) -> None:
            path = str(PurePosixPath(listing.place) / name)
            with _readable(path):
                size = container.size(name)
            with encoded.holding(size):
                with _readable(path):
                    content = container.read(name)
                with _opened(content, path) as picture, decoded.holding(picture.pixels):
                    groups.add(picture.kept(source), alone=picture.pixels > decoded.free)

        def work(chunk: Sequence[str]) -> np.ndarray:
            groups = _Groups(prepare)
            for name in chunk:
                take(name, groups)
            return groups.finished()

        chunks = [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]
        with ThreadPoolExecutor(workers) as pool:
            yield from _in_order(pool, work, chunks, 2 * workers)


@contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{path} cannot be read ({reason}); replace it") from None


class _Groups:
    """Decoded pictures, prepared in order, neighbours of one size together.

    Averaging over areas costs many times less for many images of one size. So many are
    together as `GROUP_BYTES` hold.
    """

    def __init__(self, prepare: Callable[[np.ndarray], np.ndarray]) -> None:
        self.prepare = prepare
        self.waiting: list[np.ndarray] = []
        self.ready: list[np.ndarray] = []

    def add(self, pixels: np.ndarray, alone: bool) -> None:
        """Take a picture; one that is to be ``alone`` has been prepared on return."""
        full = len(self.waiting) * pixels.nbytes >= GROUP_BYTES
        if self.waiting and (alone or full or self.waiting[0].shape != pixels.shape):
            self._prepare()
        # Without what a crop leaves out.
        self.waiting.append(pixels if alone else np.ascontiguousarray(pixels))
        if alone:
            self._prepare()

    def _prepare(self) -> None:
        one = len(self.waiting) == 1
        group = self.waiting[0][np.newaxis] if one else np.stack(self.waiting)
        self.ready.append(self.prepare(group))
        self.waiting = []

    def finished(self) -> np.ndarray:
        """Return all images."""
        if self.waiting:
            self._prepare()
        return np.concatenate(self.ready)


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Iterator[Result]:
    """Yield results in order with at most ``ahead`` items under way or waiting."""
    remaining = iter(items)
    waiting = deque(pool.submit(work, item) for item in islice(remaining, ahead))
    try:
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(work, item) for item in islice(remaining, 1))
    finally:
        for future in waiting:
            future.cancel()
