"""LMDB databases as people make them: keys of all kinds, values that are no pictures."""

import lmdb
import numpy as np
import pytest

from archives import write_database
from gahb.data import databases
from gahb.data.containers import Listing, list_pictures, picture_names
from gahb.data.preprocess import read_folder
from gahb.errors import DataError
from pictures import colour, encoded


def write(path, values: dict[bytes, bytes], name: bytes | None = None) -> None:
    with lmdb.open(str(path), map_size=2**26, max_dbs=2) as database:
        inner = database.open_db(name) if name else None
        with database.begin(write=True, db=inner) as writing:
            for key, value in values.items():
                writing.put(key, value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_values_that_are_no_pictures_are_left_out(tmp_path, kind):
    pictures = {
        f"64-{index:05d}".encode(): encoded(p, kind) for index, p in enumerate(colour(9, 8))
    }
    write(tmp_path / "db", {**pictures, b"length": b"9", b"0": bytes(5000)})
    listing = list_pictures(tmp_path / "db")
    assert listing.names == sorted(key.decode() for key in pictures)
    assert (listing.count, listing.skipped) == (9, {"damaged, or no picture": 2})
    assert picture_names(listing, 3) == ["64-00000", "64-00001", "64-00002"]
    assert read_folder(tmp_path / "db", 8).shape == (9, 1, 8, 8)


def test_names_of_a_database_of_pictures_alone_are_not_kept(tmp_path):
    write_database(tmp_path / "db", [encoded(pixels) for pixels in colour(5, 8)])
    listing = list_pictures(tmp_path / "db")
    assert (listing.names, listing.count, listing.skipped) == (None, 5, {})
    assert len(picture_names(listing)) == 5


def test_a_database_of_the_published_size_is_taken_at_its_word(tmp_path, monkeypatch):
    write(tmp_path / "db", {b"a": b"1", b"b": b"2"})
    monkeypatch.setattr(databases.Database, "scan", None)
    assert list_pictures(tmp_path / "db", expected=2).count == 2
    monkeypatch.undo()
    assert list_pictures(tmp_path / "db", expected=3).count == 0


def test_odd_keys(tmp_path):
    pixels = colour(4, 8)
    keys = [b"\xff\xfe", b"a/b\\c:d", "字".encode(), b"new\nline"]
    write(
        tmp_path / "db",
        {key: encoded(p) for key, p in zip(keys, pixels, strict=True)} | {b"n": b"4"},
    )
    order = np.argsort(np.array([k.decode("utf-8", "surrogateescape") for k in keys], object))
    found = read_folder(tmp_path / "db", 8, channels=3)
    assert np.array_equal(found, pixels[order].transpose(0, 3, 1, 2))


def test_databases_inside_a_database_are_not_read(tmp_path):
    write(tmp_path / "db", {b"a": encoded(colour(1, 8)[0])}, name=b"inner")
    with pytest.raises(DataError, match=r"db holds no pictures \(1 left out: damaged, or no"):
        read_folder(tmp_path / "db", 8)
    write(tmp_path / "db", {b"a": encoded(colour(1, 8)[0])})
    assert read_folder(tmp_path / "db", 8).shape == (1, 1, 8, 8)


def test_a_database_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    write(tmp_path / "db", {b"a": encoded(colour(1, 8)[0])})

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(PermissionError, match=r"Permission denied: .*data\.mdb"):
        list_pictures(tmp_path / "db")


def test_a_key_that_is_gone_is_named(tmp_path):
    from gahb.data.decoding import decode_all
    from gahb.data.sources import SOURCES

    write(tmp_path / "db", {b"a": encoded(colour(1, 8)[0])})
    listing = Listing("lmdb", str(tmp_path / "db"), ["gone"], 1)
    with pytest.raises(DataError, match=r"db/gone cannot be read \(no such key\)"):
        list(decode_all(["gone"], listing, SOURCES["folder"], lambda images: images, 1))
