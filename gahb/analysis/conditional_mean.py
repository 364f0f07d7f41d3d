"""The exact mean of Gaussian images given linear measurements."""

from __future__ import annotations

import numpy as np
import torch

from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.sampling.measurements import Projection
from gahb.types import Images


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
