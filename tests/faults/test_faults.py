"""Runs that are killed, ended, starved or doubled, and taken up again by the same command.

What comes out has to be what an undisturbed run gives, byte for byte.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from repository import Repository, content

pytestmark = pytest.mark.slow

SMOKE = ("--configfile", "workflow/presets/smoke.yaml")
OFTEN = ("--config", "runtime={compile: false, checkpoint_seconds: 0.2}")


class Run:
    """A run of the smoke preset, with all the processes that it starts."""

    def __init__(self, repository: Repository, *arguments: str) -> None:
        self.output = repository.path / "output.txt"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                repository.command(*SMOKE, *OFTEN, *arguments),
                cwd=repository.path,
                env=repository.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def members(self) -> list[int]:
        """Return the processes of this run that are alive, the run itself first."""
        listed = subprocess.run(
            ["ps", "-eo", "pid=,sid=,stat="], capture_output=True, text=True, check=True
        ).stdout
        rows = (line.split() for line in listed.splitlines())
        alive = [int(pid) for pid, sid, state in rows if int(sid) == self.pid and state[0] != "Z"]
        return sorted(alive)

    def kill_one(self, stream: random.Random) -> int | None:
        """Kill the run itself, as often as one of its jobs; return which, None if it is over."""
        while alive := self.members():
            itself = self.pid in alive and stream.random() < 0.5
            chosen = self.pid if itself else stream.choice(alive)
            try:
                os.kill(chosen, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it has just ended
            return chosen
        return None

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, seconds: float = 600) -> int:
        """Return the exit status once every process of the run is gone."""
        end = time.monotonic() + seconds
        while self.process.poll() is None or self.members():
            assert time.monotonic() < end, f"still there: {self.members()}\n{self.text()}"
            time.sleep(0.05)
        return self.process.returncode

    def text(self) -> str:
        return self.output.read_text()


def assert_same(repository: Repository, whole: dict[str, bytes]) -> None:
    found = content(repository)
    assert set(found) == set(whole)
    assert [name for name in whole if found[name] != whole[name]] == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """What an undisturbed run gives."""
    repository = Repository.create(tmp_path_factory.mktemp("whole") / "run")
    assert Run(repository).wait() == 0
    return content(repository)


@pytest.fixture
def fresh(tmp_path) -> Repository:
    return Repository.create(tmp_path / "run")


def finish(repository: Repository, whole: dict[str, bytes]) -> None:
    """Run once more, undisturbed; nothing is left to be done after that."""
    run = Run(repository)
    assert run.wait() == 0, run.text()
    assert_same(repository, whole)
    assert repository.planned(*SMOKE, *OFTEN) == {}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_killed_at_random_a_dozen_times(fresh, whole, seed):
    stream, kills, of_the_run = random.Random(seed), 0, 0
    while kills < 12:
        run = Run(fresh)
        time.sleep(stream.uniform(1, 12))
        chosen = run.kill_one(stream)
        if chosen is None:  # a fast machine is done before: once more
            assert run.wait() == 0, run.text()
            assert_same(fresh, whole)
            shutil.rmtree(fresh.path / "results/smoke")
            continue
        kills += 1
        of_the_run += chosen == run.pid
        print(f"seed {seed}, kill {kills}: {'the run' if chosen == run.pid else 'a job'}")
        run.wait(60)
        assert "Traceback" not in run.text()
    assert of_the_run >= 2
    finish(fresh, whole)


def test_ended_with_all_its_processes_it_writes_where_it_is(fresh, whole):
    run = Run(fresh)
    sidecars = fresh.path / "results/smoke/denoisers"
    while not list(sidecars.glob(".*.resume.safetensors")):
        assert run.process.poll() is None, run.text()
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGTERM)
    assert run.wait(60) != 0
    assert "asked to end after" in run.text()
    assert "Traceback" not in run.text()
    assert list(sidecars.glob(".*.resume.safetensors"))
    again = Run(fresh)
    assert again.wait() == 0, again.text()
    assert "resuming after" in again.text()
    assert_same(fresh, whole)


def test_told_to_end_the_run_lets_its_jobs_finish(fresh, whole):
    run = Run(fresh)
    while not (fresh.path / "results/smoke/data/split.json").exists():
        assert run.process.poll() is None, run.text()
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGTERM)
    assert run.wait(120) != 0
    assert "Traceback" not in run.text()
    finish(fresh, whole)


def test_the_second_of_two_runs_is_refused(fresh, whole):
    first = Run(fresh)
    while not list(fresh.path.glob(".snakemake/locks/*")):
        assert first.process.poll() is None, first.text()
        time.sleep(0.05)
    second = fresh.snakemake(*SMOKE, *OFTEN)
    assert second.returncode != 0
    assert "cannot be locked" in second.stdout + second.stderr
    assert first.wait() == 0, first.text()
    assert_same(fresh, whole)


def test_after_the_clock_was_set_back(fresh, whole):
    """Files of tomorrow, and a run today that needs them."""
    assert Run(fresh).wait() == 0
    folder, tomorrow = fresh.path / "results/smoke", time.time() + 86_400
    for name in ("samples", "evaluation", "tables", "figures"):
        shutil.rmtree(folder / name)
    for path in folder.rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    run = Run(fresh)
    assert run.wait() == 0, run.text()
    assert "The clock was set back" in run.text()
    assert "rule train" not in run.text()
    assert_same(fresh, whole)
    assert fresh.planned(*SMOKE, *OFTEN) == {}


class Mount:
    """A file system of a few MiB in the place of the results; for root only."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        self.call("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))

    @staticmethod
    def call(*words: str) -> None:
        found = subprocess.run(words, capture_output=True, text=True)
        if found.returncode:
            pytest.skip(f"no file system can be mounted here: {found.stderr.strip()}")

    def change(self, option: str) -> None:
        self.call("mount", "-o", f"remount,{option}", str(self.folder))


@pytest.fixture
def mount(fresh):
    """Return a function that mounts a small file system on the results."""
    made = []

    def mounted(size: str) -> Mount:
        shutil.rmtree(fresh.path / "results")
        (fresh.path / "results").mkdir()
        made.append(Mount(fresh.path / "results", size))
        return made[-1]

    yield mounted
    for each in made:
        subprocess.run(["umount", "-l", str(each.folder)], check=True)


@pytest.mark.parametrize("size", ["150k", "700k"])
def test_a_full_disk(fresh, whole, mount, size):
    disk = mount(size)
    run = Run(fresh)
    assert run.wait() != 0
    assert "No space left on device" in run.text()
    assert "Traceback" not in run.text()
    disk.change("size=200m")
    finish(fresh, whole)


def test_a_folder_that_cannot_be_written(fresh, whole, mount):
    disk = mount("200m")
    disk.change("ro")
    run = Run(fresh)
    assert run.wait() != 0
    assert "results cannot be written (Read-only file system)" in run.text()
    assert "Traceback" not in run.text()
    disk.change("rw")
    finish(fresh, whole)
