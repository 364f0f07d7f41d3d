"""Fetching from every kind of place, and from a server that misbehaves."""

import gzip
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gahb.data import download as downloading
from gahb.data import fetch as fetching
from gahb.data.decoding import CROPS
from gahb.data.download import download, public
from gahb.data.fetch import fetch
from gahb.data.sources import SOURCES, documentation
from gahb.errors import DataError
from originals import CONTENT, FILE, PACKED, source
from repository import ROOT


class Server:
    """A local HTTP server whose answers are a list of faults, then good ones."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.ranges: list[str | None] = []
        self.patience = threading.Event()
        self.body = PACKED
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_GET(self):
                server.answer(self)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, request) -> None:
        fault = self.faults.pop(0) if self.faults else "good"
        wanted = request.headers.get("Range")
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if fault.isdigit():
            request.send_error(int(fault))
            return
        if fault == "elsewhere":
            request.send_response(302)
            request.send_header("Location", f"http://0.0.0.0:{self.http.server_port}/")
            request.end_headers()
            return
        if fault == "no ranges":
            start = 0
        body = self.body[start:]
        if start >= len(self.body):
            request.send_error(416)
            return
        request.send_response(206 if start else 200)
        announced = len(body) + (1000 if fault == "wrong length" else 0)
        request.send_header("Content-Length", str(announced))
        if start:
            last = start + announced - 1
            request.send_header("Content-Range", f"bytes {start}-{last}/{start + announced}")
        request.end_headers()
        request.wfile.write(body[: len(body) // 2] if fault in ("cut", "slow") else body)
        if fault == "slow":
            request.wfile.flush()
            self.patience.wait(10)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(downloading.time, "sleep", lambda seconds: None)
    server = Server()
    yield server
    server.patience.set()
    server.http.shutdown()
    server.http.server_close()


def test_download_resumes_where_it_was_cut(server, tmp_path):
    server.faults = ["cut", "cut"]
    download(server.url, tmp_path / "x.gz", max_bytes=10**7)
    assert (tmp_path / "x.gz").read_bytes() == PACKED
    starts = [int(wanted.removeprefix("bytes=").rstrip("-")) for wanted in server.ranges[1:]]
    # What arrived before each cut is kept, but for the last block of 64 KiB.
    assert len(PACKED) // 2 - 2**16 <= starts[0] <= len(PACKED) // 2 < starts[1]
    assert list(tmp_path.iterdir()) == [tmp_path / "x.gz"]


@pytest.mark.parametrize("faults", [["500"], ["503", "500"], ["cut", "no ranges"], ["cut", "416"]])
def test_download_survives_passing_faults(server, tmp_path, faults):
    server.faults = list(faults)
    download(server.url, tmp_path / "x.gz", max_bytes=10**7)
    assert (tmp_path / "x.gz").read_bytes() == PACKED


def test_a_server_that_stops_talking_is_asked_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloading, "READ_SECONDS", 0.2)
    server.faults = ["slow"]
    download(server.url, tmp_path / "x.gz", max_bytes=10**7)
    assert (tmp_path / "x.gz").read_bytes() == PACKED
    assert len(server.ranges) == 2, "it goes on where it was"
    assert server.ranges[1] is not None


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (["404"], "answered 404"),
        (["500"] * 9, "answered 500"),
        (["wrong length"] * 9, "nothing after"),
    ],
)
def test_download_that_fails_leaves_no_finished_file(server, tmp_path, faults, reason):
    server.faults = list(faults)
    with pytest.raises(DataError, match=reason):
        download(server.url, tmp_path / "x.gz", max_bytes=10**7)
    assert not (tmp_path / "x.gz").exists()


def test_download_is_capped_and_wants_https(server, tmp_path):
    with pytest.raises(DataError, match="at most 100 expected"):
        download(server.url, tmp_path / "x", max_bytes=100)
    with pytest.raises(DataError, match="only https"):
        download("http://example.org/x", tmp_path / "x", max_bytes=100)
    assert not (tmp_path / "x").exists()


def test_an_address_that_leads_to_plain_http_is_refused(server, tmp_path):
    server.faults = ["elsewhere"]
    with pytest.raises(DataError, match=r"http://0\.0\.0\.0.*: only https addresses"):
        download(server.url, tmp_path / "x", max_bytes=10**7)
    assert not (tmp_path / "x").exists()
    assert len(server.ranges) == 1, "it was not even asked"


def test_messages_do_not_repeat_what_is_secret():
    url = "https://user:word@host.example:8443/a/b.zip?token=abc#part"
    assert public(url) == "https://host.example:8443/a/b.zip"
    with pytest.raises(DataError) as caught:
        download(url.replace("https", "ftp"), Path("x"), max_bytes=1)
    assert not any(secret in str(caught.value) for secret in ("word", "token", "abc"))


def test_nobody_there_fails_fast(tmp_path):
    with pytest.raises(DataError, match="127"):
        download("http://127.0.0.1:9/x", tmp_path / "x", max_bytes=100)


def test_mirror_with_altered_content_is_refused(server, tmp_path):
    server.body = gzip.compress(CONTENT[:-1] + b"!")
    with pytest.raises(DataError, match="SHA-256 differs"):
        fetch("test", source(mirrors=(server.url,)), tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())


def test_second_mirror_serves_when_the_first_does_not(server, tmp_path):
    mirrors = ("http://127.0.0.1:9/", server.url)
    fetch("test", source(mirrors=mirrors), tmp_path / "data")
    assert (tmp_path / "data" / FILE.name).read_bytes() == CONTENT


@pytest.mark.parametrize("packed", [True, False])
def test_directory_named_by_the_user(tmp_path, packed):
    folder = tmp_path / "mine"
    folder.mkdir()
    name = FILE.name + ".gz" * packed
    (folder / name).write_bytes(PACKED if packed else CONTENT)
    fetch("test", source(), tmp_path / "data", str(folder))
    assert (tmp_path / "data" / FILE.name).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (FILE.name + ".gz", PACKED[: len(PACKED) // 2], "truncated"),
        (FILE.name + ".gz", b"not gzip", "not gzip"),
        (FILE.name + ".gz", gzip.compress(b"\0" * 50_000_000), "SHA-256 differs"),
        (FILE.name, CONTENT[:-10], "truncated"),
        (FILE.name, CONTENT[:-1] + b"!", "SHA-256 differs"),
        ("something else", b"", "has no images-idx3-ubyte"),
    ],
)
def test_damaged_files_are_refused_by_name(tmp_path, name, content, reason):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=reason) as error:
        fetch("test", source(), tmp_path / "data", str(folder))
    assert str(folder) in str(error.value)
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "data").iterdir())


def test_order_of_places(server, tmp_path, monkeypatch):
    system, variable = tmp_path / "system", tmp_path / "variable"
    system.mkdir()
    (variable / "test").mkdir(parents=True)
    places = source(system_directory=str(system), mirrors=(server.url,))
    fetch("test", places, tmp_path / "1")
    assert len(server.ranges) == 1, "nothing is at hand: the mirror is asked"
    (system / FILE.name).write_bytes(CONTENT)
    fetch("test", places, tmp_path / "2")
    assert len(server.ranges) == 1, "the system's copy saves the download"
    monkeypatch.setenv("GAHB_DATA", str(variable))
    (variable / "test" / f"{FILE.name}.gz").write_bytes(PACKED)
    (system / FILE.name).write_bytes(b"altered")
    fetch("test", places, tmp_path / "3")
    assert (tmp_path / "3" / FILE.name).read_bytes() == CONTENT


def test_a_folder_that_may_not_be_read_is_said_and_the_next_place_asked(
    server, tmp_path, monkeypatch, caplog
):
    closed = tmp_path / "closed"
    closed.mkdir()
    monkeypatch.setenv("GAHB_DATA", str(closed))
    monkeypatch.setattr("os.access", lambda path, mode: path != closed)  # root may do anything
    with caplog.at_level("INFO", "gahb"):
        fetch("test", source(mirrors=(server.url,)), tmp_path / "data")
    assert f"{closed} cannot be read (Permission denied)" in caplog.text
    assert (tmp_path / "data" / FILE.name).read_bytes() == CONTENT


def test_when_nothing_helps_the_message_says_what_would(tmp_path, monkeypatch):
    monkeypatch.setattr(fetching.shutil, "which", lambda name: None)
    monkeypatch.setenv("GAHB_DATA", str(tmp_path / "nowhere"))
    places = source(
        system_directory=str(tmp_path / "system"),
        mirrors=("http://127.0.0.1:9/",),
        debian_package="dataset-test",
    )
    with pytest.raises(DataError) as error:
        fetch("test", places, tmp_path / "data")
    for word in ("nowhere", "system", "127.0.0.1:9", "apt-get install dataset-test", "smoke.yaml"):
        assert word in str(error.value)


def test_registry_is_complete():
    for name, entry in SOURCES.items():
        assert entry.licence, name
        for file in (*entry.files, *entry.labels, *filter(None, [entry.archive])):
            algorithm, digest = file.checksum.split(":")
            assert len(bytes.fromhex(digest)) == hashlib.new(algorithm).digest_size
        assert entry.files or entry.drop_in or "bundled" in entry.reader or entry.reader == "drawn"
        assert entry.crop in CROPS
        assert all(mirror.startswith("https://") for mirror in entry.mirrors)


def test_every_data_set_is_documented():
    assert documentation() in (ROOT / "docs/data.md").read_text()
