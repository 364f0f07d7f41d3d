"""What samples, training and held-out images tell without the model that drew the samples."""

import numpy as np
import pandas as pd
import pytest

from gahb.analysis.copies import nearness
from gahb.auditing import CLEAR, LEANS, MEMORISES, UNJUDGED, judge
from gahb.auditing.pictures_alone import blank, compare_pictures
from gahb.errors import DataError
from pictures import resaved
from planted import HELD_OUT, TRAINING, population

NEW = population(60, 9)


def asked(samples, training=TRAINING, held_out=HELD_OUT, **more):
    found = compare_pictures(samples, training, held_out, **{"raw": True, "draws": 50} | more)
    return judge(pd.DataFrame(found.rows)), found


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        (NEW, CLEAR),
        (NEW / 255, CLEAR),  # as a model draws them
        (TRAINING, MEMORISES),
        (resaved(TRAINING), MEMORISES),
        (np.concatenate([NEW, TRAINING[:6]]), MEMORISES),
        (np.concatenate([NEW, TRAINING[:1]]), UNJUDGED),  # one is no proof
        (TRAINING[:1].repeat(20, axis=0), MEMORISES),
        (NEW[:1].repeat(20, axis=0), UNJUDGED),  # collapsed
        (255 - NEW // 4, UNJUDGED),
        (HELD_OUT, UNJUDGED),  # drawn from the other folder
        (np.zeros_like(NEW), UNJUDGED),
        # Half a training image: no copy, but nearer to it than any image is to another.
        (NEW / 510 + np.resize(TRAINING, NEW.shape) / 510, LEANS),
    ],
)
def test_samples_are_judged_by_pictures(samples, kind):
    found, _ = asked(samples)
    assert found.kind == kind, found.text


def test_blind_denoisers_know_no_brightness():
    pale = 0.2 + NEW / 255 / 10
    assert asked(pale)[0].kind == UNJUDGED
    assert asked(pale, raw=False)[0].kind == CLEAR


def test_images_that_are_all_alike_are_told_apart(faces):
    """One object in tiny variations: all correlate above .95, and only a copy is a copy."""
    pictures = (0.9 * faces[:1] + 0.1 * faces[1:]).astype(np.uint8)
    training, held_out, new = pictures[:50], pictures[50:75], pictures[75:]
    assert np.corrcoef(pictures.reshape(len(pictures), -1)).min() > 0.95
    assert asked(new, training, held_out)[0].kind == CLEAR
    assert asked(training, training, held_out)[0].kind == MEMORISES
    again = np.concatenate([training, training[:10]])
    found, _ = asked(training, again, held_out)
    assert found.kind == MEMORISES
    # At .95 every picture is every other one, and nothing would be known of copies.
    assert np.isnan(nearness(new, training, 0.95, raw=True).copied).all()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sides", [(24, 24), (40, 30)])
def test_colours_and_sizes(channels, sides):
    """Smooth images of any shape, drawn anew for each set."""
    stream = np.random.default_rng(0)

    def drawn(count):
        small = stream.integers(0, 256, (count, channels, 5, 5))
        grid = [np.linspace(0, 4, side) for side in sides]
        whole = np.stack([[_bilinear(plane, *grid) for plane in image] for image in small])
        return np.round(whole).astype(np.uint8)

    training, held_out, new = drawn(40), drawn(40), drawn(40)
    assert asked(new, training, held_out)[0].kind == CLEAR
    noisy = training / 255 + 0.02 * stream.standard_normal(training.shape)
    found, evidence = asked(noisy[..., ::-1], np.repeat(training, 2, axis=0), held_out)
    assert found.kind == MEMORISES
    assert (evidence.closest[5] == training[5]).all()  # as it was given, not mirrored


def _bilinear(plane, rows, columns):
    across = np.stack([np.interp(columns, range(5), line) for line in plane])
    return np.stack([np.interp(rows, range(5), line) for line in across.T]).T


@pytest.mark.parametrize("count", [2, 3, 5])
def test_few_images_say_little_but_hide_no_copies(count):
    few = TRAINING[:count], HELD_OUT[:count]
    assert asked(np.resize(few[0], (60, 1, 6, 6)), *few)[0].kind == MEMORISES
    kinds = [asked(population(60, seed), *few)[0].kind for seed in range(20, 30)]
    assert kinds.count(CLEAR) >= 7
    assert set(kinds) <= {CLEAR, UNJUDGED}


def test_a_folder_that_is_mostly_one_picture():
    training = np.concatenate([TRAINING[:9], resaved(np.repeat(TRAINING[:1], 90, axis=0))])
    assert asked(TRAINING[:9], training)[0].kind == MEMORISES
    assert asked(NEW, training)[0].kind == CLEAR


def test_what_is_looked_at_is_each_picture_once(faces):
    training = np.concatenate([faces[:50], resaved(faces[:50]), np.zeros_like(faces[:3])])
    held_out = np.concatenate([faces[60:80], faces[60:80, ..., ::-1], resaved(faces[5:8])])
    _, found = asked(faces[80:], training, held_out)
    assert len(found.training) == 50
    assert len(found.held_out) == 20
    assert found.leaks[:, 0].tolist() == [40, 41, 42]
    assert (found.leaks[:, 1] % 50).tolist() == [5, 6, 7]
    assert blank(training).sum() == 3


def test_numbers_are_those_of_the_arrays_as_given(faces):
    training = np.concatenate([np.zeros_like(faces[:4]), faces[:50]])
    held_out = np.concatenate([np.zeros_like(faces[:2]), faces[60:], resaved(faces[9:10])])
    _, found = asked(faces[:5], training, held_out)
    assert found.leaks.tolist() == [[42, 13]]
    assert (found.closest == faces[:5]).all()


@pytest.mark.parametrize("what", ["training", "held out"])
def test_blank_folders_are_refused(what):
    empty = np.concatenate([np.zeros_like(TRAINING[:5]), TRAINING[:1]])
    pair = (empty, HELD_OUT) if what == "training" else (TRAINING, empty)
    with pytest.raises(DataError, match=f"1 of 6 {what} images show anything"):
        asked(NEW, *pair)
