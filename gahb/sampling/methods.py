"""The ways to draw images from a denoiser, by their name in the configuration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch

from gahb.sampling.ascent import CONVERGED, DIVERGED, Samples, ascend, draw_noise
from gahb.sampling.noise_levels import edm_schedule
from gahb.sampling.ode import Solver, euler_step, heun_step, integrate
from gahb.settings import SamplingSettings
from gahb.types import Denoiser


def noise_levels(settings: SamplingSettings) -> list[float]:
    """Return the levels at which a denoiser is asked when solving the ODE, largest first."""
    return edm_schedule(settings.levels, settings.sigma_end, settings.sigma_start, settings.rho)


def solve(
    denoiser: Denoiser,
    shape: Sequence[int],
    seeds: Sequence[int],
    settings: SamplingSettings,
    device: torch.device | str = "cpu",
    *,
    step: Solver,
) -> Samples:
    """Draw one sample for each seed by solving the probability-flow ODE down to sigma = 0.

    Parameters are those of `ascend`, and ``step``, `euler_step` or `heun_step`. Li, Dai &
    Qu take Euler's method at 10 noise levels.
    """
    noise = draw_noise([torch.Generator().manual_seed(seed) for seed in seeds], shape)
    state = settings.mean + settings.sigma_start * noise
    final = integrate(denoiser, state, [*noise_levels(settings), 0.0], step, device)
    good = torch.isfinite(final).flatten(1).all(dim=1)
    images = torch.where(good[:, None, None, None], final, torch.nan).float()
    steps = torch.full((len(final),), settings.levels)
    return Samples(images, [CONVERGED if known else DIVERGED for known in good.tolist()], steps)


METHODS: dict[str, Callable[..., Samples]] = {
    "ascent": ascend,
    "euler": partial(solve, step=euler_step),
    "heun": partial(solve, step=heun_step),
}
"""Each takes ``(denoiser, shape, seeds, settings, device)``; one seed a sample."""


def draw_samples(
    denoiser: Denoiser,
    shape: Sequence[int],
    settings: SamplingSettings,
    seeds: Sequence[int],
    device: torch.device | str = "cpu",
) -> Samples:
    """Draw one sample for each seed in the way that is configured, in batches.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, on ``device``.
    shape : sequence of int
        ``(channel, height, width)``.
    settings : SamplingSettings
        How to sample, and how many at a time.
    seeds : sequence of int
        Of the noise: two denoisers given the same seeds see the same.

    Examples
    --------
    >>> import torch, gahb
    >>> pair = gahb.EmpiricalDenoiser(torch.tensor([0.25, 0.75]).reshape(2, 1, 1, 1))
    >>> settings = gahb.SamplingSettings(method="heun", levels=5)
    >>> samples = gahb.draw_samples(pair, (1, 1, 1), settings, range(9))
    >>> samples.images.unique().tolist()
    [0.25, 0.75]
    """
    parts = [
        METHODS[settings.method](
            denoiser, shape, seeds[start : start + settings.batch], settings, device
        )
        for start in range(0, len(seeds), settings.batch)
    ]
    return Samples(
        torch.cat([part.images for part in parts]),
        [word for part in parts for word in part.status],
        torch.cat([part.steps for part in parts]),
    )
