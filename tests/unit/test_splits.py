"""Splits that share no image, no person, or no attribute, from labels in each format."""

import json

import numpy as np
import pytest

from gahb.data.labels import has_attribute, identities
from gahb.data.splits import (
    Split,
    check_attribute,
    check_disjoint_people,
    split_attribute,
    split_ends,
    split_identities,
)
from gahb.data.splitting import deal
from gahb.errors import ConfigError, DataError
from gahb.settings import SplitSettings

COUNT = 400
KEPT = np.delete(np.arange(COUNT), np.arange(0, COUNT, 9))
PEOPLE = np.random.default_rng(0).integers(0, 60, COUNT)
SHOWN = np.random.default_rng(1).random(COUNT) < 0.3


def assert_disjoint(parts: Split) -> None:
    members = [set(part) for part in parts.parts.values()]
    assert sum(map(len, members)) == len(set.union(*members)) == sum(map(len, parts.parts.values()))
    assert set.union(*members) <= set(KEPT.tolist())
    assert len(parts.halves["A"]) == len(parts.halves["B"])


def test_ends_are_nested_from_both():
    parts = split_ends(KEPT, test=50)
    assert_disjoint(parts)
    assert parts.training("A", 10) == KEPT[:10].tolist()
    assert parts.training("B", 10) == KEPT[::-1][:10].tolist()
    assert len(parts.test) == 50
    assert len(parts.halves["A"]) == (len(KEPT) - 50) // 2


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_in_two_parts(seed):
    parts = split_identities(KEPT, PEOPLE, test=50, seed=seed)
    assert_disjoint(parts)
    counts = check_disjoint_people(parts, PEOPLE)
    assert len(parts.test) == 50
    # Halves lose what is beyond the test images, and what one has more than the other.
    largest = np.bincount(PEOPLE[KEPT]).max()
    assert len(parts.halves["A"]) >= (len(KEPT) - 50 - 2 * largest) // 2
    first = PEOPLE[parts.training("A", 20)]
    assert len(set(first.tolist())) > 5, "small N are of several people"
    assert sum(counts.values()) <= 60
    assert parts == split_identities(KEPT, PEOPLE, test=50, seed=seed)


def test_a_shared_person_is_found():
    with pytest.raises(DataError, match="not disjoint: 3 is in test and in B"):
        check_disjoint_people(Split([0], {"A": [1], "B": [2]}), np.array([3, 4, 3]))


@pytest.mark.parametrize("seed", range(3))
def test_only_a_shows_the_attribute(seed):
    parts = split_attribute(KEPT, SHOWN, test=40, seed=seed)
    assert_disjoint(parts)
    assert SHOWN[parts.halves["A"]].all()
    assert not SHOWN[parts.halves["B"]].any()
    assert SHOWN[parts.test].sum() == 20
    assert check_attribute(parts, SHOWN) == {
        "test": 20,
        "A": len(parts.halves["A"]),
        "B": 0,
    }
    # The rarer group decides.
    assert len(parts.halves["A"]) == SHOWN[KEPT].sum() - 20


def test_a_wrong_attribute_is_found():
    with pytest.raises(DataError, match="not by attribute"):
        check_attribute(Split([0], {"A": [1], "B": [2]}), np.array([True, True, True]))


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda: split_ends(np.arange(10), 9), "9 test images leave none to train on; 10 images"),
        (
            lambda: split_identities(np.arange(10), np.zeros(10, int), 3, 0),
            "1 people on 10 images are too few for 3 test images",
        ),
        (
            lambda: split_attribute(np.arange(10), np.arange(10) < 2, 4, 0),
            "2 images show it, 8 do not; 4 test images, half of each, leave none",
        ),
    ],
)
def test_too_few_images_are_explained(split, message):
    with pytest.raises(ConfigError, match=message):
        split()


def test_any_first_test_images_are_of_all_kinds():
    """Whatever looks at the first few test images must not see one group of them only."""
    parts = split_attribute(KEPT, SHOWN, test=80, seed=0)
    # Half of 80 show it; of any 40 at random 20 +- 3 (hypergeometric), here within four.
    assert 7 < SHOWN[parts.test[:40]].sum() < 33
    people = PEOPLE[split_identities(KEPT, PEOPLE, test=80, seed=0).test]
    assert len(set(people[:20].tolist())) > len(set(people.tolist())) / 2


def listing(folder, names: list[str] | None, kind: str = "zip") -> None:
    folder.mkdir(exist_ok=True)
    content = {"kind": kind, "place": "x.zip", "names": names, "count": len(names or [])}
    (folder / "files.json").write_text(json.dumps(content | {"skipped": {}}))


def test_celeba_lists(tmp_path):
    names = [f"img_align_celeba/{number:06d}.jpg" for number in (1, 2, 3, 4)]
    listing(tmp_path, names)
    (tmp_path / "identity_CelebA.txt").write_text(
        "000003.jpg 12\n000001.jpg 2880\n000002.jpg 12\n000004.jpg 5\n"
    )
    (tmp_path / "list_attr_celeba.txt").write_text(
        "4\nBald Male Young\n000001.jpg -1  1 -1\n000002.jpg -1 -1  1\n"
        "000003.jpg -1  1  1\n000004.jpg  1 -1 -1\n"
    )
    assert identities("celeba", tmp_path, 4).tolist() == ["2880", "12", "12", "5"]
    assert has_attribute("celeba", tmp_path, 4, "Male").tolist() == [True, False, True, False]
    assert has_attribute("celeba", tmp_path, 3, "Young").tolist() == [False, True, True]
    with pytest.raises(ConfigError, match=r"'male' does not tell .* known: Bald, Male, Young"):
        has_attribute("celeba", tmp_path, 4, "male")
    (tmp_path / "identity_CelebA.txt").write_text("000003.jpg 12\n")
    with pytest.raises(DataError, match=r"has no line for '000001\.jpg'"):
        identities("celeba", tmp_path, 4)
    (tmp_path / "identity_CelebA.txt").unlink()
    with pytest.raises(DataError, match=r"has no identity_CelebA\.txt: put it beside"):
        identities("celeba", tmp_path, 4)


def test_folders_are_labels(tmp_path):
    listing(tmp_path, ["train/cat/tom/1.png", "train/cat/tom/2.png", "val/dog/rex/1.png"])
    assert identities("folder", tmp_path, 3).tolist() == [
        "train/cat/tom",
        "train/cat/tom",
        "val/dog/rex",
    ]
    assert has_attribute("folder", tmp_path, 3, "cat").tolist() == [True, True, False]
    with pytest.raises(ConfigError, match="known: cat, dog, rex, tom, train, val"):
        has_attribute("folder", tmp_path, 3, "bird")


def test_sets_without_labels_say_so(tmp_path):
    with pytest.raises(ConfigError, match="needs pictures with names; fashion-mnist has none"):
        identities("fashion-mnist", tmp_path, 3)
    # A database has keys, not folders, whether or not they are listed.
    for keys in (None, ["a", "b/c", "d"]):
        listing(tmp_path, keys, kind="lmdb")
        with pytest.raises(ConfigError, match="needs labels; lsun-bedroom has none"):
            identities("lsun-bedroom", tmp_path, 3)


@pytest.mark.parametrize(
    ("settings", "counted"),
    [
        ({"by": "random"}, {"images"}),
        ({"by": "ends"}, {"images"}),
        ({"by": "identity"}, {"images", "people"}),
        ({"by": "attribute", "attribute": "cat"}, {"images", "with cat"}),
    ],
)
def test_every_split_is_audited(tmp_path, settings, counted):
    kinds = ["cat", "dog"]
    listing(tmp_path, [f"{kinds[i % 2]}/{i % 30}/{i}.png" for i in range(COUNT)])
    hashes = [f"{index:04d}" for index in range(COUNT)]
    chosen = SplitSettings(test=40, **settings)
    where = {"source": "folder", "folder": tmp_path, "seed": 0}
    parts, counts = deal(chosen, KEPT, hashes, **where)
    assert_disjoint(parts)
    assert set(counts) == counted
    assert counts["images"]["test"] == 40
    hashes[parts.test[0]] = hashes[parts.halves["B"][0]]
    with pytest.raises(DataError, match="the split is not disjoint"):
        deal(chosen, KEPT, hashes, **where)
