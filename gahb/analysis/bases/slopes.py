"""PSNR curves of a denoiser, their slope, and what they cost in Kullback-Leibler divergence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from gahb.analysis.bases.oracles import WAVELET, principal_error
from gahb.analysis.statistics import percentile_interval, resampled_means
from gahb.analysis.transition.evaluation import squared_errors
from gahb.data.drawn.sets import DRAWN_SETS
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.low_dimensional import optimal_denoiser
from gahb.denoisers.wavelet import WaveletBasis, WaveletDenoiser, oracle_error
from gahb.images import as_float
from gahb.metrics import input_psnr_db, psnr_db
from gahb.settings import DataSettings
from gahb.types import Denoiser

LARGEST_SHARE_KEPT = 0.5
"""Where a slope is fitted, d MSE / sigma^2, the dimensions that are kept, must be at most this
share of the d pixels: beyond, the grid and not the images' regularity limits the error."""


def measure_errors(
    network: Denoiser,
    gaussian: GaussianDenoiser,
    images: torch.Tensor,
    data: DataSettings,
    sigmas: list[float],
    seed: int,
) -> dict[str, np.ndarray]:
    """Measure a network and what it is compared with at the same noisy images.

    Parameters
    ----------
    network : Denoiser
        In evaluation mode.
    gaussian : GaussianDenoiser
        Of the network's own training images.
    images : Tensor
        Stored test images ``[image, channel, height, width]`` on the network's device.
    data : DataSettings
        What they are, which decides whether the optimal denoiser is known.
    sigmas : list of float
        Noise levels in [0, 1] units, increasing.
    seed : int
        Root seed of the noise.

    Returns
    -------
    dict
        ``sigmas``, ``pixels``, ``contrast`` (of `fitted_range`), and per method
        ``mse_<method>`` float64 ``[level, image]``: ``network``, ``gaussian``, ``wavelet``
        (soft threshold, SURE), ``oracle_wavelet`` (best shrinkage in the same wavelet
        basis, expected over the noise), ``oracle_pca`` (the same in the principal components
        of the training images) and, where it is known, ``optimal``; for disks ``limit``,
        5 sigma^2 / pixels, which the optimum tends to at small noise. No wavelets for
        images too small or too odd to be halved.
    """
    basis = WaveletBasis(WAVELET, *images.shape[-2:])
    methods: dict[str, Denoiser] = {"network": network, "gaussian": gaussian}
    if basis.levels:
        methods["wavelet"] = WaveletDenoiser(basis, "sure")
    drawn = DRAWN_SETS.get(data.source)
    optimal = optimal_denoiser(drawn, data.size) if drawn else None
    if optimal and not data.shuffle:
        methods["optimal"] = optimal
    clean, pixels = as_float(images, "cpu"), images[0].numel()
    arrays = {"sigmas": np.array(sigmas), "pixels": np.array(pixels)}
    arrays["contrast"] = clean.flatten(1).var(dim=1).mean().sqrt().numpy()
    for name, denoiser in methods.items():
        errors = [squared_errors(denoiser, images, sigma, seed=seed) for sigma in sigmas]
        arrays[f"mse_{name}"] = torch.stack(errors).cpu().double().numpy()
    principal = [principal_error(gaussian, clean, sigma).numpy() for sigma in sigmas]
    arrays["mse_oracle_pca"] = np.stack(principal) / pixels
    if basis.levels:
        wavelet = [oracle_error(basis, clean, sigma).numpy() for sigma in sigmas]
        arrays["mse_oracle_wavelet"] = np.stack(wavelet) / pixels
    if drawn and drawn.dimension and not optimal:
        limit = drawn.dimension * np.array(sigmas)[:, None] ** 2 / pixels
        arrays["mse_limit"] = np.broadcast_to(limit, arrays["mse_network"].shape).copy()
    return arrays


def fitted_range(sigmas: np.ndarray, mse: np.ndarray, contrast: float) -> np.ndarray:
    """Return at which noise levels a slope is fitted: where the theory of small noise holds.

    Parameters
    ----------
    sigmas, mse : ndarray
        Noise levels, and the mean error per pixel of a reference at each.
    contrast : float
        Root mean square over images of the standard deviation of their pixels.

    Returns
    -------
    ndarray
        bool ``[level]``: where the noise is weaker than the image, ``sigma <= contrast``,
        and the dimensions that the reference keeps, d MSE / sigma^2 (for an optimal denoiser
        the trace of its Jacobian), are at most `LARGEST_SHARE_KEPT` times d.
    """
    return (sigmas <= contrast) & (mse <= LARGEST_SHARE_KEPT * sigmas**2)


def range_of(errors: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return `fitted_range` for all methods of `measure_errors` alike.

    The reference is the best shrinkage in a wavelet basis, which depends on the images
    alone: no denoiser chooses where it is judged.
    """
    if "mse_oracle_wavelet" not in errors:
        return np.zeros(len(errors["sigmas"]), bool)
    mse = errors["mse_oracle_wavelet"].mean(axis=1)
    return fitted_range(errors["sigmas"], mse, float(errors["contrast"]))


@dataclass(frozen=True)
class Slope:
    """A fitted slope with its bootstrap draws.

    Attributes
    ----------
    draws : ndarray
        ``[1 + draws]``: the slope, then its bootstrap draws.
    intercept : float
        Output PSNR at an input PSNR of 0 dB, in dB.
    low_db, high_db : float
        The range of input PSNR that was fitted.
    points : int
        Noise levels in it.
    """

    draws: np.ndarray
    intercept: float
    low_db: float
    high_db: float
    points: int


def fit_slope(
    sigmas: np.ndarray, mse: np.ndarray, inside: np.ndarray, *, draws: int, seed: int
) -> Slope:
    """Fit output PSNR against input PSNR by weighted least squares.

    Parameters
    ----------
    sigmas : ndarray
        ``[level]``.
    mse : ndarray
        ``[level, image]`` per pixel; all levels with the same images.
    inside : ndarray
        bool ``[level]``: the levels to fit, see `fitted_range`.
    draws, seed : int
        Bootstrap over images.

    Raises
    ------
    ValueError
        If these are fewer than three.

    Notes
    -----
    Weights are inverse variances of the mean PSNR of each level. Images are resampled whole,
    so that the interval keeps what the errors of one image at several levels have in common.
    """
    if inside.sum() < 3:
        raise ValueError(f"a slope over {inside.sum()} noise levels says nothing, give 3 at least")
    inputs = input_psnr_db(sigmas[inside])
    outputs = psnr_db(mse[inside].T)
    weights = 1 / np.maximum(outputs.var(axis=0, ddof=1), 1e-12)
    weights /= weights.sum()
    centred = inputs - weights @ inputs
    means = resampled_means({"psnr": outputs}, draws=draws, seed=seed)["psnr"]
    slopes = means @ (weights * centred) / (weights @ centred**2)
    intercept = weights @ means[0] - slopes[0] * (weights @ inputs)
    return Slope(slopes, float(intercept), inputs.min(), inputs.max(), int(inside.sum()))


def kl_gap(sigmas: np.ndarray, mse: np.ndarray, reference: np.ndarray, pixels: int) -> np.ndarray:
    """Return the bound on the divergence that one denoiser has and another has not.

    Kadkhodaie et al. 2024, eq. 4: D_KL(p || p_f) <= int (MSE(f) - MSE(f*)) sigma^-3 dsigma,
    squared errors summed over pixels, by the trapezoid rule in log sigma over the levels
    measured; what lies beyond them is left out.

    Parameters
    ----------
    sigmas : ndarray
        ``[level]``, increasing.
    mse, reference : ndarray
        ``[..., level]`` errors per pixel of f and of f*, or of any two denoisers.
    pixels : int
        Pixels of an image.

    Returns
    -------
    ndarray
        ``[...]`` in nats an image.
    """
    # sigma^-3 dsigma = sigma^-2 dlog(sigma)
    return np.trapezoid(pixels * (mse - reference) / sigmas**2, np.log(sigmas), axis=-1)


def gap_interval(
    arrays: Mapping[str, np.ndarray], method: str, reference: str, *, draws: int, seed: int
) -> tuple[float, float, float]:
    """Return `kl_gap` of two methods of `measure_errors` and its 95 % interval over images."""
    both = {name: arrays[f"mse_{name}"].T for name in (method, reference)}
    means = resampled_means(both, draws=draws, seed=seed)
    gaps = kl_gap(arrays["sigmas"], means[method], means[reference], int(arrays["pixels"]))
    value, low, high = percentile_interval(gaps)
    return float(value), float(low), float(high)
