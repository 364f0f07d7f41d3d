"""Samplers: draw images from the density implied by a denoiser."""
