"""The optimal denoiser of a finite set of images: the one that memorises.

Its prior is one point mass per training image (the multi-delta denoiser of Li, Dai &
Qu, NeurIPS 2024): D(y; sigma) = sum_i w_i x_i, w = softmax(-|y - x_i|^2 / (2 sigma^2)).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from gahb.types import Denoiser, Images, Sigma

BLOCK = 2048


class EmpiricalDenoiser(Denoiser):
    """Posterior mean under the empirical distribution of ``images``.

    Parameters
    ----------
    images : Tensor
        Training images ``[image, channel, height, width]``: uint8, or float in [0, 1].
    block : int
        Images converted and compared at a time; it bounds memory, and the result does
        not depend on it beyond rounding.
    dtype : torch.dtype
        Precision of distances and weights. At small sigma a difference of distances is
        divided by 2 sigma^2, so float32 is safe only well above sigma = 0.1.

    Notes
    -----
    As sigma tends to 0 the estimate tends to the nearest image (the mean of the nearest
    ones if several are equally near), and as sigma tends to infinity to the mean image;
    both limits may be passed as ``0.0`` and ``inf``.

    Examples
    --------
    >>> import torch, gahb
    >>> images = torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1)
    >>> float(gahb.EmpiricalDenoiser(images)(torch.full((1, 1, 1, 1), 0.9), 0.1))
    1.0
    """

    precision = torch.float64

    def __init__(
        self, images: Tensor, block: int = BLOCK, dtype: torch.dtype = torch.float64
    ) -> None:
        if not len(images):
            raise ValueError("an empirical denoiser needs at least one image")
        self.images, self.block, self.dtype = images, block, dtype

    def _blocks(self) -> Iterator[Tensor]:
        """Yield the images, flattened, a block at a time, in the units they are stored in."""
        for start in range(0, len(self.images), self.block):
            yield self.images[start : start + self.block].flatten(1).to(self.dtype)

    def _weighted(self, noisy: Images, sigma: Sigma, second: bool) -> tuple[Tensor, Tensor | None]:
        """Return the posterior mean ``[batch, pixels]``, and the second moment if asked.

        A streaming softmax: the smallest distance so far is the origin of the exponents,
        and what was summed before is rescaled when it falls.
        """
        if noisy.shape[1:] != self.images.shape[1:]:
            raise ValueError(
                f"images of shape {tuple(noisy.shape[1:])} do not fit a denoiser of images of "
                f"shape {tuple(self.images.shape[1:])}"
            )
        # It is cheaper to bring a few queries to the scale of the images than the reverse.
        scale = 255.0 if self.images.dtype == torch.uint8 else 1.0
        queries = noisy.to(self.images.device, self.dtype).flatten(1) * scale
        level = torch.as_tensor(sigma, dtype=self.dtype, device=queries.device) * scale
        twice = (2 * level.reshape(-1, 1) ** 2).expand(len(queries), 1)
        nearest: Tensor | None = None
        weight, first = torch.zeros_like(twice), torch.zeros_like(queries)
        products: Tensor | None = None
        for block in self._blocks():
            # |x|^2 - 2 <x, y>: |y|^2 is the same for all images and left out.
            squares = torch.linalg.vecdot(block, block)
            distance = torch.addmm(squares, queries, block.T, alpha=-2)
            closest = distance.amin(dim=1, keepdim=True)
            nearest = closest if nearest is None else nearest
            closest = torch.minimum(nearest, closest)
            rescale = _exponential_(nearest - closest, twice)
            weights = _exponential_(distance.sub_(closest), twice)
            weight = weight * rescale + weights.sum(dim=1, keepdim=True)
            first = (first * rescale).addmm_(weights, block)
            if second:
                update = torch.einsum("bi,ij,ik->bjk", weights, block, block)
                products = update if products is None else products * rescale[..., None] + update
            nearest = closest
        mean = first / (weight * scale)
        return mean, None if products is None else products / (weight * scale**2)[..., None]

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return the posterior mean of ``noisy``."""
        mean, _ = self._weighted(noisy, sigma, second=False)
        return mean.reshape(noisy.shape).to(noisy)

    def jacobian(self, noisy: Images, sigma: float) -> Tensor:
        """Return the Jacobian at each of ``noisy``: posterior covariance over sigma^2.

        Parameters
        ----------
        noisy : Images
            ``[batch, channel, height, width]``.
        sigma : float
            Above 0: at 0 the denoiser jumps from image to image.

        Returns
        -------
        Tensor
            ``[batch, pixels, pixels]``, symmetric and non-negative.
        """
        if not sigma > 0:
            raise ValueError(f"the Jacobian is defined for sigma above 0 only, got {sigma}")
        mean, second = self._weighted(noisy, sigma, second=True)
        assert second is not None
        return (second - mean[:, :, None] * mean[:, None, :]) / sigma**2


def _exponential_(excess: Tensor, twice: Tensor) -> Tensor:
    """Return exp(-excess / (2 sigma^2)), in place; at sigma = 0, 1 where the excess is 0."""
    if not bool((twice == 0).any()):
        return excess.div_(-twice).exp_()
    at_zero = (excess == 0).to(excess)
    return torch.where(twice == 0, at_zero, torch.exp(-excess / twice))
