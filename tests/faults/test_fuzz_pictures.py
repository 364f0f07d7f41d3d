"""What Pillow decodes of altered files is decoded here too, pixel by pixel, and nothing breaks."""

import random
import warnings
from functools import cache
from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from damage import altered
from gahb.data.decoding import decode
from gahb.data.files import Unusable
from gahb.data.pictures import FORMATS, frames_of
from gahb.data.sources import SOURCES
from gahb.errors import DataError
from pictures import colour

SIDE = 24


def saved(kind: str, mode: str = "RGB", count: int = 1, **options) -> bytes:
    # Smooth, so that all decoders have something to pack.
    pictures = [
        Image.fromarray(pixels).resize((SIDE, SIDE)).convert(mode) for pixels in colour(count, 5)
    ]
    if count > 1:
        options |= {"save_all": True, "append_images": pictures[1:]}
    file = BytesIO()
    pictures[0].save(file, kind, **options)
    return file.getvalue()


@cache
def originals() -> dict[str, list[bytes]]:
    """Return files of all formats, with as much metadata as they may have."""
    exif, texts = Image.Exif(), PngInfo()
    exif[0x10F], exif[0x11A] = "Maker", 72.0
    texts.add_text("a", "b" * 50, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", "nothing", zip=True)
    extra = {"exif": exif, "icc_profile": b"x" * 300}
    deep = np.random.default_rng(0).integers(0, 65536, (SIDE, SIDE, 3)).astype(np.uint16)
    tiffs = [saved("TIFF", compression=name, **extra) for name in ("raw", "tiff_lzw", "jpeg")]
    for options in ({}, {"compression": "zlib", "tile": (16, 16)}, {"bigtiff": True}):
        file = BytesIO()
        tifffile.imwrite(file, deep, photometric="rgb", **options)
        tiffs.append(file.getvalue())
    return {
        "JPEG": [
            saved("JPEG", **extra, comment=b"hi"),
            saved("JPEG", progressive=True),
            saved("JPEG", "CMYK"),
            saved("MPO", count=3),
        ],
        "PNG": [
            saved("PNG", pnginfo=texts, **extra),
            saved("PNG", "P", transparency=3),
            saved("PNG", "RGBA"),
            saved("PNG", count=3),
        ],
        "WEBP": [
            saved("WEBP", **extra),
            saved("WEBP", "RGBA", lossless=True),
            saved("WEBP", count=3),
        ],
        "TIFF": [*tiffs, saved("TIFF", "1", compression="group4"), saved("TIFF", count=3)],
        "BMP": [saved("BMP"), saved("BMP", "P"), saved("BMP", "1")],
    }


def as_pillow_has_it(content: bytes) -> np.ndarray | None:
    """Return the pixels that Pillow decodes, metadata aside, on white; None if it does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > 2**20 or picture.width != picture.height:
                    return None
                picture.load()
                if picture.mode in ("I", "F", "LAB") or picture.mode.startswith("I;"):
                    return None
                if picture.has_transparency_data:
                    white = Image.new("RGBA", picture.size, "white")
                    picture = Image.alpha_composite(white, picture.convert("RGBA"))
                return np.asarray(picture.convert("RGB")).astype(int)
        except Exception:
            return None


def asked(read) -> tuple[object, str | None]:
    """Return what is read, and why it is refused; anything else that is raised is a failure."""
    try:
        return read(), None
    except (DataError, Unusable) as error:
        return None, str(error)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_what_pillow_decodes_is_decoded(kind):
    stream, compared = random.Random(0), 0
    for _ in range(400):
        content = altered(stream.choice(originals()[kind]), stream)
        expected = as_pillow_has_it(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, refusal = asked(
                lambda content=content: decode(content, "name", SOURCES["folder"])
            )
        if found is None:
            assert expected is None, refusal
            assert refusal.startswith("name ")
        else:
            assert frames_of(lambda content=content: BytesIO(content)) >= 1
        if expected is not None:
            compared += 1
            # An orientation that came about by chance; the upper byte alone is one less.
            turned = [turn(expected) for turn in TURNS]
            assert min(np.abs(found - one).max() for one in turned) <= 1
    assert compared > 50


TURNS = [
    lambda pixels, flip=flip, quarters=quarters: np.rot90(pixels[:, ::flip], quarters)
    for flip in (1, -1)
    for quarters in range(4)
]
ODD = [0, 1, 2, 255, 256, 4096, 0x7FFF, 16383, 65500, 0xFFFF, 2**24, 0x7FFFFFFF, 0xFFFFFFFF]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_odd_numbers_in_headers_fill_no_memory(kind):
    from bounds import bounded

    stream = random.Random(1)
    with bounded(seconds=60, mebibytes=400), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(300):
            content = bytearray(stream.choice(originals()[kind]))
            for _ in range(stream.choice([1, 2, 4])):
                width = stream.choice([1, 2, 4])
                number = stream.choice(ODD) % 256**width
                place = stream.randrange(min(len(content), 300))
                order = stream.choice(["little", "big"])
                content[place : place + width] = number.to_bytes(width, order)
            for read in (
                lambda content=content: frames_of(lambda: BytesIO(content)),
                lambda content=content: decode(bytes(content), "name", SOURCES["folder"]),
            ):
                assert "\n" not in (asked(read)[1] or "")
