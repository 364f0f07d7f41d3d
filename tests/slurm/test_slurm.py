"""The smoke preset through a real Slurm, with a job cancelled and a node drained on the way."""

import subprocess
import time

import pytest
import yaml
from cluster import Cluster, missing

from repository import Repository, content

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]

SMOKE = ("--configfile", "workflow/presets/smoke.yaml")
# A GPU is asked for unless the device is the CPU; checkpoints often, trainings long enough to
# be cancelled in.
CHANGES = (
    "--config",
    "runtime={device: cpu, compile: false, checkpoint_seconds: 0.5}",
    "training={presentations: 25600}",
)
# What a cluster without accounting, of two cores, on a local disk needs instead of the profile's.
LOCAL = ("--slurm-status-command", "squeue", "--latency-wait", "5")
LOCAL += ("--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2")


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """What the same run gives without a cluster."""
    repository = Repository.create(tmp_path_factory.mktemp("local") / "run")
    result = repository.snakemake(*SMOKE, *CHANGES)
    assert result.returncode == 0, result.stdout + result.stderr
    return content(repository)


class ClusterRun:
    """The smoke preset with the cluster's profile, as a user starts it."""

    def __init__(self, folder) -> None:
        self.repository = Repository.create(folder)
        path = folder / "workflow/profiles/slurm/config.yaml"
        profile = yaml.safe_load(path.read_text())
        # One small node: what a job asks for has to fit.
        profile["default-resources"]["mem_mb"] = "1000 * attempt"
        path.write_text(yaml.safe_dump(profile))
        self.output = folder / "output.txt"
        command = self.repository.command(
            "--workflow-profile", "workflow/profiles/slurm", *SMOKE, *CHANGES, *LOCAL
        )
        command.remove("--cores")
        command.remove("2")
        memory = "--set-resources"
        rules = ("train", "evaluate", "sample", "prepare", "trajectories")
        command += [memory, *(f"{rule}:mem_mb=1500" for rule in rules)]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=self.repository.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def text(self) -> str:
        return self.output.read_text()


def cancel_a_training(cluster: Cluster, run: ClusterRun) -> None:
    """Cancel the first job that has written a checkpoint."""
    sidecars = run.repository.path / "results/smoke/denoisers"
    cluster.wait_for(lambda: list(sidecars.glob(".*.resume.safetensors")), "checkpoint", 300)
    jobs = cluster.jobs().items()
    training = [number for number, job in jobs if job[0] == "RUNNING" and "rule_train" in job[1]]
    assert training, jobs
    cluster.call("scancel", training[0])


def drain_for_a_while(cluster: Cluster, seconds: float = 15) -> None:
    """Let the node finish what it does and take nothing more; then let it again."""
    update = ("scontrol", "update", f"nodename={cluster.host}")
    cluster.call(*update, "state=drain", "reason=test")
    states = cluster.call("sinfo", "-h", "-o", "%T")
    assert "drain" in states
    time.sleep(seconds)
    cluster.call(*update, "state=resume")


def test_the_smoke_preset_ends_with_the_same_bytes(cluster, whole, tmp_path):
    run = ClusterRun(tmp_path / "run")
    try:
        cancel_a_training(cluster, run)
        drain_for_a_while(cluster)
        assert run.process.wait(900) == 0, run.text()
    finally:
        run.process.kill()
    assert "Trying to restart job" in run.text()
    logs = run.repository.path.glob(".snakemake/slurm_logs/rule_train/**/*.log")
    assert any("asked to end after" in path.read_text() for path in logs), "the cancelled one"
    assert "Traceback" not in run.text()
    found = content(run.repository)
    assert set(found) == set(whole)
    assert [name for name in whole if found[name] != whole[name]] == []
    assert not cluster.jobs()
