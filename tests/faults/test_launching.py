"""Processes that work together: who can talk to them, and that none outlives the others."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from gahb.errors import Interrupted, TrainingError
from gahb.jobs import launching
from gahb.jobs.console import reporting
from gahb.jobs.launching import launch
from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.training.job import TrainingJob
from gahb.training.process import packed, unpacked
from repository import ROOT


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Return a function that starts two odd processes, see `odd_process`, and waits for them."""

    def odd(how: str, parts: tuple = ()) -> None:
        monkeypatch.setenv("ODD", f"{how} {tmp_path}")
        with reporting(tmp_path / "log", "odd"):
            launch("odd_process", ["cpu", "cpu"], 1, parts)

    return odd


def pids(folder) -> list[int]:
    return [int(path.read_text()) for path in sorted(folder.glob("pid?"))]


def is_alive(pid: int) -> bool:
    return subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
    ).stdout.strip()[:1] not in ("", "Z")


def gone(pids: list[int], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(is_alive, pids))


def test_a_job_arrives_as_it_was(tmp_path):
    images = np.random.default_rng(0).random((5, 3, 4, 4), dtype=np.float32)[::2]
    job = TrainingJob(
        tmp_path / "a b\udcff",
        images,
        DenoiserSettings(kind="edm", arguments={"a": [1, 0.1, None]}),
        TrainingSettings(presentations=320),
        RuntimeSettings(),
        2,
        (0, "train", "4"),
        tmp_path / "c",
        tmp_path / "d",
        "code",
    )
    content = b"".join(packed(job))
    readable, writable = os.pipe()

    def sent():
        with os.fdopen(writable, "wb") as pipe:
            pipe.write(content)

    threading.Thread(target=sent).start()
    with os.fdopen(readable, "rb") as pipe:
        found = unpacked(pipe)
    assert found.description == job.description
    assert (found.images == images).all()
    for name in ("checkpoint", "resume", "progress", "runtime", "threads", "code"):
        assert getattr(found, name) == getattr(job, name)


@pytest.mark.parametrize("kept", [0, 20, -1])
def test_a_job_that_does_not_arrive_is_none(tmp_path, kept):
    job = TrainingJob(
        tmp_path,
        np.zeros((5, 1, 4, 4), np.uint8),
        DenoiserSettings(),
        TrainingSettings(),
        RuntimeSettings(),
        2,
        (0,),
        tmp_path,
        tmp_path,
        "",
    )
    readable, writable = os.pipe()
    os.write(writable, b"".join(packed(job))[:kept])
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        assert unpacked(pipe) is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_other_machine_can_reach_them_whatever_the_environment(start, tmp_path, monkeypatch):
    for name, value in {
        "GLOO_SOCKET_IFNAME": "eth0",
        "NCCL_SOCKET_IFNAME": "eth0",
        "TORCH_GLOO_LAZY_INIT": "1",
        "MASTER_ADDR": "example.org",
        "WORLD_SIZE": "7",
        "RANK": "5",
    }.items():
        monkeypatch.setenv(name, value)
    start("listen")
    found = [path.read_text() for path in sorted(tmp_path.glob("listening?"))]
    assert len(found) == 2
    assert set(" ".join(found).split()) == {"0100007F"}, "127.0.0.1, and no port of a store"


def test_where_they_meet_nobody_else_can_look(start, tmp_path, monkeypatch):
    """In a temporary folder with a long name with spaces, whatever the umask."""
    place = tmp_path / ("a long name " * 15)
    place.mkdir()
    seen = []

    def looked(*arguments, **keywords):
        (folder,) = place.iterdir()
        seen.append(folder.stat().st_mode & 0o777)
        return process(*arguments, **keywords)

    process = subprocess.Popen
    monkeypatch.setattr("tempfile.tempdir", str(place))
    monkeypatch.setattr(launching.subprocess, "Popen", looked)
    before = os.umask(0)
    try:
        start("listen")
    finally:
        os.umask(before)
    assert seen == [0o700, 0o700]
    assert list(place.iterdir()) == []


def test_a_stranger_in_the_place_of_one_is_noticed(start, tmp_path):
    with pytest.raises(SystemExit):
        start("stranger")
    text = (tmp_path / "log").read_text()
    assert "somebody else answered in the place of process 1" in text
    assert not list(tmp_path.glob("pid?")), "they do nothing together"


def test_one_that_is_killed_ends_the_others(start, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(launching, "GRACE_SECONDS", 0.5)
    with pytest.raises(SystemExit):
        start("killed")
    assert "error: process 1 of 2 ended with signal 9" in (tmp_path / "log").read_text()
    assert len(pids(tmp_path)) == 2
    assert gone(pids(tmp_path), 0)
    assert "Traceback" not in capfd.readouterr().err


def test_they_are_gone_at_once_when_the_one_that_started_them_is_killed(tmp_path):
    code = (
        "from gahb.jobs.console import reporting\nfrom gahb.jobs.launching import launch\n"
        f"with reporting({str(tmp_path / 'log')!r}, 'odd'):\n"
        "    launch('odd_process', ['cpu', 'cpu'], 1, [])"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests/helpers")])
    environment = {**os.environ, "PYTHONPATH": path, "ODD": f"deaf {tmp_path}"}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    try:
        while len(pids(tmp_path)) < 2:
            assert process.poll() is None
            time.sleep(0.05)
        assert not gone(pids(tmp_path), 0.1)
    finally:
        process.kill()
    process.wait()
    assert gone(pids(tmp_path))


@pytest.mark.parametrize(("how", "error"), [("asked", Interrupted), ("fails", MemoryError)])
def test_one_that_never_reads_what_it_is_sent_holds_up_nothing(monkeypatch, how, error):
    """More than a pipe holds; and when this process is asked to end, or fails itself."""
    started, process, wait = [], subprocess.Popen, launching._wait

    def watched(*arguments, **keywords):
        started.append(process(*arguments, **keywords))
        return started[-1]

    def waiting(processes):
        if how == "fails":
            raise MemoryError
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
        wait(processes)

    monkeypatch.setattr(launching.subprocess, "Popen", watched)
    monkeypatch.setattr(launching, "_wait", waiting)
    monkeypatch.setenv("ODD", "blind x")
    with pytest.raises(error):
        launch("odd_process", ["cpu", "cpu"], 1, [bytes(10**6)])
    assert [each.poll() is not None for each in started] == [True, True]


def test_a_machine_without_loopback_is_told(monkeypatch):
    monkeypatch.setattr(launching.socket, "if_nameindex", lambda: [(1, "eth0")])
    with pytest.raises(TrainingError, match=r"no loopback interface.*set it to 1"):
        launch("odd_process", ["cpu", "cpu"], 1, [])
