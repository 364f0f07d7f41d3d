"""Draw images that agree with what was measured of a test image.

Kadkhodaie & Simoncelli (NeurIPS 2021), "Stochastic solutions for linear inverse problems
using the prior implicit in a denoiser": with P the projection onto what is measured, a
step goes along (1 - P)(f(y) - y) + P(x - y). That is the step of the unconditional
ascent for the estimate f(y) + P(x - f(y)), which agrees with the measurement. What comes
out agrees exactly; it is drawn from the posterior nearly, not exactly, as the score of
what was not measured is taken at a noisy measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gahb.sampling.ascent import Ascent
from gahb.sampling.measurements import Projection
from gahb.seeds import derive_seed
from gahb.settings import SamplingSettings
from gahb.types import Denoiser, Images


class Consistency:
    """Correct estimates so that they agree with the measurements of some images.

    Parameters
    ----------
    clean : Images
        float64 ``[sample, channel, height, width]``: of image i only P x is used.
    project : Projection
        P.
    """

    def __init__(self, clean: Images, project: Projection) -> None:
        self.measured, self.project = project(clean), project

    def __call__(self, estimates: Images, samples: Tensor) -> Images:
        """Return f + P(x - f) for the ``estimates`` f of some of the ``samples``."""
        return estimates + self.measured[samples] - self.project(estimates)

    def centre(self, mean: float) -> Images:
        """Return the grey image of pixel value ``mean``, with what is measured put in."""
        grey = torch.full_like(self.measured, mean)
        return grey + self.measured - self.project(grey)


def restore(
    denoisers: Mapping[str, Denoiser],
    clean: Images,
    projections: Mapping[str, Projection],
    samples: int,
    settings: SamplingSettings,
    seed: int,
    device: torch.device | str,
) -> dict[str, np.ndarray]:
    """Draw restorations of every image by every denoiser, from the same noise.

    Parameters
    ----------
    denoisers : mapping
        By subset, in evaluation mode, on ``device``.
    clean : Images
        ``[image, channel, height, width]`` in [0, 1] units, on the CPU.
    projections : mapping
        What is measured, by name.
    samples : int
        Restorations of each image.
    settings : SamplingSettings
        Of the ascent.
    seed : int
        Root seed: the noise depends on it, on the image and on the sample.
    device : torch.device
        Where the denoisers live.

    Returns
    -------
    dict
        ``restored_<measurement>_<subset>``: float32 ``[image, sample, channel, height,
        width]``, NaN where the ascent did not converge.
    """
    repeated = clean.double().repeat_interleave(samples, 0)
    seeds = [
        derive_seed(seed, "restore", image, sample)
        for image in range(len(clean))
        for sample in range(samples)
    ]
    arrays = {}
    for name, project in projections.items():
        for subset, denoiser in denoisers.items():
            drawn = [
                _restore_batch(
                    denoiser, repeated[rows], project, [seeds[i] for i in rows], settings, device
                )
                for rows in torch.arange(len(seeds)).split(settings.batch)
            ]
            restored = torch.cat(drawn).reshape(len(clean), samples, *clean.shape[1:])
            arrays[f"restored_{name}_{subset}"] = restored.numpy()
    return arrays


def _restore_batch(
    denoiser: Denoiser,
    clean: Images,
    project: Projection,
    seeds: Sequence[int],
    settings: SamplingSettings,
    device: torch.device | str,
) -> Images:
    known = Consistency(clean, project)
    ascent = Ascent(denoiser, known.centre(settings.mean), seeds, settings, device)
    for step in ascent:
        step.estimate = known(step.estimate, step.active)
    return ascent.samples.images
