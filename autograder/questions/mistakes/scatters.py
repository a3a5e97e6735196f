"""What students get wrong when the products of the deviations are added up to a scatter, point by point."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue, FloatArray

adding_up = Catalogue(see="em-covariances")  # deviations (n, d) and weights (n,) in, a scatter (d, d) out


def _summed(Z: FloatArray, r: FloatArray) -> FloatArray:
    return (Z * r[:, None]).T @ Z


@adding_up()
def last_product_only(Z, r):
    """Only the last point's product is in the scatter: does each round replace the sum, = for +=?"""
    return _summed(Z[-1:], r[-1:])


@adding_up()
def first_product_only(Z, r):
    """Only the first point's product is in the scatter: does the loop end after one round?"""
    return _summed(Z[:1], r[:1])


@adding_up()
def last_product_left_out(Z, r):
    """The last point's product is missing in the scatter: does the loop end one round too early?"""
    return _summed(Z[:-1], r[:-1])


@adding_up()
def first_product_left_out(Z, r):
    """The first point's product is missing in the scatter: does the loop begin at 1?"""
    return _summed(Z[1:], r[1:])


@adding_up()
def about_the_running_mean(Z, r):
    """Your scatter is about the mean of the points so far; in a running sum one factor has the old mean."""
    running = np.cumsum(r[:, None] * Z, axis=0) / np.maximum(np.cumsum(r), 1e-300)[:, None]
    return _summed(Z - running, r)


@adding_up()
def about_the_running_mean_before(Z, r):
    """Your scatter is about the mean of the points before each: a running sum needs one factor about the new
    mean.
    """
    running = np.cumsum(r[:, None] * Z, axis=0) / np.maximum(np.cumsum(r), 1e-300)[:, None]
    return _summed(Z - np.vstack([0.0 * Z[:1], running[:-1]]), r)


@adding_up()
def squares_of_the_sum(Z, r):
    """The deviations are added up before the product is taken; it is the products that are added."""
    total = r @ np.abs(Z)
    return np.outer(total, total)


@adding_up()
def roots_of_the_weights(Z, r):
    """Each point counts with the square root of its responsibility."""
    return _summed(Z, np.sqrt(r))
