"""What is expected of restorations from linear measurements, after Kadkhodaie & Simoncelli."""

from __future__ import annotations

from gahb.claims.expected.record import OURS, Expected, above

CONTROL = (
    "Added in 02ce346, after a run in which restorations were not calibrated and an exact mean was "
    "as near as theirs, to tell the network from the sampler."
)
ENOUGH = " Of models of few images it is not asked since ea168cd, after a smoke run with 32."

RESTORATION: dict[str, Expected] = {
    "calibrated": Expected(
        -1.0,
        1.0,
        "Kadkhodaie & Simoncelli 2021, sec. 3",
        "Restorations are samples of the posterior that the denoiser implies.",
        "Samples of a posterior vary about their mean by as much as their mean errs; 1 dB is "
        "26 % of the variance.",
    ),
    "sampler_calibrated": Expected(
        -1.0,
        1.0,
        OURS,
        "If it failed, the sampler and not the network would keep restorations from spreading as "
        "those of a posterior do.",
        "As `calibrated`. The conditional mean of a Gaussian model errs by as much as its "
        "posterior varies for all images of its moments, Gaussian or not: what is missing is the "
        "sampler's. Asked where there are ten training images or more for each pixel.",
        CONTROL + ENOUGH,
    ),
    "calibrated_as_gaussian": Expected(
        -1.0,
        1.0,
        OURS,
        "If it failed, networks would be surer of what they put in, or less sure, than a model "
        "whose posterior is known, by the same sampler.",
        "As `calibrated`; the Gaussian denoiser itself has 0.",
        CONTROL + ENOUGH,
    ),
    "beats_sampled_gaussian": above(
        0.1,
        OURS,
        "If it failed, a Gaussian denoiser in the same sampler would restore images as well.",
        "The Gaussian denoiser itself has 0; a tenth of a dB, 2 % of the squared error, is more "
        "than rounding.",
        CONTROL,
    ),
    "beats_gaussian": above(
        0,
        OURS,
        "If it failed, a Gaussian model of the images would restore them as well.",
        "Its sign is the claim.",
    ),
    "one_prior": above(
        0.5,
        OURS,
        "If it failed, what networks put in where nothing was measured would be each one's own.",
        "The share is 0 of posterior samples that have no noise in common, and 1 of the same "
        "posterior and noise; networks that memorise different images reach a tenth. Half is "
        "between.",
        "Until 02ce346 it was the sign of pair less image, which networks that memorise different "
        "images have too.",
    ),
    "follows_image": above(
        0.01,
        OURS,
        "If it failed, networks would agree because they put in the same whatever was measured.",
        "A denoiser that always returns the same image has 0; a hundredth is more than rounding.",
        "Added in 02ce346, beside `one_prior`, which such a denoiser passes.",
    ),
}
