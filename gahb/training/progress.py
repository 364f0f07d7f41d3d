"""How far a training is: to the terminal, and line by line into a curve."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """One line of the training log.

    Attributes
    ----------
    presentations, total : int
        Images shown so far, and in all.
    images_per_second : float
        Speed since the last line.
    remaining_seconds : float
        Estimate of the time left.
    loss : float
        Weighted sum of squared errors per image, averaged since the last line.
    psnr_db : float
        PSNR of the mean squared error, over the training law of noise levels.
    learning_rate : float
        Rate of the last step.
    """

    presentations: int
    total: int
    images_per_second: float
    remaining_seconds: float
    loss: float
    psnr_db: float
    learning_rate: float


def report(lines: Iterable[Progress], paths: Sequence[Path], presentations: int) -> None:
    """Write progress to the terminal and, line by line, to CSV files, all the same.

    Lines of the first one up to the presentations that the training begins with are kept.
    """
    names = [field.name for field in fields(Progress)]
    earlier = _earlier(paths[0], presentations) if presentations and paths else []
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", newline="")) for path in paths]
        tables = [csv.writer(file) for file in files]
        for table in tables:
            table.writerows([names, *earlier])
        for line in lines:
            for table, file in zip(tables, files, strict=True):
                table.writerow(astuple(line))
                file.flush()
            minutes, seconds = divmod(round(line.remaining_seconds), 60)
            log.info(
                f"{line.presentations:,}/{line.total:,} images, {line.images_per_second:,.0f}/s, "
                f"{minutes}:{seconds:02d} left, loss {line.loss:.3g}, PSNR {line.psnr_db:.2f} dB"
            )


LARGEST_CURVE = 2**26
"""Bytes of a curve that is read: of a line every ten seconds, two months."""


def _earlier(path: Path, presentations: int) -> list[list[str]]:
    """Return the lines of a curve up to ``presentations``; damaged ones are left out, and said.

    It is there to be looked at, and must not keep a training from going on.
    """
    kept: list[list[str]] = []
    lines, damaged = [], False
    try:
        if path.stat().st_size <= LARGEST_CURVE:
            # What follows the last end of a line was being written when the process was killed.
            lines = path.read_text(encoding="ascii", errors="replace").split("\n")[1:-1]
    except OSError:
        pass
    for values in (line.strip().split(",") for line in lines):
        shown = _shown(values)
        if shown is None or (kept and shown <= int(kept[-1][0])):
            damaged = True
        elif shown <= presentations:
            kept.append(values)
    if damaged or not kept:
        log.warning("%s is damaged or gone: the curve so far has gaps", path)
    return kept


def _shown(values: list[str]) -> int | None:
    """Return the presentations of one line of a curve, or None if it is damaged."""
    try:
        numbers = [float(value) for value in values]
        return int(values[0]) if len(numbers) == len(fields(Progress)) else None
    except ValueError:
        return None
