"""The one contract, for every denoiser that there is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from gahb.data.drawn.sets import DRAWN_SETS
from gahb.data.preprocess import prepare
from gahb.data.readers import read_bundled_faces
from gahb.denoisers.adapters import Clean, Epsilon, Residual, SymmetricRange, Timesteps, Velocity
from gahb.denoisers.bf_cnn import BFCNN
from gahb.denoisers.contract import validate
from gahb.denoisers.edm import EDM
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.external import BlindExternal, External
from gahb.denoisers.gaussian import GaussianDenoiser, StationaryGaussianDenoiser, moments
from gahb.denoisers.layers import BiasFreeBatchNorm
from gahb.denoisers.linear import distil
from gahb.denoisers.low_dimensional import optimal_denoiser
from gahb.denoisers.unet import UNet
from gahb.denoisers.wavelet import WaveletBasis, WaveletDenoiser
from gahb.settings import DataSettings
from gahb.types import Denoiser

SIZE, SHAPE = 8, (1, 8, 8)
LEVELS = (0.1, 0.3, 1.0)
FACES = prepare(read_bundled_faces()[:40], DataSettings(source="faces", pad=0, size=SIZE))
ALPHAS = (1 - torch.linspace(1e-4, 0.02, 1000)).cumprod(0)


def trained(network: nn.Module) -> nn.Module:
    """Return a network whose weights and statistics are as if it had been trained, in float64."""
    stream = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            spread = parameter.numel() ** -0.5 if parameter.ndim > 1 else 1.0
            parameter.copy_(spread * torch.randn(parameter.shape, generator=stream))
        for module in network.modules():
            if isinstance(module, BiasFreeBatchNorm):
                for buffer in module.buffers():
                    if buffer.is_floating_point():
                        buffer.copy_(0.5 + torch.rand(buffer.shape, generator=stream))
    return network.double().eval()


class Plain(nn.Module):
    """Somebody's network: its prediction depends on what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, noisy, told):
        return self.layer(noisy) / (1 + told.reshape(-1, 1, 1, 1).to(noisy.dtype))


def own(width: int = 1) -> nn.Module:
    """Return a network of one's own, as `denoiser.python` does."""
    return Plain()


def own_blind() -> nn.Module:
    """Return one that is not told."""
    return nn.Conv2d(1, 1, 3, padding=1)


def gaussian() -> GaussianDenoiser:
    return GaussianDenoiser(moments(FACES))


def linear() -> Denoiser:
    # 40 noisy images, 50 times each, fix an affine map of 64 pixels.
    return distil(gaussian(), torch.from_numpy(FACES), LEVELS, draws=50, seed=0)


EVERY: dict[str, Callable[[], Denoiser]] = {
    "UNet": lambda: trained(UNet(2, 4)),
    "BFCNN": lambda: trained(BFCNN(4, 4)),
    "BFCNN, linear first": lambda: trained(BFCNN(4, 4, entry="linear")),
    "EDM": lambda: trained(EDM(2, 4)),
    "External": lambda: trained(External("test_denoisers:own", {"width": 2}, 1)),
    "BlindExternal": lambda: trained(BlindExternal("test_denoisers:own_blind", {}, 1)),
    "Gaussian": gaussian,
    "StationaryGaussian": lambda: StationaryGaussianDenoiser(torch.from_numpy(FACES) / 255),
    "Empirical": lambda: EmpiricalDenoiser(torch.from_numpy(FACES)),
    "Linear": linear,
    "Wavelet, sure": lambda: WaveletDenoiser(WaveletBasis("haar", SIZE, SIZE), "sure"),
    "Wavelet, universal": lambda: WaveletDenoiser(WaveletBasis("haar", SIZE, SIZE), "universal"),
    "ray": lambda: optimal_denoiser(DRAWN_SETS["ray"], SIZE),
    "waves": lambda: optimal_denoiser(DRAWN_SETS["sinusoids"], SIZE),
    "Clean": lambda: trained(Clean(Plain())),
    "Residual": lambda: trained(Residual(Plain())),
    "Epsilon": lambda: trained(Epsilon(Plain())),
    "Velocity": lambda: trained(Velocity(Plain())),
    "SymmetricRange of Timesteps": lambda: trained(
        SymmetricRange(Epsilon(Timesteps(Plain(), ALPHAS)))
    ),
}
"""Every class in `gahb.denoisers` that denoises, see `test_every_one_is_here`."""


@pytest.fixture(scope="module", params=EVERY)
def denoiser(request) -> Denoiser:
    return EVERY[request.param]()


def noisy(count: int = 3, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    stream = torch.Generator().manual_seed(1)
    clean = torch.from_numpy(FACES[:count]).double() / 255
    noise = torch.randn(clean.shape, generator=stream, dtype=torch.float64)
    return (clean + 0.3 * noise).to(dtype)


def test_every_one_is_here():
    """Whoever adds a class adds it to this test."""

    def below(cls: type) -> set[type]:
        return {cls}.union(*map(below, cls.__subclasses__()))

    known = {type(make()) for make in EVERY.values()}
    adapters = {"Adapter", "LearnedVariance", "VariancePreserving", "WholeSteps", "Timesteps"}
    classes = {cls for cls in below(Denoiser) if cls.__module__.startswith("gahb.")}
    # Parts of others, which make no denoiser alone; test_external.py has them.
    missing = {cls.__name__ for cls in classes - known} - adapters - {"Denoiser"}
    assert not missing


def test_it_is_one_for_strangers(denoiser):
    """Deterministic, finite, a batch as one by one, and its input left as it was."""
    validate(denoiser.float() if isinstance(denoiser, nn.Module) else denoiser, SHAPE)
    if isinstance(denoiser, nn.Module):
        denoiser.double()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_type_and_device_are_kept(denoiser, dtype):
    if isinstance(denoiser, nn.Module):
        denoiser.to(dtype)
    estimate = denoiser(noisy(dtype=dtype), LEVELS[1])
    if isinstance(denoiser, nn.Module):
        denoiser.double()
    assert (estimate.shape, estimate.dtype) == ((3, *SHAPE), dtype)
    assert estimate.device.type == "cpu"


@torch.no_grad()
def test_a_float_is_as_good_as_a_tensor(denoiser):
    for level in LEVELS:
        one = denoiser(noisy(), level)
        # The same numbers in the same order: to the bit, or to the order of a sum of 64 pixels.
        torch.testing.assert_close(
            denoiser(noisy(), torch.full((3,), level, dtype=torch.float64)),
            one,
            rtol=1e-9,
            atol=1e-9,
        )


@torch.no_grad()
def test_each_image_has_its_own_noise_level(denoiser):
    together = denoiser(noisy(), torch.tensor(LEVELS, dtype=torch.float64))
    for index, level in enumerate(LEVELS):
        alone = denoiser(noisy()[index : index + 1], level)
        torch.testing.assert_close(together[index : index + 1], alone, rtol=1e-9, atol=1e-9)


@torch.no_grad()
def test_blind_is_true_to_its_word(denoiser):
    few, much = (denoiser(noisy(), level) for level in (LEVELS[0], LEVELS[-1]))
    assert torch.equal(few, much) == denoiser.blind


@torch.no_grad()
def test_it_is_finite_at_the_ends(denoiser):
    # A linear one has maps at the levels that it was fitted at, and none between.
    fitted = getattr(denoiser, "maps", None)
    for sigma in (min(fitted), max(fitted)) if fitted else (1e-6, 1e3):
        assert torch.isfinite(denoiser(noisy() * max(1.0, sigma), sigma)).all()


@torch.no_grad()
def test_it_is_homogeneous_where_it_says_so(denoiser):
    image, factor = noisy(1), 3.7
    scaled, expected = denoiser(factor * image, 0.3), factor * denoiser(image, 0.3)
    # Rounding of float64 through a few layers.
    same = torch.allclose(scaled, expected, rtol=1e-9, atol=1e-9)
    assert same or not denoiser.piecewise_linear
    constant = torch.full((1, *SHAPE), 0.5, dtype=torch.float64)
    if denoiser.piecewise_linear:
        # No constants: of nothing it makes nothing.
        assert np.abs(denoiser(0 * constant, 0.3).numpy()).max() == 0
