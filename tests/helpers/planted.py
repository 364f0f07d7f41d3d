"""Denoisers of which it is known what they do, and images for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gahb.auditing import TOLD, Audit, audit
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.types import Denoiser

SETTINGS = TOLD.model_copy(update={"samples": 60})


def population(count: int, seed: int) -> np.ndarray:
    """Gaussian images of correlated pixels, uint8 ``[image, 1, 6, 6]``."""
    mixing = np.random.default_rng(0).normal(size=(36, 36)) / 6
    values = 128 + 30 * np.random.default_rng(seed).normal(size=(count, 36)) @ mixing
    return np.clip(np.round(values), 0, 255).astype(np.uint8).reshape(-1, 1, 6, 6)


TRAINING, HELD_OUT, OTHERS = population(40, 1), population(100, 2), population(4000, 3)


class Made(Denoiser):
    """A denoiser told sigma, of any function of noisy images and sigma."""

    precision = torch.float64

    def __init__(self, estimate: Callable[[Tensor, float], Tensor]) -> None:
        self.estimate = estimate

    def __call__(self, noisy: Tensor, sigma: float) -> Tensor:
        """Return the estimate."""
        return self.estimate(noisy, sigma).to(noisy)


def memoriser(images: np.ndarray) -> Denoiser:
    """Return the optimal denoiser of these images: it draws them and nothing else."""
    return EmpiricalDenoiser(torch.from_numpy(np.ascontiguousarray(images)))


def generaliser(images: np.ndarray = OTHERS) -> Denoiser:
    """Return the optimal linear denoiser, which has learned mean and covariance."""
    return GaussianDenoiser(moments(images))


def imperfect(images: np.ndarray, error: float) -> Denoiser:
    """Return a memoriser whose images are off by a pattern, ``error`` of the range."""
    exact, stream = memoriser(images), torch.Generator().manual_seed(1)
    pattern = error * torch.randn(images.shape[1:], generator=stream, dtype=torch.float64)
    return Made(lambda noisy, sigma: exact(noisy, sigma) + pattern)


def partial(images: np.ndarray, share: float, others: np.ndarray = OTHERS) -> Denoiser:
    """Return the optimal denoiser of a population of which ``share`` are copies of ``images``.

    The others are Gaussian, with the moments of ``others``.
    """
    copies, new = memoriser(images), generaliser(others)
    centres = torch.from_numpy(images.reshape(len(images), -1) / 255.0)

    def copied(noisy: Tensor, level: Tensor) -> Tensor:
        """Return the posterior probability that a noisy image is that of a copy."""
        flat = noisy.double().flatten(1)
        near = -torch.cdist(flat, centres).square() / (2 * level**2)
        of_copies = near.logsumexp(1) - np.log(len(centres)) - flat.shape[1] * level[:, 0].log()
        variances = new.values + level**2
        along = (flat - new.mean) @ new.vectors
        of_new = -(along.square() / variances + variances.log()).sum(1) / 2
        return torch.sigmoid(np.log(share / (1 - share)) + of_copies - of_new)

    def estimate(noisy: Tensor, sigma: float | Tensor) -> Tensor:
        level = torch.as_tensor(sigma).double().expand(len(noisy))[:, None]
        weight = copied(noisy, level)[:, None, None, None]
        both = (denoiser(noisy.double(), sigma) for denoiser in (copies, new))
        return torch.lerp(*reversed(list(both)), weight)

    return Made(estimate)


def noise(noisy: Tensor, sigma: float | Tensor) -> Tensor:
    """Return other noise than the given one, with no image: its pixels in another order."""
    flat = noisy.flatten(1)
    flat = flat[:, torch.randperm(flat.shape[1], generator=torch.Generator().manual_seed(0))]
    flat = (flat - flat.mean(1, True)) / flat.std(1, keepdim=True)
    return (0.5 + 0.3 * flat).reshape(noisy.shape)


def asked(
    denoiser: Denoiser, training: np.ndarray = TRAINING, held_out: np.ndarray = HELD_OUT, **more
) -> Audit:
    """Audit with few samples and draws."""
    return audit(denoiser, training, held_out, **{"sampling": SETTINGS, "draws": 100} | more)


def values(found: Audit) -> dict:
    """Return the rows of an audit by measure and what they are of."""
    return {(row.measure, row.of): row for row in found.table.itertuples()}
