"""Disjoint subsets: held-out test images and two halves, nested in N."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gahb.errors import ConfigError, DataError
from gahb.seeds import numpy_stream
from gahb.storage import read_json


@dataclass(frozen=True)
class Split:
    """Indices into the prepared images.

    Attributes
    ----------
    test : list of int
        Held out from all training.
    halves : dict
        ``{"A": [...], "B": [...]}``, disjoint and equally long.
    """

    test: list[int]
    halves: dict[str, list[int]]

    def training(self, subset: str, size: int) -> list[int]:
        """Return the first ``size`` images of a half: subsets are nested in N.

        Raises
        ------
        ConfigError
            If the half is smaller; the message says the largest possible N.
        """
        half = self.halves[subset]
        if size > len(half):
            raise ConfigError(
                f"config: sizes: N = {size} is too large; after dedup and {len(self.test):,} test "
                f"images a half has {len(half):,} images, the largest possible N"
            )
        return half[:size]


def split(kept: np.ndarray, test: int, seed: int) -> Split:
    """Shuffle the kept images once and deal them out.

    Parameters
    ----------
    kept : ndarray
        Indices of the images that passed deduplication.
    test : int
        Images to hold out.
    seed : int
        Root seed of the experiment.

    Raises
    ------
    ConfigError
        If nothing is left to train on.
    """
    half = (len(kept) - test) // 2
    if half < 1:
        raise ConfigError(
            f"config: split.test: {test:,} test images leave none to train on; "
            f"{len(kept):,} images are left after dedup"
        )
    order = numpy_stream(seed, "split").permutation(kept).tolist()
    halves = {"A": order[test : test + half], "B": order[test + half : test + 2 * half]}
    return Split(order[:test], halves)


def read_split(path: Path | str) -> Split:
    """Read the split from the JSON file that the workflow wrote."""
    content = read_json(path)
    return Split(content["test"], content["halves"])


def audit(split: Split, image_hashes: Sequence[str]) -> dict[str, int]:
    """Check by content that test, A and B share no image; return their sizes.

    Raises
    ------
    DataError
        Naming two images of equal content in different parts.
    """
    parts = {"test": split.test, **split.halves}
    seen: dict[str, tuple[str, int]] = {}
    for part, indices in parts.items():
        for index in indices:
            other, other_index = seen.setdefault(image_hashes[index], (part, index))
            if (other, other_index) != (part, index):
                raise DataError(
                    f"the split is not disjoint: image {index} in {part} has the content of image "
                    f"{other_index} in {other}; delete the data folder of the results and run again"
                )
    return {part: len(indices) for part, indices in parts.items()}
