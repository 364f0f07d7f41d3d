"""The blind, bias-free UNet of Kadkhodaie et al. (ICLR 2024, Table 1)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gahb.denoisers.layers import BiasFreeBatchNorm, check_size, convolution, upsampling
from gahb.types import Denoiser, Images, Sigma


def _encoder_block(channels_in: int, channels_out: int, *, first: bool) -> nn.Sequential:
    """Two convolutions; the very first of the network has no normalisation."""
    norm = [] if first else [BiasFreeBatchNorm(channels_out)]
    return nn.Sequential(
        convolution(channels_in, channels_out),
        *norm,
        nn.ReLU(),
        convolution(channels_out, channels_out),
        BiasFreeBatchNorm(channels_out),
        nn.ReLU(),
    )


def _decoder_block(channels_in: int, channels: int, channels_out: int | None) -> nn.Sequential:
    """Two convolutions; the last of the network maps to ``channels_out`` and is linear."""
    first = [convolution(channels_in, channels), BiasFreeBatchNorm(channels), nn.ReLU()]
    if channels_out is not None:
        return nn.Sequential(*first, convolution(channels, channels_out))
    return nn.Sequential(
        *first, convolution(channels, channels), BiasFreeBatchNorm(channels), nn.ReLU()
    )


class UNet(nn.Module, Denoiser):
    """Blind bias-free UNet; it estimates the noise and subtracts it.

    Parameters
    ----------
    blocks : int
        Number B of encoder (and of decoder) blocks. Height and width of an image
        must be multiples of ``2**blocks``.
    width : int
        Channels of the first block; they double at every block.
    channels : int
        Channels of the images, 1 for grey.

    Notes
    -----
    With ``width=64`` and grey images Table 1 of the paper gives 7,659,264
    parameters at B = 3. In evaluation mode the network is positively homogeneous,
    ``f(a y) = a f(y)``, hence ``f(y) = J(y) y`` with ``J`` its Jacobian.

    Examples
    --------
    >>> import torch, gahb
    >>> network = gahb.UNet(blocks=2, width=8).eval()
    >>> network(torch.rand(5, 1, 16, 16), 0.1).shape
    torch.Size([5, 1, 16, 16])
    """

    blind = True
    piecewise_linear = True

    def __init__(self, blocks: int, width: int, channels: int = 1) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(blocks + 1)]
        self.encoder = nn.ModuleList(
            _encoder_block(inner, outer, first=level == 0)
            for level, (inner, outer) in enumerate(
                zip([channels, *widths[:-2]], widths[:-1], strict=True)
            )
        )
        self.middle = _encoder_block(widths[-2], widths[-1], first=False)
        self.upsample = nn.ModuleList(
            upsampling(2 * width_out, width_out) for width_out in widths[:-1]
        )
        self.decoder = nn.ModuleList(
            _decoder_block(2 * width_out, width_out, channels if level == 0 else None)
            for level, width_out in enumerate(widths[:-1])
        )

    def noise(self, noisy: Tensor) -> Tensor:
        """Estimate the noise in ``noisy`` ``[batch, channel, height, width]``."""
        check_size(noisy, len(self.encoder))
        features, skips = noisy, []
        for block in self.encoder:
            features = block(features)
            skips.append(features)
            features = F.avg_pool2d(features, 2)
        features = self.middle(features)
        for upsample, block in zip(reversed(self.upsample), reversed(self.decoder), strict=True):
            features = block(torch.cat([upsample(features), skips.pop()], dim=1))
        return features

    def forward(self, noisy: Images, sigma: Sigma | None = None) -> Images:
        """Return the clean estimate of ``noisy``; ``sigma`` is accepted and ignored."""
        return noisy - self.noise(noisy).to(noisy.dtype)
