"""Which module and class implement each kind of denoiser in the configuration."""

KINDS: dict[str, tuple[str, str, frozenset[str]]] = {
    "unet": ("gahb.denoisers.unet", "UNet", frozenset({"blocks", "width"})),
    "bf-cnn": ("gahb.denoisers.bf_cnn", "BFCNN", frozenset({"layers", "width", "entry"})),
    "edm": ("gahb.denoisers.edm", "EDM", frozenset({"blocks", "width"})),
    "python": ("gahb.denoisers.external", "External", frozenset({"python", "arguments"})),
    "python-blind": (
        "gahb.denoisers.external",
        "BlindExternal",
        frozenset({"python", "arguments"}),
    ),
}
"""Module, class, and which keys of the configuration it is built from."""

EXTERNAL = frozenset({"python", "python-blind"})
"""Kinds whose network comes from outside of this package."""

BLIND = frozenset({"unet", "bf-cnn", "python-blind"})
"""Kinds that are not told the noise level and leave the intensity of an image open."""


def module_of(kind: str) -> str:
    """Return the module of a kind; it is imported only when one is built."""
    return KINDS[kind][0]


def divisor_of(kind: str, blocks: int) -> int:
    """Return what height and width of an image must be multiples of."""
    return 2**blocks if "blocks" in KINDS[kind][2] else 1


def distance_scale(kind: str) -> str:
    """Return the scale that distances to training images are read on.

    ``unit`` (images of unit norm) for blind kinds, whose samples come out at any
    intensity, ``raw`` for those that are told the noise level.
    """
    return "unit" if kind in BLIND else "raw"
