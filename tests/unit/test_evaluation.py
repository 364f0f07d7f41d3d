"""Errors of denoisers, of which it is known what they do, on training and test images."""

import numpy as np
import pytest
import torch
from torch import nn

from gahb.analysis.transition.evaluation import evaluate_pair, noise_levels, squared_errors


class HalfNoise(nn.Module):
    """Removes exactly half of the noise of black images."""

    def forward(self, noisy, sigma):
        return noisy / 2


def test_errors_of_a_known_denoiser():
    black = torch.zeros(600, 1, 16, 16, dtype=torch.uint8)
    errors = squared_errors(HalfNoise(), black, 0.4, seed=0)
    # MSE = sigma^2 / 4; standard error over 600 * 256 squares: sqrt(2 / n) of it.
    assert errors.mean().item() == pytest.approx(0.04, rel=4 * (2 / (600 * 256)) ** 0.5)
    assert torch.equal(errors[:256], squared_errors(HalfNoise(), black[:256], 0.4, seed=0))


def test_evaluation_measures_the_right_images(faces):
    from gahb.data.splits import split_random
    from gahb.settings import EvaluationSettings

    parts = split_random(np.arange(100), test=10, seed=0)
    faces[parts.halves["B"]] = 255  # only B trains on white images
    evaluation = EvaluationSettings(images=12, input_psnr_db=[0.0, 20.0])
    pair = {"A": HalfNoise(), "B": HalfNoise()}
    arrays = evaluate_pair(pair, faces, parts, 3, evaluation, seed=0, device=torch.device("cpu"))
    assert np.allclose(arrays["sigmas"], [0.1, 1.0])
    # Three training images are repeated with other noise, ten test images are not.
    assert {arrays[f"train_{subset}"].shape for subset in "AB"} == {(2, 12)}
    assert {arrays[f"test_{subset}"].shape for subset in "AB"} == {(2, 10)}
    # Half of a white image is missing: MSE 1/4 and a quarter of the noise.
    assert arrays["train_B"][0].mean() == pytest.approx(0.25 + 0.0025, abs=0.003)
    assert not np.allclose(arrays["train_A"], arrays["train_B"])
    assert np.array_equal(arrays["test_A"], arrays["test_B"])


def test_the_reference_level_is_measured():
    from gahb.settings import EvaluationSettings

    levels = noise_levels(EvaluationSettings(input_psnr_db=[0.0, 20.0, 30.0], reference_sigma=0.15))
    assert levels == pytest.approx([10**-1.5, 0.1, 0.15, 1.0])
