"""Which runs are alive, and whose locks are removed."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import time
from functools import partial

import pytest

from gahb.errors import StorageError
from gahb.jobs import locks as runs
from gahb.jobs.ending import noticing_termination
from gahb.jobs.locks import is_running, register, run_name, settle_times


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A .snakemake folder; what `register` does to this process is undone."""
    monkeypatch.setenv(runs.RUN_VARIABLE, "")
    monkeypatch.setattr(runs.atexit, "register", lambda *arguments, **keywords: None)
    monkeypatch.setattr(runs, "_RECORDS", records := [])
    (tmp_path / "locks").mkdir()
    yield tmp_path
    for record in records:
        record.close()


def dead_name() -> str:
    code = "from gahb.jobs.locks import run_name; print(run_name())"
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def record(folder, name: str, before=(), file="1.json") -> None:
    (folder / "gahb").mkdir(exist_ok=True)
    (folder / "gahb" / file).write_text(json.dumps({"run": name, "before": list(before)}))


def lock(folder, name: str, age: float = 0) -> None:
    path = folder / "locks" / name
    path.write_text("results/x")
    made = time.time() - age
    os.utime(path, (made, made))


def locks(folder) -> set[str]:
    return {path.name for path in (folder / "locks").iterdir()}


def test_this_process_is_running_and_an_ended_one_is_not():
    assert is_running(run_name())
    assert not is_running(dead_name())
    where, pid, started = run_name().rsplit(" ", 2)
    assert not is_running(f"{where} {pid} {float(started) - 3}"), "the number was taken again"
    machine, boot, container = where.rsplit("/", 2)
    for other in (
        f"elsewhere/{boot}/{container}",
        f"{machine}/{boot}/other",
        f"{machine}/earlier/{container}",
    ):
        assert is_running(f"{other} {pid} 1"), "nobody can tell from here"


def test_an_ended_child_that_nobody_waited_for_is_not_running():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    while process.returncode is None and runs._started(process.pid) is not None:
        time.sleep(0.01)
    assert runs._started(process.pid) is None
    process.wait()


def test_a_folder_of_snakemake_that_cannot_be_written_is_one_line(folder, monkeypatch):
    def refused(*arguments, **keywords):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    with pytest.raises(StorageError, match=r"cannot be written \(Read-only file system\); make"):
        list(runs.begin(folder, folder / "results"))


def test_a_run_says_what_it_found(folder):
    record(folder, dead_name())
    lock(folder, "0.input.lock")
    (folder / "results").mkdir()
    assert list(runs.begin(folder, folder / "results")) == [
        "The last run here was killed: its lock is removed."
    ]


def test_locks_of_a_killed_run_are_removed(folder):
    record(folder, dead_name())
    lock(folder, "0.input.lock")
    lock(folder, "0.output.lock")
    assert register(folder) == 2
    assert locks(folder) == set()
    (own,) = (folder / "gahb").iterdir()
    assert json.loads(own.read_text()) == {"run": run_name(), "before": []}
    assert os.environ[runs.RUN_VARIABLE] == run_name()


def elsewhere(**changes: str) -> str:
    """Return the name of a run of another place: machine, its start, container."""
    where, pid, started = run_name().rsplit(" ", 2)
    parts = dict(zip(("machine", "boot", "container"), where.rsplit("/", 2), strict=True)) | changes
    return f"{'/'.join(parts.values())} {pid} {started}"


def test_a_restart_of_this_machine_ends_its_runs(folder):
    record(folder, elsewhere(boot="earlier"))
    lock(folder, "0.input.lock")
    assert register(folder) == 1


@pytest.mark.parametrize("changes", [{"boot": "other"}, {"container": "other"}])
def test_a_run_of_a_machine_of_the_same_name_keeps_its_lock(folder, changes):
    """Two clones with one folder: only the lock on the record tells them apart."""
    record(folder, elsewhere(**changes))
    lock(folder, "0.input.lock")
    with (folder / "gahb/1.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert register(folder) == 0
        assert locks(folder) == {"0.input.lock"}
    assert register(folder) == 1, "it has ended"


def test_a_run_of_another_machine_keeps_its_lock(folder):
    record(folder, elsewhere(machine="other"))
    lock(folder, "0.input.lock")
    assert register(folder) == 0
    assert locks(folder) == {"0.input.lock"}


def test_a_run_holds_its_record(folder):
    register(folder)
    (own,) = (folder / "gahb").iterdir()
    with own.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_locks_of_the_living_and_of_nobody_stay(folder):
    lock(folder, "0.input.lock", age=100)  # before all records: nobody knows whose
    record(folder, dead_name(), ["0.input.lock"], "1.json")
    record(folder, run_name(), ["0.input.lock"], "2.json")
    lock(folder, "1.input.lock")  # the dead or the living made it
    assert register(folder) == 0
    assert locks(folder) == {"0.input.lock", "1.input.lock"}


def test_a_lock_older_than_the_dead_run_is_not_its(folder):
    lock(folder, "0.input.lock", age=100)
    record(folder, dead_name())
    assert register(folder) == 0
    assert locks(folder) == {"0.input.lock"}


def test_a_damaged_record_is_dropped(folder):
    (folder / "gahb").mkdir()
    (folder / "gahb/1.json").write_text('{"run": "x')
    lock(folder, "0.input.lock")
    assert register(folder) == 0
    assert not (folder / "gahb/1.json").exists()
    assert locks(folder) == {"0.input.lock"}


def test_a_job_ends_with_its_run(tmp_path):
    run = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    code = (
        "import os, sys, time\n"
        "from gahb.jobs import locks as runs\n"
        "from gahb.hardware.machine import place\n"
        f"name = (place(), {run.pid}, runs._started({run.pid}))\n"
        "os.environ['GAHB_RUN'] = ' '.join(map(str, name))\n"
        "from gahb.jobs.console import reporting\n"
        f"with reporting({str(tmp_path / 'log')!r}, 'job') as log:\n"
        "    log.info('begun')\n"
        "    try:\n"
        "        time.sleep(600)\n"
        "    finally:\n"
        f"        open({str(tmp_path / 'tidied')!r}, 'w').close()\n"
    )
    job = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert "begun" in job.stderr.readline()
    assert job.poll() is None
    run.kill()
    run.wait()
    _, rest = job.communicate(timeout=30)
    assert job.returncode == 128 + 15
    assert "the run that started this job was killed" in rest
    assert (tmp_path / "tidied").exists()


def test_the_same_job_waits_for_its_elder(tmp_path):
    """Of a run that was killed elsewhere, say on a cluster."""
    code = (
        "import sys, time\n"
        "from gahb.jobs.console import reporting\n"
        f"with reporting({str(tmp_path / 'log')!r}, sys.argv[1]) as log:\n"
        "    log.info('begun')\n"
        "    time.sleep(float(sys.argv[2]))\n"
        "    log.info('done')\n"
    )
    start = partial(subprocess.Popen, stderr=subprocess.PIPE, text=True)
    elder = start([sys.executable, "-c", code, "elder", "4"])
    assert "begun" in elder.stderr.readline()
    (tmp_path / "log").unlink()  # as Snakemake does before it starts a job
    younger = start([sys.executable, "-c", code, "younger", "0"])
    assert "an earlier run still goes on: waiting" in younger.stderr.readline()
    assert "begun" in younger.stderr.readline()
    _, rest = elder.communicate(timeout=10)
    assert elder.returncode == 0, "it had ended before"
    assert "done" in rest
    younger.communicate(timeout=30)
    assert younger.returncode == 0


def test_a_log_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "taken").touch()
    code = (
        "from gahb.jobs.console import reporting\n"
        f"with reporting({str(tmp_path / 'taken/log')!r}, 'job'):\n"
        "    pass\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("[job] error: ")
    assert ended.stderr.count("\n") == 1


def test_termination_is_noticed_and_the_old_way_comes_back():
    import signal

    before = signal.getsignal(signal.SIGTERM)
    with noticing_termination() as termination:
        assert not termination.requested
        os.kill(os.getpid(), signal.SIGTERM)
        assert termination.requested
    assert signal.getsignal(signal.SIGTERM) == before


def test_files_of_the_future_come_to_the_present_in_their_order(tmp_path):
    now = time.time()
    ages = {"old": -50, "new": -5, "dawn": 86_400, "noon": 86_410, "dusk": 86_412}
    for name, age in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (now + age, now + age))
    os.utime(tmp_path, (now - 60, now - 60))
    assert settle_times(tmp_path) == 3
    made = {name: (tmp_path / name).stat().st_mtime for name in ages}
    assert sorted(ages, key=made.get) == list(ages)
    assert made["new"] == pytest.approx(now - 5, abs=1e-3)
    # Those of the future keep their distances, but never fall behind what was there before.
    assert made["dusk"] - made["noon"] == pytest.approx(2, abs=1e-3)
    assert made["new"] == made["dawn"]
    assert made["dusk"] <= time.time()
    assert settle_times(tmp_path) == 0
