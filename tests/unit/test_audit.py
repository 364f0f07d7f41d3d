"""The audit on denoisers of which the answer is known."""

import re

import numpy as np
import pytest
import torch

from gahb.auditing import CLEAR, MEMORISES, OVERFITS, UNJUDGED, audit
from gahb.denoisers.unet import UNet
from gahb.errors import DataError, NetworkError
from gahb.figures.audit import draw
from pictures import resaved
from planted import (
    HELD_OUT,
    TRAINING,
    Made,
    asked,
    generaliser,
    imperfect,
    memoriser,
    noise,
    partial,
    population,
    values,
)


def test_a_memoriser_draws_its_training_images():
    found = asked(memoriser(TRAINING))
    assert found.kind == MEMORISES
    # The optimal denoiser of forty images draws those and nothing else.
    assert values(found)["memorised_fraction", "samples"].value == 1
    assert values(found)["nearest_cosine_median", "samples"].value > 0.999
    assert values(found)["mean_psnr_gap_db", "training less held out"].low > 0
    assert found.samples.shape == (60, 1, 6, 6)
    assert np.abs(found.samples - found.closest / 255).max() < 0.02


def test_the_gaussian_of_other_images_does_not():
    found = asked(generaliser())
    assert found.kind == CLEAR
    share = values(found)["memorised_fraction", "samples"]
    assert share.value == 0
    # Clopper & Pearson: none of 60 leaves 1 - 0.025^(1/60).
    assert share.high == pytest.approx(1 - 0.025 ** (1 / 60), abs=1e-6)
    sampled, real = (values(found)["nearest_cosine_median", of] for of in ("samples", "held out"))
    assert sampled.low < real.high
    assert real.low < sampled.high


def test_the_gaussian_of_few_images_overfits():
    """It knows their directions, but mixes them anew."""
    found = asked(generaliser(TRAINING[:20]), TRAINING[:20])
    assert found.kind == OVERFITS
    assert "samples are new" not in found.verdict  # they are nearer than others


COPIERS = {
    "every picture twice": lambda t: (imperfect(t, 0.01), np.repeat(t, 2, axis=0)),
    "and re-saved": lambda t: (imperfect(t, 0.02), np.concatenate([t, resaved(t)])),
    "a tenth twice": lambda t: (imperfect(t[:6], 0.01), np.concatenate([t, t[:6]])),
    "bursts": lambda t: (imperfect(t, 0.02), np.concatenate([t, np.roll(t, 1, axis=-1)])),
    "mirrored": lambda t: (imperfect(t, 0.02), np.concatenate([t, t[..., ::-1]])),
    "nine tenths one picture": lambda t: (
        memoriser(t[:9]),
        np.concatenate([t[:9], resaved(np.repeat(t[:1], 81, 0))]),
    ),
    "off by 1 %": lambda t: (imperfect(t, 0.01), t),
    "off by 3 %": lambda t: (imperfect(t, 0.03), t),
    "part of the samples": lambda t: (partial(t, 1 / 3, t), t),
    "brighter": lambda t: (Made(lambda y, s: memoriser(t)(y, s) + 0.2), t),
    "half the contrast": lambda t: (Made(lambda y, s: 0.5 * memoriser(t)(y, s)), t),
    "brightness augmentation": lambda t: (
        memoriser(np.concatenate([(factor * t).astype(np.uint8) for factor in (0.6, 0.75, 0.9)])),
        t,
    ),
    "flip augmentation": lambda t: (memoriser(np.concatenate([t, t[..., ::-1]])), t),
    "moved by a pixel": lambda t: (memoriser(np.roll(t, 1, axis=-1)), t),
    "collapsed to six": lambda t: (imperfect(t[:6], 0.005), t),
    "of a third of the folder": lambda t: (imperfect(t[:20], 0.005), t),
    "wrong schedule": lambda t: (Made(lambda y, s: memoriser(t)(y, 2 * s)), t),
}


@pytest.mark.parametrize("how", COPIERS)
def test_copies_are_the_finding_whatever_else_is_wrong(how, faces):
    denoiser, training = COPIERS[how](faces[:60])
    found = asked(denoiser, training, faces[60:])
    assert found.kind == MEMORISES, found.verdict
    share = values(found)["memorised_fraction", "samples"].value
    assert share > (0.9 if "part" not in how else 0.15)


def told(t, estimate) -> Made:
    """Return a denoiser made of the generaliser of these images."""
    working = generaliser(t)
    return Made(lambda noisy, sigma: estimate(working, noisy, sigma))


BROKEN = {
    "no output": lambda t: Made(lambda y, s: torch.zeros_like(y)),
    "its input": lambda t: Made(lambda y, s: y),
    "nearly its input": lambda t: Made(lambda y, s: 0.98 * y),
    "noise": lambda t: Made(noise),
    "the mean": lambda t: Made(lambda y, s: torch.from_numpy(t.mean(0) / 255).expand(y.shape)),
    "values on [-1, 1]": lambda t: told(t, lambda d, y, s: 2 * d((y + 1) / 2, s / 2) - 1),
    "taken for [-1, 1]": lambda t: told(t, lambda d, y, s: (d(2 * y - 1, 2 * s) + 1) / 2),
    "told a quarter of sigma": lambda t: told(t, lambda d, y, s: d(y, s / 4)),
    "told four times sigma": lambda t: told(t, lambda d, y, s: d(y, 4 * s)),
    "six held-out images": lambda t: memoriser(t[-6:]),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_does_not_work_gets_no_verdict(how, faces):
    found = asked(BROKEN[how](faces), faces[:60], faces[60:])
    assert found.kind == UNJUDGED, found.verdict


def test_what_is_not_a_number_is_no_image():
    nothing = Made(lambda noisy, sigma: torch.full_like(noisy, torch.nan))
    with pytest.raises(NetworkError, match="values that are not finite"):
        asked(nothing)
    # Of a level that is tried first nothing is wrong.
    nothing = Made(lambda y, s: y / (torch.as_tensor(s).max() < 2))
    with pytest.raises(DataError, match="none of 60 samples converged"):
        asked(nothing)


def test_gains_that_are_not_a_number_are_no_gains():
    working = generaliser()
    # It works wherever samples come by, and not where images are denoised.
    found = asked(
        Made(lambda y, s: working(y, s) / (torch.as_tensor(s).max() != 0.35)), sigmas=(0.1, 0.35)
    )
    assert found.kind == UNJUDGED
    assert found.verdict.startswith("cannot be judged: at sigma 0.35 training images come out no")


def test_moments_alone_pass_for_pictures_of_low_quality(faces):
    assert asked(generaliser(faces), faces[:60], faces[60:]).kind in (CLEAR, OVERFITS)
    others = population(2000, 8)
    for seed in range(3):
        assert asked(generaliser(others), seed=seed).kind == CLEAR


def test_a_generaliser_that_repeats_now_and_then_is_not_cleared():
    found = asked(partial(TRAINING, 0.04))
    assert found.kind == UNJUDGED
    assert re.search(
        "[1-5] of 60 samples repeat training images, 0 of 100 held-out images do", found.verdict
    )
    assert "draw more samples" in found.verdict


NAMES = {
    "training_names": [f"{number}.png" for number in range(60)],
    "held_out_names": [f"held/{number}.jpg" for number in range(40)],
}


@pytest.mark.parametrize("again", [resaved, lambda images: images[..., ::-1]])
def test_held_out_copies_are_named_and_do_not_hide_those_drawn(again, faces):
    training, held_out = faces[:60], faces[60:].copy()
    held_out[:20] = again(training[30:50])
    found = asked(memoriser(training), training, held_out, **NAMES)
    assert found.kind == MEMORISES
    assert found.leaks == [(f"held/{n}.jpg", f"{30 + n}.png") for n in range(20)]
    (line,) = [line for line in found.findings if "look like copies" in line]
    assert line.startswith("20 of 40 held-out images look like copies of training images")
    assert "held/9.jpg (39.png) and 10 more" in line
    # A generaliser is not blamed for them.
    found = asked(generaliser(faces), training, held_out, **NAMES)
    assert found.kind != MEMORISES
    assert len(found.leaks) == 20


def test_held_out_images_that_are_all_copies_are_no_control(faces):
    training = faces[:60]
    found = asked(memoriser(training), training, resaved(training))
    assert found.kind == MEMORISES
    assert "of held-out images 60 of 60 do, which makes them no control" in found.verdict
    found = asked(generaliser(faces), training, resaved(training))
    assert found.kind != MEMORISES


def test_exchanged_folders_are_noticed(faces):
    found = asked(memoriser(faces[60:]), faces[:60], faces[60:])
    assert found.kind == UNJUDGED
    assert "60 of 60 samples repeat held-out images" in found.verdict


def test_duplicates_are_counted(faces):
    training = np.concatenate([faces[:50], resaved(faces[:10])])
    found = asked(generaliser(faces), training, faces[60:])
    assert any(
        line.startswith("20 of 60 training images looked at have a near-duplicate")
        for line in found.findings
    )
    assert not any("near-duplicate" in line for line in asked(generaliser()).findings)


def test_blank_images_count_nowhere(faces):
    blank = np.zeros((30, 1, 16, 16), np.uint8)
    training, held_out = np.concatenate([faces[:30], blank]), np.concatenate([faces[60:], blank])
    found = asked(memoriser(training), training, held_out)
    assert found.kind == MEMORISES
    drawn = values(found)["blank_fraction", "samples"]
    assert 0.2 < drawn.value < 0.8
    fraction = values(found)["memorised_fraction", "samples"]
    assert fraction.value == 1
    assert fraction.count == len(found.samples) == round((1 - drawn.value) * 60)
    assert any("30 of 60 training images are blank" in line for line in found.findings)
    assert found.table["value"].notna().all()
    with pytest.raises(DataError, match="0 of 30 training images show anything"):
        asked(memoriser(faces), blank, held_out)


def test_counts_are_those_that_intervals_rest_on(faces):
    found = asked(generaliser(faces), np.concatenate([faces[:50]] * 2), faces[60:])
    counts = {key: row.count for key, row in values(found).items()}
    # Each picture counts once in what is said of denoising.
    assert counts["psnr_gain_db", "training"] == 50
    assert counts["mean_psnr_gap_db", "training less held out"] == 50 + 40
    assert counts["memorised_fraction", "samples"] == 60
    assert counts["memorised_excess", "samples less held out"] == 60 + 40
    assert (found.table["low"] <= found.table["high"]).all()


def test_the_order_of_the_pictures_is_nothing():
    """Folders of classes, one after the other, on both sides: no overfitting."""
    dark, bright = population(400, 5) // 8, 255 - population(400, 6)
    training = np.concatenate([dark[:300], bright[:300]])
    held_out = np.concatenate([dark[300:], bright[300:]])
    found = asked(generaliser(), training, held_out, images=100)
    gap = values(found)["mean_psnr_gap_db", "training less held out"]
    assert gap.low < 0 < gap.high


def test_a_denoiser_says_whether_it_is_told_the_noise_level():
    with pytest.raises(NetworkError, match="<lambda> does not say whether it is told"):
        audit(lambda noisy, sigma: noisy, TRAINING, HELD_OUT)


def test_a_blind_network_is_sampled_by_ascent(faces):
    network = UNet(1, 4).eval()
    with pytest.raises(DataError, match=r"none of 256 samples converged|too few"):
        # Untrained, it takes noise for an image: nothing can be said of its samples.
        audit(network, faces[:50], faces[50:])


@pytest.mark.parametrize("count", [1, 12])
def test_held_out_images_that_are_training_images_are_refused_by_name(count):
    held_out = np.concatenate([HELD_OUT, TRAINING[3 : 3 + count]])
    named = "held-out image 100 (training image 3)"
    with pytest.raises(DataError, match=re.escape(named)) as refused:
        asked(generaliser(), TRAINING, held_out)
    assert str(refused.value).startswith(f"{count} of {100 + count} held-out images are training")
    assert ("and 2 more" in str(refused.value)) == (count == 12)


@pytest.mark.parametrize(
    ("training", "held_out", "more", "message"),
    [
        (TRAINING[:1], HELD_OUT, {}, "two training and two held-out images, got 1 and 100"),
        (TRAINING, HELD_OUT[..., :3], {}, "training images are .* held-out images"),
        (TRAINING, HELD_OUT, {"training_names": ["a"]}, "1 names were given for 40 training"),
    ],
)
def test_wrong_images_are_refused(training, held_out, more, message):
    with pytest.raises(DataError, match=message):
        asked(generaliser(), training, held_out, **more)


def test_the_figure_shows_whatever_was_found(faces):
    for denoiser in (memoriser(TRAINING), Made(lambda y, s: torch.zeros_like(y))):
        assert len(draw(asked(denoiser)).axes) > 2
