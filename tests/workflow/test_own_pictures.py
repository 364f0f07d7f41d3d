"""Pictures of one's own through the workflow: each variant its folder, and changes are noticed."""

import numpy as np
import pytest
from PIL import Image

from repository import Repository

CONFIGURATION = (
    "experiment: pets\nsizes: [1, 4]\ntargets: [figure_1]\nsplit: {test: 5}\n"
    "data: {source: folder, directory: cats, pad: 0, size: 8}\n"
    "denoiser: {blocks: 1, width: 4}\n"
    "variants: {dogs: {data: {directory: dogs}, targets: [figure_1]}}\n"
)
RUN = ("--configfile", "pets.yaml")


def write(folder, count: int, low: int, high: int) -> None:
    stream = np.random.default_rng(low)
    folder.mkdir(exist_ok=True)
    for index in range(count):
        pixels = stream.integers(low, high, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Repository:
    repository = Repository.create(tmp_path_factory.mktemp("pets") / "run")
    (repository.path / "pets.yaml").write_text(CONFIGURATION)
    write(repository.path / "cats", 20, 0, 90)
    write(repository.path / "dogs", 30, 160, 250)
    files = [f"results/{name}/data/images.npy" for name in ("pets", "pets-dogs")]
    result = repository.snakemake(*files, *RUN)
    assert result.returncode == 0, result.stdout + result.stderr
    return repository


def images(repository: Repository, experiment: str) -> np.ndarray:
    return np.load(repository.path / f"results/{experiment}/data/images.npy")


def test_each_variant_has_its_own_pictures(prepared):
    cats, dogs = images(prepared, "pets"), images(prepared, "pets-dogs")
    assert (len(cats), len(dogs)) == (20, 30)
    assert cats.max() < 90 < 160 <= dogs.min()


def test_added_pictures_are_noticed_in_their_folder_only(prepared):
    wanted = [f"results/{name}/data/images.npy" for name in ("pets", "pets-dogs")]
    assert prepared.planned(*wanted, *RUN) == {}
    write(prepared.path / "cats", 21, 0, 90)
    assert prepared.planned(*wanted, *RUN) == {"fetch": 1, "prepare": 1}
    result = prepared.snakemake(*wanted, *RUN)
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(images(prepared, "pets")) == 21


def test_links_are_left_out_and_said_or_followed(prepared):
    write(prepared.path / "blobs", 22, 0, 90)
    (prepared.path / "linked").mkdir()
    for index in range(22):
        name = f"{index}.png"
        (prepared.path / "linked" / name).symlink_to(f"../blobs/{name}")
    wanted = "results/linked/data/images.npy"
    settings = ("experiment=linked", "variants={}")
    data = "data={{source: folder, directory: linked, follow: {}, pad: 0, size: 8}}"
    result = prepared.snakemake(wanted, *RUN, "--config", *settings, data.format("false"))
    assert result.returncode != 0
    line = "holds no pictures (22 left out: link (followed only if follow is true)): put there"
    assert line in result.stdout + result.stderr
    result = prepared.snakemake(wanted, *RUN, "--config", *settings, data.format("true"))
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(images(prepared, "linked")) == 22


def test_a_missing_folder_is_one_line(prepared):
    result = prepared.snakemake(
        "results/pets/data/images.npy", *RUN, "--config", "data={directory: nowhere}"
    )
    assert result.returncode != 0
    assert "nowhere does not exist: put there PNG" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
