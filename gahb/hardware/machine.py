"""Which machine this is."""

from __future__ import annotations

import os
import socket
import uuid
from functools import cache
from pathlib import Path


@cache
def place() -> str:
    """Return machine, its last start, and the container on it, if any, in which numbers count.

    Machines of one host name differ in the number that their systems gave them.
    """
    number, boot = Path("/etc/machine-id"), Path("/proc/sys/kernel/random/boot_id")
    machine = number.read_text().strip() if number.is_file() else ""
    started = boot.read_text().strip() if boot.is_file() else ""
    space = Path("/proc/self/ns/pid")
    numbers = os.readlink(space) if space.is_symlink() else ""
    # Names may hold what separates here.
    name = socket.gethostname().replace("/", "_").replace(" ", "_")
    return f"{name}-{machine or uuid.getnode()}/{started}/{numbers}"
