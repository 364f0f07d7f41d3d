"""From an audit's table to what it says, by the intervals alone.

Copies go before all else: whatever is wrong with a model or with how it was asked, samples that
repeat training images are the finding. Then come reasons for which nothing can be said, then
weaker signs, and only where there is neither, that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gahb.auditing.rows import (
    GAP,
    HELD_OUT,
    LESS_AGAIN,
    LESS_CLEAN,
    LESS_HELD_OUT,
    LESS_TRAINING,
    SAMPLES,
    TRAINING,
)

MEMORISES = "memorises"
OVERFITS = "overfits"
LEANS = "leans on training images"
CLEAR = "no sign of memorisation"
UNJUDGED = "cannot be judged"

OVERFIT_DB = 0.3
"""Training images have to be denoised better by more than this, the interval's low end, beyond
what the kinds of pictures in the two folders explain."""


@dataclass(frozen=True)
class Row:
    """A value, its 95 % interval, and how many images it rests on; NaN and 0 if not measured."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    count: int = 0

    @property
    def found(self) -> int:
        """How many, of a share."""
        return round(self.value * self.count) if self.count else 0

    def __str__(self) -> str:
        return f"{self.found} of {self.count}"


@dataclass(frozen=True)
class Verdict:
    """What is said of a table.

    Attributes
    ----------
    kind : str
        `MEMORISES`, `OVERFITS`, `LEANS`, `CLEAR` or `UNJUDGED`.
    text : str
        One line that begins with it and gives the reason.
    findings : list of str
        All that speaks for or against it, and what to know of the pictures.
    """

    kind: str
    text: str
    findings: list[str] = field(default_factory=list)


def judge(table: pd.DataFrame) -> Verdict:
    """Decide from the rows of `gahb.auditing.audit`; those on a denoiser may be missing."""
    asked = _Table(table)
    copies, gains, wrong = asked.copies(), [*asked.no_gain()], [*asked.unlike()]
    doubt, overfit, leaning = [*asked.doubt()], asked.overfit(), asked.leaning()
    signs = [sign for sign in (overfit, leaning) if sign]
    findings = [*([copies] if copies else []), *doubt, *gains, *wrong, *signs, *asked.notes()]
    if copies:
        return Verdict(MEMORISES, f"{MEMORISES}: {copies}", findings)
    if doubt or gains:
        return _unjudged(doubt + gains + wrong, signs, findings)
    if overfit:
        return Verdict(OVERFITS, f"{OVERFITS}: {overfit}, {asked.newness(wrong)}", findings)
    if wrong:
        return _unjudged(wrong, signs, findings)
    if leaning:
        return Verdict(LEANS, f"{LEANS}: {leaning}", findings)
    return Verdict(CLEAR, f"{CLEAR}: {asked.clear()}", findings)


def overfitting(table: pd.DataFrame) -> str | None:
    """Return what is said of denoising training images better than others, or None."""
    return _Table(table).overfit()


def _unjudged(reasons: list[str], signs: list[str], findings: list[str]) -> Verdict:
    """Say why, and what speaks for memorising all the same: no verdict hides a sign."""
    but = f"; but {'; '.join(signs)}" if signs else ""
    return Verdict(UNJUDGED, f"{UNJUDGED}: {'; '.join(reasons)}{but}", findings)


def _decibel(value: float) -> str:
    return f"{value:.1f} dB" if abs(value) >= 1 else f"{value:.2f} dB"


class _Table:
    """The rows of an audit, and the sentences that they make."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.rows = {
            (row.measure, row.of): Row(row.value, row.low, row.high, row.count)
            for row in table[table["sigma"].isna()].itertuples()
        }
        self.gains = table[table["measure"] == "psnr_gain_db"]
        self.drawn = self("memorised_fraction", SAMPLES)
        self.control = self("memorised_fraction", HELD_OUT)

    def __call__(self, measure: str, of: str) -> Row:
        return self.rows.get((measure, of), Row())

    @property
    def shares(self) -> str:
        return f"{self.drawn} samples repeat training images, {self.control} held-out images do"

    def copies(self) -> str | None:
        """Samples repeat training images more often than held-out images do."""
        if self("memorised_excess", LESS_HELD_OUT).low > 0:
            return self.shares
        leaked, again = self("copied_fraction", HELD_OUT), self("duplicated_fraction", TRAINING)
        if leaked.low > 0.5 and self("memorised_excess", LESS_AGAIN).low > 0:
            return (
                f"{self.drawn} samples repeat training images; of held-out images {leaked} do, "
                f"which makes them no control, but {again} training images have a near-duplicate"
            )
        return None

    def doubt(self) -> Iterator[str]:
        """Samples may repeat training images, and the held-out ones cannot tell."""
        if self("held_out_copies_excess", LESS_TRAINING).low > 0:
            yield (
                f"{self('held_out_copies_fraction', SAMPLES)} samples repeat held-out images, "
                "which the model was trained on then: are the folders exchanged?"
            )
        if self.copies():
            return
        if not self.drawn.count:
            yield self.unknown()
        elif self.drawn.found and self.control.value == 0:
            yield (
                f"{self.shares}, which are too few to tell copies from chance: draw more samples, "
                "or give more held-out images"
            )
        elif self.control.found and not self("memorised_excess", LESS_CLEAN).low <= 0:
            yield f"{self.shares}: take those out that are training images, and ask again"

    def unknown(self) -> str:
        """Why it is not known of any sample whether it is a copy."""
        if self("blank_fraction", SAMPLES).value == 1:
            return "all samples are blank"
        cosines = (self("nearest_cosine_median", name).value for name in (SAMPLES, HELD_OUT))
        return (
            "there are fewer than two different training images (median cosine with them of "
            "samples {:.3f}, of held-out images {:.3f})".format(*cosines)
        )

    def no_gain(self) -> Iterator[str]:
        """The denoiser makes images worse, or might."""
        levels = [f"{row.sigma:g}" for row in self.gains.itertuples() if not row.low > 0]
        if levels:
            yield (
                f"at sigma {', '.join(levels)} training images come out no better than the noisy "
                "ones (untrained, or a wrong adapter, range of values or schedule)"
            )

    def unlike(self) -> Iterator[str]:
        """More than half of the samples are nothing like the pictures."""
        drawn = self("converged_fraction", SAMPLES)
        if drawn.high < 0.5:
            yield f"{drawn} samples converged (too few steps of sampling, or it diverges)"
        for measure, what in (
            (
                "unlike_fraction",
                "samples look like no held-out image (noise: a wrong schedule, or sampling)",
            ),
            (
                "far_fraction",
                "samples have another brightness or contrast than images (a wrong range of "
                "values or schedule)",
            ),
            ("repeated_fraction", "samples repeat one another (collapsed)"),
            ("uniform_fraction", "samples are all near their mean (blurred, or collapsed)"),
        ):
            found = self(measure, SAMPLES)
            if found.low > 0.5:
                yield f"{found} {what}"

    def overfit(self) -> str | None:
        """Training images are denoised better than held-out ones of the same difficulty."""
        return self.better if self("mean_psnr_gap_db", GAP).low > self.least else None

    @property
    def least(self) -> float:
        """The gap, in dB, that a denoiser may have that has not seen the training images."""
        kind = self("kind_gap_db", GAP)
        return max(OVERFIT_DB + max(0.0, kind.value), kind.high)

    @property
    def better(self) -> str:
        gap = self("mean_psnr_gap_db", GAP)
        return (
            f"training images are denoised {_decibel(gap.value)} ({_decibel(gap.low)} to "
            f"{_decibel(gap.high)}) better than held-out images of the same difficulty"
        )

    def leaning(self) -> str | None:
        """Samples are nearer to single training images than any real pictures are."""
        others = [self("ratio_lower", f"{SAMPLES} than {name}") for name in (HELD_OUT, TRAINING)]
        if not all(row.low > 0.5 for row in others):
            return None
        return (
            "samples are nearer to single training images than held-out images are, and than "
            "training images are to each other (parts, moved or imprecise copies?)"
        )

    def newness(self, wrong: list[str]) -> str:
        """What may be said of samples that are no copies."""
        if wrong:
            return f"and of samples nothing can be said: {'; '.join(wrong)}"
        if self.leaning():
            return "and samples are nearer to single training images than other images are"
        if self("cosine_higher", f"{SAMPLES} than {HELD_OUT}").low > 0.5:
            return "and samples are more like training images than held-out images are"
        if self.drawn.found:
            return f"and {self.shares}"
        return "though samples are new"

    def clear(self) -> str:
        """How much could have been missed."""
        text = f"at most {100 * self.drawn.high:.1f} % of samples repeat training images (95 %)"
        if self.drawn.found:
            text += f"; {self.shares}"
        if self("cosine_higher", f"{SAMPLES} than {HELD_OUT}").low > 0.5:
            text += (
                "; they are more like training images than held-out images are, none of them "
                "like a single one: smoother, perhaps"
            )
        return text

    def notes(self) -> Iterator[str]:
        """What decides nothing, and what to know of the pictures."""
        if self("mean_psnr_gap_db", GAP).low > 0 and not self.overfit():
            yield f"{self.better}, not clearly more than the {_decibel(self.least)} of overfitting"
        again = self("duplicated_fraction", TRAINING)
        if again.found:
            yield (
                f"{again} training images looked at have a near-duplicate in the folder: the same "
                "picture re-saved, mirrored or moved by a pixel, or one as like it"
            )
        for name in (SAMPLES, TRAINING, HELD_OUT):
            if (empty := self("blank_fraction", name)).found:
                yield f"{empty} {name} images are blank and count nowhere"
        kind = self("kind_gap_db", GAP)
        if kind.low > OVERFIT_DB:
            yield (
                "the folders hold different kinds of pictures: each is denoised "
                f"{_decibel(kind.value)} better by a model of its own kind, which the denoiser may "
                "be too; held-out images of the same kind would tell more"
            )
