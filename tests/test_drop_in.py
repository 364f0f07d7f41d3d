"""Pictures in folders, zips and databases: small files in each data set's exact format."""

import hashlib
import os
import stat
import tarfile
import zipfile
from dataclasses import replace
from io import BytesIO

import lmdb
import numpy as np
import pytest
from PIL import Image

from gahb.data.containers import MOST_PIXELS, find_container, list_pictures, picture_names
from gahb.data.decoding import CROPS, decode
from gahb.data.fetch import fetch
from gahb.data.preprocess import prepare, read_folder, write_images
from gahb.data.readers import CIFAR_FILES, read_blocks
from gahb.data.sources import SOURCES, Source, SourceFile
from gahb.errors import DataError
from gahb.sections import Data

STREAM = np.random.default_rng(0)


def colour(count: int, height: int, width: int | None = None) -> np.ndarray:
    return STREAM.integers(0, 256, (count, height, width or height, 3), dtype=np.uint8)


def encoded(pixels: np.ndarray, kind: str = "PNG", **options) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def decoded(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"))


def like(name: str, count: int, **changes) -> Source:
    """Return the entry of a data set, of so many images, without its publisher's archive."""
    return replace(SOURCES[name], count=count, archive=None, **changes)


def write_zip(path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def prepared(name: str, source: Source, place, tmp_path, monkeypatch, **data) -> np.ndarray:
    """Fetch and prepare as the workflow does."""
    monkeypatch.setitem(SOURCES, name, source)
    fetch(name, source, tmp_path / "fetched", str(place))
    settings = Data(source=name, pad=0, **data)
    write_images(tmp_path / "images.npy", settings, tmp_path / "fetched", 0)
    return np.load(tmp_path / "images.npy")


def test_celeba_is_cropped_as_in_the_paper(tmp_path, monkeypatch):
    pictures = [encoded(pixels, "JPEG") for pixels in colour(5, 218, 178)]
    members = {f"img_align_celeba/{i + 1:06d}.jpg": p for i, p in enumerate(pictures)}
    write_zip(tmp_path / "img_align_celeba.zip", dict(reversed(members.items())))
    place = tmp_path / "img_align_celeba.zip"
    found = prepared("celeba", like("celeba", 5), place, tmp_path, monkeypatch, size=80, channels=3)
    assert found.shape == (5, 3, 80, 80)
    for image, content in zip(found, pictures):
        kept = decoded(content)[29:-29, 9:-9]
        assert kept.shape == (160, 160, 3)
        # 160 to 80 pixels: each is the mean of 2x2; a half may be rounded either way.
        mean = kept.reshape(80, 2, 80, 2, 3).mean(axis=(1, 3)).transpose(2, 0, 1)
        assert np.abs(image - mean).max() <= 0.5 + 1e-9


def write_database(path, values: list[bytes]) -> None:
    with lmdb.open(str(path), map_size=2**26) as database, database.begin(write=True) as writing:
        for value in values:
            writing.put(hashlib.sha1(value).hexdigest().encode(), value)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lsun_is_read_by_key_from_its_top_left(tmp_path, monkeypatch, kind):
    pictures = [encoded(pixels, kind) for pixels in colour(4, 256, 300)]
    write_database(tmp_path / "bedroom_train_lmdb", pictures)
    settings = {"size": 256, "channels": 3, "count": 3}
    source = like("lsun-bedroom", 4)
    found = prepared("lsun-bedroom", source, tmp_path, tmp_path, monkeypatch, **settings)
    order = sorted(pictures, key=lambda value: hashlib.sha1(value).hexdigest())
    assert len(found) == 3, "only as many as data.count asks for"
    for image, content in zip(found, order):
        assert np.array_equal(image, decoded(content)[:256, :256].transpose(2, 0, 1))


def test_large_pngs_in_folders(tmp_path, monkeypatch):
    pictures = colour(2, 1024)
    for index, pixels in enumerate(pictures):
        (tmp_path / f"in/{index:02d}000").mkdir(parents=True)
        (tmp_path / f"in/{index:02d}000/{index}.png").write_bytes(encoded(pixels, compress_level=1))
    for name in ("celeba-hq", "ffhq"):
        source = like(name, 2)
        found = prepared(name, source, tmp_path / "in", tmp_path, monkeypatch, size=32, channels=3)
        mean = pictures.reshape(2, 32, 32, 32, 32, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2)
        assert np.abs(found - mean).max() <= 0.5 + 1e-9


def write_cifar(path, images: np.ndarray, names=CIFAR_FILES) -> None:
    """Write images as the archive of the binary version: label, then three planes."""
    with tarfile.open(path, "w:gz") as archive:
        for name, part in reversed(list(zip(names, np.array_split(images, len(names))))):
            planes = np.moveaxis(part, -1, 1).reshape(len(part), -1)
            labels = np.full((len(part), 1), 7, np.uint8)
            content = np.concatenate([labels, planes], axis=1).tobytes()
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
        archive.addfile(tarfile.TarInfo("cifar-10-batches-bin/readme.html"))


def cifar(path, count: int) -> Source:
    checksum = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    file = SourceFile(path.name, checksum, path.stat().st_size)
    return replace(SOURCES["cifar-10"], count=count, files=(file,), mirrors=())


def test_cifar_comes_back_pixel_by_pixel(tmp_path):
    images, path = colour(13, 32), tmp_path / "cifar-10-binary.tar.gz"
    write_cifar(path, images)
    fetch("cifar-10", cifar(path, 13), tmp_path / "out", str(tmp_path))
    found = np.concatenate(list(read_blocks(cifar(path, 13), tmp_path / "out")))
    assert np.array_equal(found, images)
    with pytest.raises(DataError, match="holds 13 images, expected 14"):
        list(read_blocks(cifar(path, 14), tmp_path / "out"))


def test_other_versions_of_cifar_are_not_read(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_cifar(path, colour(5, 32), names=["data_batch_1", "data_batch_2"])
    with pytest.raises(DataError, match="is it the binary version"):
        list(read_blocks(cifar(path, 5), tmp_path))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"tar\.gz is damaged"):
        list(read_blocks(cifar(path, 5), tmp_path))
    with pytest.raises(DataError, match=r"has no cifar-10-binary\.tar\.gz"):
        fetch("cifar-10", SOURCES["cifar-10"], tmp_path / "out", str(tmp_path / "out"))


def test_any_pictures_in_the_order_of_their_names(tmp_path):
    names = ["b/2.png", "a/1.PNG", "c.tif", "a/0.bmp", "z.webp", "wide.png"]
    images = [*colour(5, 8), colour(1, 8, 20)[0]]
    for name, image in zip(names, images):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        options = {"lossless": True} if name.endswith("webp") else {}
        Image.fromarray(image).save(tmp_path / "in" / name, **options)
    (tmp_path / "in/readme.txt").write_text("not a picture")
    found = read_folder(tmp_path / "in", 8, channels=3)
    images[-1] = images[-1][:, 6:14]
    expected = np.stack([images[index] for index in np.argsort(names)]).transpose(0, 3, 1, 2)
    assert np.array_equal(found, expected)
    members = {name: (tmp_path / "in" / name).read_bytes() for name in names}
    write_zip(tmp_path / "in.zip", members)
    assert np.array_equal(read_folder(tmp_path / "in.zip", 8, channels=3), expected)


def test_colour_is_kept_or_becomes_luminance():
    images = colour(3, 8)
    kept = prepare(images, Data(channels=3, pad=0, size=8))
    assert np.array_equal(kept, np.moveaxis(images, -1, 1))
    grey = prepare(images, Data(channels=1, pad=0, size=8))
    # ITU-R BT.709, as scikit-image; rounded to bytes.
    luminance = images @ np.array([0.2125, 0.7154, 0.0721])
    assert np.abs(grey[:, 0] - luminance).max() <= 0.5 + 1e-9


def test_bytes_do_not_depend_on_the_number_of_threads(tmp_path, monkeypatch):
    # More than one chunk, of two sizes.
    for index, pixels in enumerate([*colour(200, 12), *colour(100, 15)]):
        path = tmp_path / f"in/{(index * 7919) % 1000:04d}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(pixels))
    fetch("folder", SOURCES["folder"], tmp_path / "fetched", str(tmp_path / "in"))
    settings = Data(source="folder", pad=0, size=8, shuffle=True)
    for workers in (1, 2, 5):
        write_images(tmp_path / f"{workers}.npy", settings, tmp_path / "fetched", 3, workers)
    one, two, five = ((tmp_path / f"{workers}.npy").read_bytes() for workers in (1, 2, 5))
    assert one == two == five
    assert np.load(tmp_path / "1.npy").shape == (300, 1, 8, 8)


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
        "link": 1,
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


def test_folder_leaves_out_links_and_what_is_no_picture(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.png").write_bytes(encoded(colour(1, 8)[0]))
    (tmp_path / "in/link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "in/a.png").write_bytes(encoded(colour(1, 8)[0]))
    (tmp_path / "in/b.jpg").write_bytes(b"<html>")
    (tmp_path / "in/.hidden.png").write_bytes(encoded(colour(1, 8)[0]))
    listing = list_pictures(tmp_path / "in")
    assert listing.names == ["a.png"]
    assert listing.skipped == {"damaged, or no picture": 1, "hidden": 1, "link": 1}


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


def test_crops():
    pixels = np.arange(300 * 256 * 3).reshape(300, 256, 3)
    assert np.array_equal(CROPS["centre"](pixels), pixels[22:278])
    assert np.array_equal(CROPS["top left"](pixels), pixels[:256])
    assert CROPS["aligned face"](np.zeros((218, 178, 3))).shape == (160, 160, 3)


def test_where_the_pictures_are(tmp_path):
    (tmp_path / "db").mkdir()
    (tmp_path / "db/data.mdb").touch()
    assert find_container(tmp_path) == tmp_path / "db"
    write_zip(tmp_path / "faces.zip", {})
    with pytest.raises(DataError, match=r"holds db, faces\.zip: give the path of one"):
        find_container(tmp_path)
    assert find_container(tmp_path / "faces.zip") == tmp_path / "faces.zip"
    (tmp_path / "one.png").touch()
    assert find_container(tmp_path) == tmp_path
    assert find_container(tmp_path, "faces.zip") == tmp_path / "faces.zip"
    with pytest.raises(DataError, match="does not exist"):
        find_container(tmp_path / "nowhere")


def test_what_is_missing_or_wrong_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.delenv("GAHB_DATA", raising=False)
    celeba = SOURCES["celeba"]
    with pytest.raises(DataError, match=r"cannot be downloaded .* put there img_align_celeba"):
        fetch("celeba", celeba, tmp_path / "out")
    with pytest.raises(DataError, match="does not exist: put there img_align_celeba"):
        fetch("celeba", celeba, tmp_path / "out", str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no pictures: put there"):
        fetch("celeba", celeba, tmp_path / "out", str(tmp_path / "empty"))
    write_zip(tmp_path / "img_align_celeba.zip", {"000001.jpg": encoded(colour(1, 8)[0])})
    with pytest.raises(DataError, match="is not the original: its MD5 differs"):
        fetch("celeba", celeba, tmp_path / "out", str(tmp_path))
    with pytest.raises(DataError, match=r"holds 1 pictures .* celeba has 202,599"):
        fetch("celeba", replace(celeba, archive=None), tmp_path / "out", str(tmp_path))


def test_labels_come_along_if_they_are_the_publishers(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(colour(1, 8)[0]))
    (tmp_path / "who.txt").write_text("a.png 7\n")
    digest = hashlib.md5((tmp_path / "who.txt").read_bytes()).hexdigest()
    labels = SourceFile("who.txt", f"md5:{digest}")
    source = replace(like("folder", 1), labels=(labels,))
    fetch("folder", source, tmp_path / "out", str(tmp_path))
    assert (tmp_path / "out/who.txt").read_text() == "a.png 7\n"
    (tmp_path / "who.txt").write_text("a.png 8\n")
    with pytest.raises(DataError, match="MD5 differs"):
        fetch("folder", source, tmp_path / "again", str(tmp_path))


def test_the_environment_names_a_folder_of_folders(tmp_path, monkeypatch):
    (tmp_path / "afhq/train/cat").mkdir(parents=True)
    (tmp_path / "afhq/train/cat/a.png").write_bytes(encoded(colour(1, 512)[0]))
    monkeypatch.setenv("GAHB_DATA", str(tmp_path))
    fetch("afhq", like("afhq", 1), tmp_path / "out")
    listing = list_pictures(find_container(tmp_path / "afhq"))
    assert picture_names(listing) == ["train/cat/a.png"]
