"""Jobs that end when they are told to, and when the run that started them is no more."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gahb.runs import RUN_VARIABLE, is_running

log = logging.getLogger("gahb")


class Termination:
    """Whether the process has been asked to end."""

    requested = False


@contextmanager
def noticing_termination() -> Iterator[Termination]:
    """Turn SIGTERM into something to look at between two steps, instead of an end in one."""
    termination = Termination()

    def notice(number: int, frame: object) -> None:
        termination.requested = True

    if threading.current_thread() is not threading.main_thread():
        yield termination  # only the main thread may decide about signals
        return
    before = signal.signal(signal.SIGTERM, notice)
    try:
        yield termination
    finally:
        signal.signal(signal.SIGTERM, before)


def end_when_told() -> None:
    """Let SIGTERM end this process in good order, temporary files removed."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def end_with_the_run(seconds: float = 0.5, patience: float = 20.0) -> None:
    """End this process when the run that it belongs to has been killed.

    Otherwise it would go on alone, beside the same job of the run that takes over. It is
    asked first, so that a training can write where it is.
    """
    name = os.environ.get(RUN_VARIABLE)
    if not name:
        return

    def watch() -> None:
        while is_running(name):
            time.sleep(seconds)
        log.error("the run that started this job was killed: it ends too")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="watch").start()
