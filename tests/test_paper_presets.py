"""Paper presets, whole, in a tiny form: each on generated files in its data set's exact format."""

import pytest

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
        "training": {"presentations": 256, "batch": 16, "halvings": 2},
        "evaluation": {"images": 8, "input_psnr_db": [0, 10, 20, 30]},
        "bases": {"images": 2, "modes": 16, "shown": 1},
        "conditional": {"images": 4, "shown": 2, "factor": 2},
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
