"""Where compiled networks are kept: what is there is executed."""

import os
import subprocess
import sys
import tempfile

import pytest
import torch

from gahb.denoisers.registry import build
from gahb.errors import StorageError
from gahb.hardware.compiler import CACHES, choose_cache, compiled
from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.training.job import TrainingJob
from gahb.training.start import train_to_file
from repository import Repository


@pytest.fixture(autouse=True)
def _no_cache_named(monkeypatch):
    for variable in CACHES:
        monkeypatch.setenv(variable, "")


@pytest.fixture
def place(tmp_path):
    """Return where results in ``tmp_path`` keep compiled networks; it is not there yet."""
    (tmp_path / ".cache").mkdir()
    return tmp_path / ".cache/compiled"


@pytest.mark.parametrize("umask", [0, 0o002, 0o077])
def test_it_is_made_for_this_user_alone(tmp_path, umask):
    before = os.umask(umask)
    try:
        choose_cache(tmp_path / "a/b")
    finally:
        os.umask(before)
    made = tmp_path / "a/b/.cache/compiled"
    assert made.stat().st_mode & 0o777 == 0o700
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(made)
    choose_cache(tmp_path / "a/b")


def test_one_that_others_could_read_only_is_closed(tmp_path, place):
    place.mkdir()
    place.chmod(0o755)
    choose_cache(tmp_path)
    assert place.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o702, 0o1777])
@pytest.mark.parametrize("variable", [None, *CACHES])
def test_one_that_others_can_write_to_is_refused(tmp_path, place, monkeypatch, mode, variable):
    place.mkdir()
    place.chmod(mode)
    if variable:
        monkeypatch.setenv(variable, str(place))
    reason = rf"{place}.*others can write to it \(mode {mode & 0o777:o}\): remove it, or set "
    with pytest.raises(StorageError, match=reason + (variable or CACHES[0])):
        choose_cache(tmp_path / "ours" if variable else tmp_path)
    assert place.stat().st_mode & 0o1777 == mode, "a folder that is named is left as it is"


def test_one_of_another_user_is_refused(tmp_path, monkeypatch):
    owner = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    with pytest.raises(StorageError, match=rf"belongs to another user \(number {owner}\)"):
        choose_cache(tmp_path)
    assert not os.environ["TORCHINDUCTOR_CACHE_DIR"]


def test_a_link_is_followed_if_it_and_what_it_leads_to_are_ones_own(tmp_path, place):
    own = tmp_path / "own"
    own.mkdir(mode=0o755)
    place.symlink_to(own)
    choose_cache(tmp_path)
    assert own.stat().st_mode & 0o777 == 0o755, "what is elsewhere is left as it is"
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = ""
    own.chmod(0o777)
    with pytest.raises(StorageError, match="others can write to it"):
        choose_cache(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link away")
def test_a_link_of_another_user_is_refused(tmp_path, place):
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    place.symlink_to(own)
    os.lchown(place, 65534, 65534)
    with pytest.raises(StorageError, match=r"belongs to another user \(number 65534\)"):
        choose_cache(tmp_path)


def test_what_is_no_folder_is_refused(tmp_path, place):
    place.write_text("")
    with pytest.raises(StorageError, match="not a folder"):
        choose_cache(tmp_path)


NETWORK = """
import torch._dynamo  # as a network of one's own may, whose import chooses a folder in /tmp
from gahb.denoisers.unet import UNet
def make(): return UNet(1, 4)
"""


def test_a_training_chooses_it_before_a_network_is_built(faces, tmp_path, monkeypatch):
    """And with it where temporary files go: some caches are among them."""

    def building(*arguments):
        raise ZeroDivisionError(os.environ[CACHES[0]], tempfile.gettempdir(), os.environ["TMPDIR"])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gahb.training.one_process.build", building)
    job = TrainingJob(
        tmp_path / "x",
        faces,
        DenoiserSettings(),
        TrainingSettings(),
        RuntimeSettings(device="cpu"),
        1,
        (0, "train"),
        tmp_path / "resume",
        tmp_path / "progress",
        "",
    )
    with pytest.raises(ZeroDivisionError) as caught:
        train_to_file(job)
    cache = tmp_path / "results/.cache/compiled"
    assert caught.value.args == (str(cache), str(cache / "temporary"), str(cache / "temporary"))


@pytest.mark.slow
def test_nothing_is_kept_where_others_can_foresee_it(tmp_path):
    """Of two processes that compile a network of one's own, into a folder for both."""
    shared, run = tmp_path / "shared", tmp_path / "run"
    shared.mkdir()
    repository = Repository.create(run)
    (run / "mine.py").write_text(NETWORK)
    repository.environment |= {"TMPDIR": str(shared)}
    for variable in CACHES:
        repository.environment.pop(variable, None)
    result = repository.snakemake(
        "results/smoke/denoisers/n1_A_r0.safetensors",
        *("--configfile", "workflow/presets/smoke.yaml", "--config", "runtime={compile: true}"),
        "training={presentations: 64, processes: 2}",
        "denoiser={python: 'mine:make'}",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "torch.compile is not available" not in result.stdout + result.stderr
    assert "Warning" not in result.stdout + result.stderr
    assert [path for path in shared.rglob("*") if "inductor" in path.name] == []
    kept = run / "results/.cache/compiled"
    assert list(kept.rglob("*.so")), "the network is compiled in both"
    assert kept.stat().st_mode & 0o777 == 0o700


def test_importing_the_package_chooses_no_folder():
    code = "import gahb.training.process, os, sys; print('torch._dynamo' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False"]


def test_nothing_is_compiled_in_a_folder_of_others(tmp_path, monkeypatch):
    """It is an error, not a network that is trained uncompiled."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.compile", lambda network: pytest.fail("compiled"))
    place = tmp_path / "results/.cache/compiled"
    place.mkdir(parents=True)
    place.chmod(0o777)
    example = torch.zeros(2, 1, 16, 16), torch.ones(2)
    with pytest.raises(StorageError, match="others can write to it"):
        compiled(build(DenoiserSettings(blocks=1, width=4), 0), example, torch.float32)


@pytest.mark.slow
def test_a_run_says_it_in_one_line(tmp_path):
    repository = Repository.create(tmp_path / "run")
    place = repository.path / "results/.cache/compiled"
    place.mkdir(parents=True)
    place.chmod(0o777)
    result = repository.snakemake(
        "results/smoke/denoisers/n1_A_r0.safetensors",
        *("--configfile", "workflow/presets/smoke.yaml", "--config", "runtime={compile: true}"),
    )
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "error: " in output
    assert "others can write to it (mode 777): remove it, or set TORCHINDUCTOR_CACHE_DIR" in output
    assert "Traceback" not in output
