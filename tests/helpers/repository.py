"""The repository, copies of it to run, and what runs of them leave."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Repository:
    """A copy of the repository in which Snakemake is run as a user would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # The copy's package, not the installed one; one thread, as Snakemake sets it.
        self.environment = {**os.environ, "PYTHONPATH": str(path), "OMP_NUM_THREADS": "1"}
        self.environment.pop("GAHB_DATA", None)

    @classmethod
    def create(cls, path: Path) -> Repository:
        """Copy what git would, with what is not committed, to a folder."""
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, path / name)
        return cls(path)

    def command(self, *arguments: str) -> list[str]:
        """Return the command that a user types, on two cores."""
        return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]

    def snakemake(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess:
        """Run it to its end, good or bad."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=timeout,
        )

    def planned(self, *arguments: str) -> dict[str, int]:
        """Return how many jobs of each rule a dry run would start."""
        result = self.snakemake("-n", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        output = result.stdout + result.stderr
        if "Nothing to be done" in output:
            return {}
        table = re.search(r"^job +count\n-.*\n((?:\S+ +\d+\n)+)", output, re.MULTILINE)
        rows = (line.split() for line in table.group(1).splitlines())
        return {rule: int(count) for rule, count in rows if rule not in ("total", "all")}

    def edit(self, name: str, before: str, after: str) -> None:
        """Change the first such words of a file."""
        path = self.path / name
        text = path.read_text()
        assert before in text, f"{before!r} is not in {name}"
        path.write_text(text.replace(before, after, 1))


def content(repository: Repository) -> dict[str, bytes]:
    """Return every result by its path, but for logs, times and names of machines."""
    folder = repository.path / "results/smoke"
    aside = {"logs", "benchmarks", "versions.json"}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in aside
    }
