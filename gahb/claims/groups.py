"""The claims that figures show, a function for each group: from files to claims.

To add a claim: yield it in one of these groups, or add a function here, and what it reads in
`gahb.plan.claims`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import pandas as pd

from gahb.analysis.gaussian.sweeps import iterate_pairs, read_measures
from gahb.analysis.transition.curves import read_evaluations
from gahb.analysis.transition.gap import read_resolutions
from gahb.analysis.transition.tables import read_pairs
from gahb.claims import gaussian
from gahb.claims.bases import basis_claims
from gahb.claims.gap import gap_claims
from gahb.claims.gaussian_samples import sampling_claims
from gahb.claims.judging import AnyClaim
from gahb.claims.restoration import restoration_claims
from gahb.claims.transition import MANY, Controls, psnr_claims, sample_claims
from gahb.storage import read_arrays

Claims: TypeAlias = Iterator[AnyClaim]
Files: TypeAlias = Mapping[str, Any]
"""Paths by the name that `gahb.plan.claims` gives them."""


@dataclass(frozen=True)
class Asked:
    """What claims are judged with, beside files.

    Attributes
    ----------
    experiment : str
        Whose claims they are.
    settings : mapping
        ``seed``, ``sizes``, ``repeats``, ``bootstrap``, ``evaluation`` and ``agreement``.
    figures : mapping
        What is drawn as ``figure_1`` and as ``figure_2``: its name, and the paper's.
    states, bases, resolutions : sequence of mapping
        What is known of the networks compared, and of what figures join, see
        `gahb.plan.states` and `gahb.plan.records`.
    """

    experiment: str
    settings: Mapping[str, Any]
    figures: Mapping[str, tuple[str, str]]
    states: Sequence[Mapping[str, Any]]
    bases: Sequence[Mapping[str, Any]]
    resolutions: Sequence[Mapping[str, Any]]

    @property
    def random(self) -> dict[str, int]:
        """Bootstrap draws and root seed."""
        return {"draws": self.settings["bootstrap"], "seed": self.settings["seed"]}


def _about(figure: str, claims: Iterable[AnyClaim]) -> Claims:
    """Yield claims that know the figure that shows them."""
    for claim in claims:
        yield replace(claim, figure=figure)


def psnr(files: Files, asked: Asked) -> Claims:
    """Yield claims on PSNR curves."""
    chosen, (figure, source) = asked.settings, asked.figures["figure_1"]
    networks, gaussians = (
        read_evaluations(files[name], chosen["sizes"], chosen["repeats"])
        for name in ("errors", "gaussian_errors")
    )
    sigma = chosen["evaluation"]["reference_sigma"]
    yield from _about(figure, psnr_claims(networks, gaussians, sigma, source))


def samples(files: Files, asked: Asked) -> Claims:
    """Yield claims on pairs of samples."""
    figure, source = asked.figures["figure_2"]
    names = ("held_out", "gaussian_pairs", "contrast", "variance")
    tables = {name: read_pairs(files[name]) for name in names}
    yield from _about(figure, sample_claims(read_pairs(files["pairs"]), Controls(**tables), source))


def sizes(files: Files, asked: Asked) -> Claims:
    """Yield claims on images of several sizes."""
    found = read_resolutions(files["errors_by_size"], asked.resolutions)
    yield from _about("figure_15", gap_claims(found))


def restoration(files: Files, asked: Asked) -> Claims:
    """Yield claims on restorations."""
    rows = pd.read_csv(files["restored"])
    yield from _about("conditional", restoration_claims(rows, **asked.random))


def models(files: Files, asked: Asked) -> Claims:
    """Yield claims on networks beside the models of their training sets."""
    few, repeats = asked.settings["agreement"]["small_n"], asked.settings["repeats"]
    found = read_measures(files["agreement"], asked.states, repeats, **asked.random)
    sampled = dict(iterate_pairs(files["sampled"], asked.states, repeats))
    drawn = dict(iterate_pairs(files["models"], asked.states, repeats))
    held_out = read_pairs(files["held_out"])
    claims: list[AnyClaim] = [
        *gaussian.denoiser_claims(found, asked.experiment, few),
        *sampling_claims(sampled, drawn, held_out, found, asked.experiment, few, **asked.random),
    ]
    largest = asked.settings["sizes"][-1]
    if largest >= MANY:
        maps = [read_arrays(path) for path in files["maps"]]
        claims.append(gaussian.weight_claim(maps, largest))
    for claim in claims:
        yield replace(claim, figure=gaussian.FIGURES.get(claim.source, "gaussian_strong"))


def bases(files: Files, asked: Asked) -> Claims:
    """Yield claims on bases of Jacobians."""
    errors = [read_arrays(path) for path in files["errors_by_method"]]
    found = [read_arrays(path) for path in files["bases"]]
    yield from basis_claims(asked.bases, errors, found, **asked.random)


GROUPS: dict[str, Callable[[Files, Asked], Claims]] = {
    "psnr": psnr,
    "samples": samples,
    "sizes": sizes,
    "restoration": restoration,
    "models": models,
    "bases": bases,
}
"""In the order in which their claims stand on a page."""
