"""Does this tree give the same results as another commit? For whoever moves code about.

    python tests/identity.py f167aa9 [preset ...]

Runs the smoke presets from both, on this machine, in single precision and uncompiled, and compares
tables, arrays and samples byte by byte, and of checkpoints the tensors. What is said by tables
that differ is shown. Ends with 0 if there is no difference.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from safetensors import safe_open

ROOT = Path(__file__).parent.parent
PRESETS = ["smoke", "bases-smoke", "gaussian-smoke", "transition-smoke"]
COMPARED = {".npy", ".npz", ".csv", ".safetensors", ".json"}
LEFT_OUT = {"logs", "benchmarks", "versions.json"}


def extract(commit: str, folder: Path) -> None:
    """Put the files of a commit, or with "" of the working tree, into a folder."""
    folder.mkdir()
    names = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if commit:
        content = subprocess.run(
            ["git", "archive", commit], cwd=ROOT, check=True, capture_output=True
        ).stdout
        subprocess.run(["tar", "x", "-C", str(folder)], input=content, check=True)
        return
    listed = subprocess.run(names, cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())


def run(folder: Path, preset: str) -> None:
    """Run a smoke preset in a folder with the code there."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--quiet", "all"]
    command += ["--configfile", f"workflow/presets/{preset}.yaml"]
    command += ["--config", "runtime={compile: false}", "training={precision: fp32}"]
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        sys.exit(f"{preset} fails in {folder}:\n{result.stdout}{result.stderr}")


def results(folder: Path) -> dict[str, Path]:
    """Return the files to compare by their path below ``results``."""
    found = {}
    for path in (folder / "results").rglob("*"):
        name = path.relative_to(folder / "results")
        hidden = any(part.startswith(".") for part in name.parts)
        left_out = hidden or LEFT_OUT & set(name.parts)
        if path.is_file() and path.suffix in COMPARED and not left_out:
            found[str(name)] = path
    return found


def content(path: Path) -> list[tuple[str, str]]:
    """Return hashes of what a file holds: of a checkpoint one for each tensor."""
    if path.suffix != ".safetensors":
        return [("", hashlib.sha256(path.read_bytes()).hexdigest())]
    with safe_open(path, "numpy") as file:
        return [
            (key, hashlib.sha256(file.get_tensor(key).tobytes()).hexdigest())
            for key in sorted(file.keys())
        ]


def differences(here: Path, there: Path) -> Iterator[str]:
    """Yield a line for each file that is not the same in two folders of results."""
    ours, theirs = results(here), results(there)
    for name in sorted(ours.keys() ^ theirs.keys()):
        yield f"{name}: only {'here' if name in ours else 'there'}"
    for name in sorted(ours.keys() & theirs.keys()):
        if content(ours[name]) != content(theirs[name]):
            what = _of_tables(ours[name], theirs[name]) if name.endswith(".csv") else "other bytes"
            yield f"{name}: {what}"


def _of_tables(ours: Path, theirs: Path) -> str:
    """Return how two tables differ."""
    one, other = (pd.read_csv(path, dtype=str).fillna("") for path in (ours, theirs))
    if columns := sorted(set(one) ^ set(other)):
        rest = [name for name in one if name in other]
        same = "the others are the same" if one[rest].equals(other[rest]) else "and others differ"
        return f"columns {', '.join(columns)} only on one side; {same}"
    if len(one) != len(other):
        return f"{len(one)} rows, there {len(other)}"
    changed = [name for name in one if not one[name].equals(other[name])]
    pairs = {
        f"{a!r}, there {b!r}"
        for name in changed
        for a, b in zip(one[name], other[name], strict=True)
        if a != b
    }
    return f"{', '.join(changed)}: {'; '.join(sorted(pairs)[:3])}"


def main(commit: str, presets: list[str]) -> None:
    """Compare, and say what differs."""
    with tempfile.TemporaryDirectory() as temporary:
        here, there = Path(temporary, "here"), Path(temporary, "there")
        extract("", here)
        extract(commit, there)
        for preset in presets or PRESETS:
            for folder in (here, there):
                run(folder, preset)
        found = list(differences(here, there))
        print("\n".join(found))
        print(f"{len(results(here))} files compared, {len(found)} differ")
    sys.exit(bool(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
