"""Pictures as files come: any metadata, any number of bits, several in one file."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gahb.data.containers import list_pictures
from gahb.data.preprocess import read_folder
from gahb.errors import DataError
from pictures import chunk, colour, decoded, encoded, kept, tiff, with_exif

STREAM = np.random.default_rng(1)


def directory(*entries: tuple[int, int, int, bytes], behind: bytes = b"") -> bytes:
    """Return a block of EXIF with these tags, each with type, count and field."""
    body = b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries)
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    return head + body + struct.pack("<I", 0) + behind


TURNED = (0x112, 3, 1, struct.pack("<HH", 6, 0))
BEHIND = struct.pack("<I", 8 + 2 + 2 * 12 + 4)
ODD_EXIF = {
    "given twice": (b"Exif\0\0Exif\0\0" + directory(TURNED), 6),
    "random": (b"Exif\0\0" + b"\0\x08\0\2\1\x12\0\3" * 4, 1),
    "empty": (b"Exif\0\0", 1),
    "0/0": (b"Exif\0\0" + directory(TURNED, (0x11A, 5, 1, BEHIND), behind=bytes(8)), 6),
    "wrong types": (
        b"Exif\0\0" + directory(TURNED, (0x11A, 2, 3, b"ab\0\0"), (0x10F, 5, 1, BEHIND)),
        6,
    ),
    "cut": ((b"Exif\0\0" + directory(TURNED, (0x8769, 4, 1, struct.pack("<I", 9999))))[:-6], 6),
    "not an orientation": (b"Exif\0\0" + directory((0x112, 3, 1, bytes(4))), 1),
    "text": (b"Exif\0\0" + directory((0x112, 2, 2, b"6\0\0\0")), 1),
    "in a circle": (b"Exif\0\0" + directory(TURNED, (0x8769, 4, 1, struct.pack("<I", 8))), 6),
    "XMP": (b'http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation="6"/>', 6),
}


@pytest.mark.parametrize("kind", ODD_EXIF)
def test_orientation_is_read_whatever_else_the_metadata_has(kind):
    block, orientation = ODD_EXIF[kind]
    plain = encoded(colour(1, 16)[0], "JPEG")
    upright = np.rot90(decoded(plain), -1) if orientation == 6 else decoded(plain)
    assert np.array_equal(kept(with_exif(block, plain)), upright)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations(kind, orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(colour(1, 16)[0], kind, exif=exif, **options)
    with Image.open(BytesIO(content)) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    assert np.array_equal(kept(content), expected)


def test_orientations_behind_the_pixels_and_in_texts_of_png():
    pixels = colour(1, 16)[0]
    xmp, raw = PngInfo(), PngInfo()
    xmp.add_itxt("XML:com.adobe.xmp", "<tiff:Orientation>6</tiff:Orientation>", zip=True)
    digits = (b"Exif\0\0" + directory(TURNED)).hex()
    raw.add_text("Raw profile type exif", f"\nexif\n{len(digits) // 2:8}\n{digits}\n", zip=True)
    plain = encoded(pixels)
    late = plain[:-12] + chunk(b"eXIf", directory(TURNED)) + plain[-12:]
    for content in (encoded(pixels, pnginfo=xmp), encoded(pixels, pnginfo=raw), late):
        assert np.array_equal(kept(content), np.rot90(pixels, -1))


ODD_CHUNKS = [
    chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(3_000_000))),
    chunk(b"iCCP", b"name\0\7nothing"),
    chunk(b"zTXt", b"key\0\0" + zlib.compress(bytes(3_000_000))),
    chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + b"damaged"),
    chunk(b"tEXt", b"key\0text", check=7),
    chunk(b"eXIf", b"II"),
    chunk(b"acTL", b""),
    chunk(b"fcTL", bytes(26)),
    chunk(b"pHYs", b"\1"),
    chunk(b"gAMA", b""),
    chunk(b"sRGB", b""),
    chunk(b"cHRM", b"\0"),
]


@pytest.mark.parametrize("odd", ODD_CHUNKS)
@pytest.mark.parametrize("late", [False, True])
def test_no_chunk_of_metadata_keeps_a_png_from_being_read(tmp_path, odd, late):
    pixels = colour(1, 16)[0]
    plain = encoded(pixels)
    place = len(plain) - 12 if late else 33
    content = plain[:place] + odd + plain[place:]
    assert np.array_equal(kept(content), pixels)
    (tmp_path / "a.png").write_bytes(content)
    assert list_pictures(tmp_path).count == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_random_metadata_changes_no_pixel(kind):
    pixels = colour(1, 16)[0]
    options = {"lossless": True} if kind == "WEBP" else {}
    expected = kept(encoded(pixels, kind, **options))
    for length in (0, 1, 8, 40, 5000):
        noise = STREAM.bytes(length)
        exif = Image.Exif()
        exif[0x10F], exif[0x927C] = "x" * length, noise
        content = encoded(pixels, kind, exif=exif, icc_profile=noise, xmp=noise, **options)
        assert np.array_equal(kept(content), expected)


def png16(pixels: np.ndarray, *chunks: bytes) -> bytes:
    """Return a PNG of 16 bits a channel, which Pillow does not write in colour."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def to_bytes(values: np.ndarray) -> np.ndarray:
    """Return values of 16 bits as 8, rounded, in three channels."""
    return np.broadcast_to(np.round(values / 257), (*values.shape[:2], 3)).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_of_sixteen_bits_is_rounded_to_eight(channels):
    deep = STREAM.integers(0, 65536, (16, 16, channels))
    colours = deep[..., :-1] if channels in (2, 4) else deep
    opacity = deep[..., -1:] / 65535 if channels in (2, 4) else 1
    expected = to_bytes(colours * opacity + 65535 * (1 - opacity))
    found = kept(png16(deep))
    # A value on a half may be rounded either way.
    assert np.abs(found.astype(int) - expected).max() <= (channels in (2, 4))
    assert (found == expected).mean() > 0.99


@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
@pytest.mark.parametrize("packing", [{}, {"compression": "zlib"}, {"tile": (16, 16)}])
@pytest.mark.parametrize("photometric", ["minisblack", "rgb"])
def test_tiff_of_sixteen_bits_is_rounded_to_eight(order, big, packing, photometric):
    deep = STREAM.integers(0, 65536, (40, 40, 3 if photometric == "rgb" else 1)).astype(np.uint16)
    options = {"photometric": photometric, "byteorder": order, "bigtiff": big, **packing}
    found = kept(tiff(deep if photometric == "rgb" else deep[..., 0], **options))
    assert np.array_equal(found, to_bytes(deep))


def test_white_is_zero_where_a_tiff_says_so():
    deep = STREAM.integers(0, 65536, (16, 16)).astype(np.uint16)
    found = kept(tiff(deep, photometric="miniswhite"))
    assert np.array_equal(found, to_bytes(65535 - deep[..., None].astype(int)))


def test_one_colour_of_sixteen_bits_may_be_transparent():
    deep = np.full((8, 8, 3), 1000)
    deep[:4] = [300, 30000, 65535]
    found = kept(png16(deep, chunk(b"tRNS", struct.pack(">HHH", 300, 30000, 65535))))
    assert (found[:4] == 255).all()
    assert (found[4:] == round(1000 / 257)).all()
    found = kept(png16(deep[..., :1], chunk(b"tRNS", struct.pack(">H", 300))))
    assert (found[:4] == 255).all()
    assert (found[4:] == round(1000 / 257)).all()


def test_large_pictures_of_sixteen_bits_are_read_by_bands(monkeypatch):
    monkeypatch.setattr("gahb.data.colours.BAND", 40)
    deep = STREAM.integers(0, 65536, (16, 16, 3))
    assert np.array_equal(kept(png16(deep)), to_bytes(deep))
    assert np.array_equal(kept(png16(deep[..., :1])), to_bytes(deep[..., :1]))
    pixels = colour(1, 16)[0]
    assert np.array_equal(kept(encoded(pixels)), pixels)


UNREAD = {
    "32 bits": tiff(np.ones((8, 8), np.float32)),
    "whole numbers of 32 bits": tiff(np.ones((8, 8), np.int32)),
    "planes": tiff(np.ones((3, 8, 8), np.uint16), photometric="rgb", planarconfig="separate"),
}


@pytest.mark.parametrize("kind", ["32 bits", "whole numbers of 32 bits", "planes"])
def test_pixels_of_unknown_scale_are_refused_in_one_line(tmp_path, kind):
    (tmp_path / "b.tif").write_bytes(UNREAD[kind])
    with pytest.raises(DataError, match=r"b\.tif cannot be used: .*; convert it or take it out"):
        read_folder(tmp_path, 8)


def test_modes(tmp_path):
    pixels = Image.fromarray(colour(1, 16)[0])
    for mode, kind in [
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("P", "BMP"),
        ("1", "PNG"),
        ("LA", "PNG"),
    ]:
        file = BytesIO()
        pixels.convert(mode).save(file, kind)
        with Image.open(BytesIO(file.getvalue())) as picture:
            assert np.array_equal(kept(file.getvalue()), np.asarray(picture.convert("RGB")))
    for side in (1, 2):
        (tmp_path / f"{side}.png").write_bytes(encoded(np.full((side, side, 3), 7, np.uint8)))
    assert (read_folder(tmp_path, 8) == 7).all()


def several(kind: str, count: int = 5, **options) -> bytes:
    first, *others = (Image.fromarray(pixels) for pixels in colour(count, 16))
    file = BytesIO()
    first.save(file, kind, save_all=True, append_images=others, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("TIFF", {}), ("TIFF", {"big_tiff": True}), ("PNG", {}), ("WEBP", {}), ("MPO", {})],
)
def test_further_pages_and_frames_are_counted(tmp_path, kind, options):
    suffix = {"MPO": "jpg"}.get(kind, kind.lower())
    (tmp_path / f"a.{suffix}").write_bytes(content := several(kind, **options))
    listing = list_pictures(tmp_path)
    assert (listing.count, listing.skipped) == (1, {"further page or frame of a picture": 4})
    with Image.open(BytesIO(content)) as picture:
        assert np.array_equal(kept(content), np.asarray(picture.convert("RGB")))


def test_a_picture_beside_an_animation_is_the_one_that_is_read(tmp_path):
    (tmp_path / "a.png").write_bytes(content := several("PNG", default_image=True))
    # Four frames, none of which is the picture.
    assert list_pictures(tmp_path).skipped == {"further page or frame of a picture": 4}
    with Image.open(BytesIO(content)) as picture:
        assert np.array_equal(kept(content), np.asarray(picture.convert("RGB")))


def test_smaller_copies_in_a_tiff_are_not_counted(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(colour(1, 16)[0], photometric="rgb")
        file.write(colour(1, 8)[0], photometric="rgb", subfiletype=1)
    assert list_pictures(tmp_path).skipped == {}
