"""Whatever a mirror sends, it is refused in a time that has a limit, and the next one is asked."""

import errno
import gzip
import time
from pathlib import Path

import pytest

from gahb.data import fetch as fetching
from gahb.data.download import download
from gahb.data.fetch import fetch
from gahb.data.source_record import Source
from gahb.errors import DataError, StorageError
from servers import CHUNKED, CONTENT, FILE, GOOD, HEAD, dripping, endless, leads, sends

BROKEN = {
    "says nothing": sends(),
    "HTTP/0.9": sends(b"hello"),
    "noise": endless(b"", bytes(range(256))),
    "crooked status": sends(b"HTTP/1.1 99999999999999999999 X\r\n\r\n"),
    "a status that is no number": sends(b"HTTP/1.1 OK\r\n\r\n"),
    "drips headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 10**4),
    "endless 100": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drips 100": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "early hints": sends(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "endless headers": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "an endless header": endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000),
    "no content": sends(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "not modified": sends(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "a part unasked": sends(
        b"HTTP/1.1 206 X\r\nContent-Length: 1\r\nContent-Range: bytes 0-0/1\r\n\r\nx"
    ),
    "a length of 5,000 digits": sends(
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx"
    ),
    "a negative length": sends(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx"),
    "two lengths": sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nxxxxxx"),
    "a length of other digits": sends("HTTP/1.1 200 OK\r\nContent-Length: ٣\r\n\r\nxxx".encode()),
    "endless chunks": endless(CHUNKED, b"10000\r\n" + bytes(1 << 16) + b"\r\n"),
    "an endless size of a chunk": endless(CHUNKED, b"0" * 1000),
    "drips a size": dripping(CHUNKED, b"0" * 10**4),
    "a negative chunk": sends(CHUNKED + b"-1\r\nx"),
    "a huge chunk": sends(CHUNKED + b"f" * 5000 + b"\r\nx"),
    "endless trailers": endless(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n"),
    "drips": dripping(HEAD % 10**6, bytes(10**4)),
    "stops": dripping(HEAD % 10**6, b""),
    "never ends": endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(1 << 16)),
    "a bomb": sends(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(10**7))
    ),
    "an unknown encoding": sends(b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd, br\r\n\r\nxxx"),
    "leads nowhere": sends(b"HTTP/1.1 302 Found\r\n\r\n"),
    "leads on without end": leads(b"/"),
    "leads on and never ends": leads(b"//[", bytes(1 << 16)),
    **{
        f"leads to {name}": leads(location)
        for name, location in {
            "no host": b"http:///x",
            "half a bracket": b"http://[::1/",
            "a port too large": b"http://127.0.0.1:99999/",
            "a port of letters": b"http://127.0.0.1:port/",
            "a user": b"http://127.0.0.1@127.0.0.1:9/",
            "a backslash": rb"http://127.0.0.1\@127.0.0.1:9/",
            "a blank": b"http://127.0.0.1 .example.org/",
            "a control character": b"http://127.0.0.1\x0b.example.org/",
            "bytes that are no text": b"http://\xff\xfe/",
            "a name that is no IDNA": "https://ⅼocalhost/".encode(),
            "a label too long": b"https://" + b"a" * 70 + b".invalid/",
            "another protocol": b"file:///etc/passwd",
            "an address unencrypted": b"http://example.org/",
            "one that only looks like here": b"http://127.0.0.1.example.org/",
            "this machine by another name": b"http://0x7f.1/",
            "a digit of another script": "http://127.0.0.１/".encode(),
        }.items()
    },
}
TAKEN = ("a bomb", "an unknown encoding")
"""As they come; that it is not the file is found by its hash."""


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_mirror_never_stops_the_next(serving, tmp_path, how):
    """In a time that has a limit, and in a line that says so."""
    broken, good = serving(BROKEN[how]), serving(GOOD)
    if how in TAKEN:
        download(broken.url, tmp_path / "x.gz", max_bytes=2 * len(CONTENT))
    else:
        with pytest.raises(DataError) as caught:
            download(broken.url, tmp_path / "x.gz", max_bytes=2 * len(CONTENT))
        print(caught.value)
        assert str(caught.value).isprintable(), "one line, nothing that moves a cursor"
        assert len(str(caught.value)) < 400
        assert not (tmp_path / "x.gz").exists()
    start = time.monotonic()
    source = Source("Test", "", "", 1, 1, 1, "idx", files=(FILE,), mirrors=(broken.url, good.url))
    fetch("test", source, tmp_path / "data")
    assert (tmp_path / "data/images").read_bytes() == CONTENT
    assert time.monotonic() - start < 20
    assert [path.name for path in tmp_path.iterdir() if "download" in path.name] == []


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        UnicodeError("x"),
        ValueError(),
        RecursionError(),
        DataError("x"),
        MemoryError(),
    ],
)
def test_whatever_one_place_causes_the_next_is_tried(serving, tmp_path, monkeypatch, error):
    def failing(url, *arguments, **keywords):
        if url.startswith("http://127.0.0.1:9/"):
            raise error
        download(url, *arguments, **keywords)

    monkeypatch.setattr(fetching, "download", failing)
    mirrors = ("http://127.0.0.1:9/", serving(GOOD).url)
    source = Source("Test", "", "", 1, 1, 1, "idx", files=(FILE,), mirrors=mirrors)
    fetch("test", source, tmp_path / "data")
    assert (tmp_path / "data/images").read_bytes() == CONTENT


@pytest.mark.parametrize("where", ["part", "result"])
def test_a_full_disk_is_said_and_no_fault_of_a_mirror(serving, tmp_path, monkeypatch, where):
    opened = Path.open

    def full(path, mode="r", *arguments, **keywords):
        if ("part" in path.suffix if where == "part" else ".partial" in path.name) and "w" in mode:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *arguments, **keywords)

    monkeypatch.setattr(Path, "open", full)
    server = serving(GOOD)
    source = Source("Test", "", "", 1, 1, 1, "idx", files=(FILE,), mirrors=2 * (server.url,))
    with pytest.raises(StorageError, match=r"cannot be written \(No space left on device\)"):
        fetch("test", source, tmp_path / "data")
    assert len(server.requests) == 1
