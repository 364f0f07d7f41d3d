"""What is wrong with the numbers of a network, whoever made it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from gahb.denoisers.layers import BiasFreeBatchNorm
from gahb.errors import CheckpointError
from gahb.messages import quoted


def check_values(network: nn.Module, path: Path | str) -> None:
    """Refuse numbers, read from ``path``, that no image could be computed with.

    Raises
    ------
    CheckpointError
        If a parameter is not finite, a buffer not a number (infinity is one: masks hold it), or a
        standard deviation not above 0, in the type that the network computes with.
    """
    parameters = ((name, value, torch.isfinite(value)) for name, value in _numbers(network, True))
    buffers = ((name, value, ~torch.isnan(value)) for name, value in _numbers(network, False))
    for name, value, good in [*parameters, *buffers]:
        if not good.all():
            kind = str(value.dtype).removeprefix("torch.")
            raise CheckpointError(
                f"{path} holds values that are not finite, at least in {kind} ({quoted(name)}): "
                "get it again"
            )
    for name, layer in network.named_modules():
        if isinstance(layer, BiasFreeBatchNorm):
            deviation = layer.running_deviation
            if not (torch.isfinite(deviation) & (deviation > 0)).all():
                raise CheckpointError(
                    f"{path} holds a standard deviation that is not above 0, at least in float32 "
                    f"({quoted(name)}, running_sd of released networks): get it again"
                )


def _numbers(network: nn.Module, parameters: bool) -> list[tuple[str, torch.Tensor]]:
    found = network.named_parameters() if parameters else network.named_buffers()
    return [(name, value.detach()) for name, value in found if value.is_floating_point()]
