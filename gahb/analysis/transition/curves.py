"""PSNR curves of the networks of one N, image by image and run by run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gahb.analysis.observations import Observations, of_runs
from gahb.metrics import psnr_db
from gahb.settings import SUBSETS
from gahb.storage import read_arrays

IMAGE_SETS = ("train", "test")


@dataclass(frozen=True)
class PsnrCurves:
    """Errors of the denoisers trained on N images.

    Attributes
    ----------
    sigmas : ndarray
        Noise levels in [0, 1] pixel units, increasing.
    psnr_db : dict
        ``(subset, image set)`` to output PSNR ``[run, image, sigma]`` in dB. Test images are
        the same in all runs, training images others.
    """

    sigmas: np.ndarray
    psnr_db: dict[tuple[str, str], np.ndarray]

    @classmethod
    def from_arrays(cls, runs: Sequence[Mapping[str, np.ndarray]], size: int) -> PsnrCurves:
        """Return the curves of stored errors ``<set>_<subset>`` ``[sigma, image]`` of each run.

        Fewer training images than were measured were repeated with other noise, in turn: an
        image counts once, with the PSNR of its mean squared error. The mean of its PSNR would be
        up to 5.5 dB higher: the error of a single memorised image is that of its intensity, of one
        dimension, and often near 0.
        """
        psnr = {}
        for subset in SUBSETS:
            for images in IMAGE_SETS:
                of_each = [run[f"{images}_{subset}"].T.astype(float) for run in runs]
                if images == "train":
                    of_each = [_once(values, size) for values in of_each]
                psnr[subset, images] = psnr_db(np.stack(of_each))
        return cls(runs[0]["sigmas"], psnr)

    def observed(
        self, images: str, reduce: Callable[[np.ndarray], np.ndarray] = lambda curve: curve
    ) -> Observations:
        """Return what ``reduce`` makes of the curve ``[..., sigma]`` of each image.

        Training images are different ones for A and for B; test images are the same, and
        count once, with the mean of the two networks.
        """
        both = [self.psnr_db[subset, images] for subset in SUBSETS]
        joined = np.concatenate(both, axis=1) if images == "train" else np.mean(both, axis=0)
        return of_runs(list(reduce(joined)), crossed=images == "test")

    def at(self, sigma: float, images: str) -> Observations:
        """Return the PSNR in dB of each image at one noise level."""
        column = int(np.flatnonzero(np.isclose(self.sigmas, sigma))[0])
        return self.observed(images, lambda curve: curve[..., column])

    def mean(self, images: str) -> Observations:
        """Return the PSNR in dB of each image, averaged over the noise levels."""
        return self.observed(images, lambda curve: curve.mean(axis=-1))


def _once(values: np.ndarray, size: int) -> np.ndarray:
    """Return the mean of the rows of each of ``size`` images, which come in turn."""
    return np.stack([values[image::size].mean(axis=0) for image in range(min(size, len(values)))])


def read_evaluations(
    paths: Sequence[Path | str], sizes: Sequence[int], repeats: int
) -> dict[int, PsnrCurves]:
    """Read the stored errors, given N by N and within each N repeat by repeat."""
    arrays = [read_arrays(path) for path in paths]
    return {
        size: PsnrCurves.from_arrays(arrays[position * repeats : (position + 1) * repeats], size)
        for position, size in enumerate(sizes)
    }
