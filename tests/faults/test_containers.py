"""Pictures that are not what they seem: in folders, zips and databases, none of them trusted."""

import os
import stat
import zipfile

import numpy as np
import pytest
from PIL import Image

from archives import write_database, write_zip
from gahb.data.containers import fingerprint, list_pictures
from gahb.data.decoding import decode
from gahb.data.pictures import MOST_PIXELS
from gahb.data.preprocess import prepare, read_folder
from gahb.data.sources import SOURCES
from gahb.errors import DataError
from pictures import colour, encoded


def only(folder) -> np.ndarray:
    """Return the one picture of a folder, as it is read."""
    (image,) = read_folder(folder, 8, channels=3)
    return image.transpose(1, 2, 0)


def test_transparent_pictures_are_on_white(tmp_path):
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:4] = [200, 100, 50, 255]
    pixels[4:, :4] = [200, 100, 50, 0]
    (tmp_path / "a.png").write_bytes(encoded(pixels))
    found = only(tmp_path)
    assert (found[:4] == [200, 100, 50]).all()
    assert (found[4:] == 255).all()


def test_pictures_are_turned_as_their_camera_was(tmp_path):
    pixels = colour(1, 8)[0]
    exif = Image.Exif()
    exif[274] = 6  # to be turned by 90 degrees, clockwise
    (tmp_path / "a.png").write_bytes(encoded(pixels, exif=exif))
    assert np.array_equal(only(tmp_path), np.rot90(pixels, -1))


def test_memory_is_bounded_by_pixels_not_by_pictures(tmp_path, monkeypatch):
    from gahb.data import decoding

    for index, pixels in enumerate(colour(7, 40)):
        (tmp_path / f"{index}.png").write_bytes(encoded(pixels))
    whole = read_folder(tmp_path, 8)
    monkeypatch.setattr(decoding, "GROUP_BYTES", 2 * 40 * 40 * 3)
    seen = []
    monkeypatch.setattr(
        "gahb.data.preprocess.prepare",
        lambda images, data: seen.append(len(images)) or prepare(images, data),
    )
    assert np.array_equal(read_folder(tmp_path, 8), whole)
    assert seen == [2, 2, 2, 1]


def test_of_two_entries_of_one_name_the_checked_one_is_read(tmp_path):
    first, second = colour(2, 8)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.png", encoded(first))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.png", encoded(second))
    assert np.array_equal(only(tmp_path / "x.zip"), first)


def forged(content: bytes, packing: int, claimed: int, path) -> None:
    """Write a zip whose only entry says that it inflates to ``claimed`` bytes."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a.png", content)
    whole = path.read_bytes()
    size = len(content).to_bytes(4, "little")
    assert whole.count(size) >= 2  # local header and directory
    path.write_bytes(whole.replace(size, claimed.to_bytes(4, "little")))


def test_an_entry_that_lies_about_its_size_inflates_no_further(tmp_path):
    import resource

    bomb = encoded(colour(1, 8)[0]) + bytes(400_000_000)
    forged(bomb, zipfile.ZIP_DEFLATED, 1000, tmp_path / "x.zip")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    listing = list_pictures(tmp_path / "x.zip")
    assert listing.count + sum(listing.skipped.values()) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB
    forged(bomb[:2_000_000], zipfile.ZIP_BZIP2, 1000, tmp_path / "y.zip")
    assert list_pictures(tmp_path / "y.zip").skipped == {"packed in a way that is not read": 1}


def test_a_cut_database_is_refused_before_it_is_mapped(tmp_path):
    write_database(tmp_path / "db", [encoded(pixels) for pixels in colour(200, 16)])
    path = tmp_path / "db/data.mdb"
    path.write_bytes(path.read_bytes()[:60_000])
    with pytest.raises(DataError, match=r"data\.mdb is truncated: 60,000 of"):
        list_pictures(tmp_path / "db")


@pytest.mark.parametrize("change", ["added", "removed", "another size"])
def test_a_fingerprint_tells_when_pictures_change(tmp_path, change):
    for index in range(3):
        (tmp_path / f"in/{index}").mkdir(parents=True)
        (tmp_path / f"in/{index}/a.png").write_bytes(bytes(100 + index))
    before = fingerprint(tmp_path / "in")
    os.utime(tmp_path / "in/1/a.png")
    assert fingerprint(tmp_path / "in") == before
    if change == "added":
        (tmp_path / "in/0/b.png").write_bytes(b"")
    elif change == "removed":
        (tmp_path / "in/2/a.png").unlink()
    else:
        (tmp_path / "in/0/a.png").write_bytes(bytes(7))
    assert fingerprint(tmp_path / "in") != before
    assert fingerprint(tmp_path / "nowhere") is None


def zip_entry(name: str, **attributes) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    for key, value in attributes.items():
        setattr(entry, key, value)
    return entry


def test_hostile_zip_is_read_without_harm(tmp_path):
    good, bomb = encoded(colour(1, 8)[0]), b"\0" * 30_000_000
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("good.png", good)
        archive.writestr("../outside.png", good)
        archive.writestr("/absolute.png", good)
        archive.writestr("a/../../outside.png", good)
        archive.writestr("c:\\windows.png", good)
        archive.writestr("__MACOSX/._good.png", good)
        archive.writestr("script.py", b"print()")
        archive.writestr("text.png", b"not a picture")
        archive.writestr("cut.png", good[:20])
        archive.writestr(zip_entry("bomb.png"), bomb)
        archive.writestr(zip_entry("link.png", external_attr=(stat.S_IFLNK | 0o777) << 16), "/etc")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("good.png", good)
    listing = list_pictures(tmp_path / "x.zip")
    assert listing.names == ["good.png"]
    assert listing.skipped == {
        "another type of file": 1,
        "damaged, or no picture": 2,
        "hidden": 1,
        "inflates beyond reason": 1,
        "link in a zip": 1,
        "name given twice": 1,
        "name leads elsewhere": 4,
    }
    assert sorted(os.listdir(tmp_path)) == ["x.zip"]


def test_encrypted_entries_are_left_out(tmp_path):
    write_zip(tmp_path / "x.zip", {"a.png": encoded(colour(1, 8)[0])})
    content = bytearray((tmp_path / "x.zip").read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the central directory
    (tmp_path / "x.zip").write_bytes(content)
    assert list_pictures(tmp_path / "x.zip").skipped == {"encrypted": 1}


def test_zips_of_windows_and_names_with_colons_are_read(tmp_path):
    pictures = colour(3, 8)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        names = ["cats\\1.png", "2024-01-01T10:22:00.png", "cats/0.png"]
        for name, pixels in zip(names, pictures, strict=True):
            entry = zipfile.ZipInfo("x")
            entry.filename, entry.create_system = name, 0
            archive.writestr(entry, encoded(pixels))
    listing = list_pictures(tmp_path / "x.zip")
    assert listing.names == ["2024-01-01T10:22:00.png", "cats/0.png", "cats/1.png"]
    assert listing.skipped == {}
    found = read_folder(tmp_path / "x.zip", 8, channels=3)
    assert np.array_equal(found, pictures[[1, 2, 0]].transpose(0, 3, 1, 2))


def test_names_that_differ_by_case_or_by_how_letters_are_made_are_different(tmp_path):
    names = [
        "A.png",
        "a.png",
        "\N{LATIN SMALL LETTER E WITH ACUTE}.png",
        "e\N{COMBINING ACUTE ACCENT}.png",
    ]
    pictures = colour(4, 8)
    write_zip(
        tmp_path / "x.zip", {name: encoded(p) for name, p in zip(names, pictures, strict=True)}
    )
    listing = list_pictures(tmp_path / "x.zip")
    assert listing.names == sorted(names)
    order = [names.index(name) for name in sorted(names)]
    found = read_folder(tmp_path / "x.zip", 8, channels=3)
    assert np.array_equal(found, pictures[order].transpose(0, 3, 1, 2))


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that announces a size and holds next to nothing."""
    content = encoded(colour(1, 1)[0])
    return content[:16] + width.to_bytes(4) + height.to_bytes(4) + content[24:]


def test_a_picture_that_inflates_is_left_out(tmp_path):
    side = int(MOST_PIXELS**0.5) + 1
    (tmp_path / "huge.png").write_bytes(png_header(side, side))
    assert list_pictures(tmp_path).count == 0
    with pytest.raises(DataError, match="huge"):
        decode(png_header(side, side), "huge.png", SOURCES["folder"])


@pytest.mark.parametrize("name", ["x.zip", "database"])
def test_damaged_archives_are_named(tmp_path, name):
    if name == "x.zip":
        write_zip(tmp_path / name, {"a.png": encoded(colour(1, 8)[0])})
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-40])
    else:
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.mdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(DataError, match=f"{name} is damaged") as caught:
        list_pictures(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_bad_picture_is_named(tmp_path):
    content = encoded(colour(1, 64)[0])
    with pytest.raises(DataError, match=r"a\.png cannot be read as a picture"):
        decode(content[:-200], "a.png", SOURCES["folder"])
    with pytest.raises(DataError, match=r"a\.png has 64x64 pixels, expected 218x178"):
        decode(content, "a.png", SOURCES["celeba"])
    with pytest.raises(DataError, match="is 8x9 after cropping, not square"):
        decode(encoded(colour(1, 8, 9)[0]), "a.png", SOURCES["ffhq"])
