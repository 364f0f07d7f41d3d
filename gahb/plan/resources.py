"""What jobs need: threads, GPUs, and memory in MB. A profile may say otherwise."""

from __future__ import annotations

from gahb.data.decoding import decoding_bytes
from gahb.data.sources import SOURCES, image_count, is_drawn
from gahb.settings import Settings

JOB_MB = 4000
"""For the libraries, a network and a batch."""


def gpus(settings: Settings) -> int:
    """Return how many GPUs a job asks for that can use one."""
    return 0 if settings.runtime.device == "cpu" else 1


def threads(settings: Settings) -> int:
    """Return the threads of a job that computes."""
    return settings.runtime.threads


def training_gpus(settings: Settings) -> int:
    """Return how many GPUs one training asks for: one for each of its processes."""
    return gpus(settings) * settings.training.processes


def training_threads(settings: Settings) -> int:
    """Return the threads of all processes of one training."""
    return settings.runtime.threads * settings.training.processes


def decoding_threads(settings: Settings) -> int:
    """Return how many threads decode pictures; arrays need none."""
    return 4 if SOURCES[settings.data.source].reader == "pictures" else 1


def image_memory(settings: Settings) -> int:
    """Return MB for all images of an experiment, and a copy of them.

    Of pictures in a folder only the files can tell how many there are.
    """
    data = settings.data
    size = data.channels * data.size**2 * (4 if is_drawn(data) else 1)
    return int(2000 + 2 * (image_count(data) or 100_000) * size / 1e6)


def training_memory(settings: Settings) -> int:
    """Return MB for the images in each process of one training."""
    return settings.training.processes * (2000 + image_memory(settings))


def decoding_memory(settings: Settings) -> int:
    """Return MB to decode pictures in."""
    if SOURCES[settings.data.source].reader != "pictures":
        return image_memory(settings)
    return int(image_memory(settings) + decoding_bytes(decoding_threads(settings)) / 1e6)


def model_memory(settings: Settings) -> int:
    """Return MB for the moments of a whole image, a few float64 matrices of its pixels."""
    pixels = settings.data.size**2 * settings.data.channels
    levels = settings.agreement.levels + settings.sampling.levels
    # Moments of each fold and a few more matrices, and the maps of both subsets, twice.
    matrices = 2 * settings.agreement.folds + 8 + 4 * levels
    return int(JOB_MB + matrices * 8 * pixels**2 / 1e6)


def basis_memory(settings: Settings) -> int:
    """Return MB for the images, and a few float64 matrices of all pixels."""
    pixels = settings.data.channels * settings.data.size**2
    return int(image_memory(settings) + JOB_MB + 8 * 8 * pixels**2 / 1e6)


def job_memory(settings: Settings) -> int:
    """Return MB for a job that reads networks and few images."""
    return JOB_MB
