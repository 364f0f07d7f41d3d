"""Networks as their authors have released them, written from their description."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn


class Norm(nn.Module):
    """Their normalisation in evaluation mode, written from its description."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gammas = nn.Parameter(torch.randn(1, channels, 1, 1))
        self.register_buffer("running_sd", 0.5 + torch.rand(1, channels, 1, 1))

    def forward(self, features):
        """Divide by the deviation that is kept."""
        return self.gammas * (features / self.running_sd)


def plain(channels_in: int, channels_out: int) -> nn.Conv2d:
    """Return a convolution without a bias."""
    return nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)


def block(*channels: int, bare_first: bool = False, bare_last: bool = False) -> nn.Sequential:
    """Return convolutions from each number of channels to the next, normed and rectified."""
    layers = []
    for index, pair in enumerate(pairwise(channels)):
        layers.append(plain(*pair))
        if bare_last and index == len(channels) - 2:
            break
        if not (bare_first and index == 0):
            layers.append(Norm(pair[1]))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class TheirUNet(nn.Module):
    """Named as the released files are: dictionaries of blocks, deepest decoder first."""

    def __init__(self, blocks: int, width: int, channels: int) -> None:
        super().__init__()
        self.blocks = blocks
        self.encoder, self.decoder, self.upsample = (nn.ModuleDict() for _ in range(3))
        for b in range(blocks):
            inner = channels if b == 0 else width * 2 ** (b - 1)
            outer = width * 2**b
            self.encoder[str(b)] = block(inner, outer, outer, bare_first=b == 0)
        top = width * 2**blocks
        self.mid_block = block(top // 2, top, top)
        for b in reversed(range(blocks)):
            outer = width * 2**b
            last = channels if b == 0 else outer
            self.upsample[str(b)] = nn.ConvTranspose2d(2 * outer, outer, 2, stride=2, bias=False)
            self.decoder[str(b)] = block(2 * outer, outer, last, bare_last=b == 0)

    def forward(self, noisy):
        """Return the noise."""
        features, kept = noisy, []
        for b in range(self.blocks):
            kept.append(self.encoder[str(b)](features))
            features = F.avg_pool2d(kept[-1], 2)
        features = self.mid_block(features)
        for b in reversed(range(self.blocks)):
            joined = torch.cat([self.upsample[str(b)](features), kept[b]], dim=1)
            features = self.decoder[str(b)](joined)
        return features


class TheirCNN(nn.Module):
    """Named as the released files are: a list of convolutions and one of norms."""

    def __init__(self, layers: int, width: int, channels: int, rectified: bool) -> None:
        super().__init__()
        sizes = [channels, *[width] * (layers - 1), channels]
        self.rectified = rectified
        self.conv_layers = nn.ModuleList(plain(*pair) for pair in pairwise(sizes))
        self.BN_layers = nn.ModuleList(Norm(width) for _ in range(layers - 2))

    def forward(self, noisy):
        """Return the noise."""
        features = self.conv_layers[0](noisy)
        features = F.relu(features) if self.rectified else features
        for convolution, norm in zip(self.conv_layers[1:-1], self.BN_layers, strict=True):
            features = F.relu(norm(convolution(features)))
        return self.conv_layers[-1](features)


def written(network: nn.Module, path, prefix: str = ""):
    """Write its weights as PyTorch does; return where."""
    torch.save({prefix + key: value for key, value in network.state_dict().items()}, path)
    return path


def assert_same(ours: nn.Module, theirs: nn.Module, channels: int, size: int) -> None:
    """Fail unless our network removes the noise that theirs returns."""
    noisy = torch.randn(3, channels, size, size)
    with torch.no_grad():
        found, expected = ours(noisy), noisy - theirs(noisy)
        # float32 rounds at 1e-7, a few times over.
        assert (found - expected).abs().max() < 1e-6 * expected.abs().max()
        precise = noisy.double()
        found, expected = ours.double()(precise), precise - theirs.double()(precise)
        # In float64 nothing but the order of additions differs.
        assert (found - expected).abs().max() < 1e-12 * expected.abs().max()
