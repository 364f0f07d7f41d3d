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

    def of_repeat(self, repeat: int) -> Split:
        """Return the split of one repeat: the same test images, other training images.

        Each half is put into another order, so that N of its images are others, as far as it
        has more than N. The first repeat has the order of the file.
        """
        if not repeat:
            return self
        halves = {
            subset: numpy_stream(0, "training subset", subset, repeat).permutation(half).tolist()
            for subset, half in self.halves.items()
        }
        return Split(self.test, halves)

    @property
    def parts(self) -> dict[str, list[int]]:
        """All parts by name: test, A and B."""
        return {"test": self.test, **self.halves}


def split_random(kept: np.ndarray, test: int, seed: int) -> Split:
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
    half = _half(len(kept), test)
    order = numpy_stream(seed, "split").permutation(kept).tolist()
    halves = {"A": order[test : test + half], "B": order[test + half : test + 2 * half]}
    return Split(order[:test], halves)


def split_ends(kept: np.ndarray, test: int) -> Split:
    """Take A from the first of the kept images on, B from the last backwards.

    So Kadkhodaie et al. have it: A is the first N, B the last N. The images in the
    middle are held out. Other arguments and errors are those of `split_random`.
    """
    half = _half(len(kept), test)
    order = kept.tolist()
    halves = {"A": order[:half], "B": order[::-1][:half]}
    return Split(order[half : half + test], halves)


def split_identities(kept: np.ndarray, identity: np.ndarray, test: int, seed: int) -> Split:
    """Deal out people rather than images: nobody is in two of test, A and B.

    Parameters
    ----------
    identity : ndarray
        Who each prepared image shows, ``[image]``, for all of them, kept or not.

    Other arguments and errors are those of `split_random`. Whole people are dealt out, so
    up to one person's images more than ``test`` leave training.
    """
    stream = numpy_stream(seed, "split")
    people = stream.permutation(np.unique(identity[kept]))
    images: dict[int | str, list[int]] = {person: [] for person in people.tolist()}
    for index in stream.permutation(kept).tolist():
        images[identity[index].item()].append(index)
    held_out: list[int] = []
    halves: dict[str, list[int]] = {"A": [], "B": []}
    for own in images.values():
        # The shorter half first: they stay within one person of each other.
        shorter = min(halves, key=lambda name: len(halves[name]))
        (held_out if len(held_out) < test else halves[shorter]).extend(own)
    half = min(map(len, halves.values()))
    if half < 1 or len(held_out) < test:
        raise ConfigError(
            f"config: split.test: {len(people):,} people on {len(kept):,} images are too few for "
            f"{test:,} test images and two halves that share nobody"
        )
    # Nested in N, a half must not begin with one person's images.
    halves = {name: stream.permutation(part).tolist()[:half] for name, part in halves.items()}
    # Whoever takes the first test images must not get those of a few people.
    return Split(stream.permutation(held_out).tolist()[:test], halves)


def split_attribute(kept: np.ndarray, shown: np.ndarray, test: int, seed: int) -> Split:
    """Give A images that show something, B those that do not, test as many of each.

    Parameters
    ----------
    shown : ndarray
        bool ``[image]``, for all prepared images, kept or not.

    Other arguments and errors are those of `split_random`.
    """
    stream = numpy_stream(seed, "split")
    order = stream.permutation(kept)
    groups = {"A": order[shown[order]].tolist(), "B": order[~shown[order]].tolist()}
    held = {"A": test // 2, "B": test - test // 2}
    half = min(len(group) - held[name] for name, group in groups.items())
    if half < 1:
        raise ConfigError(
            f"config: split.attribute: {len(groups['A']):,} images show it, "
            f"{len(groups['B']):,} do not; {test:,} test images, half of each, leave none to "
            "train on"
        )
    held_out = [index for name, group in groups.items() for index in group[: held[name]]]
    halves = {name: group[held[name] :][:half] for name, group in groups.items()}
    return Split(stream.permutation(held_out).tolist(), halves)


def _half(kept: int, test: int) -> int:
    """Return how many images a half has; raise if that is none."""
    half = (kept - test) // 2
    if half < 1:
        raise _nothing_left(test, kept)
    return half


def _nothing_left(test: int, kept: int) -> ConfigError:
    return ConfigError(
        f"config: split.test: {test:,} test images leave none to train on; {kept:,} images are "
        "left after dedup, and 2 N + split.test are needed"
    )


def read_split(path: Path | str) -> Split:
    """Read the split from the JSON file that the workflow wrote."""
    content = read_json(path)
    return Split(content["test"], content["halves"])


def check_disjoint(split: Split, image_hashes: Sequence[str]) -> dict[str, int]:
    """Check by content that test, A and B share no image; return their sizes.

    Raises
    ------
    DataError
        Naming two images of equal content in different parts.
    """
    seen: dict[str, tuple[str, int]] = {}
    for part, indices in split.parts.items():
        for index in indices:
            other, other_index = seen.setdefault(image_hashes[index], (part, index))
            if (other, other_index) != (part, index):
                raise DataError(
                    f"the split is not disjoint: image {index} in {part} has the content of image "
                    f"{other_index} in {other}; delete the data folder of the results and run again"
                )
    return {part: len(indices) for part, indices in split.parts.items()}


def check_disjoint_people(split: Split, identity: np.ndarray) -> dict[str, int]:
    """Check that nobody is in two of test, A and B; return how many people are in each.

    Raises
    ------
    DataError
        Naming somebody who is in two parts.
    """
    people = {part: set(identity[indices].tolist()) for part, indices in split.parts.items()}
    for one, other in (("test", "A"), ("test", "B"), ("A", "B")):
        if shared := people[one] & people[other]:
            raise DataError(f"the split is not disjoint: {min(shared)} is in {one} and in {other}")
    return {part: len(members) for part, members in people.items()}


def check_attribute(split: Split, shown: np.ndarray) -> dict[str, int]:
    """Check that all of A show it and none of B; return how many do in each part.

    Raises
    ------
    DataError
        If one of A does not, or one of B does.
    """
    counts = {part: int(shown[indices].sum()) for part, indices in split.parts.items()}
    if counts["A"] != len(split.halves["A"]) or counts["B"]:
        raise DataError(f"the split is not by attribute: it is shown by {counts}")
    return counts
