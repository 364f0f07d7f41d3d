"""Figure 15: the gap between training and test images, from planted errors."""

import numpy as np
import pytest

from gahb.analysis.transition.curves import PsnrCurves
from gahb.analysis.transition.gap import gap_table
from gahb.claims.gap import gap_claims
from gahb.claims.judging import NOT_REPRODUCED, REPRODUCED, judge


def evaluation(gap_db: float, images: int = 200, seed: int = 0) -> PsnrCurves:
    """Errors whose PSNR is 1/sigma-like at test images and ``gap_db`` better in training."""
    sigmas = np.array([0.01, 0.1, 1.0])
    generator = np.random.default_rng(seed)
    level = 25 - 8 * np.log10(sigmas)

    def stored(above: float) -> np.ndarray:
        psnr = level[:, None] + above + generator.normal(0, 1, (len(sigmas), images))
        return 10 ** (-psnr / 10)

    arrays = {"sigmas": sigmas}
    for subset in "AB":
        arrays |= {f"train_{subset}": stored(gap_db), f"test_{subset}": stored(0.0)}
    return PsnrCurves.from_arrays([arrays], images)


def test_table_holds_the_planted_gap():
    table = gap_table({10: evaluation(6.0), 100: evaluation(1.5)}, 16, draws=300, seed=0)
    assert list(table["n"]) == [10, 100]
    assert set(table["size"]) == {16}
    # 400 training and 200 test images, 3 levels, deviation 1 dB: standard error below .06.
    assert table["gap_db"].to_numpy() == pytest.approx([6.0, 1.5], abs=0.25)
    assert (table["gap_low_db"] < table["gap_db"]).all()
    assert (table["gap_high_db"] > table["gap_db"]).all()
    assert list(table["train_count"]) == [400, 400]
    assert list(table["test_count"]) == [200, 200]


def test_levels_count_alike():
    found = evaluation(3.0)
    levels = [found.at(sigma, "test").values for sigma in found.sigmas]
    assert found.mean("test").values == pytest.approx(np.mean(levels, axis=0))


@pytest.mark.parametrize(
    ("small", "large", "falls", "more"),
    [
        ((6, 1), (8, 3), REPRODUCED, REPRODUCED),
        ((1, 6), (0, 2), NOT_REPRODUCED, NOT_REPRODUCED),
        ((6, 1), (4, 0), REPRODUCED, NOT_REPRODUCED),
    ],
)
def test_claims_follow_the_data(small, large, falls, more):
    resolutions = {
        size: {n: evaluation(gap) for n, gap in zip((10, 1000), gaps, strict=True)}
        for size, gaps in ((8, small), (16, large))
    }
    table = judge(gap_claims(resolutions), draws=200, seed=0).set_index("claim")["verdict"]
    assert len(table) == 3
    verdicts = table.to_dict()
    assert verdicts.pop("16x16 images need more N than 8x8 ones") == more
    assert set(verdicts.values()) == {falls}
