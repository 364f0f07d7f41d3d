"""Decode, crop and resize pictures in parallel, in order, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from io import BytesIO
from itertools import islice
from pathlib import PurePosixPath
from threading import Lock
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps

from gahb.data.containers import (
    FORMATS,
    MOST_PIXELS,
    Container,
    Listing,
    open_container,
)
from gahb.data.sources import Source
from gahb.errors import DataError

CHUNK = 128
"""Pictures that one thread decodes before it hands them on."""
GROUP_BYTES = 8 * 2**20
"""Decoded pixels that one thread holds, or one picture: averaging needs many times more."""
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
"""Ways of storing a picture that have 8 bits a channel or fewer."""

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
            if picture.mode not in MODES:
                raise DataError(
                    f"{name} has more than 8 bits a channel ({picture.mode}); convert it to 8 bits"
                )
            pixels = np.asarray(_opaque(ImageOps.exif_transpose(picture)))
    except DataError:
        raise
    except Exception as error:  # whatever a damaged or hostile file makes of its reader
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{name} cannot be read as a picture ({reason}); replace it") from None
    kept = CROPS[source.crop](pixels)
    if kept.shape[0] != kept.shape[1]:
        raise DataError(f"{name} is {kept.shape[0]}x{kept.shape[1]} after cropping, not square")
    return kept


def _opaque(picture: Image.Image) -> Image.Image:
    """Return a picture in red, green and blue, on white where it is transparent."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def decode_all(
    names: Sequence[str],
    listing: Listing,
    source: Source,
    prepare: Callable[[np.ndarray], np.ndarray],
    workers: int,
) -> Iterator[np.ndarray]:
    """Yield prepared pictures in the order of ``names``, at most `CHUNK` at a time.

    Memory: some 20 times `GROUP_BYTES` for each thread, and 20 times the largest picture.

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
    one_at_a_time = Lock()

    def averaged(group: np.ndarray) -> np.ndarray:
        large = group.nbytes > 2 * GROUP_BYTES
        with one_at_a_time if large else nullcontext():
            return prepare(group)

    with open_container(listing.kind, listing.place) as container:

        def work(chunk: Sequence[str]) -> np.ndarray:
            pixels = (_read(container, name, listing.place, source) for name in chunk)
            return np.concatenate([averaged(np.stack(group)) for group in _groups(pixels)])

        chunks = [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]
        with ThreadPoolExecutor(workers) as pool:
            yield from _in_order(pool, work, chunks, 2 * workers)


def _read(container: Container, name: str, place: str, source: Source) -> np.ndarray:
    path = str(PurePosixPath(place) / name)
    try:
        content = container.read(name)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{path} cannot be read ({reason}); replace it") from None
    return decode(content, path, source)


def _groups(pictures: Iterable[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield neighbours of one size together, up to `GROUP_BYTES` of them.

    Averaging over areas costs many times less for many images of one size.
    """
    group: list[np.ndarray] = []
    for pixels in pictures:
        full = len(group) * pixels.nbytes >= GROUP_BYTES
        if group and (full or group[0].shape != pixels.shape):
            yield group
            group = []
        group.append(pixels)
    if group:
        yield group


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
