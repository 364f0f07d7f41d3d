"""Networks with statistics as if they had been trained."""

import torch
from torch import nn

from gahb.denoisers.layers import BiasFreeBatchNorm
from gahb.denoisers.unet import UNet


def trained_like(blocks=2, width=8) -> UNet:
    """A UNet in evaluation mode whose norms have seen images, in float64."""
    torch.manual_seed(0)
    network = UNet(blocks, width).double().train()
    for _ in range(3):
        network(torch.rand(4, 1, 16, 16, dtype=torch.float64))
    return network.eval().requires_grad_(False)


def trained_looking(network: nn.Module) -> nn.Module:
    """Give a network gains and deviations of the size that training gives them."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, BiasFreeBatchNorm):
            module.gains.data = torch.rand_like(module.gains) + 0.5
            module.running_deviation = torch.rand_like(module.running_deviation) + 0.5
    return network.double()
