"""Stochastic ascent of the log-density implied by a denoiser.

Kadkhodaie et al. (ICLR 2024), Algorithm 1, after Kadkhodaie & Simoncelli (NeurIPS
2021). Each sample has its own noise level, step, stop and random stream, so that
sample i is the same in a batch of any size and in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gahb.settings import SamplingSettings
from gahb.types import Denoiser, Images

CONVERGED, DIVERGED, UNFINISHED, STALLED = "converged", "diverged", "unfinished", "stalled"


DIVERGED_TIMES = 10
"""A sample diverges when it is this many times further from the images than it started."""


@dataclass(frozen=True)
class Samples:
    """Result of `ascend`.

    Attributes
    ----------
    images : Tensor
        float32 ``[sample, channel, height, width]`` on the CPU; NaN unless converged.
    status : list of str
        Per sample: ``converged``, ``diverged`` (not finite, or further from the images
        than it started), ``unfinished`` (more than ``max_steps``) or ``stalled`` (the
        denoiser, untrained perhaps, takes the initial noise for an image).
    steps : Tensor
        int64 ``[sample]``, steps taken.
    """

    images: Tensor
    status: list[str]
    steps: Tensor


def step_size(step: int, settings: SamplingSettings) -> float:
    """Return h_t at ``step`` = 1, 2, ...: constant, or growing towards 1."""
    if settings.step_law == "fixed":
        return settings.step
    return settings.step * step / (1 + settings.step * (step - 1))


def draw_noise(streams: list[torch.Generator], shape: Sequence[int]) -> Tensor:
    """Draw one standard normal image from each stream, on the CPU, in float64."""
    return torch.stack([torch.randn(*shape, generator=stream).double() for stream in streams])


@torch.inference_mode()
def ascend(
    denoiser: Denoiser,
    shape: Sequence[int],
    seeds: Sequence[int],
    settings: SamplingSettings,
    device: torch.device | str = "cpu",
    observe: Callable[[int, Tensor, Tensor], None] | None = None,
    correct: Callable[[Images, Tensor], Images] | None = None,
    centre: Images | None = None,
) -> Samples:
    """Draw one sample for each seed.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, on ``device``.
    shape : sequence of int
        ``(channel, height, width)``.
    seeds : sequence of int
        One per sample: it fixes the initial and the injected noise, so that two
        denoisers given the same seeds see the same noise.
    settings : SamplingSettings
        Step law, amount of injected noise, start and stop.
    device : torch.device
        Where the denoiser lives. Noise is drawn on the CPU whatever it is.
    observe : callable, optional
        Called as ``observe(step, estimates, sigmas)`` with the one-shot denoised
        images ``[active, channel, height, width]`` and the estimated noise levels.
    correct : callable, optional
        Called as ``correct(estimates, active)`` with the float64 denoised images on the CPU
        and the indices of their samples; what it returns is used in their place.
    centre : Images, optional
        Mean of the initial noise, ``[sample, channel, height, width]``; by default
        ``settings.mean`` in every pixel.

    Notes
    -----
    The state is float64; the denoiser sees float32. With residual s = f(y) - y and
    sigma_t^2 = |s|^2 / d, a step is y <- y + h s + gamma z where
    gamma^2 = ((1 - beta h)^2 - (1 - h)^2) sigma_t^2.
    """
    streams = [torch.Generator().manual_seed(seed) for seed in seeds]
    start = settings.mean if centre is None else centre.double()
    state = start + settings.sigma_start * draw_noise(streams, shape)
    images = torch.full(state.shape, torch.nan, dtype=torch.float32)
    status, steps = [UNFINISHED] * len(streams), torch.zeros(len(streams), dtype=torch.int64)
    active = torch.arange(len(streams))
    # For denoisers that are told sigma; blind ones ignore it.
    expected = torch.full((len(streams),), settings.sigma_start, dtype=torch.float64)
    for step in range(1, settings.max_steps + 1):
        # float32 first: not every device knows float64.
        estimate = denoiser(state.float().to(device), expected.float().to(device)).cpu().double()
        if correct is not None:
            estimate = correct(estimate, active)
        residual = estimate - state
        sigma = residual.flatten(1).square().mean(dim=1).sqrt()
        if observe is not None:
            observe(step, estimate.float(), sigma)
        steps[active] = step
        ended = sigma < settings.sigma_end
        converged = ended if step > 1 else torch.zeros_like(ended)
        stalled = ended & ~converged
        diverged = ~torch.isfinite(sigma) | (sigma > DIVERGED_TIMES * settings.sigma_start)
        images[active[converged]] = estimate[converged].float()
        for verdict, where in ((CONVERGED, converged), (DIVERGED, diverged), (STALLED, stalled)):
            for index in active[where].tolist():
                status[index] = verdict
        going = ~(ended | diverged)
        active, state, residual, sigma = active[going], state[going], residual[going], sigma[going]
        if not len(active):
            break
        h = step_size(step, settings)
        gamma = ((1 - settings.beta * h) ** 2 - (1 - h) ** 2) ** 0.5 * sigma
        noise = draw_noise([streams[index] for index in active.tolist()], shape)
        expected = (1 - settings.beta * h) * sigma
        state = state + h * residual + gamma.reshape(-1, 1, 1, 1) * noise
    return Samples(images, status, steps)
