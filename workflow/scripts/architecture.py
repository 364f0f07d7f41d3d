"""Describe the network of an experiment: parameters, receptive field, operations."""

import pandas as pd

from gahb.analysis.architecture import describe_architecture
from gahb.denoisers.kinds import KINDS
from gahb.job import working
from gahb.sections import Denoiser, Training
from gahb.storage import write_table

chosen, data = snakemake.params.settings, snakemake.params.settings["data"]
with working(snakemake, "architecture"):
    denoiser = Denoiser(**chosen["denoiser"])
    divisor = KINDS[denoiser.kind].divisor(denoiser.blocks)
    training = Training(**chosen["training"])
    row = describe_architecture(denoiser, training, data["channels"], data["size"], divisor)
    write_table(snakemake.output.table, pd.DataFrame([row]))
