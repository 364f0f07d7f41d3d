"""Audit a diffusion model for memorisation: python audit.py WEIGHTS TRAINING HELD_OUT SIZE

WEIGHTS are of a network that predicts the noise of DDPM's x_t on [-1, 1] from x_t and the step
t; TRAINING and HELD_OUT are folders, or zips, of pictures. Edit the next line and `denoiser`.
"""

import sys

import torch
from my_model import Network

from gahb import (
    Epsilon,
    SymmetricRange,
    Timesteps,
    VariancePreserving,
    audit,
    read_folder,
    read_state,
)
from gahb.data.names import folder_names
from gahb.figures.audit import draw
from gahb.jobs.console import reporting

if len(sys.argv) != 5:
    sys.exit(__doc__)
weights, *folders, size = sys.argv[1:]
steps = (1 - torch.linspace(1e-4, 0.02, 1000)).cumprod(0)
with reporting("audit.log", "audit"):  # errors in one line
    network = Network()
    network.load_state_dict(read_state(weights))
    denoiser = SymmetricRange(Epsilon(VariancePreserving(Timesteps(network, steps)))).eval()
    training, held_out = (read_folder(folder, int(size), 3) for folder in folders)
    names = dict(zip(("training_names", "held_out_names"), map(folder_names, folders), strict=True))
    found = audit(denoiser, training, held_out, **names)
    print(found.table.to_string(index=False), found.verdict, *found.findings, sep="\n")
    draw(found).savefig("audit.png", dpi=200)
