"""How well images are restored from linear measurements, and how alike by two networks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from gahb.analysis.conditional_mean import gaussian_restoration
from gahb.analysis.similarity import cosine, flatten
from gahb.analysis.statistics import percentile_interval, resampled_means
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.metrics import mse, psnr_db
from gahb.sampling.measurements import Projection, measurements
from gahb.sampling.restoration import restore
from gahb.settings import SUBSETS, RestorationSettings, SamplingSettings
from gahb.types import Denoiser, Images

METHODS = ("measured", "gaussian", "gaussian_sample", "gaussian_mean", "sample", "mean")
"""What is measured and nothing else; the exact conditional mean of the Gaussian model; one sample
of the Gaussian denoiser by the networks' sampler, and the mean of many; those of a network."""

MODELS = {"": "restored", "gaussian_": "gaussian_restored"}
"""Networks and Gaussian models: how the numbers of their samples begin, and their arrays."""

COSINES = ("pair", "mismatched", "other_image", "gaussian_pair", "clean_A", "clean_B")
"""Of what was not measured: A and B from the same noise, from other noise, at another image;
the Gaussian models of both from the same noise; each network and the image."""


def restore_test_images(
    networks: Mapping[str, Denoiser],
    gaussians: Mapping[str, GaussianDenoiser],
    clean: Images,
    conditional: RestorationSettings,
    sampling: SamplingSettings,
    seed: int,
    device: torch.device | str,
) -> dict[str, np.ndarray]:
    """Restore images with networks A and B, and with the Gaussian models of their data.

    The Gaussian denoisers are sampled as the networks are, from the same noise: what then differs
    is the denoiser's, and not the sampler's.

    Parameters
    ----------
    networks, gaussians : mapping
        By subset; the networks in evaluation mode on ``device``, the models on the CPU.
    clean : Images
        ``[image, channel, height, width]`` in [0, 1] units, on the CPU.
    conditional, sampling : RestorationSettings, SamplingSettings
        What is measured and how many samples are drawn; how.
    seed : int
        Root seed.

    Returns
    -------
    dict
        ``clean``, ``measured_<measurement>``, the exact means ``gaussian_<measurement>_<subset>``,
        and what `gahb.sampling.restoration.restore` returns of the networks,
        ``restored_<measurement>_<subset>``, and of the models, ``gaussian_restored_...``.
    """
    projections = measurements(clean.shape[1:], conditional.factor, seed)
    arrays = {"clean": clean.numpy()}
    for subset, model in gaussians.items():
        for name, project in projections.items():
            arrays[f"measured_{name}"] = project(clean).numpy()
            restored = gaussian_restoration(model, clean, project)
            arrays[f"gaussian_{name}_{subset}"] = restored.numpy()
    drawing = (clean, projections, conditional.samples, sampling, seed)
    arrays |= restore(networks, *drawing, device)
    sampled = restore(gaussians, *drawing, "cpu")
    return arrays | {f"gaussian_{name}": restored for name, restored in sampled.items()}


def restoration_rows(
    arrays: Mapping[str, np.ndarray], projections: Mapping[str, Projection], n: int
) -> pd.DataFrame:
    """Return one row per measurement and image.

    Parameters
    ----------
    arrays : mapping
        ``clean`` ``[image, channel, height, width]``; by measurement and subset
        ``restored_...`` and ``gaussian_restored_...`` ``[image, sample, channel, height, width]``
        (NaN where the sampler did not converge) and ``gaussian_...`` ``[image, channel, height,
        width]``.
    projections : mapping
        What was measured, by name.
    n : int
        Training images of the networks, for the table.

    Returns
    -------
    DataFrame
        Mean squared errors of each of `METHODS` as ``<method>_mse_<subset>``, in squared [0, 1]
        units, and ``spread_mse_<subset>``, the variance between samples of one image, of the
        Gaussian's samples ``gaussian_spread_mse_<subset>``. Of means, the error of the mean of
        the K samples less ``spread / K``: what the mean of as many samples as one likes has,
        without bias. ``pixels`` of all channels. ``<name>_cosine`` for each of `COSINES`, their
        means removed, averaged over the samples. ``samples_<subset>`` and
        ``gaussian_samples_<subset>``, how many converged; what is of samples is blank where fewer
        than two did.
    """
    clean = torch.from_numpy(arrays["clean"]).double()
    tables = []
    for name, project in projections.items():
        table = pd.DataFrame({"n": n, "measurement": name, "image": np.arange(len(clean))})
        table["measured_share"], table["pixels"] = project.share, clean[0].numel()
        hidden = {"clean": _unmeasured(clean[:, None], project).numpy()}
        for subset in SUBSETS:
            gaussian = torch.from_numpy(arrays[f"gaussian_{name}_{subset}"])
            table[f"measured_mse_{subset}"] = mse(clean, project(clean)).numpy()
            table[f"gaussian_mse_{subset}"] = mse(clean, gaussian).numpy()
            for model, prefix in MODELS.items():
                restored = torch.from_numpy(arrays[f"{prefix}_{name}_{subset}"]).double()
                for column, values in _errors(restored, clean).items():
                    table[f"{model}{column}_{subset}"] = values.numpy()
                hidden[f"{model}{subset}"] = _unmeasured(restored, project).numpy()
        for column, cosines in _cosines(hidden).items():
            table[f"{column}_cosine"] = cosines
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _errors(restored: Images, clean: Images) -> dict[str, torch.Tensor]:
    """Return the errors of samples and of their mean, and their spread, per image."""
    count = torch.isfinite(restored).flatten(2).all(2).sum(1).double()
    centre = restored.nanmean(dim=1)
    sample = (restored - clean[:, None]).square().flatten(2).mean(2).nanmean(1)
    within = (restored - centre[:, None]).square().flatten(2).mean(2).nanmean(1)
    spread = torch.where(count > 1, within * count / (count - 1), torch.nan)
    return {
        "sample_mse": torch.where(count > 1, sample, torch.nan),
        "mean_mse": mse(clean, centre) - spread / count,
        "spread_mse": spread,
        "samples": count.long(),
    }


def _unmeasured(restored: Images, project: Projection) -> Images:
    """Return the part that was not measured ``[image, sample, ...]``, its mean removed."""
    flat = restored.flatten(0, 1)
    grey = torch.ones_like(flat[:1])
    # What of a grey image is not measured: nothing, where the mean is.
    level = grey - project(grey)
    hidden = flat - project(flat)
    if level.abs().max() > 1e-6:  # otherwise rounding errors of a mean that was measured
        products = (hidden * level).flatten(1).sum(1) / level.square().sum()
        hidden = hidden - products[:, None, None, None] * level
    return hidden.reshape(restored.shape)


def _cosines(hidden: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the mean cosines per image, by name in `COSINES`."""
    left, right = (hidden[subset] for subset in SUBSETS)
    clean = np.broadcast_to(hidden["clean"], left.shape)
    compared = (
        (left, right),
        # Sample i of A beside i + 1 of B, and image i beside i + 1: there are at least two of both.
        (left, np.roll(right, -1, axis=1)),
        (left, np.roll(right, -1, axis=0)),
        (hidden["gaussian_A"], hidden["gaussian_B"]),
        (left, clean),
        (right, clean),
    )
    found = {}
    for name, pair in zip(COSINES, compared, strict=True):
        values = cosine(*(flatten(part.reshape(-1, *part.shape[2:])) for part in pair))
        values = np.ma.masked_invalid(values.reshape(left.shape[:2]))
        found[name] = values.mean(axis=1).filled(np.nan)
    return found


def restoration_draws(table: pd.DataFrame, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Return means over images ``[1 + draws]`` of every number of one measurement.

    The first is of all images, the others are bootstrap draws of the same images for all
    numbers. Images of which something is unknown are left out.
    """
    numbers = table[[name for name in table if name.endswith(("_A", "_B", "_cosine"))]]
    known = numbers.dropna()
    if known.empty:
        return {name: np.full(1 + draws, np.nan) for name in numbers}
    values = {name: known[name].to_numpy(float) for name in known}
    return resampled_means(values, draws=draws, seed=seed)


ROUNDING = 1e-12
"""Squared errors below this are rounding of float32, and of less nothing is known."""


def decibel(mse: np.ndarray) -> np.ndarray:
    """Return the PSNR in dB of mean squared errors, 120 dB at most: of none, it is not infinite."""
    return psnr_db(np.maximum(mse, ROUNDING))


def calibration_db(mean_mse: np.ndarray, spread_mse: np.ndarray) -> np.ndarray:
    """Return by how many dB samples spread more than their mean errs: 0 for posterior samples."""
    return decibel(mean_mse) - decibel(spread_mse)


def restoration_summary(rows: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Return PSNR, calibration and cosines with 95 % bootstrap intervals, one row per number.

    ``quantity`` is one of `METHODS`, the PSNR in dB of the mean squared error over images, or
    ``calibration`` or ``gaussian_calibration`` in dB, see `calibration_db`, with ``subset`` A or
    B; or one of `COSINES`, with ``subset`` blank.
    """
    found = []
    for name, table in rows.groupby("measurement", sort=False):
        means = restoration_draws(table, draws, seed)
        numbers = {
            (method, subset): decibel(means[f"{method}_mse_{subset}"])
            for method in METHODS
            for subset in SUBSETS
        } | {(cosine, ""): means[f"{cosine}_cosine"] for cosine in COSINES}
        for model in MODELS:
            for subset in SUBSETS:
                errors = (means[f"{model}{kind}_mse_{subset}"] for kind in ("mean", "spread"))
                numbers[f"{model}calibration", subset] = calibration_db(*errors)
        for (quantity, subset), values in numbers.items():
            row = {"n": table["n"].iloc[0], "measurement": name, "quantity": quantity}
            row |= {"measured_share": table["measured_share"].iloc[0], "subset": subset}
            row |= dict(zip(("value", "low", "high"), percentile_interval(values), strict=True))
            found.append(row | {"images": len(table.dropna())})
    return pd.DataFrame(found)
