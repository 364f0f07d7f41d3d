"""Servers of this machine that send whatever they are told to."""

import gzip
import hashlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator

from gahb.data.source_record import SourceFile

CONTENT = bytes(range(256)) * 2000
PACKED = gzip.compress(CONTENT, mtime=0)
FILE = SourceFile("images", f"sha256:{hashlib.sha256(CONTENT).hexdigest()}", len(CONTENT))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GOOD = HEAD % len(PACKED) + PACKED
Answer = Callable[[bytes], Iterator[bytes]]
pause = time.sleep  # also where a test has replaced it


class RawServer:
    """A server of this machine that sends, for every request, what a function yields."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.requests = list(answers), []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        """Answer until it is closed, each request in a thread."""
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        """Send what the next function yields."""
        # The last one for ever.
        chosen = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        with connection:
            request = connection.recv(1 << 16)
            self.requests.append(request)
            try:
                for part in chosen(request):
                    connection.sendall(part)
            except OSError:
                pass  # the other side has had enough


def sends(*parts: bytes) -> Answer:
    """Send these parts and close."""
    return lambda request: iter(parts)


def endless(start: bytes, part: bytes) -> Answer:
    """Send one part and then another again and again."""
    return lambda request: itertools.chain([start], itertools.repeat(part))


def dripping(start: bytes, content: bytes) -> Answer:
    """Send a part at once and the rest byte by byte, slowly; then close."""

    def answer(request: bytes) -> Iterator[bytes]:
        yield start
        for byte in content:
            pause(0.05)
            yield bytes([byte])

    return answer


def leads(location: bytes, body: bytes = b"") -> Answer:
    """Send to another place, with a body without end if one is given."""
    head = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n"
    return endless(head, body) if body else sends(head)
