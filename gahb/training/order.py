"""What training does when: the order of images, the learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gahb.seeds import numpy_stream
from gahb.settings import TrainingSettings


class PresentationOrder:
    """The order in which ``count`` training images are shown: shuffled epochs, end to end.

    After any number P of presentations every image has been shown floor(P / count) or
    ceil(P / count) times, whatever ``count`` is. Any range can be asked for directly.
    """

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self.epochs_per_chunk = max(1, 65536 // count)
        self._chunk = (-1, np.empty(0, dtype=np.int64))

    def _load(self, chunk: int) -> np.ndarray:
        if self._chunk[0] != chunk:
            epochs = np.tile(np.arange(self.count), (self.epochs_per_chunk, 1))
            shuffled = numpy_stream(self.seed, "order", chunk).permuted(epochs, axis=1)
            self._chunk = (chunk, shuffled.ravel())
        return self._chunk[1]

    def indices(self, start: int, stop: int) -> np.ndarray:
        """Return the image indices of presentations ``start`` to ``stop`` (exclusive)."""
        length = self.epochs_per_chunk * self.count
        parts = []
        while start < stop:
            chunk, offset = divmod(start, length)
            parts.append(self._load(chunk)[offset : offset + stop - start])
            start += len(parts[-1])
        return np.concatenate(parts)


def halved(done: float, training: TrainingSettings) -> float:
    """Return 1, halved after each of equal parts of the training."""
    return 0.5 ** math.floor(training.halvings * done)


def falling(done: float, training: TrainingSettings) -> float:
    """Return what falls on a line from 1 to 0."""
    return 1 - done


def half_a_wave(done: float, training: TrainingSettings) -> float:
    """Return what falls from 1 to 0 as half a wave of a cosine does."""
    return (1 + math.cos(math.pi * done)) / 2


SCHEDULES: dict[str, Callable[[float, TrainingSettings], float]] = {
    "linear": falling,
    "cosine": half_a_wave,
    "halvings": halved,
}
"""From the share of training that is done to a factor of the rate, by name."""


def learning_rate(step: int, steps: int, training: TrainingSettings) -> float:
    """Return the rate at ``step`` = 0, 1, ... of ``steps``: it warms up, then falls."""
    warm = min(1.0, (step + 1) / max(1.0, training.warmup * steps))
    return training.learning_rate * warm * SCHEDULES[training.schedule](step / steps, training)
