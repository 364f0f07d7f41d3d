"""The optimal denoiser of images that fill a known set of one or two dimensions."""

from __future__ import annotations

import torch
from torch import Tensor

from gahb.data.drawn.drawn_set import DrawnSet, Prior
from gahb.types import Denoiser, Images, Sigma

REACH = 6.0
"""How far from y, in sigma, a theta may be that is counted."""
NODES = 121
"""Values of each coordinate that are tried: 0.1 sigma apart, or closer where the set is small."""


class LowDimensionalDenoiser(Denoiser):
    """Posterior mean of images B theta with few coordinates theta of known density.

    Given y = B theta + sigma z, only the projection of y onto the span of B tells of theta:
    E[x | y] = B E[theta | B^T y], a sum over a grid around B^T y.

    Parameters
    ----------
    prior : Prior
        B and the density of theta.
    """

    def __init__(self, prior: Prior) -> None:
        basis = prior.basis.double()
        self.basis, self.density, self.bounds = basis, prior.density, prior.bounds
        steps = torch.linspace(0, 1, NODES, dtype=torch.float64)
        axes = torch.meshgrid(*[steps] * len(basis), indexing="ij")
        self.nodes = torch.stack(axes, dim=-1).reshape(-1, len(basis))

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return E[x | y]; where no node is possible, the projection of y."""
        observed = noisy.detach().cpu().double().flatten(1) @ self.basis.T
        level = torch.as_tensor(sigma, dtype=torch.float64).cpu().reshape(-1)
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


def optimal_denoiser(drawn: DrawnSet, size: int) -> LowDimensionalDenoiser | None:
    """Return the optimal denoiser of a drawn set, None where it is not known."""
    prior = drawn.prior(size)
    return LowDimensionalDenoiser(prior) if prior else None
