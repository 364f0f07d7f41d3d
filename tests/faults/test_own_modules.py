"""Modules of one's own in any encoding that Python takes; what keeps one from running is a line."""

import subprocess
import sys

import pytest
import torch

from gahb.denoisers.external import External, find_factory
from gahb.denoisers.own_modules import factory_file, module_file
from gahb.errors import ConfigError
from gahb.jobs.provenance import code_hash
from repository import ROOT

FACTORY = """
from torch import nn

NAME = "é ÿ"

def network():
    return nn.Identity()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that Snakemake runs in; its modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


ENCODED = {
    "utf-8": FACTORY.encode(),
    "a mark": b"\xef\xbb\xbf" + FACTORY.encode(),
    "latin-1": b"# -*- coding: latin-1 -*-" + FACTORY.encode("latin-1"),
    "cp1252": b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :" + FACTORY.encode("cp1252"),
    "returns": FACTORY.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_any_encoding_that_python_accepts(folder, encoding):
    name = f"mine_{encoding.replace('-', '_').replace(' ', '_')}"
    (folder / f"{name}.py").write_bytes(ENCODED[encoding])
    assert factory_file(f"{name}:network") == folder / f"{name}.py"
    assert isinstance(find_factory(f"{name}:network")(), torch.nn.Identity)
    assert code_hash(folder / f"{name}.py")


def test_a_hash_is_of_statements_whatever_they_are_written_in(folder):
    hashes = set()
    for index, content in enumerate(ENCODED.values()):
        (folder / str(index)).mkdir()
        (folder / str(index) / "same.py").write_bytes(content)
        hashes.add(code_hash(folder / str(index) / "same.py"))
    assert len(hashes) == 1


BROKEN = {
    "a typing error": (
        b"import torch\ndef network(:\n    pass\n",
        "broken.py, line 2: invalid syn",
    ),
    "no encoding": (b"# coding: klingon\n", "broken.py"),
    "another encoding": (b"NAME = '\xff'\n", "broken.py"),
    "an empty byte": (b"x = 1\0\n", "broken.py"),
    "deep": (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", "broken.py"),
    "indented": (b"def network():\nreturn 3\n", "broken.py, line 2: expected an indented block"),
    "long": (b"x = " + b"1 + " * 20_000 + b"1\n", "broken.py"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_no_python_is_named_by_file_and_line(folder, how):
    content, message = BROKEN[how]
    (folder / "broken.py").write_bytes(content)
    (folder / "imports_it.py").write_text("import broken\ndef network():\n    pass\n")
    # As the Snakefile does, which runs nothing.
    for find in (
        lambda: (factory_file("broken:network"), code_hash(folder / "broken.py")),
        lambda: code_hash(folder / "imports_it.py"),
    ):
        with pytest.raises(ConfigError) as caught:
            find()
        assert str(caught.value).startswith("config: denoiser.python: ")
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "\0" not in str(caught.value)


RAISING = {
    "raises": (
        "import torch\n1 / 0\n",
        "fails: ZeroDivisionError: division by zero (%s.py, line 2)",
    ),
    "ends": (
        "import sys\nsys.exit(0)\n",
        "ends the interpreter (%s.py, line 2): what is to run alo",
    ),
    "quits": ("raise SystemExit('usage')\n", "ends the interpreter (%s.py, line 1)"),
    "parses arguments": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('x')\np.parse_args([])\n",
        "ends the interpreter (%s.py, line 4)",
    ),
    "lacks a module": (
        "import not_there\n",
        "fails: ModuleNotFoundError: No module named 'not_the",
    ),
    "reads pickles": (
        "import torch\ntorch.load(__file__, weights_only=True)\n",
        "fails: UnpicklingError (%s.py, line 2)",
    ),
    "says much": (
        "raise ValueError('first\\x1b[31m\\nsecond')\n",
        "fails: ValueError: first?[31m (",
    ),
}


@pytest.mark.parametrize("where", ["the module", "the factory", "a package"])
@pytest.mark.parametrize("how", RAISING)
def test_what_ends_or_raises_is_one_line(folder, how, where):
    content, message = RAISING[how]
    name = f"raising_{abs(hash((how, where)))}"
    if where == "a package":
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(content)
        (folder / name / "inside.py").write_text(FACTORY)
        python, message = f"{name}.inside:network", message.replace("%s", "__init__")
    elif where == "the module":
        (folder / f"{name}.py").write_text(content + "def network():\n    pass\n")
        python = f"{name}:network"
    else:
        (folder / f"{name}.py").write_text(f"def network():\n    exec({content!r})\n")
        python, message = f"{name}:network", message.split(" (")[0].split(":")[0]
    with pytest.raises(ConfigError) as caught:
        External(python, {})
    assert str(caught.value).startswith("config: denoiser.python: raising_")
    assert (message.replace("%s", name)) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "weights_only" not in str(caught.value)


def test_a_package_that_is_not_there_is_said_as_before(folder):
    for module in ("gone", "gone.deep", "os.gone", "gahb.gone"):
        with pytest.raises(ConfigError, match=f"there is no module '{module}'"):
            module_file(module)


def test_an_interrupt_is_not_taken_for_a_fault(folder):
    (folder / "interrupted.py").write_text("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        find_factory("interrupted:network")


def test_the_command_says_where_the_typing_error_is(folder):
    (folder / "typo.py").write_text("def network(:\n")
    code = "from gahb.denoisers.own_modules import factory_file\nfactory_file('typo:network')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    assert f"ConfigError: config: denoiser.python: {folder}/typo.py, line 1: " in done.stderr
