"""The best shrinkage in a basis, by an oracle that knows the clean image.

Kadkhodaie et al. (ICLR 2024), eq. 8: with coefficients c_k = <x, e_k> of the clean image,
lambda_k = c_k^2 / (c_k^2 + sigma^2) has the least expected error of all diagonal maps in a
basis, sum_k sigma^2 c_k^2 / (c_k^2 + sigma^2).
"""

from __future__ import annotations

from torch import Tensor

from gahb.denoisers.gaussian import GaussianDenoiser, wiener_gains
from gahb.denoisers.wavelet import WaveletBasis, oracle_shrinkage
from gahb.types import Images

WAVELET = "sym4"


def principal_error(gaussian: GaussianDenoiser, clean: Images, sigma: float) -> Tensor:
    """Return the expected squared error of the oracle in the principal components.

    Coefficients are those of the image less the mean of the training images. What lies
    outside of their span is lost.

    Returns
    -------
    Tensor
        float64 ``[image]`` on the CPU, summed over pixels.
    """
    centred = clean.to(gaussian.mean).flatten(1) - gaussian.mean
    energies = (centred @ gaussian.vectors[:, : gaussian.rank]).square()
    lost = (centred.square().sum(dim=1) - energies.sum(dim=1)).clamp(min=0)
    return (sigma**2 * wiener_gains(energies, sigma).sum(dim=1) + lost).cpu()


def realised_error(clean: Tensor, noisy: Tensor, vectors: Tensor, sigma: float) -> float:
    """Return the squared error of the oracle in a basis at one noisy image.

    Parameters
    ----------
    clean, noisy : Tensor
        ``[pixels]``, both less the same offset if there is one.
    vectors : Tensor
        Orthonormal columns ``[pixels, mode]``; what lies outside of their span is lost.
    sigma : float
        Noise level in [0, 1] units.

    Notes
    -----
    The expected error is that of a basis which knows nothing of the noise. One that is
    taken at the noisy image does: y / |y| alone would hold most of a clean image, and all of
    the noise with it. So what this noise leaves is counted, in fixed bases alike.
    """
    truth, observed = vectors.T @ clean, vectors.T @ noisy
    lost = (clean.square().sum() - truth.square().sum()).clamp(min=0)
    shrunk = wiener_gains(truth.square(), sigma) * observed
    return float((shrunk - truth).square().sum() + lost)


def oracle_errors(
    clean: Images, noisy: Images, vectors: Tensor, gaussian: GaussianDenoiser, sigma: float
) -> dict[str, float]:
    """Return the oracle's errors per pixel at one noisy image, in three bases.

    Parameters
    ----------
    clean, noisy : Images
        ``[1, channel, height, width]`` on the CPU.
    vectors : Tensor
        float64 ``[pixels, mode]``, the eigenvectors of the Jacobian there.
    gaussian : GaussianDenoiser
        Of the network's training images.
    sigma : float
        Noise level in [0, 1] units.

    Returns
    -------
    dict
        ``oracle`` in the eigenvectors, ``oracle_pca`` in principal components about the
        mean, and ``oracle_wavelet``, where images can be halved.
    """
    flat, observed = clean.flatten().double(), noisy.flatten().double()
    mean, components = gaussian.mean.cpu(), gaussian.vectors[:, : gaussian.rank].cpu()
    errors = {
        "oracle": realised_error(flat, observed, vectors, sigma),
        "oracle_pca": realised_error(flat - mean, observed - mean, components, sigma),
    }
    basis = WaveletBasis(WAVELET, *clean.shape[-2:])
    if basis.levels:
        estimate = oracle_shrinkage(basis, clean, noisy.double(), sigma).flatten()
        errors["oracle_wavelet"] = float((estimate - flat).square().sum())
    return {name: error / flat.numel() for name, error in errors.items()}
