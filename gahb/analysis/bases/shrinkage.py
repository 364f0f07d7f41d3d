"""A denoiser as shrinkage: f(y) = sum_k lambda_k <y, e_k> e_k in the eigenbasis of its Jacobian.

Kadkhodaie et al. (ICLR 2024), sections 2.2 and 3: a homogeneous denoiser is its own
Jacobian, f(y) = J(y) y; the Jacobian of the optimal one is Cov[x | y] / sigma^2, hence
symmetric with eigenvalues of 0 or more. How far a network is from either is measured here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gahb.analysis.bases.symmetry import (
    LANCZOS_BLOCK,
    antisymmetric_share,
    leading_antisymmetric_share,
    leading_share_of_map,
    terms_kept,
)
from gahb.analysis.eigenpairs import random_block, top_eigenpairs
from gahb.analysis.jacobian import LocalMap
from gahb.hardware.devices import precise_device
from gahb.seeds import torch_stream
from gahb.types import Images

DENSE_PIXELS = 4096
"""Largest images of which the whole Jacobian is computed."""
PROBES = 64
"""Random vectors that traces and norms of larger Jacobians are estimated from."""


@dataclass(frozen=True)
class Spectrum:
    """What is known of a Jacobian J: its leading eigenpairs and a few numbers.

    Attributes
    ----------
    values : Tensor
        ``[mode]``, largest eigenvalues of (J + J^T) / 2, decreasing; all of a small J.
    vectors : Tensor
        ``[pixels, mode]``, their eigenvectors.
    trace : float
        tr J, the effective number of dimensions that are kept.
    antisymmetric : float
        |J_a|^2 / |J|^2 with J_a = (J - J^T) / 2: 0 for a gradient field, 1/2 for singular
        values in random directions.
    antisymmetric_leading : float
        The same of J restricted to its leading tr J singular vectors, which is what the
        denoiser keeps; NaN where more are kept than modes were asked for.
    negative : float
        Number of eigenvalues below 0; NaN where not all were computed.
    """

    values: Tensor
    vectors: Tensor
    trace: float
    antisymmetric: float
    antisymmetric_leading: float
    negative: float


def spectrum(local: LocalMap, modes: int, seed: int) -> Spectrum:
    """Return all eigenpairs of a small Jacobian, the leading ``modes`` of a large one."""
    if local.pixels <= DENSE_PIXELS:
        return dense_spectrum(local)
    return leading_spectrum(local, modes, seed)


def dense_spectrum(local: LocalMap) -> Spectrum:
    """Return the whole spectrum from the matrix, decomposed in float64."""
    jacobian = local.dense().cpu().double()
    values, vectors = torch.linalg.eigh((jacobian + jacobian.T) / 2)
    trace = float(jacobian.trace())
    rank = min(terms_kept(trace), local.pixels)
    return Spectrum(
        values.flip(0),
        vectors.flip(1),
        trace,
        antisymmetric_share(jacobian),
        leading_antisymmetric_share(jacobian, rank),
        float((values < 0).sum()),
    )


def leading_spectrum(local: LocalMap, modes: int, seed: int) -> Spectrum:
    """Return the spectrum without the matrix: block Lanczos, and random probes for the rest.

    For independent signs v, E v^T J v = tr J (Hutchinson 1989) and E |J v|^2 = |J|^2.
    """
    like = local.noisy.to(precise_device(local.noisy.device))  # MPS decomposes no matrices

    def times(block: Tensor) -> Tensor:
        return local.symmetric_times(block.to(local.noisy)).to(like)

    start = random_block(local.pixels, LANCZOS_BLOCK, seed, like)
    values, vectors = top_eigenpairs(times, start, modes)
    stream = torch_stream(seed, "probes")
    signs = torch.randint(0, 2, (local.pixels, PROBES), generator=stream) * 2 - 1
    probes = signs.to(local.noisy)
    forward, backward = local.times(probes), local.transposed_times(probes)
    trace = float((probes * forward).sum() / PROBES)
    rank = terms_kept(trace)
    known = rank <= modes
    return Spectrum(
        values.cpu().double(),
        vectors.cpu().double(),
        trace,
        float((forward - backward).square().sum() / forward.square().sum()) / 4,
        leading_share_of_map(local, rank, seed) if known else float("nan"),
        float("nan"),
    )


def diagnostics(local: LocalMap, found: Spectrum, clean: Images) -> dict[str, float]:
    """Return how near the denoiser is to a homogeneous and to an optimal one.

    Returns
    -------
    dict
        ``mse`` and its estimates per pixel: ``sure``, Stein's unbiased
        ``2 sigma^2 tr J + |y - f|^2 - sigma^2 d``, and ``trace_mse``, ``sigma^2 tr J``, which
        is the MSE of the optimal denoiser; ``effective_rank``, tr J; ``antisymmetric`` and
        ``antisymmetric_leading``, see `Spectrum`; ``homogeneity``, |J y - f| / |f|;
        ``negative_eigenvalues``.
    """
    noisy, estimate = local.noisy.flatten(), local.estimate.flatten()
    pixels, variance = local.pixels, local.sigma**2
    product = local.times(noisy[:, None])[:, 0]
    residual = float((noisy - estimate).square().sum())
    error = float((estimate - clean.flatten()).square().sum())
    return {
        "mse": error / pixels,
        "sure": (2 * variance * found.trace + residual - variance * pixels) / pixels,
        "trace_mse": variance * found.trace / pixels,
        "effective_rank": found.trace,
        "antisymmetric": found.antisymmetric,
        "antisymmetric_leading": found.antisymmetric_leading,
        "homogeneity": float((product - estimate).norm() / estimate.norm()),
        "negative_eigenvalues": found.negative,
    }


def energy_shares(basis: Tensor, image: Tensor) -> Tensor:
    """Return the share of an image's energy in the first k vectors of a basis, ``[mode]``.

    Parameters
    ----------
    basis : Tensor
        Orthonormal columns ``[pixels, mode]``.
    image : Tensor
        ``[pixels]``.
    """
    return (basis.T @ image).square().cumsum(0) / image.square().sum()


def tangent_overlap(vectors: Tensor, tangents: Tensor) -> float:
    """Return the mean squared cosine of the principal angles with a tangent space.

    Parameters
    ----------
    vectors : Tensor
        Orthonormal columns ``[pixels, mode]``, leading ones first.
    tangents : Tensor
        ``[dimension, pixels]``, linearly independent, of any length; compared with as
        many leading vectors.
    """
    basis = torch.linalg.qr(tangents.T.to(vectors)).Q
    leading = vectors[:, : basis.shape[1]]
    return float((basis.T @ leading).square().sum()) / basis.shape[1]


def frequencies(vectors: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the mean frequency of each column, in cycles per pixel, ``[mode]``.

    Mean of |omega| over the energy of the Fourier transform; 0.38 for white noise.

    Parameters
    ----------
    vectors : Tensor
        ``[pixels, mode]``.
    shape : tuple of int
        ``(channel, height, width)`` of an image.
    """
    images = vectors.T.reshape(-1, *shape)
    energy = torch.fft.fft2(images).abs().square().sum(dim=1)
    rows, columns = (torch.fft.fftfreq(size, dtype=vectors.dtype) for size in shape[-2:])
    radius = torch.hypot(rows[:, None], columns)
    return (energy * radius).sum(dim=(1, 2)) / energy.sum(dim=(1, 2))


def contour_weight(clean: Images) -> Tensor:
    """Return ``[pixels]``, where the contours of a clean image are: the size of its gradient.

    Central differences, averaged over 3x3 pixels; mean 1. An image without contours gets
    1 everywhere.
    """
    padded = torch.nn.functional.pad(clean.double(), (1, 1, 1, 1), mode="replicate")
    down = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    right = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
    size = torch.hypot(down, right)
    size = torch.nn.functional.avg_pool2d(size, 3, stride=1, padding=1, count_include_pad=False)
    mean = size.mean()
    return (size / mean).flatten() if mean > 0 else torch.ones_like(size).flatten()


def contour_energy(vectors: Tensor, weight: Tensor) -> Tensor:
    """Return the mean of ``weight`` over the energy of each column: 1 if spread evenly.

    Parameters
    ----------
    vectors : Tensor
        Unit columns ``[pixels, mode]``.
    weight : Tensor
        ``[pixels]`` of mean 1, see `contour_weight`.
    """
    return weight.to(vectors) @ vectors.square()
