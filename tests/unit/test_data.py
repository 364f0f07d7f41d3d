import errno
import struct
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from skimage.transform import resize_local_mean

from gahb.data.dedup import find_duplicates, unit_vectors
from gahb.data.preprocess import (
    image_hash,
    image_hashes,
    manifest,
    prepare,
    write_images,
)
from gahb.data.readers import read_blocks, read_bundled_faces, read_bundled_patches, read_idx
from gahb.data.sources import SOURCES
from gahb.data.splits import Split, check_disjoint, split_random
from gahb.errors import ConfigError, DataError
from gahb.plan.load import load_settings
from gahb.settings import DataSettings

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
IDX = struct.pack(">HBBIII", 0, 8, 3, 2, 3, 4) + IMAGES.tobytes()


def test_idx_round_trip(tmp_path):
    (tmp_path / "x").write_bytes(IDX)
    assert np.array_equal(read_idx(tmp_path / "x"), IMAGES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (IDX[:-1], "truncated or altered"),
        (IDX + b"\0", "truncated or altered"),
        (IDX[:7], "truncated inside its header"),
        (b"", "not an IDX file"),
        (b"\x89PNG" + IDX, "not an IDX file"),
        (struct.pack(">HBBI", 0, 13, 1, 1) + b"\0" * 4, "not an IDX file of unsigned bytes"),
        (struct.pack(">HBBIII", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1), "altered"),
    ],
)
def test_bad_idx_files_are_refused(tmp_path, content, reason):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read_idx(tmp_path / "x")


def test_wrong_number_of_images_is_refused(tmp_path):
    for file in SOURCES["fashion-mnist"].files:
        (tmp_path / file.name).write_bytes(IDX)
    with pytest.raises(DataError, match=r"\(28, 28\)"):
        list(read_blocks(SOURCES["fashion-mnist"], tmp_path))


def test_patches_lie_side_by_side_in_photographs():
    patches = read_bundled_patches()
    assert patches.shape == (SOURCES["patches"].count, 16, 16)
    # The first photograph is colour, 32x32 patches; the second is grey already.
    brick = patches[1024:2048].reshape(32, 32, 16, 16).swapaxes(1, 2).reshape(512, 512)
    assert np.array_equal(brick, skimage.data.brick())
    camera = patches[2048:3072].reshape(32, 32, 16, 16).swapaxes(1, 2).reshape(512, 512)
    assert np.array_equal(camera, skimage.data.camera())


def test_colour_patches_are_those_of_photographs_in_colour():
    source = SOURCES["colour-patches"]
    (patches,) = read_blocks(source, Path("nowhere"))
    assert patches.shape == (source.count, 8, 8, 3)
    astronaut = patches[:4096].reshape(64, 64, 8, 8, 3).swapaxes(1, 2).reshape(512, 512, 3)
    assert np.array_equal(astronaut, skimage.data.astronaut())
    rocket = skimage.data.rocket()  # the last, 427x640: what is over at the bottom is left out
    assert np.array_equal(patches[-1], rocket[416:424, -8:])
    data = DataSettings.model_validate({"source": "colour-patches", "channels": 3, "size": 8})
    # Not averaged: the pixels themselves.
    assert np.array_equal(np.moveaxis(prepare(patches[:5], data), 1, -1), patches[:5])


def test_digits_are_padded_as_clothes_are():
    assert DataSettings.model_validate({"source": "digits"}).pad == 2
    assert DataSettings.model_validate({"source": "colour-patches"}).pad == 0


def test_a_disk_that_is_full_is_noticed_before_images_are_mapped(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    data = load_settings({"data": {"source": "faces"}, "sizes": [1], "split": {"test": 20}}).data
    with pytest.raises(OSError, match="No space left"):
        write_images(tmp_path / "images.npy", data, tmp_path, 0)
    assert list(tmp_path.iterdir()) == []


def test_prepare_pads_and_averages():
    data = load_settings({"data": {"pad": 2, "size": 16}}).data
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    prepared = prepare(images, data)
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2))).astype(float)
    blocks = padded.reshape(5, 16, 2, 16, 2).mean(axis=(2, 4))
    assert prepared.shape == (5, 1, 16, 16)
    assert prepared.dtype == np.uint8
    # Exact averages of four bytes, rounded.
    assert np.abs(prepared[:, 0] - blocks).max() <= 0.5


def test_prepare_at_a_size_that_does_not_divide():
    data = load_settings({"data": {"pad": 0, "size": 16}}).data
    faces = read_bundled_faces()
    expected = resize_local_mean(faces[7].astype(float), (16, 16), preserve_range=True)
    assert np.abs(prepare(faces, data)[7, 0] - expected).max() <= 0.5 + 1e-9


def test_manifest_follows_content(faces):
    data = load_settings({}).data
    first = manifest(faces, image_hashes(faces), data)
    changed = faces.copy()
    changed[3, 0, 0, 0] ^= 1
    second = manifest(changed, image_hashes(changed), data)
    assert first["content"] != second["content"]
    assert {**first, "content": 0} == {**second, "content": 0}
    assert image_hash(faces[0]) != image_hash(faces[0].reshape(1, 8, 32))


def brute_force(images: np.ndarray, threshold: float) -> list[int]:
    """Keep-first greedy with a full correlation matrix in float64."""
    vectors = unit_vectors(images)
    correlation = np.abs(vectors @ vectors.T)
    kept: list[int] = []
    for index in range(len(images)):
        if not any(correlation[index, other] > threshold for other in kept):
            kept.append(index)
    return kept


@pytest.fixture
def repetitive(faces) -> np.ndarray:
    """Faces with exact, brightened, negative and noisy copies, and constant images."""
    rng = np.random.default_rng(1)
    parts = [faces, faces[:20], (faces[20:40] // 2 + 60), 255 - faces[40:50]]
    noise = rng.normal(0, 12, faces[50:80].shape)
    parts.append(np.clip(faces[50:80] + noise, 0, 255).astype(np.uint8))
    parts.append(np.full((3, 1, 16, 16), 77, np.uint8))
    images = np.concatenate(parts)
    return images[rng.permutation(len(images))]


@pytest.mark.parametrize("block", [1, 7, 64, 4096])
def test_dedup_is_the_greedy_one_whatever_the_block(repetitive, block):
    found = find_duplicates(repetitive, 0.95, block)
    assert found.kept.tolist() == brute_force(repetitive, 0.95)
    assert sorted([*found.kept, *found.dropped]) == list(range(len(repetitive)))


def test_dedup_guarantee(repetitive):
    found = find_duplicates(repetitive, 0.95, block=50)
    vectors = unit_vectors(repetitive)
    kept = vectors[found.kept]
    correlation = np.abs(kept @ kept.T)
    np.fill_diagonal(correlation, 0)
    assert correlation.max() <= 0.95
    assert len(found.dropped) >= 50
    assert set(found.witness) <= set(found.kept)
    assert (found.witness < found.dropped).all()
    signed = np.sum(vectors[found.dropped] * vectors[found.witness], axis=1)
    # The same float64 sums in another order.
    np.testing.assert_allclose(found.correlation, signed, atol=1e-12)
    assert (np.abs(found.correlation) > 0.95).all()
    assert found.correlation.min() < -0.95, "negatives are duplicates too"


def test_dedup_drops_only_for_a_kept_witness():
    # b is close to a and c is close to b, but c is not close to a: c stays.
    angles = np.deg2rad([0, 15, 30])
    basis = np.zeros((2, 16))
    basis[0, :2], basis[1, 2:4] = (1, -1), (1, -1)
    images = (np.stack([np.cos(angles), np.sin(angles)], 1) @ basis).reshape(3, 1, 4, 4)
    assert find_duplicates(images, 0.95).kept.tolist() == [0, 2]


def test_dedup_decides_close_calls_in_float64():
    # Correlations within 1e-9 of the threshold on both sides: float32 cannot tell.
    base = np.zeros((2, 16))
    base[0, :2], base[1, 2:4] = (1, -1), (1, -1)
    for shift, kept in ((1e-9, [0]), (-1e-9, [0, 1])):
        cosine = 0.95 + shift
        pair = np.stack([base[0], cosine * base[0] + np.sqrt(1 - cosine**2) * base[1]])
        assert find_duplicates(pair.reshape(2, 1, 4, 4), 0.95).kept.tolist() == kept


def test_constant_images_are_one_image(faces):
    images = np.concatenate([np.full((2, *faces.shape[1:]), 255, np.uint8), faces[:3]])
    images = np.concatenate([images, np.zeros((2, *faces.shape[1:]), np.uint8)])
    found = find_duplicates(images, 0.95)
    assert found.kept.tolist() == [0, 2, 3, 4]
    assert found.witness.tolist() == [0, 0, 0]
    assert found.correlation.tolist() == [1, 1, 1]


def test_large_images_are_pooled_to_20():
    images = np.random.default_rng(0).integers(0, 256, (3, 1, 80, 80), dtype=np.uint8)
    vectors = unit_vectors(images)
    assert vectors.shape == (3, 401)
    assert not vectors[:, -1].any(), "none of them is constant"
    pooled = images[1, 0].reshape(20, 4, 20, 4).mean(axis=(1, 3)).ravel()
    pooled -= pooled.mean()
    np.testing.assert_allclose(vectors[1, :-1], pooled / np.linalg.norm(pooled), atol=1e-12)


def test_split_is_disjoint_nested_and_seeded(faces):
    kept = np.arange(3, 100)
    parts = split_random(kept, test=20, seed=0)
    everything = parts.test + parts.halves["A"] + parts.halves["B"]
    assert len(set(everything)) == len(everything) == 20 + 38 + 38
    assert set(everything) <= set(kept.tolist())
    assert parts.training("A", 5) == parts.training("A", 30)[:5]
    assert split_random(kept, 20, 0) == parts
    assert split_random(kept, 20, 1) != parts
    hashes = image_hashes(faces)
    assert check_disjoint(parts, hashes) == {"test": 20, "A": 38, "B": 38}


def test_split_says_the_largest_possible_size():
    parts = split_random(np.arange(100), test=20, seed=0)
    with pytest.raises(ConfigError, match=r"sizes: N = 41 .* 40 images, the largest possible N"):
        parts.training("B", 41)
    with pytest.raises(ConfigError, match=r"split\.test"):
        split_random(np.arange(100), test=100, seed=0)


def test_audit_finds_equal_content_in_different_parts():
    parts = Split(test=[0, 1], halves={"A": [2], "B": [3]})
    assert check_disjoint(parts, ["a", "b", "c", "d"]) == {"test": 2, "A": 1, "B": 1}
    with pytest.raises(DataError, match="image 3 in B has the content of image 1 in test"):
        check_disjoint(parts, ["a", "b", "c", "b"])


def test_at_a_threshold_of_one_everything_is_kept():
    repeated = np.repeat(np.random.default_rng(0).integers(0, 256, (5, 1, 8, 8)), 3, axis=0)
    found = find_duplicates(repeated.astype(np.uint8), 1.0)
    assert found.kept.tolist() == list(range(15))
    assert len(found.dropped) == len(found.correlation) == 0
