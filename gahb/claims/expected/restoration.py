"""What is expected of restorations from linear measurements, after Kadkhodaie & Simoncelli."""

from __future__ import annotations

from gahb.claims.expected.record import OURS, Expected, above

RESTORATION: dict[str, Expected] = {
    "calibrated": Expected(
        -1.0,
        1.0,
        "Kadkhodaie & Simoncelli 2021, sec. 3",
        "Restorations are samples of the posterior that the denoiser implies.",
        "Samples of a posterior vary about their mean by as much as their mean errs; 1 dB is "
        "26 % of the variance.",
    ),
    "beats_gaussian": above(
        0,
        OURS,
        "If it failed, a Gaussian model of the images would restore them as well.",
        "Its sign is the claim.",
    ),
    "one_prior": above(
        0,
        OURS,
        "If it failed, what networks put in where nothing was measured would be each one's own.",
        "Its sign is the claim.",
    ),
}
