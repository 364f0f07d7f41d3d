"""Trivial denoisers, measured and judged as networks are: no claim on bases may take them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch

from functions import Function
from gahb.analysis.bases.measure import measure_bases
from gahb.analysis.bases.slopes import measure_errors
from gahb.claims.bases import basis_claims
from gahb.claims.expected.bases import BASES
from gahb.claims.judging import NOT_REPRODUCED, REPRODUCED, Claim, DrawnClaim, verdict
from gahb.data.drawn.sets import tangents
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.settings import BasesSettings, DataSettings
from gahb.types import Denoiser
from pictures import drawn
from planted_bases import RANDOM, SIGMAS, found_bases, planted, shown

SIZE, TESTED, JUDGED_BY = 16, 40, 12
PIXELS = SIZE**2
Verdicts = dict[str, set[str]]


def linear(matrix: torch.Tensor) -> Denoiser:
    """Return the denoiser that multiplies by a matrix."""
    return Function(
        lambda noisy, sigma: (noisy.flatten(1) @ matrix.T.to(noisy)).reshape(noisy.shape)
    )


def orthogonal(seed: int) -> torch.Tensor:
    stream = torch.Generator().manual_seed(seed)
    return torch.linalg.qr(torch.randn(PIXELS, PIXELS, generator=stream, dtype=torch.float64)).Q


FALLING = torch.exp(-torch.arange(PIXELS, dtype=torch.float64) / 20)


def random_basis() -> Denoiser:
    """Return shrinkage in a random basis: symmetric, homogeneous, of falling eigenvalues."""
    return linear(orthogonal(0) * FALLING @ orthogonal(0).T)


def random_directions() -> Denoiser:
    """Return the same singular values between unrelated directions."""
    return linear(orthogonal(0) * FALLING @ orthogonal(1).T)


def identity() -> Denoiser:
    """Return what takes no noise away."""
    return Function(lambda noisy, sigma: noisy)


def by_key(claims: Iterable[Claim | DrawnClaim]) -> Verdicts:
    """Return the verdicts of claims by what they expect."""
    found: Verdicts = {}
    for claim in claims:
        key = next(key for key, expected in BASES.items() if expected is claim.expected)
        _, low, high = claim.interval(200, 0)
        found.setdefault(key, set()).add(verdict(low, high, claim.expected))
    return found


def judged(figure: str, denoiser: Denoiser | None, sigma: float = 0.15, **data) -> Verdicts:
    """Measure and judge a denoiser, or without one the Wiener filter, on drawn images."""
    chosen = DataSettings(pad=0, size=SIZE, count=400, **data)
    images = drawn(chosen, 0)
    gaussian = GaussianDenoiser(moments(images[TESTED:]))
    test = torch.from_numpy(images[:TESTED])
    network = denoiser or gaussian
    errors = measure_errors(network, gaussian, test, chosen, list(SIGMAS[::2]), 0)
    few = range(JUDGED_BY)
    settings = BasesSettings(images=JUDGED_BY, modes=PIXELS, shown=1)
    spaces = tangents(chosen, few, 0)
    bases = measure_bases(network, gaussian, test[:JUDGED_BY], spaces, sigma, settings, 0)
    record = shown(figure, source=chosen.source, sigma=sigma)
    record |= {"contour_alpha": chosen.contour_alpha, "background_alpha": chosen.background_alpha}
    return by_key(basis_claims([record], [errors], [bases], **RANDOM))


REGULAR = {"source": "c-alpha", "contour_alpha": 2.0, "background_alpha": 2.0}


@pytest.mark.parametrize(
    ("figure", "denoiser", "fails"),
    [
        ("figure_3", None, {"sparser_than_pca", "contours", "eigenbasis_best"}),
        ("figure_4", None, {"adaptive_best", "eigenbasis_best"}),
        ("figure_3", identity(), {"sparser_than_pca", "frequency", "contours", "eigenbasis_best"}),
        ("figure_4", identity(), {"slope_theory", "adaptive", "adaptive_best", "eigenbasis_best"}),
        (
            "figure_3",
            random_basis(),
            {"sparse", "sparser_than_pca", "frequency", "frequency_all", "contours"}
            | {"eigenbasis_best"},
        ),
        ("figure_4", random_basis(), {"slope_theory", "adaptive", "adaptive_best"}),
        ("figure_18", random_directions(), {"symmetric", "sparse", "eigenbasis_best"}),
    ],
)
def test_regular_images(figure, denoiser, fails):
    found = judged(figure, denoiser, **REGULAR)
    assert fails <= {key for key, words in found.items() if NOT_REPRODUCED in words}, found


@pytest.mark.parametrize("denoiser", [None, identity(), random_basis()])
def test_disks(denoiser):
    found = judged("figure_5", denoiser, sigma=0.04, source="disks")
    assert found["tangent_disks"] == found["tangent_adapts"] == {NOT_REPRODUCED}


@pytest.mark.parametrize(
    ("figure", "source", "key"),
    [("figure_19", "ray", "tangent_ray"), ("figure_20", "sinusoids", "tangent_waves")],
)
def test_linear_manifolds(figure, source, key):
    wrong = judged(figure, random_basis(), sigma=0.04, source=source)
    assert wrong[key] == {NOT_REPRODUCED}
    # Where all images lie in one line or plane a Wiener filter has it: no sign of adaptation.
    filtered = judged(figure, None, sigma=0.04, source=source)
    assert filtered[key] == {REPRODUCED}
    assert filtered["beyond_tangent"] == {NOT_REPRODUCED}
    # At small noise the optimal denoiser is the projection onto the tangent space.
    spanning = tangents(DataSettings(source=source, pad=0, size=SIZE), [0], 0)
    space = torch.linalg.qr(torch.from_numpy(np.array(spanning[0])).T).Q
    best = judged(figure, linear(space @ space.T), sigma=0.04, source=source)
    assert best[key] == {REPRODUCED}
    assert best["beyond_tangent"] == {NOT_REPRODUCED}
    assert best["above_optimum"] != {REPRODUCED}


def planted_verdicts(figure: str, *entries: tuple[dict, dict, dict]) -> Verdicts:
    records = [shown(figure, experiment=str(i), **one[0]) for i, one in enumerate(entries)]
    errors, bases = ([one[part] for one in entries] for part in (1, 2))
    return by_key(basis_claims(records, errors, bases, **RANDOM))


def test_denoisers_beyond_the_optimum():
    """None has less error than the optimum, or a steeper curve: numbers are planted."""
    better = found_bases(mse=np.linspace(0.4, 0.5, 12) * 5 * 0.15**2 / 1024)
    found = planted_verdicts("figure_5", ({"source": "disks"}, planted(1.1), better))
    assert found["above_optimum"] == found["disk_slope"] == {NOT_REPRODUCED}


def test_contours_that_localise_more_as_they_get_smoother():
    entries = [
        (
            {"contour_alpha": alpha, "background_alpha": 8.0},
            planted(0.6),
            found_bases(contour=np.random.default_rng(1).normal(level, 0.05, (12, 64))),
        )
        for alpha, level in ((1.5, 2.0), (2.0, 2.5), (4.0, 3.0))
    ]
    assert planted_verdicts("figure_17", *entries) == {"smoother_less": {NOT_REPRODUCED}}


def test_slopes_that_fall_with_alpha():
    entries = [
        ({"contour_alpha": alpha, "background_alpha": alpha}, planted(slope), found_bases())
        for alpha, slope in ((1.0, 0.7), (2.0, 0.5))
    ]
    assert planted_verdicts("figure_4", *entries)["slope_rises"] == {NOT_REPRODUCED}


def test_a_wiener_filter_sees_no_difference_in_shuffled_pixels():
    def entry(shuffle: bool) -> tuple[dict, dict, dict]:
        chosen = DataSettings(pad=0, size=SIZE, count=400, shuffle=shuffle, **REGULAR)
        images = drawn(chosen.model_copy(update={"shuffle": False}), 0)
        order = np.random.default_rng(0).permutation(PIXELS)
        if shuffle:
            images = images.reshape(-1, PIXELS)[:, order].reshape(images.shape)
        gaussian = GaussianDenoiser(moments(images[TESTED:]))
        test = torch.from_numpy(images[:TESTED])
        errors = measure_errors(gaussian, gaussian, test, chosen, [0.1, 0.3, 0.5], 0)
        settings = BasesSettings(images=4, modes=PIXELS, shown=1)
        bases = measure_bases(gaussian, gaussian, test[:4], None, 0.3, settings, 0)
        return {"shuffle": shuffle, "sigma": 0.3}, errors, bases

    found = planted_verdicts("figure_21", entry(False), entry(True))
    assert found == {"shuffled_worse": {NOT_REPRODUCED}, "shuffled_decay": {NOT_REPRODUCED}}


def test_every_claim_on_bases_fails_somewhere_here():
    text = Path(__file__).read_text()
    assert {key for key in BASES if f'"{key}"' not in text} == set()
