"""The content of the code that a rule runs decides whether it runs again."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from gahb.denoisers.own_modules import factory_file
from gahb.errors import ConfigError
from gahb.jobs import provenance
from gahb.jobs.provenance import code_hash, dependencies
from repository import ROOT

SCRIPTS = ROOT / "workflow/scripts"


def names(script: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in dependencies(SCRIPTS / script)}


def test_training_depends_on_what_it_runs_and_not_on_figures():
    found = names("train.py")
    assert {"gahb/training/one_process.py", "gahb/noise.py", "gahb/seeds.py"} <= found
    assert not {"gahb/plan/load.py", "gahb/settings/"} & found, "how values are checked"
    assert not any(name.startswith("gahb/figures") for name in found)
    assert not any(name.startswith("gahb/claims") for name in found)


@pytest.mark.slow
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
        loaded = {Path(name).resolve() for name in output}
        aside = {file for file in loaded if not provenance.decides(file)}
        aside = aside.union(*map(provenance._imports, aside))
        assert loaded - aside <= dependencies(script), script.name


def forget() -> None:
    """Forget what has been read of files."""
    for function in (code_hash, provenance._parse, provenance._imports, provenance._statements):
        function.cache_clear()


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
        forget()
        return code_hash(tmp_path / "script.py", *modules)

    yield folder, fresh
    forget()


def test_statements_count_and_words_do_not(package):
    folder, fresh = package
    before = fresh()
    (folder / "inner.py").touch()
    (folder / "other.py").write_text("x = 2\n")
    (folder / "inner.py").write_text('def g():  # new\n    """New words."""\n\n    return 1\n')
    assert fresh() == before
    (folder / "inner.py").write_text("def g():\n    return 2\n")
    assert fresh() != before


EVERYTHING = '''
"""Words."""
from __future__ import annotations
import a.b as c, d
from . import e
from .. import *
@decorated(1, *[2], **{"three": 3.5e-7})
class K(B, metaclass=M):
    x: int = 0xFFFF_FFFF_FFFF_FFFF_FFFF
    async def f(self, p, /, q: "t" = None, *args, r, s=(), **kwargs) -> None:
        """More."""
        async with w as v, u:
            await (yield)
        return [i async for i in j if not i]
def g():
    global h
    try:
        h, *k = lambda y=1: (y, ...), b"\\xff", 1j, True, u"u"
    except (E, F) as error:
        raise error from None
    else:
        del h[1:2, ::3], h.m
    finally:
        assert not -h @ k ** 2 if h else k, f"""a{h!r:>{k}.{2}f}b{{c}}""" "d" f"{k=}" f"plain"
    while (n := 1) < h <= 3 and k is not h or "ü\\N{BULLET}🫩" in k:
        break
    match h:
        case {"a": [1, _, *z], **o} | P(q, r=2) | None if h:
            pass
'''


def test_the_hash_is_the_same_on_every_python(tmp_path):
    """Computed on 3.11, 3.12, 3.13 and 3.14; continuous integration runs the first and the last."""
    (tmp_path / "script.py").write_text(EVERYTHING, encoding="utf-8")
    code_hash.cache_clear()
    assert code_hash(tmp_path / "script.py") == "108e1d7b2a0bd44b"


def test_what_newer_pythons_add_to_a_tree_does_not_count(tmp_path):
    old = ast.parse(EVERYTHING)
    new = ast.parse(EVERYTHING)
    for node in ast.walk(new):
        node._fields = (*node._fields, "invented", "more")
        node.invented, node.more = [], None
        if isinstance(node, ast.JoinedStr):
            node.values = [ast.Constant(""), *node.values, ast.Constant("")]
    assert ast.dump(old) != ast.dump(new)
    assert provenance._written(old) == provenance._written(new)
    new.body[0].invented = [ast.Constant(1)]
    assert provenance._written(old) != provenance._written(new)


def test_statements_that_differ_are_written_differently():
    texts = """x = 1|x = 1.0|x = True|x = '1'|x = b'1'|x = None|x = ...|x = 1j|x = -0.0|x = 0.0
    |x = []|x = ()|x = {}|x = f'{y}'|x = f'{y!r}'|x = f'{y:r}'|x = f' {y}'|x = f'{y} '|x = 'y'|x = y
    |x: y|x: y = 1|x += 1|x == 1|x = y,|x = *y,|def x(y): 1|def x(y, /): 1|def x(*, y): 1
    |def x(*y): 1|def x(y=None): 1|def x(*, y=None): 1|async def x(y): 1|lambda y: 1|return x|return
    |return None|import x|import x as y|from . import x|from .. import x|from x import y|{**x}
    |{None: x}|{x}|x[1]|x[:]|x[::]|x[::1]|[y for x in z]|[y async for x in z]|(y for x in z)|raise
    |raise x|yield|yield x|yield from x"""
    found = [provenance._written(ast.parse(text.strip())) for text in texts.split("|")]
    same = {
        frozenset(t.strip() for t, o in zip(texts.split("|"), found, strict=True) if o == f)
        for f in found
    }
    assert {pair for pair in same if len(pair) > 1} == {frozenset({"x[:]", "x[::]"})}


def test_where_the_repository_is_does_not_count(package, monkeypatch):
    folder, fresh = package
    before = fresh("toy.other")
    # The package now comes before the script in the order of paths, and not after it.
    (folder.parent / "a").mkdir()
    folder.rename(folder.parent / "a/toy")
    monkeypatch.setattr(provenance, "PACKAGE", folder.parent / "a/toy")
    assert fresh("toy.other") == before


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
        assert factory_file(f"factories_of_this_test:{name}").name.endswith(".py")
    with pytest.raises(ConfigError, match="has no function 'a'"):
        factory_file("factories_of_this_test:a")


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
