"""What names and messages hold reaches neither terminal nor log as it is."""

import logging
import pickle
import subprocess
import sys

import pytest

from gahb.errors import DataError, GahbError, printable
from gahb.jobs.console import PrintableFormatter
from repository import Repository

HOSTILE = "a\x1b[31m\r\nerror: b\x07\x9b\u202e\u2028\ud800\udce9"


def test_what_steers_a_terminal_is_escaped_and_all_else_kept():
    assert printable(HOSTILE) == (r"a\x1b[31m\r\nerror: b\x07\x9b\u202e\u2028\ud800\udce9")
    kept = "Zürich 漢字 😀 σ² é e\u0301 «a b» a\u00a0b \u202f\u3000 \\n C:\\x \ue000"
    assert printable(kept) == kept
    for number in range(sys.maxunicode + 1):
        shown = printable(chr(number))
        shown.encode()
        assert shown == chr(number) or shown.startswith("\\")


def test_messages_are_escaped_once_wherever_they_come_from():
    error = DataError(f"{HOSTILE} is damaged")
    assert str(error) == f"{printable(HOSTILE)} is damaged"
    assert str(DataError(f"x: {error}")) == f"x: {error}"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    several = GahbError("first", "second\n", "third")
    assert str(several) == "first\nsecond\\n\nthird"
    assert str(pickle.loads(pickle.dumps(several))) == str(several)


def test_records_are_one_line_each_and_tracebacks_keep_theirs():
    formatter = PrintableFormatter("[%(label)s] %(message)s", defaults={"label": "100 % N=1"})
    record = logging.LogRecord("gahb", logging.INFO, "", 0, "read %s", (HOSTILE,), None)
    assert formatter.format(record) == f"[100 % N=1] read {printable(HOSTILE)}"
    try:
        raise ValueError("\x1b]0;x\x07")
    except ValueError:
        record.exc_info = sys.exc_info()
    text = formatter.format(record)
    assert "\x1b" not in text
    assert text.count("\n") > 2


@pytest.mark.parametrize("raised", ["DataError(name)", "OSError(5, 'no', name)", "KeyError(name)"])
def test_a_job_that_fails_says_so_in_plain_text(tmp_path, raised):
    code = (
        "from gahb.jobs.console import reporting\nfrom gahb.errors import DataError\n"
        f"name = {HOSTILE!r}\n"
        "with reporting('x.log', 'job') as log:\n log.warning('left out: %s', name)\n"
        f" raise {raised}"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True)
    assert child.returncode == 1
    for content in (child.stderr, (tmp_path / "x.log").read_bytes()):
        assert not set(content) & {*range(10), *range(11, 32), 127, 0x9B}
    assert child.stderr.count(b"\n") == 2


@pytest.mark.parametrize(
    "code", ["[0] * 10**15", "numpy.empty(10**16)", "raise torch.OutOfMemoryError('CUDA')"]
)
def test_that_memory_is_out_is_said_with_what_helps(tmp_path, code):
    lines = (
        "import numpy, torch\nfrom gahb.jobs.console import reporting\n"
        f"with reporting('x.log', 'job'):\n {code}"
    )
    child = subprocess.run([sys.executable, "-c", lines], cwd=tmp_path, capture_output=True)
    assert child.returncode == 1
    assert child.stderr.startswith(b"[job] error: out of memory: let fewer jobs run at a time")
    assert child.stderr.count(b"\n") == 1


def test_advice_of_several_lines_has_the_label_on_each(tmp_path):
    code = (
        "from gahb.jobs.console import reporting\nfrom gahb.errors import DataError\n"
        "with reporting('x.log', 'job'):\n raise DataError('nothing helped:', '  - a', '  - b')"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True)
    assert child.stderr.decode().splitlines() == [
        "[job] error: nothing helped:", "[job]   - a", "[job]   - b",
    ]  # fmt: skip


def test_names_of_a_configuration_too(tmp_path):
    repository = Repository.create(tmp_path)
    (tmp_path / "mine.yaml").write_text('data: {source: folder, directory: "none\\e[31m\\nhere"}\n')
    result = repository.snakemake(
        "--configfile", "mine.yaml", "--", "results/fashion/data/split.json"
    )
    output = result.stdout + result.stderr
    assert "\x1b" not in output
    assert r"none\x1b[31m\nhere does not exist" in output
    (tmp_path / "mine.yaml").write_text('"data\\e[31m\\nsize": 1\n')
    result = repository.snakemake("-n", "--configfile", "mine.yaml")
    assert "\x1b" not in result.stdout + result.stderr
    assert r"config: unknown key 'data\x1b[31m\nsize'" in result.stdout + result.stderr
    (tmp_path / "mine.yaml").write_text('denoiser: {weights: "x\\e{n}{subset}.pt"}\n')
    result = repository.snakemake("-n", "--configfile", "mine.yaml")
    assert (
        r"denoiser.weights: 'x\x1b{n}{subset}.pt': rename the file" in result.stdout + result.stderr
    )
