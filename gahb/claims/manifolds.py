"""The claims of Kadkhodaie et al. (ICLR 2024), Figs. 5, 19 and 20: images that fill a manifold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gahb.claims.expected.bases import BASES
from gahb.claims.judging import Claim, DrawnClaim, GeometricMeanClaim, MeansClaim
from gahb.claims.one_experiment import Shown, known_mean, over
from gahb.data.drawn.sets import DRAWN_SETS

ANGLES = "mean squared cosine of the principal angles"


def disk_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim | DrawnClaim]:
    """Yield what is claimed of disks, whose optimal slope is 1."""
    one = shown[0]
    statement = "disks: the first five eigenvectors span the tangent space"
    own, principal, random = _overlaps(one)
    yield _tangent_claim(one, paper, statement, ANGLES, (own, principal, random), "tangent_disks")
    # Of a ray and of plane waves the tangent space is the same everywhere, and principal
    # components have it: nothing has to adapt there.
    yield MeansClaim(
        "disks: eigenvectors follow the tangent space of each image",
        f"{ANGLES} less that of the first five principal components, {_at(one)}",
        paper,
        (own - principal,),
        np.mean,
        BASES["tangent_adapts"],
    )
    yield from _beyond_claims(one, paper)
    if (slope := one.slope) is not None:
        yield DrawnClaim(
            "disks: the slope stays below that of the optimum, 1",
            f"slope of output over input PSNR, {over(slope)}",
            paper,
            slope.draws,
            BASES["disk_slope"],
        )


def ray_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim]:
    """Yield what is claimed of one image at all intensities."""
    statement = "one image: the first eigenvector is that image"
    cosines = tuple(np.sqrt(overlap) for overlap in _overlaps(shown[0]))
    yield _tangent_claim(
        shown[0], paper, statement, "cosine of e_1 and x, without its sign", cosines, "tangent_ray"
    )
    yield from _beyond_claims(shown[0], paper)


def wave_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim]:
    """Yield what is claimed of plane waves."""
    statement = "plane waves: the first two eigenvectors span the plane of waves"
    yield _tangent_claim(shown[0], paper, statement, ANGLES, _overlaps(shown[0]), "tangent_waves")
    yield from _beyond_claims(shown[0], paper)


def _overlaps(one: Shown) -> tuple[np.ndarray, ...]:
    """Return the overlap with the tangent space of eigenvectors, components and any vectors."""
    return tuple(one.numbers[f"tangent_overlap{suffix}"] for suffix in ("", "_pca", "_random"))


def _at(one: Shown) -> str:
    return f"sigma = {one.record['sigma']:g}"


def _tangent_claim(
    one: Shown,
    paper: str,
    statement: str,
    statistic: str,
    overlaps: tuple[np.ndarray, ...],
    key: str,
) -> MeansClaim:
    """Return: leading eigenvectors span the tangent space."""
    own, principal, random = overlaps
    controls = f"principal components {known_mean(principal)}, a random basis {known_mean(random)}"
    return MeansClaim(
        statement, f"{statistic}, {_at(one)}; {controls}", paper, (own,), np.mean, BASES[key]
    )


def _beyond_claims(one: Shown, paper: str) -> Iterator[Claim]:
    """Yield: there are eigenvectors beyond the tangent space, and the error shows it."""
    source, numbers = one.record["source"], one.numbers
    dimension = DRAWN_SETS[source].dimension
    assert dimension is not None  # of a manifold
    yield MeansClaim(
        f"{source}: there are eigenvectors beyond the tangent space",
        f"eigenvalue number {dimension + 1}, {_at(one)}; an optimal denoiser 0, the Gaussian "
        f"denoiser {known_mean(numbers['beyond_tangent_gaussian'])}, the input itself 1",
        paper,
        (numbers["beyond_tangent"],),
        np.mean,
        BASES["beyond_tangent"],
    )
    yield GeometricMeanClaim(
        f"{source}: the error is above the optimum",
        f"squared error over {dimension} sigma^2, geometric mean, {_at(one)}; the input itself "
        f"{float(one.bases['pixels']) / dimension:.3g}",
        paper,
        (numbers["mse_over_sigma2"] / dimension,),
        np.mean,
        BASES["above_optimum"],
    )
