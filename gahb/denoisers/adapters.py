"""From what a network predicts, and on what scale, to the one contract.

Each adapter does one thing and holds the network of the next; together they make
``denoiser(noisy, sigma) -> clean``, in [0, 1] units. A network that predicts the noise of
x_t = sqrt(a_t) x + sqrt(1 - a_t) e, on [-1, 1], and is told the step t (Ho, Jain & Abbeel,
NeurIPS 2020):

    SymmetricRange(Epsilon(VariancePreserving(Timesteps(network, alphas_cumprod))))
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from gahb.noise import as_batch, as_column
from gahb.types import Images, Sigma

Network = Callable[[Tensor, Tensor], Tensor]
"""Called with images ``[batch, channel, height, width]`` and what it is told, ``[batch]``."""


class Adapter(nn.Module):
    """Holds the network that it adapts.

    Parameters
    ----------
    network : Network
        A module, or another adapter.
    """

    blind = False

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network


class Residual(Adapter):
    """For a network that predicts the noise sigma z in y = x + sigma z."""

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return y less the prediction."""
        return noisy - self.network(noisy, as_batch(sigma, noisy))


class Epsilon(Adapter):
    """For a network that predicts the noise z of variance 1 in y = x + sigma z."""

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return y less sigma times the prediction."""
        return noisy - as_column(sigma, noisy) * self.network(noisy, as_batch(sigma, noisy))


class Velocity(Adapter):
    """For a network that predicts v = a z - s x, a = 1 / sqrt(1 + sigma^2), s = sigma a.

    Salimans & Ho, ICLR 2022. Its input is y = x + sigma z, or a y with `VariancePreserving`.
    """

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return a (a y) - s v."""
        level = as_column(sigma, noisy)
        predicted = self.network(noisy, as_batch(sigma, noisy))
        return noisy / (1 + level**2) - level / (1 + level**2).sqrt() * predicted


class VariancePreserving(Adapter):
    """For a network whose input is (x + sigma z) / sqrt(1 + sigma^2)."""

    def forward(self, noisy: Images, sigma: Sigma) -> Tensor:
        """Give the network its input; what it predicts is returned as it is."""
        scaled = noisy / (1 + as_column(sigma, noisy) ** 2).sqrt()
        return self.network(scaled, as_batch(sigma, noisy))


class Timesteps(Adapter):
    """For a network that is told a step t of a discrete schedule instead of sigma.

    Parameters
    ----------
    network : Network
        Told t, a float tensor ``[batch]``; between two steps it is interpolated in log sigma.
    alphas_cumprod : Tensor
        a_t ``[step]``, decreasing: sigma_t^2 = (1 - a_t) / a_t. Other levels are told the
        nearest step.
    """

    def __init__(self, network: Network, alphas_cumprod: Tensor) -> None:
        super().__init__(network)
        if not ((alphas_cumprod > 0) & (alphas_cumprod < 1)).all():
            raise ValueError("alphas_cumprod must lie between 0 and 1, both excluded")
        squares = (1 - alphas_cumprod.double()) / alphas_cumprod.double()
        self.register_buffer("log_sigmas", squares.log().float() / 2, persistent=False)

    def forward(self, noisy: Images, sigma: Sigma) -> Tensor:
        """Return what the network predicts at the step of ``sigma``."""
        return self.network(noisy, self.step(as_batch(sigma, noisy)))

    def step(self, sigma: Tensor) -> Tensor:
        """Return the step ``[batch]`` of each noise level ``[batch]``."""
        levels = self.log_sigmas.to(sigma.dtype)
        found = sigma.log().clamp(levels[0], levels[-1])
        above = torch.searchsorted(levels, found).clamp(1, len(levels) - 1)
        low, high = levels[above - 1], levels[above]
        return above - 1 + (found - low) / (high - low)


class SymmetricRange(Adapter):
    """For a denoiser of images on [-1, 1]: twice the noise is the same there."""

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return the estimate on [0, 1]."""
        return (self.network(2 * noisy - 1, 2 * as_batch(sigma, noisy)) + 1) / 2
