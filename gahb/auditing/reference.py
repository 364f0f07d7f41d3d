"""How hard an image is to denoise, told by denoisers that remember none.

Two of them. A Wiener filter knows the power spectrum only, hence how much fine detail an image
has; a Gaussian model knows what the images have in common. They are never asked about an image
that they were fitted on: the images are dealt into parts, and each part is denoised by what was
fitted on the others.

Fitted on as many training as held-out images, they tell how hard an image is, and favour neither
set. Fitted on those of one set only, they tell how different the two are: if the folders hold
pictures of different kinds, each is denoised better by a model of its own, and so would the
training images be by any denoiser, one that has never seen them itself as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from gahb.analysis.similarity import flatten
from gahb.analysis.transition.evaluation import squared_errors
from gahb.denoisers.gaussian import GaussianDenoiser, StationaryGaussianDenoiser
from gahb.metrics import psnr_db
from gahb.seeds import numpy_stream
from gahb.types import Denoiser

PARTS = 4


def psnr(
    denoiser: Denoiser,
    images: np.ndarray,
    sigmas: Sequence[float],
    seed: int,
    device: torch.device | str = "cpu",
) -> np.ndarray:
    """Return the PSNR in dB ``[sigma, image]`` of uint8 images, denoised once at each level.

    NaN where an estimate is not finite.
    """
    pixels = torch.from_numpy(np.ascontiguousarray(images)).to(device)
    found = [squared_errors(denoiser, pixels, sigma, seed=seed) for sigma in sigmas]
    errors = torch.stack(found).cpu().double()
    # No error at all counts as the rounding error of float32.
    errors = errors.clamp(min=torch.finfo(torch.float32).eps ** 2)
    return psnr_db(torch.where(torch.isfinite(errors), errors, torch.nan)).numpy()


@dataclass(frozen=True)
class Reference:
    """PSNR in dB ``[reference, sigma, image]`` of the images of one set.

    Attributes
    ----------
    both : ndarray
        By references fitted on both sets alike.
    training, held_out : ndarray
        By those fitted on one set only, on as many images of it.
    """

    both: np.ndarray
    training: np.ndarray
    held_out: np.ndarray


def reference_psnr(
    training: np.ndarray, held_out: np.ndarray, sigmas: Sequence[float], seed: int
) -> tuple[Reference, Reference]:
    """Return what the references make of training and of held-out images.

    Parameters
    ----------
    training, held_out : ndarray
        uint8 ``[image, channel, height, width]``, at least two of each.
    sigmas : sequence of float
        Noise levels.
    seed : int
        Root seed of the parts and of the noise, which is that of `psnr`.
    """
    sets = (training, held_out)
    # In any order but the given one, which may be class by class.
    orders = [
        numpy_stream(seed, "difficulty", position).permutation(len(images))
        for position, images in enumerate(sets)
    ]
    found = [np.full((3, 2, len(sigmas), len(images)), np.nan) for images in sets]
    for part in range(PARTS):
        asked = [order[part::PARTS] for order in orders]
        others = [np.setdiff1d(order, own, True) for order, own in zip(orders, asked, strict=True)]
        count = min(map(len, others))
        fitted = [images[own[:count]] for images, own in zip(sets, others, strict=True)]
        for position, own in enumerate((np.concatenate(fitted), *fitted)):
            for which, reference in enumerate((_wiener(own), _gaussian(own))):
                for images, chosen, values in zip(sets, asked, found, strict=True):
                    if len(chosen):
                        made = psnr(reference, images[chosen], sigmas, seed)
                        values[position, which][:, chosen] = made
    first, second = (Reference(*values) for values in found)
    return first, second


def _wiener(images: np.ndarray) -> Denoiser:
    return StationaryGaussianDenoiser(torch.from_numpy(flatten(images).reshape(images.shape)))


def _gaussian(images: np.ndarray) -> Denoiser:
    """Return the Gaussian denoiser of few images, of as many components as there are."""
    vectors = flatten(images)
    mean = vectors.mean(axis=0)
    _, sizes, rows = np.linalg.svd(vectors - mean, full_matrices=False)
    arrays = {"mean": mean, "values": sizes**2 / len(images), "vectors": rows.T.copy()}
    shape, count = np.array(images.shape[1:]), np.array(len(images))
    return GaussianDenoiser.from_arrays(arrays | {"shape": shape, "count": count})
