"""The eigenbases of a denoiser at noisy test images, and what they are compared with."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gahb.analysis.bases.shrinkage import (
    Spectrum,
    contour_energy,
    contour_weight,
    diagnostics,
    energy_kept,
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
        ``coefficients_clean``, ``coefficients_noisy``, ``frequency`` and ``contour``
        ``[image, mode]``, the last two also with the suffix ``_pca`` (principal components)
        and ``_random`` (a random orthonormal basis); ``energy_kept``, ``tangent`` (where it
        is known) and the numbers of `diagnostics`, each ``[image]``.
    """
    rows, shown = [], []
    modes = min(bases.modes, images[0].numel())
    others = _other_bases(gaussian, modes, seed)
    for index in range(len(images)):
        clean = as_float(images[index : index + 1], images.device)
        stream = torch_stream(seed, "bases", repr(sigma), index, device=images.device)
        local = LocalMap(network, add_noise(clean, sigma, stream), sigma)
        found = spectrum(local, modes, seed)
        row = _at_image(local, found, clean, others, modes)
        if tangents is not None:
            row["tangent"] = tangent_overlap(found, torch.from_numpy(np.array(tangents[index])))
        rows.append(row)
        if index < bases.shown:
            parts = {"clean": clean, "noisy": local.noisy, "estimate": local.estimate}
            shown.append({name: value[0].cpu().numpy() for name, value in parts.items()})
            shown[-1]["vectors"] = found.vectors[:, :modes].T.float().numpy()
    arrays = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    arrays |= {name: np.stack([part[name] for part in shown]) for name in shown[0]}
    return arrays | {"sigma": np.array(sigma), "pixels": np.array(images[0].numel())}


def _at_image(
    local: LocalMap, found: Spectrum, clean: Images, others: dict[str, Tensor], modes: int
) -> dict[str, np.ndarray | float]:
    """Return everything that is measured at one noisy image."""
    flat, leading = clean.flatten().cpu().double(), found.vectors[:, :modes]
    on_clean = found.vectors.T @ flat
    row: dict[str, np.ndarray | float] = {
        "values": found.values[:modes].numpy(),
        "coefficients_clean": on_clean[:modes].numpy(),
        "coefficients_noisy": (leading.T @ local.noisy.flatten().cpu().double()).numpy(),
        "energy_kept": energy_kept(on_clean, float(flat.square().sum()), found.trace),
    }
    weight, shape = contour_weight(clean.cpu()), tuple(clean.shape[1:])
    for suffix, vectors in {"": leading, **others}.items():
        row[f"frequency{suffix}"] = frequencies(vectors, shape).numpy()
        row[f"contour{suffix}"] = contour_energy(vectors, weight).numpy()
    return row | diagnostics(local, found, clean)


def _other_bases(gaussian: GaussianDenoiser, modes: int, seed: int) -> dict[str, Tensor]:
    """Return principal components and a random orthonormal basis, ``[pixels, mode]``.

    Components beyond the rank of the covariance mean nothing and are NaN.
    """
    components = gaussian.vectors[:, :modes].cpu().double().clone()
    components[:, gaussian.rank :] = torch.nan
    stream = torch_stream(seed, "random basis")
    random = torch.randn(*components.shape, generator=stream, dtype=torch.float64)
    return {"_pca": components, "_random": torch.linalg.qr(random).Q}
