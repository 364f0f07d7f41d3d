"""Shrinkage in a fixed orthogonal wavelet basis: what adaptive bases are measured against.

Model: the coefficients of a clean image are sparse in the basis, and those of the noise
are independent of standard deviation sigma. Donoho & Johnstone, Biometrika 1994,
doi:10.1093/biomet/81.3.425 (universal threshold) and JASA 1995,
doi:10.1080/01621459.1995.10476626 (SURE threshold); transforms by PyWavelets.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pywt
import torch
from torch import Tensor

from gahb.denoisers.gaussian import wiener_gains
from gahb.types import Denoiser, Images, Sigma

AXES = (-2, -1)

Place = tuple[slice, ...]
"""Index of the coefficients of one band."""


class WaveletBasis:
    """An orthonormal basis of images ``[..., height, width]``, periodic at the borders.

    Parameters
    ----------
    wavelet : str
        Name of an orthogonal wavelet of PyWavelets.
    height, width : int
        Multiples of ``2**levels``.
    levels : int, optional
        Depth; by default as deep as the size divides by two and the filter fits, at most 4.

    Examples
    --------
    >>> import numpy, gahb
    >>> basis = gahb.WaveletBasis("haar", 8, 8)
    >>> image = numpy.random.default_rng(0).random((1, 1, 8, 8))
    >>> numpy.allclose(basis.synthesise(basis.analyse(image)), image)
    True
    """

    def __init__(self, wavelet: str, height: int, width: int, levels: int | None = None) -> None:
        self.wavelet = pywt.Wavelet(wavelet)
        if not self.wavelet.orthogonal:
            raise ValueError(f"wavelet {wavelet!r} is not orthogonal; try 'db4' or 'haar'")
        common = np.gcd(height, width)
        fitting = pywt.dwt_max_level(min(height, width), self.wavelet)
        deepest = min(4, fitting, int(common & -common).bit_length() - 1)
        self.levels = deepest if levels is None else levels
        if common % 2**self.levels:
            raise ValueError(f"{height}x{width} pixels cannot be halved {self.levels} times")
        example = pywt.wavedec2(
            np.zeros((height, width)), self.wavelet, "periodization", self.levels, AXES
        )
        array, self._slices = pywt.coeffs_to_array(example)
        self.coarse = np.zeros(array.shape, bool)
        self.coarse[self._slices[0]] = True
        """Where the coefficients of the coarsest averages are; these are never shrunk."""
        self.bands = [
            np.s_[(..., *place)] for detail in self._slices[1:] for place in detail.values()
        ]
        """Index of each band of details."""

    def analyse(self, images: np.ndarray) -> np.ndarray:
        """Return the coefficients of ``images``, same shape, same norm."""
        coefficients = pywt.wavedec2(images, self.wavelet, "periodization", self.levels, AXES)
        return pywt.coeffs_to_array(coefficients, axes=AXES)[0]

    def synthesise(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the images that have these coefficients."""
        lead = (slice(None),) * (coefficients.ndim - 2)
        slices: list[Place | dict[str, Place]] = [lead + tuple(self._slices[0])]
        slices += [{k: lead + tuple(v) for k, v in detail.items()} for detail in self._slices[1:]]
        parts = pywt.array_to_coeffs(coefficients, slices, output_format="wavedec2")
        return pywt.waverec2(parts, self.wavelet, "periodization", AXES)


class WaveletDenoiser(Denoiser):
    """Soft thresholding of wavelet details.

    Parameters
    ----------
    basis : WaveletBasis
        Orthonormal basis of the images.
    rule : {"universal", "sure"}
        Threshold sigma sqrt(2 log d) with d pixels, or, band by band, the threshold
        with the least value of Stein's unbiased estimate of the risk.

    Examples
    --------
    >>> import torch, gahb
    >>> denoiser = gahb.WaveletDenoiser(gahb.WaveletBasis("haar", 8, 8), "sure")
    >>> denoiser(torch.rand(3, 1, 8, 8), 0.1).shape
    torch.Size([3, 1, 8, 8])
    """

    def __init__(self, basis: WaveletBasis, rule: Literal["universal", "sure"]) -> None:
        if rule not in ("universal", "sure"):
            raise ValueError(f"unknown rule {rule!r}; known: universal, sure")
        self.basis, self.rule = basis, rule

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Return ``noisy`` with its details shrunk; coarse averages are kept."""
        coefficients = self.basis.analyse(noisy.detach().cpu().double().numpy())
        levels = torch.as_tensor(sigma, dtype=torch.float64).cpu().reshape(-1).numpy()
        levels = np.broadcast_to(levels, len(noisy))
        for image, level in zip(coefficients, levels, strict=True):
            self._shrink(image, float(level))
        return torch.from_numpy(self.basis.synthesise(coefficients)).to(noisy)

    def _shrink(self, image: np.ndarray, sigma: float) -> None:
        """Threshold the details of one image ``[channel, height, width]`` in place."""
        if sigma == 0:
            return
        for channel in image:
            universal = sigma * np.sqrt(2 * np.log(channel.size))
            for band in self.basis.bands:
                details = channel[band]
                by_risk = self.rule == "sure"
                threshold = sure_threshold(details, sigma) if by_risk else universal
                channel[band] = pywt.threshold(details, threshold, "soft")


def sure_threshold(details: np.ndarray, sigma: float) -> float:
    """Return the soft threshold of the least estimated risk (SureShrink).

    For n coefficients c and threshold t the estimate of the risk is
    sigma^2 (n - 2 #{|c| <= t}) + sum min(c^2, t^2); it is least at one of the |c|, or at 0.
    """
    magnitudes = np.sort(np.abs(details).ravel())
    count = len(magnitudes)
    below = np.cumsum(magnitudes**2)
    ranks = np.arange(1, count + 1)
    risks = sigma**2 * (count - 2 * ranks) + below + (count - ranks) * magnitudes**2
    best = int(risks.argmin())
    # At t = 0 nothing is shrunk and the risk is that of the noise itself.
    return float(magnitudes[best]) if risks[best] < sigma**2 * count else 0.0


def oracle_shrinkage(basis: WaveletBasis, clean: Images, noisy: Images, sigma: float) -> Images:
    """Return the best diagonal shrinkage in ``basis``, which knows the clean image.

    Each coefficient is multiplied by lambda_k = c_k^2 / (c_k^2 + sigma^2), with
    c_k = <x, e_k> (Kadkhodaie et al., eq. 8): a bound for every method in this basis.
    """
    truth = basis.analyse(clean.cpu().double().numpy())
    coefficients = basis.analyse(noisy.cpu().double().numpy())
    shrunk = coefficients * oracle_gains(truth, sigma)
    return torch.from_numpy(basis.synthesise(shrunk)).to(noisy)


def oracle_gains(coefficients: np.ndarray, sigma: float) -> np.ndarray:
    """Return c^2 / (c^2 + sigma^2), 0 where c is."""
    return wiener_gains(torch.from_numpy(coefficients**2), sigma).numpy()


def oracle_error(basis: WaveletBasis, clean: Images, sigma: float) -> Tensor:
    """Return the expected squared error of `oracle_shrinkage` per image, ``[batch]``.

    sum_k sigma^2 c_k^2 / (c_k^2 + sigma^2), summed over pixels, not averaged.
    """
    truth = basis.analyse(clean.cpu().double().numpy())
    errors = sigma**2 * oracle_gains(truth, sigma)
    return torch.from_numpy(errors.reshape(len(errors), -1).sum(axis=1))
