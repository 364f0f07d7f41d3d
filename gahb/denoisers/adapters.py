"""From what a network predicts, and on what scale, to the one contract.

Each adapter does one thing and holds the network of the next; together they make
``denoiser(noisy, sigma) -> clean``, in [0, 1] units. A network that predicts the noise of
x_t = sqrt(a_t) x + sqrt(1 - a_t) e, on [-1, 1], and is told the step t (Ho, Jain & Abbeel,
NeurIPS 2020):

    SymmetricRange(Epsilon(VariancePreserving(Timesteps(network, alphas_cumprod))))

What the innermost network returns is looked at, see `gahb.denoisers.contract`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from gahb.denoisers.contract import checked_output, name_of, unwrapped
from gahb.errors import NetworkError
from gahb.noise import as_batch, as_column
from gahb.types import Denoiser, Images, Sigma

Network = Callable[[Tensor, Tensor], Tensor]
"""Called with images ``[batch, channel, height, width]`` and what it is told, ``[batch]``."""


class Adapter(nn.Module, Denoiser):
    """Holds the network that it adapts.

    Parameters
    ----------
    network : Network
        A module, or another adapter.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        if isinstance(network, type) or not callable(network):
            raise NetworkError(
                f"{type(self).__name__} was given {name_of(network)}, a {type(network).__name__}, "
                "expected a network: an object of the class"
            )
        self.network = network

    def predicted(self, noisy: Tensor, told: Tensor) -> Tensor:
        """Return what the network predicts, a tensor like ``noisy``.

        Raises
        ------
        NetworkError
            If it is another: what it is, and what could be meant.
        """
        output = self.network(noisy, told)
        if isinstance(self.network, Adapter):
            return output
        return checked_output(output, noisy, name_of(self.network))


class Clean(Adapter):
    """For a network that predicts the clean image x itself.

    Examples
    --------
    >>> import torch, gahb
    >>> gahb.Clean(lambda noisy, sigma: noisy / 2)(torch.ones(1, 1, 1, 1), 0.1).item()
    0.5
    """

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return the prediction."""
        return self.predicted(noisy, as_batch(sigma, noisy))


class Residual(Adapter):
    """For a network that predicts the noise sigma z in y = x + sigma z.

    Examples
    --------
    >>> import torch, gahb
    >>> gahb.Residual(lambda noisy, sigma: noisy / 4)(torch.ones(1, 1, 1, 1), 0.1).item()
    0.75
    """

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return y less the prediction."""
        return noisy - self.predicted(noisy, as_batch(sigma, noisy))


class Epsilon(Adapter):
    """For a network that predicts the noise z of variance 1 in y = x + sigma z.

    Examples
    --------
    >>> import torch, gahb
    >>> gahb.Epsilon(lambda noisy, sigma: noisy)(torch.ones(1, 1, 1, 1), 0.5).item()
    0.5
    """

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return y less sigma times the prediction."""
        return noisy - as_column(sigma, noisy) * self.predicted(noisy, as_batch(sigma, noisy))


class Velocity(Adapter):
    """For a network that predicts v = a z - s x, a = 1 / sqrt(1 + sigma^2), s = sigma a.

    Salimans & Ho, ICLR 2022. Its input is y = x + sigma z, or a y with `VariancePreserving`.

    Examples
    --------
    >>> import torch, gahb
    >>> gahb.Velocity(lambda noisy, sigma: 0 * noisy)(torch.ones(1, 1, 1, 1), 1.0).item()
    0.5
    """

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return a (a y) - s v."""
        level = as_column(sigma, noisy)
        predicted = self.predicted(noisy, as_batch(sigma, noisy))
        return noisy / (1 + level**2) - level / (1 + level**2).sqrt() * predicted


class VariancePreserving(Adapter):
    """For a network whose input is (x + sigma z) / sqrt(1 + sigma^2).

    Examples
    --------
    >>> import torch, gahb
    >>> seen = gahb.VariancePreserving(lambda scaled, sigma: scaled)
    >>> round(seen(torch.ones(1, 1, 1, 1), 3**0.5).item(), 6)
    0.5
    """

    def forward(self, noisy: Images, sigma: Sigma) -> Tensor:
        """Give the network its input; what it predicts is returned as it is."""
        scaled = noisy / (1 + as_column(sigma, noisy) ** 2).sqrt()
        return self.predicted(scaled, as_batch(sigma, noisy))


class Timesteps(Adapter):
    """For a network that is told a step t of a discrete schedule instead of sigma.

    Parameters
    ----------
    network : Network
        Told t, a float tensor ``[batch]``; between two steps it is interpolated in log sigma. One
        that takes whole steps only goes into `WholeSteps`.
    alphas_cumprod : Tensor
        a_t ``[step]``, decreasing: sigma_t^2 = (1 - a_t) / a_t. Other levels are told the
        nearest step. The first may be 1 (no noise), the last 0 (noise alone).

    Raises
    ------
    NetworkError
        If it is no such schedule: what it looks like.

    Examples
    --------
    >>> import torch, gahb
    >>> alphas_cumprod = (1 - torch.linspace(1e-4, 0.02, 1000)).cumprod(0)
    >>> told = gahb.Timesteps(lambda noisy, step: noisy + step, alphas_cumprod)
    >>> round(told(torch.zeros(1, 1, 1, 1), 1.0).item())
    258
    """

    log_sigmas: Tensor

    def __init__(self, network: Network, alphas_cumprod: Tensor) -> None:
        super().__init__(network)
        kept = checked_schedule(alphas_cumprod)
        self.register_buffer("log_sigmas", _log_sigmas(kept), persistent=False)

    def forward(self, noisy: Images, sigma: Sigma) -> Tensor:
        """Return what the network predicts at the step of ``sigma``."""
        return self.predicted(noisy, self.step(as_batch(sigma, noisy)))

    def step(self, sigma: Tensor) -> Tensor:
        """Return the step ``[batch]`` of each noise level ``[batch]``."""
        levels = self.log_sigmas.to(sigma.dtype)
        found = sigma.log().clamp(levels[0], levels[-1])
        above = torch.searchsorted(levels, found).clamp(1, len(levels) - 1)
        low, high = levels[above - 1], levels[above]
        between = (found - low) / (high - low)
        # Next to a step without noise, or of noise alone, is nothing in between.
        between = torch.where(low.isinf(), (found > low).to(between), between)
        between = torch.where(high.isinf(), (found == high).to(between), between)
        return above - 1 + between


def _log_sigmas(kept: Tensor) -> Tensor:
    """Return log sigma ``[step]`` of a_t; -inf and inf where there is no noise, or noise alone."""
    return ((1 - kept) / kept).log().float() / 2


def checked_schedule(alphas_cumprod: Tensor) -> Tensor:
    """Return a_t ``[step]`` in float64, of a schedule that `Timesteps` can be told.

    Raises
    ------
    NetworkError
        If it does not decrease strictly from at most 1 to at least 0: what it looks like.
    """
    expected = "expected alphas_cumprod, (1 - betas).cumprod(0), decreasing from 1 towards 0"
    try:
        kept = torch.as_tensor(alphas_cumprod).detach().cpu().double()
    except (TypeError, ValueError, RuntimeError):
        raise NetworkError(f"a schedule of {type(alphas_cumprod).__name__}: {expected}") from None
    if kept.ndim != 1 or len(kept) < 2:
        raise NetworkError(f"a schedule of shape {tuple(kept.shape)}: {expected}")
    first, last = kept[0].item(), kept[-1].item()
    ends = f"a schedule from {first:.4g} to {last:.4g} in {len(kept)} steps"
    if not bool(((kept >= 0) & (kept <= 1)).all()):
        raise NetworkError(f"{ends} leaves [0, 1] (sigmas, or steps?): {expected}")
    if bool((kept.diff() > 0).all()):
        raise NetworkError(
            f"{ends} increases: are these betas, or does it begin with noise and is to be turned "
            f"round, .flip(0)? {expected}"
        )
    levels = _log_sigmas(kept)
    if not bool((levels.diff() > 0).all()):
        raise NetworkError(f"{ends} does not decrease at each step (as float32): {expected}")
    if last > 0.9:
        raise NetworkError(f"{ends} ends with little noise: are these 1 - betas? {expected}")
    return kept


class WholeSteps(Adapter):
    """For a network that takes whole steps only, as one with an embedding for each does.

    It goes into `Timesteps`, and is told the nearest step.

    Examples
    --------
    >>> import torch, gahb
    >>> whole = gahb.WholeSteps(lambda noisy, step: noisy * step.reshape(-1, 1, 1, 1))
    >>> whole(torch.ones(1, 1, 1, 1), torch.tensor([2.3])).item()
    2.0
    """

    def forward(self, noisy: Images, step: Tensor) -> Tensor:
        """Return what the network predicts at the nearest step."""
        return self.predicted(noisy, step.round().long())


class LearnedVariance(Adapter):
    """For a network that returns prediction and variance as twice the channels.

    Nichol & Dhariwal, ICML 2021. The variance is left out. It is the innermost adapter.

    Examples
    --------
    >>> import torch, gahb
    >>> both = lambda noisy, told: torch.cat([noisy, noisy - 9], dim=1)
    >>> gahb.LearnedVariance(both)(torch.ones(1, 1, 1, 1), torch.zeros(1)).item()
    1.0
    """

    def forward(self, noisy: Images, told: Tensor) -> Tensor:
        """Return the first half of the channels."""
        output = unwrapped(self.network(noisy, told), name_of(self.network))
        channels = noisy.shape[1]
        if output.ndim != noisy.ndim or output.shape[1] != 2 * channels:
            raise NetworkError(
                f"{name_of(self.network)} returned images of shape {tuple(output.shape)} for "
                f"images of shape {tuple(noisy.shape)}, no variance: take LearnedVariance out"
            )
        return checked_output(output[:, :channels], noisy, name_of(self.network))


class SymmetricRange(Adapter):
    """For a denoiser of images on [-1, 1]: twice the noise is the same there.

    Examples
    --------
    >>> import torch, gahb
    >>> grey = gahb.SymmetricRange(gahb.Clean(lambda noisy, sigma: 0 * noisy))
    >>> grey(torch.ones(1, 1, 1, 1), 0.1).item()
    0.5
    """

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return the estimate on [0, 1]."""
        return (self.predicted(2 * noisy - 1, 2 * as_batch(sigma, noisy)) + 1) / 2
