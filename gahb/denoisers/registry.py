"""Build, save and load denoisers by the kind they have in the configuration."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from gahb.config import SUBSETS, Denoiser
from gahb.denoisers.kinds import KINDS
from gahb.errors import CheckpointError
from gahb.storage import read_checkpoint, write_checkpoint


def build(denoiser: Denoiser, seed: int) -> nn.Module:
    """Return a freshly initialised denoiser; the same seed gives the same parameters."""
    module, name = KINDS[denoiser.kind]
    arguments = denoiser.model_dump(exclude={"kind"})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return getattr(importlib.import_module(module), name)(**arguments)


def save(path: Path | str, network: nn.Module, description: dict[str, Any]) -> None:
    """Write a trained denoiser; ``description["denoiser"]`` must hold its configuration."""
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    write_checkpoint(path, state, description)


def load_pair(
    paths: Sequence[Path | str], denoiser: Denoiser, device: torch.device | str
) -> dict[str, nn.Module]:
    """Load networks A and B, in this order, see `load`."""
    return {subset: load(path, denoiser, device) for subset, path in zip(SUBSETS, paths)}


def load(path: Path | str, denoiser: Denoiser, device: torch.device | str = "cpu") -> nn.Module:
    """Return the trained denoiser of ``path``, in evaluation mode, on ``device``.

    Raises
    ------
    CheckpointError
        If the file is damaged or was trained under another ``denoiser`` configuration.
    """
    state, description = read_checkpoint(path)
    expected, found = denoiser.model_dump(), description.get("denoiser")
    if found != expected:
        raise CheckpointError(
            f"{path} holds the denoiser {found}, the configuration asks for {expected}; "
            "delete the file to train again, or change the configuration back"
        )
    network = build(denoiser, seed=0)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise CheckpointError(f"{path} does not fit its description: {error}") from None
    return network.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
