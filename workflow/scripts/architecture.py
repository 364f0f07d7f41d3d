"""Describe the network of an experiment: parameters, receptive field, operations."""

import pandas as pd

from gahb.analysis.transition.architecture import describe_architecture
from gahb.denoisers.kinds import KINDS
from gahb.jobs.job import working
from gahb.settings import DenoiserSettings, TrainingSettings
from gahb.storage import write_table

chosen, data = snakemake.params.settings, snakemake.params.settings["data"]
with working(snakemake, "architecture"):
    denoiser = DenoiserSettings(**chosen["denoiser"])
    divisor = KINDS[denoiser.kind].divisor(denoiser.blocks)
    training = TrainingSettings(**chosen["training"])
    row = describe_architecture(denoiser, training, data["channels"], data["size"], divisor)
    write_table(snakemake.output.table, pd.DataFrame([row]))
