"""Every figure that can be drawn: one record a figure.

To add one: a module of `gahb.figures` with a function that draws it, and a record here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gahb.data.drawn.sets import DRAWN_SETS
from gahb.plan import fit
from gahb.plan import joined as shown
from gahb.plan.figure_record import Figure, Fit, Networks, Part

_PAIRS = {
    "samples": "samples/n{n}_r0.npz",
    "pairs": "tables/pairs/n{n}_r0.csv",
    "images": "data/images.npy",
    "split": "data/split.json",
}
_CONTROLS = {
    "held_out": "tables/held_out/n{n}_r0.csv",
    "gaussian_pairs": "tables/gaussian_pairs/n{n}_r0.csv",
}
_DIMENSION = {"size": "data.size", "channels": "data.channels"}
_LARGEST = {"samples": "samples/n{largest}_r0.npz", "pairs": "tables/pairs/n{largest}_r0.csv"}
_BASES = {"bases": "bases/n{largest}_sigma{sigma}.npz", "summary": "tables/bases_sigma{sigma}.csv"}
_CURVES = {"curves": "tables/psnr_by_method.csv", "slopes": "tables/slopes.csv"}
_SWEEP = {
    "by_sigma": "tables/agreement.csv",
    "overall": "tables/agreement_overall.csv",
    "samples": "tables/model_samples.csv",
}
_SMALL_N = {"small_n": "agreement.small_n"}
_REGULAR = "data.source: c-alpha with data.contour_alpha = data.background_alpha and "
_SLOPES = {"bases": _BASES["bases"], **_CURVES}
_MANIFOLD = _BASES | _CURVES


def _about_bases(number: int, draw: str, reads: Mapping[str, str], **more: Any) -> Figure:
    """Return the record of a figure on bases."""
    return Figure(
        f"figure_{number}",
        draw,
        reads,
        part=Part.BASES,
        networks=Networks.ONE,
        fit=fit.needs_bases,
        **more,
    )


def _manifold(number: int, source: str, title: str, sigma: float) -> Figure:
    """Return the record of a figure on images that fill a manifold."""
    arguments = {"title": title, "dimension": DRAWN_SETS[source].dimension}
    more = {"shows": shown.first_of(source), "needs": f"data.source: {source}"}
    return _about_bases(
        number, "manifolds:draw", _MANIFOLD, sigma=sigma, arguments=arguments, **more
    )


def _gaussian(
    name: str, draw: str, reads: Mapping[str, str], fits: Fit = fit.needs_models, **more: Any
) -> Figure:
    """Return the record of a figure on the models of a training set."""
    return Figure(f"gaussian_{name}", draw, reads, part=Part.GAUSSIAN, fit=fits, **more)


def _again(number: int, earlier: Figure, fits: Fit = fit.needs_nothing) -> Figure:
    """Return the record of a figure that draws an earlier one for other images or networks."""
    return replace(earlier, name=f"figure_{number}", repeats=earlier.name, fit=fits)


_FIGURE_1 = Figure("figure_1", "figure_1:draw", {"psnr": "tables/psnr.csv"}, keys=_DIMENSION)
_FIGURE_2 = Figure("figure_2", "figure_2:draw", _PAIRS | _CONTROLS)
_FIGURE_7 = Figure("figure_7", "figure_7:draw", _LARGEST)

_RECORDS = (
    _FIGURE_1,
    _FIGURE_2,
    _about_bases(
        3,
        "figure_3:draw",
        _BASES,
        sigma=0.15,
        shows=shown.main_and_regular,
        needs="photographs, or data.source: c-alpha",
    ),
    _about_bases(
        4,
        "slopes:draw",
        _SLOPES,
        sigma=0.15,
        shows=shown.regular_unets,
        needs=f"{_REGULAR}a UNet",
    ),
    _manifold(5, "disks", "disks", 0.04),
    Figure(
        "figure_6",
        "figure_6:draw",
        {"closest": "tables/closest_across.csv", "dedup": "data/dedup.json"}
        | {name: _PAIRS[name] for name in ("images", "split")},
    ),
    _FIGURE_7,
    Figure(
        "figure_8",
        "figure_8:draw",
        {"trajectories": "samples/trajectories.npz"},
        fit=fit.needs_ascent,
    ),
    Figure(
        "crossing",
        "crossing:draw",
        {"crossings": "tables/crossing.csv", "architectures": "tables/architecture.csv"},
        shows=shown.transitions,
        needs="photographs and several sizes",
    ),
    _again(9, _FIGURE_1),
    _again(10, _FIGURE_2),
    _again(11, _FIGURE_1, fit.needs_cnn),
    _again(12, _FIGURE_2, fit.needs_cnn),
    _again(13, _FIGURE_7, fit.needs_no_noise),
    _again(14, _FIGURE_2, fit.needs_no_noise),
    Figure(
        "figure_15",
        "figure_15:draw",
        {"gaps": "tables/gap.csv", "architectures": "tables/architecture.csv"},
        part=Part.SIZES,
        shows=shown.resolutions,
        needs="the same photographs at two values of data.size, denoiser.kind: unet and several "
        "sizes",
    ),
    _about_bases(
        16,
        "slopes:draw",
        _SLOPES,
        sigma=0.15,
        shows=shown.regular_cnns,
        needs=f"{_REGULAR}denoiser.kind: bf-cnn",
    ),
    _about_bases(
        17,
        "contours:draw",
        _BASES,
        sigma=0.2,
        shows=shown.contours,
        needs="data.source: c-alpha with data.contour_alpha other than data.background_alpha",
        arguments={"images": 1},
    ),
    _about_bases(
        18,
        "contours:draw",
        _BASES,
        sigma=0.2,
        shows=shown.near_three,
        needs=f"{_REGULAR}a UNet",
        arguments={"images": 3},
    ),
    _manifold(19, "ray", "one image, all intensities", 0.04),
    _manifold(20, "sinusoids", "plane waves", 0.08),
    _about_bases(
        21,
        "figure_21:draw",
        _BASES | {"curves": _CURVES["curves"]},
        sigma=0.3,
        shows=shown.shuffled_pair,
        needs="the same images twice, once with data.shuffle: true",
    ),
    _gaussian("linearity", "gaussian_linearity:draw", {"table": _SWEEP["by_sigma"]}),
    _gaussian("difference", "gaussian_difference:draw", {"table": _SWEEP["by_sigma"]}),
    _gaussian(
        "samples",
        "gaussian_samples:draw",
        {"samples": _PAIRS["samples"], "models": "samples/models/n{n}_r0.npz"},
    ),
    _gaussian(
        "weights",
        "gaussian_weights:draw",
        {
            "table": _SWEEP["by_sigma"],
            "maps": "distilled/n{n}_r0.npz",
            "gaussians": "gaussian/n{n}_A_r0.npz",
        },
    ),
    _gaussian("by_n", "sweeps:draw_over_n", _SWEEP),
    _gaussian("by_width", "sweeps:draw_over_width", _SWEEP, fit.needs_few, keys=_SMALL_N),
    _gaussian(
        "by_time",
        "sweeps:draw_over_time",
        _SWEEP | {"times": "tables/training_times.csv"},
        fit.needs_few,
        keys=_SMALL_N,
    ),
    _gaussian(
        "strong",
        "gaussian_strong:draw",
        {name: _SWEEP[name] for name in ("overall", "samples")},
        keys=_SMALL_N,
    ),
    _gaussian(
        "jacobian",
        "gaussian_jacobian:draw",
        {"table": "tables/jacobian.csv", "vectors": "jacobian/n{n}_r0.npz"},
    ),
    Figure(
        "conditional",
        "conditional:draw",
        {
            "restored": "restoration/n{largest}.npz",
            "summary": "tables/restoration_summary.csv",
        },
        part=Part.RESTORATION,
        networks=Networks.LARGEST,
        fit=fit.needs_restoration,
    ),
)

FIGURES: dict[str, Figure] = {figure.name: figure for figure in _RECORDS}
"""By name."""


def shows(targets: Iterable[str], figure: str) -> bool:
    """Return whether ``figure``, or one that repeats it, is among ``targets``."""
    return any(FIGURES[target].drawn_as == figure for target in targets)


def any_of_part(targets: Iterable[str], part: Part) -> bool:
    """Return whether a figure of a part is among ``targets``."""
    return any(FIGURES[target].part == part for target in targets)


def source_of(targets: Iterable[str], figure: str) -> str:
    """Return the paper and the figures in it that ``figure`` stands for in ``targets``."""
    found = [target for target in targets if FIGURES[target].drawn_as == figure]
    numbers = [target.removeprefix("figure_") for target in found]
    return f"Kadkhodaie et al. 2024, Fig. {', '.join(numbers)}"
