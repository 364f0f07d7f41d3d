"""Jobs that end when they are told to, and when the run that started them is no more."""

from __future__ import annotations

import logging
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gahb.jobs.locks import RUN_VARIABLE, is_running

log = logging.getLogger(__name__)

ENDINGS = (signal.SIGTERM, signal.SIGINT)
"""Signals that ask a process to end."""


class Termination:
    """Whether the process has been asked to end."""

    requested = False


@contextmanager
def noticing_termination() -> Iterator[Termination]:
    """Turn SIGTERM and Ctrl-C into something to look at between two steps, not an end in one.

    A second Ctrl-C ends at once.
    """
    termination = Termination()

    def notice(number: int, frame: object) -> None:
        termination.requested = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    if threading.current_thread() is not threading.main_thread():
        yield termination  # only the main thread may decide about signals
        return
    before = {number: signal.signal(number, notice) for number in ENDINGS}
    try:
        yield termination
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_when_told() -> None:
    """Let SIGTERM and Ctrl-C end this process in good order, temporary files removed."""

    def end(number: int, frame: object) -> None:
        for each in ENDINGS:  # nothing interrupts the good order
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    if threading.current_thread() is threading.main_thread():
        for number in ENDINGS:
            signal.signal(number, end)


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
        main = threading.main_thread().ident
        assert main is not None  # only of a thread that has not been started
        # More than once: a thread that is just about to wait does not wake for a signal.
        for _ in range(math.ceil(patience)):
            signal.pthread_kill(main, signal.SIGTERM)
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="watch").start()
