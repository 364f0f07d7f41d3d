"""The blind, bias-free convolutional network BF-CNN: one resolution, many layers."""

from __future__ import annotations

from torch import nn

from gahb.denoisers.layers import BiasFreeBatchNorm, convolution
from gahb.types import Denoiser, Images, Sigma


class BFCNN(nn.Module, Denoiser):
    """Blind bias-free CNN; it estimates the noise and subtracts it.

    Parameters
    ----------
    layers : int
        3x3 convolutions in a row, each but the last followed by ReLU.
    width : int
        Channels in between.
    channels : int
        Channels of the images, 1 for grey.
    entry : str
        ``"rectified"``, a ReLU follows the first convolution too, or ``"linear"``, none does,
        as in the networks that the authors released.

    Notes
    -----
    Mohan et al. (ICLR 2020), as used by Kadkhodaie et al. (ICLR 2024): 21 layers of 64
    channels, bias-free batch normalisation on all but the first and last, no subsampling,
    hence a receptive field of ``2 layers + 1`` pixels. In evaluation mode it is positively
    homogeneous, like `gahb.denoisers.unet.UNet`.

    Examples
    --------
    >>> import torch, gahb
    >>> gahb.BFCNN(layers=3, width=4).eval()(torch.rand(1, 1, 9, 9), 0.1).shape
    torch.Size([1, 1, 9, 9])
    """

    blind = True
    piecewise_linear = True

    def __init__(
        self, layers: int, width: int, channels: int = 1, entry: str = "rectified"
    ) -> None:
        super().__init__()
        inside = [
            layer
            for _ in range(layers - 2)
            for layer in (convolution(width, width), BiasFreeBatchNorm(width), nn.ReLU())
        ]
        first = nn.ReLU() if entry == "rectified" else nn.Identity()
        self.layers = nn.Sequential(
            convolution(channels, width), first, *inside, convolution(width, channels)
        )

    def forward(self, noisy: Images, sigma: Sigma | None = None) -> Images:
        """Return the clean estimate of ``noisy``; ``sigma`` is accepted and ignored."""
        return noisy - self.layers(noisy).to(noisy.dtype)
