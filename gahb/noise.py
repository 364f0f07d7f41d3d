"""Additive white Gaussian noise and the laws from which its level is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gahb.types import Images, Sigma


def as_column(sigma: Sigma, images: Images) -> Tensor:
    """Return ``sigma`` (a float or ``[batch]``) as ``[batch or 1, 1, 1, 1]`` beside ``images``."""
    return torch.as_tensor(sigma, dtype=images.dtype, device=images.device).reshape(-1, 1, 1, 1)


def as_batch(sigma: Sigma, images: Images) -> Tensor:
    """Return ``sigma``, a float or ``[batch]``, as one level for each of ``images``."""
    level = torch.as_tensor(sigma, dtype=images.dtype, device=images.device)
    return level.expand(len(images))


def add_noise(clean: Images, sigma: Sigma, generator: torch.Generator) -> Images:
    """Return ``y = x + sigma z`` with ``z ~ N(0, Id)``.

    Parameters
    ----------
    clean : Images
        ``[batch, channel, height, width]``, pixels in [0, 1].
    sigma : Sigma
        Noise standard deviation in pixel units, a float or ``[batch]``.
    generator : torch.Generator
        Random stream, on the device of ``clean``.

    Examples
    --------
    >>> import torch, gahb
    >>> clean = torch.zeros(1, 1, 100, 100)
    >>> noisy = gahb.add_noise(clean, 0.3, torch.Generator().manual_seed(0))
    >>> round(noisy.std().item(), 1)
    0.3
    """
    return clean + as_column(sigma, clean) * standard_normal(clean.shape, generator, clean.dtype)


def standard_normal(
    shape: Sequence[int], generator: torch.Generator, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Return standard normal noise of ``shape``, on the device of ``generator``."""
    noise = torch.empty(*shape, dtype=dtype, device=generator.device)
    return noise.normal_(generator=generator)


def independent_levels(count: int, stream: torch.Generator) -> Tensor:
    """Return ``count`` independent u ~ U(0, 1)."""
    return torch.rand(count, generator=stream, device=stream.device)


def stratified_levels(count: int, stream: torch.Generator) -> Tensor:
    """Return ``count`` u ~ U(0, 1), one from each of as many equal parts of [0, 1].

    The levels of a batch then spread alike in all batches. A network that divides by
    deviations of the batch, as `gahb.denoisers.layers.BiasFreeBatchNorm` does, otherwise sees
    its scale change from batch to batch, by 2 / sqrt(batch) for the log-uniform law.
    """
    within = torch.rand(count, generator=stream, device=stream.device)
    return (torch.arange(count, device=stream.device) + within) / count


LEVELS: dict[str, Callable[[int, torch.Generator], Tensor]] = {
    "independent": independent_levels,
    "stratified": stratified_levels,
}
"""How the noise levels of a batch are drawn, by their name in the configuration."""


def quadratic_law(uniform: Tensor, largest: float) -> Tensor:
    """``sigma = largest u**2``: most draws at small noise (Kadkhodaie et al., up to 1)."""
    return largest * uniform**2


def uniform_law(uniform: Tensor, largest: float) -> Tensor:
    """``sigma = largest u``, uniform on [0, largest]."""
    return largest * uniform


SMALLEST_SIGMA = 0.005
"""Least noise level of the log-uniform law, an input PSNR of 46 dB."""


def log_uniform_law(uniform: Tensor, largest: float) -> Tensor:
    """``sigma = 0.005 (largest / 0.005)**u``: uniform in dB of input PSNR, from 46 dB down."""
    return SMALLEST_SIGMA * (largest / SMALLEST_SIGMA) ** uniform


SIGMA_DATA = 0.25
"""Standard deviation of the pixels that EDM assumes, 0.5 for images on [-1, 1]."""


def edm_law(uniform: Tensor, largest: float) -> Tensor:
    """``ln(2 sigma) ~ N(-1.2, 1.2^2)``: Karras et al., NeurIPS 2022, Table 1.

    The factor 2 converts to their images on [-1, 1]. The law has no end: ``largest`` is ignored.
    """
    # No further than 5.3 standard deviations: the draws are float32.
    inside = uniform.clamp(6e-8, 1 - 6e-8)
    # MPS has no inverse of the normal distribution.
    normal = torch.special.ndtri(inside.cpu() if inside.device.type == "mps" else inside)
    return torch.exp(-1.2 + 1.2 * normal.to(uniform.device)) / 2


NOISE_LAWS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "quadratic": quadratic_law,
    "uniform": uniform_law,
    "log-uniform": log_uniform_law,
    "edm": edm_law,
}
"""Maps from u ~ U(0, 1) and the largest level to a noise level, by name."""


def power_weight(sigma: Tensor, power: float) -> Tensor:
    """``sigma^-power``: 0 is the mean squared error, in which large noise counts for most.

    The squared error itself falls as sigma to sigma^2. At power 1 every noise level counts for
    about as much in the loss, relative to what is lost there, which is what PSNR curves show.
    """
    return sigma**-power


def edm_weight(sigma: Tensor, power: float) -> Tensor:
    """(sigma^2 + sigma_data^2) / (sigma sigma_data)^2: Karras et al., Table 1.

    An untrained preconditioned network has the same expected loss at every noise level.
    Written in [0, 1] units it is four times what it is on [-1, 1], and squared errors are
    a quarter: the loss is the same. ``power`` is ignored.
    """
    return 1 / sigma**2 + 1 / SIGMA_DATA**2


LOSS_WEIGHTS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "power": power_weight,
    "edm": edm_weight,
}
"""Weights of squared errors by noise level, by their name in the configuration."""
