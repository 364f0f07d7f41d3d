"""The optimal denoiser of Gaussian images, from the first two moments of a data set.

Li, Dai & Qu (NeurIPS 2024, eq. 6) and every text on Wiener filtering:
D(y; sigma) = mu + U diag(lambda / (lambda + sigma^2)) U^T (y - mu), where
Sigma = U diag(lambda) U^T is the covariance. Among all affine maps it has the least
mean squared error for images of these moments, Gaussian or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gahb.types import Denoiser, Images, Sigma

BLOCK = 4096


@dataclass(frozen=True)
class Moments:
    """Empirical mean and covariance (divided by N) of flattened images in [0, 1] units.

    Attributes
    ----------
    mean : Tensor
        float64 ``[pixels]``.
    covariance : Tensor
        float64 ``[pixels, pixels]``.
    count : int
        Images N. With N <= pixels the covariance is singular.
    shape : tuple of int
        ``(channel, height, width)``.
    """

    mean: Tensor
    covariance: Tensor
    count: int
    shape: tuple[int, ...]


def moments(images: np.ndarray, block: int = BLOCK) -> Moments:
    """Return the moments of ``images`` in one pass, accumulated in float64.

    Parameters
    ----------
    images : ndarray
        ``[image, channel, height, width]``, uint8, or float in [0, 1]; may be
        memory-mapped.
    block : int
        Images read at a time; bounds memory.

    Notes
    -----
    Sums are taken of deviations from the mean of the first block, which keeps the
    subtraction of two large numbers out of the covariance.

    Examples
    --------
    >>> import numpy, gahb
    >>> black_and_white = numpy.array([[[[0]]], [[[255]]]], dtype=numpy.uint8)
    >>> found = gahb.moments(black_and_white)
    >>> float(found.mean), float(found.covariance)
    (0.5, 0.25)
    """
    if not len(images):
        raise ValueError("moments of no images are not defined")
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    pixels = int(np.prod(images.shape[1:]))
    shift = np.asarray(images[:block], np.float64).reshape(-1, pixels).mean(axis=0) / scale
    total, products = np.zeros(pixels), np.zeros((pixels, pixels))
    for start in range(0, len(images), block):
        # A copy: what follows works in place, and the images are the caller's.
        deviations = np.array(images[start : start + block], np.float64).reshape(-1, pixels)
        deviations /= scale
        deviations -= shift
        total += deviations.sum(axis=0)
        products += deviations.T @ deviations
    offset = total / len(images)
    covariance = products / len(images) - np.outer(offset, offset)
    return Moments(
        torch.from_numpy(shift + offset),
        torch.from_numpy(covariance),
        len(images),
        tuple(images.shape[1:]),
    )


def wiener_gains(variance: Tensor, sigma: Tensor | float) -> Tensor:
    """Return v / (v + sigma^2) of variances v: 0 where nothing varies, at any noise level."""
    return torch.where(variance > 0, variance / (variance + sigma**2), 0.0)


class GaussianDenoiser(Denoiser):
    """Posterior mean of images with given moments, in closed form.

    Parameters
    ----------
    moments : Moments
        Of the network's own training set, when it is compared with a network.
    dtype, device
        Of the stored eigenvectors; inputs are computed in this precision and returned in
        their own.

    Notes
    -----
    Eigenvalues below ``pixels * eps`` of the largest are rounding errors and count as 0.
    In those directions the denoiser returns the mean at every sigma, 0 included: when
    N <= pixels it does not tend to the identity as sigma tends to 0, but to the projection
    onto the affine span of the images.

    Examples
    --------
    >>> import numpy, torch, gahb
    >>> images = numpy.random.default_rng(0).integers(0, 256, (50, 1, 4, 4), dtype=numpy.uint8)
    >>> wiener = gahb.GaussianDenoiser(gahb.moments(images))
    >>> wiener.rank
    16
    >>> wiener(torch.rand(1, 1, 4, 4), 0.2).shape
    torch.Size([1, 1, 4, 4])
    """

    precision = torch.float64

    def __init__(
        self,
        moments: Moments,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str = "cpu",
    ) -> None:
        values, vectors = torch.linalg.eigh(moments.covariance)
        floor = len(values) * torch.finfo(torch.float64).eps * values[-1].clamp(min=0)
        values = torch.where(values > floor, values, 0.0)
        self.shape = moments.shape
        self.count = moments.count
        self.mean = moments.mean.to(device, dtype)
        self.values = values.flip(0).to(device, dtype)
        self.vectors = vectors.flip(1).to(device, dtype)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all there is to know, for `from_arrays`."""
        return {
            "mean": self.mean.cpu().numpy(),
            "values": self.values.cpu().numpy(),
            "vectors": self.vectors.cpu().numpy(),
            "count": np.array(self.count),
            "shape": np.array(self.shape),
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], device: torch.device | str = "cpu"
    ) -> GaussianDenoiser:
        """Return the denoiser that `arrays` were taken of."""
        denoiser = cls.__new__(cls)
        for name in ("mean", "values", "vectors"):
            setattr(denoiser, name, torch.from_numpy(arrays[name]).to(device))
        denoiser.count, denoiser.shape = int(arrays["count"]), tuple(arrays["shape"].tolist())
        return denoiser

    @property
    def rank(self) -> int:
        """Number of directions in which the images vary."""
        return int((self.values > 0).sum())

    def gains(self, sigma: Sigma) -> Tensor:
        """Return lambda / (lambda + sigma^2), ``[batch or 1, pixels]``; 0 where lambda is."""
        sigma = torch.as_tensor(sigma, dtype=self.mean.dtype, device=self.mean.device)
        return wiener_gains(self.values, sigma.reshape(-1, 1))

    def _in_basis(self, images: Images) -> Tensor:
        if tuple(images.shape[1:]) != self.shape:
            raise ValueError(
                f"images of shape {tuple(images.shape[1:])} do not fit a denoiser of images of "
                f"shape {self.shape}"
            )
        return (images.to(self.mean).flatten(1) - self.mean) @ self.vectors

    def _as_images(self, coefficients: Tensor, like: Images) -> Images:
        flat = self.mean + coefficients @ self.vectors.T
        return flat.reshape(-1, *self.shape).to(like)

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return mu + U diag(lambda / (lambda + sigma^2)) U^T (y - mu)."""
        return self._as_images(self._in_basis(noisy) * self.gains(sigma), noisy)

    def jacobian(self, sigma: float) -> Tensor:
        """Return the constant, symmetric Jacobian ``[pixels, pixels]`` at ``sigma``."""
        return (self.vectors * self.gains(sigma)) @ self.vectors.T

    def error(self, sigma: float) -> float:
        """Return the MSE per pixel on images of these moments: sum of the shrunk variances."""
        gains = self.gains(sigma)[0]
        # lambda sigma^2 / (lambda + sigma^2), summed over directions
        return float((gains * sigma**2).sum() / len(self.values))

    def sample(self, noise: Images) -> Images:
        """Map standard normal ``noise`` to images of these moments: mu + Sigma^(1/2) z."""
        coefficients = noise.to(self.mean).flatten(1) @ self.vectors
        return self._as_images(coefficients * self.values.sqrt(), noise)

    def ode_solution(self, state: Images, sigma_from: float, sigma_to: float) -> Images:
        """Carry ``state`` along dx/dsigma = (x - D(x; sigma)) / sigma, exactly.

        Li, Dai & Qu, section 3: each coefficient is multiplied by
        sqrt((sigma_to^2 + lambda) / (sigma_from^2 + lambda)).
        """
        factors = ((sigma_to**2 + self.values) / (sigma_from**2 + self.values)).sqrt()
        return self._as_images(self._in_basis(state) * factors, state)


class StationaryGaussianDenoiser(Denoiser):
    """Posterior mean of translation-invariant Gaussian images: a Wiener filter.

    Only the mean pixel and the power spectrum are kept, so that images of any number
    of pixels can be denoised. The images are taken as periodic.

    Parameters
    ----------
    images : Tensor
        float ``[image, channel, height, width]`` in [0, 1] units.
    """

    def __init__(self, images: Images) -> None:
        precise = images.double()
        self.mean = precise.mean(dim=(0, 2, 3), keepdim=True)
        spectra = torch.fft.fft2(precise - self.mean, norm="ortho").abs() ** 2
        self.power = spectra.mean(dim=0, keepdim=True)

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return the mean plus P / (P + sigma^2) of each frequency of y less the mean."""
        if noisy.shape[1:] != self.power.shape[1:]:
            raise ValueError(
                f"images of shape {tuple(noisy.shape[1:])} do not fit a denoiser of images of "
                f"shape {tuple(self.power.shape[1:])}"
            )
        mean, power = self.mean.to(noisy.device), self.power.to(noisy.device)
        level = torch.as_tensor(sigma, dtype=power.dtype, device=power.device)
        gains = wiener_gains(power, level.reshape(-1, 1, 1, 1))
        spectrum = torch.fft.fft2(noisy.double() - mean, norm="ortho")
        return (mean + torch.fft.ifft2(gains * spectrum, norm="ortho").real).to(noisy)
