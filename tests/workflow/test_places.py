"""Originals that are not here now: what was made of them stands."""

import shutil

import numpy as np
import pytest
from PIL import Image

from gahb.data import places
from gahb.data.containers import Fingerprint
from gahb.data.places import RECORD, as_parameter, pictures_of
from gahb.denoisers.registry import build, save
from gahb.settings import DataSettings, DenoiserSettings
from gahb.storage import write_json
from repository import Repository

PRESET = """
experiment: mine
sizes: [1, 4]
split: {test: 10}
targets: [figure_1]
data: {source: folder, directory: disk/pictures, size: 16}
denoiser: {blocks: 1, width: 4}
training: {presentations: 64, batch: 32}
evaluation: {images: 16, input_psnr_db: [0, 20]}
bootstrap: 100
runtime: {compile: false}
"""
MINE = ("--configfile", "mine.yaml")


def write_pictures(folder, count: int = 24) -> None:
    folder.mkdir(parents=True)
    for index in range(count):
        pixels = np.random.default_rng(index).integers(0, 256, (16, 16), np.uint8)
        Image.fromarray(pixels).save(folder / f"{index:02d}.png")


@pytest.fixture
def listed(tmp_path):
    """Return settings of pictures, their folder, and the folder of what was fetched of them."""
    write_pictures(tmp_path / "in", 3)
    data = DataSettings(source="folder", pad=0, directory=str(tmp_path / "in"))
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    found, line = pictures_of(data, None, fetched)
    assert found.content
    assert line is None
    write_json(fetched / RECORD, as_parameter(found))
    return data, tmp_path / "in", fetched


def test_pictures_that_changed_are_others(listed):
    data, folder, fetched = listed
    before, _ = pictures_of(data, None, fetched)
    (folder / "00.png").unlink()
    found, line = pictures_of(data, None, fetched)
    assert found != before
    assert line is None


def gone(folder, monkeypatch):
    folder.rename(folder.with_name("unplugged"))


def mount_point(folder, monkeypatch):
    gone(folder, monkeypatch)
    folder.mkdir()


def unreadable(folder, monkeypatch):
    def fails(place, follow):
        raise PermissionError(13, "Permission denied", str(place / "below"))

    monkeypatch.setattr(places, "fingerprint", fails)


def closed_below(folder, monkeypatch):
    """As root sees no folder closed: what is known of one that is."""
    known = places.fingerprint(folder)
    found = Fingerprint("other", known.closed + 1)
    monkeypatch.setattr(places, "fingerprint", lambda place, follow: found)


@pytest.mark.parametrize("vanish", [gone, mount_point, unreadable, closed_below])
def test_pictures_that_cannot_be_read_are_as_before(listed, monkeypatch, vanish):
    data, folder, fetched = listed
    before, _ = pictures_of(data, None, fetched)
    vanish(folder, monkeypatch)
    found, line = pictures_of(data, None, fetched)
    assert found == before
    assert line.startswith(str(folder))
    assert "as they were" in line
    # Where nothing was known before, nothing is said.
    nothing, line = pictures_of(data, None, fetched.parent)
    assert nothing.place == str(folder)
    assert nothing.content in (None, "other")
    assert line is None


def test_a_root_that_is_not_named_any_more_is_as_before(listed):
    data, folder, fetched = listed
    named = data.model_copy(update={"directory": None})
    folder.rename(folder.with_name("folder"))
    before, _ = pictures_of(named, str(folder.parent), fetched)
    write_json(fetched / RECORD, as_parameter(before))
    found, line = pictures_of(named, None, fetched)
    assert found == before
    assert "its place is not configured" in line


@pytest.mark.slow
def test_a_disk_unplugged_and_plugged_in_again_re_runs_nothing(tmp_path):
    repository = Repository.create(tmp_path / "run")
    (repository.path / "mine.yaml").write_text(PRESET)
    pictures = repository.path / "disk/pictures"
    write_pictures(pictures)
    result = repository.snakemake(*MINE)
    assert result.returncode == 0, result.stdout + result.stderr
    pictures.rename(repository.path / "unplugged")
    result = repository.snakemake(*MINE)
    output = result.stdout + result.stderr
    assert "Nothing to be done" in output
    assert output.count("pictures are taken to be as they were") == 1
    (repository.path / "unplugged").rename(pictures)
    assert repository.planned(*MINE) == {}
    # What has to read them says in one line that they are not there.
    shutil.rmtree(pictures)
    images = "results/mine/data/images.npy"
    (repository.path / images).unlink()
    result = repository.snakemake(images, *MINE)
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "[prepare] error: " in output
    assert "disk/pictures" in output
    assert "Traceback" not in output
    write_pictures(pictures)
    assert repository.snakemake(images, *MINE).returncode == 0
    assert repository.planned(*MINE) == {}


def test_weights_on_a_disk_that_is_not_here_were_taken(tmp_path):
    repository = Repository.create(tmp_path / "run")
    denoiser = DenoiserSettings(blocks=1, width=4)
    own = ("--config", "denoiser={blocks: 1, width: 4, weights: 'disk/{n}_{subset}.safetensors'}")
    (repository.path / "disk").mkdir()
    for name in ("1_A", "1_B", "4_A", "4_B"):
        description = {"denoiser": denoiser.model_dump(), "channels": 1}
        save(repository.path / f"disk/{name}.safetensors", build(denoiser, 0), description, {})
    (repository.path / "mine.yaml").write_text(
        PRESET.replace(
            "{source: folder, directory: disk/pictures, size: 16}", "{source: faces, pad: 0}"
        )
    )
    targets = [f"results/mine/evaluation/n{n}_r0.npz" for n in (1, 4)]
    result = repository.snakemake(*targets, *MINE, *own)
    assert result.returncode == 0, result.stdout + result.stderr
    for path in (repository.path / "disk").iterdir():
        path.touch()
    assert repository.planned(*targets, *MINE, *own) == {}
    (repository.path / "disk").rename(repository.path / "unplugged")
    assert repository.planned(*targets, *MINE, *own) == {}
    (repository.path / "results/mine/denoisers/n1_A_r0.safetensors").unlink()
    result = repository.snakemake("-n", *targets, *MINE, *own)
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "denoiser.weights: disk/1_A.safetensors does not exist" in output
    assert "Traceback" not in output
