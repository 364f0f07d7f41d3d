"""Claims on the hidden Gaussian structure, from denoisers whose answers are known."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gahb.analysis.gaussian.measure import measure
from gahb.analysis.gaussian.sweeps import Measures, State, measures
from gahb.claims import gaussian
from gahb.claims.gaussian import denoiser_claims, weight_claim
from gahb.claims.judging import NOT_REPRODUCED, REPRODUCED
from gaussian_claims import LEVELS, keys_of, measures_of, state, verdicts
from planted import Made, generaliser, memoriser, population

# Denoisers in closed form, measured at images


IMAGES = {"A": population(400, 1), "B": population(400, 2)}
TEST = torch.from_numpy(population(40, 3))
SIGMAS = [0.1, 0.3]


def own_gaussian(images, n):
    return generaliser(images[:n])


def wiener(images, n):
    """The Gaussian of all images, however few there are to learn from."""
    return generaliser(images)


def learner(images, n):
    """Memorises few images, and comes nearer to the Gaussian of all as it sees more."""
    share = np.log10(n / 10) / np.log10(40)
    copies, learned = memoriser(images[:n]), generaliser(images)
    return Made(
        lambda noisy, sigma: (1 - share) * copies(noisy, sigma) + share * learned(noisy, sigma)
    )


def over_sizes_of(network: Callable, sizes=(10, 60, 400)) -> dict[State, Measures]:
    found = {}
    for n in sizes:
        models = {
            "network": {subset: network(images, n) for subset, images in IMAGES.items()},
            "gaussian": {subset: own_gaussian(images, n) for subset, images in IMAGES.items()},
            "empirical": {subset: memoriser(images[:n]) for subset, images in IMAGES.items()},
            "reference": {subset: wiener(images, n) for subset, images in IMAGES.items()},
            "fixed": {subset: network(images, sizes[-1]) for subset, images in IMAGES.items()},
        }
        training = {subset: torch.from_numpy(images[:20]) for subset, images in IMAGES.items()}
        arrays = measure(models, TEST[:20], TEST[20:], training, SIGMAS, seed=0)
        found[state(n)] = measures([arrays], draws=200, seed=0)
    return found


def test_what_a_filter_that_never_changes_does_is_no_learning():
    found = verdicts(denoiser_claims(over_sizes_of(wiener), "x", 10))
    # The Gaussians come nearer to it, though it learns nothing.
    assert found["distance_falls"] == REPRODUCED
    assert found["falls_faster"] == NOT_REPRODUCED
    assert found["reference_falls"] == NOT_REPRODUCED
    assert found["linearity_rises"] == NOT_REPRODUCED
    assert found["residual_linearity_rises"] == NOT_REPRODUCED


def test_networks_that_are_their_gaussians_do_not_come_nearer_to_them():
    found = verdicts(denoiser_claims(over_sizes_of(own_gaussian), "x", 10))
    assert found["distance_falls"] == NOT_REPRODUCED
    assert found["falls_faster"] == NOT_REPRODUCED
    assert found["reference_falls"] == REPRODUCED


def test_networks_that_learn_come_nearer_to_the_gaussian_of_all():
    found = verdicts(denoiser_claims(over_sizes_of(learner), "x", 10))
    assert found["distance_falls"] == REPRODUCED
    assert found["reference_falls"] == REPRODUCED
    assert found["linearity_rises"] == REPRODUCED


# Planted measures


def test_nothing_falls_faster_than_itself_and_what_does_is_seen():
    sizes = (30, 1000)
    steep = {
        state(n): measures_of(n, nrmse_network_gaussian=own, nrmse_fixed_gaussian=fixed)
        for n, own, fixed in zip(sizes, (0.6, 0.2), (0.4, 0.2), strict=True)
    }
    assert verdicts(denoiser_claims(steep, "x", 30))["falls_faster"] == REPRODUCED
    flat = {
        state(n): measures_of(n, nrmse_network_gaussian=own, nrmse_fixed_gaussian=fixed)
        for n, own, fixed in zip(sizes, (0.3, 0.2), (0.4, 0.2), strict=True)
    }
    found = verdicts(denoiser_claims(flat, "x", 30))
    assert found["distance_falls"] == REPRODUCED
    assert found["falls_faster"] == NOT_REPRODUCED


def test_low_noise_says_nothing_of_distances():
    low = LEVELS < 0.05
    found = {
        state(n): measures_of(n, nrmse_network_gaussian=np.where(low, at_low, elsewhere))
        for n, at_low, elsewhere in ((30, 9.0, 0.2), (1000, 0.1, 0.4))
    }
    assert verdicts(denoiser_claims(found, "x", 30))["distance_falls"] == NOT_REPRODUCED


def over_widths_of(distances: tuple[float, ...], model: str) -> dict[State, Measures]:
    """Networks of width 4, 8 and 16 at distances to a model."""
    names = ("x-4", "x", "x-16")
    return {
        state(30, width=width, experiment=name): measures_of(
            width, **{f"nrmse_network_{model}": distance}
        )
        for width, name, distance in zip((4, 8, 16), names, distances, strict=True)
    }


@pytest.mark.parametrize(
    ("model", "key"), [("gaussian", "shrinks"), ("reference", "shrinks_reference")]
)
def test_small_networks_are_nearer_to_the_gaussian_or_not(model, key):
    for distances, word in (((0.1, 0.2, 0.3), REPRODUCED), ((0.3, 0.2, 0.1), NOT_REPRODUCED)):
        found = over_widths_of(distances, model)
        assert verdicts(denoiser_claims(found, "x", 30))[key] == word


def along_training_of(distances: tuple[float, ...]) -> dict[State, Measures]:
    """A training by its distances to the Gaussian of all; that of few says the contrary."""
    return {
        state(30, time): measures_of(
            time, nrmse_network_reference=distance, nrmse_network_gaussian=1 - distance
        )
        for time, distance in zip((10, 50, 100, 500), distances, strict=True)
    }


@pytest.mark.parametrize(
    ("distances", "word"),
    [
        ((0.5, 0.2, 0.3, 0.4), REPRODUCED),
        ((0.5, 0.4, 0.3, 0.2), NOT_REPRODUCED),
        ((0.2, 0.3, 0.4, 0.5), NOT_REPRODUCED),
    ],
)
def test_the_nearest_time_is_inside_of_a_training_or_at_its_ends(distances, word):
    found = along_training_of(distances)
    assert verdicts(denoiser_claims(found, "x", 30))["interior_time"] == word


BAD = {
    "least_linear": {"score": np.array([0.8, 0.95, 0.9, 0.95])},
    "distillate_gaussian": {"nrmse_linear_gaussian": 0.15},
    # Good on average, and at one noise level not.
    "distillate_rmse": {"rmse_linear_gaussian": np.array([0.01, 0.01, 0.04, 0.01])},
    "distillate_nearer": {"nrmse_network_gaussian": 0.04},
    "gaussian_not_empirical": {"nrmse_network_empirical": 0.1},
}


@pytest.mark.parametrize("key", BAD)
def test_the_largest_network_is_judged_by_what_was_measured(key):
    assert verdicts(denoiser_claims({state(1000): measures_of()}, "x", 30))[key] == REPRODUCED
    wrong = measures_of(**BAD[key])
    assert verdicts(denoiser_claims({state(1000): wrong}, "x", 30))[key] == NOT_REPRODUCED


def maps(worst: float) -> dict[str, np.ndarray]:
    """Arrays of distillates at three levels, eight folds, one level worse than the others."""
    folds = 0.001 * np.random.default_rng(0).random((3, 9))
    return {f"weight_nmse_{subset}": folds + np.array([[0.1], [worst], [0.1]]) for subset in "AB"}


def test_weights_are_judged_at_their_worst_level():
    assert verdicts([weight_claim([maps(0.1)], 1000)]) == {"distillate_weights": REPRODUCED}
    # .17 on average
    assert verdicts([weight_claim([maps(0.3)], 1000)]) == {"distillate_weights": NOT_REPRODUCED}


def test_every_verdict_can_come_out_not_reproduced():
    cases = [
        over_sizes_of(wiener),
        over_sizes_of(own_gaussian),
        over_widths_of((0.3, 0.2, 0.1), "gaussian"),
        over_widths_of((0.3, 0.2, 0.1), "reference"),
        along_training_of((0.5, 0.4, 0.3, 0.2)),
        *({state(1000): measures_of(**wrong)} for wrong in BAD.values()),
    ]
    found = [verdicts(denoiser_claims(case, "x", 30)) for case in cases]
    found.append(verdicts([weight_claim([maps(0.3)], 1000)]))
    refuted = {key for words in found for key, word in words.items() if word == NOT_REPRODUCED}
    assert refuted == keys_of(gaussian)
