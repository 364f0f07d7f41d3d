"""What an audit found: samples beside their closest training images, and how alike they are."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
from matplotlib.figure import Figure

from gahb.auditing import Audit
from gahb.figures.style import own_style, page, show_image

COLUMNS = 12
WIDTH, LINES = 130, 4
"""Of the verdict, in letters and lines; what does not fit is in `Audit.verdict`."""


@own_style()
def draw(found: Audit) -> Figure:
    """Draw the samples nearest to training images above those, and both cosines below."""
    order = np.argsort(-found.cosines["samples"])[:COLUMNS]
    said = wrap(found.verdict, WIDTH, max_lines=LINES, placeholder=" ...")
    height = 1.8 + 0.12 * len(said)
    figure = page(1.3 + height)
    top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.3, height))[:, 0]
    grid = top.subplots(2, COLUMNS, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for column, sample in enumerate(order):
        show_image(grid[0, column], found.samples[sample])
        show_image(grid[1, column], found.closest[sample])
        grid[0, column].set_title(f"{found.cosines['samples'][sample]:.3f}", fontsize=6, pad=2)
    top.suptitle(
        f"the {len(order)} of {len(found.samples)} samples nearest to a training image, above it",
        fontsize=8,
    )
    axes = bottom.subplots()
    lowest = min([0.0, *np.concatenate(list(found.cosines.values()))])
    bins = np.arange(np.floor(10 * lowest) / 10, 1 + 1e-9, 0.025)
    for name, colour, kind in (("held out", "0.6", "stepfilled"), ("samples", "#c8553d", "step")):
        values = found.cosines[name]
        weights = np.full(len(values), 1 / max(len(values), 1))
        label = f"{name} ({len(values)})"
        axes.hist(values, bins, weights=weights, histtype=kind, color=colour, label=label)
    axes.set_xlabel("cosine to the closest training image, means removed")
    axes.set_ylabel("share of images")
    axes.set_title("\n".join(said), fontsize=7)
    axes.legend(loc="upper left")
    return figure
