"""Layers without additive constants, so that a network of them is homogeneous.

A network built only from bias-free convolutions, ReLU, average pooling and the
scaling below satisfies ``f(a y) = a f(y)`` for every ``a > 0`` in evaluation mode
(Mohan et al., ICLR 2020; Kadkhodaie et al., ICLR 2024, section 2).
"""

from __future__ import annotations

import torch
import torch.distributed as dist
import torch.distributed._functional_collectives as collectives
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx


def batch_variance(features: Tensor) -> Tensor:
    """Return the variance of each channel over the whole batch, ``[1, channel, 1, 1]``.

    Divided by the number of values; differentiable, over all processes of a training.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return features.var(dim=(0, 2, 3), keepdim=True, unbiased=False)
    mean = _MeanOverAll.apply(features.mean(dim=(0, 2, 3), keepdim=True))
    return _MeanOverAll.apply((features - mean).square().mean(dim=(0, 2, 3), keepdim=True))


class _MeanOverAll(torch.autograd.Function):
    """The mean of a tensor over all processes; so is its gradient, as losses are added.

    Of the functions that sum over processes only these can be compiled; with one that cannot,
    torch.compile says nothing and leaves the network as it is.
    """

    @staticmethod
    def forward(context: FunctionCtx, values: Tensor) -> Tensor:
        values, group = values.contiguous(), dist.group.WORLD
        # There is a group, see `batch_variance`; an assertion would be compiled too.
        total = collectives.all_reduce(values, "sum", group)  # type: ignore[arg-type]
        return collectives.wait_tensor(total) / dist.get_world_size()

    @staticmethod
    def backward(context: FunctionCtx, gradient: Tensor) -> Tensor:
        return _MeanOverAll.forward(context, gradient)


class BiasFreeBatchNorm(nn.Module):
    """Divide each channel by a standard deviation and multiply it by a gain.

    Nothing is subtracted and nothing is added. While training, the standard
    deviation is that of the batch and an exponential average of it is kept; in
    evaluation mode that average is used, which makes the layer linear.

    Parameters
    ----------
    channels : int
        Number of channels of the input.
    momentum : float
        Weight of the newest batch in the running standard deviation.

    Notes
    -----
    ``epsilon`` guards against division by zero while training only. Gains start
    from a normal of standard deviation 2 / (9 * 64), clamped to +-0.025.
    """

    epsilon = 1e-5
    running_deviation: Tensor

    def __init__(self, channels: int, momentum: float = 0.1) -> None:
        super().__init__()
        self.momentum = momentum
        gains = torch.randn(1, channels, 1, 1) * (2 / (9 * 64))
        self.gains = nn.Parameter(gains.clamp_(-0.025, 0.025))
        self.register_buffer("running_deviation", torch.ones(1, channels, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Rescale ``features`` ``[batch, channel, height, width]`` channel by channel."""
        if not self.training:
            return features * (self.gains / self.running_deviation)
        # Statistics in float32 at least, whatever autocast does.
        precise = features.to(torch.promote_types(features.dtype, torch.float32))
        deviation = (batch_variance(precise) + self.epsilon).sqrt()
        with torch.no_grad():
            self.running_deviation.lerp_(deviation, self.momentum)
        return features * (self.gains / deviation)


def check_size(noisy: Tensor, blocks: int) -> None:
    """Raise a ValueError unless images can be halved ``blocks`` times."""
    divisor = 2**blocks
    if noisy.shape[-1] % divisor or noisy.shape[-2] % divisor:
        raise ValueError(
            f"images of {noisy.shape[-2]}x{noisy.shape[-1]} pixels do not fit a UNet of "
            f"{blocks} blocks: height and width must be multiples of {divisor}"
        )


def convolution(channels_in: int, channels_out: int) -> nn.Conv2d:
    """Return a 3x3 convolution without bias, Kaiming-normal weights (fan-in)."""
    layer = nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=False)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return layer


def upsampling(channels_in: int, channels_out: int) -> nn.ConvTranspose2d:
    """Return a 2x2 transposed convolution of stride 2 without bias."""
    layer = nn.ConvTranspose2d(channels_in, channels_out, kernel_size=2, stride=2, bias=False)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return layer
