"""How far a Jacobian is from symmetric, as shares of its energy.

That of an optimal denoiser is Cov[x | y] / sigma^2, symmetric. J splits into orthogonal
parts (J + J^T) / 2 and J_a = (J - J^T) / 2: |J_a|^2 / |J|^2 is 0 for a symmetric matrix, 1
for an antisymmetric one, and 1/2 for singular values in random directions.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gahb.analysis.eigenpairs import random_block, top_eigenpairs
from gahb.analysis.jacobian import LocalMap
from gahb.hardware.devices import precise_device

LANCZOS_BLOCK = 8
"""Smaller blocks need fewer products, larger ones make better use of a device."""


def terms_kept(trace: float) -> int:
    """Return how many directions a denoiser keeps: the trace of its Jacobian, 1 at least."""
    return max(1, round(trace))


def antisymmetric_share(jacobian: Tensor) -> float:
    """Return |J_a|^2 / |J|^2 of a matrix ``[pixels, pixels]``, 0 if it is 0."""
    energy = float(jacobian.square().sum())
    return float((jacobian - jacobian.T).square().sum()) / 4 / energy if energy else 0.0


def leading_antisymmetric_share(jacobian: Tensor, rank: int) -> float:
    """Return the share of the best approximation of a matrix by one of ``rank``.

    Eckart & Young: J restricted to its leading right singular vectors, which are the
    leading eigenvectors of J^T J.
    """
    right = torch.linalg.eigh(jacobian.T @ jacobian)[1][:, -rank:]
    return _share_between(jacobian @ right, right)


def leading_share_of_map(local: LocalMap, rank: int, seed: int) -> float:
    """Return `leading_antisymmetric_share` without the matrix, by block Lanczos."""
    like = local.noisy.to(precise_device(local.noisy.device))

    def times(block: Tensor) -> Tensor:
        return local.transposed_times(local.times(block.to(local.noisy))).to(like)

    _, right = top_eigenpairs(times, random_block(local.pixels, LANCZOS_BLOCK, seed, like), rank)
    return _share_between(local.times(right.to(local.noisy)).to(like), right)


def _share_between(kept: Tensor, right: Tensor) -> float:
    """Return the share of ``kept @ right.T``, ``right`` orthonormal: both ``[pixels, rank]``.

    For any matrix K, |K_a|^2 = (|K|^2 - tr K^2) / 2.
    """
    inner = right.T @ kept
    energy = kept.square().sum()
    share = (energy - (inner * inner.T).sum()) / (2 * energy)
    return float(share.clamp(min=0)) if energy > 0 else 0.0
