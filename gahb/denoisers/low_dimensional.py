"""The optimal denoiser of images that fill a known set of one or two dimensions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gahb.data import synthetic
from gahb.types import Images, Sigma

REACH = 6.0
"""Half the width, in sigma, of the window around y that holds the posterior."""
SPACING = 0.1
"""Distance of neighbouring nodes in sigma; the sums are exact to about exp(-2 pi^2 / 0.1^2)
where the prior is smooth, and to half a node at its ends."""


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
    """

    blind = False

    def __init__(self, basis: Tensor, density: Callable[[Tensor], Tensor]) -> None:
        self.basis, self.density = basis.double(), density
        steps = torch.arange(-REACH, REACH + SPACING / 2, SPACING, dtype=torch.float64)
        axes = torch.meshgrid(*[steps] * len(basis), indexing="ij")
        self.nodes = torch.stack(axes, dim=-1).reshape(-1, len(basis))

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return E[x | y]; where nothing within six sigma is possible, the projection of y."""
        observed = noisy.double().cpu().flatten(1) @ self.basis.T
        level = torch.as_tensor(sigma, dtype=torch.float64).cpu().reshape(-1, 1)
        found = [
            self._posterior_mean(one, spread)
            for one, spread in zip(observed, level.expand(len(observed), 1))
        ]
        return (torch.stack(found) @ self.basis).reshape(noisy.shape).to(noisy)

    def _posterior_mean(self, observed: Tensor, sigma: Tensor) -> Tensor:
        candidates = observed + sigma * self.nodes
        weights = self.density(candidates) * torch.exp(-self.nodes.square().sum(dim=1) / 2)
        total = weights.sum()
        return weights @ candidates / total if total > 0 else observed


def ray_denoiser(size: int) -> LowDimensionalDenoiser:
    """Return the optimal denoiser of the images of `gahb.data.synthetic.ray_images`."""
    direction = torch.from_numpy(np.array(synthetic.ray_direction(size)))
    norm = direction.norm()
    low, high = (norm * bound for bound in synthetic.RAY_INTENSITIES)

    def density(theta: Tensor) -> Tensor:
        return ((theta >= low) & (theta <= high)).double().squeeze(-1)

    return LowDimensionalDenoiser((direction / norm)[None], density)


def wave_denoiser(size: int) -> LowDimensionalDenoiser:
    """Return the optimal denoiser of the images of `gahb.data.synthetic.wave_images`.

    Intensity and phase are uniform: in the plane the density falls as 1 / intensity.
    """
    waves = torch.from_numpy(synthetic.wave_basis(size))
    norm = waves[0].norm()
    low, high = (norm * bound for bound in synthetic.WAVE_INTENSITIES)

    def density(theta: Tensor) -> Tensor:
        radius = theta.norm(dim=-1)
        inside = (radius >= low) & (radius <= high)
        return torch.where(inside, 1 / radius.clamp(min=low), 0.0)

    return LowDimensionalDenoiser(waves / norm, density)
