"""Decreasing noise levels along which an ordinary differential equation is solved."""

from __future__ import annotations

import numpy as np


def edm_schedule(
    steps: int, sigma_min: float = 0.001, sigma_max: float = 40.0, rho: float = 7.0
) -> list[float]:
    """Return ``steps`` noise levels, equally spaced in sigma^(1/rho), largest first.

    Parameters
    ----------
    steps : int
        Number of levels, at least 2.
    sigma_min, sigma_max : float
        Ends of the schedule in [0, 1] pixel units: half of what they are for images on
        [-1, 1], as in Karras et al. (NeurIPS 2022), eq. 5.
    rho : float
        Larger values put more levels at small noise.
    """
    if steps < 2:
        raise ValueError(f"a schedule needs at least 2 steps, got {steps}")
    if not 0 < sigma_min < sigma_max:
        raise ValueError(f"need 0 < sigma_min < sigma_max, got {sigma_min} and {sigma_max}")
    ramp = np.linspace(0, 1, steps)
    top, bottom = sigma_max ** (1 / rho), sigma_min ** (1 / rho)
    inside = (top + ramp[1:-1] * (bottom - top)) ** rho
    return [float(sigma_max), *(float(level) for level in inside), float(sigma_min)]
