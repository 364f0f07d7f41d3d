"""Bounds of time and memory."""

import signal
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def bounded(seconds: int = 20, mebibytes: int = 300):
    """Fail if the block takes longer, or so much more memory at any time."""

    def late(*_):
        raise AssertionError(f"not done after {seconds} s")

    Path("/proc/self/clear_refs").write_text("5")  # the highest so far is the present one
    before = highest()
    elder = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, elder)
    assert highest() - before < mebibytes


def highest() -> float:
    """Return the most memory that the process had, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
