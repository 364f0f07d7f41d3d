"""Draw samples of both networks of one N from the same noise."""

from gahb.denoisers.registry import load_pair
from gahb.hardware import prepare_device
from gahb.jobs.job import working
from gahb.sampling.paired import sample_pairs, sample_seeds, summarise
from gahb.settings import DenoiserSettings, RuntimeSettings, SamplingSettings
from gahb.storage import read_json, write_arrays
from gahb.training.snapshots import presentations_of

chosen, wildcards = snakemake.params.settings, snakemake.wildcards
settings = SamplingSettings(**chosen["sampling"])
with working(snakemake, f"sample N={wildcards.n}") as log:
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    arrays = sample_pairs(
        load_pair(
            snakemake.input.checkpoints,
            DenoiserSettings(**chosen["denoiser"]),
            device,
            presentations_of(snakemake.wildcards.stage),
        ),
        read_json(snakemake.input.manifest)["shape"][1:],
        settings,
        sample_seeds(chosen["seed"], wildcards.repeat, range(settings.samples)),
        device,
    )
    log.info(summarise(arrays))
    write_arrays(snakemake.output.samples, arrays)
