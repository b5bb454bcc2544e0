"""Checks of whether the figures can be trusted: each a function from what was asked to findings."""
