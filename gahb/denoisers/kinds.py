"""The kinds of networks that a configuration can name: one record a kind.

To add one: a module with a class under the contract of `gahb.types.Denoiser`, and a line here.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """What there is to know of a kind of network before one is built.

    Attributes
    ----------
    module, cls : str
        Where its class is; imported only when one is built.
    keys : frozenset of str
        Keys of ``denoiser`` in the configuration that the class is built from, besides channels.
    label : str
        What figures and claims call it.
    blind : bool
        Whether it is not told the noise level, and leaves the intensity of an image open.
    is_unet, external : bool
        Whether it is a UNet; whether its network comes from outside of this package.
    """

    module: str
    cls: str
    keys: frozenset[str]
    label: str
    blind: bool
    is_unet: bool = False
    external: bool = False

    @property
    def told(self) -> str:
        """What legends say of the noise level."""
        return "blind" if self.blind else "told the noise level"

    @property
    def distance_scale(self) -> str:
        """The scale that distances to training images are read on.

        ``unit`` (images of unit norm) for blind kinds, whose samples come out at any
        intensity, ``raw`` for those that are told the noise level.
        """
        return "unit" if self.blind else "raw"

    def divisor(self, blocks: int) -> int:
        """Return what height and width of an image must be multiples of."""
        return 2**blocks if "blocks" in self.keys else 1


_UNET, _OWN = frozenset({"blocks", "width"}), frozenset({"python", "arguments"})
_EXTERNAL, _OWN_LABEL = "gahb.denoisers.external", "network of one's own"
_CNN = frozenset({"layers", "width", "entry"})

KINDS: dict[str, Kind] = {
    "unet": Kind("gahb.denoisers.unet", "UNet", _UNET, "UNet", blind=True, is_unet=True),
    "bf-cnn": Kind("gahb.denoisers.bf_cnn", "BFCNN", _CNN, "BF-CNN", blind=True),
    "edm": Kind("gahb.denoisers.edm", "EDM", _UNET, "EDM network", blind=False, is_unet=True),
    "python": Kind(_EXTERNAL, "External", _OWN, _OWN_LABEL, blind=False, external=True),
    "python-blind": Kind(_EXTERNAL, "BlindExternal", _OWN, _OWN_LABEL, blind=True, external=True),
}
"""By the name that they have in the configuration."""
