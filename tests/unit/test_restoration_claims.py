"""Verdicts on restorations, from planted numbers and from denoisers known both ways."""

import numpy as np
import pytest
import torch

from gahb.analysis.restoration import (
    restoration_rows,
    restore_test_images,
)
from gahb.claims.expected.restoration import RESTORATION
from gahb.claims.judging import INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED, judge
from gahb.claims.restoration import restoration_claims
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.sampling.measurements import measurements
from gahb.settings import SUBSETS, RestorationSettings, SamplingSettings
from restorations import NAMES, SHAPE, gaussian, posterior_arrays


def verdicts(arrays, chosen) -> dict[str, list[str]]:
    """Return the verdicts on the five measurements by the key of what is expected."""
    rows = restoration_rows(arrays, chosen, n=640)
    found = judge(restoration_claims(rows, draws=300, seed=0), draws=300, seed=0)
    keys = list(RESTORATION)
    assert len(found) == len(keys) * len(NAMES)
    return {key: found["verdict"].tolist()[place :: len(keys)] for place, key in enumerate(keys)}


def test_claims_follow_the_data():
    arrays, chosen = posterior_arrays(images=400, samples=4)
    found = verdicts(arrays, chosen)
    for key in ("calibrated", "sampler_calibrated", "calibrated_as_gaussian"):
        assert found[key] == [REPRODUCED] * 5
    # The Gaussian mean is the optimum here: nothing is better, and the mean no worse.
    assert set(found["beats_gaussian"]) == {INCONCLUSIVE}
    assert REPRODUCED not in found["beats_sampled_gaussian"]
    assert found["follows_image"] == [REPRODUCED] * 5


@pytest.mark.parametrize(("shared", "expected"), [(0.8, REPRODUCED), (0.2, NOT_REPRODUCED)])
def test_one_prior_is_the_share_of_noise_in_common(shared, expected):
    arrays, chosen = posterior_arrays(images=200, samples=4, shared=shared)
    assert verdicts(arrays, chosen)["one_prior"] == [expected] * 5
    rows = restoration_rows(arrays, chosen, 500)
    for claim in restoration_claims(rows, draws=100, seed=0):
        if claim.expected is RESTORATION["one_prior"]:
            # cos(m + d, m + d') with |d| the posterior's spread, and of the image: 200 images.
            assert claim.values[0] == pytest.approx(shared, abs=0.05)


def test_networks_that_know_more_than_a_gaussian_are_found_better():
    arrays, chosen = posterior_arrays(images=100, samples=4)
    for name in NAMES:
        for subset in SUBSETS:
            clean, restored = arrays["clean"][:, None], arrays[f"restored_{name}_{subset}"]
            arrays[f"restored_{name}_{subset}"] = (clean + restored) / 2
    found = verdicts(arrays, chosen)
    # Half of all deviations: as calibrated, and 6 dB nearer.
    for key in ("calibrated_as_gaussian", "beats_gaussian", "beats_sampled_gaussian"):
        assert found[key] == [REPRODUCED] * 5


def test_claims_can_fail():
    arrays, chosen = posterior_arrays(images=60, samples=4)
    stream = np.random.default_rng(0)
    for name in NAMES:
        for subset in SUBSETS:
            shape = arrays[f"restored_{name}_{subset}"].shape
            noise = stream.normal(size=shape).astype(np.float32)
            # Too sure of a wrong image: hardly any spread around it.
            wrong = stream.normal(size=(shape[0], 1, *shape[2:])) + 0.01 * noise
            arrays[f"restored_{name}_{subset}"] = wrong.astype(np.float32)
    found = verdicts(arrays, chosen)
    for key in ("calibrated", "calibrated_as_gaussian", "beats_gaussian", "beats_sampled_gaussian"):
        assert found[key] == [NOT_REPRODUCED] * 5
    assert REPRODUCED not in found["follows_image"]
    assert found["one_prior"] == [NOT_REPRODUCED] * 5


def test_a_model_of_too_few_images_judges_no_sampler():
    arrays, chosen = posterior_arrays(images=4, samples=2)
    asked = {}
    for n in (639, 640):  # of 64 pixels
        claims = restoration_claims(restoration_rows(arrays, chosen, n), draws=100, seed=0)
        asked[n] = {id(claim.expected) for claim in claims}
    about_the_sampler = {
        id(RESTORATION[key]) for key in ("sampler_calibrated", "calibrated_as_gaussian")
    }
    assert asked[640] - asked[639] == about_the_sampler


class Constant:
    """Returns one image, whatever it is given."""

    def __init__(self, image: torch.Tensor) -> None:
        self.image = image

    def __call__(self, noisy, sigma):
        return self.image.to(noisy).expand_as(noisy)


def verdicts_of_denoisers(left, right) -> dict[str, list[str]]:
    """Return the verdicts on two denoisers of Gaussian images, by the sampler itself."""
    networks, models = {"A": left, "B": right}, dict.fromkeys(SUBSETS, gaussian(500))
    chosen, clean = RestorationSettings(images=128, samples=4), drawn_images(128, seed=5)
    # What is measured says how bright an image is: no start above the images' spread is needed.
    sampling = SamplingSettings(mean=0.5, step=0.01, beta=0.3, sigma_start=1.0)
    arrays = restore_test_images(networks, models, clean, chosen, sampling, 0, "cpu")
    return verdicts(arrays, measurements(SHAPE, chosen.factor, 0))


def drawn_images(count: int, seed: int) -> torch.Tensor:
    stream = torch.Generator().manual_seed(seed)
    return gaussian(500).sample(torch.randn(count, *SHAPE, generator=stream))


def test_a_gaussian_denoiser_is_as_calibrated_as_itself_and_no_better():
    found = verdicts_of_denoisers(gaussian(500), gaussian(500))
    # What the sampler adds to the spread, here .3 dB, is within the dB that is allowed.
    assert found["calibrated"] == found["sampler_calibrated"] == [REPRODUCED] * 5
    assert found["calibrated_as_gaussian"] == [REPRODUCED] * 5
    assert found["beats_sampled_gaussian"] == [NOT_REPRODUCED] * 5
    assert REPRODUCED not in found["beats_gaussian"]


def test_memorisers_restore_badly_and_each_its_own_images():
    memorisers = [EmpiricalDenoiser(drawn_images(4, seed)) for seed in (6, 7)]
    found = verdicts_of_denoisers(*memorisers)
    for key in ("calibrated", "calibrated_as_gaussian", "beats_sampled_gaussian", "beats_gaussian"):
        assert found[key] == [NOT_REPRODUCED] * 5, key
    assert found["one_prior"] == [NOT_REPRODUCED] * 5


def test_a_constant_agrees_with_itself_and_that_is_seen_to_say_nothing():
    constant = Constant(drawn_images(1, seed=6))
    found = verdicts_of_denoisers(constant, constant)
    assert found["one_prior"] == [REPRODUCED] * 5
    for key in set(RESTORATION) - {"one_prior", "sampler_calibrated"}:
        assert found[key] == [NOT_REPRODUCED] * 5, key
