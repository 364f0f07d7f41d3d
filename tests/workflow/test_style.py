"""Figures look the same whatever settings the user has, and leave those as they are."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib.font_manager import FontManager

from gahb.errors import ConfigError
from gahb.figures.style import own_style, page, save, say_runs, show_image
from gahb.plan import parameters
from gahb.plan.experiments import load_families
from gahb.plan.figures import FIGURES
from gahb.plan.load import load_settings
from gahb.plan.plan import Plan
from gahb.settings import FigureSettings
from repository import ROOT

SMOKE = ("--configfile", "workflow/presets/smoke.yaml")
DRAWN = ("figure_1", "figure_2", "figure_6", "figure_7", "figure_8")
HOSTILE = {
    "text.usetex": True,
    "font.family": ["serif"],
    "font.sans-serif": ["no such font"],
    "font.size": 30,
    "mathtext.fontset": "cm",
    "figure.dpi": 37,
    "figure.facecolor": "black",
    "figure.constrained_layout.use": False,
    "figure.autolayout": True,
    "savefig.bbox": "tight",
    "savefig.transparent": True,
    "savefig.dpi": 10,
    "lines.linewidth": 9,
    "axes.grid": True,
    "axes.formatter.use_locale": True,
    "axes.prop_cycle": "cycler('color', ['red'])",
    "image.cmap": "jet",
    "image.origin": "lower",
    "path.sketch": "(1, 100, 2)",
    "pdf.use14corefonts": True,
    "legend.loc": "center",
    "xtick.direction": "in",
}


def settings() -> dict:
    """Return all of matplotlib's settings, but for one that it chooses when it is asked."""
    return {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != "backend"}


@own_style()
def drawn():
    figure = page(2.0)
    left, right = figure.subplots(1, 2)
    left.plot([1, 2, 3], label=r"$\sigma^2$ of 1,000")
    left.set_title("title")
    left.legend()
    show_image(right, np.linspace(0, 1, 64).reshape(1, 8, 8))
    return figure


def files(folder, figure) -> list[bytes]:
    paths = [folder / "a.png", folder / "a.pdf"]
    save(figure, paths, FigureSettings())
    return [path.read_bytes() for path in paths]


@pytest.fixture
def hostile(monkeypatch):
    with matplotlib.rc_context(HOSTILE):
        yield settings()


def test_a_figure_is_the_same_under_any_settings_and_leaves_them(tmp_path, request):
    plain = files(tmp_path, drawn())
    assert plain[0].startswith(b"\x89PNG")
    before = request.getfixturevalue("hostile")
    figure = drawn()
    assert settings() == before
    assert files(tmp_path, figure) == plain
    assert settings() == before
    # As one does in a notebook; and what a notebook does itself.
    figure.savefig(tmp_path / "b.png", dpi=FigureSettings().dpi, metadata={"Software": None})
    assert (tmp_path / "b.png").read_bytes() == plain[0]
    figure.canvas.print_figure(tmp_path / "c.png")
    assert settings() == before


def test_settings_stay_when_drawing_fails(hostile):
    @own_style()
    def failing():
        assert matplotlib.rcParams["font.size"] == 8
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert settings() == hostile


def python(code: str, **environment: str) -> str:
    """Run Python in a fresh process, with warnings as errors; return what it prints."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=environment.pop("cwd", ROOT), env={**os.environ, **environment}, capture_output=True,
        text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_importing_figures_changes_nothing_in_a_notebook():
    modules = sorted({figure.module for figure in FIGURES.values()} | {"gahb.figures.audit"})
    code = (
        "import importlib, sys, matplotlib\n"
        "def settings(): return dict(dict.items(matplotlib.rcParams))\n"
        "before = settings()\n"
        f"for name in {modules}: importlib.import_module(name)\n"
        "assert settings() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'it chooses a backend'\n"
        "print(len(sys.modules))"
    )
    assert int(python(code, MPLBACKEND="svg")) > 100


def test_matplotlib_is_imported_where_the_settings_of_the_user_break_it(tmp_path):
    (tmp_path / "matplotlibrc").write_bytes(b"font.size: \xff\xfe\n")
    code = (
        "import os\nfrom gahb.figures.plain import without_settings\n"
        "with without_settings():\n    import gahb.figures.style\n"
        "print(os.getcwd(), os.environ['MPLBACKEND'])\n"
        "import matplotlib; print(matplotlib.rcParams['font.size'])"
    )
    found = python(code, cwd=str(tmp_path), MPLBACKEND="nonsense", PYTHONPATH=str(ROOT))
    assert found.split() == [str(tmp_path), "nonsense", "10.0"]


def test_a_colour_map_is_checked(monkeypatch):
    assert load_settings({"figures": {"colormap": "magma"}}).figures.colormap == "magma"
    with pytest.raises(ConfigError, match="did you mean 'magma'"):
        load_settings({"figures": {"colormap": "magme"}})
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as it is when its import fails
    assert load_settings({}).figures.colormap == "viridis"
    with pytest.raises(ConfigError, match=r"figures\.colormap.*cannot be imported.*MPLBACKEND"):
        load_settings({"figures": {"colormap": "magma"}})


@pytest.mark.slow
def test_a_run_draws_the_same_bytes_whatever_the_environment(finished, smoke_run):
    """As from a terminal of Jupyter, with settings in the working folder."""
    folder = finished.path / "results/smoke/figures"
    expected = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(expected) == 2 * len(DRAWN)
    for path in folder.iterdir():
        path.unlink()
    # A list in a matplotlibrc has no brackets.
    lines = [f"{key}: {str(value).strip('[]')}" for key, value in HOSTILE.items()]
    (finished.path / "matplotlibrc").write_text("\n".join(["backend: TkAgg", *lines]))
    fonts = finished.path / "fonts"
    fonts.mkdir()
    version = FontManager.__version__
    lists = {"_version": version, "afmlist": [], "ttflist": [], "__class__": "FontManager"}
    lists |= {"_FontManager__default_weight": "normal", "default_size": None}
    lists["defaultFamily"] = {"ttf": "DejaVu Sans", "afm": "Helvetica"}
    # As of a machine that has no fonts.
    (fonts / f"fontlist-v{version}.json").write_text(json.dumps(lists))
    finished.environment |= {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(fonts),
        "DISPLAY": ":99",
        "HOME": str(finished.path / "no home"),
    }
    result = finished.snakemake(*SMOKE)
    assert result.returncode == 0, result.stdout + result.stderr
    assert [
        name for name, content in expected.items() if (folder / name).read_bytes() != content
    ] == []

    (folder / "figure_1.png").unlink()
    (finished.path / "matplotlibrc").write_bytes(b"font.size: \xff\xfe\n")
    finished.environment["MPLBACKEND"] = "nonsense"
    result = finished.snakemake(*SMOKE)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (folder / "figure_1.png").read_bytes() == expected["figure_1.png"]


@pytest.mark.parametrize(("repeats", "said"), [(1, "one run"), (3, "3 runs")])
def test_figures_say_of_how_many_trainings_they_are(repeats, said):
    plan = Plan(load_families({"repeats": repeats}))
    of = SimpleNamespace(experiment="fashion", figure="figure_1")
    runs = parameters.figure(plan, of)["runs"]
    assert runs == repeats
    drawn = page(1)
    say_runs(drawn, runs)
    assert [text.get_text() for text in drawn.texts] == [said]
    # Bases are of one network, however many there are.
    of.figure = "figure_3"
    assert parameters.figure(plan, of)["runs"] == 1
