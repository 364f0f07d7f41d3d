"""The Debian package as the last place for original files: apt that hangs, fails, or chatters."""

import gzip
import os
import subprocess
import sys
import time

import pytest

from gahb.data import commands as commanding
from gahb.data.fetch import fetch
from gahb.errors import DataError
from originals import CONTENT, FILE, PACKED, PLACES
from repository import ROOT


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Return a function that puts programs called apt-get and dpkg-deb before the real ones."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def put(apt: str, dpkg: str = "exit 0") -> None:
        for name, body in {"apt-get": apt, "dpkg-deb": dpkg}.items():
            (folder / name).write_text(f"#!/bin/sh\n{body}\n")
            (folder / name).chmod(0o755)

    return put


def reason(tmp_path) -> str:
    with pytest.raises(DataError) as caught:
        fetch("test", PLACES, tmp_path / "data")
    return next(line for line in str(caught.value).splitlines() if "Debian package" in line)


def alive(pid: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return found.stdout.strip()[:1] not in ("", "Z")


def test_the_package_is_unpacked(commands, tmp_path):
    (tmp_path / "packed").write_bytes(PACKED)
    commands(
        'for word; do [ "$word" = download ] && touch x.deb; done; exit 0',
        'mkdir -p "$3/usr/share/datasets/test"\n'
        f'cp {tmp_path}/packed "$3/usr/share/datasets/test/{FILE.name}.gz"',
    )
    fetch("test", PLACES, tmp_path / "data")
    assert (tmp_path / "data" / FILE.name).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("apt", "expected"),
    [
        ("echo first >&2; printf 'E: \\033[2Jlast\\007\\377\\n' >&2; exit 100", "E: "),
        ("exit 100", "apt-get failed: no message"),
        ("kill -9 $$", "apt-get failed: no message"),
        ("head -c 5000000 /dev/zero >&2; exit 1", "apt-get failed: "),
        ("exit 0", "apt-get download left 0 packages, expected one"),
        ("touch a.deb b.deb", "apt-get download left 2 packages, expected one"),
        ("read line || { echo 'nothing to read' >&2; exit 1; }", "failed: nothing to read"),
        ("yes no | head -c 50000000; exit 3", "apt-get failed: no message"),
    ],
)
def test_what_apt_says_is_one_line(commands, tmp_path, apt, expected):
    commands(apt)
    line = reason(tmp_path)
    assert expected in line
    assert line.isprintable()
    assert len(line) < 300


def test_what_hangs_is_ended_with_all_that_it_has_started(commands, tmp_path, monkeypatch):
    monkeypatch.setattr(commanding, "COMMAND_SECONDS", 0.5)
    # The grandchild keeps the output open and does not listen.
    commands(
        f"(trap '' TERM HUP; echo $$ > /dev/null; exec sleep 60) & echo $! > {tmp_path}/pid; wait"
    )
    start = time.monotonic()
    assert "apt-get took more than 0.5 s" in reason(tmp_path)
    assert time.monotonic() - start < 10
    assert not alive(int((tmp_path / "pid").read_text()))


def test_it_ends_with_this_process(commands, tmp_path):
    commands(f"sleep 60 & echo $! > {tmp_path}/pid; wait")
    code = (
        "import sys; sys.path.insert(0, 'tests/helpers')\n"
        "from originals import PLACES\nfrom gahb.data.fetch import fetch\n"
        "from gahb.jobs.console import reporting\nfrom pathlib import Path\n"
        f"with reporting({str(tmp_path / 'log')!r}, 'fetch'):\n"
        f"    fetch('test', PLACES, Path({str(tmp_path / 'data')!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait(20) != 0
    assert not alive(int((tmp_path / "pid").read_text()))


def test_programs_that_cannot_be_run_and_no_temporary_folder_are_reasons(
    commands, tmp_path, monkeypatch
):
    commands("exit 0")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert "no temporary folder (No such file or directory)" in reason(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "bin/apt-get").write_bytes(gzip.compress(b""))  # no program
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "apt-get cannot be run (Exec format error)" in reason(tmp_path)
