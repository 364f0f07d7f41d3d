"""Build, save and load denoisers by the kind they have in the configuration."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gahb.denoisers.checks import check_values
from gahb.denoisers.kinds import KINDS
from gahb.errors import CheckpointError
from gahb.messages import listed, quoted
from gahb.settings import SUBSETS, DenoiserSettings
from gahb.storage import checkpoint_header, read_checkpoint, write_checkpoint

SNAPSHOT = "snapshot."
"""Prefix, before the number of presentations, of what an earlier state is stored under."""
MOST_CHANNELS = 16
"""Of images; more would be a description that lies."""


def build(denoiser: DenoiserSettings, seed: int, channels: int = 1) -> nn.Module:
    """Return a freshly initialised denoiser; the same seed gives the same parameters."""
    kind = KINDS[denoiser.kind]
    arguments = denoiser.model_dump(include=set(kind.keys))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        cls = getattr(importlib.import_module(kind.module), kind.cls)
        return cls(**arguments, channels=channels)


def flattened(snapshots: Mapping[int, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return all tensors of states by presentations, under names that tell them apart."""
    return {
        f"{SNAPSHOT}{time}.{name}": value.contiguous()
        for time, state in snapshots.items()
        for name, value in state.items()
    }


def separated(tensors: Mapping[str, Any]) -> tuple[dict[int, dict[str, Any]], dict[str, Any]]:
    """Undo `flattened`: return the states by presentations, and all other tensors."""
    snapshots: dict[int, dict[str, Any]] = {}
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
    denoiser: DenoiserSettings,
    device: torch.device | str,
    presentations: int | None = None,
) -> dict[str, nn.Module]:
    """Load networks A and B, in this order, see `load`."""
    return {
        subset: load(path, denoiser, device, presentations)
        for subset, path in zip(SUBSETS, paths, strict=True)
    }


def load(
    path: Path | str,
    denoiser: DenoiserSettings,
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
    description, _ = checkpoint_header(path)
    expected, found = denoiser.model_dump(), description.get("denoiser")
    if found != expected:
        known = found if isinstance(found, dict) else {}
        keys = sorted({*known, *expected})
        differing = [key for key in keys if known.get(key, "?") != expected.get(key, "?")][:8]
        shown, asked = (
            ", ".join(
                f"{quoted(key)[1:-1]}: {quoted(its.get(key, '?'))[1:-1]}" for key in differing
            )
            for its in (known, expected)
        )
        raise CheckpointError(
            f"{path} holds another denoiser ({shown}) than the configuration asks for ({asked}); "
            "delete the file to train again, or change the configuration back"
        )
    network = filled(path, denoiser, presentations)
    # The stub does not know memory_format.
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)


def filled(
    path: Path | str, denoiser: DenoiserSettings, presentations: int | None = None
) -> nn.Module:
    """Return the network of a checkpoint whose description has been found to fit.

    Raises
    ------
    CheckpointError
        If the file is damaged, did not keep the state asked for, or holds a network of other
        shapes, or numbers that nothing could be computed with.
    """
    description, shapes = checkpoint_header(path)
    channels = description.get("channels", 1)
    if type(channels) is not int or not 1 <= channels <= MOST_CHANNELS:
        raise CheckpointError(f"{path} does not say the channels of its images; delete it")
    snapshots, state = _separated(path, shapes)
    if presentations is not None:
        if presentations not in snapshots:
            raise CheckpointError(
                f"{path} did not keep the state after {presentations:,} presentations, only "
                f"after {', '.join(f'{time:,}' for time in sorted(snapshots)) or 'the last'}"
            )
        state = snapshots[presentations]
    network = build(denoiser, 0, channels)
    own = {name: list(value.shape) for name, value in network.state_dict().items()}
    if differing := {name for name in {**own, **state} if own.get(name) != state.get(name)}:
        raise CheckpointError(
            f"{path} does not fit its description: {listed(differing)} are missing, too many, or "
            "of another shape; delete it and run again"
        )
    tensors, _ = read_checkpoint(path)
    snapshots, state = separated(tensors)
    network.load_state_dict(state if presentations is None else snapshots[presentations])
    check_values(network, path)
    return network


def _separated(path: Path | str, shapes: dict[str, list[int]]) -> tuple[dict, dict]:
    try:
        return separated(shapes)
    except ValueError:
        raise CheckpointError(f"{path} names a state after no number of presentations") from None
