"""The affine map closest to a denoiser, in closed form.

Li, Dai & Qu (NeurIPS 2024) distil a network into one affine map per noise level,
min over W, b of E |W y + b - D(y; sigma)|^2, by gradient descent. The problem is convex
and quadratic: its solution is W = Cov[D(y), y] Cov[y]^-1, b = E[D(y)] - W E[y], computed
here from second moments streamed over noisy images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gahb.errors import ConfigError
from gahb.images import as_float
from gahb.noise import add_noise
from gahb.seeds import torch_stream
from gahb.types import Denoiser, Images, Sigma


@dataclass(frozen=True)
class AffineMap:
    """One affine map of flattened images, in float64.

    Attributes
    ----------
    weight : Tensor
        ``[pixels, pixels]``.
    bias : Tensor
        ``[pixels]``.
    """

    weight: Tensor
    bias: Tensor


class CrossMoments:
    """Streamed first and second moments of inputs and outputs, in float64.

    Parameters
    ----------
    pixels : int
        Length of a flattened image.
    origin : float
        Sums are taken of deviations from this typical pixel value, so that they do not
        cancel when subtracted.
    """

    def __init__(self, pixels: int, origin: float = 0.5) -> None:
        self.count, self.origin = 0, origin
        self.inputs, self.outputs = (torch.zeros(pixels, dtype=torch.float64) for _ in range(2))
        self.squares, self.products = (
            torch.zeros(pixels, pixels, dtype=torch.float64) for _ in range(2)
        )

    def add(self, inputs: Tensor, outputs: Tensor) -> None:
        """Count one batch of flattened inputs and outputs ``[batch, pixels]``."""
        inputs = inputs.cpu().double() - self.origin
        outputs = outputs.cpu().double() - self.origin
        self.count += len(inputs)
        self.inputs += inputs.sum(dim=0)
        self.outputs += outputs.sum(dim=0)
        self.squares.addmm_(inputs.T, inputs)
        self.products.addmm_(outputs.T, inputs)

    def __add__(self, other: CrossMoments) -> CrossMoments:
        """Return the moments of both sets of images together."""
        both = CrossMoments(len(self.inputs), self.origin)
        both.count = self.count + other.count
        for name in ("inputs", "outputs", "squares", "products"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both

    def covariance(self, ridge: float = 0.0) -> Tensor:
        """Return the covariance of the inputs, with a ridge as in `solve`."""
        mean = self.inputs / self.count
        covariance = self.squares / self.count - torch.outer(mean, mean)
        covariance.diagonal().add_(ridge * covariance.diagonal().mean())
        return covariance

    def condition(self, ridge: float = 0.0) -> float:
        """Return the condition number of `covariance`."""
        values = torch.linalg.eigvalsh(self.covariance(ridge))
        return float(values[-1] / values[0])

    def solve(self, ridge: float = 0.0) -> AffineMap:
        """Return the best affine map from inputs to outputs.

        Parameters
        ----------
        ridge : float
            Added to the diagonal of the covariance of the inputs, in units of its mean
            diagonal entry. 0 gives the exact minimiser.

        Raises
        ------
        ConfigError
            If the covariance is singular: there were too few images.
        """
        pixels = len(self.inputs)
        if self.count <= pixels and not ridge:
            raise ConfigError(
                f"an affine map of {pixels} pixels needs more than {pixels} noisy images, got "
                f"{self.count}; raise split.test or agreement.distil_draws, or set agreement.ridge"
            )
        factor, failed = torch.linalg.cholesky_ex(self.covariance(ridge))
        if failed:
            raise ConfigError(
                "the covariance of the noisy images is singular; set agreement.ridge above 0"
            )
        mean_in, mean_out = self.inputs / self.count, self.outputs / self.count
        cross = self.products / self.count - torch.outer(mean_out, mean_in)
        weight = torch.cholesky_solve(cross.T, factor).T
        bias = self.origin + mean_out - weight @ (self.origin + mean_in)
        return AffineMap(weight, bias)


class LinearDenoiser(Denoiser):
    """Affine denoiser, one map per noise level it was fitted at.

    Parameters
    ----------
    maps : dict
        Noise level to affine map.
    shape : sequence of int
        ``(channel, height, width)``.
    """

    precision = torch.float64

    def __init__(self, maps: dict[float, AffineMap], shape: Sequence[int]) -> None:
        self.maps, self.shape = maps, tuple(shape)

    @classmethod
    def from_arrays(
        cls, sigmas: np.ndarray, weights: np.ndarray, biases: np.ndarray, shape: Sequence[int]
    ) -> LinearDenoiser:
        """Return the denoiser of stored maps, ``[level, ...]`` each."""
        maps = {
            float(sigma): AffineMap(torch.from_numpy(weight), torch.from_numpy(bias))
            for sigma, weight, bias in zip(sigmas, weights, biases, strict=True)
        }
        return cls(maps, shape)

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return W y + b of the level of each image; other levels are an error."""
        if tuple(noisy.shape[1:]) != self.shape:
            raise ValueError(
                f"images of shape {tuple(noisy.shape[1:])} do not fit a denoiser of images of "
                f"shape {self.shape}"
            )
        levels = torch.as_tensor(sigma, dtype=torch.float64).cpu().reshape(-1).expand(len(noisy))
        estimate = torch.empty_like(noisy)
        for level in levels.unique().tolist():
            chosen = self._map(level)
            rows = (levels == level).nonzero()[:, 0].to(noisy.device)
            # In float64 on the CPU, where the maps are: not every device knows it.
            flat = noisy[rows].flatten(1).cpu().double()
            mapped = flat @ chosen.weight.T + chosen.bias
            estimate[rows] = mapped.reshape(-1, *self.shape).to(noisy)
        return estimate

    def _map(self, level: float) -> AffineMap:
        nearest = min(self.maps, key=lambda known: abs(known - level))
        # A level that went through float32 is the same level.
        if abs(nearest - level) > 1e-6 * max(nearest, level):
            known = ", ".join(f"{sigma:g}" for sigma in sorted(self.maps))
            raise ValueError(f"no affine map was fitted at sigma = {level:g}, only at {known}")
        return self.maps[nearest]


@torch.inference_mode()
def cross_moments(
    denoiser: Denoiser,
    images: Tensor,
    sigma: float,
    *,
    seed: int,
    draws: int = 1,
    folds: int = 1,
    batch: int = 512,
) -> list[CrossMoments]:
    """Return the moments of noisy and denoised images, one set for each of some folds.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode.
    images : Tensor
        uint8 or float ``[image, channel, height, width]`` on the denoiser's device,
        which it should not have been trained on.
    sigma : float
        Noise level in [0, 1] pixel units.
    seed : int
        Of the noise.
    draws : int
        Noisy versions of each image.
    folds : int
        Disjoint parts of the images; their sum is all of them.
    """
    parts = []
    for fold in range(folds):
        sums = CrossMoments(images[0].numel())
        chosen = images[fold::folds]
        for draw in range(draws):
            for start in range(0, len(chosen), batch):
                clean = chosen[start : start + batch]
                clean = as_float(clean, images.device) if clean.dtype == torch.uint8 else clean
                stream = torch_stream(
                    seed, "distil", repr(sigma), fold, draw, start, device=clean.device
                )
                noisy = add_noise(clean, sigma, stream)
                sums.add(noisy.flatten(1), denoiser(noisy, sigma).flatten(1))
        parts.append(sums)
    return parts


def distil(
    denoiser: Denoiser,
    images: Tensor,
    sigmas: Sequence[float],
    *,
    seed: int,
    draws: int = 1,
    ridge: float = 0.0,
    batch: int = 512,
) -> LinearDenoiser:
    """Return the affine maps closest to ``denoiser`` at each of ``sigmas``.

    Parameters are those of `cross_moments` and of `CrossMoments.solve`.
    """
    maps = {}
    for sigma in sigmas:
        (sums,) = cross_moments(denoiser, images, sigma, seed=seed, draws=draws, batch=batch)
        maps[float(sigma)] = sums.solve(ridge)
    return LinearDenoiser(maps, images.shape[1:])
