"""What pictures alone tell: samples of a model, its training images, and held-out ones.

Everything measured of samples is measured of real pictures as well, and the verdict rests on
the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gahb.analysis import fractions as shares
from gahb.analysis.copies import Nearness, nearness
from gahb.analysis.likeness import Likeness
from gahb.analysis.similarity import BLOCK, flatten
from gahb.analysis.statistics import bootstrap
from gahb.auditing.quality import quality_rows
from gahb.auditing.rows import (
    HELD_OUT,
    LESS_AGAIN,
    LESS_CLEAN,
    LESS_HELD_OUT,
    LESS_TRAINING,
    SAMPLES,
    TRAINING,
    row,
)
from gahb.errors import DataError
from gahb.seeds import numpy_stream

SAME = 0.95
"""Pictures that are more alike are the same one, as in the workflow's deduplication; or more
alike than held-out and training images commonly are, where a set's pictures all look alike."""
BLANK = 1 / 255
"""A picture that varies by less than one grey level shows nothing, and cannot be copied."""


@dataclass(frozen=True)
class Evidence:
    """What `compare_pictures` found.

    Attributes
    ----------
    rows : list of dict
        Of the audit's table.
    samples : ndarray
        Those that are not blank.
    closest : ndarray
        The training image with the highest mean-removed cosine to each, as it was given.
    cosines : dict
        That cosine, of ``samples`` and of ``held out`` images.
    leaks : ndarray
        int64 ``[pair, 2]``: held-out images that are copies of training images, and which;
        numbers in the arrays as they were given.
    training, held_out : ndarray
        What was looked at, each picture once: at random, none blank; of the held-out ones none
        that is a copy of a training image.
    """

    rows: list[dict[str, Any]]
    samples: np.ndarray
    closest: np.ndarray
    cosines: dict[str, np.ndarray]
    leaks: np.ndarray
    training: np.ndarray
    held_out: np.ndarray


def blank(images: np.ndarray) -> np.ndarray:
    """Return which images vary by less than one of 256 grey levels, bool ``[image]``."""
    parts = [
        flatten(images[start : start + BLOCK]).std(axis=1) < BLANK
        for start in range(0, len(images), BLOCK)
    ]
    return np.concatenate([np.empty(0, bool), *parts])


def compare_pictures(
    samples: np.ndarray,
    training: np.ndarray,
    held_out: np.ndarray,
    *,
    raw: bool,
    images: int = 256,
    draws: int = 1000,
    seed: int = 0,
) -> Evidence:
    """Compare samples with training images as held-out images are compared with them.

    Parameters
    ----------
    samples : ndarray
        ``[sample, channel, height, width]``: uint8, or float in [0, 1] units.
    training, held_out : ndarray
        uint8 ``[image, channel, height, width]``.
    raw : bool
        Whether samples have a brightness of their own; those of blind denoisers do not.
    images : int
        Training and held-out images that are looked at, at most; samples are compared with all
        training images, and all held-out images are searched for copies.
    draws, seed : int
        Bootstrap draws; root seed.

    Raises
    ------
    DataError
        If fewer than two training or held-out images are not blank.
    """
    every = {SAMPLES: samples, TRAINING: training, HELD_OUT: held_out}
    empty = {name: blank(some) for name, some in every.items()}
    shown = {name: np.flatnonzero(~empty[name]) for name in every}
    for name in (TRAINING, HELD_OUT):
        if (count := len(shown[name])) < 2:
            raise DataError(
                f"{count} of {len(every[name])} {name} images show anything, the others are blank; "
                "an audit needs two"
            )
    # All of them are not copied: a large folder may be mapped into memory.
    drawn, learnt, unseen = (
        some if len(shown[n]) == len(some) else some[shown[n]] for n, some in every.items()
    )
    found = _Sets.look_at(drawn, learnt, unseen, images, seed)
    near = found.nearness(raw)
    rows = [row("blank_fraction", n, shares.share(empty[n]), len(empty[n])) for n in every]
    rows += [
        *_repetition_rows(found),
        *_copy_rows(near, found.again),
        *_exchange_rows(found, raw),
        *_nearness_rows(near, draws, seed),
        *quality_rows(found.samples, found.trained, found.clean, raw=raw),
    ]
    return Evidence(
        rows,
        found.samples,
        training[shown[TRAINING]][near[SAMPLES].index],
        {name: near[name].cosine for name in (SAMPLES, HELD_OUT)},
        np.column_stack([shown[HELD_OUT][found.leaks[:, 0]], shown[TRAINING][found.leaks[:, 1]]]),
        _distinct(found.trained, found.threshold),
        _distinct(found.clean, found.threshold),
    )


@dataclass(frozen=True)
class _Sets:
    """Pictures that are not blank: all of them, and those that are looked at.

    Attributes
    ----------
    samples, training, held_out : ndarray
        All.
    trained, chosen, clean : ndarray
        Some training and held-out images; of the latter those that are no leaks.
    threshold : float
        Of likeness, above which two pictures are the same.
    leaks : ndarray
        int64 ``[pair, 2]``, numbers of held-out and of training images.
    again : ndarray
        bool, which of ``trained`` are there more than once.
    """

    samples: np.ndarray
    training: np.ndarray
    held_out: np.ndarray
    trained: np.ndarray
    chosen: np.ndarray
    clean: np.ndarray
    threshold: float
    leaks: np.ndarray
    again: np.ndarray

    @classmethod
    def look_at(
        cls,
        samples: np.ndarray,
        training: np.ndarray,
        held_out: np.ndarray,
        images: int,
        seed: int,
    ) -> _Sets:
        some, others = (_some(len(every), images, seed) for every in (training, held_out))
        usual = Likeness(held_out[others]).highest(training)
        threshold = max(SAME, float(np.median(usual)))
        leaks = _leaks(held_out, training, threshold)
        clean = held_out[np.setdiff1d(others, leaks[:, 0])]
        again = Likeness(training[some]).count(training, threshold) > 1
        looked_at = training[some], held_out[others], clean
        return cls(samples, training, held_out, *looked_at, threshold, leaks, again)

    def nearness(self, raw: bool) -> dict[str, Nearness]:
        """Return how near samples, held-out and other training images are to training images."""
        to_training = partial(nearness, pictures=self.training, threshold=self.threshold)
        return {
            SAMPLES: to_training(self.samples, raw=raw),
            HELD_OUT: to_training(self.chosen, raw=raw),
            TRAINING: to_training(self.trained, raw=False, own=True),
        }


def _some(total: int, count: int, seed: int) -> np.ndarray:
    """Return ``count`` numbers below ``total`` at random, or all, in order."""
    return np.sort(numpy_stream(seed, "audited").permutation(total)[:count])


def _leaks(others: np.ndarray, pictures: np.ndarray, threshold: float) -> np.ndarray:
    """Return pairs ``[pair, 2]`` of held-out images that repeat a training image, and which.

    Likeness finds them, and the criterion for samples decides: where all pictures look alike,
    likeness alone would take many for copies.
    """
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, len(others), 1024):
        alike = Likeness(others[start : start + 1024], moved=False).highest(pictures)
        asked = start + np.flatnonzero(alike > SAME)
        if len(asked):
            near = nearness(others[asked], pictures, threshold, raw=True)
            copies = near.copied == 1
            found.append(np.column_stack([asked[copies], near.index[copies]]))
    return np.concatenate(found)


def _distinct(images: np.ndarray, threshold: float) -> np.ndarray:
    """Return the images of which none is an earlier one again."""
    if not len(images):
        return images
    same = Likeness(images)(images) > threshold
    kept: list[int] = []
    for index, alike in enumerate(same):
        if not alike[kept].any():
            kept.append(index)
    return images[kept]


def _repetition_rows(found: _Sets) -> list[dict[str, Any]]:
    """Return how many training images are there again, and how many among the held-out ones."""
    leaked = np.isin(np.arange(len(found.held_out)), found.leaks[:, 0])
    return [
        row("duplicated_fraction", TRAINING, shares.share(found.again), len(found.again)),
        row("copied_fraction", HELD_OUT, shares.share(leaked), len(leaked)),
    ]


def _copy_rows(near: dict[str, Nearness], again: np.ndarray) -> list[dict[str, Any]]:
    """Return the shares of copies, and by how much that of samples is the larger."""
    copied = {
        name: near[name].copied[np.isfinite(near[name].copied)] for name in (SAMPLES, HELD_OUT)
    }
    rows = [
        row("memorised_fraction", name, shares.share(found), len(found))
        for name, found in copied.items()
    ]
    new = copied[HELD_OUT][copied[HELD_OUT] == 0]
    controls = ((LESS_HELD_OUT, copied[HELD_OUT]), (LESS_CLEAN, new), (LESS_AGAIN, again))
    for of, others in controls:
        found = shares.share_difference(copied[SAMPLES], others)
        count = len(copied[SAMPLES]) + len(others)
        rows.append(row("memorised_excess", of, found, count))
    return rows


def _exchange_rows(found: _Sets, raw: bool) -> list[dict[str, Any]]:
    """Return how often samples repeat held-out images, and training images that are none do."""
    others = np.delete(found.held_out, found.leaks[:, 0], axis=0)
    copied = []
    for some in (found.samples, found.trained):
        values = nearness(some, others, found.threshold, raw=raw).copied
        copied.append(values[np.isfinite(values)])
    excess = shares.share_difference(*copied)
    return [
        row("held_out_copies_fraction", SAMPLES, shares.share(copied[0]), len(copied[0])),
        row("held_out_copies_excess", LESS_TRAINING, excess, sum(map(len, copied))),
    ]


def _nearness_rows(near: dict[str, Nearness], draws: int, seed: int) -> list[dict[str, Any]]:
    """Return how near samples are to single training images, beside other pictures."""
    rows = []
    for name in (SAMPLES, HELD_OUT):
        cosines = near[name].cosine
        middle = bootstrap(cosines, np.median, draws=draws, seed=seed)
        rows.append(row("nearest_cosine_median", name, middle, len(cosines)))
    asked = (
        ("cosine_higher", HELD_OUT, [near[n].cosine for n in (SAMPLES, HELD_OUT)]),
        ("ratio_lower", HELD_OUT, [-near[n].ratio for n in (SAMPLES, HELD_OUT)]),
        ("ratio_lower", TRAINING, [-near[n].ratio for n in (SAMPLES, TRAINING)]),
    )
    for measure, than, pair in asked:
        known = sum(int(np.isfinite(values).sum()) for values in pair)
        rows.append(row(measure, f"{SAMPLES} than {than}", shares.precedence(*pair), known))
    return rows
