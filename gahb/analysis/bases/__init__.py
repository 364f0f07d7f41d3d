"""Bases of Jacobians: Kadkhodaie et al. 2024, section 3."""
