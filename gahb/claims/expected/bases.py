"""What is expected of harmonic bases: Kadkhodaie et al., Figs. 3 to 5 and 16 to 21.

Shares, cosines and rank correlations have no upper end here: 1 is the most they can be, and
Student's t may reach beyond it.
"""

from __future__ import annotations

from gahb.claims.expected.record import KADKHODAIE, OURS, Expected, above, below

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
        "Its sign is the claim; the fixed basis is shrunk as well as can be without knowing the "
        "clean image.",
        "first the best shrinkage in a fixed wavelet basis (an oracle) was to be beaten, then soft "
        "thresholding, in 852de3b. The oracle is back, as `adaptive_best`.",
    ),
    "adaptive_best": above(
        0,
        SECTION + "4.1",
        "Bases that adapt to the geometry of an image shrink better than a fixed one.",
        "Its sign is the claim; the fixed basis is the better one of wavelets and principal "
        "components, and its shrinkage knows the clean image, which the network does not.",
        "dropped in 852de3b for soft thresholding, and restored after 00b6ad5 with principal "
        "components beside wavelets.",
    ),
    "eigenbasis_best": above(
        0.1,
        OURS,
        "If it failed, a fixed basis would do as well as the eigenvectors with shrinkage that is "
        "as good: they would adapt to nothing that helps.",
        "An oracle shrinks in all bases alike, at the same noise, so that the same basis has 0; a "
        "tenth of a decibel is 2 % of the squared error.",
    ),
    "sparse": above(
        0.9,
        SECTION + "3.2",
        "Coefficients of the clean image in the eigenbasis are sparse.",
        "Nine tenths of the energy in as many coefficients as the denoiser keeps.",
    ),
    "sparser_than_pca": above(
        0.001,
        OURS,
        "If it failed, the mean and principal components of the training images would hold as "
        "much of an image: sparse coefficients would say nothing of adaptation.",
        "The same components have 0, and so has a denoiser that keeps everything; a thousandth of "
        "the energy is beyond rounding.",
    ),
    "frequency": above(
        0.5,
        SECTION + "3.2",
        "Eigenvectors oscillate faster as their eigenvalue falls.",
        "A rank correlation of .5 is plain in 16 images of some dozens of modes.",
        "first over all modes, then over the first tr J, in 852de3b. All are back, as "
        "`frequency_all`.",
    ),
    "frequency_all": above(
        0.5,
        SECTION + "3.2",
        "Eigenvectors oscillate faster as their eigenvalue falls.",
        "The range of `frequency`, over all modes that are measured.",
        "dropped in 852de3b for the first tr J modes, and restored after 00b6ad5.",
    ),
    "contours": above(
        0.05,
        SECTION + "3.2",
        "Eigenvectors oscillate along contours.",
        "A twentieth of what an evenly spread basis has there more than another basis; principal "
        "components have 0 more than themselves, to rounding.",
        "above 0 before, which principal components could reach by rounding; a twentieth after "
        "00b6ad5.",
    ),
    "symmetric": below(
        0.05,
        SECTION + "3",
        "The Jacobian of a trained denoiser is nearly symmetric.",
        "A tenth of what random directions have, one half, where the denoiser keeps anything: a "
        "Jacobian that is 95 % symmetric in energy is its own eigenbasis but for details.",
        "judged since 00b6ad5, when .004 to .011 had been seen on networks of the recipe before.",
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
        1,
        f"{KADKHODAIE}, Fig. 21",
        "Eigenvalues of shuffled images decay more slowly.",
        "One direction more that is kept; a denoiser that knows no neighbours, such as the "
        "Gaussian one, keeps as many of both.",
        "above 0 before, which no difference at all could reach; one direction after 00b6ad5.",
    ),
    "tangent_disks": above(
        0.85,
        f"{KADKHODAIE}, Fig. 5",
        "The first five eigenvectors span the tangent space of disks.",
        "A mean squared cosine of .85 is 23 degrees on average.",
    ),
    "tangent_ray": above(
        0.99,
        f"{KADKHODAIE}, Fig. 19",
        "The first eigenvector is the image itself.",
        "A cosine of .99 is 8 degrees.",
    ),
    "tangent_waves": above(
        0.9,
        f"{KADKHODAIE}, Fig. 20",
        "The first two eigenvectors span the plane of waves.",
        "A mean squared cosine of .9 is 18 degrees on average.",
    ),
    "tangent_adapts": above(
        0.1,
        OURS,
        "If it failed, principal components of all disks would span the tangent space of each: "
        "eigenvectors would not have to follow the image.",
        "Half of one direction of five; principal components have 0 more than themselves.",
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
        "A mean ratio of 1 is the optimum; the geometric mean, which is judged, is below the mean.",
    ),
}
