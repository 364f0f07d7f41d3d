"""The states of a training that are kept, and how their files are told apart."""

from __future__ import annotations

from gahb.settings import TrainingSettings


def snapshot_times(training: TrainingSettings) -> list[int]:
    """Return after how many presentations to keep the state, the end of training last.

    Spaced as evenly in log presentations as whole steps allow, from the hundredth part of
    the training on; fewer than asked for if steps are too few.
    """
    if not training.snapshots:
        return []
    steps = training.presentations // training.batch
    if training.snapshots == 1:
        return [steps * training.batch]
    first = max(1, steps // 100)
    ratio = (steps / first) ** (1 / (training.snapshots - 1))
    kept = {round(first * ratio**index) for index in range(training.snapshots)}
    return [step * training.batch for step in sorted(kept)]


def presentations_of(stage: str) -> int | None:
    """Return the presentations in the part of a file's name that says which state it is of."""
    return int(stage.removeprefix("_p")) if stage else None
