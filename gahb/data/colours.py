"""From a decoder's picture to red, green and blue of 8 bits, upright, on white.

Pictures of 16 bits a channel are rounded to 8, not cut: Pillow keeps the upper byte only, so
that each is decoded twice, once for either byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image, ImageFile

from gahb.data.files import Unusable
from gahb.data.headers import Header
from gahb.data.pictures import open_picture

MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
"""Ways of storing a picture that have 8 bits a channel or fewer."""
BAND = 2**20
"""Pixels that are converted at a time."""
DEEP = re.compile(r";16[BLN]$")
"""How decoders call pixels of 16 bits a channel."""
PHOTOMETRIC, WHITE_IS_ZERO = 262, 0
PLANES, APART = 284, 2
BITS = 258

TURNS = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels),
}
"""What makes a picture upright, by the orientation of EXIF."""


def read_colours(picture: ImageFile.ImageFile, header: Header, content: bytes) -> np.ndarray:
    """Decode a picture.

    Parameters
    ----------
    picture : ImageFile
        Opened, not decoded yet.
    header : Header
        Its header.
    content : bytes
        The file that it was opened from, without metadata.

    Returns
    -------
    ndarray
        uint8 ``[height, width, 3]``, as the camera was held.

    Raises
    ------
    Unusable
        If its pixels are stored in a way that is not read.
    """
    packing = _packing(picture)
    if picture.mode.startswith("I;16"):
        bands = _deep_grey(picture, packing)
    elif DEEP.search(packing):
        bands = _deep_colour(picture, header, content, packing)
    elif picture.mode in MODES:
        bands = _plain(picture)
    else:
        raise Unusable(f"pixels of a kind that is not read ({picture.mode})")
    colours = np.empty((picture.height, picture.width, 3), np.uint8)
    for rows, band in bands:
        colours[rows] = band
    return TURNS[header.orientation](colours)


def _packing(picture: ImageFile.ImageFile) -> str:
    """Return how pixels lie in the file, in the decoder's words."""
    tags = getattr(picture, "tag_v2", {})
    if tags.get(PLANES) == APART and max(tags.get(BITS, (1,))) > 8:
        raise Unusable("a TIFF of more than 8 bits a channel whose channels lie apart")
    arguments = picture.tile[0].args if picture.tile else ""
    assert arguments is not None  # of decoders of other formats than are opened
    return arguments if isinstance(arguments, str) else str(arguments[0])


def _bands(*pictures: Image.Image) -> Iterator[tuple[slice, list[Image.Image]]]:
    """Yield rows and those parts of pictures of one size, so that no copy is as large as they."""
    width, height = pictures[0].size
    step = max(1, BAND // width)
    if step >= height:
        yield slice(0, height), list(pictures)
        return
    for top in range(0, height, step):
        bottom = min(height, top + step)
        yield slice(top, bottom), [picture.crop((0, top, width, bottom)) for picture in pictures]


def _plain(picture: Image.Image) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows and uint8 pixels of bands of a picture of up to 8 bits a channel."""
    picture.load()
    for rows, (band,) in _bands(picture):
        yield rows, np.asarray(_opaque(band))


def _opaque(picture: Image.Image) -> Image.Image:
    """Return a picture in red, green and blue, on white where it is transparent."""
    if picture.mode == "La":
        picture = picture.convert("LA")
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def _deep_grey(picture: Image.Image, packing: str) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows and uint8 pixels of bands of a grey picture of 12 or 16 bits."""
    picture.load()
    inverted = getattr(picture, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO
    transparent = picture.info.get("transparency")
    white = 4095 if packing == "I;12" else 65535
    for rows, (band,) in _bands(picture):
        grey = np.asarray(band).astype(np.uint16)[..., None]
        opacity = None if transparent is None else grey != transparent
        yield rows, _blended(white - grey if inverted else grey, opacity, white)


def _deep_colour(
    picture: Image.Image, header: Header, content: bytes, packing: str
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows and uint8 pixels of bands of a picture of 16 bits a channel."""
    halves = [_decoded(header, content, kind) for kind in _packings(packing)]
    for rows, bands in _bands(*halves):
        parts = [np.asarray(band).astype(np.uint16) for band in bands]
        if packing.startswith("LA"):
            deep = parts[0][..., ::2] * 256 + parts[0][..., 1::2]
        else:
            deep = parts[0] * 256 + parts[1]
        yield rows, _shallow(deep, packing, picture.info.get("transparency"))


def _packings(packing: str) -> list[str]:
    """Return how the pixels are to be said to lie for the upper byte, and for the lower."""
    if packing == "LA;16B":
        return ["RGBA"]  # grey's two bytes, then opacity's, as four channels of one
    upper = packing.replace("RGBa", "RGBA")
    other = {"B": "L", "L": "B", "N": "B" if np.little_endian else "L"}
    return [upper, upper[:-1] + other[upper[-1]]]


def _decoded(header: Header, content: bytes, packing: str) -> Image.Image:
    """Return the picture decoded as if its pixels lay in another way."""
    picture = open_picture(header, BytesIO(content))
    picture.tile = [
        tile._replace(
            args=packing if isinstance(tile.args, str) else (packing, *(tile.args or ())[1:])
        )
        for tile in picture.tile
    ]
    picture.load()
    return picture


def _shallow(deep: np.ndarray, packing: str, transparent: tuple[int, ...] | None) -> np.ndarray:
    """Return uint8 ``[row, column, 3]`` of uint16 pixels with any channels."""
    if packing.startswith("CMYK"):
        paper = 65535 - deep.astype(np.float64)
        return _rounded(paper[..., :3] * paper[..., 3:] / 65535, 65535)
    if packing.startswith("RGBa"):  # multiplied by its opacity already
        return _rounded(deep[..., :3] + (65535.0 - deep[..., 3:]), 65535)
    if packing.startswith(("RGBA", "LA")):
        return _blended(deep[..., :-1], deep[..., -1:] / 65535, 65535)
    colour = deep[..., :3]
    opacity = None if transparent is None else (colour != transparent).any(-1, keepdims=True)
    return _blended(colour, opacity, 65535)


def _blended(colour: np.ndarray, opacity: np.ndarray | None, white: int) -> np.ndarray:
    """Return pixels on white, where they are not opaque, as uint8."""
    if opacity is not None:
        colour = colour * opacity + white * (1.0 - opacity)
    return _rounded(colour, white)


def _rounded(values: np.ndarray, white: int) -> np.ndarray:
    """Return values up to ``white`` as uint8, rounded to the nearest."""
    return np.clip(np.round(values * (255 / white)), 0, 255).astype(np.uint8)
