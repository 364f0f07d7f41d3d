"""What ``import gahb`` offers: light, listed, documented, with examples that run."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
import time

import pytest
import torch

import gahb
from repository import ROOT

LISTED = {
    alias.asname
    for node in ast.parse((ROOT / "gahb/__init__.pyi").read_text()).body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}


def test_importing_it_loads_nothing():
    code = (
        "import sys; before = set(sys.modules); import gahb\n"
        "heavy = {'torch', 'numpy', 'pandas', 'scipy', 'matplotlib', 'snakemake', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert found.stdout == "[]\n"


def test_importing_it_takes_no_time():
    """Python itself starts in a few hundredths of a second; PyTorch takes seconds."""
    times = []
    for _ in range(3):
        begun = time.monotonic()
        subprocess.run([sys.executable, "-c", "import gahb"], check=True, cwd=ROOT)
        with_it = time.monotonic() - begun
        begun = time.monotonic()
        subprocess.run([sys.executable, "-c", ""], check=True)
        times.append(with_it - (time.monotonic() - begun))
    assert min(times) < 0.1


def test_it_shows_what_is_listed_and_nothing_else():
    assert set(dir(gahb)) == LISTED
    assert all(hasattr(gahb, name) for name in LISTED)
    with pytest.raises(AttributeError, match="audits"):
        gahb.audits  # noqa: B018


@pytest.mark.parametrize("name", sorted(LISTED))
def test_examples_run(name):
    thing = getattr(gahb, name)
    assert inspect.getdoc(thing)
    finder = doctest.DocTestFinder(recurse=False)
    (found,) = finder.find(thing, name, globs={})
    assert found.examples, f"{name} has no example"
    said: list[str] = []
    torch.manual_seed(0)
    failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(found, out=said.append)
    assert not failed, "".join(said)
