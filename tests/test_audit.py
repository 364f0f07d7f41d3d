"""The audit on denoisers of which the answer is known."""

import numpy as np
import pytest
import torch

from gahb.audit import BROKEN, CLEAR, MEMORISES, OVERFITS, TOLD, audit
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.denoisers.unet import UNet
from gahb.errors import DataError
from gahb.figures.audit import draw

SETTINGS = TOLD.model_copy(update={"samples": 60})


def population(count: int, seed: int) -> np.ndarray:
    """Gaussian images of correlated pixels, uint8 ``[image, 1, 6, 6]``."""
    mixing = np.random.default_rng(0).normal(size=(36, 36)) / 6
    values = 128 + 30 * np.random.default_rng(seed).normal(size=(count, 36)) @ mixing
    return np.clip(np.round(values), 0, 255).astype(np.uint8).reshape(-1, 1, 6, 6)


TRAINING, HELD_OUT, OTHERS = population(40, 1), population(100, 2), population(4000, 3)


def values(found) -> dict:
    return {(row.measure, row.of): row for row in found.table.itertuples()}


def test_the_empirical_denoiser_memorises():
    denoiser = EmpiricalDenoiser(torch.from_numpy(TRAINING))
    found = audit(denoiser, TRAINING, HELD_OUT, sampling=SETTINGS, draws=200)
    assert found.verdict == MEMORISES
    # The optimal denoiser of forty images draws those and nothing else.
    assert values(found)["memorised_fraction", "samples"].value == 1
    assert values(found)["nearest_cosine_median", "samples"].value > 0.999
    assert values(found)["mean_psnr_gap_db", "training less held out"].low > 0
    assert found.samples.shape == (60, 1, 6, 6)
    assert np.abs(found.samples - found.closest / 255).max() < 0.02


def test_the_gaussian_of_other_images_does_not():
    denoiser = GaussianDenoiser(moments(OTHERS))
    found = audit(denoiser, TRAINING, HELD_OUT, sampling=SETTINGS, draws=200)
    assert found.verdict.startswith(CLEAR)
    share = values(found)["memorised_fraction", "samples"]
    assert share.value == 0
    # Clopper & Pearson: none of 60 leaves 1 - 0.025^(1/60).
    assert share.high == pytest.approx(1 - 0.025 ** (1 / 60), abs=1e-6)
    sampled, real = (values(found)["nearest_cosine_median", of] for of in ("samples", "held out"))
    assert sampled.low < real.high
    assert real.low < sampled.high
    assert len(draw(found).axes) > 2


def test_the_gaussian_of_few_images_overfits():
    """It knows their directions, but mixes them anew."""
    denoiser = GaussianDenoiser(moments(TRAINING[:20]))
    found = audit(denoiser, TRAINING[:20], HELD_OUT, sampling=SETTINGS, draws=200)
    assert found.verdict == OVERFITS


def test_what_does_not_denoise_gets_no_verdict():
    """An untrained network, as one with the wrong adapter would be, repeats nothing either."""
    torch.manual_seed(0)

    class Untrained(torch.nn.Conv2d):
        blind = False

        def forward(self, noisy, sigma):
            return super().forward(noisy)

    found = audit(
        Untrained(1, 1, 3, padding=1).eval(), TRAINING, HELD_OUT, sampling=SETTINGS, draws=200
    )
    assert found.verdict == BROKEN


def test_the_order_of_the_pictures_is_nothing():
    """Folders of classes, one after the other, on both sides: no overfitting."""
    dark, bright = population(400, 5) // 8, 255 - population(400, 6)
    training = np.concatenate([dark[:300], bright[:300]])
    held_out = np.concatenate([dark[300:], bright[300:]])
    settings = SETTINGS.model_copy(update={"samples": 10})
    denoiser = GaussianDenoiser(moments(OTHERS))
    found = audit(denoiser, training, held_out, images=100, sampling=settings, draws=200)
    gap = values(found)["mean_psnr_gap_db", "training less held out"]
    assert gap.low < 0 < gap.high


def test_a_denoiser_says_whether_it_is_told_the_noise_level():
    with pytest.raises(DataError, match="function does not say whether it is told"):
        audit(lambda noisy, sigma: noisy, TRAINING, HELD_OUT)


def test_a_blind_network_is_sampled_by_ascent(faces):
    network = UNet(1, 4).eval()
    with pytest.raises(DataError, match=r"none of 256 samples converged|too few"):
        # Untrained, it takes noise for an image: nothing can be said of its samples.
        audit(network, faces[:50], faces[50:])


@pytest.mark.parametrize(
    ("training", "held_out", "message"),
    [
        (TRAINING[:1], HELD_OUT, "two training and two held-out images, got 1 and 100"),
        (TRAINING, HELD_OUT[..., :3], "training images are .* held-out images"),
        (
            TRAINING,
            np.concatenate([HELD_OUT, TRAINING[3:4]]),
            "1 of 101 held-out images .* number 100 by",
        ),
    ],
)
def test_wrong_images_are_refused(training, held_out, message):
    with pytest.raises(DataError, match=message):
        audit(GaussianDenoiser(moments(OTHERS)), training, held_out)
