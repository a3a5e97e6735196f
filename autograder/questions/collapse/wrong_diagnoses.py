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


def _in_own_units(X: FloatArray, covariance: FloatArray) -> FloatArray:
    return _correlation(covariance)


def _in_units_of_the_data(X: FloatArray, covariance: FloatArray) -> FloatArray:
    return covariance / _unit(X)


def _as_it_stands(X: FloatArray, covariance: FloatArray) -> FloatArray:
    return covariance


def _value_by_value(
    X: FloatArray,
    responsibilities: FloatArray,
    covariances: FloatArray,
    *,
    count: Callable[[FloatArray], FloatArray] = _count,
    own_units: Callable[[FloatArray, FloatArray], FloatArray] = _in_own_units,
    condition: Callable[[FloatArray], float] = _largest_over_smallest,
    data_units: Callable[[FloatArray, FloatArray], FloatArray] = _in_units_of_the_data,
    share: Callable[[FloatArray], float] = _smallest,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the three values; two of them are read off a covariance that is brought to other units first."""
    return (
        count(responsibilities),
        np.array([condition(own_units(X, covariance)) for covariance in covariances]),
        np.array([share(data_units(X, covariance)) for covariance in covariances]),
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


@wrong(step="own_units")
def units_left_in_condition(X, covariance):
    """The condition number is that of the covariance as it stands and depends on the units: divide each
    feature by the component's own deviation first.
    """
    return covariance


@wrong(step="own_units")
def condition_in_units_of_the_data(X, covariance):
    """For the condition number each feature is divided by the data's deviation; it must be the component's
    own.
    """
    return covariance / _unit(X)


@wrong(step="own_units")
def condition_divided_by_variances(X, covariance):
    """For the condition number entry (j, l) is divided by two variances; it is two deviations: np.sqrt is
    missing.
    """
    return covariance / np.outer(np.diag(covariance), np.diag(covariance))


@wrong(step="own_units")
def condition_divided_once(X, covariance):
    """For the condition number entry (j, l) must be divided by s_j and by s_l, that is by np.outer(s, s)."""
    return covariance / np.sqrt(np.diag(covariance))


@wrong(step="own_units")
def condition_divided_by_columns(X, covariance):
    """For the condition number each column is divided, and no row: entry (j, l) must be divided by s_j and by
    s_l, that is by np.outer(s, s).
    """
    return covariance / np.diag(covariance)


@wrong(step="condition")
def condition_upside_down(matrix):
    """The condition number is the largest eigenvalue over the smallest."""
    return 1.0 / _largest_over_smallest(matrix)


@wrong(step="condition")
def condition_of_deviations(matrix):
    """Square roots of the eigenvalues are compared; it is the eigenvalues."""
    return float(np.sqrt(_largest_over_smallest(matrix)))


@wrong(step="condition", also={"own_units": _as_it_stands})
def determinant_instead_of_condition(matrix):
    """The determinant is returned in place of the condition number."""
    return float(np.linalg.det(matrix))


@wrong(step="condition")
def determinant_of_the_correlations(matrix):
    """The determinant of the correlations is returned; the condition number compares two eigenvalues."""
    return float(np.linalg.det(matrix))


@wrong(step="condition")
def reciprocal_determinant_of_the_correlations(matrix):
    """1 over the determinant of the correlations is returned; the condition number is the largest eigenvalue
    over the smallest.
    """
    return 1.0 / float(np.linalg.det(matrix))


@wrong(step="data_units")
def range_for_deviation(X, covariance):
    """For the share each feature is divided by its range; it must be its deviation."""
    ranges = np.ptp(X, axis=0)
    return covariance / np.outer(ranges, ranges)


@wrong(step="data_units")
def units_left_in_share(X, covariance):
    """The smallest eigenvalue is not compared with the data's variances."""
    return covariance


@wrong(step="data_units")
def share_in_units_of_the_component(X, covariance):
    """For the share each feature is divided by the component's own deviation; it must be the data's."""
    return _correlation(covariance)


@wrong(step="data_units")
def share_divided_by_variances(X, covariance):
    """For the share entry (j, l) is divided by two variances; it is two deviations: std, not var."""
    return covariance / _unit(X) ** 2


@wrong(step="data_units")
def share_divided_once(X, covariance):
    """For the share entry (j, l) must be divided by s_j and by s_l, that is by np.outer(s, s)."""
    return covariance / X.std(axis=0)


@wrong(step="data_units")
def share_divided_by_columns(X, covariance):
    """For the share each column is divided, and no row: entry (j, l) must be divided by s_j and by s_l, that
    is by np.outer(s, s).
    """
    return covariance / X.var(axis=0)


@wrong(step="data_units")
def one_deviation_for_all_features(X, covariance):
    """One deviation, of all numbers together, is used; each feature has its own: axis=0."""
    return covariance / X.var()


@wrong(step="data_units")
def mean_variance_for_all_features(X, covariance):
    """The smallest eigenvalue is divided by the mean of the data's variances; divide each feature by its own
    deviation first.
    """
    return covariance / float(X.var(axis=0).mean())


@wrong(step="data_units")
def total_variance_for_all_features(X, covariance):
    """The smallest eigenvalue is divided by the sum of the data's variances; divide each feature by its own
    deviation first.
    """
    return covariance / float(X.var(axis=0).sum())


@wrong(step="data_units")
def deviations_with_n_minus_one(X, covariance):
    """The data's deviations have the divisor n - 1 (ddof=1, or np.cov as it is); here it is n."""
    return covariance / _unit(X, ddof=1)


@wrong(step="share")
def smallest_diagonal_entry(matrix):
    """Only the variances of the features are compared; a slanted direction may be much thinner."""
    return float(np.diag(matrix).min())


@wrong(step="share")
def share_of_deviations(matrix):
    """The share is that of the deviations; it is asked for the variances."""
    return float(np.sqrt(_smallest(matrix)))


@wrong(step="share")
def largest_share(matrix):
    """Your share is that of the largest eigenvalue; collapse shows in the smallest. eigvalsh puts them in
    order, eig and eigvals do not.
    """
    return float(np.linalg.eigvalsh(matrix)[-1])


@wrong(step="share")
def eigenvalues_not_sorted(matrix):
    """np.linalg.eig and eigvals sort nothing: their first eigenvalue need not be the smallest. Use
    eigvalsh.
    """
    return float(np.linalg.eigvals(matrix)[0])


@wrong(step="share", alone=True)
def determinant_for_the_smallest_eigenvalue(matrix):
    """The share is the determinant, the product of all eigenvalues; the smallest of them is asked for."""
    return float(np.linalg.det(matrix))


@wrong(alone=True, about=("conditions", "shares"))
def conditions_and_shares_swapped(X, responsibilities, covariances):
    """Conditions and shares have changed places: first the counts, then the conditions, then the shares."""
    counts, conditions, shares = _value_by_value(X, responsibilities, covariances)
    return counts, shares, conditions


@wrong(step="count", alone=True)
def squares_counted(responsibilities):
    """The squares of the responsibilities are summed; the count is the plain sum."""
    return np.square(responsibilities).sum(axis=0)


@wrong(step="condition", alone=True)
def difference_of_the_eigenvalues(matrix):
    """The smallest eigenvalue is taken off the largest; the condition number is their ratio."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    return float(eigenvalues[-1] - eigenvalues[0])


@wrong(step="share", alone=True)
def mean_of_the_eigenvalues(matrix):
    """The share is the mean of the eigenvalues; collapse shows in the smallest."""
    return float(np.linalg.eigvalsh(matrix).mean())


@wrong(alone=True)
def shares_of_rows_only(X, responsibilities, covariances):
    """Your shares are those of entries divided by one deviation each, as where only the rows are; entry
    (j, l) must be divided by both, s_j s_l.
    """
    counts, conditions, _ = _value_by_value(X, responsibilities, covariances)
    scaled = covariances / X.std(axis=0)[:, None]
    return counts, conditions, np.linalg.eigvals(scaled).real.min(axis=1)


@wrong(alone=True)
def conditions_of_rows_only(X, responsibilities, covariances):
    """Your condition numbers are those of entries divided by one deviation each, as where only the rows are;
    entry (j, l) must be divided by both, s_j s_l.
    """
    counts, _, shares = _value_by_value(X, responsibilities, covariances)
    own = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    eigenvalues = np.linalg.eigvals(covariances / own[:, :, None]).real
    return counts, eigenvalues.max(axis=1) / eigenvalues.min(axis=1), shares


@wrong(alone=True)
def share_of_the_smallest_of_the_data(X, responsibilities, covariances):
    """The smallest eigenvalue is divided by the smallest of the data's covariance; divide each feature by its
    own deviation first.
    """
    counts, conditions, _ = _value_by_value(X, responsibilities, covariances)
    Z = X - X.mean(axis=0)
    return counts, conditions, np.linalg.eigvalsh(covariances)[:, 0] / np.linalg.eigvalsh(Z.T @ Z / len(X))[0]


@wrong(step="count", alone=True)
def counts_along_the_rows(responsibilities):
    """The sums run along the rows of the responsibilities, which give 1; a count is the sum of a column."""
    return responsibilities.sum(axis=1)


@wrong(alone=True)
def shares_of_the_covariance_of_the_data(X, responsibilities, covariances):
    """Your share is in units of the data's whole covariance; divide by the deviations alone, s_j s_l."""
    counts, conditions, _ = _value_by_value(X, responsibilities, covariances)
    whole = np.linalg.inv(np.cov(X.T, bias=True).reshape(covariances[0].shape))
    return counts, conditions, np.linalg.eigvals(whole @ covariances).real.min(axis=1)


@wrong(step="condition", also={"own_units": _as_it_stands}, alone=True)
def variances_compared(matrix):
    """Your condition number compares the largest variance with the smallest; it compares eigenvalues."""
    return float(np.diag(matrix).max() / np.diag(matrix).min())


@wrong(step="data_units", alone=True)
def share_multiplied_by_deviations(X, covariance):
    """For the share the covariance is multiplied by the data's deviations; it must be divided by them."""
    return covariance * _unit(X)


@wrong(alone=True)
def smallest_share_of_all(X, responsibilities, covariances):
    """One share came back, the smallest of all components; each has its own."""
    counts, conditions, shares = _value_by_value(X, responsibilities, covariances)
    return counts, conditions, shares.min()


@wrong(alone=True)
def largest_condition_of_all(X, responsibilities, covariances):
    """One condition number came back, the largest of all components; each has its own."""
    counts, conditions, shares = _value_by_value(X, responsibilities, covariances)
    return counts, conditions.max(), shares


@wrong(step="condition", alone=True)
def eigenvalues_in_no_order(matrix):
    """np.linalg.eig and eigvals sort nothing: their last eigenvalue need not be the largest, nor the first
    the smallest. Use eigvalsh.
    """
    eigenvalues = np.linalg.eigvals(matrix).real
    return float(eigenvalues[-1] / eigenvalues[0])


@wrong(step="condition", alone=True)
def first_over_last_eigenvalue(matrix):
    """np.linalg.eig and eigvals sort nothing: their first eigenvalue need not be the largest, nor the last
    the smallest. Use eigvalsh.
    """
    eigenvalues = np.linalg.eigvals(matrix).real
    return float(eigenvalues[0] / eigenvalues[-1])


@wrong(step="condition", alone=True)
def largest_eigenvalue_alone(matrix):
    """The largest eigenvalue alone is returned; the condition number is the largest over the smallest."""
    return float(np.linalg.eigvalsh(matrix)[-1])


@wrong(step="share", alone=True)
def share_of_all_eigenvalues(matrix):
    """Your share is the smallest eigenvalue over the sum of all; in units of the data's deviations it is
    divided by nothing more.
    """
    eigenvalues = np.linalg.eigvalsh(matrix)
    return float(eigenvalues[0] / eigenvalues.sum())


@wrong(step="data_units", alone=True)
def root_mean_square_for_deviation(X, covariance):
    """For the share each feature is divided by its root mean square; a deviation is about the mean."""
    sizes = np.sqrt(np.square(X).mean(axis=0))
    return covariance / np.outer(sizes, sizes)


@wrong(step="data_units", alone=True)
def share_of_what_is_divided_already(X, covariance):
    """For the share the matrix is divided by the component's own deviations as well: was it changed in place
    for the condition number?
    """
    return _correlation(covariance) / _unit(X)


@wrong(step="own_units", alone=True)
def condition_divided_along_rows(X, covariance):
    """For the condition number each row is divided, and no column: entry (j, l) must be divided by s_j and
    by s_l, that is by np.outer(s, s).
    """
    return covariance / np.sqrt(np.diag(covariance))[:, None]


@wrong(step="data_units", alone=True)
def share_divided_along_rows(X, covariance):
    """For the share each row is divided, and no column: entry (j, l) must be divided by s_j and by s_l, that
    is by np.outer(s, s).
    """
    return covariance / X.std(axis=0)[:, None]


@wrong(step="condition", alone=True)
def second_smallest_over_smallest(matrix):
    """The second smallest eigenvalue is compared with the smallest; it is the largest, the last of them."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    return float(eigenvalues[1] / eigenvalues[0])


@wrong(step="condition", alone=True)
def second_largest_over_smallest(matrix):
    """The second largest eigenvalue is compared with the smallest; it is the largest, the last of them."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    return float(eigenvalues[-2] / eigenvalues[0])


@wrong(step="condition", alone=True)
def largest_over_second_smallest(matrix):
    """The largest eigenvalue is compared with the second smallest; the smallest has number 0."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    return float(eigenvalues[-1] / eigenvalues[1])


@wrong(step="condition", alone=True)
def eigenvalue_over_itself(matrix):
    """Your condition numbers are 1 throughout: an eigenvalue is compared with itself."""
    return 1.0


@wrong(step="share", alone=True)
def second_smallest_share(matrix):
    """Your share is that of the second smallest eigenvalue; the smallest has number 0."""
    return float(np.linalg.eigvalsh(matrix)[1])


def _in_another_order(*places):
    """Return the three values in another order."""

    def values(X, responsibilities, covariances):
        right = _value_by_value(X, responsibilities, covariances)
        return tuple(right[place] for place in places)

    return values


@wrong(alone=True, about=("counts", "conditions", "shares"))
def conditions_shares_and_counts(X, responsibilities, covariances):
    """Your values come as conditions, shares, counts; asked for are counts, conditions, shares."""
    return _in_another_order(1, 2, 0)(X, responsibilities, covariances)


@wrong(alone=True, about=("counts", "conditions", "shares"))
def shares_counts_and_conditions(X, responsibilities, covariances):
    """Your values come as shares, counts, conditions; asked for are counts, conditions, shares."""
    return _in_another_order(2, 0, 1)(X, responsibilities, covariances)


@wrong(step="count", alone=True)
def counts_of_more_than_a_half(responsibilities):
    """The points are counted of which a component owns more than a half; it owns a share of each."""
    return (responsibilities > 0.5).sum(axis=0)


@wrong(step="count", alone=True)
def counts_of_all_that_is_owned(responsibilities):
    """The points are counted of which a component owns anything; it is the sum of its shares."""
    return (responsibilities > 0).sum(axis=0)


@wrong(step="count", alone=True)
def counts_less_one(responsibilities):
    """The counts are too small by 1."""
    return responsibilities.sum(axis=0) - 1.0


@wrong(step="count", alone=True)
def largest_responsibilities(responsibilities):
    """The largest responsibility of each component is returned; the count is their sum."""
    return responsibilities.max(axis=0)


@wrong(step="condition", alone=True)
def digits_of_the_condition(matrix):
    """The logarithm of the condition number to base 10 is returned; it is the number itself."""
    return float(np.log10(_largest_over_smallest(matrix)))


@wrong(step="condition", alone=True)
def condition_upside_down_and_rooted(matrix):
    """The square root of the smallest eigenvalue over the largest is returned; it is the largest over the
    smallest, and no root.
    """
    return float(_largest_over_smallest(matrix) ** -0.5)


@wrong(step="condition", alone=True)
def largest_over_second_largest(matrix):
    """The largest eigenvalue is compared with the second largest; it is the smallest, the first of them."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    return float(eigenvalues[-1] / eigenvalues[-2]) if len(matrix) > 1 else 1.0


@wrong(step="condition", alone=True)
def condition_of_the_frobenius_norm(matrix):
    """Your condition number is that of the Frobenius norm; it is the largest eigenvalue over the smallest."""
    return float(np.linalg.cond(matrix, "fro"))


@wrong(step="condition", alone=True)
def condition_of_the_sums(matrix):
    """Your condition number is that of the largest sum of a row or column; it is the largest eigenvalue over
    the smallest.
    """
    return float(np.linalg.cond(matrix, 1))


for _epsilon in (1e-3, 1e-6):

    def _guarded_condition(matrix, epsilon=_epsilon):
        """Your condition numbers are those of a smallest eigenvalue with a small number added: it is the very
        smallness that must show.
        """
        eigenvalues = np.linalg.eigvalsh(matrix)
        return float(eigenvalues[-1] / (eigenvalues[0] + epsilon))

    _named = f"smallest-eigenvalue-with-{_epsilon:.0e}-added"
    wrong(step="condition", alone=True, name=_named)(_guarded_condition)

for _epsilon in (1e-3, 1e-6, 1e-8):

    def _ridge_added(X, responsibilities, covariances, epsilon=_epsilon):
        """Your conditions and shares are those of covariances with a small number on the diagonal: measure
        them as they are.
        """
        return _value_by_value(X, responsibilities, covariances + epsilon * np.eye(covariances.shape[-1]))

    _named = f"diagonal-with-{_epsilon:.0e}-added"
    wrong(alone=True, about=("conditions", "shares"), name=_named)(_ridge_added)


@wrong(alone=True)
def shares_of_the_points(X, responsibilities, covariances):
    """The shares are those of the points, N_k / n; it is the smallest eigenvalue, in the data's units."""
    counts, conditions, _ = _value_by_value(X, responsibilities, covariances)
    return counts, conditions, counts / len(X)


@wrong(alone=True, about=("conditions", "shares"))
def covariances_computed_anew(X, responsibilities, covariances):
    """The covariances that were passed are not used: those of the data and the responsibilities took their
    place.
    """
    Z = X - X.mean(axis=0)
    counts = responsibilities.sum(axis=0)
    means = responsibilities.T @ Z / counts[:, None]
    scatters = [((Z - m).T * r) @ (Z - m) for m, r in zip(means, responsibilities.T, strict=True)]
    return _value_by_value(X, responsibilities, np.stack(scatters) / counts[:, None, None])


@wrong(step="data_units", alone=True)
def digits_of_the_shares_lost(X, covariance):
    """Ten million away from the origin your shares are off, as in float32, or where the square of the mean is
    taken off the mean of the squares: use X.std(axis=0).
    """
    deviations = X.astype(np.float32).std(axis=0)
    return covariance / np.outer(deviations, deviations)
