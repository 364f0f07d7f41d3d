"""How well a denoiser does, on training images and on others, over noise levels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from gahb.data.splits import Split
from gahb.images import as_float
from gahb.metrics import mse, sigma_of_input_psnr
from gahb.noise import add_noise
from gahb.seeds import torch_stream
from gahb.settings import EvaluationSettings
from gahb.types import Denoiser


@torch.inference_mode()
def squared_errors(
    denoiser: Denoiser, images: Tensor, sigma: float, *, seed: int, batch: int = 256
) -> Tensor:
    """Return the MSE of each of ``images`` denoised at noise level ``sigma``.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode; computed in the precision of its parameters.
    images : Tensor
        uint8 ``[image, channel, height, width]`` on the denoiser's device.
    sigma : float
        Noise standard deviation in [0, 1] pixel units.
    seed : int
        The noise of image i at this level depends only on ``seed``, ``sigma`` and i.

    Returns
    -------
    Tensor
        float32 ``[image]``, mean squared error over pixels.
    """
    errors = []
    for start in range(0, len(images), batch):
        clean = as_float(images[start : start + batch], images.device)
        stream = torch_stream(seed, "evaluate", repr(sigma), start, device=images.device)
        errors.append(mse(clean, denoiser(add_noise(clean, sigma, stream), sigma)))
    return torch.cat(errors)


def noise_levels(evaluation: EvaluationSettings) -> list[float]:
    """Return the noise levels to measure at, increasing, the reference level among them."""
    levels = {sigma_of_input_psnr(decibel) for decibel in evaluation.input_psnr_db}
    others = {sigma for sigma in levels if not np.isclose(sigma, evaluation.reference_sigma)}
    return sorted(others | {evaluation.reference_sigma})


def evaluate_pair(
    denoisers: Mapping[str, Denoiser],
    images: np.ndarray,
    split: Split,
    size: int,
    evaluation: EvaluationSettings,
    *,
    seed: int,
    device: torch.device,
) -> dict[str, np.ndarray]:
    """Measure both denoisers of one N on their training images and on held-out ones.

    Parameters
    ----------
    denoisers : mapping
        Subset to denoiser, in evaluation mode on ``device``.
    images : ndarray
        uint8 ``[image, channel, height, width]``, all prepared images.
    split : Split
        Which of them are test images, and which each half holds.
    size : int
        N. Fewer training images than ``evaluation.images`` are repeated with other noise.
    evaluation : EvaluationSettings
        Noise levels and number of images.

    Returns
    -------
    dict
        ``sigmas`` ``[level]``, and ``train_<subset>``, ``test_<subset>`` float32
        ``[level, image]``, mean squared errors.
    """
    levels = noise_levels(evaluation)
    arrays = {"sigmas": np.array(levels)}
    for subset, denoiser in denoisers.items():
        for name, indices in (("train", split.training(subset, size)), ("test", split.test)):
            # Few training images are repeated with other noise; test images never are.
            count = evaluation.images if name == "train" else min(len(indices), evaluation.images)
            chosen = np.resize(indices, count)
            pixels = torch.from_numpy(images[chosen]).to(device)
            errors = [squared_errors(denoiser, pixels, sigma, seed=seed) for sigma in levels]
            arrays[f"{name}_{subset}"] = torch.stack(errors).cpu().numpy()
    return arrays
