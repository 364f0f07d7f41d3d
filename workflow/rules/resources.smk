"""What jobs need: threads, memory and GPUs. A profile may say otherwise."""


def growing(megabytes):
    """Return a resource function: so many MB, and as many again at every further attempt."""

    def value(wildcards, attempt):
        first = megabytes(wildcards) if callable(megabytes) else megabytes
        return int(first * attempt)

    return value


def gpus(wildcards):
    """Return how many GPUs a job asks for that can use one."""
    return 0 if settings(wildcards).runtime.device == "cpu" else 1


def threads(wildcards):
    """Return the threads of a job that computes."""
    return settings(wildcards).runtime.threads


def training_gpus(wildcards):
    """Return how many GPUs one training asks for: one for each of its processes."""
    return gpus(wildcards) * settings(wildcards).training.processes


def training_threads(wildcards):
    """Return the threads of all processes of one training."""
    chosen = settings(wildcards)
    return chosen.runtime.threads * chosen.training.processes


def training_memory(wildcards):
    """Return MB for the images in each process of one training."""
    return settings(wildcards).training.processes * (2000 + image_memory(wildcards))


def decoding_threads(wildcards):
    """Return how many threads decode pictures; arrays need none."""
    return 4 if SOURCES[settings(wildcards).data.source].reader == "pictures" else 1


def image_memory(wildcards):
    """Return MB for all images of an experiment, and a copy of them.

    Of pictures in a folder only the files can tell how many there are.
    """
    data = settings(wildcards).data
    size = data.channels * data.size**2 * (4 if is_drawn(data) else 1)
    return int(2000 + 2 * (image_count(data) or 100_000) * size / 1e6)


def decoding_memory(wildcards):
    """Return MB to decode pictures in."""
    source = SOURCES[settings(wildcards).data.source]
    if source.reader != "pictures":
        return image_memory(wildcards)
    return int(image_memory(wildcards) + decoding_bytes(decoding_threads(wildcards)) / 1e6)


def model_memory(wildcards):
    """Return MB for the moments of a whole image, a few float64 matrices of its pixels."""
    chosen = settings(wildcards)
    pixels = chosen.data.size**2 * chosen.data.channels
    levels = chosen.agreement.levels + chosen.sampling.levels
    # Moments of each fold and a few more matrices, and the maps of both subsets, twice.
    matrices = 2 * chosen.agreement.folds + 8 + 4 * levels
    return int(4000 + matrices * 8 * pixels**2 / 1e6)


def basis_memory(wildcards):
    """Return MB for the images, and a few float64 matrices of all pixels."""
    data = settings(wildcards).data
    return int(image_memory(wildcards) + 4000 + 8 * 8 * (data.channels * data.size**2) ** 2 / 1e6)
