"""What a training is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.storage import content_hash


@dataclass(frozen=True)
class TrainingJob:
    """One denoiser to be trained, from its configuration into a checkpoint.

    Attributes
    ----------
    checkpoint : Path
        Written when training is complete, with all that it depends on.
    images : ndarray
        uint8 ``[image, channel, height, width]``, the training set.
    denoiser, training, runtime : DenoiserSettings, TrainingSettings, RuntimeSettings
        Parts of the configuration.
    threads : int
        Threads on the CPU, of all processes together.
    stream : tuple
        Root seed, role and indices of this training's random stream.
    resume, progress : Path
        Sidecar checkpoint (deleted at the end) and CSV log of the progress.
    code : str
        Hash of the code; a sidecar of other code is not resumed.
    """

    checkpoint: Path
    images: np.ndarray
    denoiser: DenoiserSettings
    training: TrainingSettings
    runtime: RuntimeSettings
    threads: int
    stream: tuple[int, str, *tuple[int | str, ...]]
    resume: Path
    progress: Path
    code: str

    @property
    def description(self) -> dict[str, Any]:
        """What the result depends on, but the code."""
        return {
            "denoiser": self.denoiser.model_dump(),
            "channels": self.images.shape[1],
            "training": self.training.model_dump(),
            "stream": list(self.stream),
            "images": content_hash(self.images.tobytes()),
        }
