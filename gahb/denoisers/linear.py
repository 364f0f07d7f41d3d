"""The affine map closest to a denoiser, in closed form.

Li, Dai & Qu (NeurIPS 2024) distil a network into one affine map per noise level,
min over W, b of E |W y + b - D(y; sigma)|^2, by gradient descent. The problem is convex
and quadratic: its solution is W = Cov[D(y), y] Cov[y]^-1, b = E[D(y)] - W E[y], computed
here from second moments streamed over noisy images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

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
    condition : float
        Condition number of the covariance of the noisy images that it was fitted on.
    """

    weight: Tensor
    bias: Tensor
    condition: float


class CrossMoments:
    """Streamed first and second moments of inputs and outputs, in float64."""

    def __init__(self, pixels: int) -> None:
        self.count = 0
        self.inputs, self.outputs = (torch.zeros(pixels, dtype=torch.float64) for _ in range(2))
        self.squares, self.products = (
            torch.zeros(pixels, pixels, dtype=torch.float64) for _ in range(2)
        )
        self._origin: tuple[Tensor, Tensor] | None = None

    def add(self, inputs: Tensor, outputs: Tensor) -> None:
        """Count one batch of flattened inputs and outputs ``[batch, pixels]``."""
        inputs, outputs = inputs.double().cpu(), outputs.double().cpu()
        if self._origin is None:
            # Sums of deviations from some typical value do not cancel when subtracted.
            self._origin = inputs.mean(dim=0), outputs.mean(dim=0)
        inputs, outputs = inputs - self._origin[0], outputs - self._origin[1]
        self.count += len(inputs)
        self.inputs += inputs.sum(dim=0)
        self.outputs += outputs.sum(dim=0)
        self.squares.addmm_(inputs.T, inputs)
        self.products.addmm_(outputs.T, inputs)

    def solve(self, ridge: float = 0.0) -> AffineMap:
        """Return the best affine map from inputs to outputs.

        Parameters
        ----------
        ridge : float
            Added to the diagonal of the covariance of the inputs, in units of its mean
            diagonal entry. 0 gives the exact minimiser.

        Raises
        ------
        ValueError
            If the covariance is singular: there were too few images.
        """
        pixels = len(self.inputs)
        if self.count <= pixels and not ridge:
            raise ValueError(
                f"an affine map of {pixels} pixels needs more than {pixels} noisy images, got "
                f"{self.count}; give more, or a ridge above 0"
            )
        mean_in, mean_out = self.inputs / self.count, self.outputs / self.count
        covariance = self.squares / self.count - torch.outer(mean_in, mean_in)
        covariance.diagonal().add_(ridge * covariance.diagonal().mean())
        cross = self.products / self.count - torch.outer(mean_out, mean_in)
        factor, failed = torch.linalg.cholesky_ex(covariance)
        if failed:
            raise ValueError("the covariance of the noisy images is singular; give a ridge above 0")
        weight = torch.cholesky_solve(cross.T, factor).T
        extremes = torch.linalg.eigvalsh(covariance)[[0, -1]]
        bias = self._origin[1] + mean_out - weight @ (self._origin[0] + mean_in)
        return AffineMap(weight, bias, float(extremes[1] / extremes[0]))


class LinearDenoiser:
    """Affine denoiser, one map per noise level it was fitted at.

    Parameters
    ----------
    maps : dict
        Noise level to affine map.
    shape : sequence of int
        ``(channel, height, width)``.
    """

    blind = False

    def __init__(self, maps: dict[float, AffineMap], shape: Sequence[int]) -> None:
        self.maps, self.shape = maps, tuple(shape)

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
            flat = noisy[rows].flatten(1).double()
            mapped = flat @ chosen.weight.to(flat.device).T + chosen.bias.to(flat.device)
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
def distil(
    denoiser: Denoiser,
    images: Tensor,
    sigmas: Sequence[float],
    *,
    seed: int,
    draws: int = 1,
    ridge: float = 0.0,
    batch: int = 512,
    report: Callable[[float, AffineMap], None] | None = None,
) -> LinearDenoiser:
    """Return the affine maps closest to ``denoiser`` at each of ``sigmas``.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode.
    images : Tensor
        uint8 or float ``[image, channel, height, width]`` on the denoiser's device,
        which it should not have been trained on.
    sigmas : sequence of float
        Noise levels in [0, 1] pixel units.
    seed : int
        Of the noise.
    draws : int
        Noisy versions of each image.
    ridge : float
        See `CrossMoments.solve`.
    report : callable, optional
        Called with each level and its map, for progress.
    """
    maps = {}
    for sigma in sigmas:
        sums = CrossMoments(images[0].numel())
        for draw in range(draws):
            for start in range(0, len(images), batch):
                clean = images[start : start + batch]
                clean = as_float(clean, images.device) if clean.dtype == torch.uint8 else clean
                stream = torch_stream(seed, "distil", repr(sigma), draw, start, device=clean.device)
                noisy = add_noise(clean, sigma, stream)
                sums.add(noisy.flatten(1), denoiser(noisy, sigma).flatten(1))
        maps[float(sigma)] = sums.solve(ridge)
        if report is not None:
            report(sigma, maps[float(sigma)])
    return LinearDenoiser(maps, images.shape[1:])
