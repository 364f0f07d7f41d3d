"""Training images denoised better than others: a small simulation of how often it is said.

Images are Gaussian fields whose contrast and fineness differ from one to the next, as those of
photographs do: some are hard to denoise, and folders may hold more of these.
"""

import numpy as np
import pandas as pd
import pytest
import torch

from gahb.auditing.denoising import denoising_rows
from gahb.auditing.reference import psnr, reference_psnr
from gahb.auditing.verdict import overfitting
from planted import Made, generaliser, memoriser

SIGMAS = (0.1, 0.3)


def fields(count: int, seed: int, contrast: float = 1.0, fineness: float = 1.0) -> np.ndarray:
    """Draw uint8 ``[image, 1, 10, 10]``; half as much or twice the contrast is common."""
    stream = np.random.default_rng(seed)
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(10), np.fft.fftfreq(10)))
    width = 0.12 * fineness * np.exp(0.3 * stream.standard_normal((count, 1, 1)))
    spectrum = np.fft.fft2(stream.standard_normal((count, 10, 10))) * np.exp(
        -((radius / width) ** 2)
    )
    values = np.fft.ifft2(spectrum).real
    values /= values.std(axis=(1, 2), keepdims=True)
    values *= 35 * contrast * np.exp(0.3 * stream.standard_normal((count, 1, 1)))
    return np.clip(np.round(128 + values), 0, 255).astype(np.uint8)[:, None]


GENERALISER = generaliser(fields(3000, 10**6))


def gaps(denoiser, training: np.ndarray, held_out: np.ndarray, seed: int) -> pd.DataFrame:
    return pd.DataFrame(denoising_rows(denoiser, training, held_out, SIGMAS, 20, seed, "cpu"))


def measured(table: pd.DataFrame, measure: str) -> pd.Series:
    return table[table["measure"] == measure].iloc[0]


@pytest.mark.parametrize(
    "held_out",
    [{}, {"contrast": 1.4}, {"contrast": 0.7}, {"fineness": 1.5}, {"fineness": 0.7}],
    ids=str,
)
def test_harder_held_out_images_are_no_overfitting(held_out):
    """Seldom: in 500 draws of each it was never said."""
    plain, found = 0, 0
    for seed in range(12):
        rows = gaps(GENERALISER, fields(60, 2 * seed), fields(40, 2 * seed + 1, **held_out), seed)
        plain += measured(rows, "unadjusted_psnr_gap_db")["low"] > 0
        found += bool(overfitting(rows))
    assert found == 0
    if held_out == {"fineness": 1.5}:
        assert plain >= 9  # what a plain difference would have called overfitting


def partly(images: np.ndarray, share: float) -> Made:
    """Return a denoiser that remembers a share of its images, and the rest as all do."""
    exact = memoriser(images)
    return Made(lambda y, sigma: share * exact(y, sigma) + (1 - share) * GENERALISER(y, sigma))


@pytest.mark.parametrize("held_out", [{}, {"contrast": 1.3}], ids=str)
def test_overfitting_of_two_decibels_is_found(held_out):
    for seed in range(6):
        training, others = fields(60, 2 * seed), fields(40, 2 * seed + 1, **held_out)
        rows = gaps(partly(training, 0.2), training, others, seed)
        assert 1.5 < measured(rows, "mean_psnr_gap_db")["value"] < 3.5
        assert overfitting(rows)


def test_what_is_explained_is_what_the_references_tell():
    """Images of twice the contrast are harder for any denoiser."""
    training, held_out = fields(80, 0), fields(80, 1, contrast=2.0)
    rows = gaps(GENERALISER, training, held_out, 0)
    plain, gap = (measured(rows, name) for name in ("unadjusted_psnr_gap_db", "mean_psnr_gap_db"))
    assert plain["low"] > 0.3
    assert gap["low"] < 0.3
    assert plain["count"] == gap["count"] == 160
    by_level = rows[rows["measure"] == "psnr_gap_db"]
    assert by_level["sigma"].tolist() == list(SIGMAS)
    assert (by_level["count"] == 160).all()
    assert (rows[rows["measure"] == "psnr_gain_db"]["count"] == 80).all()


def test_references_never_see_the_image_they_are_asked_about():
    """An image unlike all others is as hard in the set as out of it."""
    training, held_out = fields(40, 0), fields(30, 1)
    odd = np.random.default_rng(0).integers(0, 256, (1, 1, 10, 10), dtype=np.uint8)
    first, _ = reference_psnr(np.concatenate([training, odd]), held_out, SIGMAS, 0)
    _, second = reference_psnr(training, np.concatenate([held_out, odd]), SIGMAS, 0)
    assert first.both.shape == (2, 2, 41)
    assert np.isfinite(first.both).all()
    assert np.isfinite([first.training, first.held_out]).all()
    worst = first.both.mean(axis=(0, 1)).argmin(), second.both.mean(axis=(0, 1)).argmin()
    assert worst == (40, 30)
    # Six times in the set, it is known to those that were fitted on another of the six.
    again, _ = reference_psnr(np.concatenate([training, *[odd] * 6]), held_out, SIGMAS, 0)
    gaussian = 1
    assert again.both[gaussian, 0, 40:].min() > first.both[gaussian, 0, 40] + 3


@pytest.mark.parametrize("counts", [(2, 2), (2, 40), (3, 5)])
def test_few_images_are_compared_without_an_error(counts):
    training, held_out = fields(counts[0], 0), fields(counts[1], 1)
    rows = gaps(GENERALISER, training, held_out, 0)
    assert not overfitting(rows)
    assert measured(rows, "mean_psnr_gap_db")["count"] == sum(counts)


def test_with_no_held_out_image_gains_are_told():
    rows = gaps(GENERALISER, fields(5, 0), fields(0, 1), 0)
    assert set(rows["measure"]) == {"psnr_gain_db"}


def test_no_error_at_all_is_a_large_psnr():
    images = fields(3, 0)
    exact = torch.from_numpy(images / 255)
    found = psnr(Made(lambda y, sigma: exact), images, SIGMAS, 0)
    assert found.shape == (2, 3)
    assert np.isfinite(found).all()
    assert (found > 100).all()
