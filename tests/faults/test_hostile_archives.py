"""Files and archives that keep a reader waiting or fill its memory: one line, at once."""

import gzip
import os
import socket
import struct
import tarfile
import zipfile
from io import BytesIO

import numpy as np
import pytest

from archives import write_cifar, write_zip
from bounds import bounded
from gahb.data.containers import find_container, list_pictures
from gahb.data.decoding import decode_all
from gahb.data.fetch import fetch
from gahb.data.preprocess import read_folder
from gahb.data.readers import read_cifar, read_idx
from gahb.data.sources import SOURCES
from gahb.errors import DataError
from pictures import colour, encoded


def special(path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(path))
    else:
        path.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_no_file_is_left_out_and_counted(tmp_path, kind):
    special(tmp_path / "a.png", kind)
    (tmp_path / "b.png").write_bytes(encoded(colour(1, 8)[0]))
    with bounded():
        listing = list_pictures(tmp_path)
    assert (listing.names, listing.skipped) == (["b.png"], {"pipe, socket or device": 1})


@pytest.mark.parametrize("follow", [False, True])
def test_a_device_that_never_ends_is_not_read(tmp_path, follow):
    special(tmp_path / "a.png", "device")
    with bounded(), pytest.raises(DataError, match=r"holds no pictures \(1 left out: "):
        read_folder(tmp_path, 8, follow=follow)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_no_archive(tmp_path, kind):
    special(tmp_path / "x.zip", kind)
    with bounded(), pytest.raises(DataError, match=r"(x\.zip|zero) is a pipe, socket or dev"):
        fetch("folder", SOURCES["folder"], tmp_path / "out", str(tmp_path / "x.zip"))
    with bounded():
        assert find_container(tmp_path) == tmp_path
    (tmp_path / "db").mkdir()
    special(tmp_path / "db/data.mdb", kind)
    with bounded(), pytest.raises(DataError, match=r"db holds no pictures \(1 left out"):
        read_folder(tmp_path / "db", 8)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
@pytest.mark.parametrize("read", [read_idx, lambda path: list(read_cifar(path))])
def test_what_is_no_file_holds_no_arrays(tmp_path, kind, read):
    special(tmp_path / "x", kind)
    with bounded(), pytest.raises(DataError, match=r"x .*no file, but a folder, pipe, socket"):
        read(tmp_path / "x")


def test_a_file_that_became_a_pipe_keeps_nobody_waiting(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(colour(1, 8)[0]))
    listing = list_pictures(tmp_path)
    (tmp_path / "a.png").unlink()
    special(tmp_path / "a.png", "pipe")
    with bounded(), pytest.raises(DataError, match=r"a\.png cannot be read \(no file, but"):
        list(decode_all(listing.names, listing, SOURCES["folder"], lambda images: images, 1))


def sparse(path, size: int, end: bytes = b"") -> None:
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(0, os.SEEK_END)
        file.write(end)


def test_huge_files_of_nothing(tmp_path):
    for name in ("a.png", "b.bmp", "c.tif"):
        sparse(tmp_path / name, 40 * 2**30)
        with (tmp_path / name).open("r+b") as file:
            file.write(
                {"a.png": b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR", "b.bmp": b"BM"}.get(
                    name, b"II*\0"
                )
            )
    with bounded(), pytest.raises(DataError, match=r"3 left out: larger than 256 MiB"):
        read_folder(tmp_path, 8)
    sparse(tmp_path / "idx", 40 * 2**30)
    with bounded(), pytest.raises(DataError, match=r"idx cannot be read \(larger than 256 MiB\)"):
        read_idx(tmp_path / "idx")
    with bounded(), pytest.raises(DataError, match=r"idx is damaged"):
        list(read_cifar(tmp_path / "idx"))
    (tmp_path / "db").mkdir()
    sparse(tmp_path / "db/data.mdb", 40 * 2**30)
    with bounded(), pytest.raises(DataError, match="db is damaged"):
        read_folder(tmp_path / "db", 8)


def test_a_huge_archive_of_a_publisher_is_not_even_hashed(tmp_path):
    sparse(tmp_path / "img_align_celeba.zip", 2**42)
    with bounded(), pytest.raises(DataError, match="is not the original: it is far larger"):
        fetch("celeba", SOURCES["celeba"], tmp_path / "out", str(tmp_path))


@pytest.mark.parametrize("claimed", [0xFFFFFFF0, 39 * 2**30])
def test_a_huge_zip_of_nothing(tmp_path, claimed):
    size = 40 * 2**30
    if claimed < 2**32:
        end = struct.pack(
            "<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, claimed, size - claimed & 0xFFFFFFFF, 0
        )
    else:
        end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, claimed, size - claimed)
        end += struct.pack("<4sLQL", b"PK\6\7", 0, size, 1)
        end += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    sparse(tmp_path / "x.zip", size, end)
    with bounded(), pytest.raises(DataError, match=r"x\.zip is damaged \(its directory says that"):
        read_folder(tmp_path / "x.zip", 8)


def test_members_that_share_bytes_are_left_out(tmp_path):
    picture = encoded(colour(1, 8)[0])
    write_zip(tmp_path / "x.zip", {f"{index}.png": picture for index in range(9)})
    assert list_pictures(tmp_path / "x.zip").count == 9
    content = bytearray((tmp_path / "x.zip").read_bytes())
    at = content.index(b"PK\1\2")
    for index in range(9):
        place = at + index * (46 + 5) + 42
        content[place : place + 4] = bytes(4)  # all are where the first is
    (tmp_path / "x.zip").write_bytes(content)
    listing = list_pictures(tmp_path / "x.zip")
    assert (listing.names, listing.skipped) == (["0.png"], {"shares its bytes with another": 8})


def test_a_member_whose_bytes_hold_others_is_read_once(tmp_path):
    inner = BytesIO()
    pixels = colour(3, 8)
    with zipfile.ZipFile(inner, "w") as archive:
        for index in range(3):
            archive.writestr(f"{index}.png", encoded(pixels[index]))
    content = bytearray(inner.getvalue())
    at = content.index(b"PK\1\2")
    whole = at - 30 - 5
    content[at + 20 : at + 28] = struct.pack("<LL", whole, whole)  # the first says it has all
    (tmp_path / "x.zip").write_bytes(content)
    listing = list_pictures(tmp_path / "x.zip")
    assert listing.count <= 1
    assert listing.skipped["shares its bytes with another"] == 2


def tar_header(name: str, size: int | bytes, kind: bytes) -> bytes:
    header = bytearray(tarfile.TarInfo(name).tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = size if isinstance(size, bytes) else b"%011o\0" % size
    header[156:157] = kind
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


SIZE_OF_DIGITS = b"5011 size=" + b"9" * 5000 + b"\n"
MAP = b"\n".join([b"1"] * 3_000_000)


@pytest.mark.parametrize(
    ("before", "read"),
    [
        (tar_header("a", len(SIZE_OF_DIGITS), b"x") + padded(SIZE_OF_DIGITS), True),
        (tar_header("a", len(MAP), b"g") + padded(MAP), True),
        (tar_header("a", len(MAP), b"L") + padded(MAP), True),
        (tar_header("a", 8 * 2**30 - 1, b"x") + bytes(2**20), False),
        (tar_header("a", b"\x80" + b"\xff" * 11, b"x") + bytes(2**20), False),
        (tar_header("a", b"\xff" * 12, b"x") + bytes(2**20), False),
    ],
)
def test_headers_of_a_tar_that_say_more_are_not_read(tmp_path, before, read):
    path = tmp_path / "cifar-10-binary.tar.gz"
    images = colour(12, 32)
    write_cifar(path, images)
    path.write_bytes(gzip.compress(before + gzip.decompress(path.read_bytes()), 1))
    with bounded(mebibytes=100):
        if read:
            assert np.array_equal(np.concatenate(list(read_cifar(path))), images)
        else:
            with pytest.raises(DataError, match=r"tar\.gz is damaged"):
                list(read_cifar(path))


def test_a_tar_that_inflates_is_refused(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(tar_header("data_batch_1.bin", 2**30, b"0"))
        for _ in range(2**10):
            file.write(bytes(2**20))
    with bounded(mebibytes=100), pytest.raises(DataError, match="holds more than 256 MiB"):
        list(read_cifar(path))


def test_idx_of_absurd_dimensions(tmp_path):
    (tmp_path / "x").write_bytes(b"\0\0\x08\xff" + b"\xff" * 4 * 255)
    with pytest.raises(DataError, match="has 255 dimensions, images have at most 4"):
        read_idx(tmp_path / "x")
