"""Decode, crop and resize pictures in parallel, in order, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import groupby, islice
from pathlib import PurePosixPath
from typing import TypeVar

import numpy as np
from PIL import Image

from gahb.data.containers import DAMAGE, FORMATS, MOST_PIXELS, Listing, open_container
from gahb.data.sources import Source
from gahb.errors import DataError

CHUNK = 128
"""Pictures decoded at a time by one process."""

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
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise DataError(f"{name} has more than {MOST_PIXELS:,} pixels; take it out")
            expected = (source.width, source.height)
            if all(expected) and picture.size != expected:
                raise DataError(
                    f"{name} has {picture.height}x{picture.width} pixels, expected "
                    f"{source.height}x{source.width}"
                )
            pixels = np.asarray(picture.convert("RGB"))
    except DAMAGE as error:
        raise DataError(f"{name} cannot be read as a picture ({error}); replace it") from None
    kept = CROPS[source.crop](pixels)
    if kept.shape[0] != kept.shape[1]:
        raise DataError(f"{name} is {kept.shape[0]}x{kept.shape[1]} after cropping, not square")
    return kept


def decode_all(
    names: Sequence[str],
    listing: Listing,
    source: Source,
    prepare: Callable[[np.ndarray], np.ndarray],
    workers: int,
) -> Iterator[np.ndarray]:
    """Yield prepared pictures in the order of ``names``, at most `CHUNK` at a time.

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
    with open_container(listing.kind, listing.place) as container:

        def work(chunk: Sequence[str]) -> np.ndarray:
            pixels = (
                decode(container.read(name), str(PurePosixPath(listing.place) / name), source)
                for name in chunk
            )
            # Averaging over areas costs many times less for many images of one size.
            alike = groupby(pixels, key=np.shape)
            return np.concatenate([prepare(np.stack(list(group))) for _, group in alike])

        chunks = [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]
        with ThreadPoolExecutor(workers) as pool:
            yield from _in_order(pool, work, chunks, 2 * workers)


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
