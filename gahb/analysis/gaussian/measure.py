"""Measure two networks against the linear, Gaussian and empirical denoisers of their data.

Li, Dai & Qu (NeurIPS 2024), sections 3 and 4: everything is asked at noisy test images,
on a grid of noise levels, and kept image by image, so that intervals can be taken later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gahb.analysis.gaussian.linearity import linearity, weight_nmse
from gahb.data.splits import Split
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.linear import CrossMoments, cross_moments
from gahb.errors import ConfigError
from gahb.images import as_float
from gahb.metrics import mse
from gahb.noise import add_noise
from gahb.sampling.methods import noise_levels as schedule_of
from gahb.seeds import torch_stream
from gahb.settings import SUBSETS, AgreementSettings, SamplingSettings
from gahb.types import Denoiser, Images

Models = Mapping[str, Mapping[str, Denoiser]]
"""Denoisers by kind and subset.

``network``, and ``linear``, ``gaussian`` and ``empirical``, the models of its own training images;
``reference``, the Gaussian denoiser of the largest training set; ``fixed``, the network of
that training set, the same whatever N is.
"""

DISTANCES = (
    ("network", "gaussian"),
    ("network", "empirical"),
    ("network", "linear"),
    ("network", "reference"),
    ("fixed", "gaussian"),
    ("linear", "gaussian"),
    ("empirical", "gaussian"),
)


def grid(agreement: AgreementSettings) -> list[float]:
    """Return the noise levels to compare at, increasing, equally spaced in log sigma."""
    ends = agreement.sigma_min, agreement.sigma_max
    return [float(level) for level in np.geomspace(*ends, agreement.levels)]


def _squared(left: Images, right: Images) -> Tensor:
    return (left.cpu().double() - right.cpu().double()).square().flatten(1).mean(dim=1)


@torch.inference_mode()
def measure(
    models: Models,
    test: Tensor,
    partners: Tensor,
    training: Mapping[str, Tensor],
    sigmas: Sequence[float],
    seed: int,
) -> dict[str, np.ndarray]:
    """Return linearity of the networks and squared distances between all models.

    Parameters
    ----------
    models : mapping
        ``{"network": {"A": ..., "B": ...}, "gaussian": ..., "empirical": ...}`` and any others
        of `Models`, all on one device.
    test : Tensor
        uint8 images ``[image, channel, height, width]`` on that device, held out.
    partners : Tensor
        As many others, with which linearity mixes them: each pair is used once.
    training : mapping
        Per subset as many training images, uint8.
    sigmas : sequence of float
        Noise levels.
    seed : int
        Of the noise: the same for all networks.

    Returns
    -------
    dict
        ``sigmas`` ``[level]``, ``pixels``, and float64 ``[level, image]``. Per subset: ``score_A``,
        ``residual_score_A``, ``nmse_A`` of `linearity`, and ``gaussian_score_A`` and so on, those
        of the Gaussian denoiser; ``network_A`` and so on, the mean
        square of the estimate; ``network_gaussian_A`` and so on, the mean squared
        difference of two estimates; ``network_test_A``, ``gaussian_test_A`` and
        ``network_train_A``, the mean squared errors. ``network_between``,
        ``gaussian_between`` and so on: the mean squared difference between A and B.
    """
    levels = []
    for sigma in sigmas:
        noisy = {
            name: _noisy(images, sigma, seed, name)
            for name, images in (("first", test), ("second", partners))
        }
        found: dict[str, Tensor] = {}
        estimates: dict[str, dict[str, Tensor]] = {}
        for subset in SUBSETS:
            values, estimates[subset] = _one_subset(
                {name: pair[subset] for name, pair in models.items()}, noisy, test, sigma
            )
            network, clean = models["network"][subset], as_float(training[subset], test.device)
            images = _noisy(training[subset], sigma, seed, "train")
            values["network_train"] = mse(clean, network(images, sigma)).cpu().double()
            found |= {f"{name}_{subset}": value for name, value in values.items()}
        found |= {
            f"{name}_between": _squared(estimates["A"][name], estimates["B"][name])
            for name in models
        }
        levels.append(found)
    arrays = {
        name: torch.stack([found[name] for found in levels]).cpu().numpy() for name in levels[0]
    }
    return {"sigmas": np.array(sigmas), "pixels": np.array(test[0].numel())} | arrays


def measure_networks(
    networks: Mapping[str, Denoiser],
    models: Models,
    images: np.ndarray,
    parts: Split,
    n: int,
    agreement: AgreementSettings,
    seed: int,
    device: torch.device,
) -> dict[str, np.ndarray]:
    """Measure networks A and B of one N against the models of their data, see `measure`.

    Parameters
    ----------
    networks : mapping
        By subset, in evaluation mode, on ``device``.
    models : mapping
        Those of `gahb.analysis.gaussian.models.load_models`, and ``reference`` and ``fixed``.
    images : ndarray
        uint8 ``[image, channel, height, width]``, all prepared images.
    parts : Split
        Which of them are test images, and which each half holds. Fewer training images than
        test images are repeated.
    """
    test, others = held_out(parts, agreement)

    def of(indices: list[int] | np.ndarray) -> Tensor:
        return torch.from_numpy(images[indices]).to(device)

    repeated = {subset: of(np.resize(parts.training(subset, n), len(test))) for subset in SUBSETS}
    return measure(
        {"network": networks, **models},
        of(test),
        of(others[: len(test)]),
        repeated,
        grid(agreement),
        seed,
    )


def _noisy(images: Tensor, sigma: float, seed: int, name: str) -> Images:
    stream = torch_stream(seed, "agreement", name, repr(sigma), device=images.device)
    return add_noise(as_float(images, images.device), sigma, stream)


def _one_subset(
    models: Mapping[str, Denoiser], noisy: Mapping[str, Images], test: Tensor, sigma: float
) -> tuple[dict[str, Tensor], dict[str, Images]]:
    """Return what `measure` says of one subset, and the estimates of all its models."""
    values = linearity(models["network"], noisy["first"], noisy["second"], sigma)
    gaussian = linearity(models["gaussian"], noisy["first"], noisy["second"], sigma)
    values |= {f"gaussian_{name}": value for name, value in gaussian.items()}
    estimates = {name: model(noisy["first"], sigma) for name, model in models.items()}
    for name, estimate in estimates.items():
        values[name] = estimate.cpu().double().square().flatten(1).mean(dim=1)
    for left, right in DISTANCES:
        if left in models and right in models:
            values[f"{left}_{right}"] = _squared(estimates[left], estimates[right])
    clean = as_float(test, test.device)
    for name in ("network", "gaussian"):
        values[f"{name}_test"] = mse(clean, estimates[name]).cpu().double()
    return values, estimates


def distil_pair(
    networks: Mapping[str, Denoiser],
    gaussians: Mapping[str, GaussianDenoiser],
    images: Tensor,
    sigmas: Sequence[float],
    agreement: AgreementSettings,
    seed: int,
) -> dict[str, np.ndarray]:
    """Distil networks A and B into affine maps and compare these with the Gaussian models.

    ``images`` are held out from training and from `measure`, uint8 on the networks' device.

    Returns
    -------
    dict
        ``sigmas`` ``[level]``; per subset float64 ``weight_A`` ``[level, pixels, pixels]``,
        ``bias_A`` ``[level, pixels]``, ``condition_A`` ``[level]``, and ``weight_nmse_A``
        ``[level, 1 + fold]``: |W - J|^2 / |J|^2 with J the Gaussian denoiser's matrix, from
        all images, then from those outside of each fold.
    """
    arrays = {"sigmas": np.array(sigmas)}
    for subset in SUBSETS:
        levels = []
        for sigma in sigmas:
            folds = cross_moments(
                networks[subset],
                images,
                sigma,
                seed=seed,
                draws=agreement.distil_draws,
                folds=agreement.folds,
            )
            jacobian = gaussians[subset].jacobian(sigma).cpu().double()
            levels.append(_distilled(folds, jacobian, agreement.ridge))
        for name in levels[0]:
            arrays[f"{name}_{subset}"] = np.stack([level[name] for level in levels])
    return arrays


def _distilled(folds: list[CrossMoments], jacobian: Tensor, ridge: float) -> dict[str, np.ndarray]:
    total = _sum(folds)
    whole = total.solve(ridge)
    others = [
        _sum(folds[:left_out] + folds[left_out + 1 :]).solve(ridge)
        for left_out in range(len(folds))
    ]
    return {
        "weight": whole.weight.numpy(),
        "bias": whole.bias.numpy(),
        "condition": np.array(total.condition(ridge)),
        "weight_nmse": np.array(
            [weight_nmse(found.weight, jacobian) for found in (whole, *others)]
        ),
    }


def _sum(parts: list[CrossMoments]) -> CrossMoments:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def levels_to_distil(agreement: AgreementSettings, sampling: SamplingSettings) -> list[float]:
    """Return where affine maps are needed: on the grid, and where the ODE asks for them."""
    levels = set(grid(agreement))
    if sampling.method != "ascent":
        levels |= set(schedule_of(sampling))
    return sorted(levels)


def held_out(parts: Split, agreement: AgreementSettings) -> tuple[list[int], list[int]]:
    """Return the test images to measure at, and the others, to distil on.

    Raises
    ------
    ConfigError
        If there are fewer others.
    """
    if len(parts.test) < 2 * agreement.images:
        raise ConfigError(
            f"config: agreement.images: {agreement.images} pairs of images, to measure at and "
            f"others to mix them with, are more than split.test = {len(parts.test)}; lower it, or "
            "raise split.test"
        )
    return parts.test[: agreement.images], parts.test[agreement.images :]
