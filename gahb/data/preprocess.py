"""Read or draw images, bring them to the size of the experiment, describe what was done."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from skimage.color import rgb2gray
from skimage.transform import resize_local_mean
from tqdm import tqdm

from gahb.data.containers import LISTING, Listing, find_container, list_pictures, picture_names
from gahb.data.decoding import decode_all
from gahb.data.drawn.sets import draw_blocks
from gahb.data.readers import read_blocks
from gahb.data.shuffling import pixel_order, shuffle
from gahb.data.sources import SOURCES, image_count, is_drawn
from gahb.errors import ConfigError, DataError
from gahb.settings import DataSettings
from gahb.storage import atomic_path, read_json

BLOCK = 4096
BAND = 8 * 2**20
"""Bytes of an image beyond which it is averaged band by band; averaging needs many times more."""


def write_images(
    path: Path | str, data: DataSettings, folder: Path, seed: int, workers: int = 1
) -> None:
    """Write all images of an experiment, read from ``folder`` or drawn, as one ``.npy``.

    Memory is bounded whatever their number: they go to the file block by block.

    Parameters
    ----------
    path : Path or str
        ``[image, channel, size, size]``: uint8 if read, float32 in [0, 1] units if drawn.
    data : DataSettings
        Which images, and how they are prepared.
    folder : Path
        Original files, as `gahb.data.fetch.fetch` left them; not looked at if drawn.
    seed : int
        Root seed of drawn images and of the order of shuffled pixels.
    workers : int
        Threads that decode pictures. The result does not depend on it.
    """
    count, blocks = _blocks(data, folder, seed, workers)
    shape = (count, data.channels, data.size, data.size)
    kind = np.float32 if is_drawn(data) else np.uint8
    order = pixel_order(int(np.prod(shape[1:])), seed) if data.shuffle else None
    with atomic_path(path) as temporary, tqdm(total=count, desc="prepare", unit="") as bar:
        images = np.lib.format.open_memmap(temporary, mode="w+", dtype=kind, shape=shape)
        _take_space(temporary)
        start = 0
        for block in blocks:
            part = block[: count - start]
            images[start : start + len(part)] = part if order is None else shuffle(part, order)
            start += len(part)
            bar.update(len(part))
            if start == count:
                break
        images.flush()


def _take_space(path: Path) -> None:
    """Take the disk space of a file that is written through memory, where a full disk kills."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _blocks(
    data: DataSettings, folder: Path, seed: int, workers: int
) -> tuple[int, Iterator[np.ndarray]]:
    """Return how many images there are, and blocks of prepared ones that hold as many."""
    source = SOURCES[data.source]
    count = image_count(data)
    if is_drawn(data):
        assert count is not None
        return count, draw_blocks(data, count, seed)
    if source.reader != "pictures":
        assert count is not None
        return count, (prepare(block, data) for block in read_blocks(source, folder))
    listing = Listing(**read_json(folder / LISTING))
    names = picture_names(listing, data.count)
    return len(names), decode_all(names, listing, source, partial(prepare, data=data), workers)


def read_folder(path: Path | str, size: int, channels: int = 1, follow: bool = False) -> np.ndarray:
    """Return all pictures in a folder or a zip, prepared as ``data.source: folder`` is.

    What is left out is counted in the log, by reason.

    Parameters
    ----------
    path : Path or str
        A tree of PNG, JPEG, WebP, TIFF or BMP files, a zip of one, or an LMDB database.
    size : int
        Height and width after cropping to the central square and averaging over areas.
    channels : int
        1 for grey, 3 for colour.
    follow : bool
        Follow links in folders, rather than leave them out.

    Returns
    -------
    ndarray
        uint8 ``[image, channel, size, size]``, in the order of the sorted names.

    Raises
    ------
    ConfigError
        If there is no such size.
    DataError
        If there is no picture, or one cannot be decoded.

    Examples
    --------
    >>> import tempfile, numpy, gahb
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.fromarray(numpy.zeros((20, 30), numpy.uint8)).save(f"{folder}/a.png")
    ...     gahb.read_folder(folder, 8).shape
    (1, 1, 8, 8)
    """
    try:
        data = DataSettings.model_validate(
            {"source": "folder", "pad": 0, "size": size, "channels": channels}
        )
    except ValidationError:
        raise ConfigError(
            f"size must be 4 to 1024 pixels and channels 1 or 3, got {size} and {channels}"
        ) from None
    listing = list_pictures(find_container(Path(path), follow=follow), follow)
    if not listing.count:
        raise DataError(f"{path} holds no pictures{listing.left_out}")
    listing.report()
    prepared = partial(prepare, data=data)
    return np.concatenate(
        list(decode_all(picture_names(listing), listing, SOURCES["folder"], prepared, workers=1))
    )


def prepare(images: np.ndarray, data: DataSettings) -> np.ndarray:
    """Pad with black, then average over areas down (or up) to ``data.size`` pixels a side.

    Parameters
    ----------
    images : ndarray
        uint8 ``[image, height, width]``, grey, or ``[image, height, width, 3]``, colour;
        colour becomes grey (its luminance) if ``data.channels`` is 1.
    data : DataSettings
        ``pad`` and ``size`` in pixels, and ``channels``.

    Returns
    -------
    ndarray
        uint8 ``[image, channel, size, size]``.
    """
    prepared = np.empty((len(images), data.channels, data.size, data.size), np.uint8)
    average = _averaged if images[:1].nbytes <= BAND else _averaged_by_bands
    for start in range(0, len(images), BLOCK):
        block = images[start : start + BLOCK]
        for channel, plane in enumerate(average(block, data)):
            prepared[start : start + BLOCK, channel] = np.round(plane)
    return prepared


def _averaged(block: np.ndarray, data: DataSettings) -> list[np.ndarray]:
    """Return the channels of images padded and averaged, float64 ``[image, size, size]`` each."""
    margins = ((0, 0), (data.pad, data.pad), (data.pad, data.pad))
    return [
        _resized(np.pad(plane, margins), data.size, data.size)
        for plane in _planes(block, data.channels)
    ]


def _averaged_by_bands(block: np.ndarray, data: DataSettings) -> list[np.ndarray]:
    """Do as `_averaged` does, in little memory for large images: first along each row."""
    height = block.shape[1]
    step = max(1, BAND // block[:, 0].nbytes)
    sides, ends = ((0, 0), (0, 0), (data.pad, data.pad)), ((0, 0), (data.pad, data.pad), (0, 0))
    bands = []
    for top in range(0, height, step):
        planes = np.concatenate(_planes(block[:, top : top + step], data.channels))
        bands.append(_resized(np.pad(planes, sides), planes.shape[1], data.size))
    resized = _resized(np.pad(np.concatenate(bands, axis=1), ends), data.size, data.size)
    return np.split(resized, len(resized) // len(block))


def _planes(block: np.ndarray, channels: int) -> list[np.ndarray]:
    """Return the channels that are kept, each ``[image, height, width]``."""
    if block.ndim == 3:
        return [block]
    return [255 * rgb2gray(block)] if channels == 1 else list(np.moveaxis(block, -1, 0))


def _resized(planes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return ``[image, height, width]``, averaged over areas."""
    # The image index passes as a channel: it is kept, not averaged.
    return resize_local_mean(
        planes.astype(np.float64, copy=False), (height, width), preserve_range=True, channel_axis=0
    )


def image_hash(image: np.ndarray) -> str:
    """Return a 128-bit hash of one image's shape and pixels, in hexadecimal."""
    digest = hashlib.blake2b(repr(image.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()


def image_hashes(prepared: np.ndarray) -> list[str]:
    """Return the content hash of every image, in order."""
    return [image_hash(image) for image in prepared]


def manifest(prepared: np.ndarray, hashes: list[str], data: DataSettings) -> dict[str, Any]:
    """Describe prepared images: source, licence, preparation, and one hash of them all."""
    source = SOURCES[data.source]
    drawn = {"contour_alpha", "background_alpha", "regions"}
    done = data.model_dump(
        exclude={"source", "directory", "follow"} | (set() if is_drawn(data) else drawn)
    )
    return {
        "source": data.source,
        "title": source.title,
        "licence": source.licence,
        "citation": source.citation,
        "files": [asdict(file) for file in source.files],
        "crop": source.crop,
        "preparation": done,
        "shape": list(prepared.shape),
        "content": hashlib.sha256("".join(hashes).encode()).hexdigest(),
    }
