"""Files with damage, and readers that survive it."""

import random
from pathlib import Path

from gahb.errors import GahbError


def damage(path: Path, how: str) -> None:
    """Cut a file in half, flip a bit of it, or remove it."""
    content = bytearray(path.read_bytes())
    if how == "half":
        path.write_bytes(content[: len(content) // 2])
    elif how == "bit":
        content[-100] ^= 4
        path.write_bytes(content)
    else:
        path.unlink()


def altered(whole: bytes, stream: random.Random) -> bytes:
    """Return a file with some bytes changed, or cut, or longer."""
    content = bytearray(whole)
    for _ in range(stream.choice([0, 1, 1, 3, 20])):
        # Headers, at both ends, more often than what is in between.
        near = min(len(content), 200)
        place = stream.choice(
            [stream.randrange(len(content)), stream.randrange(near), -1 - stream.randrange(near)]
        )
        content[place] = stream.choice([0, 1, 127, 128, 255, stream.randrange(256)])
    end = stream.choice([len(content), len(content), stream.randrange(len(content) + 1)])
    return bytes(content[:end]) + stream.choice([b"", b"", b"\0" * 7])


def survive(read, path: Path, whole: bytes, times: int, seed: int = 0) -> int:
    """Read many altered versions of a file; return how many were refused, each in one line."""
    stream, messages = random.Random(seed), []
    for _ in range(times):
        path.write_bytes(altered(whole, stream))
        try:
            read(path)
        except GahbError as error:
            messages.append(str(error))
    for message in messages:
        assert "\n" not in message
        assert path.name in message or str(path.parent) in message
    return len(messages)
