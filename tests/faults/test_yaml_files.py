"""Configuration files: each key once, and one line for what never ends or is no configuration."""

import os
import subprocess
import sys
import time

import pytest
import yaml

from gahb.errors import ConfigError, GahbError
from gahb.plan import yaml_files
from gahb.plan.layers import check_files
from gahb.plan.yaml_files import parse_yaml, read_yaml
from repository import ROOT, Repository


def doubling(first: str, line: str, levels: int = 40) -> str:
    """Return YAML in which every line has two aliases of the one above."""
    lines = [f"a0: &a0 {first}"]
    lines += [line.format(this=i, above=f"*a{i - 1}, ") for i in range(1, levels)]
    return "\n".join(lines)


BOMBS = {
    "lists": doubling("[x, x]", "a{this}: &a{this} [{above}{above}]"),
    "mappings": "a0: &a0 {x: 1}\n"
    + "".join(f"a{i}: &a{i} {{p: *a{i - 1}, q: *a{i - 1}}}\n" for i in range(1, 40)),
    "merged": doubling("{x: 1}", "a{this}: &a{this} {{<<: [{above}{above}]}}"),
    "many": "a: [" + "1, " * 1_200_000 + "1]",
}
DEEP = {
    "lists": "a: " + "[" * 10**6,
    "json": "[" * 10**6 + "]" * 10**6,
    "mappings": "".join(" " * i + "a:\n" for i in range(1000)),
    "aliases": "a0: &a0 [1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 999)),
}
NUMBERS = ("1" * 5000, "0x" + "f" * 5000, "1" + ":1" * 2500, "1." + "0" * 5000)


@pytest.fixture(autouse=True)
def _in_seconds():
    before = time.process_time()
    yield
    assert time.process_time() - before < 20


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "x.yaml")
    message = str(caught.value)
    assert message.startswith("config: x.yaml")
    assert "\n" not in message
    assert len(message) < 500
    return message


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("a: 1\nb: 2\na: 3", "a", (1, 3)),
        ("training:\n  batch: 1\n  noise: edm\n  batch: 2", "batch", (2, 4)),
        ("variants:\n  x: {seed: 1}\n  x: {seed: 2}", "x", (2, 3)),
        ("presets:\n- {seed: 1,\n   'seed': 2}", "seed", (2, 3)),
        ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a", "<<", (3, 4)),
    ],
)
def test_a_key_given_twice_is_named_with_both_lines(text, key, lines):
    first, second = lines
    assert f"line {second}: '{key}' is given in line {first} already" in refusal(text)


def test_json_too():
    assert "'a' is given twice" in refusal('{"b": {"a": 1, "a": 2}}')
    assert parse_yaml('{\n\t"a": [1e-3, null, "\\ud83d\\ude00"]}', "x") == {"a": [1e-3, None, "😀"]}


@pytest.mark.parametrize("kind", BOMBS)
def test_files_that_are_huge_once_their_aliases_are_written_out(kind):
    assert "more than 300,000 values" in refusal(BOMBS[kind])


@pytest.mark.parametrize("kind", DEEP)
def test_files_that_are_too_deep(kind):
    assert "more than 50 levels" in refusal(DEEP[kind])


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "a: &a\n  b: [{c: *a}]"])
def test_an_alias_of_itself(text):
    assert "line 1: holds an alias of itself" in refusal(text)


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_that_are_too_long(number):
    assert f"line 2: a number of {len(number):,} characters" in refusal(f"a: 1\nb: {number}")
    refusal(f'{{"b": {"1" * 5000}}}')


@pytest.mark.parametrize("key", ["null", "on", "1", "0.5", "2020-01-01", "? [a]\n"])
def test_keys_that_are_no_text(key):
    assert "cannot be a key; put it in quotes" in refusal(f"{key}: 1")


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [true]",
        "a: !!python/name:os.system",
        "a: !" + "x" * 10**6 + " 1",
        "a:\n\tb: 1",
        "a: 1\n---\nb: 2",
        "a: 2021-02-30",
        "a: \x00",
        "a: [1",
        "a: *b",
        "<<: 3",
    ],
)
def test_what_is_no_yaml_of_plain_values(text):
    assert "cannot be read as YAML" in refusal(text)


def test_without_libyaml_all_is_the_same(monkeypatch):
    monkeypatch.setattr(yaml_files, "LOADER", yaml.SafeLoader)
    assert "line 3: 'a' is given in line 1 already" in refusal("a: 1\nb: 2\na: 3")
    assert "300,000 values" in refusal(BOMBS["merged"])
    assert "50 levels" in refusal(DEEP["lists"])
    assert "line 2: cannot be read as YAML" in refusal("a:\n\tb: 1")


def test_all_else_that_yaml_can_say_is_read_as_ever():
    for path in [ROOT / "config.yaml", *(ROOT / "workflow").rglob("*.yaml")]:
        assert read_yaml(path, path.name) == yaml.safe_load(path.read_text(encoding="utf-8"))
    text = """
common: &common {x: 1, y: [2, .inf, 1e-3, ~, yes, 2020-01-01], "z": "é\\n"}
one: {<<: *common, x: 3}
two: {<<: [*common, {w: 4}]}
three: [*common, *common]
"""
    assert parse_yaml(text, "x") == yaml.safe_load(text)
    for empty in ("", "# nothing", "\n\n"):
        assert parse_yaml(empty, "x") is None


def test_ten_thousand_variants_are_not_too_many():
    text = "variants:\n" + "".join(
        f"  v{i}: {{seed: {i}, targets: [figure_1], data: {{size: 8}}, training: {{batch: 32}}}}\n"
        for i in range(10_000)
    )
    assert len(parse_yaml(text, "x")["variants"]) == 10_000


def test_files_of_every_encoding_and_kind(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\r\n")
    assert read_yaml(path, "x") == {"a": "é"}
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("link")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**12)
    for name, content in {
        "utf-16": "a: é".encode("utf-16"),
        "latin-1": "a: é".encode("latin-1"),
        "binary": b"\x80\x04\x95" * 10,
    }.items():
        (tmp_path / name).write_bytes(content)
    for name, words in {
        "pipe": "a pipe or a device",
        "zeros": "a pipe or a device",
        ".": "a folder",
        "sparse": "larger than 4 MB",
        "utf-16": "save it as UTF-8",
        "latin-1": "byte 3; save it as UTF-8",
        "binary": "not in UTF-8",
        "none": "No such file",
        "link": "symbolic links",
        "nul\0": "embedded null",
    }.items():
        with pytest.raises(ConfigError, match=r"^config: the file cannot be read \(.*\)$") as found:
            read_yaml(tmp_path / name, "the file")
        assert words in str(found.value)


def test_a_configuration_file_is_a_mapping(tmp_path):
    (tmp_path / "list.yaml").write_text("[1]")
    with pytest.raises(GahbError, match="it holds no keys and values"):
        check_files([tmp_path / "list.yaml"])


def test_files_are_looked_at_before_snakemake_reads_them(tmp_path):
    """As make does; of --configfile Snakemake would follow these aliases for ever."""
    (tmp_path / "bomb.yaml").write_text(BOMBS["mappings"])
    words = [sys.executable, "-m", "gahb.plan.yaml_files", str(ROOT / "config.yaml")]
    assert subprocess.run(words, capture_output=True, check=True).stderr == b""
    result = subprocess.run([*words, str(tmp_path / "bomb.yaml")], capture_output=True, text=True)
    assert result.returncode == 1
    assert "bomb.yaml, line" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "gahb.plan.yaml_files $(CONFIG)" in (ROOT / "Makefile").read_text()


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Repository:
    return Repository.create(tmp_path_factory.mktemp("configured"))


def answer(repository: Repository, *arguments: str) -> str:
    """Return the line in which the workflow refuses a configuration."""
    result = repository.snakemake("-n", *arguments, timeout=60)
    output = result.stdout + result.stderr
    assert result.returncode == 1
    assert "Traceback" not in output
    (line,) = (line for line in output.splitlines() if line.startswith("config: "))
    return line


def test_twice_in_a_file_of_the_command_line(repository):
    text = "experiment: mine\ndata: {size: 16}\n# for a moment\ndata: {size: 8}\n"
    (repository.path / "twice.yaml").write_text(text)
    line = answer(repository, "--configfile", "workflow/presets/smoke.yaml", "twice.yaml")
    assert "twice.yaml, line 4: 'data' is given in line 2 already" in line
    line = answer(repository, "--config", "presets=[twice.yaml]")
    assert "presets: 'twice.yaml', line 4: 'data' is given in line 2 already" in line
    line = answer(repository, "--config", "training={batch: 1, batch: 2}")
    assert "--config training, line 1: 'batch' is given" in line


@pytest.mark.slow
def test_twice_in_the_default_and_what_never_ends(repository):
    default = repository.path / "config.yaml"
    text = default.read_text()
    try:
        default.write_text(text + "variants:\n  a:\n    seed: 1\n    seed: 2\n")
        assert "'seed' is given in line" in answer(repository)
        default.write_text(text + BOMBS["mappings"])
        assert "config.yaml, line" in answer(repository)
        default.write_text(text + "x: " + "1" * 5000)
        assert "5,000 characters" in answer(repository)
        default.unlink()
        os.mkfifo(default)
        assert "config.yaml cannot be read (it is no file" in answer(repository)
    finally:
        default.unlink()
        default.write_text(text)
    os.mkfifo(repository.path / "pipe.yaml")
    assert "presets: 'pipe.yaml' cannot be read" in answer(
        repository, "--config", "presets=[pipe.yaml]"
    )
    (repository.path / "bomb.yaml").write_text(BOMBS["lists"])
    assert "300,000 values" in answer(repository, "--configfile", "bomb.yaml")
