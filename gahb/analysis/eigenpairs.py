"""The largest eigenpairs of a symmetric matrix that is known by its products alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gahb.seeds import torch_stream


def top_eigenpairs(
    times: Callable[[Tensor], Tensor],
    start: Tensor,
    count: int,
    *,
    tolerance: float = 1e-3,
    largest_basis: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the largest eigenvalues and their eigenvectors, by block Lanczos.

    A block Krylov basis is grown and kept orthonormal until every wanted Ritz pair has a
    residual ``|S v - lambda v|`` below ``tolerance`` times the largest eigenvalue. Each
    eigenvalue is then within that of an eigenvalue of S (Parlett 1998, theorem 4.5.1).

    Parameters
    ----------
    times : callable
        Multiplies S, symmetric, by the columns of ``[dimension, vector]``.
    start : Tensor
        First block ``[dimension, block]``, see `random_block`. An eigenvalue of higher
        multiplicity than the block has columns is found fewer times than it occurs.
    count : int
        Wanted eigenpairs.
    tolerance : float
        Largest residual, relative to the largest eigenvalue.
    largest_basis : int, optional
        Vectors to keep at most; by default ten times ``count`` or twenty blocks.

    Returns
    -------
    values : Tensor
        ``[count]``, decreasing.
    vectors : Tensor
        Orthonormal columns ``[dimension, count]``.

    Raises
    ------
    ValueError
        If there are not so many eigenpairs.
    ArithmeticError
        If the basis is full before the tolerance is met.
    """
    dimension, block = start.shape
    if not 0 < count <= dimension:
        raise ValueError(f"cannot take {count} eigenpairs of a matrix of {dimension} columns")
    limit = min(dimension, largest_basis or max(10 * count, 20 * block))
    basis = torch.linalg.qr(start).Q
    products = times(basis)
    while True:
        values, weights, residuals = _ritz_pairs(basis, products, count)
        if len(values) == count and residuals.max() <= tolerance * values.abs().max():
            return values, basis @ weights
        if basis.shape[1] >= limit:
            if basis.shape[1] == dimension:
                return values, basis @ weights
            raise ArithmeticError(
                f"{count} eigenpairs did not converge in {basis.shape[1]} vectors: residual "
                f"{residuals.max():.2g}, asked for {tolerance * values.abs().max():.2g}"
            )
        new = products[:, -block:][:, : limit - basis.shape[1]]
        for _ in range(2):  # once leaves rounding errors, twice is enough (Parlett 1998, 6.9)
            new = new - basis @ (basis.T @ new)
            new = torch.linalg.qr(new).Q
        basis = torch.cat([basis, new], dim=1)
        products = torch.cat([products, times(new)], dim=1)


def _ritz_pairs(basis: Tensor, products: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the leading Ritz values, their weights in the basis, and their residuals."""
    projected = basis.T @ products
    values, weights = torch.linalg.eigh((projected + projected.T) / 2)
    values, weights = values.flip(0)[:count], weights.flip(1)[:, :count]
    return values, weights, (products @ weights - (basis @ weights) * values).norm(dim=0)


def random_block(dimension: int, block: int, seed: int, like: Tensor) -> Tensor:
    """Return a random start ``[dimension, block]`` in the precision and place of ``like``."""
    stream = torch_stream(seed, "eigenpairs")
    return torch.randn(dimension, block, generator=stream).to(like)
