"""Singular vectors of Jacobians against principal components of the training images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gahb.analysis.jacobian import dense_jacobian, subspace_overlap
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.images import as_float
from gahb.noise import add_noise
from gahb.seeds import torch_stream
from gahb.types import Denoiser


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
        found: dict[str, list[np.ndarray | list[np.ndarray]]] = {
            name: [] for name in ("overlap", "values", "gains", "cosines")
        }
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
            gains = gaussians[subset].gains(sigma)[0, :modes]
            found["gains"].append(gains.cpu().double().numpy())
            found["cosines"].append(cosines.numpy())
        arrays |= {f"{name}_{subset}": np.array(values) for name, values in found.items()}
    return arrays
