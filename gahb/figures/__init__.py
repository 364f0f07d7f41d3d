"""Figures: one module each, with ``draw``, reading tables and images of samples only."""
