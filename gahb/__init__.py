"""gahb: does a diffusion model memorise or generalise, and what in its denoiser makes it so?

What there is for other programs is listed in ``__init__.pyi``, and imported when it is asked for:
``import gahb`` alone takes no time.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
