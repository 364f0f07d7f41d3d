"""The claims of Kadkhodaie et al. (ICLR 2024), Figs. 3, 17 and 18: eigenvectors are harmonics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gahb.analysis.bases.tables import all_known
from gahb.analysis.small_samples import t_interval
from gahb.claims.adaptivity import eigenbasis_claim
from gahb.claims.expected.bases import BASES
from gahb.claims.judging import MeansClaim
from gahb.claims.one_experiment import Shown, known_mean


def harmonic_claims(shown: Sequence[Shown], paper: str) -> Iterator[MeansClaim]:
    """Yield: few coefficients hold the image, and eigenvectors are harmonics at contours."""
    for one in shown:
        name = one.record["source"]
        where = f"{name}, sigma = {one.record['sigma']:g}"
        yield from _sparse_claims(one, name, where, paper)
        yield from _frequency_claims(one, name, where, paper)
        for suffix, other in (("_random", "a random basis"), ("_pca", "principal components")):
            gain = one.numbers["contour_energy"] - one.numbers[f"contour_energy{suffix}"]
            yield MeansClaim(
                f"{name}: eigenvectors gather at contours more than {other}",
                f"energy at contours less that of {other}, mean over tr J modes, {where}",
                paper,
                (all_known(gain),),
                np.mean,
                BASES["contours"],
            )
        yield MeansClaim(
            f"{name}: the Jacobian is nearly symmetric where it keeps anything",
            "antisymmetric share of the energy of J in its leading tr J singular vectors, "
            f"{where}; all of J {known_mean(one.numbers['antisymmetric'])}, random directions 0.5, "
            "the input itself 0",
            paper,
            (all_known(one.numbers["antisymmetric_leading"]),),
            np.mean,
            BASES["symmetric"],
        )
        yield eigenbasis_claim(one, name, paper)


def _sparse_claims(one: Shown, name: str, where: str, paper: str) -> Iterator[MeansClaim]:
    """Yield: the leading coefficients hold the image, and more of it than fixed ones do."""
    kept, principal, random = (
        one.numbers[f"energy_kept{suffix}"] for suffix in ("", "_pca", "_random")
    )
    yield MeansClaim(
        f"{name}: coefficients in the eigenbasis are sparse",
        f"energy of the clean image in the first tr J of them, {where}; principal components "
        f"{known_mean(principal)}, a random basis {known_mean(random)}",
        paper,
        (all_known(kept),),
        np.mean,
        BASES["sparse"],
    )
    yield MeansClaim(
        f"{name}: the eigenbasis holds more of an image than principal components",
        "energy of the clean image in the first tr J eigenvectors less that in the mean and as "
        f"many principal components, {where}",
        paper,
        (all_known(kept - principal),),
        np.mean,
        BASES["sparser_than_pca"],
    )


def _frequency_claims(one: Shown, name: str, where: str, paper: str) -> Iterator[MeansClaim]:
    """Yield: frequencies rise with rank, among what is kept and among everything measured."""
    for key, modes in (("frequency", "tr J"), ("frequency_all", "all")):
        measure = key.replace("frequency", "frequency_trend")
        own, principal, random = (
            one.numbers[f"{measure}{suffix}"] for suffix in ("", "_pca", "_random")
        )
        among = "" if key == "frequency" else ", over all modes"
        yield MeansClaim(
            f"{name}: eigenvectors oscillate faster as the eigenvalue falls{among}",
            f"rank correlation of mean frequency and k over {modes} modes, {where}; principal "
            f"components {known_mean(principal)}, a random basis {known_mean(random)}",
            paper,
            (all_known(own),),
            np.mean,
            BASES[key],
        )


def contour_claims(shown: Sequence[Shown], paper: str) -> Iterator[MeansClaim]:
    """Yield: the smoother the contours, the less localised the harmonics."""
    if len(shown) < 2:
        return
    alphas = np.array([one.record["contour_alpha"] for one in shown])
    centred = alphas - alphas.mean()
    weights = centred / (centred @ centred)  # of a least-squares slope
    own, principal = (
        [all_known(one.numbers[f"contour_energy{suffix}"]) for one in shown]
        for suffix in ("", "_pca")
    )
    control = t_interval(principal, weights.tolist())[0]
    yield MeansClaim(
        "the smoother the contours, the less localised the harmonics",
        "slope of the energy at contours, mean over tr J modes, over the contours' alpha; "
        f"principal components {'unknown' if np.isnan(control) else f'{control:.3g}'}",
        paper,
        tuple(own),
        np.mean,
        BASES["smoother_less"],
        weights=tuple(weights),
    )
