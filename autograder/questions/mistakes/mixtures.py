"""What students get wrong once the log densities are there: weights, normalising, the log-likelihood.

The joint log w_k + log N(x_i | k) is a table, (n, K), responsibilities are another; each has a catalogue,
whose entries are functions of their own, without a computation round them.
"""

# mypy: allow-untyped-defs
from __future__ import annotations

from functools import partial

import numpy as np

from autograder.questions import Catalogue, FloatArray


def log_sum_exp(log_joint: FloatArray) -> FloatArray:
    """Return the log density of each point, (n,)."""
    return np.asarray(np.logaddexp.reduce(log_joint, axis=1))


def softmax(log_joint: FloatArray) -> FloatArray:
    """Return the responsibilities, (n, K)."""
    return np.exp(log_joint - log_sum_exp(log_joint)[:, None])


def _over_rows(joint: FloatArray) -> FloatArray:
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _shifted(log_joint: FloatArray) -> FloatArray:
    """Return exp of the table less the largest entry of each row."""
    return np.exp(log_joint - log_joint.max(axis=1, keepdims=True))


# --------------------------------------------------------------------------- from log densities to the joint

weighing = Catalogue(see="soft-responsibilities")


@weighing()
def weights_forgotten(log_densities, weights):
    """The mixing weights are missing: each density must be multiplied by its weight."""
    return log_densities


@weighing()
def weights_not_logged(log_densities, weights):
    """The weights are added to the log densities; in the log domain it is their logarithm that is added."""
    return log_densities + weights


@weighing()
def weights_times_logs(log_densities, weights):
    """The log densities are multiplied by the weights; it is the densities that are."""
    return log_densities * weights


@weighing()
def divided_by_weights(log_densities, weights):
    """The densities are divided by the weights; they must be multiplied."""
    return log_densities - np.log(weights)


@weighing()
def equal_weights(log_densities, weights):
    """All components get the weight 1/K instead of the weights that were passed."""
    return log_densities - np.log(len(weights))


@weighing()
def weight_of_the_first(log_densities, weights):
    """The first weight is used for all components; each has its own."""
    return log_densities + np.log(weights[0])


@weighing()
def weight_of_the_last(log_densities, weights):
    """The last weight is used for all components; each has its own."""
    return log_densities + np.log(weights[-1])


@weighing()
def weights_twice(log_densities, weights):
    """The weights are multiplied in twice."""
    return log_densities + 2 * np.log(weights)


@weighing()
def other_base_of_weights(log_densities, weights):
    """The weights have a logarithm to base 10: exp undoes the natural one only, np.log."""
    return log_densities + np.log10(weights)


@weighing()
def base_two_of_weights(log_densities, weights):
    """The weights have a logarithm to base 2: exp undoes the natural one only, np.log."""
    return log_densities + np.log2(weights)


@weighing()
def weights_multiplied_with_logs(log_densities, weights):
    """log densities and log weights are multiplied; the logarithm of a product is a sum."""
    return log_densities * np.log(weights)


@weighing()
def root_of_the_weights(log_densities, weights):
    """The weights enter with their square root: ½ belongs to the density's own terms, not to log w."""
    return log_densities + 0.5 * np.log(weights)


@weighing()
def one_added_to_the_weights(log_densities, weights):
    """Your numbers are those of log(1 + w), as np.log1p gives it; the logarithm of w itself belongs there."""
    return log_densities + np.log1p(weights)


def number_added_to_the_weights(log_densities, weights, size):
    """A small number is added to the weights before the logarithm. None of them is 0, and a small one becomes
    another: leave it out.
    """
    return log_densities + np.log(weights + size)


#: For questions that ask about a weight of 1e-8.
ADDED_TO_THE_WEIGHTS = {
    f"{size:.0e}-added-to-the-weights": partial(number_added_to_the_weights, size=size)
    for size in (1e-12, 1e-10, 1e-8)
}


@weighing()
def weights_in_another_order(log_densities, weights):
    """Each component gets another one's weight: do both run in the same order?"""
    return log_densities + np.log(weights[::-1])


@weighing()
def weights_of_the_next(log_densities, weights):
    """Each component gets the weight of the next one: is an index off by one?"""
    return log_densities + np.log(np.roll(weights, -1))


@weighing()
def weights_of_the_one_before(log_densities, weights):
    """Each component gets the weight of the one before it: is an index off by one?"""
    return log_densities + np.log(np.roll(weights, 1))


@weighing()
def density_of_the_first_component_alone(log_densities, weights):
    """Only the first component gets a density, the others keep a 0: does a loop end after one round?"""
    return np.where(np.arange(len(weights)) > 0, 0.0, log_densities + np.log(weights))


@weighing()
def density_beside_weights_alone(log_densities, weights):
    """Only the first component gets a density, the others their weight: does a loop end after one round?"""
    return np.where(np.arange(len(weights)) > 0, 0.0, log_densities) + np.log(weights)


@weighing()
def first_component_only(log_densities, weights):
    """Only the first component counts: does a loop end after one round?"""
    return np.where(np.arange(len(weights)) > 0, -np.inf, log_densities + np.log(weights))


#: For questions in which the student computes the densities.
OF_THE_LOOP = (
    "density-of-the-first-component-alone",
    "density-beside-weights-alone",
    "first-component-only",
)


# ----------------------------------------------------------------------- from the joint to responsibilities

normalising = Catalogue(see="soft-responsibilities")


@normalising()
def normalised_over_points(log_joint):
    """The responsibilities sum to 1 over the points; they must sum to 1 over the components."""
    return softmax(log_joint.T).T


@normalising()
def normalised_over_everything(log_joint):
    """The responsibilities are divided by one sum over all points; each row needs its own."""
    return np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=None))


@normalising()
def columns_divided_after_the_shift(log_joint):
    """Your numbers are divided by the sums of the columns; each row needs its own sum."""
    joint = _shifted(log_joint)
    return joint / joint.sum(axis=0)


@normalising()
def total_divided_after_the_shift(log_joint):
    """Your numbers are divided by one sum over all points; each row needs its own."""
    joint = _shifted(log_joint)
    return joint / joint.sum()


@normalising()
def divided_by_the_largest(log_joint):
    """Each row is divided by its largest entry; it must be divided by its sum."""
    return _shifted(log_joint)


@normalising()
def divided_by_the_mean(log_joint):
    """Each row is divided by its mean, so that it sums to K; it must be divided by its sum."""
    joint = _shifted(log_joint)
    return joint / joint.mean(axis=1, keepdims=True)


@normalising()
def divided_by_the_length(log_joint):
    """Each row is divided by its length, the root of the sum of squares; it must be divided by its sum."""
    joint = _shifted(log_joint)
    return joint / np.linalg.norm(joint, axis=1, keepdims=True)


@normalising()
def divided_by_a_running_total(log_joint):
    """Each row is divided by the sum of all rows so far: begin each row's sum at 0."""
    joint = np.exp(log_joint)
    return joint / joint.sum(axis=1).cumsum()[:, None]


@normalising()
def running_total_after_the_shift(log_joint):
    """Your numbers are divided by the sum of all rows so far: begin each row's sum at 0."""
    joint = _shifted(log_joint)
    return joint / joint.sum(axis=1).cumsum()[:, None]


@normalising()
def shared_by_squares(log_joint):
    """The responsibilities are in proportion to the squares of w N: is a factor 2 left in the exponent?"""
    return softmax(2 * log_joint)


@normalising()
def shared_by_roots(log_joint):
    """The responsibilities are in proportion to the roots of w N: is there a factor ½ too many?"""
    return softmax(0.5 * log_joint)


@normalising()
def sign_turned(log_joint):
    """The largest share goes to the least probable component: the sign of the exponent is turned."""
    return softmax(-log_joint)


@normalising()
def hard_assignment(log_joint):
    """Each point is given wholly to its most probable component; that is k-means' way, a mixture shares."""
    return np.eye(log_joint.shape[1])[log_joint.argmax(axis=1)]


@normalising()
def shares_rounded(log_joint):
    """The shares are rounded to 0 and 1; a mixture shares a point out."""
    return np.round(softmax(log_joint))


@normalising()
def not_normalised(log_joint):
    """Weight times density is returned as it is; it must be divided by its sum over the components."""
    return np.exp(log_joint)


@normalising()
def logs_normalised(log_joint):
    """The logarithms are divided by their sum; exp comes first, then the division."""
    return log_joint / log_joint.sum(axis=1, keepdims=True)


@normalising()
def running_sum_of_shares(log_joint):
    """Each column holds the shares of the components before it, too: a running sum is returned."""
    return softmax(log_joint).cumsum(axis=1)


@normalising()
def log_responsibilities(log_joint):
    """The logarithms of the responsibilities are returned; take exp at the end."""
    return log_joint - log_sum_exp(log_joint)[:, None]


@normalising()
def normalised_twice(log_joint):
    """Shares are put through exp and normalised once more; one normalisation is enough."""
    return softmax(softmax(log_joint))


@normalising()
def exp_of_another_base(log_joint):
    """10 to the power of the logarithms is taken; np.exp undoes the natural logarithm."""
    return softmax(log_joint * np.log(10))


@normalising()
def exp_of_base_two(log_joint):
    """2 to the power of the logarithms is taken; np.exp undoes the natural logarithm."""
    return softmax(log_joint * np.log(2))


@normalising()
def columns_and_rows_swapped(log_joint):
    """The answer has components in rows and points in columns; it should be the other way round."""
    return softmax(log_joint).T


@normalising()
def components_in_another_order(log_joint):
    """The columns come in another order than the components."""
    return softmax(log_joint)[:, ::-1]


@normalising(see="numerics-log-sum-exp")
def exp_underflows(log_joint):
    """exp of very negative numbers is 0 (of very large ones infinite), which leaves nan: subtract each row's
    largest value before exp.
    """
    return _over_rows(np.exp(log_joint))


@normalising(see="numerics-log-sum-exp")
def underflow_papered_over(log_joint):
    """Where every density underflows your shares are 0, so that such points belong to nobody: subtract each
    row's largest value before exp.
    """
    return np.nan_to_num(_over_rows(np.exp(log_joint)))


@normalising(see="numerics-log-sum-exp")
def underflow_shared_equally(log_joint):
    """Where every density underflows, each component gets the same; subtract each row's largest value before
    exp.
    """
    R = _over_rows(np.exp(log_joint))
    return np.where(np.isnan(R), 1.0 / R.shape[1], R)


@normalising(see="numerics-log-sum-exp")
def underflow_guarded_by_epsilon(log_joint, epsilon=1e-300):
    """A small number in the denominator hides the underflow: far points then belong to nobody."""
    joint = np.exp(log_joint)
    return joint / (joint.sum(axis=1, keepdims=True) + epsilon)


normalising(see="numerics-log-sum-exp", name="underflow-guarded-by-1e-10")(
    partial(underflow_guarded_by_epsilon, epsilon=1e-10)
)


@normalising(see="numerics-log-sum-exp")
def one_shift_for_all_points(log_joint):
    """Your numbers are those of one shift for the whole array before exp; each row needs its own."""
    return _over_rows(np.exp(log_joint - log_joint.max()))


@normalising(see="numerics-log-sum-exp")
def shift_of_each_column(log_joint):
    """The largest value of each column is subtracted; each row needs its own."""
    return _over_rows(np.exp(log_joint - log_joint.max(axis=0)))


@normalising(see="numerics-log-sum-exp")
def smallest_subtracted(log_joint):
    """The smallest entry of each row is subtracted before exp; the others then overflow: subtract the
    largest.
    """
    return _over_rows(np.exp(log_joint - log_joint.min(axis=1, keepdims=True)))


@normalising(see="numerics-log-sum-exp")
def middle_subtracted(log_joint):
    """The mean or the median of each row is subtracted before exp; the largest entry may still overflow:
    subtract that one.
    """
    return _over_rows(np.exp(log_joint - log_joint.mean(axis=1, keepdims=True)))


@normalising(see="numerics-log-sum-exp")
def first_entry_subtracted(log_joint):
    """The first entry of each row is subtracted before exp; a larger one may still overflow: subtract the
    largest.
    """
    return _over_rows(np.exp(log_joint - log_joint[:, :1]))


@normalising(see="numerics-log-sum-exp")
def clipped(log_joint):
    """The logarithms are clipped so that exp survives: far points lose who is near."""
    return softmax(np.clip(log_joint, -700.0, 700.0))


# --------------------------------------------------------------------------- from the joint to log densities

mixing = Catalogue(see="soft-mixture")


@mixing()
def sum_of_logs(log_joint):
    """The logarithm stands inside the sum over components; it is the log of the sum, not the sum of the
    logs.
    """
    return log_joint.sum(axis=1)


@mixing(see="numerics-log-sum-exp")
def shift_not_added_back(log_joint):
    """The largest value that was subtracted before exp is not added again after the logarithm."""
    return log_sum_exp(log_joint) - log_joint.max(axis=1)


@mixing(see="numerics-log-sum-exp")
def shift_subtracted_again(log_joint):
    """The largest value is subtracted once more after the logarithm; it must be added again."""
    return log_sum_exp(log_joint) - 2 * log_joint.max(axis=1)


@mixing()
def logs_averaged(log_joint):
    """The logarithms log w + log N are averaged over the components; it is the log of the sum."""
    return log_joint.mean(axis=1)


@mixing()
def one_number_for_each_component(log_joint):
    """The densities are added up over the points, one number for each component; add over the components."""
    return np.logaddexp.reduce(log_joint, axis=0)


@mixing()
def largest_term_only(log_joint):
    """Only the most probable component counts; all must be summed."""
    return log_joint.max(axis=1)


@mixing()
def density_not_log(log_joint):
    """The density is used, not its logarithm."""
    return np.exp(log_sum_exp(log_joint))


@mixing()
def log_of_the_mean(log_joint):
    """The densities are averaged over the components; w N must be summed, the weights are in it."""
    return log_sum_exp(log_joint) - np.log(log_joint.shape[1])


@mixing()
def other_base_of_logarithm(log_joint):
    """The logarithm is to another base; the course uses the natural one."""
    return log_sum_exp(log_joint) / np.log(10)


@mixing()
def base_two(log_joint):
    """The logarithm is to base 2; the course uses the natural one."""
    return log_sum_exp(log_joint) / np.log(2)


@mixing()
def doubled(log_joint):
    """Twice the log density is used; a factor 2 belongs into a criterion such as BIC only."""
    return 2 * log_sum_exp(log_joint)


@mixing()
def log_density_halved(log_joint):
    """Half of the log density is used: the ½ belongs inside the density of each component."""
    return 0.5 * log_sum_exp(log_joint)


@mixing(see="numerics-log-sum-exp")
def log_of_underflow(log_joint):
    """The densities underflow to 0 before the logarithm: use log-sum-exp, with a shift for each row."""
    return np.log(np.exp(log_joint).sum(axis=1))


@mixing(see="numerics-log-sum-exp")
def underflow_guarded(log_joint, epsilon=1e-300):
    """A small number, added before the logarithm or a floor, gives all far points the same log density."""
    return np.log(np.exp(log_joint).sum(axis=1) + epsilon)


for _epsilon in (1e-16, 1e-12, 1e-10, 1e-8):
    mixing(see="numerics-log-sum-exp", name=f"log-guarded-by-{_epsilon:.0e}")(
        partial(underflow_guarded, epsilon=_epsilon)
    )


@mixing(see="numerics-log-sum-exp")
def one_shift_in_the_log(log_joint):
    """The largest value of the whole array is subtracted before exp; each row needs its own."""
    top = log_joint.max()
    return top + np.log(np.exp(log_joint - top).sum(axis=1))


@mixing(see="numerics-log-sum-exp")
def smallest_subtracted_in_the_log(log_joint):
    """The smallest entry of each row, or their mean, is subtracted before exp; the others may overflow:
    subtract the largest.
    """
    low = log_joint.min(axis=1)
    return low + np.log(np.exp(log_joint - low[:, None]).sum(axis=1))
