"""What a preset costs to train: ``python -m gahb.plan.cost workflow/presets/paper-celeba.yaml``.

Operations are counted by torch on the networks themselves, not timed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gahb.analysis.transition.architecture import BACKWARD, forward_operations
from gahb.errors import GahbError
from gahb.plan.experiments import load_families, share_images
from gahb.plan.figure_record import Networks, Part
from gahb.plan.figures import FIGURES, any_of_part
from gahb.plan.layers import DEFAULT, read_presets, single_presets
from gahb.settings import SUBSETS, Settings

SUSTAINED_TFLOPS = 50
"""Assumed of one GPU: a sixth of what an A100 peaks at in bf16. Measure yours and rescale."""


def trained_networks(name: str, family: Mapping[str, Settings]) -> int:
    """Return how many networks of an experiment are trained for the figures of its family.

    Figures on bases look at network A of the largest N only, that on restorations at both of
    it, all others at all of them.
    """
    chosen, main = family[name], next(iter(family.values()))
    if chosen.denoiser.weights:
        return 0
    needed = {FIGURES[target].networks for target in chosen.targets}
    if not (needed or main.targets):
        return 0
    joined = {
        FIGURES[target].networks
        for target in main.targets
        if FIGURES[target].shows and name in FIGURES[target].shown_in(family)
    }
    compared = any_of_part(main.targets, Part.GAUSSIAN) and share_images(chosen, main)
    if Networks.ALL in needed | joined or compared:
        return len(chosen.sizes) * len(SUBSETS) * chosen.repeats
    return len(SUBSETS) if Networks.LARGEST in needed else 1


def training_cost(settings: Settings, networks: int) -> dict[str, float]:
    """Return presentations, operations and GPU hours of training some networks."""
    presentations = networks * settings.training.presentations
    forward = forward_operations(settings.denoiser, settings.data.channels, settings.data.size)
    operations = (1 + BACKWARD) * forward * presentations
    return {
        "networks": networks,
        "presentations_million": presentations / 1e6,
        "eflop": operations / 1e18,
        "gpu_hours": operations / (SUSTAINED_TFLOPS * 1e12) / 3600,
    }


def cost_table(raw: Mapping[str, Any]) -> pd.DataFrame:
    """Return `training_cost` of every experiment of a configuration, and of all together."""
    rows = {
        name: training_cost(settings, trained_networks(name, family))
        for family in load_families(raw)
        for name, settings in family.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.loc["all"] = table.sum()
    return table


if __name__ == "__main__":
    root = Path(__file__).parents[2]
    try:
        named = [preset for path in sys.argv[1:] for preset in single_presets(path, root)]
        (base, *chosen) = read_presets([DEFAULT, *named], root)
        table = cost_table(base | {"presets": chosen})
    except GahbError as error:
        sys.exit(str(error))
    print(f"Training, at {SUSTAINED_TFLOPS} TFLOP/s:")
    print(table.to_string(float_format=lambda x: f"{x:,.1f}" if x >= 10 else f"{x:.2g}"))
