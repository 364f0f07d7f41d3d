"""Data sets that are put into a folder by hand, from small files in their exact formats."""

import numpy as np
import pytest
from PIL import Image

from gahb.data.fetch import fetch
from gahb.data.preprocess import prepare
from gahb.data.readers import read_blocks
from gahb.data.sources import SOURCES, Source
from gahb.errors import DataError
from gahb.sections import Data

STREAM = np.random.default_rng(0)


def colour(count: int, size: int) -> np.ndarray:
    return STREAM.integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def source(count: int, size: int, reader: str) -> Source:
    return Source("Test", "free", "none", count, size, size, reader, channels=3, drop_in="files")


def write_cifar(folder, images: np.ndarray) -> None:
    """Write images as the six files of the binary version: label, then three planes."""
    folder.mkdir()
    names = [*(f"data_batch_{part}.bin" for part in range(1, 6)), "test_batch.bin"]
    for name, part in zip(names, np.array_split(images, 6)):
        planes = np.moveaxis(part, -1, 1).reshape(len(part), -1)
        labels = np.full((len(part), 1), 7, np.uint8)
        (folder / name).write_bytes(np.concatenate([labels, planes], axis=1).tobytes())


def test_cifar_comes_back_pixel_by_pixel(tmp_path):
    images = colour(13, 32)
    write_cifar(tmp_path / "here", images)
    fetch("test", source(13, 32, "cifar"), tmp_path / "out", str(tmp_path / "here"))
    found = np.concatenate(list(read_blocks(source(13, 32, "cifar"), tmp_path / "out")))
    assert np.array_equal(found, images)


def test_pictures_come_in_the_order_of_their_names(tmp_path):
    images = colour(5, 8)
    names = ["b/2.png", "a/1.PNG", "c.tif", "a/0.bmp", "z.png"]
    for name, image in zip(names, images):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "in" / name)
    (tmp_path / "in/readme.txt").write_text("not a picture")
    fetch("test", source(5, 8, "pictures"), tmp_path / "out", str(tmp_path / "in"))
    found = list(read_blocks(source(5, 8, "pictures"), tmp_path / "out", block=2))
    assert [len(block) for block in found] == [2, 2, 1]
    order = np.argsort(names)
    assert np.array_equal(np.concatenate(found), images[order])


def test_colour_is_kept_or_becomes_luminance():
    images = colour(3, 8)
    kept = prepare(images, Data(channels=3, pad=0, size=8))
    assert np.array_equal(kept, np.moveaxis(images, -1, 1))
    grey = prepare(images, Data(channels=1, pad=0, size=8))
    # ITU-R BT.709, as scikit-image; rounded to bytes.
    luminance = images @ np.array([0.2125, 0.7154, 0.0721])
    assert np.abs(grey[:, 0] - luminance).max() <= 0.5 + 1e-9


def test_what_is_missing_or_wrong_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.delenv("GAHB_DATA", raising=False)
    cifar = SOURCES["cifar-10"]
    with pytest.raises(DataError, match=r"cifar-10 cannot be downloaded .* data_batch_1\.bin"):
        fetch("cifar-10", cifar, tmp_path / "out")
    with pytest.raises(DataError, match=r"has none of the files of cifar-10: put there"):
        fetch("cifar-10", cifar, tmp_path / "out", str(tmp_path / "nowhere"))
    write_cifar(tmp_path / "few", colour(12, 32))
    fetch("cifar-10", cifar, tmp_path / "out", str(tmp_path / "few"))
    with pytest.raises(DataError, match="holds 12 images, expected 60,000"):
        list(read_blocks(cifar, tmp_path / "out"))
    (tmp_path / "few/data_batch_2.bin").write_bytes(b"cut")
    with pytest.raises(DataError, match=r"data_batch_2\.bin is truncated"):
        list(read_blocks(cifar, tmp_path / "out"))


def test_a_bad_picture_is_named(tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(colour(1, 9)[0]).save(tmp_path / "in/a.png")
    fetch("test", source(1, 8, "pictures"), tmp_path / "out", str(tmp_path / "in"))
    with pytest.raises(DataError, match=r"a\.png has 9x9 pixels, expected 8x8"):
        list(read_blocks(source(1, 8, "pictures"), tmp_path / "out"))
    (tmp_path / "in/a.png").write_bytes(b"\x89PNG but not really")
    with pytest.raises(DataError, match=r"a\.png cannot be read as a picture"):
        list(read_blocks(source(1, 8, "pictures"), tmp_path / "out"))


def test_the_environment_names_a_folder_of_folders(tmp_path, monkeypatch):
    images = colour(12, 32)
    write_cifar(tmp_path / "cifar-10", images)
    monkeypatch.setenv("GAHB_DATA", str(tmp_path))
    fetch("cifar-10", source(12, 32, "cifar"), tmp_path / "out")
    found = np.concatenate(list(read_blocks(source(12, 32, "cifar"), tmp_path / "out")))
    assert np.array_equal(found, images)
