"""Pictures in folders, zips and databases: small files in each data set's exact format."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from archives import write_cifar, write_database, write_zip
from gahb.data.containers import (
    find_container,
    list_pictures,
    picture_names,
)
from gahb.data.decoding import CROPS
from gahb.data.fetch import fetch
from gahb.data.preprocess import prepare, read_folder, write_images
from gahb.data.readers import read_blocks
from gahb.data.source_record import Source, SourceFile
from gahb.data.sources import SOURCES
from gahb.errors import DataError
from gahb.settings import DataSettings
from pictures import colour, decoded, encoded


def like(name: str, count: int, **changes) -> Source:
    """Return the entry of a data set, of so many images, without its publisher's archive."""
    return replace(SOURCES[name], count=count, archive=None, **changes)


def prepared(name: str, source: Source, place, tmp_path, monkeypatch, **data) -> np.ndarray:
    """Fetch and prepare as the workflow does."""
    monkeypatch.setitem(SOURCES, name, source)
    fetch(name, source, tmp_path / "fetched", str(place))
    settings = DataSettings(source=name, pad=0, **data)
    write_images(tmp_path / "images.npy", settings, tmp_path / "fetched", 0)
    return np.load(tmp_path / "images.npy")


def test_celeba_is_cropped_as_in_the_paper(tmp_path, monkeypatch):
    pictures = [encoded(pixels, "JPEG") for pixels in colour(5, 218, 178)]
    members = {f"img_align_celeba/{i + 1:06d}.jpg": p for i, p in enumerate(pictures)}
    write_zip(tmp_path / "img_align_celeba.zip", dict(reversed(members.items())))
    place = tmp_path / "img_align_celeba.zip"
    found = prepared("celeba", like("celeba", 5), place, tmp_path, monkeypatch, size=80, channels=3)
    assert found.shape == (5, 3, 80, 80)
    for image, content in zip(found, pictures, strict=True):
        kept = decoded(content)[29:-29, 9:-9]
        assert kept.shape == (160, 160, 3)
        # 160 to 80 pixels: each is the mean of 2x2; a half may be rounded either way.
        mean = kept.reshape(80, 2, 80, 2, 3).mean(axis=(1, 3)).transpose(2, 0, 1)
        assert np.abs(image - mean).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lsun_is_read_by_key_from_its_top_left(tmp_path, monkeypatch, kind):
    pictures = [encoded(pixels, kind) for pixels in colour(4, 256, 300)]
    write_database(tmp_path / "bedroom_train_lmdb", pictures)
    settings = {"size": 256, "channels": 3, "count": 3}
    source = like("lsun-bedroom", 4)
    found = prepared("lsun-bedroom", source, tmp_path, tmp_path, monkeypatch, **settings)
    order = sorted(pictures, key=lambda value: hashlib.sha1(value).hexdigest())
    assert len(found) == 3, "only as many as data.count asks for"
    for image, content in zip(found, order[:3], strict=True):
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
    for name, image in zip(names, images, strict=True):
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
    kept = prepare(images, DataSettings(channels=3, pad=0, size=8))
    assert np.array_equal(kept, np.moveaxis(images, -1, 1))
    grey = prepare(images, DataSettings(channels=1, pad=0, size=8))
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
    settings = DataSettings(source="folder", pad=0, size=8, shuffle=True)
    for workers in (1, 2, 5):
        write_images(tmp_path / f"{workers}.npy", settings, tmp_path / "fetched", 3, workers)
    one, two, five = ((tmp_path / f"{workers}.npy").read_bytes() for workers in (1, 2, 5))
    assert one == two == five
    assert np.load(tmp_path / "1.npy").shape == (300, 1, 8, 8)


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
    with pytest.raises(DataError, match=r"holds 1 pictures, celeba has 202,599"):
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
