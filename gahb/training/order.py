"""What training does when: the order of images, the learning rate."""

from __future__ import annotations

import math

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


def learning_rate(step: int, steps: int, training: TrainingSettings) -> float:
    """Return the rate at ``step`` of ``steps``: halved at equal distances."""
    return training.learning_rate * 0.5 ** math.floor(training.halvings * step / steps)
