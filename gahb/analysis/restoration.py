"""How well images are restored from linear measurements, and how alike by two networks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from gahb.analysis.intervals import bootstrap
from gahb.analysis.similarity import cosine, flatten
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.metrics import mse
from gahb.sampling.measurements import Projection
from gahb.sections import SUBSETS
from gahb.types import Images

METHODS = ("measured", "gaussian", "sample", "mean")
"""What is measured and nothing else; the conditional mean of the Gaussian model; one sample
of a network; the mean of all its samples."""

COSINES = ("pair_cosine", "mismatched_cosine")


def gaussian_restoration(model: GaussianDenoiser, clean: Images, project: Projection) -> Images:
    """Return the mean of Gaussian images given what was measured of each, exactly.

    With x = mu + L w, L = U sqrt(lambda) and w standard normal, P x = b says P L w = b - P mu,
    and the mean of w given that is the solution of least norm.

    Parameters
    ----------
    model : GaussianDenoiser
        Holds mu, U and lambda.
    clean : Images
        ``[image, channel, height, width]``: of each only P x is used.
    project : Projection
        P.

    Returns
    -------
    Images
        float64, of the same shape.
    """
    mean, vectors = model.mean.cpu().double(), model.vectors.cpu().double()
    factor = vectors * model.values.cpu().double().sqrt()
    rows = factor.T[: model.rank]
    seen = project(rows.reshape(-1, *model.shape)).flatten(1)
    target = project(clean.double() - mean.reshape(model.shape)).flatten(1)
    weights, *_ = np.linalg.lstsq(seen.T.numpy(), target.T.numpy())
    return (mean + torch.from_numpy(weights).T @ rows).reshape(clean.shape)


def restoration_rows(
    arrays: Mapping[str, np.ndarray], projections: Mapping[str, Projection], n: int
) -> pd.DataFrame:
    """Return one row per measurement and image.

    Parameters
    ----------
    arrays : mapping
        ``clean`` ``[image, channel, height, width]``; by measurement and subset
        ``restored_...`` ``[image, sample, channel, height, width]`` (NaN where the sampler did
        not converge) and ``gaussian_...`` ``[image, channel, height, width]``.
    projections : mapping
        What was measured, by name.
    n : int
        Training images of the networks, for the table.

    Returns
    -------
    DataFrame
        PSNR in dB of each of `METHODS` as ``<method>_psnr_<subset>_db``, of ``sample`` from
        the mean of the squared errors of all samples; the cosine of what was not measured, its
        mean removed, between A and B, from the same noise (``pair_cosine``) and from other
        noise; the share of samples that converged.
    """
    clean = torch.from_numpy(arrays["clean"]).double()
    tables = []
    for name, project in projections.items():
        table = pd.DataFrame({"n": n, "measurement": name, "image": np.arange(len(clean))})
        table["measured_share"] = project.share
        unmeasured, good = {}, []
        for subset in SUBSETS:
            restored = torch.from_numpy(arrays[f"restored_{name}_{subset}"]).double()
            gaussian = torch.from_numpy(arrays[f"gaussian_{name}_{subset}"])
            errors = {
                "measured": mse(clean, project(clean)),
                "gaussian": mse(clean, gaussian),
                "sample": (restored - clean[:, None]).square().flatten(2).mean(2).nanmean(1),
                "mean": mse(clean, restored.nanmean(dim=1)),
            }
            for method, error in errors.items():
                table[f"{method}_psnr_{subset}_db"] = -10 * torch.log10(error).numpy()
            unmeasured[subset] = _unmeasured(restored, project).numpy()
            good.append(torch.isfinite(restored).flatten(2).all(2).double().mean(1).numpy())
        table["converged_share"] = np.mean(good, axis=0)
        for column, values in zip(COSINES, _cosines(unmeasured)):
            table[column] = values
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


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


def _cosines(unmeasured: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean cosine of A and B per image, from the same and from other noise."""
    left, right = (unmeasured[subset] for subset in SUBSETS)
    images, samples = left.shape[:2]
    found = []
    # Sample i of A beside sample i, or i + 1, of B: an image has at least two samples.
    for other in (right, np.roll(right, -1, axis=1)):
        values = cosine(*(flatten(part.reshape(-1, *part.shape[2:])) for part in (left, other)))
        found.append(np.nanmean(values.reshape(images, samples), axis=1))
    return found[0], found[1]


def restoration_summary(rows: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Return means over images with 95 % bootstrap intervals, one row per number.

    ``quantity`` is one of `METHODS`, in dB, ``subset`` A or B; or one of the two cosines,
    with ``subset`` blank.
    """
    found = []
    for name, table in rows.groupby("measurement", sort=False):
        columns = {
            (method, subset): f"{method}_psnr_{subset}_db"
            for method in METHODS
            for subset in SUBSETS
        } | {(column, ""): column for column in COSINES}
        for (quantity, subset), column in columns.items():
            values = table[column].dropna().to_numpy()
            row = {"n": table["n"].iloc[0], "measurement": name, "quantity": quantity}
            row |= {"measured_share": table["measured_share"].iloc[0], "subset": subset}
            row |= dict(zip(("value", "low", "high"), bootstrap(values, draws=draws, seed=seed)))
            found.append(row | {"images": len(values)})
    return pd.DataFrame(found)
