"""What strangers' networks return: taken where it is plain, explained where it is not."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gahb.auditing import audit
from gahb.denoisers.adapters import (
    Clean,
    Epsilon,
    LearnedVariance,
    Residual,
    SymmetricRange,
    Timesteps,
    VariancePreserving,
    WholeSteps,
)
from gahb.denoisers.contract import check_state, check_trainable, checked_output, validate
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.denoisers.registry import build
from gahb.errors import NetworkError
from gahb.settings import DenoiserSettings
from gahb.types import Denoiser

SHAPE = (1, 8, 8)
NOISY = torch.rand(3, *SHAPE, generator=torch.Generator().manual_seed(0))
SCHEDULE = (1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)).cumprod(0)


class Mapping(dict):
    pass


@pytest.mark.parametrize(
    "wrap",
    [
        lambda images: images,
        lambda images: (images,),
        lambda images: [images],
        lambda images: SimpleNamespace(sample=images),
        lambda images: (SimpleNamespace(sample=images),),
        lambda images: {"sample": images},
        lambda images: images.double(),
        lambda images: images.bfloat16().float(),
    ],
)
def test_what_can_only_be_the_images_is_taken(wrap):
    found = checked_output(wrap(NOISY), NOISY, "it")
    assert found.dtype == NOISY.dtype
    # bfloat16 keeps three digits.
    assert torch.allclose(found, NOISY, rtol=1e-2)


@pytest.mark.parametrize(
    ("wrap", "message"),
    [
        (
            lambda x: (x, x),
            r"it returned a tuple of 2 \(\(3, 1, 8, 8\), \(3, 1, 8, 8\)\), expected",
        ),
        (lambda x: None, r"it returned nothing \(None\), expected a tensor of images"),
        (lambda x: {"a": x}, "it returned a dict of 'a', expected"),
        (lambda x: SimpleNamespace(prediction=x), "it returned a SimpleNamespace, expected"),
        (lambda x: torch.distributions.Normal(x, 1), "it returned a Normal, expected"),
        (lambda x: x.numpy(), "it returned a ndarray, expected"),
        (lambda x: x.long(), r"it returned a tensor of torch\.int64"),
        (lambda x: x.to(torch.complex64), r"it returned a tensor of torch\.complex64"),
        (lambda x: x.to_sparse(), "expected floating-point numbers"),
        (lambda x: x.to("meta"), "it returned images on meta for images on cpu"),
        (
            lambda x: x.repeat(1, 2, 1, 1),
            r"two channels for each: a network with a learned variance",
        ),
        (lambda x: x.repeat(1, 3, 1, 1), r"it was made for data\.channels: 3"),
        (lambda x: x[:, :, :7], "it keeps height and width of other sizes only"),
        (lambda x: x[:1], r"shape \(1, 1, 8, 8\) for images of shape \(3, 1, 8, 8\)$"),
        (lambda x: x.flatten(1), r"shape \(3, 64\) for images of shape \(3, 1, 8, 8\)$"),
        (lambda x: x.mean(), r"shape \(\) for images of shape"),
    ],
)
def test_what_is_something_else_is_explained(wrap, message):
    for denoiser in (Residual, Epsilon, SymmetricRange, Clean, VariancePreserving):
        with pytest.raises(NetworkError):
            denoiser(lambda noisy, sigma: wrap(noisy))(NOISY, 0.3)
    with pytest.raises(NetworkError, match=message) as caught:
        checked_output(wrap(NOISY), NOISY, "it")
    assert "\n" not in str(caught.value)


def test_a_learned_variance_is_left_out():
    def network(noisy, step):
        assert step.dtype == torch.int64
        return torch.cat([noisy / 2, torch.rand_like(noisy)], dim=1)

    timesteps = Timesteps(WholeSteps(LearnedVariance(network)), SCHEDULE)
    assert torch.equal(timesteps(NOISY, 0.3), NOISY / 2)
    with pytest.raises(NetworkError, match="no variance: take LearnedVariance out"):
        LearnedVariance(lambda noisy, step: noisy)(NOISY, 0.3)


def test_a_class_is_not_its_object():
    with pytest.raises(
        NetworkError, match="Residual was given Identity, a type, expected a network"
    ):
        Residual(nn.Identity)


def test_whole_steps_are_the_nearest():
    told = []
    adapted = Timesteps(WholeSteps(lambda noisy, step: told.append(step) or noisy), SCHEDULE)
    sigmas = ((1 - SCHEDULE) / SCHEDULE).sqrt().float()
    adapted(torch.rand(1000, 1, 1, 1), sigmas * 1.0001)
    assert torch.equal(told[0], torch.arange(1000))


def test_ends_of_schedules_without_noise_and_of_noise_alone():
    """Zero terminal SNR: no level is told the last step, and none is told a wrong one."""
    kept = torch.tensor([1.0, 0.9, 0.5, 0.1, 0.0])
    timesteps = Timesteps(lambda noisy, step: noisy, kept)
    sigmas = ((1 - kept) / kept).sqrt()
    between = (sigmas[1] * sigmas[2]).sqrt()
    asked = torch.tensor([0.0, 1e-6, sigmas[1], between, sigmas[3], 1e6, torch.inf])
    found = timesteps.step(asked)
    assert torch.allclose(found, torch.tensor([0, 1, 1, 1.5, 3, 3, 4]), atol=1e-5)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (
            torch.linspace(1e-4, 0.02, 1000),
            "increases: are these betas, or does it begin with noise",
        ),
        (SCHEDULE.flip(0), "increases: are these betas, or does it begin with noise"),
        (1 - torch.linspace(1e-4, 0.02, 1000), "ends with little noise: are these 1 - betas"),
        (torch.linspace(80, 0.1, 50), r"a schedule from 80 to 0\.1 in 50 steps leaves \[0, 1\]"),
        (torch.arange(1000), r"leaves \[0, 1\] \(sigmas, or steps"),
        (torch.tensor([0.9, 0.5, 0.5, 0.1]), "does not decrease at each step"),
        (torch.tensor([0.9, 0.2, 0.5, 0.1]), "does not decrease at each step"),
        (torch.tensor([1.0, 1.0, 0.5]), "does not decrease at each step"),
        (torch.tensor([0.9, torch.nan, 0.1]), r"leaves \[0, 1\]"),
        (torch.full((1000,), 0.02), "does not decrease at each step"),
        (torch.tensor([0.5]), r"a schedule of shape \(1,\)"),
        (SCHEDULE[None], r"a schedule of shape \(1, 1000\)"),
        (torch.tensor(0.5), r"a schedule of shape \(\)"),
        ("linear", "a schedule of str"),
        (None, "a schedule of NoneType"),
    ],
)
def test_a_mistaken_schedule_is_recognised(schedule, message):
    with pytest.raises(NetworkError, match=message) as caught:
        Timesteps(nn.Identity(), schedule)
    assert r"(1 - betas).cumprod(0), decreasing" in str(caught.value)


def test_good_schedules_are_taken():
    cosine = torch.cos(torch.linspace(0, torch.pi / 2, 1000, dtype=torch.float64)) ** 2
    for kept in (
        SCHEDULE,
        SCHEDULE.numpy(),
        SCHEDULE.tolist(),
        cosine,
        SCHEDULE[::50],
        cosine[:-1],
    ):
        assert Timesteps(nn.Identity(), kept).log_sigmas.dtype == torch.float32


def ours() -> list:
    images = torch.randint(0, 256, (20, *SHAPE), dtype=torch.uint8)
    kinds = [{"kind": "unet"}, {"kind": "bf-cnn", "layers": 4}, {"kind": "edm"}]
    return [
        *(build(DenoiserSettings(blocks=1, width=4, **kind), 0) for kind in kinds),
        GaussianDenoiser(moments(images.numpy())),
        EmpiricalDenoiser(images),
    ]


def test_ours_keep_the_contract():
    for denoiser in ours():
        validate(denoiser, SHAPE)


def test_trying_a_denoiser_leaves_it_and_the_random_numbers_as_they_were():
    network = build(DenoiserSettings(blocks=1, width=4), 0)
    network.middle.eval()
    modes = [module.training for module in network.modules()]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    check_trainable(network, SHAPE, "cpu", "it")
    assert torch.equal(torch.rand(1), expected)
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(value.grad is None for value in network.parameters())


class Network(nn.Module, Denoiser):
    """Told the level; what it does wrong is given."""

    def __init__(self, forward) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3, padding=1)
        self.norm = nn.BatchNorm2d(1, track_running_stats=False)
        self.wrong = forward

    def forward(self, noisy, sigma):
        return self.wrong(self, noisy, sigma)


def level(noisy, sigma):
    return torch.as_tensor(sigma, dtype=noisy.dtype).reshape(-1, 1, 1, 1)


FAULTS = {
    "batch": (lambda n, y, s: n.norm(y), "one result for a batch and another for its images"),
    "one level": (lambda n, y, s: y * level(y, s)[0], "one result for a batch and another"),
    "draws": (lambda n, y, s: F.dropout(y, 0.5, training=True), "gives two results for the same"),
    "changes": (lambda n, y, s: y.mul_(2), "changes the images that it is given"),
    "nan": (lambda n, y, s: y / 0 - y / 0, "returned values that are not finite"),
    "small levels": (lambda n, y, s: y / (level(y, s) - 0.1).clamp(min=0), "that are not finite"),
    "no floats": (
        lambda n, y, s: y * s.reshape(-1, 1, 1, 1),
        "fails on images of shape (1, 1, 8, 8)",
    ),
    "doubles": (lambda n, y, s: y.double(), "returned torch.float64 for images of torch.float32"),
    "object": (lambda n, y, s: SimpleNamespace(sample=y), "adapters.Clean"),
    "fails": (lambda n, y, s: y @ torch.ones(3, 3), "(test_contract.py, line "),
    "whole steps": (lambda n, y, s: F.embedding(level(y, s), y), "such as WholeSteps"),
    "two": (lambda n, y, s: Residual(lambda y, s: y.repeat(1, 2, 1, 1))(y, s), "learned variance"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_denoiser_that_does_otherwise_is_explained_before_it_is_used(fault):
    wrong, message = FAULTS[fault]
    with pytest.raises(NetworkError) as caught:
        validate(Network(wrong), SHAPE, name="mine:network")
    assert message in str(caught.value)
    assert str(caught.value).startswith("mine:network")
    assert "\n" not in str(caught.value)


def test_a_denoiser_has_to_say_whether_it_is_blind():
    with pytest.raises(NetworkError, match="does not say whether it is told the noise level"):
        validate(nn.Identity(), SHAPE)


def test_an_audit_asks_first():
    images = np.random.default_rng(0).integers(0, 256, (8, *SHAPE), dtype=np.uint8)
    denoiser = SymmetricRange(Residual(lambda noisy, sigma: noisy.repeat(1, 2, 1, 1)))
    with pytest.raises(NetworkError, match="a network with a learned variance returns"):
        audit(denoiser, images[:4], images[4:])


class Kept(nn.Module):
    def __init__(self, value) -> None:
        super().__init__()
        self.register_buffer("kept", value)


class Extra(nn.Module):
    def get_extra_state(self):
        return {"a": 1}

    def set_extra_state(self, state):
        pass


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_a_state_that_cannot_be_written_is_named():
    quantised = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    strange = [torch.ones(3).to_sparse(), quantised, nested, torch.ones(3, device="meta")]
    for network in (*map(Kept, strange), Extra(), nn.LazyConv2d(1, 3)):
        with pytest.raises(NetworkError, match="plain tensors only"):
            check_state(network, "it")
    check_state(Kept(torch.ones(3, dtype=torch.complex64)), "it")
    with pytest.raises(NetworkError, match="it passes no gradient on"):
        check_trainable(Network(lambda n, y, s: n.layer(y).detach()), SHAPE, "cpu", "it")
