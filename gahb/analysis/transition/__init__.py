"""From memorising to generalising: Kadkhodaie et al. 2024, section 2."""
