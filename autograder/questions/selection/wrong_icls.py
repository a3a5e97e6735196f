"""What students get wrong in selection.icl."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from gmmlib.selection import bic


def _entropy(R: FloatArray) -> float:
    """Return -Σ r log r, 0 log 0 counted as 0."""
    return float(-(R * np.log(np.where(R > 0, R, 1.0))).sum())


def _twice_the_entropy(R: FloatArray) -> float:
    return 2 * _entropy(R)


def _priced(
    log_likelihood: float,
    p: int,
    R: FloatArray,
    *,
    base: Callable[[float, int, int], float] = bic,
    points: Callable[[FloatArray], int] = len,
    price: Callable[[FloatArray], float] = _twice_the_entropy,
) -> float:
    """Add a price for overlap to a criterion."""
    return base(log_likelihood, p, points(R)) + price(R)


wrong = Catalogue(see="selection-icl", steps=_priced)


@wrong(step="price")
def entropy_not_doubled(R):
    """The entropy enters once; like the log-likelihood it must be doubled."""
    return _entropy(R)


@wrong(step="price")
def entropy_with_wrong_sign(R):
    """The entropy is subtracted: overlap must cost, not pay."""
    return -2 * _entropy(R)


@wrong(step="price")
def no_entropy(R):
    """The price for overlap is missing: this is BIC."""
    return 0.0


@wrong(step="price")
def hard_label_price(R):
    """This is the other common definition, with the most probable label; here the entropy is asked for."""
    return float(-2 * np.log(R.max(axis=1)).sum())


@wrong(step="price")
def mean_entropy(R):
    """The entropy is averaged over the points; it must be summed."""
    return 2 * _entropy(R) / len(R)


@wrong(step="price")
def mean_over_all_entries(R):
    """mean() averages over points and components; the entropy is a sum."""
    return 2 * _entropy(R) / R.size


@wrong(step="price")
def responsibilities_left_out(R):
    """Each ln r_ik must be multiplied by r_ik before the sum."""
    return float(-2 * np.log(np.where(R > 0, R, 1.0)).sum())


@wrong(step="price")
def entropy_to_base_ten(R):
    """The entropy uses np.log10; the course uses the natural logarithm."""
    return 2 * _entropy(R) / np.log(10)


@wrong(step="price")
def entropy_in_bits(R):
    """The entropy uses logarithms to base 2; the course uses natural ones."""
    return 2 * _entropy(R) / np.log(2)


@wrong(step="price")
def zero_times_log_zero(R):
    """0 log 0 became nan: count it as 0."""
    return float(-2 * (R * np.log(R)).sum())


@wrong(step="points")
def entries_counted_as_points(R):
    """R.size is n K; the number of points is len(R)."""
    return R.size


@wrong(step="points")
def components_counted_as_points(R):
    """R.shape[1] is K; the number of points is R.shape[0]."""
    return R.shape[1]


@wrong(step="base")
def aic_as_base(log_likelihood, p, n):
    """The price for overlap is added to AIC; it belongs to BIC."""
    return -2 * log_likelihood + 2 * p


@wrong(step="base", also={"price": entropy_with_wrong_sign})
def sign_turned(log_likelihood, p, n):
    """The sign is turned, as mclust prints it: here lower is better."""
    return -bic(log_likelihood, p, n)
