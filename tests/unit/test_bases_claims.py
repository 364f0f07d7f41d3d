"""Claims on bases, from planted errors and bases: each comes out both ways."""

from __future__ import annotations

import numpy as np
import pytest

from gahb.claims.bases import basis_claims
from gahb.claims.judging import judge
from planted_bases import RANDOM, found_bases, planted, shown


def verdicts(entries: list[tuple[dict, dict, dict]]) -> dict[str, str]:
    records, errors, bases = zip(*entries, strict=True)
    table = judge(basis_claims(records, errors, bases, **RANDOM), **RANDOM)
    return dict(zip(table["claim"], table["verdict"], strict=True))


def test_planted_slopes_are_judged():
    entries = [
        (
            shown("figure_4", experiment=f"a{alpha}", contour_alpha=alpha, background_alpha=alpha),
            planted(slope),
            found_bases(),
        )
        for alpha, slope in ((1.0, 0.47), (2.0, 0.66), (3.0, 0.5))
    ]
    found = verdicts(entries)
    assert found["the PSNR slope of the UNet rises with the regularity alpha"] == "not reproduced"
    assert found["UNet, alpha = 1: the slope is alpha/(alpha + 1)"] == "reproduced"
    assert found["UNet, alpha = 2: the slope is alpha/(alpha + 1)"] == "reproduced"
    assert found["UNet, alpha = 3: the slope is alpha/(alpha + 1)"] == "not reproduced"
    rising = verdicts(entries[:2])
    assert rising["the PSNR slope of the UNet rises with the regularity alpha"] == "reproduced"


@pytest.mark.parametrize(
    ("figure", "source", "overlap", "expected"),
    [
        ("figure_5", "disks", 0.9, "reproduced"),
        ("figure_5", "disks", 0.7, "not reproduced"),
        ("figure_19", "ray", 0.985, "reproduced"),  # squared cosine: .985 is a cosine of .992
        ("figure_19", "ray", 0.97, "not reproduced"),
        ("figure_20", "sinusoids", 0.95, "reproduced"),
        ("figure_20", "sinusoids", 0.5, "not reproduced"),
    ],
)
def test_planted_tangents_are_judged(figure, source, overlap, expected):
    tangent = np.full(12, overlap) + np.linspace(-1e-3, 1e-3, 12)
    found = verdicts([(shown(figure, source=source), planted(0.9), found_bases(tangent=tangent))])
    statement = next(key for key in found if "span" in key or "is that image" in key)
    assert found[statement] == expected
    assert found[f"{source}: there are eigenvectors beyond the tangent space"] == "reproduced"


def test_planted_harmonics_are_judged():
    found = verdicts([(shown("figure_3"), planted(0.75), found_bases())])
    assert set(found.values()) == {"reproduced"}
    flat = found_bases(frequency=found_bases()["frequency"][:, ::-1])
    swapped = verdicts([(shown("figure_18"), planted(0.75), flat)])
    statement = "c-alpha: eigenvectors oscillate faster as the eigenvalue falls"
    assert swapped[statement] == "not reproduced"


def test_planted_contours_are_judged():
    entries = []
    for alpha, level in ((1.5, 3.0), (2.0, 2.5), (4.0, 2.0)):
        contour = np.random.default_rng(1).normal(level, 0.05, (12, 64))
        own = shown("figure_17", experiment=f"c{alpha}", contour_alpha=alpha, background_alpha=8.0)
        entries.append((own, planted(0.6), found_bases(contour=contour)))
    statement = "the smoother the contours, the less localised the harmonics"
    assert verdicts(entries)[statement] == "reproduced"
    assert verdicts(entries[:1]) == {}


def test_planted_shuffling_is_judged():
    def worse(decibel: float) -> dict[str, np.ndarray]:
        errors = planted(0.5)
        return errors | {"mse_network": errors["mse_network"] * 10 ** (decibel / 10)}

    plain = shown("figure_21", source="faces")
    shuffled = shown("figure_21", source="faces", experiment="b", shuffle=True)
    more = found_bases(effective_rank=np.linspace(50, 60, 12))
    # 60 images of 2 dB spread in each group: an interval of 0.7 dB either way.
    for decibel, expected in ((4, "reproduced"), (1.5, "inconclusive"), (0, "not reproduced")):
        found = verdicts([(plain, planted(0.5), found_bases()), (shuffled, worse(decibel), more)])
        assert found["shuffled images are denoised much worse"] == expected
    assert found["eigenvalues of shuffled images decay more slowly"] == "reproduced"
