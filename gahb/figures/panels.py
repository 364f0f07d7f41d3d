"""Panels shared by the figures on bases: images, eigenvectors, spectra, PSNR curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gahb.figures.style import band, show_image
from gahb.metrics import psnr_db
from gahb.storage import read_arrays

LAST_SHOWN = 100
"""The last eigenvector that is shown as a picture."""

METHOD_STYLES: dict[str, dict[str, Any]] = {
    "network": {"color": "#1f6f8b", "label": "network"},
    "oracle_wavelet": {"color": "#7a9e3f", "label": "wavelet, oracle shrinkage"},
    "oracle_pca": {"color": "#8a6bbf", "label": "principal components, oracle shrinkage"},
    "wavelet": {"color": "#e0a030", "label": "wavelet, soft threshold"},
    "gaussian": {"color": "#c8553d", "label": "Gaussian denoiser"},
    "optimal": {"color": "0.2", "label": "optimal", "linestyle": "-."},
    "limit": {"color": "0.2", "label": "optimal at small noise", "linestyle": "-."},
}
BASIS_STYLES: dict[str, dict[str, Any]] = {
    "": {"color": "#1f6f8b", "label": "eigenvectors"},
    "_pca": {"color": "#c8553d", "label": "principal components"},
    "_random": {"color": "0.55", "label": "random basis"},
}


def read_tables(paths: Sequence[Path | str]) -> pd.DataFrame:
    """Return the tables of several experiments as one."""
    return pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)


def read_bases(paths: Sequence[Path | str]) -> list[dict[str, np.ndarray]]:
    """Return the arrays of `measure_bases` of several experiments."""
    return [read_arrays(path) for path in paths]


def describe(row: pd.Series | Mapping) -> str:
    """Return a short title for the images of an experiment."""
    alphas = row["contour_alpha"], row["background_alpha"]
    if row["source"] == "c-alpha" and alphas[0] == alphas[1] and row["regions"] == "smooth":
        name = rf"C$^\alpha$, $\alpha$ = {row['contour_alpha']:g}"
    elif row["source"] == "c-alpha":
        name = rf"contour $\alpha$ = {row['contour_alpha']:g}, {row['regions']} regions"
        if row["regions"] != "constant":
            name += rf" $\alpha$ = {row['background_alpha']:g}"
    else:
        name = row["source"]
    return f"{name}, shuffled" if row["shuffle"] else name


def of(table: pd.DataFrame, experiment: str) -> pd.DataFrame:
    """Return the rows of one experiment."""
    return table[table["experiment"] == experiment]


def value(summary: pd.DataFrame, measure: str) -> pd.Series:
    """Return value and interval of one measure of one experiment."""
    return summary[summary["measure"] == measure].iloc[0]


def stated(summary: pd.DataFrame, measure: str, digits: int = 2) -> str:
    """Return a number and its interval as text, or that it is unknown."""
    row = value(summary, measure)
    if np.isnan(row["value"]):
        return "unknown"
    return f"{row['value']:.{digits}f} [{row['low']:.{digits}f}, {row['high']:.{digits}f}]"


def chosen_modes(count: int, columns: int) -> list[int]:
    """Return ``columns`` modes among ``count``: the first few, then ever further apart.

    None beyond `LAST_SHOWN`.
    """
    count = min(count, LAST_SHOWN)
    spaced = np.unique(np.round(np.geomspace(1, count, 4 * columns)).astype(int)) - 1
    if len(spaced) <= columns:
        return spaced.tolist()
    first = list(range(columns // 2))
    rest = [mode for mode in spaced if mode >= columns // 2]
    picked = np.linspace(0, len(rest) - 1, columns - len(first)).round().astype(int)
    return first + [int(rest[position]) for position in picked]


def show_vector(axes: Axes, vector: np.ndarray, title: str = "") -> None:
    """Show a vector ``[channel, height, width]``, red above 0, blue below, white at 0.

    The sign of an eigenvector is open: its largest pixel is shown as red.
    """
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color("0.8")
    image = vector.mean(axis=0)
    largest = image.flat[np.abs(image).argmax()]
    image, top = image * np.sign(largest), max(abs(float(largest)), 1e-12)
    axes.imshow(image, cmap="RdBu_r", vmin=-top, vmax=top)
    axes.set_title(title, fontsize=6, pad=2)


def show_bases(panels: Sequence[Axes], arrays: Mapping, modes: Sequence[int], image: int) -> None:
    """Show eigenvectors of one image, each with its number and eigenvalue above."""
    shape = arrays["clean"].shape[1:]
    # A small image has fewer modes than there are panels.
    for axes, mode in zip(panels, modes, strict=False):
        vector = arrays["vectors"][image, mode].reshape(shape)
        eigenvalue = arrays["values"][image, mode]
        show_vector(axes, vector, rf"$\lambda_{{{mode + 1}}}$ = {eigenvalue:.2f}")


def show_triple(panels: Sequence[Axes], arrays: Mapping, image: int) -> None:
    """Show a clean image, its noisy version and the estimate, with their PSNR."""
    clean = arrays["clean"][image]
    for axes, name in zip(panels, ("clean", "noisy", "estimate"), strict=True):
        shown = np.clip(arrays[name][image] - min(0.0, float(clean.min())), 0, None)
        show_image(axes, shown)
        error = float(((arrays[name][image] - clean) ** 2).mean())
        label = {"clean": "clean", "noisy": "noisy", "estimate": "denoised"}[name]
        title = label if name == "clean" else f"{label}\n{psnr_db(error):.1f} dB"
        axes.set_title(title, fontsize=6, pad=2)


def spectrum_panel(axes: Axes, arrays: Mapping, **style: Any) -> None:
    """Draw eigenvalues over their rank, the middle half of images as a band."""
    ranks = np.arange(1, arrays["values"].shape[1] + 1)
    values = np.maximum(arrays["values"], 1e-6)
    low, middle, high = np.percentile(values, [25, 50, 75], axis=0)
    band(axes, ranks, middle, low, high, **style)
    axes.set_xscale("log")
    axes.set_ylim(0, max(1.08, 1.03 * high.max(), axes.get_ylim()[1]))
    axes.set_xlabel("rank $k$")
    axes.set_ylabel(r"eigenvalue $\lambda_k$")


def coefficients_panel(axes: Axes, arrays: Mapping) -> None:
    """Draw RMS coefficients of clean and noisy images over their rank."""
    ranks = np.arange(1, arrays["values"].shape[1] + 1)
    for name, colour, label in (
        ("noisy", "0.6", r"noisy, $\langle y, e_k\rangle$"),
        ("clean", "#1f6f8b", r"clean, $\langle x, e_k\rangle$"),
    ):
        size = np.sqrt((arrays[f"coefficients_{name}"] ** 2).mean(axis=0))
        axes.loglog(ranks, size, color=colour, label=label)
    axes.axhline(float(arrays["sigma"]), color="0.4", linestyle=":", linewidth=0.8)
    axes.annotate(
        r"$\sigma$", (ranks[-1], float(arrays["sigma"])), fontsize=7, va="bottom", ha="right"
    )
    axes.set_xlabel("rank $k$")
    axes.set_ylabel("RMS coefficient")
    axes.legend(fontsize=6, loc="lower left")


def energy_panel(axes: Axes, arrays: Mapping) -> None:
    """Draw how much of clean images' energy the first k vectors leave out, mean over images."""
    ranks = np.arange(1, arrays["values"].shape[1] + 1)
    for suffix, style in BASIS_STYLES.items():
        left = np.maximum(1 - arrays[f"energy{suffix}"].mean(axis=0), 1e-6)
        label = "mean, then components" if suffix == "_pca" else style["label"]
        axes.loglog(ranks, left, **style | {"label": label})
    axes.set_ylim(bottom=1e-4)
    axes.set_xlabel("rank $k$")
    axes.set_ylabel("energy of the clean image\nbeyond rank $k$")
    axes.legend(fontsize=6, loc="lower left")


def curves_panel(axes: Axes, curves: pd.DataFrame, slopes: pd.DataFrame) -> None:
    """Draw output over input PSNR of each method, and the theoretical slope dashed."""
    for method, style in METHOD_STYLES.items():
        rows = curves[curves["method"] == method].sort_values("input_psnr_db")
        if len(rows):
            columns = ("input_psnr_db", "psnr_db", "psnr_low_db", "psnr_high_db")
            band(axes, *(rows[name] for name in columns), **style)
    theory_line(axes, curves, slopes, color="0.1")
    axes.set_xlabel("input PSNR (dB)")


def theory_line(axes: Axes, curves: pd.DataFrame, slopes: pd.DataFrame, **style: Any) -> None:
    """Draw the theoretical slope through the middle of the fitted range, dashed."""
    fitted = curves[(curves["method"] == "network") & curves["fitted"]]
    theory = slopes["theory"].dropna()
    if fitted.empty or theory.empty:
        return
    inputs = fitted["input_psnr_db"].to_numpy()
    ends = np.array([inputs.min() - 1.5, inputs.max() + 1.5])
    line = fitted["psnr_db"].mean() + theory.iloc[0] * (ends - inputs.mean())
    axes.plot(ends, line, linestyle=(0, (4, 2)), linewidth=0.9, zorder=5, **style)


def measure_panel(axes: Axes, arrays: Mapping, measure: str, label: str) -> None:
    """Draw ``frequency`` or ``contour`` over the rank for all three bases, mean over images."""
    ranks = np.arange(1, arrays["values"].shape[1] + 1)
    for suffix, style in BASIS_STYLES.items():
        axes.plot(ranks, arrays[f"{measure}{suffix}"].mean(axis=0), linewidth=0.9, **style)
    axes.set_xscale("log")
    axes.set_xlabel("rank $k$")
    axes.set_ylabel(label)
