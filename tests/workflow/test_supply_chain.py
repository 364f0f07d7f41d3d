"""What is installed: pinned, hashed, licensed, and silent."""

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

from repository import ROOT, Repository

LOCKS = ("requirements.txt", "requirements-torch.txt", "requirements-cuda.txt")
ENTRY = re.compile(
    r"^(\S+?)==(\S+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.M
)


def locked(name: str) -> dict[str, str]:
    return {found[1]: found[2] for found in ENTRY.finditer((ROOT / name).read_text())}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_its_hashes(name):
    text = (ROOT / name).read_text()
    assert "".join(found[0] for found in ENTRY.finditer(text)) == text
    assert "://" not in text, "no place is prescribed"


def test_every_dependency_is_locked_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [project["dependencies"], *project["optional-dependencies"].values()]
    named = [re.match(r"[a-z-]+", line)[0] for lines in wanted for line in lines]
    everything = [package for name in LOCKS for package in locked(name)]
    assert len(everything) == len(set(everything))
    assert set(named) <= set(everything)


def test_every_installed_package_has_its_licence_listed():
    table = (ROOT / "docs/licences.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in table if "|" in line]
    listed = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version, _ in rows}
    text = "".join((ROOT / lock).read_text() for lock in LOCKS[:2])
    for name, version in re.findall(r"^(\S+?)==(\S+) \\\n", text, re.M):  # on every platform
        if name != "setuptools":  # which installs the others
            # A build for one kind of hardware adds to the version: 2.13.0+cpu.
            assert listed.get(name, "").split("+")[0] == version, name


def test_every_figure_of_the_workflow_of_ci_is_pinned_and_can_only_read():
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}


def test_links_between_documents_lead_somewhere():
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "results/README.md"]
    for document in [*documents, *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.slow
def test_a_run_on_bundled_images_needs_no_network(tmp_path):
    """Without any network interface, not even a loopback that is up."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not here")
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("no network namespace can be made here")
    repository = Repository.create(tmp_path / "run")
    result = subprocess.run(
        ["unshare", "-rn", *repository.command("--configfile", "workflow/presets/smoke.yaml")],
        cwd=repository.path, env=repository.environment, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
