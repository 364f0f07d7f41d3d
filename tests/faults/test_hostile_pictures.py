"""Pictures made to fill memory or to keep a reader waiting: one line, at once."""

import struct
import threading
import time
import tracemalloc
import zlib
from dataclasses import asdict
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bounds import bounded
from gahb.data import decoding, preprocess
from gahb.data.containers import LISTING, list_pictures
from gahb.data.decoding import decode_all
from gahb.data.preprocess import prepare, read_folder, write_images
from gahb.data.sources import SOURCES
from gahb.errors import DataError
from gahb.settings import DataSettings
from gahb.storage import write_json
from pictures import chunk, colour, encoded, kept, tiff, with_exif

DAMAGED = {"damaged, or no picture": 1}


ZEROS = zlib.compress(bytes(100_000_000), 9)


@pytest.mark.parametrize(
    "bomb",
    [
        chunk(b"zTXt", b"a\0\0" + ZEROS),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + ZEROS),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + ZEROS),
        chunk(b"iCCP", b"a\0\0" + ZEROS),
        *(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000))) * 100,),
    ],
)
def test_texts_and_profiles_are_not_unpacked(tmp_path, bomb):
    pixels = colour(1, 16)[0]
    plain = encoded(pixels)
    (tmp_path / "a.png").write_bytes(plain[:33] + bomb + plain[33:])
    (tmp_path / "b.png").write_bytes(plain[:-12] + bomb + plain[-12:])
    with bounded(mebibytes=50):
        found = read_folder(tmp_path, 16, channels=3)
    assert (found == pixels.transpose(2, 0, 1)).all()


def test_segments_of_a_jpeg_are_not_kept():
    plain = encoded(colour(1, 16)[0], "JPEG")
    content = plain
    for index in range(255):
        profile = b"ICC_PROFILE\0" + bytes([index + 1, 255]) + bytes(65000)
        content = with_exif(profile, content).replace(b"\xff\xe1", b"\xff\xe2", 1)
    with bounded(mebibytes=100):
        assert np.array_equal(kept(content), kept(plain))


def test_a_jpeg_that_goes_over_its_pixels_without_end_is_refused():
    file = BytesIO()
    Image.new("RGB", (2000, 2000)).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    last = content[content.rindex(b"\xff\xda") : -2]
    # Markers hide behind a segment that seems to hold the end of the picture.
    hidden = b"\xff\xfe\0\4\xff\xd9"
    with pytest.raises(DataError, match="cannot be used: a JPEG of too many scans"):
        kept(content[:-2] + hidden + 100 * last + b"\xff\xd9")
    assert kept(content[:-2] + hidden + last + b"\xff\xd9").shape == (2000, 2000, 3)
    # What follows the picture is not part of it: a film, say.
    assert kept(content + 200 * b"\xff\xda\0\2").shape == (2000, 2000, 3)


def retagged(content: bytes, changes: dict[int, tuple[int, int, int]], behind: bytes) -> bytes:
    """Return a little-endian TIFF with entries changed: tag to type, count and field."""
    (start,) = struct.unpack("<I", content[4:8])
    (count,) = struct.unpack("<H", content[start : start + 2])
    entries = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, number, field = struct.unpack("<HHII", content[at : at + 12])
        entries[tag] = kind, number, field
    entries |= changes
    body = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in sorted(entries.items()))
    whole = content + behind
    return (
        b"II*\0"
        + struct.pack("<I", len(whole))
        + whole[8:]
        + (struct.pack("<H", len(entries)) + body + bytes(4))
    )


def test_tiffs_of_absurd_parts_are_refused(tmp_path):
    plain = tiff(colour(1, 16)[0], photometric="rgb")
    many = bytes(4 * 3_000_000)
    strips = retagged(plain, {273: (4, 3_000_000, len(plain)), 278: (4, 1, 1)}, many)
    (tmp_path / "strips.tif").write_bytes(strips)
    tiles = tiff(colour(1, 16)[0], photometric="rgb", tile=(16, 16), compression="zlib")
    tile = retagged(tiles, {322: (4, 1, 16000), 323: (4, 1, 16000)}, b"")
    (tmp_path / "tile.tif").write_bytes(tile)
    circle = bytearray(plain)
    (start,) = struct.unpack("<I", plain[4:8])
    at = start + 2 + 12 * struct.unpack("<H", plain[start : start + 2])[0]
    circle[at : at + 4] = struct.pack("<I", start)
    (tmp_path / "circle.tif").write_bytes(circle)
    with bounded(mebibytes=100):
        listing = list_pictures(tmp_path)
    assert listing.names == ["circle.tif"]
    assert listing.skipped == {
        "a TIFF with more strips or tiles than pixels need": 1,
        "larger than 64 million pixels": 1,
    }


def test_room_for_a_webp_is_not_taken_before_its_size_is_known(tmp_path):
    file = BytesIO()
    frames = [Image.fromarray(pixels) for pixels in colour(2, 16)]
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    content = bytearray(file.getvalue())
    content[24:30] = (12_000).to_bytes(3, "little") * 2
    (tmp_path / "a.webp").write_bytes(content)
    with bounded(mebibytes=50), pytest.raises(DataError, match="larger than 64 million pixels"):
        read_folder(tmp_path, 8)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff" + bytes(3_000_000),
        b"\xff\xd8" + b"\xff\xe3\0\2" * 3_000_000,
        b"\x89PNG\r\n\x1a\n" + chunk(b"abCd", b"") * 1_000_000,
        b"\x89PNG\r\n\x1a\n" + 2000 * chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + ZEROS[:9000]),
        b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0\0\0\0\0\0\0" + b"ANMF\0\0\0\0" * 1_000_000,
    ],
)
def test_many_small_pieces_keep_nobody_busy(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with bounded(seconds=5):
        assert list_pictures(tmp_path).skipped == DAMAGED


def test_all_threads_together_hold_no_more_pixels_than_one_picture_may_have(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "MOST_PIXELS", 2 * 10**6)
    monkeypatch.setattr(decoding, "GROUP_BYTES", 3 * 10**4)
    sides = [1000, 50, 1400, 60, 700, 50, 1000, 1400, 700, 1000]
    for index, side in enumerate(sides):
        (tmp_path / f"{index}.png").write_bytes(encoded(np.full((side, side, 3), index, np.uint8)))
    listing = list_pictures(tmp_path)
    held, most, lock = 0, 0, threading.Lock()
    read = decoding.read_colours

    def watched(picture, header, content):
        nonlocal held, most
        pixels = picture.width * picture.height
        with lock:
            held += pixels
            most = max(most, held)
        time.sleep(0.05)
        with lock:
            held -= pixels
        return read(picture, header, content)

    monkeypatch.setattr(decoding, "read_colours", watched)
    monkeypatch.setattr(decoding, "CHUNK", 2)

    def shrunk(images):
        return images[:, ::10, ::10, 0].reshape(len(images), -1)[:, :1]

    names = [f"{index}.png" for index in range(len(sides))]
    with bounded():
        found = np.concatenate(list(decode_all(names, listing, SOURCES["folder"], shrunk, 4)))
    assert found[:, 0].tolist() == list(range(len(sides)))
    assert 1400**2 <= most <= 2 * 10**6 + 4 * 10**4


def test_an_error_in_a_thread_leaves_no_other_waiting(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "GROUP_BYTES", 3 * 10**3)
    monkeypatch.setattr(decoding, "MOST_PIXELS", 5 * 10**3)
    monkeypatch.setattr(decoding, "CHUNK", 1)
    for index, pixels in enumerate(colour(12, 60)):
        content = encoded(pixels)
        (tmp_path / f"{index:02d}.png").write_bytes(content[:-200] if index == 3 else content)
    listing = list_pictures(tmp_path)
    with bounded(), pytest.raises(DataError, match=r"03\.png cannot be read as a picture"):
        list(decode_all(listing.names, listing, SOURCES["folder"], lambda images: images, 4))


@pytest.mark.parametrize("channels", [1, 3])
def test_large_pictures_are_averaged_by_bands(monkeypatch, channels):
    images = colour(1, 300)
    data = DataSettings(source="folder", size=32, channels=channels, pad=0)
    padded = DataSettings(size=32, channels=channels, pad=2)
    whole = [preprocess._averaged(images, settings) for settings in (data, padded)]
    monkeypatch.setattr(preprocess, "BAND", 10_000)
    bands = [preprocess._averaged_by_bands(images, settings) for settings in (data, padded)]
    # Sums of float64 in another order.
    assert np.allclose(whole, bands, rtol=0, atol=1e-9)
    expected = np.round(whole[0]).swapaxes(0, 1)  # [channel, image] to [image, channel]
    assert np.abs(prepare(images, data) - expected).max() <= 1


def test_a_large_picture_takes_little_more_memory_than_its_pixels():
    images = np.zeros((1, 3000, 3000, 3), np.uint8)
    tracemalloc.start()
    prepare(images, DataSettings(source="folder", size=32, pad=0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 250 * 2**20  # some 20 times a band, whatever the picture


def test_small_files_of_many_pixels_fill_no_memory(tmp_path):
    """A picture of 64 million pixels in 600 bytes, several threads."""
    file = BytesIO()
    Image.new("RGB", (6000, 6000)).save(file, "JPEG", quality=5)
    content = file.getvalue()
    tiny = content[: content.index(b"\xff\xda") + 20] + b"\xff\xd9"
    assert len(tiny) < 1000
    for index in range(4):
        (tmp_path / f"{index}.jpg").write_bytes(tiny)
    write_json(tmp_path / LISTING, asdict(list_pictures(tmp_path)))
    # 36 million pixels at once, 20 bytes each: not four times as many.
    with bounded(seconds=120, mebibytes=800):
        write_images(
            tmp_path / "x.npy", DataSettings(source="folder", size=8), tmp_path, 0, workers=4
        )
    assert np.load(tmp_path / "x.npy").shape == (4, 1, 8, 8)
