import math

import pytest
import torch

from gahb.analysis.gaussian.linearity import linearity, weight_nmse

SHAPE = (1, 3, 3)
STREAM = torch.Generator().manual_seed(0)
MATRIX = torch.randn(9, 9, generator=STREAM, dtype=torch.float64)
FIRST, SECOND = torch.randn(2, 6, *SHAPE, generator=STREAM, dtype=torch.float64)


def linear(noisy, sigma):
    return (noisy.flatten(1) @ MATRIX.T).reshape(noisy.shape)


def test_any_linear_map_has_score_one():
    found = linearity(linear, FIRST, SECOND, 0.1, origin=0.0)
    ones = torch.ones(6, dtype=torch.float64)
    torch.testing.assert_close(found["score"], ones)
    torch.testing.assert_close(found["residual_score"], ones)
    assert found["nmse"].max() < 1e-13


def test_a_constant_map_has_the_error_of_its_constant():
    found = linearity(lambda noisy, sigma: torch.ones_like(noisy), FIRST, SECOND, 0.1, origin=0.0)
    assert found["score"] == pytest.approx([1.0] * 6)
    assert found["nmse"] == pytest.approx([math.sqrt(2) - 1] * 6)
    assert found["residual_score"].max() < 1


def test_a_nonlinear_map_scores_below_one():
    found = linearity(lambda noisy, sigma: noisy.sign(), FIRST, SECOND, 0.1, origin=0.0)
    assert found["score"].mean() < 0.95
    assert found["nmse"].mean() > 0.1


def test_the_origin_is_what_counts_as_zero():
    def about_half(noisy, sigma):
        return 0.5 + linear(noisy - 0.5, sigma)

    found = linearity(about_half, FIRST, SECOND, 0.1, origin=0.5)
    assert found["nmse"].max() < 1e-13
    assert linearity(about_half, FIRST, SECOND, 0.1, origin=0.0)["nmse"].min() > 1e-3


def test_weight_distance_of_known_matrices():
    assert weight_nmse(1.1 * MATRIX, MATRIX) == pytest.approx(0.01)
    assert math.isnan(weight_nmse(MATRIX, 0 * MATRIX))
