"""What students get wrong in collapse.diagnose."""

from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue
from autograder.questions.collapse.diagnose import _correlation, _ratio, _smallest, _unit  # ?? shared

wrong = Catalogue(see="collapse-detection")


@wrong(step="count", alone=True)
def counts_of_hard_labels(R):
    """The counts add up whole points; a component owns shares."""
    return np.bincount(R.argmax(axis=1), minlength=R.shape[1])


@wrong(step="count", alone=True)
def weights_instead_of_counts(R):
    """The shares N_k / n are returned; the counts are not divided by n."""
    return R.mean(axis=0)


@wrong(step="count", alone=True)
def kish_count(R):
    """This is (Σ r)² / Σ r²; the effective count here is simply Σ r."""
    return R.sum(axis=0) ** 2 / (R**2).sum(axis=0)


@wrong(step="condition", alone=True)
def units_left_in_condition(X, C):
    """The condition number is that of the covariance as it stands and depends on the units: divide each
    feature by the component's own deviation first.
    """
    return float(np.linalg.cond(C))


@wrong(step="condition", alone=True)
def condition_in_units_of_the_data(X, C):
    """For the condition number each feature is divided by the data's deviation; it must be the component's
    own.
    """
    return _ratio(C / _unit(X))


@wrong(step="condition", alone=True)
def condition_divided_by_variances(X, C):
    """For the condition number entry (j, l) is divided by two variances; it is two deviations: np.sqrt is
    missing.
    """
    return _ratio(C / np.outer(np.diag(C), np.diag(C)))


@wrong(step="condition", alone=True)
def condition_divided_once(X, C):
    """f'For the condition number {_OUTER}'"""
    return _ratio(C / np.sqrt(np.diag(C)))


@wrong(step="condition", alone=True)
def condition_divided_by_columns(X, C):
    """f'For the condition number each column is divided, and no row: {_OUTER}'"""
    return _ratio(C / np.diag(C))


@wrong(step="condition", alone=True)
def condition_upside_down(X, C):
    """The condition number is the largest eigenvalue over the smallest."""
    return 1.0 / _ratio(_correlation(C))


@wrong(step="condition", alone=True)
def condition_of_deviations(X, C):
    """Square roots of the eigenvalues are compared; it is the eigenvalues."""
    return float(np.sqrt(_ratio(_correlation(C))))


@wrong(step="condition", alone=True)
def determinant_instead_of_condition(X, C):
    """The determinant is returned in place of the condition number."""
    return float(np.linalg.det(C))


@wrong(step="share", alone=True)
def units_left_in_share(X, C):
    """The smallest eigenvalue is not compared with the data's variances."""
    return _smallest(C)


@wrong(step="share", alone=True)
def share_in_units_of_the_component(X, C):
    """For the share each feature is divided by the component's own deviation; it must be the data's."""
    return _smallest(_correlation(C))


@wrong(step="share", alone=True)
def share_divided_by_variances(X, C):
    """For the share entry (j, l) is divided by two variances; it is two deviations: std, not var."""
    return _smallest(C / _unit(X) ** 2)


@wrong(step="share", alone=True)
def share_divided_once(X, C):
    """f'For the share {_OUTER}'"""
    return _smallest(C / X.std(axis=0))


@wrong(step="share", alone=True)
def share_divided_by_columns(X, C):
    """f'For the share each column is divided, and no row: {_OUTER}'"""
    return _smallest(C / X.var(axis=0))


@wrong(step="share", alone=True)
def one_deviation_for_all_features(X, C):
    """X.std() is the deviation of all numbers together; each feature has its own: axis=0."""
    return _smallest(C / X.var())


@wrong(step="share", alone=True)
def deviations_with_n_minus_one(X, C):
    """The data's deviations have the divisor n - 1 (ddof=1, or np.cov as it is); here it is n."""
    return _smallest(C / _unit(X, ddof=1))


@wrong(step="share", alone=True)
def smallest_diagonal_entry(X, C):
    """Only the variances of the features are compared; a slanted direction may be much thinner."""
    return float((np.diag(C) / X.var(axis=0)).min())


@wrong(step="share", alone=True)
def share_of_deviations(X, C):
    """The share is that of the deviations; it is asked for the variances."""
    return float(np.sqrt(_smallest(C / _unit(X))))


@wrong(step="share", alone=True)
def largest_share(X, C):
    """The largest variance is returned; collapse shows in the smallest."""
    return float(np.linalg.eigvalsh(C / _unit(X))[-1])


@wrong(step="share", alone=True)
def eigenvalues_not_sorted(X, C):
    """np.linalg.eig and eigvals sort nothing: their first eigenvalue need not be the smallest. Use eigvalsh."""
    return float(np.linalg.eigvals(C / _unit(X))[0])
