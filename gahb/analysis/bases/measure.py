"""The eigenbases of a denoiser at noisy test images, and what they are compared with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gahb.analysis.bases.oracles import oracle_errors
from gahb.analysis.bases.shrinkage import (
    Spectrum,
    contour_energy,
    contour_weight,
    diagnostics,
    energy_shares,
    frequencies,
    spectrum,
    tangent_overlap,
)
from gahb.analysis.jacobian import LocalMap
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.images import as_float
from gahb.noise import add_noise
from gahb.seeds import torch_stream
from gahb.settings import BasesSettings
from gahb.types import Denoiser, Images


def measure_bases(
    network: Denoiser,
    gaussian: GaussianDenoiser,
    images: Tensor,
    tangents: np.ndarray | None,
    sigma: float,
    bases: BasesSettings,
    seed: int,
) -> dict[str, np.ndarray]:
    """Decompose the Jacobian of a network at noisy test images.

    Parameters
    ----------
    network : Denoiser
        In evaluation mode.
    gaussian : GaussianDenoiser
        Of the network's own training images: its principal components are compared with.
    images : Tensor
        Stored test images ``[image, channel, height, width]`` on the network's device.
    tangents : ndarray or None
        ``[image, dimension, pixels]``, where the images fill a manifold.
    sigma : float
        Noise level in [0, 1] units.
    bases : BasesSettings
        Number of modes.
    seed : int
        Root seed; the noise of image i depends on it, on sigma and on i.

    Returns
    -------
    dict
        ``sigma`` and ``pixels``; of the first ``bases.shown`` images ``clean``, ``noisy``,
        ``estimate`` and ``vectors`` ``[image, mode, pixels]``; of all images ``values``,
        ``coefficients_clean``, ``coefficients_noisy``, ``frequency``, ``contour`` and
        ``energy`` (of the clean image, in the first k modes) ``[image, mode]``, the last
        three also with the suffix ``_pca`` (principal components) and ``_random`` (a random
        orthonormal basis); what `oracle_errors` and `diagnostics` return, each ``[image]``;
        and where a tangent space is known what `_on_manifold` does.
    """
    rows, shown = [], []
    modes = min(bases.modes, images[0].numel())
    fixed = fixed_bases(gaussian, modes, seed)
    for index in range(len(images)):
        clean = as_float(images[index : index + 1], images.device)
        stream = torch_stream(seed, "bases", repr(sigma), index, device=images.device)
        local = LocalMap(network, add_noise(clean, sigma, stream), sigma)
        found = spectrum(local, modes, seed)
        row = _at_image(local, found, clean, fixed, modes)
        row |= oracle_errors(clean.cpu(), local.noisy.cpu(), found.vectors, gaussian, sigma)
        if tangents is not None:
            spanning = torch.from_numpy(np.array(tangents[index]))
            row |= _on_manifold(found, fixed, gaussian.gains(sigma)[0], spanning)
        rows.append(row)
        if index < bases.shown:
            parts = {"clean": clean, "noisy": local.noisy, "estimate": local.estimate}
            shown.append({name: value[0].cpu().numpy() for name, value in parts.items()})
            shown[-1]["vectors"] = found.vectors[:, :modes].T.float().numpy()
    arrays = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    arrays |= {name: np.stack([part[name] for part in shown]) for name in shown[0]}
    return arrays | {"sigma": np.array(sigma), "pixels": np.array(images[0].numel())}


class FixedBases(NamedTuple):
    """Bases that know nothing of an image: orthonormal columns ``[pixels, mode]``.

    Attributes
    ----------
    components : Tensor
        Principal components; NaN beyond the rank of the covariance, where they mean nothing.
    mean_first : Tensor
        The mean image, then what principal components add to it. An image has most of its
        energy in its mean, which components about the mean leave out.
    random : Tensor
        Directions at random.
    """

    components: Tensor
    mean_first: Tensor
    random: Tensor


def fixed_bases(gaussian: GaussianDenoiser, modes: int, seed: int) -> FixedBases:
    """Return the leading ``modes`` vectors of bases of the training images, and random ones."""
    components = gaussian.vectors[:, :modes].cpu().double().clone()
    mean_first = torch.column_stack([gaussian.mean.cpu().double(), components])[:, :modes]
    mean_first = torch.linalg.qr(mean_first).Q
    components[:, gaussian.rank :] = torch.nan
    mean_first[:, gaussian.rank + 1 :] = torch.nan
    stream = torch_stream(seed, "random basis")
    random = torch.randn(*components.shape, generator=stream, dtype=torch.float64)
    return FixedBases(components, mean_first, torch.linalg.qr(random).Q)


def _at_image(
    local: LocalMap, found: Spectrum, clean: Images, fixed: FixedBases, modes: int
) -> dict[str, np.ndarray | float]:
    """Return everything that is measured at one noisy image, in all bases."""
    flat, leading = clean.flatten().cpu().double(), found.vectors[:, :modes]
    row: dict[str, np.ndarray | float] = {
        "values": found.values[:modes].numpy(),
        "coefficients_clean": (leading.T @ flat).numpy(),
        "coefficients_noisy": (leading.T @ local.noisy.flatten().cpu().double()).numpy(),
    }
    weight, shape = contour_weight(clean.cpu()), tuple(clean.shape[1:])
    bases = {"": leading, "_pca": fixed.components, "_random": fixed.random}
    for suffix, vectors in bases.items():
        row[f"frequency{suffix}"] = frequencies(vectors, shape).numpy()
        row[f"contour{suffix}"] = contour_energy(vectors, weight).numpy()
    for suffix, vectors in (bases | {"_pca": fixed.mean_first}).items():
        row[f"energy{suffix}"] = energy_shares(vectors, flat).numpy()
    return row | diagnostics(local, found, clean)


def _on_manifold(
    found: Spectrum, fixed: FixedBases, gains: Tensor, tangents: Tensor
) -> dict[str, float]:
    """Return how leading vectors lie to a tangent space, and what is kept beyond it.

    Parameters
    ----------
    gains : Tensor
        ``[pixels]``, eigenvalues of the Gaussian denoiser.
    tangents : Tensor
        ``[dimension, pixels]``.

    Returns
    -------
    dict
        ``tangent``, `tangent_overlap` of as many eigenvectors, also with the suffixes
        ``_pca`` and ``_random``; ``beyond_tangent``, the next eigenvalue, and that of the
        Gaussian denoiser, ``beyond_tangent_gaussian``.
    """
    bases = {"": found.vectors, "_pca": fixed.components, "_random": fixed.random}
    overlaps = {f"tangent{end}": tangent_overlap(basis, tangents) for end, basis in bases.items()}
    dimension = len(tangents)
    return overlaps | {
        "beyond_tangent": float(found.values[dimension]),
        "beyond_tangent_gaussian": float(gains[dimension]),
    }
