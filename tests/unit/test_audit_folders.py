"""An audit of folders: pictures are called by the names of their files."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from gahb.data.names import folder_names
from gahb.data.preprocess import read_folder
from gahb.errors import DataError
from planted import asked, generaliser, memoriser


@pytest.fixture
def folders(tmp_path, faces):
    """Return a folder of 60 faces and one of 40 others, in two sub-folders each."""
    parts = {"training": faces[:60], "held": faces[60:]}
    for name, images in parts.items():
        for number, image in enumerate(images):
            folder = tmp_path / name / ("b" if number % 2 else "a")
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image[0]).save(folder / f"{number:02d}.png")
    return tmp_path / "training", tmp_path / "held"


def read(*folders):
    names = [folder_names(folder) for folder in folders]
    return [read_folder(folder, 16) for folder in folders], {
        "training_names": names[0],
        "held_out_names": names[1],
    }


def test_names_come_in_the_order_of_the_pictures(folders, faces, tmp_path):
    training, _ = folders
    (training / "notes.txt").write_text("no picture")
    names = folder_names(training)
    assert names[:2] == ["a/00.png", "a/02.png"]
    images = read_folder(training, 16)
    assert len(names) == len(images) == 60
    for name, image in zip(names, images, strict=False):
        assert (image == faces[int(name[2:4])]).all()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted(training.rglob("*.png"), reverse=True):
            archive.write(path, path.relative_to(training).as_posix())
    assert folder_names(tmp_path / "all.zip") == names
    with pytest.raises(DataError, match="does not exist"):
        folder_names(tmp_path / "gone")


def test_a_training_picture_saved_again_among_the_held_out_ones_is_named(folders, faces):
    training, held_out = folders
    Image.fromarray(faces[5, 0]).save(held_out / "saved again.jpg", quality=85)
    Image.fromarray(faces[8, 0, :, ::-1]).save(held_out / "mirrored.png")
    images, names = read(training, held_out)
    found = asked(generaliser(faces), *images, **names)
    assert found.leaks == [("mirrored.png", "a/08.png"), ("saved again.jpg", "b/05.png")]
    assert any("mirrored.png (a/08.png), saved again.jpg (b/05.png)" in f for f in found.findings)
    assert found.kind != "memorises"
    assert asked(memoriser(images[0]), *images, **names).kind == "memorises"


def test_the_same_file_in_both_folders_is_refused_by_name(folders, faces):
    training, held_out = folders
    Image.fromarray(faces[5, 0]).save(held_out / "b" / "other name.png")
    images, names = read(training, held_out)
    with pytest.raises(DataError, match=r"1 of 41 .* b/other name.png \(b/05.png\); take them out"):
        asked(generaliser(faces), *images, **names)
    assert np.array_equal(images[0].shape, (60, 1, 16, 16))
