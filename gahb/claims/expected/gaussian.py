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
        "first the mean over all levels, low noise included, in 4dd2741.",
    ),
    "falls_faster": below(
        0,
        OURS,
        "If it failed, the distance would fall because the Gaussians of more images are nearer to "
        "any denoiser: one that never changes comes nearer as well.",
        "Its sign is the claim.",
    ),
    "reference_falls": below(
        0,
        OURS,
        "If it failed, networks of more images would be no nearer to the Gaussian of all of them.",
        "Its sign is the claim; a denoiser that does not depend on N has 0.",
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
    "distillate_rmse": Expected(
        0,
        0.05,
        f"{LI}, sec. 3.2",
        "At every noise level the linear distillate is within .05 of the Gaussian denoiser.",
        "The paper's number, in its units.",
    ),
    "distillate_weights": Expected(
        0,
        0.2,
        f"{LI}, sec. 3.2",
        "At every noise level the weights of the distillate are near those of the Gaussian.",
        "The paper's largest squared error over the squared norm.",
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
    "shrinks": above(
        0,
        f"{LI}, sec. 4",
        "At intermediate noise the distance to the Gaussian denoiser falls as the network shrinks.",
        "Its sign is the claim.",
        "first the smallest distance over all levels was to be at a width inside of the sweep, "
        "which the paper does not say, in 4dd2741.",
    ),
    "shrinks_reference": above(
        0,
        OURS,
        "If it failed, small networks would be near the Gaussian of their few images alone, which "
        "is not what images have in common.",
        "Its sign is the claim.",
    ),
    "interior_time": below(
        0,
        f"{LI}, sec. 4",
        "At intermediate noise the distance to the Gaussian denoiser is small early in training, "
        "larger before, where training is insufficient, and after, where it memorises.",
        "Its sign is the claim; the Gaussian is that of all images: networks that repeat ten of "
        "them vary within the Gaussian of those.",
        "first over all levels and with the Gaussian of the few images, in 4dd2741.",
    ),
    "small_n_agree": above(
        0,
        f"{LI}, sec. 4",
        "Two networks of few images agree when they are small or stopped early.",
        "Its sign is the claim; the cosine of samples of other noise is taken off, as networks "
        "that draw one image agree whatever the noise.",
        "first the rise of the cosine itself, in 4dd2741.",
    ),
    "small_n_agree_beyond_mean": above(
        0,
        OURS,
        "If it failed, they would agree in what all images have in common only.",
        "Its sign is the claim.",
    ),
    "small_n_images": below(
        1.25,
        OURS,
        "If it failed, they would agree without having learned: networks that pass the noise on "
        "draw the same from the same noise, farther from training images than real images are.",
        "The upper end of what samples of many images may have.",
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
    "copies_ratio": Expected(
        0,
        0.5,
        OURS,
        "If it failed, samples of few images would not repeat them: they would be half as far from "
        "them as held-out images are.",
        "Held-out images have 1 and copies 0; half of the way tells them apart.",
        "added once the raw scores were known, in 4dd2741.",
    ),
    "novel_ratio": Expected(
        0.8,
        1.25,
        OURS,
        "If it failed, samples of many images would be nearer to them than real images are, or "
        "farther, as noise is.",
        "Real images have 1. A fifth less leaves room for blur, which is nearer to everything, and "
        "is far from the half of copies; a quarter more is its inverse.",
        "added once the raw scores were known, in 4dd2741.",
    ),
    "strong": Expected(
        0.95,
        1.0,
        f"{LI}, sec. 4",
        "Two networks of disjoint images draw nearly the same image from the same noise.",
        "The range of Fig. 2 of Kadkhodaie et al., which it repeats.",
    ),
    "noise_matters": above(
        0,
        OURS,
        "If it failed, all samples would be alike: agreement would not come from the noise.",
        "Its sign is the claim.",
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
