"""How an audience's week reaches a post: over the hours in which the post is seen."""

import numpy as np

from analytics.slots.kernel import WEEK, Floats


def by_delay(delay: Floats) -> Floats:
    """The matrix (168, 168) from a curve of activity to what a post at each hour meets of it."""
    matrix, slots = np.zeros((WEEK, WEEK)), np.arange(WEEK)
    for hours, share in enumerate(delay):
        matrix[slots, (slots + hours) % WEEK] += share
    return matrix


def heard(covariance: Floats, delay: Floats) -> Floats:
    """A covariance of activity as one of slots, of the same size: smoother the longer a post is seen."""
    met = by_delay(delay)
    told = met @ covariance @ met.T
    return np.asarray(told * np.trace(covariance) / np.trace(told))
