"""Fixtures of tests in this process."""

import pytest

from gahb.denoisers.gaussian import GaussianDenoiser
from gaussian import uneven_gaussian


@pytest.fixture
def gaussian() -> GaussianDenoiser:
    """A Gaussian denoiser of images of shape `gaussian.SHAPE`."""
    return uneven_gaussian()
