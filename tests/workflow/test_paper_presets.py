"""Paper presets, whole, in a tiny form: each on generated files in its data set's exact format."""

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path

import lmdb
import numpy as np
import pytest
import yaml
from PIL import Image

from archives import write_cifar
from repository import Repository

pytestmark = pytest.mark.slow

COUNT = 80
SIZES = [1, 4, 12, 16, 18, 20]


def shrunk(section: dict) -> dict:
    """Return what makes an experiment, or a variant's changes to it, tiny."""
    tiny: dict = {}
    if "sizes" in section:
        # A variant's own N are among those of the experiment.
        tiny["sizes"] = SIZES[: len(section["sizes"])]
    blocks = section.get("denoiser", {}).get("blocks", 3)
    if "size" in section.get("data", {}):
        divisor = 2**blocks
        tiny["data"] = {"size": max(8, section["data"]["size"] // 5 // divisor * divisor)}
    if section.get("data", {}).get("count"):
        tiny.setdefault("data", {})["count"] = COUNT
    if "width" in section.get("denoiser", {}):
        tiny["denoiser"] = {"width": 4}
    if "layers" in section.get("denoiser", {}):
        tiny.setdefault("denoiser", {})["layers"] = 4
    return tiny


def tiny(preset: dict) -> dict:
    """Return a configuration that keeps everything of a preset but its extent."""
    changes = shrunk(preset) | {
        "bootstrap": 100,
        "split": {"test": 40},
        "training": {"presentations": 256, "batch": 16, "schedule": "linear"},
        "evaluation": {"images": 8, "input_psnr_db": [0, 10, 20, 30]},
        "bases": {"images": 2, "modes": 16, "shown": 1},
        "conditional": {"images": 4, "samples": 2},
        "runtime": {"compile": False, "threads": 1},
    }
    changes["denoiser"] = {"width": 4, "layers": 4}
    sampling = {"samples": 6, "batch": 6, "max_steps": 500}
    if "levels" in preset.get("sampling", {}):
        sampling["levels"] = 4
    changes["sampling"] = sampling
    if "agreement" in preset:
        small = preset["sizes"].index(preset["agreement"]["small_n"])
        changes["agreement"] = {
            "small_n": SIZES[small],
            "images": 8,
            "levels": 3,
            "ridge": 0.01,
            "folds": 2,
            "jacobian_images": 1,
            "jacobian_modes": 8,
        }
        changes["training"]["snapshots"] = 2
    for name, variant in preset.get("variants", {}).items():
        found = shrunk(variant)
        if "agreement" in changes and "sizes" in found:
            found["sizes"] = [changes["agreement"]["small_n"]]
        changes.setdefault("variants", {})[name] = found
    return changes


def scenes(height: int, width: int, seed: int = 0) -> list[np.ndarray]:
    """Return different colour pictures, uint8 ``[height, width, 3]``, none near another."""
    stream = np.random.default_rng(seed)
    coarse = stream.integers(0, 256, (COUNT, 12, 12, 3), dtype=np.uint8)
    return [np.asarray(Image.fromarray(part).resize((width, height))) for part in coarse]


def encoded(pixels: np.ndarray, kind: str, **options) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def celeba(folder: Path, repository: Repository) -> None:
    path = folder / "img_align_celeba.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for index, pixels in enumerate(scenes(218, 178)):
            archive.writestr(f"img_align_celeba/{index + 1:06d}.jpg", encoded(pixels, "JPEG"))
    repository.edit("gahb/data/sources.py", "count=202_599", f"count={COUNT}")
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    repository.edit("gahb/data/sources.py", "00d2c5bc6d35e252742224ab0c1e8fcb", digest)


def celeba_hq(folder: Path, repository: Repository) -> None:
    for index, pixels in enumerate(scenes(1024, 1024)):
        part = folder / f"celeba-hq/{index // 20:02d}"
        part.mkdir(parents=True, exist_ok=True)
        (part / f"{index:05d}.png").write_bytes(encoded(pixels, "PNG", compress_level=1))
    repository.edit("gahb/data/sources.py", "count=30_000", f"count={COUNT}")


def lsun(folder: Path, repository: Repository) -> None:
    path = str(folder / "bedroom_train_lmdb")
    with lmdb.open(path, map_size=2**28) as database, database.begin(write=True) as writing:
        for pixels in scenes(256, 341):
            content = encoded(pixels, "WEBP")
            writing.put(hashlib.sha1(content).hexdigest().encode(), content)
    repository.edit("gahb/data/sources.py", '"bedrooms", 3_033_042', f'"bedrooms", {COUNT}')


def ffhq(folder: Path, repository: Repository) -> None:
    for index, pixels in enumerate(scenes(128, 128)):
        part = folder / f"thumbnails128x128/{1000 * (index // 40):05d}"
        part.mkdir(parents=True, exist_ok=True)
        (part / f"{index:05d}.png").write_bytes(encoded(pixels, "PNG"))
    title = 'title="FFHQ, 70,000 photographs of faces",'
    licence = '        licence="CC BY-NC-SA 4.0",'
    path = repository.path / "gahb/data/sources.py"
    before, after = path.read_text().split(title)
    assert licence in after
    path.write_text(before + title + after.replace("count=70_000", f"count={COUNT}", 1))


def cifar(folder: Path, repository: Repository) -> None:
    path = folder / "cifar-10-binary.tar.gz"
    write_cifar(path, np.stack(scenes(32, 32)))
    repository.edit("gahb/data/sources.py", "count=60_000", f"count={COUNT}")
    repository.edit("gahb/data/sources.py", "170_052_171", str(path.stat().st_size))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    published = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
    repository.edit("gahb/data/sources.py", published, digest)


WRITERS = {
    "paper-celeba": celeba,
    "paper-celebahq": celeba_hq,
    "paper-lsun": lsun,
    "paper-ffhq": ffhq,
    "paper-cifar10": cifar,
    "paper-calpha": None,
    "paper-manifolds": None,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_paper_preset_ends_with_every_figure_and_verdict(name, tmp_path):
    repository = Repository.create(tmp_path / "run")
    preset = yaml.safe_load((repository.path / f"workflow/presets/{name}.yaml").read_text())
    changes = tiny(preset)
    if writer := WRITERS[name]:
        (tmp_path / "originals").mkdir()
        writer(tmp_path / "originals", repository)
        changes.setdefault("data", {})["directory"] = str(tmp_path / "originals")
    (repository.path / "tiny.yaml").write_text(yaml.safe_dump(changes))
    configuration = ("--configfile", f"workflow/presets/{name}.yaml", "tiny.yaml")
    result = repository.snakemake(*configuration, timeout=1200)
    assert result.returncode == 0, result.stdout + result.stderr
    listed = {preset["experiment"]: preset["targets"]} | {
        f"{preset['experiment']}-{key}": variant.get("targets", [])
        for key, variant in preset.get("variants", {}).items()
    }
    for experiment, targets in listed.items():
        folder = repository.path / "results" / experiment
        for target in targets:
            assert (folder / f"figures/{target}.png").read_bytes().startswith(b"\x89PNG")
        assert not targets or (folder / "claims.md").read_text().startswith("# Claims")
    assert repository.planned(*configuration) == {}
