"""Drawn images: independent of the batch, with the spectra and tangents they promise."""

from __future__ import annotations

import numpy as np
import pytest

from gahb.data import shuffling
from gahb.data.drawn import c_alpha, disks, drawn_set, ray, sets, waves
from gahb.data.preprocess import write_images
from gahb.settings import DataSettings
from pictures import drawn

SETS = [
    {"source": "c-alpha", "contour_alpha": 1.5, "background_alpha": 3.0},
    {"source": "c-alpha", "regions": "constant"},
    {"source": "c-alpha", "regions": "separable"},
    {"source": "disks"},
    {"source": "sinusoids"},
    {"source": "ray"},
]


def data(**changes) -> DataSettings:
    return DataSettings(pad=0, size=16, count=40, **changes)


@pytest.mark.parametrize("changes", SETS)
def test_image_does_not_depend_on_the_batch(changes):
    whole = drawn(data(**changes), seed=3)
    alone = sets.DRAWN_SETS[changes["source"]].draw(data(**changes), [17], seed=3)
    np.testing.assert_array_equal(whole[17], alone[0].astype(np.float32))
    assert whole.shape == (40, 1, 16, 16)
    assert whole.dtype == np.float32
    assert not np.array_equal(whole, drawn(data(**changes), seed=4))


@pytest.mark.parametrize("changes", [entry for entry in SETS if entry["source"] != "sinusoids"])
def test_pixels_are_in_range(changes):
    images = drawn(data(**changes), seed=0)
    assert images.min() >= -1e-6
    assert images.max() <= 1 + 1e-6


@pytest.mark.parametrize("alpha", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("axes", [1, 2])
def test_spectra_fall_as_planted(alpha, axes):
    white = np.random.default_rng(0).random((400,) + (32,) * axes)
    filtered = c_alpha.power_law(white, alpha, axes)
    along = (slice(None),) + (0,) * (axes - 1)  # frequencies along the last axis
    energy = (np.abs(np.fft.fftn(filtered, axes=range(1, axes + 1))) ** 2).mean(axis=0)
    frequencies = np.arange(1, 16)
    fitted = np.polyfit(np.log(frequencies), np.log(energy[along[1:]][1:16]), 1)[0]
    # Mean of 400 squared moduli, exponential or nearly so, at 15 points: 0.05 each in the
    # logarithm, hence a standard error of the slope of 0.02.
    assert fitted == pytest.approx(-2 * alpha, abs=0.1)
    np.testing.assert_allclose(
        filtered.mean(axis=tuple(range(1, axes + 1))), white.mean(axis=tuple(range(1, axes + 1)))
    )


def test_constant_regions_are_two_greys():
    images = c_alpha.c_alpha_images(range(20), 32, 2.0, 2.0, 0, "constant")
    for image in images[:, 0]:
        assert len(np.unique(image[0])) == 1
        assert len(np.unique(image[-1])) == 1
        # The mask is averaged over 2x2 pixels: three values between the regions.
        assert len(np.unique(image.round(5))) <= 5


def test_separable_regions_are_products():
    white = np.random.default_rng(0).random((5, 2, 64)).astype(np.float32)
    for shape in c_alpha._separable(white, 32, 2.0).reshape(-1, 32, 32):
        # Stretching adds a constant to a product of two lines: rank 2 at most.
        assert np.linalg.matrix_rank(shape.astype(np.float64), tol=1e-4) <= 2


def contour_of(images: np.ndarray) -> np.ndarray:
    """Rows ``[image, column]`` above the contour of images of two greys, to a row or two."""
    return np.abs(np.diff(images[:, 0], axis=1)).argmax(axis=1) + 1.0


def test_contour_is_where_the_regions_meet():
    smooth = c_alpha.c_alpha_images(range(50), 64, 3.0, 8.0, 0, "constant")
    white = drawn_set.uniforms(0, "c-alpha", range(50), 64, np.float32) - 0.5
    contour = 64 * c_alpha.power_law(white, 3.0, axes=1) + 32
    assert np.abs(contour_of(smooth) - contour).mean() < 1


@pytest.mark.parametrize("alpha", [1.5, 3.0])
def test_contours_move_and_bend_as_far_as_algorithm_2_says(alpha):
    size, count = 64, 1000
    found = contour_of(c_alpha.c_alpha_images(range(count), size, alpha, 8.0, 0, "constant"))
    middle = found.mean(axis=1)
    # White pixels of U(-1/2, 1/2) have variance 1/12, and the mean of n of them 1/(12 n). A
    # standard deviation of 1000 is known to 2.2 %, within four of that; rows are whole
    # pixels, which adds 1/12 to a variance of 5 or so.
    assert middle.mean() == pytest.approx(size / 2, abs=0.5)
    moved = np.sqrt(size / 12)
    assert middle.std() == pytest.approx(moved, rel=0.09)
    assert middle.std() < 1.5 * moved, "that of U(-1, 1) is twice as much"
    # By Parseval the variance along a contour is the sum of the spectrum over k != 0.
    frequencies = np.abs(np.fft.fftfreq(size, 1 / size))[1:]
    bent = moved * np.sqrt((frequencies ** (-2 * alpha)).sum())
    along = np.sqrt(found.var(axis=1).mean())
    assert along == pytest.approx(bent, rel=0.09)


@pytest.mark.parametrize("index", range(5))
def test_disk_tangents_are_finite_differences(index):
    parameters = disks.disk_parameters([index], 24, seed=1)
    exact = disks.disk_tangents(parameters, 24)[0]
    for number in range(5):
        step = np.zeros((1, 5))
        step[0, number] = 1e-5
        ahead = disks.disk_images(parameters + step, 24)
        behind = disks.disk_images(parameters - step, 24)
        # Central differences are exact to step^2 |f'''| = 1e-10 * 10, and to rounding,
        # 1e-16 / 1e-5.
        np.testing.assert_allclose(
            exact[number], ((ahead - behind) / 2e-5).ravel(), rtol=0, atol=1e-8
        )


def test_disks_differ_from_their_surroundings_and_fit():
    parameters = disks.disk_parameters(range(500), 32, seed=0)
    assert np.abs(parameters[:, 3] - parameters[:, 4]).min() >= 0.2
    assert (parameters[:, :2] - parameters[:, 2:3]).min() >= 0
    assert (parameters[:, :2] + parameters[:, 2:3]).max() <= 31


def test_waves_fill_a_plane_with_exact_tangents():
    images = waves.wave_images(waves.wave_parameters(range(30), 0), 16).reshape(30, -1)
    basis = waves.wave_basis(16)
    np.testing.assert_allclose(basis @ basis.T, 128 * np.eye(2), atol=1e-12)
    inside = images @ basis.T @ basis / 128
    np.testing.assert_allclose(inside, images, atol=1e-12)
    assert np.linalg.matrix_rank(images) == 2


def test_ray_has_one_dimension():
    images = drawn(data(source="ray"), 0).reshape(40, -1).astype(np.float64)
    direction = ray.ray_direction(16)
    cosine = images @ direction / np.linalg.norm(images, axis=1) / np.linalg.norm(direction)
    np.testing.assert_allclose(cosine, 1, atol=1e-6)  # stored as float32


def test_no_two_of_many_rays_are_equal():
    rays = drawn(DataSettings(source="ray", pad=0, size=16, count=20_000), 0)
    assert len(np.unique(rays.reshape(20_000, -1), axis=0)) == 20_000


def test_tangents_are_those_of_the_image():
    assert sets.tangents(data(source="c-alpha"), [0], 0) is None
    chosen = data(source="disks")
    np.testing.assert_array_equal(
        sets.tangents(chosen, [5, 9], 2)[1],
        disks.disk_tangents(disks.disk_parameters([9], 16, 2), 16)[0],
    )


def test_shuffle_and_its_inverse(faces):
    order = shuffling.pixel_order(256, seed=0)
    shuffled = shuffling.shuffle(faces, order)
    assert not np.array_equal(shuffled, faces)
    np.testing.assert_array_equal(shuffling.shuffle(shuffled, np.argsort(order)), faces)


def test_shuffled_set_keeps_its_pixels(tmp_path):
    chosen = DataSettings(source="faces", pad=0, size=16, shuffle=True)
    write_images(tmp_path / "plain.npy", chosen.model_copy(update={"shuffle": False}), tmp_path, 0)
    write_images(tmp_path / "shuffled.npy", chosen, tmp_path, 0)
    plain, shuffled = (np.load(tmp_path / f"{name}.npy") for name in ("plain", "shuffled"))
    assert shuffled.dtype == np.uint8
    np.testing.assert_array_equal(
        np.sort(plain.reshape(100, -1)), np.sort(shuffled.reshape(100, -1))
    )
