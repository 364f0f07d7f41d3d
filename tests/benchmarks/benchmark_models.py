"""Time and memory of the models of a data set, against their promises: make benchmark.

Not a test: run it on an idle machine. Each line is the median of its runs, and by how much
the peak memory of the process rose.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import moments
from gahb.denoisers.linear import distil

STREAM = np.random.default_rng(0)


def random_images(count: int, size: int) -> np.ndarray:
    return STREAM.integers(0, 256, (count, 1, size, size), dtype=np.uint8)


def peak_mib() -> float:
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20


def report(what: str, promise: float, run: Callable[[], object], repeats: int) -> None:
    before, seconds = peak_mib(), []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    rise = peak_mib() - before
    print(f"{what:62s} {statistics.median(seconds):6.2f} s of {promise:g} s, {rise:5.0f} MiB")


def main() -> None:
    torch.set_num_threads(2)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    # The smallest first: the peak of memory never falls.
    many = random_images(60_000, 28)
    denoiser = EmpiricalDenoiser(torch.from_numpy(many))
    queries = torch.rand(256, 1, 28, 28)
    report(
        "empirical denoiser, 256 queries, 60,000 images of 784 pixels", 1,
        lambda: denoiser(queries, 0.1), 5,
    )  # fmt: skip
    report("moments of 60,000 images of 784 pixels", 3, lambda: moments(many), 3)
    images, sigmas = torch.from_numpy(random_images(20_000, 32)), list(np.geomspace(0.01, 10, 10))
    # The identity costs nothing: what is left is the distillation itself.
    report(
        "distillation, 10 levels, 20,000 images of 1,024 pixels", 20,
        lambda: distil(lambda noisy, sigma: noisy, images, sigmas, seed=0), 1,
    )  # fmt: skip


if __name__ == "__main__":
    main()
