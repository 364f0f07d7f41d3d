"""The optimal denoiser of images that fill a known set of one or two dimensions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gahb.data import synthetic
from gahb.types import Images, Sigma

REACH = 6.0
"""How far from y, in sigma, a theta may be that is counted."""
NODES = 121
"""Values of each coordinate that are tried: 0.1 sigma apart, or closer where the set is small."""


class LowDimensionalDenoiser:
    """Posterior mean of images B theta with few coordinates theta of known density.

    Given y = B theta + sigma z, only the projection of y onto the span of B tells of theta:
    E[x | y] = B E[theta | B^T y], a sum over a grid around B^T y.

    Parameters
    ----------
    basis : Tensor
        Orthonormal rows ``[dimension, pixels]``, one or two.
    density : callable
        From ``[..., dimension]`` to the density of theta, up to a factor.
    bounds : tuple of float
        Lowest and highest value of any coordinate.
    """

    blind = False

    def __init__(
        self,
        basis: Tensor,
        density: Callable[[Tensor], Tensor],
        bounds: tuple[float, float],
    ) -> None:
        self.basis, self.density, self.bounds = basis.double(), density, bounds
        steps = torch.linspace(0, 1, NODES, dtype=torch.float64)
        axes = torch.meshgrid(*[steps] * len(basis), indexing="ij")
        self.nodes = torch.stack(axes, dim=-1).reshape(-1, len(basis))

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return E[x | y]; where no node is possible, the projection of y."""
        observed = noisy.detach().cpu().double().flatten(1) @ self.basis.T
        level = torch.as_tensor(sigma).cpu().double().reshape(-1)
        found = [
            self._posterior_mean(one, float(spread))
            for one, spread in zip(observed, level.expand(len(observed)), strict=True)
        ]
        return (torch.stack(found) @ self.basis).reshape(noisy.shape).to(noisy)

    def _posterior_mean(self, observed: Tensor, sigma: float) -> Tensor:
        first = (observed - REACH * sigma).clamp(*self.bounds)
        last = (observed + REACH * sigma).clamp(*self.bounds)
        candidates = first + (last - first) * self.nodes
        exponents = -(candidates - observed).square().sum(dim=1) / (2 * sigma**2)
        weights = self.density(candidates) * torch.exp(exponents - exponents.max())
        total = weights.sum()
        return weights @ candidates / total if total > 0 else observed


def ray_denoiser(size: int) -> LowDimensionalDenoiser:
    """Return the optimal denoiser of the images of `gahb.data.synthetic.ray_images`."""
    direction = torch.from_numpy(np.array(synthetic.ray_direction(size)))
    norm = direction.norm()
    low, high = (float(norm) * bound for bound in synthetic.RAY_INTENSITIES)
    return LowDimensionalDenoiser(
        (direction / norm)[None], lambda theta: torch.ones_like(theta[..., 0]), (low, high)
    )


def wave_denoiser(size: int) -> LowDimensionalDenoiser:
    """Return the optimal denoiser of the images of `gahb.data.synthetic.wave_images`.

    Intensity and phase are uniform: in the plane the density falls as 1 / intensity.
    """
    waves = torch.from_numpy(synthetic.wave_basis(size))
    norm = waves[0].norm()
    low, high = (float(norm) * bound for bound in synthetic.WAVE_INTENSITIES)

    def density(theta: Tensor) -> Tensor:
        radius = theta.norm(dim=-1)
        inside = (radius >= low) & (radius <= high)
        return torch.where(inside, 1 / radius.clamp(min=low), 0.0)

    return LowDimensionalDenoiser(waves / norm, density, (-high, high))
