"""Draw samples of both networks of one N from the same noise."""

from gahb.denoisers.registry import load_pair
from gahb.hardware import prepare_device
from gahb.job import working
from gahb.sampling.paired import sample_pairs, sample_seeds, summarise
from gahb.sections import Denoiser, Runtime, Sampling
from gahb.snapshots import presentations_of
from gahb.storage import read_json, write_arrays

chosen, wildcards = snakemake.params.settings, snakemake.wildcards
settings = Sampling(**chosen["sampling"])
with working(snakemake, f"sample N={wildcards.n}") as log:
    device = prepare_device(Runtime(**snakemake.config.get("runtime", {})), snakemake.threads)
    arrays = sample_pairs(
        load_pair(
            snakemake.input.checkpoints,
            Denoiser(**chosen["denoiser"]),
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
