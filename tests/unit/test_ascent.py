import math
from itertools import pairwise

import pytest
import torch

from gahb.sampling.ascent import (
    CONVERGED,
    DIVERGED,
    STALLED,
    UNFINISHED,
    Ascent,
    ascend,
    grey,
    step_size,
)
from gahb.sampling.paired import sample_pairs, sample_seeds
from gahb.settings import SamplingSettings

SHAPE = (1, 4, 4)


class GaussianOnPlane:
    """Optimal denoiser of images a + b e with b ~ N(0, v), all other directions fixed.

    A closed form: f(y) = a + v / (v + sigma^2) <y - a, e> e. The level of the ascent is
    read from its own residual, so the denoiser below is told the true one.
    """

    blind = False

    def __init__(self, variance: float) -> None:
        self.mean = torch.full(SHAPE, 0.3)
        self.direction = torch.zeros(SHAPE)
        self.direction[0, 0, 0] = 1.0
        self.variance = variance

    def __call__(self, noisy, sigma):
        gain = self.variance / (self.variance + torch.as_tensor(sigma).reshape(-1, 1, 1, 1) ** 2)
        centred = noisy - self.mean
        return self.mean + gain * (centred * self.direction).sum((1, 2, 3), True) * self.direction


def test_step_laws():
    growing, fixed = SamplingSettings(step=0.01), SamplingSettings(step=0.01, step_law="fixed")
    assert step_size(1, growing) == pytest.approx(0.01)
    assert step_size(100, growing) == pytest.approx(1 / 1.99)
    assert step_size(10**6, growing) == pytest.approx(1, abs=1e-3)
    assert [step_size(t, fixed) for t in (1, 50)] == [0.01, 0.01]


def test_samples_of_a_gaussian_have_its_mean_and_variance():
    variance, count = 0.04, 400
    settings = SamplingSettings(step=0.02, step_law="fixed", beta=0.5, sigma_end=0.01)
    samples = ascend(GaussianOnPlane(variance), SHAPE, range(count), settings)
    assert samples.status == [CONVERGED] * count
    values = samples.images[:, 0, 0, 0]
    # All pixels but the first are constant, up to nothing: the denoiser returns the mean.
    assert torch.allclose(samples.images.flatten(1)[:, 1:], torch.tensor(0.3))
    assert values.mean().item() == pytest.approx(0.3, abs=4 * math.sqrt(variance / count))
    # The ascent is only approximately a sampler: its variance is right within a factor.
    assert 0.4 < values.var().item() / variance < 1.6


def test_a_sample_does_not_depend_on_its_batch():
    denoiser, settings = GaussianOnPlane(0.1), SamplingSettings(step=0.05)
    seeds = sample_seeds(0, 0, range(7))
    together = ascend(denoiser, SHAPE, seeds, settings)
    for order in ([3], [6, 0, 2]):
        some = ascend(denoiser, SHAPE, [seeds[index] for index in order], settings)
        # Elementwise arithmetic only: the same to the bit.
        assert torch.equal(some.images, together.images[order])
        assert torch.equal(some.steps, together.steps[order])


def test_a_network_sample_does_not_depend_on_its_batch():
    from networks import trained_like

    network = trained_like(blocks=1).float()
    settings, seeds = SamplingSettings(step=0.2, max_steps=12, sigma_end=1e-6), list(range(5))
    seen = {}
    for chosen in ([0, 1, 2, 3, 4], [3]):
        centre = grey(len(chosen), SHAPE, settings.mean)
        ascent = Ascent(network, centre, [seeds[i] for i in chosen], settings)
        estimates = [step.estimate.float() for step in ascent]
        seen[len(chosen)] = estimates[-1][chosen.index(3)]
    # Convolutions may round differently for another batch: float32 over 12 steps.
    torch.testing.assert_close(seen[1], seen[5], rtol=1e-3, atol=1e-4)


def test_two_denoisers_see_the_same_noise():
    settings = SamplingSettings(step=0.05, samples=4, batch=3)
    seeds = sample_seeds(0, 0, range(4))
    pair = {"A": GaussianOnPlane(0.1), "B": GaussianOnPlane(0.1)}
    arrays = sample_pairs(pair, SHAPE, settings, seeds, "cpu")
    assert (arrays["images_A"] == arrays["images_B"]).all()
    assert len({image.tobytes() for image in arrays["images_A"]}) == 4
    assert sample_seeds(0, 0, [2]) == seeds[2:3]
    assert set(sample_seeds(0, 1, range(4))).isdisjoint(seeds)


def test_no_injected_noise_at_beta_1():
    settings = SamplingSettings(step=0.1, beta=1.0, step_law="fixed")
    ascent = Ascent(GaussianOnPlane(1e-9), grey(1, SHAPE, settings.mean), [1], settings)
    levels = [float(step.sigma) for step in ascent]
    # On a point the level shrinks by exactly 1 - h; float32 inside the denoiser.
    ratios = [after / before for before, after in pairwise(levels)]
    assert ratios == pytest.approx([0.9] * len(ratios), rel=1e-5)


def test_divergence_is_reported_and_never_returned_as_an_image():
    def explode(noisy, sigma):
        return torch.where(noisy[:, :1, :1, :1] > 0.5, 3 * noisy, torch.zeros_like(noisy))

    def identity(noisy, sigma):
        return noisy

    stalled = ascend(identity, SHAPE, [0, 1], SamplingSettings())
    assert stalled.status == [STALLED] * 2
    assert torch.isnan(stalled.images).all()

    samples = ascend(
        explode, SHAPE, range(20), SamplingSettings(step=0.5, step_law="fixed", mean=0.5)
    )
    assert set(samples.status) == {CONVERGED, DIVERGED}
    for image, status in zip(samples.images, samples.status, strict=True):
        assert torch.isfinite(image).all() == (status == CONVERGED)

    nothing = ascend(lambda noisy, sigma: noisy * torch.nan, SHAPE, [0], SamplingSettings())
    assert nothing.status == [DIVERGED]


def test_too_many_steps_are_reported():
    samples = ascend(GaussianOnPlane(0.1), SHAPE, [0, 1], SamplingSettings(max_steps=3))
    assert samples.status == [UNFINISHED] * 2
    assert samples.steps.tolist() == [3, 3]
    assert torch.isnan(samples.images).all()
