"""Downloads in parts, of unusual answers, on slow lines, and past what does not work on the way."""

import gzip
import socket
import time
from collections.abc import Iterator

import pytest

from gahb.data import download as downloading
from gahb.data.download import download, within
from gahb.data.fetch import fetch
from gahb.data.source_record import Source
from gahb.errors import DataError
from servers import (
    CHUNKED,
    CONTENT,
    FILE,
    GOOD,
    HEAD,
    PACKED,
    Answer,
    dripping,
    endless,
    leads,
    pause,
    sends,
)


def cut(request: bytes) -> Iterator[bytes]:
    yield HEAD % len(PACKED) + PACKED[: len(PACKED) // 2]


def part(form: str, content: bytes = PACKED) -> Answer:
    """Send what is asked for, with ``form`` as the header Content-Range."""

    def answer(request: bytes) -> Iterator[bytes]:
        line = next((line for line in request.split(b"\r\n") if line.startswith(b"Range")), None)
        if line is None:
            yield HEAD % len(content) + content
            return
        start = int(line.removeprefix(b"Range: bytes=").rstrip(b"-"))
        told = form.format(start=start, last=len(content) - 1, total=len(content), other=start - 9)
        length = len(content) - start
        head = f"HTTP/1.1 206 X\r\nContent-Length: {length}\r\n{told}\r\n\r\n"
        yield head.encode() + content[start:]

    return answer


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ("Content-Range: bytes {start}-{last}/{total}", 2),
        ("Content-Range: bytes {start}-{last}/*", 2),
        ("Content-Range: bytes {other}-{last}/{total}", 3),
        ("Content-Range: bytes 0-{last}/{total}", 3),
        ("Content-Range: bytes {start}-{last}", 3),
        ("Content-Range: bytes */{total}", 3),
        ("Content-Range: " + "9" * 5000, 3),
        ("X: no range", 3),
    ],
)
def test_what_is_added_is_what_was_asked_for(serving, tmp_path, monkeypatch, form, asked):
    monkeypatch.setattr(downloading, "BLOCK", 64)
    server = serving(cut, part(form))
    download(server.url, tmp_path / "x", max_bytes=10**6)
    assert (tmp_path / "x").read_bytes() == PACKED
    assert len(server.requests) == asked


def test_a_file_that_changes_between_two_parts_is_fetched_afresh(serving, tmp_path, monkeypatch):
    monkeypatch.setattr(downloading, "BLOCK", 64)
    other = gzip.compress(CONTENT[::-1], mtime=0)
    half = HEAD % len(other) + other[: len(other) // 2]
    server = serving(half, part("Content-Range: bytes {start}-{last}/*"))
    source = Source("Test", "", "", 1, 1, 1, "idx", files=(FILE,), mirrors=(server.url,))
    fetch("test", source, tmp_path / "data")
    assert (tmp_path / "data/images").read_bytes() == CONTENT


def test_what_is_sent_after_the_end_is_not_taken(serving, tmp_path):
    download(serving(GOOD + b"more" * 10**4).url, tmp_path / "x", max_bytes=10**6)
    assert (tmp_path / "x").read_bytes() == PACKED


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\n\r\n" + PACKED,
        CHUNKED + b"%x\r\n" % len(PACKED) + PACKED + b"\r\n0\r\n\r\n",
        CHUNKED + b"%x;a=b\r\n" % len(PACKED) + PACKED + b"\r\n0\r\nX: y\r\n\r\n",
        # As Apache sends files whose name ends in .gz.
        HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") % len(PACKED) + PACKED,
        b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD,
    ],
)
def test_unusual_answers_are_good(serving, tmp_path, answer):
    download(serving(answer).url, tmp_path / "x", max_bytes=10**6)
    assert (tmp_path / "x").read_bytes() == PACKED


def test_a_slow_line_is_slow_and_no_fault(serving, tmp_path, monkeypatch):
    """Twice as long in all as any silence may be."""

    def slowly(request: bytes) -> Iterator[bytes]:
        yield HEAD % 100_000
        for _ in range(10):
            pause(0.1)
            yield bytes(10_000)

    monkeypatch.setattr(downloading, "LEAST_SPEED", 50_000.0)
    monkeypatch.setattr(downloading, "BLOCK", 1 << 12)
    download(serving(slowly).url, tmp_path / "x", max_bytes=10**6)
    assert (tmp_path / "x").stat().st_size == 100_000


def test_it_is_led_on_within_this_machine(serving, tmp_path):
    good = serving(GOOD)
    download(serving(leads(good.url.encode())).url, tmp_path / "x", max_bytes=10**6)
    download(serving(leads(b"/\xc3\xbc?a=b#c"), GOOD).url, tmp_path / "y", max_bytes=10**6)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes() == PACKED


def test_nothing_is_sent_that_is_the_users(serving, tmp_path, monkeypatch):
    """Neither his password nor a cookie; and no proxy leads to this machine."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    cookie = b"HTTP/1.1 302 Found\r\nSet-Cookie: a=b; Path=/\r\nLocation: /x\r\n\r\n"
    server = serving(cookie, GOOD)
    download(server.url, tmp_path / "x", max_bytes=10**6)
    sent = b"".join(server.requests).lower()
    assert b"authorization" not in sent
    assert b"cookie" not in sent


@pytest.mark.parametrize(
    "how", [sends(), endless(b"", b"x" * 100), dripping(b"\x16\x03\x03", b"x" * 99)]
)
def test_a_server_that_speaks_no_tls_is_left(serving, tmp_path, how):
    url = serving(how).url.replace("http:", "https:")
    start = time.monotonic()
    with pytest.raises(DataError, match=r"^https://127"):
        download(url, tmp_path / "x", max_bytes=100)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9/", "socks5://127.0.0.1:9/", "://[", "\\"])
def test_a_proxy_that_does_not_work_is_named_as_the_reason(tmp_path, monkeypatch, proxy):
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(DataError, match=r"^https://mirror\.example/x: "):
        download("https://mirror.example/x", tmp_path / "x", max_bytes=100)


def test_certificates_that_are_not_there_are_a_reason_too(tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none"))
    with pytest.raises(DataError, match="CA certificate bundle"):
        download("https://localhost:9/x", tmp_path / "x", max_bytes=100)


def test_what_never_returns_is_interrupted():
    reader, writer = socket.socketpair()
    with reader, writer, pytest.raises(downloading.Late), within(0.1):
        reader.recv(1)
    start = time.monotonic()
    with within(0.2):
        pass
    pause(0.3)  # it is over
    assert time.monotonic() - start < 5
