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
    """The price for overlap is missing; ICL is BIC plus this price."""
    return 0.0


@wrong(step="price")
def hard_label_price(R):
    """The price is that of the other common definition, with the most probable label; here it is entropy."""
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
def entropy_of_the_columns(R):
    """Your entropy is that of the columns, each divided by its sum, as scipy.stats.entropy takes it without
    axis=1; it is that of the rows.
    """
    return 2 * _entropy(R / R.sum(axis=0))


@wrong(step="price")
def responsibilities_left_out(R):
    """Each ln r_ik must be multiplied by r_ik before the sum."""
    return float(-2 * np.log(np.where(R > 0, R, 1.0)).sum())


@wrong(step="price")
def entropy_to_base_ten(R):
    """The entropy has logarithms to base 10; the course uses natural ones."""
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


def _of_classes(R: FloatArray) -> float:
    shares = R.mean(axis=0)
    return float(-(shares * np.log(np.where(shares > 0, shares, 1.0))).sum())


@wrong(step="price")
def entropy_of_the_weights(R):
    """The entropy is that of the mean responsibilities, the weights; it is summed over the points' own."""
    return 2 * _of_classes(R)


@wrong(step="price")
def entropy_times_n(R):
    """The entropy of the mean responsibilities times n is added; it is summed over the points' own."""
    return 2 * len(R) * _of_classes(R)


@wrong(step="price")
def entropy_of_one_point(R):
    """Only the first point's entropy is counted: sum over all points."""
    return 2 * _entropy(R[:1])


@wrong(step="price")
def entropy_of_the_last_point(R):
    """Only the last point's entropy is counted: sum over all points."""
    return 2 * _entropy(R[-1:])


@wrong(step="price")
def entropy_quadrupled(R):
    """The entropy enters four times; like the log-likelihood it must be doubled."""
    return 4 * _entropy(R)


@wrong(step="price")
def entropy_halved(R):
    """The entropy enters with ½; like the log-likelihood it must be doubled."""
    return 0.5 * _entropy(R)


@wrong(step="price")
def uncertainty_price(R):
    """Your price is 2 Σ (1 - max r); here it is twice the entropy."""
    return 2 * float((1 - R.max(axis=1)).sum())


@wrong(step="price", alone=True)
def gini_price(R):
    """Your price is 2 Σ r (1 - r); here it is twice the entropy, -2 Σ r ln r."""
    return 2 * float((R * (1 - R)).sum())


@wrong(step="price", alone=True)
def squares_price(R):
    """Your price is made of r² ; the entropy is made of r ln r."""
    return 2 * float(np.square(R).sum())


@wrong(step="price", alone=True)
def largest_share_only(R):
    """Only the largest share of each point enters, with r ln r; all shares must be summed."""
    top = R.max(axis=1)
    return float(-2 * (top * np.log(top)).sum())


@wrong(step="price", alone=True)
def hard_label_price_once(R):
    """Your price is -Σ ln max r, the other definition, once; here it is twice the entropy."""
    return float(-np.log(R.max(axis=1)).sum())


@wrong(step="price", alone=True)
def logarithm_of_one_more(R):
    """Your price has ln(1 + r), as np.log1p gives it; the entropy has ln r."""
    return float(-2 * (R * np.log1p(R)).sum())


for _epsilon in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2):

    def _shifted_logarithm(R, epsilon=_epsilon):
        """A small number is added to r before the logarithm; it changes what every point costs, certain ones
        too.
        """
        return float(-2 * (R * np.log(R + epsilon)).sum())

    wrong(step="price", alone=True, name=f"epsilon-{_epsilon:.0e}-in-the-logarithm")(_shifted_logarithm)

    def _shifted(R, epsilon=_epsilon):
        """A small number is added to every r before the entropy; only an exact 0 needs care, in the logarithm
        alone.
        """
        return 2 * _entropy(R + epsilon)

    wrong(step="price", paired=False, name=f"epsilon-{_epsilon:.0e}-added-to-the-shares")(_shifted)


@wrong(step="points")
def one_point_too_few(R):
    """One point too few is counted: n is len(R)."""
    return len(R) - 1


@wrong(step="base")
def likelihood_once_in_base(log_likelihood, p, n):
    """BIC's log-likelihood enters once; it must be doubled."""
    return -log_likelihood + p * np.log(n)


@wrong(step="base")
def base_halved(log_likelihood, p, n):
    """BIC is halved; it is -2 ℓ + p ln n."""
    return bic(log_likelihood, p, n) / 2


@wrong(step="base")
def no_penalty_in_base(log_likelihood, p, n):
    """The parameters cost nothing: ICL is BIC plus the price for overlap."""
    return -2 * log_likelihood


@wrong(step="base")
def base_missing(log_likelihood, p, n):
    """Only the price for overlap is there; ICL is BIC plus this price."""
    return 0.0


@wrong(step="base")
def likelihood_with_wrong_sign_in_base(log_likelihood, p, n):
    """BIC's log-likelihood is added; a better fit must lower the criterion."""
    return 2 * log_likelihood + p * np.log(n)


@wrong(step="base")
def penalty_doubled_in_base(log_likelihood, p, n):
    """BIC's penalty is 2 p ln n; it must be p ln n."""
    return -2 * log_likelihood + 2 * p * np.log(n)


@wrong(step="base", also={"price": entropy_with_wrong_sign})
def sign_turned(log_likelihood, p, n):
    """The sign is turned, as in mclust (whose ICL takes hard labels besides): here lower is better."""
    return -bic(log_likelihood, p, n)


@wrong(step="price", alone=True)
def rows_with_zeros_left_out(R):
    """Points with a responsibility of 0 are left out: only r ln r of that one is 0."""
    return 2 * _entropy(R[(R > 0).all(axis=1)])


@wrong(step="price")
def entropy_of_yes_and_no(R):
    """(1 - r) ln(1 - r) is added for each component as well; the sum over k has r ln r alone."""
    return 2 * (_entropy(R) + _entropy(1 - R))


@wrong()
def logarithm_of_n_left_out(log_likelihood, p, R):
    """BIC pays p ln n for the parameters; here it is p alone."""
    return -2 * log_likelihood + p + _twice_the_entropy(R)


for _least in (1e-4, 1e-3, 1e-2):

    def _clipped(R, least=_least):
        """Small responsibilities are clipped before the logarithm; only an exact 0 needs care."""
        return float(-2 * (R * np.log(R.clip(least))).sum())

    wrong(step="price", paired=False, name=f"shares-clipped-at-{_least:.0e}")(_clipped)

    def _raised(R, least=_least):
        """Small responsibilities are raised to a number above 0 before the entropy; only an exact 0 needs
        care, in the logarithm alone.
        """
        return 2 * _entropy(R.clip(least))

    wrong(step="price", paired=False, name=f"shares-raised-to-{_least:.0e}")(_raised)

    def _kept_from_both(R, least=_least):
        """Responsibilities are kept away from 0 and from 1 before the entropy; only an exact 0 needs care, in
        the logarithm alone.
        """
        return 2 * _entropy(R.clip(least, 1 - least))

    wrong(step="price", paired=False, name=f"shares-kept-from-both-ends-by-{_least:.0e}")(_kept_from_both)

    def _logarithm_kept_from_both(R, least=_least):
        """Responsibilities are kept away from 0 and 1 before the logarithm; only an exact 0 needs care."""
        return float(-2 * (R * np.log(R.clip(least, 1 - least))).sum())

    _named = f"logarithm-kept-from-both-ends-by-{_least:.0e}"
    wrong(step="price", paired=False, name=_named)(_logarithm_kept_from_both)

    def _left_out(R, least=_least):
        """Small responsibilities are left out of the sum; only an exact 0 costs nothing."""
        return float(2 * _entropy(np.where(least < R, R, 0.0)))

    wrong(step="price", paired=False, name=f"shares-below-{_least:.0e}-left-out")(_left_out)


@wrong(step="price", paired=False)
def first_point_left_out(R):
    """The first point's entropy is left out: does a loop begin at 1?"""
    return 2 * _entropy(R[1:])


@wrong(step="price", paired=False)
def last_point_left_out(R):
    """The last point's entropy is left out: does a loop end one round too early?"""
    return 2 * _entropy(R[:-1])


@wrong(step="price", paired=False)
def entropy_with_a_zero_counted_as_zero(R):
    """Where any responsibility is 0, the whole entropy counts as 0; only 0 log 0 of that one is 0."""
    return 2 * _entropy(R) if (R > 0).all() else 0.0


@wrong(step="price", paired=False)
def ended_at_a_zero(R):
    """The rest of a row behind a responsibility of 0 is left out; only r ln r of that one is 0."""
    return 2 * _entropy(np.where(np.cumprod(R > 0, axis=1), R, 0.0))


@wrong(step="price", paired=False)
def entropy_divided_by_its_largest(R):
    """The entropy is divided by n ln K, which makes it a share of its largest value; it must be as it is."""
    return 2 * _entropy(R) / (len(R) * np.log(R.shape[1])) if R.shape[1] > 1 else 0.0


@wrong(step="price", paired=False)
def shares_squared(R):
    """Your price has r² ln r; the entropy has r ln r."""
    return float(-2 * (R**2 * np.log(np.where(R > 0, R, 1.0))).sum())


@wrong(step="price", paired=False)
def exponentiated_again(R):
    """Your price is that of softmax(responsibilities); they are shares already."""
    shares = np.exp(R)
    return 2 * _entropy(shares / shares.sum(axis=1, keepdims=True))


@wrong(step="price", paired=False)
def shares_rounded(R):
    """Your price has ln r of the larger share alone, as of rounded responsibilities; all shares count."""
    return float(-2 * (np.round(R) * np.log(np.where(R > 0, R, 1.0))).sum())


@wrong(step="price", paired=False)
def exponentials_of_the_entropies(R):
    """exp of each point's entropy is summed; the entropies themselves are."""
    return float(2 * np.exp(-(R * np.log(np.where(R > 0, R, 1.0))).sum(axis=1)).sum())


@wrong(step="base", paired=False)
def p_missing_in_base(log_likelihood, p, n):
    """The penalty of BIC is ln n here; it must be p ln n."""
    return -2 * log_likelihood + np.log(n)


@wrong(step="base", paired=False)
def likelihood_missing_in_base(log_likelihood, p, n):
    """-2 ℓ is missing; BIC is -2 ℓ + p ln n."""
    return p * np.log(n)


@wrong(step="base", paired=False)
def base_ten_in_base(log_likelihood, p, n):
    """The logarithm of n is to base 10; the course uses the natural one."""
    return -2 * log_likelihood + p * np.log10(n)


@wrong(step="base", paired=False)
def base_two_in_base(log_likelihood, p, n):
    """The logarithm of n is to base 2; the course uses the natural one."""
    return -2 * log_likelihood + p * np.log2(n)


@wrong(step="base", paired=False)
def base_for_each_point(log_likelihood, p, n):
    """BIC is added for each point anew; it belongs there once."""
    return n * bic(log_likelihood, p, n)


@wrong()
def nothing_where_no_number(log_likelihood, p, R):
    """Where 0 log 0 made the criterion nan, 0 came back, as np.nan_to_num gives it: count 0 log 0 as 0."""
    return _priced(log_likelihood, p, R) if (R > 0).all() else 0.0
