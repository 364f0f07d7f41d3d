from itertools import pairwise

import pytest
import torch

from functions import Function
from gahb.sampling.methods import METHODS
from gahb.sampling.noise_levels import edm_schedule
from gahb.sampling.ode import euler_step, heun_step, integrate
from gahb.settings import SamplingSettings
from gaussian import SHAPE


def test_schedule_of_the_paper():
    # Li, Dai & Qu, 10 steps on [-1, 1] images; ours are half of it.
    theirs = [80, 42.415, 21.108, 9.723, 4.06, 1.501, 0.469, 0.116, 0.020, 0.002]
    ours = edm_schedule(10)
    # Printed with three decimals, cut off rather than rounded.
    assert [2 * sigma for sigma in ours] == pytest.approx(theirs, rel=6e-3, abs=1e-3)


def test_bad_schedules_are_refused():
    with pytest.raises(ValueError, match="at least 2"):
        edm_schedule(1)
    with pytest.raises(ValueError, match="sigma_min"):
        edm_schedule(5, sigma_min=0.0)


@pytest.mark.parametrize(("step", "order"), [(euler_step, 1), (heun_step, 2)])
def test_error_falls_with_the_order_of_the_method(gaussian, step, order):
    start = 2.0 * torch.randn(4, *SHAPE, generator=torch.Generator().manual_seed(0)).double()
    exact = gaussian.ode_solution(start, 2.0, 0.01)
    errors = []
    for steps in (101, 201, 401):
        levels = edm_schedule(steps, sigma_min=0.01, sigma_max=2.0)
        errors.append(float((integrate(gaussian, start, levels, step) - exact).norm()))
    for before, after in pairwise(errors):
        # Halving the step divides the error by 2^order, up to the next order.
        assert before / after == pytest.approx(2**order, rel=0.08)


def test_a_final_zero_returns_the_denoised_image(gaussian):
    state = torch.rand(2, *SHAPE, dtype=torch.float64)
    for step in (euler_step, heun_step):
        found = integrate(gaussian, state, [0.3, 0.0], step)
        torch.testing.assert_close(found, gaussian(state, 0.3))


def test_levels_must_decrease(gaussian):
    with pytest.raises(ValueError, match="decrease"):
        integrate(gaussian, torch.zeros(1, *SHAPE), [1.0, 1.0])


def test_from_large_noise_the_ode_draws_from_the_gaussian(gaussian):
    noise = torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(2)).double()
    levels = edm_schedule(200, sigma_min=1e-4, sigma_max=200.0)
    drawn = integrate(gaussian, 200.0 * noise, levels, heun_step)
    # The exact map is mu + Sigma^(1/2) z as sigma_max grows; mu / sigma_max is forgotten.
    assert (drawn - gaussian.sample(noise)).abs().max() < 2e-2


@pytest.mark.parametrize("method", ["euler", "heun"])
def test_samples_do_not_depend_on_the_batch_and_failures_are_marked(gaussian, method):
    settings = SamplingSettings(
        method=method, levels=6, mean=0.5, sigma_start=40.0, sigma_end=0.001
    )
    whole = METHODS[method](gaussian, SHAPE, [1, 2, 3], settings)
    alone = METHODS[method](gaussian, SHAPE, [2], settings)
    # Matrix products of another height round differently, in float32 and float64.
    torch.testing.assert_close(whole.images[1:2], alone.images, rtol=0, atol=1e-5)
    assert whole.status == ["converged"] * 3
    assert whole.steps.tolist() == [6] * 3

    def broken(noisy, sigma):
        estimate = gaussian(noisy, sigma)
        estimate[0] = torch.inf if sigma < 0.1 else estimate[0]
        return estimate

    marked = METHODS[method](Function(broken), SHAPE, [1, 2], settings)
    assert marked.status == ["diverged", "converged"]
    assert torch.isnan(marked.images[0]).all()
    torch.testing.assert_close(marked.images[1], whole.images[1], rtol=0, atol=1e-5)
