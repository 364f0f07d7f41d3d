"""What claims on bases are judged from: one experiment of a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gahb.analysis.bases.slopes import Slope, fit_slope, range_of
from gahb.analysis.bases.tables import all_known, per_image
from gahb.seeds import derive_seed


@dataclass(frozen=True)
class Shown:
    """One experiment in a figure.

    Attributes
    ----------
    record : mapping
        ``figure``, ``experiment``, ``sigma`` and what the experiment is.
    errors, bases : mapping
        Arrays of `measure_errors` and `measure_bases`.
    draws, seed : int
        Bootstrap over images.
    """

    record: Mapping[str, Any]
    errors: Mapping[str, np.ndarray]
    bases: Mapping[str, np.ndarray]
    draws: int
    seed: int

    @cached_property
    def numbers(self) -> dict[str, np.ndarray]:
        """What `per_image` finds in the bases."""
        return per_image(self.bases)

    @cached_property
    def slope(self) -> Slope | None:
        """Of the network's PSNR curve, if enough noise levels fit."""
        inside = range_of(self.errors)
        return self.slope_over(inside) if inside.sum() > 2 else None

    def slope_over(self, inside: np.ndarray, method: str = "network") -> Slope:
        """Return the slope over given levels; other images' draws are independent."""
        errors = self.errors["sigmas"], self.errors[f"mse_{method}"]
        seed = derive_seed(self.seed, "slope", str(self.record["experiment"]))
        return fit_slope(*errors, inside, draws=self.draws, seed=seed)


def known_mean(values: np.ndarray) -> str:
    """Return the mean of what is known of a control, for the statistic that it stands beside."""
    known = all_known(values)
    return f"{known.mean():.3g}" if len(known) else "unknown"


def over(slope: Slope) -> str:
    """Return which decibels of input PSNR a slope is fitted over."""
    return f"{slope.low_db:.3g} to {slope.high_db:.3g} dB"
