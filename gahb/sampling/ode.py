"""Deterministic sampling: the probability-flow ODE, by Euler's and by Heun's method.

Karras, Aittala, Aila & Laine (NeurIPS 2022), Algorithm 1 without churn: with D the
denoiser, dx / dsigma = (x - D(x; sigma)) / sigma, from pure noise down to small sigma.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from gahb.types import Denoiser, Images

Field: TypeAlias = Callable[[Images, float], Images]
"""A denoiser of float64 images, asked at one noise level."""


class Solver(Protocol):
    """One step of a method for the probability-flow ODE."""

    def __call__(self, denoiser: Field, state: Tensor, now: float, then: float) -> Tensor:
        """Carry ``state`` (float64) from noise level ``now`` to ``then``."""
        ...


def derivative(denoiser: Field, state: Tensor, sigma: float) -> Tensor:
    """Return dx / dsigma at ``state``, at noise level ``sigma``."""
    return (state - denoiser(state, sigma)) / sigma


def euler_step(denoiser: Field, state: Tensor, now: float, then: float) -> Tensor:
    """One Euler step: first order."""
    return state + (then - now) * derivative(denoiser, state, now)


def heun_step(denoiser: Field, state: Tensor, now: float, then: float) -> Tensor:
    """One step of Heun's method: second order; plain Euler if it ends at sigma = 0."""
    slope = derivative(denoiser, state, now)
    predicted = state + (then - now) * slope
    if then == 0:
        return predicted
    return state + (then - now) * (slope + derivative(denoiser, predicted, then)) / 2


@torch.inference_mode()
def trajectory(
    denoiser: Denoiser,
    state: Images,
    sigmas: Sequence[float],
    step: Solver = heun_step,
    device: torch.device | str = "cpu",
) -> Iterator[Images]:
    """Yield images on their way along the probability-flow ODE, after each step.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, on ``device``; it is called in its own precision.
    state : Images
        ``[batch, channel, height, width]`` at noise level ``sigmas[0]``: for samples,
        a mean image plus ``sigmas[0]`` times
        standard normal noise.
    sigmas : sequence of float
        Decreasing noise levels. A final 0 returns the denoised image of the last level.
    step : Solver
        `euler_step` or `heun_step`.
    device : torch.device
        Where the denoiser lives. The state stays on the CPU, in float64.

    Yields
    ------
    Images
        float64, at noise levels ``sigmas[1]``, ``sigmas[2]`` and so on.
    """
    if any(later >= earlier for earlier, later in pairwise(sigmas)):
        raise ValueError("noise levels must decrease strictly")
    state = state.double().cpu()

    def precise(noisy: Images, sigma: float) -> Images:
        return denoiser(noisy.to(denoiser.precision).to(device), sigma).cpu().double()

    for now, then in pairwise(sigmas):
        state = step(precise, state, now, then)
        yield state


def integrate(
    denoiser: Denoiser,
    state: Images,
    sigmas: Sequence[float],
    step: Solver = heun_step,
    device: torch.device | str = "cpu",
) -> Images:
    """Return where `trajectory` ends.

    Examples
    --------
    >>> import torch, gahb
    >>> point = gahb.EmpiricalDenoiser(torch.full((1, 1, 1, 1), 0.25))
    >>> gahb.integrate(point, torch.randn(1, 1, 1, 1), [1.0, 0.1, 0.0]).item()
    0.25
    """
    *_, final = trajectory(denoiser, state, sigmas, step, device)
    return final
