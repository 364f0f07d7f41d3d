"""Denoisers made of one function."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from gahb.types import Denoiser


class Function(Denoiser):
    """Denoises as a function of noisy images and noise level does."""

    def __init__(self, estimate: Callable[[Tensor, float], Tensor]) -> None:
        self.estimate = estimate

    def __call__(self, noisy: Tensor, sigma: float) -> Tensor:
        """Return the estimate."""
        return self.estimate(noisy, sigma)
