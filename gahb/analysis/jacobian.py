"""The Jacobian of a denoiser at a noisy image, and the directions that it keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.images import as_float
from gahb.noise import add_noise
from gahb.seeds import torch_stream
from gahb.types import Denoiser, Images


def dense_jacobian(denoiser: Denoiser, noisy: Images, sigma: float, chunk: int = 64) -> Tensor:
    """Return the Jacobian of the denoiser at one image.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, differentiable; it is left as it was.
    noisy : Images
        ``[1, channel, height, width]``.
    sigma : float
        Noise level given to the denoiser.
    chunk : int
        Rows computed at a time; bounds memory.

    Returns
    -------
    Tensor
        ``[pixels, pixels]`` in the precision of ``noisy``: row i is the gradient of
        output pixel i.
    """

    def flat(pixels: Tensor) -> Tensor:
        return denoiser(pixels.reshape(noisy.shape), sigma).flatten()

    estimate, pullback = torch.func.vjp(flat, noisy.flatten())
    rows = torch.eye(estimate.numel(), dtype=noisy.dtype, device=noisy.device)
    (jacobian,) = torch.func.vmap(pullback, chunk_size=chunk)(rows)
    return jacobian.detach()


def subspace_overlap(left: Tensor, right: Tensor) -> Tensor:
    """Return the mean squared cosine of the principal angles of leading subspaces.

    Parameters
    ----------
    left, right : Tensor
        Orthonormal columns ``[pixels, mode]``, leading ones first.

    Returns
    -------
    Tensor
        ``[mode]``: for each k, |L_k^T R_k|_F^2 / k of the first k columns. 1 if they span
        the same space, k / pixels on average for random ones.
    """
    squares = (left.T @ right).square()
    sums = squares.cumsum(0).cumsum(1).diagonal()
    return sums / torch.arange(1, len(sums) + 1, dtype=sums.dtype, device=sums.device)


def singular_vectors_against_components(
    networks: Mapping[str, Denoiser],
    gaussians: Mapping[str, GaussianDenoiser],
    test: Tensor,
    sigmas: Sequence[float],
    modes: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Compare left singular vectors of Jacobians with principal components.

    Parameters
    ----------
    networks, gaussians : mapping
        Per subset: a network, and the Gaussian denoiser of its training images.
    test : Tensor
        uint8 ``[image, channel, height, width]`` on the networks' device.
    sigmas : sequence of float
        Noise levels.
    modes : int
        Leading directions to compare.

    Returns
    -------
    dict
        ``sigmas``, ``pixels``, ``n``; per subset ``overlap_A`` ``[level, image, mode]`` of
        `subspace_overlap`, ``values_A`` ``[level, image, mode]``, the singular values,
        ``gains_A`` ``[level, mode]``, those of the Gaussian denoiser, and
        ``cosines_A`` ``[level, mode, mode]``, |<u_i, v_j>| at the first image. NaN for
        components beyond the rank of the covariance, which N images have N - 1 of at most.
    """
    arrays = {"sigmas": np.array(sigmas), "pixels": np.array(test[0].numel())}
    arrays["n"] = np.array(gaussians["A"].count)
    modes = min(modes, test[0].numel())
    for subset, network in networks.items():
        components = gaussians[subset].vectors[:, :modes].cpu().double()
        rank = gaussians[subset].rank
        found = {"overlap": [], "values": [], "gains": [], "cosines": []}
        for sigma in sigmas:
            stream = torch_stream(seed, "jacobian", repr(sigma), device=test.device)
            noisy = add_noise(as_float(test, test.device), sigma, stream)
            decompositions = [
                torch.linalg.svd(dense_jacobian(network, image[None], sigma).cpu().double())
                for image in noisy
            ]
            left = [parts.U[:, :modes] for parts in decompositions]
            overlaps = torch.stack([subspace_overlap(one, components) for one in left])
            cosines = (left[0].T @ components).abs()
            # Beyond the rank of the covariance components mean nothing.
            overlaps[:, rank:] = cosines[:, rank:] = torch.nan
            found["overlap"].append(overlaps.numpy())
            found["values"].append([parts.S[:modes].numpy() for parts in decompositions])
            variances = gaussians[subset].values[:modes].cpu().double()
            found["gains"].append((variances / (variances + sigma**2)).numpy())
            found["cosines"].append(cosines.numpy())
        arrays |= {f"{name}_{subset}": np.array(values) for name, values in found.items()}
    return arrays
