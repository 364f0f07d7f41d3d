"""Build, save and load denoisers by the kind they have in the configuration."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gahb.denoisers.kinds import KINDS
from gahb.errors import CheckpointError
from gahb.sections import SUBSETS, Denoiser
from gahb.storage import read_checkpoint, write_checkpoint

SNAPSHOT = "snapshot."
"""Prefix, before the number of presentations, of what an earlier state is stored under."""


def build(denoiser: Denoiser, seed: int, channels: int = 1) -> nn.Module:
    """Return a freshly initialised denoiser; the same seed gives the same parameters."""
    module, name, keys = KINDS[denoiser.kind]
    arguments = denoiser.model_dump(include=set(keys))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return getattr(importlib.import_module(module), name)(**arguments, channels=channels)


def flattened(snapshots: Mapping[int, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return all tensors of states by presentations, under names that tell them apart."""
    return {
        f"{SNAPSHOT}{time}.{name}": value.contiguous()
        for time, state in snapshots.items()
        for name, value in state.items()
    }


def separated(
    tensors: Mapping[str, Tensor],
) -> tuple[dict[int, dict[str, Tensor]], dict[str, Tensor]]:
    """Undo `flattened`: return the states by presentations, and all other tensors."""
    snapshots: dict[int, dict[str, Tensor]] = {}
    others = {}
    for key, value in tensors.items():
        if key.startswith(SNAPSHOT):
            time, name = key.removeprefix(SNAPSHOT).split(".", 1)
            snapshots.setdefault(int(time), {})[name] = value
        else:
            others[key] = value
    return snapshots, others


def save(
    path: Path | str,
    network: nn.Module,
    description: dict[str, Any],
    snapshots: Mapping[int, Mapping[str, Tensor]],
) -> None:
    """Write a trained denoiser and earlier states of it.

    ``description`` must hold its configuration, ``"denoiser"``, and the ``"channels"`` of
    its images.
    """
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    write_checkpoint(path, state | flattened(snapshots), description)


def load_pair(
    paths: Sequence[Path | str],
    denoiser: Denoiser,
    device: torch.device | str,
    presentations: int | None = None,
) -> dict[str, nn.Module]:
    """Load networks A and B, in this order, see `load`."""
    return {
        subset: load(path, denoiser, device, presentations) for subset, path in zip(SUBSETS, paths)
    }


def load(
    path: Path | str,
    denoiser: Denoiser,
    device: torch.device | str = "cpu",
    presentations: int | None = None,
) -> nn.Module:
    """Return the trained denoiser of ``path``, in evaluation mode, on ``device``.

    Parameters
    ----------
    presentations : int, optional
        The state to return, as it was after so many presentations; by default the last.

    Raises
    ------
    CheckpointError
        If the file is damaged, was trained under another ``denoiser`` configuration, or
        did not keep the state asked for.
    """
    tensors, description = read_checkpoint(path)
    expected, found = denoiser.model_dump(), description.get("denoiser")
    if found != expected:
        raise CheckpointError(
            f"{path} holds the denoiser {found}, the configuration asks for {expected}; "
            "delete the file to train again, or change the configuration back"
        )
    snapshots, state = separated(tensors)
    if presentations is not None:
        if presentations not in snapshots:
            raise CheckpointError(
                f"{path} did not keep the state after {presentations:,} presentations, only "
                f"after {', '.join(f'{time:,}' for time in sorted(snapshots)) or 'the last'}"
            )
        state = snapshots[presentations]
    network = build(denoiser, 0, description.get("channels", 1))
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise CheckpointError(f"{path} does not fit its description: {error}") from None
    return network.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
