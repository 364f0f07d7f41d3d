"""The claims of Kadkhodaie et al. (ICLR 2024), Figs. 5, 19 and 20: images that fill a manifold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gahb.claims.expected.bases import BASES
from gahb.claims.judging import Claim, DrawnClaim
from gahb.claims.one_experiment import Shown, over
from gahb.data.drawn.sets import DRAWN_SETS

ANGLES = "mean squared cosine of the principal angles"


def disk_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim | DrawnClaim]:
    """Yield what is claimed of disks, whose optimal slope is 1."""
    statement = "disks: the first five eigenvectors span the tangent space"
    overlap = shown[0].numbers["tangent_overlap"]
    yield from _manifold_claims(shown[0], paper, statement, ANGLES, overlap, "tangent_disks")
    if (slope := shown[0].slope) is not None:
        yield DrawnClaim(
            "disks: the slope stays below that of the optimum, 1",
            f"slope of output over input PSNR, {over(slope)}",
            paper,
            slope.draws,
            BASES["disk_slope"],
        )


def ray_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim | DrawnClaim]:
    """Yield what is claimed of one image at all intensities."""
    statement = "one image: the first eigenvector is that image"
    overlap = np.sqrt(shown[0].numbers["tangent_overlap"])
    yield from _manifold_claims(
        shown[0], paper, statement, "|<e_1, x/|x|>|", overlap, "tangent_ray"
    )


def wave_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim | DrawnClaim]:
    """Yield what is claimed of plane waves."""
    statement = "plane waves: the first two eigenvectors span the plane of waves"
    overlap = shown[0].numbers["tangent_overlap"]
    yield from _manifold_claims(shown[0], paper, statement, ANGLES, overlap, "tangent_waves")


def _manifold_claims(
    one: Shown,
    paper: str,
    statement: str,
    statistic: str,
    overlap: np.ndarray,
    key: str,
) -> Iterator[Claim]:
    """Yield: leading eigenvectors span the tangent space, and there are more of them."""
    record, numbers, source = one.record, one.numbers, one.record["source"]
    at = f"sigma = {record['sigma']:g}"
    yield Claim(statement, f"{statistic}, {at}", paper, (overlap,), np.mean, BASES[key])
    dimension = DRAWN_SETS[source].dimension
    assert dimension is not None  # of a manifold
    yield Claim(
        f"{source}: there are eigenvectors beyond the tangent space",
        f"eigenvalue number {dimension + 1}, {at}; 0 for an optimal denoiser",
        paper,
        (one.bases["values"][:, dimension],),
        np.mean,
        BASES["beyond_tangent"],
    )
    yield Claim(
        f"{source}: the error is above the optimum",
        f"squared error over {dimension} sigma^2, {at}",
        paper,
        (numbers["mse_over_sigma2"] / dimension,),
        np.mean,
        BASES["above_optimum"],
    )
