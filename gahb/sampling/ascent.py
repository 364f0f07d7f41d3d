"""Stochastic ascent of the log-density implied by a denoiser.

Kadkhodaie et al. (ICLR 2024), Algorithm 1, after Kadkhodaie & Simoncelli (NeurIPS
2021). Each sample has its own noise level, step, stop and random stream, so that
sample i is the same in a batch of any size and in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """What a sampler has drawn.

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


@dataclass
class Step:
    """A step of the ascent before it is taken.

    Attributes
    ----------
    number : int
        1, 2, ...
    active : Tensor
        int64 ``[active]``: the samples still under way.
    state : Images
        float64 ``[active, channel, height, width]`` on the CPU: where they are.
    estimate : Images
        Of the same kind: where the denoiser would have them. Whoever goes through the steps may
        put others in its place, and the step is taken towards those.
    """

    number: int
    active: Tensor
    state: Images
    estimate: Images

    @property
    def residual(self) -> Images:
        """f(y) - y."""
        return self.estimate - self.state

    @property
    def sigma(self) -> Tensor:
        """The noise level that the residual implies, ``[active]``."""
        return self.residual.flatten(1).square().mean(dim=1).sqrt()


def step_size(step: int, settings: SamplingSettings) -> float:
    """Return h_t at ``step`` = 1, 2, ...: constant, or growing towards 1."""
    if settings.step_law == "fixed":
        return settings.step
    return settings.step * step / (1 + settings.step * (step - 1))


def draw_noise(streams: list[torch.Generator], shape: Sequence[int]) -> Tensor:
    """Draw one standard normal image from each stream, on the CPU, in float64."""
    return torch.stack([torch.randn(*shape, generator=stream).double() for stream in streams])


class Ascent:
    """The steps of one ascent for each seed, and in the end what was drawn.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, on ``device``.
    centre : Images
        ``[sample, channel, height, width]``: means of the initial noise.
    seeds : sequence of int
        One per sample: it fixes the initial and the injected noise, so that two
        denoisers given the same seeds see the same noise.
    settings : SamplingSettings
        Step sizes, injected noise, first and last noise level, and a limit on the steps.
    device : torch.device
        Where the denoiser lives.

    Attributes
    ----------
    samples : Samples
        Complete once all steps are taken.

    Notes
    -----
    The state is float64; the denoiser sees float32. With residual s = f(y) - y and
    sigma_t^2 = |s|^2 / d, a step is y <- y + h s + gamma z where
    gamma^2 = ((1 - beta h)^2 - (1 - h)^2) sigma_t^2.

    Examples
    --------
    >>> import torch, gahb
    >>> point = gahb.EmpiricalDenoiser(torch.full((1, 1, 1, 1), 0.25))
    >>> ascent = gahb.Ascent(point, torch.zeros(1, 1, 1, 1), [0], gahb.SamplingSettings(step=0.5))
    >>> sigmas = [float(step.sigma) for step in ascent]
    >>> sigmas[-1] < sigmas[0], ascent.samples.images.flatten().tolist()
    (True, [0.25])
    """

    def __init__(
        self,
        denoiser: Denoiser,
        centre: Images,
        seeds: Sequence[int],
        settings: SamplingSettings,
        device: torch.device | str = "cpu",
    ) -> None:
        self.denoiser, self.settings, self.device = denoiser, settings, device
        self._streams = [torch.Generator().manual_seed(seed) for seed in seeds]
        count, self._shape = len(seeds), centre.shape[1:]
        self._start = centre.double() + settings.sigma_start * draw_noise(
            self._streams, self._shape
        )
        images = torch.full(self._start.shape, torch.nan, dtype=torch.float32)
        steps = torch.zeros(count, dtype=torch.int64)
        self.samples = Samples(images, [UNFINISHED] * count, steps)

    @torch.inference_mode()
    def __iter__(self) -> Iterator[Step]:
        """Yield the steps before they are taken."""
        state, active = self._start, torch.arange(len(self._start))
        # For denoisers that are told sigma; blind ones ignore it.
        expected = torch.full((len(state),), self.settings.sigma_start, dtype=torch.float64)
        for number in range(1, self.settings.max_steps + 1):
            # float32 first: not every device knows float64.
            noisy, told = state.float().to(self.device), expected.float().to(self.device)
            step = Step(number, active, state, self.denoiser(noisy, told).cpu().double())
            yield step
            going = self._settle(step)
            active, sigma = active[going], step.sigma[going]
            if not len(active):
                break
            state, expected = self._take(step, going, active, sigma)

    def _settle(self, step: Step) -> Tensor:
        """Keep what has ended with this step; return which samples go on."""
        self.samples.steps[step.active] = step.number
        sigma = step.sigma
        ended = sigma < self.settings.sigma_end
        converged = ended if step.number > 1 else torch.zeros_like(ended)
        far = sigma > DIVERGED_TIMES * self.settings.sigma_start
        diverged = ~torch.isfinite(sigma) | far
        stalled = ended & ~converged
        self.samples.images[step.active[converged]] = step.estimate[converged].float()
        for verdict, where in ((CONVERGED, converged), (DIVERGED, diverged), (STALLED, stalled)):
            for index in step.active[where].tolist():
                self.samples.status[index] = verdict
        return ~(ended | diverged)

    def _take(
        self, step: Step, going: Tensor, active: Tensor, sigma: Tensor
    ) -> tuple[Images, Tensor]:
        """Return where the samples ``going`` on are after a step, and their noise levels."""
        h, beta = step_size(step.number, self.settings), self.settings.beta
        gamma = ((1 - beta * h) ** 2 - (1 - h) ** 2) ** 0.5 * sigma
        noise = draw_noise([self._streams[index] for index in active.tolist()], self._shape)
        along = step.state[going] + h * step.residual[going]
        return along + gamma.reshape(-1, 1, 1, 1) * noise, (1 - beta * h) * sigma


def grey(count: int, shape: Sequence[int], value: float) -> Images:
    """Return images that are ``value`` everywhere, float64 ``[count, *shape]``."""
    return torch.full((count, *shape), value, dtype=torch.float64)


def ascend(
    denoiser: Denoiser,
    shape: Sequence[int],
    seeds: Sequence[int],
    settings: SamplingSettings,
    device: torch.device | str = "cpu",
) -> Samples:
    """Draw one sample for each seed, see `Ascent`.

    Parameters
    ----------
    shape : sequence of int
        ``(channel, height, width)``.

    Examples
    --------
    >>> import torch, gahb
    >>> point = gahb.EmpiricalDenoiser(torch.full((1, 1, 1, 1), 0.25))
    >>> samples = gahb.ascend(point, (1, 1, 1), [0, 1], gahb.SamplingSettings())
    >>> samples.images.flatten().tolist(), samples.status
    ([0.25, 0.25], ['converged', 'converged'])
    """
    ascent = Ascent(denoiser, grey(len(seeds), shape, settings.mean), seeds, settings, device)
    for _ in ascent:
        pass
    return ascent.samples
