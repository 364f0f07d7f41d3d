"""What a network is in numbers: parameters, receptive field, operations."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gahb.denoisers.kinds import KINDS
from gahb.denoisers.registry import build
from gahb.settings import DenoiserSettings, TrainingSettings

BACKWARD = 2
"""Operations of a backward pass, in forward passes: gradients of inputs and of weights."""


def receptive_field(denoiser: DenoiserSettings, channels: int, divisor: int = 1) -> tuple[int, int]:
    """Return how many pixels across an output pixel depends on, measured: fewest and most.

    All weights are made equal and positive, so that nothing cancels; the support of the
    gradient of an output pixel then is its receptive field. Pixels see different extents,
    as the blocks that are pooled lie fixed; Kadkhodaie et al., Table 1, give the fewest.

    Parameters
    ----------
    denoiser : DenoiserSettings
        Which network; its width changes nothing and is taken as 1.
    channels : int
        Channels of the images.
    divisor : int
        Height and width of an image must be multiples of it.
    """
    network = build(denoiser.model_copy(update={"width": 1}), 0, channels).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            # Equal positive weights: no path is lost, and none overflows.
            parameter.fill_(1 / max(parameter[0].numel(), 1))
        for name, buffer in network.named_buffers():
            if name.endswith("running_deviation"):
                buffer.fill_(1)
    side = divisor
    while True:
        side *= 2
        centre = range(side // 2, side // 2 + divisor)
        extents = [_extent(network, channels, side, min(pixel, side - 1)) for pixel in centre]
        # With a margin on both sides, borders did not cut it.
        if max(extents) <= side - 2 * divisor - 2:
            return min(extents), max(extents)


def _extent(network: nn.Module, channels: int, side: int, pixel: int) -> int:
    """Return the width of the support of one pixel's gradient, on a ``side`` wide image."""
    images = torch.ones(1, channels, side, side, dtype=torch.float64, requires_grad=True)
    # The noise estimate: the clean one adds the pixel itself, which may cancel the centre.
    residual = images - network(images, torch.ones(1, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(residual[0, :, pixel, pixel].sum(), images)
    columns = gradient[0].abs().sum(dim=(0, 1)).nonzero().flatten()
    return int(columns.max() - columns.min() + 1) if len(columns) else 0


def forward_operations(denoiser: DenoiserSettings, channels: int, size: int) -> int:
    """Return the floating-point operations of denoising one image, counted by torch."""
    with torch.device("meta"):
        network = build(denoiser, 0, channels).eval()
        images = torch.empty(1, channels, size, size)
        level = torch.ones(1)
        with FlopCounterMode(display=False) as counter:
            network(images, level)
    return counter.get_total_flops()


def describe_architecture(
    denoiser: DenoiserSettings, training: TrainingSettings, channels: int, size: int
) -> dict[str, Any]:
    """Return one row of a table of networks (Kadkhodaie et al., Table 1), and its cost.

    Parameters
    ----------
    denoiser, training : DenoiserSettings, TrainingSettings
        The network, and how long it is trained.
    channels, size : int
        Of the images.
    """
    divisor = KINDS[denoiser.kind].divisor(denoiser.blocks)
    network = build(denoiser, 0, channels)
    forward = forward_operations(denoiser, channels, size)
    fewest, most = receptive_field(denoiser, channels, divisor)
    return {
        "kind": denoiser.kind,
        "size": size,
        "channels": channels,
        "blocks": denoiser.blocks,
        "width": denoiser.width,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "receptive_field": fewest,
        "receptive_field_most": most,
        "forward_gflop": forward / 1e9,
        "presentations": training.presentations,
        "training_eflop": (1 + BACKWARD) * forward * training.presentations / 1e18,
    }
