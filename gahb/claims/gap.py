"""The claims of Kadkhodaie et al. (ICLR 2024), Fig. 15: generalisation by image size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from gahb.analysis.observations import Observations
from gahb.analysis.statistics import slopes
from gahb.analysis.transition.curves import PsnrCurves
from gahb.analysis.transition.gap import gap
from gahb.claims.expected.transition import FIGURE_15, TRANSITION
from gahb.claims.judging import Claim


def gap_claims(resolutions: Mapping[int, Mapping[int, PsnrCurves]]) -> Iterator[Claim]:
    """Yield the claims of Fig. 15 from errors by image size, then by N."""
    for size, evaluations in resolutions.items():
        yield Claim(
            f"at {size}x{size} pixels the gap between train and test PSNR falls with N",
            "slope over log10 N of the gap, averaged over noise levels (dB per decade)",
            FIGURE_15,
            _groups(evaluations, list(evaluations)),
            _Slope(list(evaluations)),
            TRANSITION["gap_falls"],
        )
    for (small, of_small), (large, of_large) in pairwise(resolutions.items()):
        common = [n for n in of_small if n in of_large]
        if common:
            yield Claim(
                f"{large}x{large} images need more N than {small}x{small} ones",
                f"difference of the mean gaps at N = {', '.join(map(str, common))} (dB)",
                FIGURE_15,
                _groups(of_large, common) + _groups(of_small, common),
                _mean_difference,
                TRANSITION["larger_need_more"],
            )


def _groups(evaluations: Mapping[int, PsnrCurves], sizes: list[int]) -> tuple[Observations, ...]:
    """Return train, then test PSNR of each N, averaged over noise levels."""
    return tuple(evaluations[n].mean(images) for n in sizes for images in ("train", "test"))


def _gaps(groups: tuple[np.ndarray, ...], axis: int) -> np.ndarray:
    """Return the gap of each N along a last axis."""
    pairs = zip(groups[::2], groups[1::2], strict=True)
    return np.stack([gap(train, test, axis) for train, test in pairs], axis=-1)


class _Slope:
    """Slope of the gap over log10 N."""

    def __init__(self, sizes: list[int]) -> None:
        self.decades = np.log10(np.array(sizes, dtype=float))

    def __call__(self, *groups: np.ndarray, axis: int) -> np.ndarray:
        return slopes(self.decades, _gaps(groups, axis))


def _mean_difference(*groups: np.ndarray, axis: int) -> np.ndarray:
    """Return the mean gap of the first half of the groups less that of the second."""
    middle = len(groups) // 2
    return _gaps(groups[:middle], axis).mean(-1) - _gaps(groups[middle:], axis).mean(-1)
