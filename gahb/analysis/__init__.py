"""Analyses: arrays and tables in, tidy tables out."""
