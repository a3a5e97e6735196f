"""What students get wrong in collapse.diagnose."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _count(responsibilities: FloatArray) -> FloatArray:
    return np.asarray(responsibilities.sum(axis=0))


def _correlation(covariance: FloatArray) -> FloatArray:
    deviations = np.sqrt(np.diag(covariance))
    return covariance / np.outer(deviations, deviations)


def _largest_over_smallest(matrix: FloatArray) -> float:
    eigenvalues = np.linalg.eigvalsh(matrix)
    return float(eigenvalues[-1] / eigenvalues[0])


def _smallest(matrix: FloatArray) -> float:
    return float(np.linalg.eigvalsh(matrix)[0])


def _unit(X: FloatArray, ddof: int = 0) -> FloatArray:
    deviations = X.std(axis=0, ddof=ddof)
    return np.asarray(np.outer(deviations, deviations))  # (d, d)


def _condition(X: FloatArray, covariance: FloatArray) -> float:
    return _largest_over_smallest(_correlation(covariance))


def _share(X: FloatArray, covariance: FloatArray) -> float:
    return _smallest(covariance / _unit(X))


def _value_by_value(
    X: FloatArray,
    responsibilities: FloatArray,
    covariances: FloatArray,
    *,
    count: Callable[[FloatArray], FloatArray] = _count,
    condition: Callable[[FloatArray, FloatArray], float] = _condition,
    share: Callable[[FloatArray, FloatArray], float] = _share,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the three values; each depends on one step alone, so no two mistakes need be tried together."""
    return (
        count(responsibilities),
        np.array([condition(X, covariance) for covariance in covariances]),
        np.array([share(X, covariance) for covariance in covariances]),
    )


wrong = Catalogue(see="collapse-detection", steps=_value_by_value)


@wrong(step="count", alone=True)
def counts_of_hard_labels(responsibilities):
    """The counts add up whole points; a component owns shares."""
    return np.bincount(responsibilities.argmax(axis=1), minlength=responsibilities.shape[1])


@wrong(step="count", alone=True)
def weights_instead_of_counts(responsibilities):
    """The shares N_k / n are returned; the counts are not divided by n."""
    return responsibilities.mean(axis=0)


@wrong(step="count", alone=True)
def kish_count(responsibilities):
    """This is (Σ r)² / Σ r²; the effective count here is simply Σ r."""
    return responsibilities.sum(axis=0) ** 2 / (responsibilities**2).sum(axis=0)


@wrong(step="condition", alone=True)
def units_left_in_condition(X, covariance):
    """The condition number is that of the covariance as it stands and depends on the units: divide each
    feature by the component's own deviation first.
    """
    return float(np.linalg.cond(covariance))


@wrong(step="condition", alone=True)
def condition_in_units_of_the_data(X, covariance):
    """For the condition number each feature is divided by the data's deviation; it must be the component's
    own.
    """
    return _largest_over_smallest(covariance / _unit(X))


@wrong(step="condition", alone=True)
def condition_divided_by_variances(X, covariance):
    """For the condition number entry (j, l) is divided by two variances; it is two deviations: np.sqrt is
    missing.
    """
    return _largest_over_smallest(covariance / np.outer(np.diag(covariance), np.diag(covariance)))


@wrong(step="condition", alone=True)
def condition_divided_once(X, covariance):
    """For the condition number entry (j, l) must be divided by s_j and by s_l, that is by np.outer(s, s)."""
    return _largest_over_smallest(covariance / np.sqrt(np.diag(covariance)))


@wrong(step="condition", alone=True)
def condition_divided_by_columns(X, covariance):
    """For the condition number each column is divided, and no row: entry (j, l) must be divided by s_j and by
    s_l, that is by np.outer(s, s).
    """
    return _largest_over_smallest(covariance / np.diag(covariance))


@wrong(step="condition", alone=True)
def condition_upside_down(X, covariance):
    """The condition number is the largest eigenvalue over the smallest."""
    return 1.0 / _condition(X, covariance)


@wrong(step="condition", alone=True)
def condition_of_deviations(X, covariance):
    """Square roots of the eigenvalues are compared; it is the eigenvalues."""
    return float(np.sqrt(_condition(X, covariance)))


@wrong(step="condition", alone=True)
def determinant_instead_of_condition(X, covariance):
    """The determinant is returned in place of the condition number."""
    return float(np.linalg.det(covariance))


@wrong(step="condition", alone=True)
def determinant_of_the_correlations(X, covariance):
    """The determinant of the correlations is returned; the condition number compares two eigenvalues."""
    return float(np.linalg.det(_correlation(covariance)))


@wrong(step="condition", alone=True)
def reciprocal_determinant_of_the_correlations(X, covariance):
    """1 over the determinant of the correlations is returned; the condition number is the largest eigenvalue
    over the smallest.
    """
    return 1.0 / float(np.linalg.det(_correlation(covariance)))


@wrong(step="share", alone=True)
def range_for_deviation(X, covariance):
    """For the share each feature is divided by its range; it must be its deviation."""
    ranges = np.ptp(X, axis=0)
    return _smallest(covariance / np.outer(ranges, ranges))


@wrong(step="share", alone=True)
def units_left_in_share(X, covariance):
    """The smallest eigenvalue is not compared with the data's variances."""
    return _smallest(covariance)


@wrong(step="share", alone=True)
def share_in_units_of_the_component(X, covariance):
    """For the share each feature is divided by the component's own deviation; it must be the data's."""
    return _smallest(_correlation(covariance))


@wrong(step="share", alone=True)
def share_divided_by_variances(X, covariance):
    """For the share entry (j, l) is divided by two variances; it is two deviations: std, not var."""
    return _smallest(covariance / _unit(X) ** 2)


@wrong(step="share", alone=True)
def share_divided_once(X, covariance):
    """For the share entry (j, l) must be divided by s_j and by s_l, that is by np.outer(s, s)."""
    return _smallest(covariance / X.std(axis=0))


@wrong(step="share", alone=True)
def share_divided_by_columns(X, covariance):
    """For the share each column is divided, and no row: entry (j, l) must be divided by s_j and by s_l, that
    is by np.outer(s, s).
    """
    return _smallest(covariance / X.var(axis=0))


@wrong(step="share", alone=True)
def one_deviation_for_all_features(X, covariance):
    """One deviation, of all numbers together, is used; each feature has its own: axis=0."""
    return _smallest(covariance / X.var())


@wrong(step="share", alone=True)
def mean_variance_for_all_features(X, covariance):
    """The smallest eigenvalue is divided by the mean of the data's variances; divide each feature by its own
    deviation first.
    """
    return _smallest(covariance) / float(X.var(axis=0).mean())


@wrong(step="share", alone=True)
def total_variance_for_all_features(X, covariance):
    """The smallest eigenvalue is divided by the sum of the data's variances; divide each feature by its own
    deviation first.
    """
    return _smallest(covariance) / float(X.var(axis=0).sum())


@wrong(step="share", alone=True)
def deviations_with_n_minus_one(X, covariance):
    """The data's deviations have the divisor n - 1 (ddof=1, or np.cov as it is); here it is n."""
    return _smallest(covariance / _unit(X, ddof=1))


@wrong(step="share", alone=True)
def smallest_diagonal_entry(X, covariance):
    """Only the variances of the features are compared; a slanted direction may be much thinner."""
    return float((np.diag(covariance) / X.var(axis=0)).min())


@wrong(step="share", alone=True)
def share_of_deviations(X, covariance):
    """The share is that of the deviations; it is asked for the variances."""
    return float(np.sqrt(_share(X, covariance)))


@wrong(step="share", alone=True)
def largest_share(X, covariance):
    """Your share is that of the largest eigenvalue; collapse shows in the smallest. eigvalsh puts them in
    order, eig and eigvals do not.
    """
    return float(np.linalg.eigvalsh(covariance / _unit(X))[-1])


@wrong(step="share", alone=True)
def eigenvalues_not_sorted(X, covariance):
    """np.linalg.eig and eigvals sort nothing: their first eigenvalue need not be the smallest. Use
    eigvalsh.
    """
    return float(np.linalg.eigvals(covariance / _unit(X))[0])
