"""What is expected of the hidden Gaussian structure: Li, Dai & Qu."""

from __future__ import annotations

from gahb.analysis.gaussian.sweeps import NONLINEAR
from gahb.analysis.memorisation import GENERALISING_GL
from gahb.claims.expected.record import LI, OURS, Expected, above, below

REVIEW = "review of Li et al. 2024"

GAUSSIAN: dict[str, Expected] = {
    "linearity_rises": above(
        0,
        f"{LI}, sec. 3.1",
        "A denoiser is more linear when it generalises than when it memorises.",
        "Its sign is the claim.",
    ),
    "residual_linearity_rises": above(
        0,
        OURS,
        "If it failed, linearity would rise because the input is returned.",
        "Its sign is the claim.",
    ),
    "distance_falls": below(
        0,
        f"{LI}, sec. 3.3",
        "The distance to the Gaussian denoiser falls as N grows.",
        "Its sign is the claim.",
    ),
    "least_linear": Expected(
        *NONLINEAR,
        f"{LI}, sec. 3.1",
        "Linearity is lowest at intermediate noise, .1 to 20 on [-1, 1].",
        "The paper's range in our units.",
    ),
    "distillate_gaussian": Expected(
        0,
        0.1,
        f"{LI}, sec. 3.2",
        "The linear distillate of a generalising network is close to the Gaussian denoiser.",
        "The paper's RMSE is below .05 on [-1, 1], where the estimate's root mean square is about "
        ".5.",
    ),
    "distillate_nearer": Expected(
        0,
        1.0,
        OURS,
        "If it failed, the distillate would be no nearer to the Gaussian than what it distils.",
        "A ratio below 1 is the claim.",
    ),
    "gaussian_not_empirical": below(
        0,
        f"{LI}, sec. 3.2",
        "A generalising network is closer to the Gaussian than to the empirical denoiser.",
        "Its sign is the claim.",
    ),
    "intermediate": below(
        0,
        f"{LI}, sec. 4",
        "The distance to the Gaussian denoiser is smallest inside of a sweep.",
        "Its sign is the claim.",
    ),
    "small_n_agree": above(
        0,
        f"{LI}, sec. 4",
        "Two networks of few images agree when they are small or stopped early.",
        "Its sign is the claim.",
    ),
    "copies_gl": Expected(
        0,
        GENERALISING_GL,
        f"{LI}, app. C",
        "Networks of few images memorise: their GL score is below .6.",
        "The paper's threshold.",
    ),
    "novel_gl": above(
        GENERALISING_GL,
        f"{LI}, app. C",
        "Networks of many images generalise: their GL score is above .6.",
        "The paper's threshold.",
    ),
    "strong": Expected(
        0.95,
        1.0,
        f"{LI}, sec. 4",
        "Two networks of disjoint images draw nearly the same image from the same noise.",
        "The range of Fig. 2 of Kadkhodaie et al., which it repeats.",
    ),
    "gaussians_agree": Expected(
        0.95,
        1.0,
        REVIEW,
        "So do the two Gaussian models of the images: agreement alone shows no more than that.",
        "The same range as for networks.",
    ),
    "beyond_gaussian": above(
        0,
        REVIEW,
        "Networks have to be closer to each other than to their Gaussians for it to be more.",
        "Its sign is the claim.",
    ),
}
