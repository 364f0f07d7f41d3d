"""gahb: does a diffusion model memorise or generalise, and what in its denoiser makes it so?"""

__version__ = "0.1.0"
