"""Which pictures are the same one, and which are copies of one that may be there twice."""

import numpy as np
import pytest

from gahb.analysis.copies import nearness
from gahb.analysis.likeness import Likeness, pooled
from gahb.analysis.memorisation import memorised
from gahb.analysis.similarity import nearest, unit_norm
from gahb.data.dedup import find_duplicates, unit_vectors
from pictures import resaved

SAME = 0.95


AGAIN = {
    "the same": lambda images: images,
    "re-saved": resaved,
    "mirrored": lambda images: images[..., ::-1],
    "mirrored and re-saved": lambda images: resaved(images[..., ::-1]),
    "moved to the right": lambda images: np.roll(images, 1, axis=-1),
    "moved up": lambda images: np.roll(images, -1, axis=-2),
    "moved across": lambda images: np.roll(images, (1, -1), axis=(-2, -1)),
    "darker": lambda images: (0.6 * images).astype(np.uint8),
}


@pytest.mark.parametrize("how", AGAIN)
def test_a_picture_is_known_again(how, faces):
    found = Likeness(faces)(AGAIN[how](faces))
    assert np.diag(found).min() > SAME
    # Those of other people are not.
    assert np.median(found) < 0.6
    others = found[~np.eye(len(faces), dtype=bool)]
    assert np.mean(others > SAME) < 0.01


def test_likeness_is_the_highest_correlation(faces):
    left, right = faces[:3], faces[3:6]
    expected = [
        max(
            np.corrcoef(one[way].ravel(), other[down : 14 + down, over : 14 + over].ravel())[0, 1]
            for way in (np.s_[1:-1, 1:-1], np.s_[1:-1, -2:0:-1])
            for down in range(3)
            for over in range(3)
        )
        for one in left[:, 0]
        for other in right[:, 0]
    ]
    whole = [
        max(np.corrcoef(way.ravel(), other.ravel())[0, 1] for way in (one, one[:, ::-1]))
        for one in left[:, 0]
        for other in right[:, 0]
    ]
    found = Likeness(left)(right).ravel()
    assert found == pytest.approx(np.maximum(expected, whole), abs=1e-6)  # float32
    assert Likeness(left, moved=False)(right).ravel() == pytest.approx(whole, abs=1e-6)


def test_likeness_is_that_of_deduplication():
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 32, 24), dtype=np.uint8)
    assert pooled(images).shape == (6, 3, 20, 20)
    vectors = unit_vectors(images)
    found = Likeness(images, moved=False)(images)
    # The larger of it and of that with the mirror image.
    assert (found >= vectors @ vectors.T - 1e-6).all()
    assert np.diag(found) == pytest.approx(1, abs=1e-6)


def test_a_constant_picture_is_like_none(faces):
    blank = np.full_like(faces[:1], 90)
    assert (Likeness(blank)(faces) == 0).all()
    assert (Likeness(faces)(blank) == 0).all()


def test_counts_and_highest_do_not_depend_on_blocks(faces):
    alike = Likeness(faces[:5])
    others = np.concatenate([faces, resaved(faces)])
    assert alike.count(others, SAME).tolist() == [2] * 5
    assert alike.count(others, SAME, block=7).tolist() == [2] * 5
    assert (alike.highest(others, block=7) == alike.highest(others)).all()


def imperfect(images: np.ndarray, error: float) -> np.ndarray:
    """Return images as a model draws them that is off by a share of the range."""
    stream = np.random.default_rng(1)
    return images / 255 + error * stream.standard_normal(images.shape[1:])


@pytest.mark.parametrize("how", AGAIN)
@pytest.mark.parametrize("error", [0.0, 0.02])
def test_copies_of_pictures_that_are_there_twice(how, error, faces):
    training, held_out = faces[:60], faces[60:]
    folder = np.concatenate([training, AGAIN[how](training)])
    found = nearness(imperfect(training, error), folder, SAME, raw=True)
    assert found.copied.mean() == 1
    assert nearness(held_out, folder, SAME, raw=True).copied.mean() == 0


@pytest.mark.parametrize(
    "how",
    [
        lambda images: images / 255 + 0.2,
        lambda images: 0.4 * images / 255,
        lambda images: images[..., ::-1] / 255,
        lambda images: np.roll(images, 1, axis=-1) / 255,
        lambda images: 1 - 0.3 * (1 - images / 255),
    ],
    ids=["brighter", "darker", "mirrored", "moved", "pale"],
)
def test_copies_are_found_whatever_was_done_to_them(how, faces):
    training = faces[:60]
    found = nearness(how(training), training, SAME, raw=True)
    assert found.copied.mean() > 0.95


def test_nearness_is_brute_force(faces):
    queries, pictures = faces[:4] / 255, faces[10:40]
    found = nearness(queries, pictures, SAME, raw=False)
    centred = lambda v: v - v.mean(axis=1, keepdims=True)  # noqa: E731
    left = centred(queries.reshape(4, -1))
    right = centred(np.concatenate([pictures, pictures[..., ::-1]]).reshape(60, -1) / 255)
    cosines = left @ right.T / np.outer(*(np.linalg.norm(v, axis=1) for v in (left, right)))
    cosines = cosines.reshape(4, 2, 30).max(axis=1)  # either way round
    assert np.array_equal(found.index, cosines.argmax(axis=1))
    assert found.cosine == pytest.approx(cosines.max(axis=1))
    second = np.sort(cosines, axis=1)[:, -2]
    expected = np.sqrt((1 - cosines.max(axis=1)) / (1 - second))
    assert found.ratio == pytest.approx(expected)


def test_any_number_of_duplicates_is_looked_past(faces):
    """More of them than neighbours that are looked at first, in any order and block."""
    folder = np.concatenate([faces[1:3], resaved(np.repeat(faces[:1], 3000, axis=0)), faces[3:60]])
    queries = imperfect(faces[[0, 1, 70]], 0.01)
    found = nearness(queries, folder, SAME, raw=True)
    assert found.copied.tolist() == [1, 1, 0]
    alone = nearness(
        queries, np.concatenate([faces[1:3], resaved(faces[:1]), faces[3:60]]), SAME, raw=True
    )
    assert found.ratio == pytest.approx(alone.ratio)


def test_own_pictures_are_left_out(faces):
    folder = np.concatenate([faces, resaved(faces)])
    found = nearness(faces[:9], folder, SAME, raw=True, own=True)
    assert (found.cosine < SAME).all()
    assert (found.index % 100 != np.arange(9)).all()
    assert found.copied.max() == 0


@pytest.mark.parametrize("count", [1, 0])
def test_without_another_picture_nothing_is_known(count, faces):
    folder = np.concatenate([faces[:count], resaved(faces[:count])]) if count else faces[:0]
    found = nearness(faces[:3], folder, SAME, raw=True)
    assert np.isnan(found.copied).all()
    assert np.isnan(found.ratio).all()
    assert nearness(faces[:0], faces, SAME, raw=True).copied.shape == (0,)


def test_deduplicated_images_hide_no_copies(faces):
    """As the notes of `memorised` say: what is within 7.8 % of a contrast is called a copy."""
    folder = np.concatenate([faces, resaved(faces), np.roll(faces, 1, axis=-1)])
    kept = folder[find_duplicates(folder, SAME).kept]
    assert 100 <= len(kept) < 300
    stream = np.random.default_rng(0)
    error = stream.standard_normal(kept.shape)
    contrast = (kept / 255 - kept.mean(axis=(1, 2, 3), keepdims=True) / 255).reshape(len(kept), -1)
    size = (
        0.077
        * np.linalg.norm(contrast, axis=1)
        / np.linalg.norm(error.reshape(len(kept), -1), axis=1)
    )
    samples = kept / 255 + size[:, None, None, None] * error
    for transform in (lambda vectors: vectors, unit_norm):
        found = nearest(samples, kept, transform)
        assert memorised(found.distance, found.second_distance).mean() == 1
        # Not so beside their duplicates.
        found = nearest(samples, folder, transform)
        assert memorised(found.distance, found.second_distance).mean() < 0.9
