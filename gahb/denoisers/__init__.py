"""Denoisers, all under the one contract ``denoiser(noisy, sigma) -> clean``."""
