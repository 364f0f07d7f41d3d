"""What is expected of harmonic bases: Kadkhodaie et al., Figs. 3 to 5 and 16 to 21."""

from __future__ import annotations

from gahb.claims.expected.record import KADKHODAIE, Expected, above, below

SECTION = f"{KADKHODAIE}, sec. "
NEAR = 0.1
"""A measured slope counts as the theoretical one within this."""

BASES: dict[str, Expected] = {
    "slope_rises": above(
        0,
        f"{KADKHODAIE}, Figs. 4 and 16",
        "The PSNR slope rises with the regularity alpha.",
        "Its sign is the claim.",
    ),
    "slope_theory": Expected(
        -NEAR,
        NEAR,
        f"{KADKHODAIE}, Figs. 4 and 16",
        "The PSNR slope is near alpha/(alpha + 1); measured there: .46 .61 .75 .83 for "
        "alpha = 1, 2, 3, 5.",
        "The paper's own slopes differ from theory by up to .06.",
    ),
    "adaptive": above(
        0,
        SECTION + "4.1",
        "Bases that adapt to the geometry of an image shrink better than a fixed one.",
        "Its sign is the claim.",
        "first the best shrinkage in a fixed wavelet basis (an oracle) was to be beaten, then soft "
        "thresholding, in 852de3b.",
    ),
    "sparse": Expected(
        0.9,
        1.0,
        SECTION + "3.2",
        "Coefficients of the clean image in the eigenbasis are sparse.",
        "Nine tenths of the energy in as many coefficients as the denoiser keeps.",
    ),
    "frequency": Expected(
        0.5,
        1.0,
        SECTION + "3.2",
        "Eigenvectors oscillate faster as their eigenvalue falls.",
        "A rank correlation of .5 is plain in 16 images of some dozens of modes.",
        "first over all modes, then over the first tr J, in 852de3b.",
    ),
    "contours": above(
        0,
        SECTION + "3.2",
        "Eigenvectors oscillate along contours.",
        "More of their energy at contours than another basis has.",
    ),
    "smoother_less": below(
        0,
        f"{KADKHODAIE}, Fig. 17",
        "The smoother the contours, the less localised the harmonics.",
        "Its sign is the claim.",
    ),
    "shuffled_worse": above(
        1.5,
        f"{KADKHODAIE}, Fig. 21",
        "Shuffled faces are denoised much worse.",
        "The paper's curves differ by some dB at this noise; 1.5 dB is 40 % of squared error.",
    ),
    "shuffled_decay": above(
        0,
        f"{KADKHODAIE}, Fig. 21",
        "Eigenvalues of shuffled images decay more slowly.",
        "The sign of the difference of their sums is the claim.",
    ),
    "tangent_disks": Expected(
        0.85,
        1.0,
        f"{KADKHODAIE}, Fig. 5",
        "The first five eigenvectors span the tangent space of disks.",
        "A mean squared cosine of .85 is 23 degrees on average.",
    ),
    "tangent_ray": Expected(
        0.99,
        1.0,
        f"{KADKHODAIE}, Fig. 19",
        "The first eigenvector is the image itself.",
        "A cosine of .99 is 8 degrees.",
    ),
    "tangent_waves": Expected(
        0.9,
        1.0,
        f"{KADKHODAIE}, Fig. 20",
        "The first two eigenvectors span the plane of waves.",
        "A mean squared cosine of .9 is 18 degrees on average.",
    ),
    "disk_slope": below(
        1.0,
        f"{KADKHODAIE}, Fig. 5",
        "The slope stays below that of the optimum, 1.",
        "The optimum is 1 as noise vanishes.",
    ),
    "beyond_tangent": above(
        0.1,
        f"{KADKHODAIE}, Figs. 5, 19 and 20",
        "There are harmonics beyond the tangent space.",
        "A tenth of what is kept along the tangent space; an optimal denoiser has 0.",
    ),
    "above_optimum": above(
        1.0,
        f"{KADKHODAIE}, Figs. 5, 19 and 20",
        "The error is above that of the optimum, dimension times sigma^2.",
        "A ratio of 1 is the optimum.",
    ),
}
