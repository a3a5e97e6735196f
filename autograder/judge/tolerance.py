"""How close is close enough: rules that a returned part names, and the comparison that follows them.

A rule takes a case and the expected value and gives the largest difference allowed, for each entry or for
all. The rules let a right answer pass that was rounded to float32.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.judge.remembered import remembered
from autograder.values import Case, FloatArray, Part, Tolerance
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

Spread = Callable[[Case], FloatArray]  # the standard deviation of each feature, (d,)


def agree(
    part: Part, case: Case, returned: FloatArray, expected: FloatArray, at_least: Tolerance | None = None
) -> bool:
    """Whether two values of this part are equal within its tolerance; NaN equals NaN.

    The expected value rounded to float32 is right too, also where it lies far from the origin. What is within
    `at_least` is within the tolerance, too.
    """
    if returned.shape != expected.shape:
        return False
    finite = np.isfinite(expected)
    with np.errstate(all="ignore"):
        off = np.abs(returned - expected)
        for rule in filter(None, (at_least, part.tolerance)):
            close = off <= rule(case, expected)
            if (close & finite).all():
                return True
        close |= returned == expected.astype(np.float32)
    if not (close | ~finite).all():
        return False
    return bool(np.array_equal(returned[~finite], expected[~finite], equal_nan=True))


# --------------------------------------------------------------------------- rules


def within(size: float) -> Tolerance:
    """Allow the same difference everywhere."""
    return lambda case, expected: np.asarray(size)


exact = within(0.0)


def relative(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of the value, and a millionth where it is small."""
    return 1e-6 * np.maximum(1.0, np.abs(expected))


def location(spread: Spread | None = None) -> Tolerance:
    """Allow a millionth of the data's spread: for means and other places among the points."""
    deviations = spread or spread_of_points
    return lambda case, expected: _for_last_axes(1e-6 * deviations(case), expected)


def scatter(spread: Spread | None = None) -> Tolerance:
    """Allow a hundred-thousandth of the data's variances: for covariances."""
    deviations = spread or spread_of_points

    def rule(case: Case, expected: FloatArray) -> FloatArray:
        spread_here = deviations(case)
        return _for_last_axes(1e-5 * np.outer(spread_here, spread_here), expected)

    return rule


def log_likelihood(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of Σ |log p(x_i)|, for functions called with X, weights, means and covariances."""
    return np.asarray(1e-6 * max(1.0, _size_of_log_likelihood(case)))


def sum_of_log_likelihood(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of |Σ log p(x_i)|, for reference values: never more than the above.

    Of several rounds the first belongs to the arguments.
    """
    return np.asarray(1e-6 * max(1.0, abs(float(expected.flat[0]))))


# --------------------------------------------------------------------------- what the rules are measured by


@remembered  # asked for again and again while one answer is judged
def spread_of_points(case: Case) -> FloatArray:
    """Standard deviation of each feature of the first argument, the points X, (n, d)."""
    X = np.asarray(case.arguments[0], dtype=np.float64)
    return np.asarray((X - X[0]).std(axis=0))  # the first point as origin: an offset costs no digits


@remembered
def spread_of_statistics(case: Case) -> FloatArray:
    """Standard deviation of each feature of the points that the statistics stand for."""
    total = total_of_statistics(case)
    return np.asarray(np.sqrt(np.diagonal(total.scatters[0]) / total.n))


def total_of_statistics(case: Case) -> Statistics:
    """The sum of the statistics that a function was called with: counts, means, scatters, and so on in
    threes.
    """
    arrays = [np.asarray(argument, dtype=np.float64) for argument in case.arguments]
    several = [Statistics(arrays[i], arrays[i + 1], arrays[i + 2]) for i in range(0, len(arrays), 3)]
    return sum(several[1:], several[0]).total()


@remembered
def _size_of_log_likelihood(case: Case) -> float:
    X, weights, means, covariances = (np.asarray(a, dtype=np.float64) for a in case.arguments[:4])
    return float(np.abs(Mixture(weights, means, covariances).log_density(X)).sum())


def _for_last_axes(tolerance: FloatArray, expected: FloatArray) -> FloatArray:
    """The tolerance for the last axes of a value; its smallest entry, if the value has no such axes."""
    fits = expected.shape[-tolerance.ndim :] == tolerance.shape
    return tolerance if fits else np.asarray(tolerance.min())
