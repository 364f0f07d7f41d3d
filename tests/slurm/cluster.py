"""A real Slurm of one node on this machine: python tests/slurm/cluster.py starts it, for a look.

Needs root and Debian's slurm-wlm and munge. No accounting, no cgroups; everything but the
configuration lies in a scratch folder. Stopped by its pid files, never by name.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Where jobs find it: the executor takes SLURM_CONF from their environment.
CONFIGURATION = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
TEMPLATE = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
KillWait=20
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str | None:
    """Return why no cluster can be started here, or None."""
    if os.name != "posix" or os.geteuid() != 0:
        return "a cluster is started by root only"
    if lacking := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"{', '.join(lacking)} not installed (Debian: apt-get install slurm-wlm munge)"
    if CONFIGURATION.exists():
        return f"{CONFIGURATION} belongs to another cluster"
    return None


class Cluster:
    """Slurm and munge, from `start` to `stop`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.munge: Path | None = None
        self.host = socket.gethostname().split(".")[0]

    def start(self) -> None:
        """Start everything and wait until the node is idle."""
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.write_text(
            TEMPLATE.format(
                host=self.host,
                folder=self.folder,
                cores=min(2, os.cpu_count()),
                memory=int(0.9 * memory),
            )
        )
        self._start_munge()
        self.call("slurmctld")
        self.call("slurmd")
        self.wait_for(lambda: "idle" in self.call("sinfo", "-h", "-o", "%T"), "an idle node")

    def _start_munge(self) -> None:
        user = pwd.getpwnam("munge")
        run = Path("/run/munge")
        run.mkdir(exist_ok=True)
        os.chown(run, user.pw_uid, user.pw_gid)
        if not (run / "munge.socket.2").exists():
            self.munge = run / "munged.pid"
            words = ("setpriv", "--reuid=munge", "--regid=munge", "--clear-groups", "munged")
            self.call(*words, f"--pid-file={self.munge}")
        self.call("sh", "-c", "munge -n | unmunge")

    def stop(self) -> None:
        """End all jobs and all daemons, and remove the configuration."""
        subprocess.run(["scancel", "--user=root"], capture_output=True)
        files = [self.folder / "slurmd.pid", self.folder / "slurmctld.pid", self.munge]
        for path in filter(None, files):
            if path.exists():
                pid = int(path.read_text())
                os.kill(pid, signal.SIGTERM)
                self.wait_for(lambda pid=pid: not Path(f"/proc/{pid}").exists(), f"end of {path}")
        CONFIGURATION.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *words: str) -> str:
        """Run a command; a failure says what it printed and what Slurm logged."""
        found = subprocess.run(words, capture_output=True, text=True, timeout=60)
        if found.returncode:
            logs = "\n".join(path.read_text()[-2000:] for path in self.folder.glob("*.log"))
            raise RuntimeError(f"{' '.join(words)}: {found.stdout}{found.stderr}\n{logs}")
        return found.stdout

    def jobs(self) -> dict[str, tuple[str, str]]:
        """Return state and comment (which names the rule) of every job that is not over.

        Those of an array by its number and theirs, as `scancel` takes them: 4_2.
        """
        lines = self.call("squeue", "-h", "-r", "-o", "%i|%T|%k").splitlines()
        rows = (line.split("|", 2) for line in lines)
        return {number: (state, comment) for number, state, comment in rows}

    @staticmethod
    def wait_for(condition, what: str, seconds: float = 60) -> None:
        """Wait until ``condition()`` is true."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"no {what} after {seconds:.0f} s")
            time.sleep(0.2)


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cluster = Cluster()
    try:
        cluster.start()
        print(cluster.call("sinfo"), f"logs in {cluster.folder}; end with Ctrl-C", sep="\n")
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        cluster.stop()
