"""What is expected of the transition: Kadkhodaie et al., Figs. 1, 2 and those like them."""

from __future__ import annotations

from gahb.claims.expected.record import KADKHODAIE, OURS, Expected, above, below

FIGURE_1, FIGURE_2 = f"{KADKHODAIE}, Fig. 1", f"{KADKHODAIE}, Fig. 2"
FIGURE_15 = f"{KADKHODAIE}, Fig. 15"

TRANSITION: dict[str, Expected] = {
    "train_falls": below(
        0,
        FIGURE_1,
        "The PSNR of training images falls as their number grows.",
        "Its sign is the claim.",
    ),
    "test_rises": above(
        0,
        FIGURE_1,
        "The PSNR of test images rises with the number of training images.",
        "Its sign is the claim; a denoiser that does not depend on N has 0.",
    ),
    "memorising_slope": Expected(
        0.85,
        1.15,
        FIGURE_1,
        "At N = 1 and 10 output PSNR on training images rises one for one with input PSNR, "
        "flatter where noise is small, which the training law leaves out.",
        "1 is the bound: a homogeneous denoiser of one image errs by sigma^2 in all at best, which "
        "is the line of slope 1 and intercept 10 log10 d. The paper gives no number; .15 is what "
        "a straight line over a curve that flattens at its end may lose.",
    ),
    "memorising_test": Expected(
        -0.25,
        0.25,
        FIGURE_1,
        "At N = 1 and 10 output PSNR on test images hardly changes with input PSNR.",
        "A quarter of the slope of returning the input.",
    ),
    "train_equals_test": Expected(
        -0.3,
        0.3,
        FIGURE_1,
        "At the largest N train and test PSNR are the same.",
        "Differences of .3 dB, 7 % of the squared error, cannot be seen in the figure.",
    ),
    "pair_rises": above(
        0,
        FIGURE_2,
        "The similarity of samples of two networks from the same noise rises with N.",
        "Its sign is the claim.",
    ),
    "nearest_falls": below(
        0,
        FIGURE_2,
        "The similarity of a sample to the nearest training image falls with N.",
        "Its sign is the claim.",
    ),
    "memorising_nearest": above(
        0.99,
        FIGURE_2,
        "At small N samples are training images.",
        "The figure has .999 and more; .99 is what cannot be told from it by eye.",
    ),
    "memorising_pair": below(
        0,
        FIGURE_2,
        "At small N samples resemble training images more than each other.",
        "Its sign is the claim.",
    ),
    "generalising_pair": above(
        0,
        FIGURE_2,
        "At large N samples resemble each other more than any training image.",
        "Its sign is the claim.",
    ),
    "strong": above(
        0.95,
        FIGURE_2,
        "At large N two networks draw nearly the same image from the same noise.",
        "The figure has .957 at N = 10,000 and .991 at 100,000, read off it.",
    ),
    "mismatched": above(
        0,
        OURS,
        "If it failed, all samples would be alike: agreement would not come from the noise.",
        "Its sign is the claim.",
    ),
    "not_memorised": below(
        0.02,
        FIGURE_2,
        "At large N samples are not training images.",
        "One in fifty by the ratio of distances to the two nearest (Gu et al. 2310.02664).",
    ),
    "better_than_gaussian": above(
        0,
        OURS,
        "If it failed, the network would be no better than a Wiener filter of the same images at "
        "some noise level, and nothing it does would say much of learning.",
        "Its sign is the claim, at the level where it is least.",
    ),
    "nearest_excess_falls": below(
        0,
        OURS,
        "If it failed, samples would come no less near to training images, beyond what held-out "
        "images do, as N grows: of small images that nearness rises by itself.",
        "Its sign is the claim.",
    ),
    "no_nearer": below(
        0.02,
        OURS,
        "If it failed, samples would be nearer to training images than held-out images are.",
        "A cosine higher by .02 than that of real images, a fifth of what is left to 1 at .9.",
    ),
    "beyond_mean": above(
        0.8,
        OURS,
        "If it failed, two networks would share what all images have in common, and little more.",
        "A cosine of .8 is two thirds of the variance; samples of unlike noise have about 0.",
    ),
    "beyond_gaussian": above(
        0,
        OURS,
        "If it failed, two networks would be no closer to each other than each is to the Gaussian "
        "denoiser of its images in the same sampler with the same noise.",
        "Its sign is the claim.",
    ),
    "alike_in_contrast": above(
        0.9,
        OURS,
        "If it failed, what keeps pairs from being alike would be more than that some are nearly "
        "flat, and their cosine mostly noise.",
        "A tenth of the way from pairs of other noise to 1.",
    ),
    "varies": Expected(
        0.8,
        1.2,
        OURS,
        "If it failed, samples would vary less or more than real images do, in some directions.",
        "A fifth of the variance either way: a tenth of the spread.",
    ),
    "gap_falls": below(
        0,
        FIGURE_15,
        "The gap between train and test PSNR falls with N, at every size.",
        "Its sign is the claim.",
    ),
    "larger_need_more": above(
        0,
        FIGURE_15,
        "Larger images need more of them: at the same N their gap is larger.",
        "Its sign is the claim.",
    ),
}
