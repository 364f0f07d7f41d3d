"""The content of the code that a rule runs decides whether it runs again."""

import subprocess
import sys
from pathlib import Path

import pytest

from gahb import provenance
from gahb.errors import ConfigError
from gahb.provenance import code_hash, dependencies

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "workflow/scripts"


def names(script: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in dependencies(SCRIPTS / script)}


def test_training_depends_on_what_it_runs_and_not_on_figures():
    found = names("train.py")
    assert {"gahb/training.py", "gahb/noise.py", "gahb/seeds.py"} <= found
    assert not {"gahb/config.py", "gahb/sections.py"} & found, "how values are checked"
    assert not any(name.startswith("gahb/figures") for name in found)
    assert not any(name.startswith("gahb/claims") for name in found)


def test_dependencies_cover_what_python_really_imports():
    # What the interpreter loads for a script's modules must be a part of what was found.
    for script in sorted(SCRIPTS.glob("*.py")):
        lines = [line for line in script.read_text().splitlines() if line.startswith("from gahb")]
        imports = [line.split()[1] for line in lines]
        code = f"import sys, {', '.join(imports)}\n" + (
            "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'gahb'))"
        )
        output = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
        # But for modules that change no result, and what they alone import.
        aside = provenance.WITHOUT_RESULT
        aside = aside.union(*map(provenance._imports, aside))
        loaded = {Path(name).resolve() for name in output}
        assert loaded - aside <= dependencies(script), script.name


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two modules and a script that imports one of them through the other."""
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "outer.py").write_text("def f():\n    from toy.inner import g\n    return g()\n")
    (folder / "inner.py").write_text('def g():\n    """Old words."""\n    return 1\n')
    (folder / "other.py").write_text("x = 1\n")
    (tmp_path / "script.py").write_text("from toy.outer import f\n")
    monkeypatch.setattr(provenance, "PACKAGE", folder)

    def fresh(*modules):
        code_hash.cache_clear()
        provenance._parse.cache_clear()
        return code_hash(tmp_path / "script.py", *modules)

    yield folder, fresh
    code_hash.cache_clear()
    provenance._parse.cache_clear()


def test_statements_count_and_words_do_not(package):
    folder, fresh = package
    before = fresh()
    (folder / "inner.py").touch()
    (folder / "other.py").write_text("x = 2\n")
    (folder / "inner.py").write_text('def g():  # new\n    """New words."""\n\n    return 1\n')
    assert fresh() == before
    (folder / "inner.py").write_text("def g():\n    return 2\n")
    assert fresh() != before


def test_modules_imported_by_name_count(package):
    folder, fresh = package
    before = fresh("toy.other")
    assert before != fresh()
    (folder / "other.py").write_text("x = 2\n")
    assert fresh("toy.other") != before
    with pytest.raises(ModuleNotFoundError, match=r"toy\.none"):
        fresh("toy.none")


def test_modules_beside_ones_own_count(tmp_path, monkeypatch):
    """Imported by name, or relatively from a package."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets").mkdir()
    for name, text in {
        "mine.py": "import torch\nfrom nets.large import Network",
        "nets/__init__.py": "",
        "nets/large.py": "from . import parts\nclass Network: pass",
        "nets/parts.py": "WIDTH = 4",
    }.items():
        (tmp_path / name).write_text(text)
    found = provenance.dependencies(tmp_path / "mine.py")
    assert {path.relative_to(tmp_path).as_posix() for path in found} == {
        "mine.py", "nets/__init__.py", "nets/large.py", "nets/parts.py",
    }  # fmt: skip


def test_factories_are_found_without_running_their_module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    text = "raise SystemExit\nfrom x import a as b\ndef f(): pass\nclass C: pass\ng = f\n"
    (tmp_path / "factories_of_this_test.py").write_text(text)
    for name in ("b", "f", "C", "g"):
        assert provenance.factory_file(f"factories_of_this_test:{name}").name.endswith(".py")
    with pytest.raises(ConfigError, match="has no function 'a'"):
        provenance.factory_file("factories_of_this_test:a")


def test_importing_the_package_is_light():
    code = "import sys, gahb; print({'torch', 'numpy', 'snakemake'} & set(sys.modules))"
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert output.strip() == "set()"


def test_nothing_in_the_package_imports_snakemake():
    for path in (ROOT / "gahb").rglob("*.py"):
        assert "import snakemake" not in path.read_text(), path
        assert "from snakemake" not in path.read_text(), path
