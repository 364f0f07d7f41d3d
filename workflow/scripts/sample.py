"""Draw samples of both networks of one N from the same noise."""

from gahb.denoisers.registry import load_pair
from gahb.hardware.devices import prepare_device
from gahb.jobs.job import working
from gahb.sampling.paired import sample_pairs, sample_seeds, summarise
from gahb.storage import read_json, write_arrays
from gahb.training.snapshots import presentations_of

with working(snakemake, "sample N={n}") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    state = presentations_of(job.wildcards.stage)
    arrays = sample_pairs(
        load_pair(job.input.checkpoints, chosen.denoiser, device, state),
        read_json(job.input.manifest)["shape"][1:],
        chosen.sampling,
        sample_seeds(chosen.seed, job.repeat, range(chosen.sampling.samples)),
        device,
    )
    job.log.info(summarise(arrays))
    write_arrays(job.output.samples, arrays)
