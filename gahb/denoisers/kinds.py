"""Which module and class implement each kind of denoiser in the configuration."""

KINDS: dict[str, tuple[str, str]] = {
    "unet": ("gahb.denoisers.unet", "UNet"),
    "edm": ("gahb.denoisers.edm", "EDM"),
}


def module_of(kind: str) -> str:
    """Return the module of a kind; it is imported only when one is built."""
    return KINDS[kind][0]
