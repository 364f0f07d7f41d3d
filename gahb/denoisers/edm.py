"""A denoiser that is told the noise level: a UNet with the preconditioning of EDM.

Karras, Aittala, Aila & Laine, *Elucidating the design space of diffusion-based generative
models*, NeurIPS 2022, section 5. Equations there are for images on [-1, 1]; this class
converts at its border, so that callers stay in [0, 1] units.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gahb.denoisers.layers import BiasFreeBatchNorm, check_size
from gahb.noise import SIGMA_DATA, as_column
from gahb.types import Denoiser, Images, Sigma

SMALLEST_LEVEL = 1e-6
"""The logarithm of the noise level is taken of no less: sigma = 0 is allowed."""


class _ResidualBlock(nn.Module):
    """Two convolutions around a skip; the noise level scales and shifts between them."""

    def __init__(self, channels_in: int, channels_out: int, embedding: int) -> None:
        super().__init__()
        self.first_norm = BiasFreeBatchNorm(channels_in)
        self.first = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.level = nn.Linear(embedding, 2 * channels_out)
        self.second_norm = BiasFreeBatchNorm(channels_out)
        self.second = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.skip = nn.Conv2d(channels_in, channels_out, 1)
        for values in self.second.parameters():
            nn.init.zeros_(values)

    def forward(self, features: Tensor, embedded: Tensor) -> Tensor:
        inner = self.first(F.silu(self.first_norm(features)))
        scale, shift = self.level(embedded)[..., None, None].chunk(2, dim=1)
        inner = self.second(F.silu(self.second_norm(inner) * (1 + scale) + shift))
        return (inner + self.skip(features)) * math.sqrt(0.5)


class _ConditionalUNet(nn.Module):
    """The raw network F(input; c_noise): one residual block a level, down and up."""

    frequencies: Tensor

    def __init__(self, blocks: int, width: int, channels: int) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(blocks + 1)]
        embedding = 4 * width
        # From 1 down: smooth in the level, so that levels rarely trained on come out well.
        frequencies = torch.logspace(0, -4, max(width, 8))
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.embed = nn.Sequential(
            nn.Linear(2 * len(frequencies), embedding), nn.SiLU(), nn.Linear(embedding, embedding)
        )
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.encoder = nn.ModuleList(
            _ResidualBlock(inner, outer, embedding)
            for inner, outer in zip([width, *widths[:-2]], widths[:-1], strict=True)
        )
        self.middle = _ResidualBlock(widths[-2], widths[-1], embedding)
        self.narrow = nn.ModuleList(nn.Conv2d(2 * outer, outer, 1) for outer in widths[:-1])
        self.decoder = nn.ModuleList(
            _ResidualBlock(2 * outer, outer, embedding) for outer in widths[:-1]
        )
        norm, last = BiasFreeBatchNorm(width), nn.Conv2d(width, channels, 3, padding=1)
        self.leave = nn.Sequential(norm, nn.SiLU(), last)
        for layer in self.modules():
            if isinstance(layer, BiasFreeBatchNorm):
                nn.init.ones_(layer.gains)
        for values in last.parameters():
            nn.init.zeros_(values)

    def forward(self, images: Tensor, level: Tensor) -> Tensor:
        angles = level[:, None] * self.frequencies
        embedded = F.silu(self.embed(torch.cat([angles.cos(), angles.sin()], dim=1)))
        features, skips = self.enter(images), []
        for block in self.encoder:
            features = block(features, embedded)
            skips.append(features)
            features = F.avg_pool2d(features, 2)
        features = self.middle(features, embedded)
        for narrow, block in zip(reversed(self.narrow), reversed(self.decoder), strict=True):
            larger = F.interpolate(narrow(features), scale_factor=2.0, mode="nearest")
            features = block(torch.cat([larger, skips.pop()], dim=1), embedded)
        return self.leave(features)


class EDM(nn.Module, Denoiser):
    """Noise-conditional UNet with EDM preconditioning.

    Parameters
    ----------
    blocks : int
        Levels of the encoder (and of the decoder). Height and width of an image must be
        multiples of ``2**blocks``.
    width : int
        Channels of the first level; they double at every level.
    channels : int
        Channels of the images, 1 for grey.

    Notes
    -----
    D(y; sigma) = c_skip y + c_out F(c_in y; c_noise), with y and sigma on the scale of
    [-1, 1] images and the coefficients of Karras et al., Table 1. An untrained network
    returns c_skip y: its last layer starts at zero. Karras et al. normalise groups of
    channels image by image, and attend at low resolution. Here channels are divided by
    a running standard deviation, as in the blind network: with few channels to a group
    the other hides the size of the features, and ten images were not memorised.

    Examples
    --------
    >>> import torch, gahb
    >>> network = gahb.EDM(blocks=1, width=4, channels=3).eval()
    >>> network(torch.rand(2, 3, 8, 8), torch.tensor([0.1, 0.5])).shape
    torch.Size([2, 3, 8, 8])
    """

    def __init__(self, blocks: int, width: int, channels: int = 1) -> None:
        super().__init__()
        self.blocks = blocks
        self.network = _ConditionalUNet(blocks, width, channels)

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return the clean estimate of ``noisy`` at noise level ``sigma``."""
        check_size(noisy, self.blocks)
        centred, level = 2 * noisy - 1, 2 * as_column(sigma, noisy)
        data = 2 * SIGMA_DATA
        total = level**2 + data**2
        skip, out = data**2 / total, level * data / total.sqrt()
        noise = level.clamp(min=SMALLEST_LEVEL).log() / 4
        raw = self.network(centred / total.sqrt(), noise.flatten().expand(len(noisy)))
        return (skip * centred + out * raw.to(noisy.dtype) + 1) / 2
