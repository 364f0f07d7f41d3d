"""The sampler of the default experiment, with denoisers that are exact.

Whatever is lost here is the sampler's, and whatever is lost with networks beyond it is theirs.
"""

import numpy as np
import pytest
import torch

from gahb.analysis.transition.controls import band_edges
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import GaussianDenoiser, Moments
from gahb.plan.load import load_settings
from gahb.sampling.ascent import CONVERGED, ascend

SIDE = 8
SHAPE = (1, SIDE, SIDE)
DEFAULT = load_settings({}).sampling


def gaussian(total: float = 4.0) -> GaussianDenoiser:
    """A Gaussian whose variances fall as k^-2 and sum to ``total``, as images' do."""
    pixels = SIDE**2
    values = torch.arange(1, pixels + 1).double() ** -2
    basis = torch.linalg.qr(torch.randn(pixels, pixels, generator=seeded()).double())[0]
    covariance = basis * (total * values / values.sum()) @ basis.T
    return GaussianDenoiser(Moments(torch.full((pixels,), 0.3).double(), covariance, 99, SHAPE))


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def ratios(denoiser, settings, count=600) -> np.ndarray:
    """Variance of what is drawn over what it should be, by band of components."""
    drawn = ascend(denoiser, SHAPE, range(count), settings)
    assert drawn.status == [CONVERGED] * count
    flat = drawn.images.flatten(1).double()
    along = ((flat - flat.mean(dim=0)) @ denoiser.vectors).square().sum(dim=0) / (count - 1)
    edges = band_edges(len(along))[:-1]
    return np.add.reduceat(along.numpy(), edges) / np.add.reduceat(denoiser.values.numpy(), edges)


def test_the_default_starts_above_the_spread_of_the_images_and_keeps_it():
    found = ratios(gaussian(), DEFAULT)
    # 600 samples know the variance of one component to 6 %: three standard errors, and .1 that
    # steps of this size may cost.
    assert found[:3] == pytest.approx(1, abs=0.28)
    # Where noise is told too small (the residual of a filter is smaller than the noise), small
    # variances come out larger: of the Gaussian, not of the images' own denoiser below.
    assert (found > 0.8).all()


def test_a_start_below_it_loses_the_first_component():
    low = DEFAULT.model_copy(update={"sigma_start": 1.0, "step": 0.01, "beta": 0.3})
    # The first component has a variance of 2.5, the noise 1: some 40 % of it are lost.
    assert ratios(gaussian(), low)[0] < 0.7


def test_of_finitely_many_images_all_are_drawn_alike():
    count, number = 480, 12
    images = torch.randint(0, 256, (number, *SHAPE), generator=seeded(), dtype=torch.uint8)
    denoiser = EmpiricalDenoiser(images)
    drawn = ascend(denoiser, SHAPE, range(count), DEFAULT)
    assert drawn.status == [CONVERGED] * count
    distance = torch.cdist(drawn.images.flatten(1), images.flatten(1) / 255)
    assert distance.min(dim=1).values.max() < SIDE * DEFAULT.sigma_end
    found = torch.bincount(distance.argmin(dim=1), minlength=number) / count
    # A share of 1/12 among 480 has a standard error of .013: four of them.
    assert found.numpy() == pytest.approx(1 / number, abs=0.05)
