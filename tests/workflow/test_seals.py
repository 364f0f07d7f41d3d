"""What one job wrote is what the next one reads, or a line says which file is not."""

import json
import os
import random
import re
import subprocess

import numpy as np
import pandas as pd
import pytest

from gahb.errors import DataError
from gahb.jobs.seals import check_seals, main, seal_of, sealed_by, write_seals
from repository import Repository

SMOKE = ("--configfile", "workflow/presets/smoke.yaml")


@pytest.fixture
def sealed(tmp_path):
    """Return a file and a folder of two files, and their seals."""
    (tmp_path / "one.npy").write_bytes(bytes(range(256)))
    (tmp_path / "several/inside").mkdir(parents=True)
    (tmp_path / "several/a.json").write_text("{}")
    (tmp_path / "several/inside/b").write_text("b")
    seals = [seal_of(tmp_path / name) for name in ("one.npy", "several")]
    write_seals(seals)
    return tmp_path, seals


def test_a_seal_is_what_sha256sum_reads(sealed):
    folder, seals = sealed
    assert [sealed_by(seal).name for seal in seals] == ["one.npy", "several"]
    for seal in seals:
        subprocess.run(["sha256sum", "--check", "--quiet", seal.name], cwd=folder, check=True)


def test_what_was_not_changed_passes(sealed):
    folder, seals = sealed
    (folder / "several/.snakemake_timestamp").touch()  # Snakemake's, after the job
    check_seals(seals)
    assert main([str(folder)]) == 0


def flip(folder):
    content = bytearray((folder / "one.npy").read_bytes())
    content[100] ^= 1
    (folder / "one.npy").write_bytes(content)


CHANGES = {
    "a flipped bit": flip,
    "cut": lambda folder: (folder / "one.npy").write_bytes(bytes(range(80))),
    "a file changed in a folder": lambda folder: (folder / "several/inside/b").write_text("c"),
    "a file more in a folder": lambda folder: (folder / "several/c").touch(),
    "a file less in a folder": lambda folder: (folder / "several/a.json").unlink(),
    "a seal that is no text": lambda folder: seal_of(folder / "one.npy").write_bytes(b"\xff\0"),
    "no seal": lambda folder: seal_of(folder / "several").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_named_with_what_makes_it_again(sealed, change):
    folder, seals = sealed
    CHANGES[change](folder)
    with pytest.raises(DataError, match=r"(one\.npy|several) .*snakemake --force .*(npy|several) "):
        check_seals(seals)


def test_looking_at_a_run_counts_what_is_damaged(sealed, capsys):
    folder, _ = sealed
    flip(folder)
    (folder / "several/c").touch()
    assert main([str(folder)]) == 2
    said = capsys.readouterr().out
    assert said.count("make it again") == 2
    assert said.endswith("2 results that later stages read, 2 of them damaged\n")


def test_where_nothing_is_sealed_nothing_was_looked_at(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().out.startswith("0 results")


def move_into_training(path):
    """Put a test image into half A."""
    split = json.loads(path.read_text())
    split["halves"]["A"][0] = split["test"][0]
    path.write_text(json.dumps(split))


def darken(path):
    images = np.load(path, mmap_mode="r+")
    images[5, 0, 3, 3] ^= 1
    images.flush()


DAMAGES = {
    "data/images.npy": (darken, "evaluation/n4_r0.npz"),
    "data/split.json": (move_into_training, "evaluation/n4_r0.npz"),
    "tables/psnr.csv": (
        lambda path: pd.read_csv(path)[:26].to_csv(path, index=False),
        "figures/figure_1.png",
    ),
    "evaluation/n4_r0.npz": (
        lambda path: np.savez(path, **{key: 2 * value for key, value in np.load(path).items()}),
        "tables/psnr.csv",
    ),
}


def read_damaged(repository, name: str, keep_time: bool) -> str:
    """Damage one result, run what reads it, return what was said."""
    damage, target = DAMAGES[name]
    results = repository.path / "results/smoke"
    path, whole = results / name, (results / name).read_bytes()
    stat = path.stat()
    (results / target).unlink()
    damage(path)
    assert path.read_bytes() != whole
    if keep_time:
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    result = repository.snakemake(f"results/smoke/{target}", *SMOKE)
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "Traceback" not in output
    assert f"results/smoke/{name} is not what was written" in output
    return output


@pytest.mark.parametrize(("name", "keep_time"), list(zip(DAMAGES, [True, False] * 2, strict=True)))
def test_damage_between_two_stages_is_not_read(finished, name, keep_time):
    """Of what is well formed: nothing but its hash tells."""
    read_damaged(finished, name, keep_time)


def test_what_is_said_to_make_it_again_does(finished):
    name = "tables/psnr.csv"
    whole = (finished.path / "results/smoke" / name).read_bytes()
    output = read_damaged(finished, name, keep_time=True)
    again = re.search(r"snakemake (--force \S+) and the same --configfile", output).group(1)
    assert finished.snakemake(*again.split(), *SMOKE).returncode == 0
    assert (finished.path / "results/smoke" / name).read_bytes() == whole
    result = finished.snakemake(f"results/smoke/{DAMAGES[name][1]}", *SMOKE)
    assert result.returncode == 0, result.stdout + result.stderr


def touch_at_random(folder) -> None:
    """Touch all files in an order that has nothing to do with how they were made."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    random.Random(0).shuffle(paths)
    for path in paths:
        path.touch()


def test_times_decide_nothing_at_any_size(finished):
    """Snakemake compares the content of small files only: here all but seals are too large."""
    touch_at_random(finished.path / "results")
    assert finished.planned(*SMOKE, "--max-checksum-file-size", "400") == {}


@pytest.mark.slow
def test_touching_all_of_a_set_of_200_000_images_re_runs_nothing(tmp_path):
    """Its split.json alone is of 2 MB, beyond what Snakemake compares."""
    repository = Repository.create(tmp_path / "run")
    (repository.path / "big.yaml").write_text(
        "experiment: big\n"
        "sizes: [1, 90000]\n"
        "split: {test: 100}\n"
        "targets: [figure_1]\n"
        "data: {source: sinusoids, size: 4, count: 200000}\n"
        "dedup: {threshold: 1.0}\n"
        "denoiser: {kind: bf-cnn, layers: 3, width: 2}\n"
        "training: {presentations: 64, batch: 32}\n"
        "evaluation: {images: 16, input_psnr_db: [0, 20]}\n"
        "bootstrap: 100\n"
        "runtime: {compile: false}\n"
    )
    result = repository.snakemake("--configfile", "big.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert (repository.path / "results/big/data/split.json").stat().st_size > 2e6
    touch_at_random(repository.path / "results")
    assert repository.planned("--configfile", "big.yaml") == {}
