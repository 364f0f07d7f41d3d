"""Time of bases and drawn images, against their promises: make benchmark.

Not a test: run it on an idle machine.
"""

from __future__ import annotations

import time

import torch

from gahb.analysis.bases.shrinkage import LANCZOS_BLOCK
from gahb.analysis.eigenpairs import random_block, top_eigenpairs
from gahb.analysis.jacobian import LocalMap
from gahb.data.drawn.c_alpha import c_alpha_images
from gahb.data.drawn.sets import BLOCK
from gahb.denoisers.layers import BiasFreeBatchNorm
from gahb.denoisers.unet import UNet


def seconds(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def denoising_network(blocks: int, width: int, size: int) -> UNet:
    """A UNet briefly trained on C^alpha images: its eigenvalues spread as a denoiser's do."""
    torch.manual_seed(0)
    network = UNet(blocks, width).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for step in range(60):
        clean = torch.from_numpy(c_alpha_images(range(8 * step, 8 * step + 8), size, 2, 2, 0))
        noisy = clean + 0.15 * torch.randn_like(clean)
        optimiser.zero_grad()
        (network(noisy) - clean).square().mean().backward()
        optimiser.step()
    assert any(isinstance(module, BiasFreeBatchNorm) for module in network.modules())
    return network.eval().requires_grad_(False)


def row_by_row(network: UNet, noisy: torch.Tensor, rows: int) -> None:
    """One backward pass per output pixel, as the plain definition says."""
    point = noisy.clone().requires_grad_()
    estimate = network(point).flatten()
    for row in range(rows):
        torch.autograd.grad(estimate[row], point, retain_graph=True)


def report_dense(blocks: int, width: int, size: int = 32, rows: int = 64) -> None:
    network = denoising_network(blocks, width, size)
    noisy = torch.rand(1, 1, size, size)
    pixels = size * size
    plain, fast = [], []
    for _ in range(3):  # interleaved: both see the same machine
        plain.append(seconds(lambda: row_by_row(network, noisy, rows)) * pixels / rows)
        fast.append(seconds(lambda: LocalMap(network, noisy, 0.15).dense()))
    one, other = sorted(plain)[1], sorted(fast)[1]
    print(
        f"dense Jacobian, {size}x{size}, width {width}: row by row {one:.1f} s, "
        f"frozen passes {other:.1f} s: {one / other:.1f} times faster, promised 2.5"
    )


def report_leading(size: int = 80, count: int = 100) -> None:
    network = denoising_network(3, 64, size)
    clean = torch.from_numpy(c_alpha_images([10**6], size, 2, 2, 0))
    local = LocalMap(network, clean + 0.15 * torch.randn_like(clean), 0.15)
    columns = 4 * local.chunk
    identity = torch.eye(local.pixels)[:, :columns]
    local.times(identity[:, : local.chunk])
    products = 0

    def times(vectors: torch.Tensor) -> torch.Tensor:
        nonlocal products
        products += vectors.shape[1]
        return local.symmetric_times(vectors)

    before = seconds(lambda: local.times(identity))
    start = random_block(local.pixels, LANCZOS_BLOCK, 0, local.noisy)
    leading = seconds(lambda: top_eigenpairs(times, start, count))
    dense = (before + seconds(lambda: local.times(identity))) / 2 * local.pixels / columns
    print(
        f"top {count} eigenpairs, {size}x{size}, 7.66M parameters: {leading:.0f} s, {products} "
        f"products; the dense Jacobian {dense:.0f} s (from {columns} of its columns): "
        f"{dense / leading:.1f} times faster, promised 5"
    )


def report_drawing(size: int = 80, count: int = 4096) -> None:
    torch.set_num_threads(1)
    c_alpha_images(range(BLOCK), size, 1.5, 2, 0)
    taken = seconds(
        lambda: [
            c_alpha_images(range(start, start + BLOCK), size, 1.5, 2, 0)
            for start in range(0, count, BLOCK)
        ]
    )
    print(f"C^alpha images, {size}x{size}: {count / taken:.0f} a second, promised 3000")


if __name__ == "__main__":
    torch.set_num_threads(2)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    report_dense(2, 32)
    report_dense(3, 64)
    report_leading()
    report_drawing()
