"""The ways to draw images from a denoiser, by their name in the configuration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from gahb.sampling.ascent import CONVERGED, DIVERGED, Samples, ascend, draw_noise
from gahb.sampling.ode import Solver, euler_step, heun_step, integrate
from gahb.sampling.schedules import edm_schedule
from gahb.sections import Sampling
from gahb.types import Denoiser


def noise_levels(settings: Sampling) -> list[float]:
    """Return the levels at which a denoiser is asked when solving the ODE, largest first."""
    return edm_schedule(settings.levels, settings.sigma_end, settings.sigma_start, settings.rho)


def _solve(
    denoiser: Denoiser,
    shape: Sequence[int],
    seeds: Sequence[int],
    settings: Sampling,
    device: torch.device | str,
    step: Solver,
) -> Samples:
    noise = draw_noise([torch.Generator().manual_seed(seed) for seed in seeds], shape)
    state = settings.mean + settings.sigma_start * noise
    final = integrate(denoiser, state, [*noise_levels(settings), 0.0], step, device)
    good = torch.isfinite(final).flatten(1).all(dim=1)
    images = torch.where(good[:, None, None, None], final, torch.nan).float()
    steps = torch.full((len(final),), settings.levels)
    return Samples(images, [CONVERGED if known else DIVERGED for known in good.tolist()], steps)


def euler(
    denoiser: Denoiser,
    shape: Sequence[int],
    seeds: Sequence[int],
    settings: Sampling,
    device: torch.device | str = "cpu",
) -> Samples:
    """Solve the probability-flow ODE by Euler's method, as Li, Dai & Qu do in 10 steps."""
    return _solve(denoiser, shape, seeds, settings, device, euler_step)


def heun(
    denoiser: Denoiser,
    shape: Sequence[int],
    seeds: Sequence[int],
    settings: Sampling,
    device: torch.device | str = "cpu",
) -> Samples:
    """Solve the probability-flow ODE by Heun's method."""
    return _solve(denoiser, shape, seeds, settings, device, heun_step)


METHODS: dict[str, Callable[..., Samples]] = {"ascent": ascend, "euler": euler, "heun": heun}
"""Each takes ``(denoiser, shape, seeds, settings, device)``; one seed a sample."""
