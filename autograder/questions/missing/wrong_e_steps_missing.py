"""What students get wrong in missing.e_step_missing."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray
from autograder.questions.mistakes.densities import OF_ONE_DENSITY
from autograder.questions.mistakes.densities import wrong as densities
from autograder.questions.mistakes.likelihoods import totalling
from autograder.questions.mistakes.mixtures import log_sum_exp, normalising, softmax, weighing
from autograder.questions.mistakes.parameters import confusing
from gmmlib.em import e_step
from gmmlib.gaussian import log_gaussian
from gmmlib.mixture import Mixture


def _block(covariance: FloatArray, known: Array) -> FloatArray:
    return covariance[np.ix_(known, known)]


def _of_block(X: FloatArray, mean: FloatArray, block: FloatArray, covariance: FloatArray) -> FloatArray:
    return log_gaussian(X, mean, block)


def _shared_out(log_joint: FloatArray) -> tuple[FloatArray, FloatArray]:
    log_densities = log_sum_exp(log_joint)
    return np.exp(log_joint - log_densities[:, None]), log_densities.sum()


def _step_by_step(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    block: Callable[[FloatArray, Array], FloatArray] = _block,
    density: Callable[..., FloatArray] = _of_block,
    joint: Callable[[FloatArray, FloatArray], FloatArray] = lambda logs, weights: logs + np.log(weights),
    normalise: Callable[[FloatArray], FloatArray] = softmax,
    likelihood: Callable[[FloatArray, FloatArray], FloatArray] = lambda joint, R: log_sum_exp(joint).sum(),
) -> tuple[FloatArray, FloatArray]:
    """Share out each point by the densities of what is known of it, the marginals of the components."""
    numbers = (X.tobytes(), means.tobytes(), covariances.tobytes())
    log_joint = joint(_log_marginals(block, density, X.shape, *numbers).copy(), weights)
    R = normalise(log_joint)
    return R, likelihood(log_joint, R)


@lru_cache(maxsize=256)  # most pairs of mistakes begin with the same densities of the same points
def _log_marginals(
    block: Callable[[FloatArray, Array], FloatArray],
    density: Callable[..., FloatArray],
    shape: tuple[int, int],
    *numbers: bytes,
) -> FloatArray:
    """Return the log density of what is known of each point, (n, K); 0 where nothing is."""
    n, d = shape
    X, means = (np.frombuffer(numbers[i]).reshape(-1, d) for i in range(2))
    covariances = np.frombuffer(numbers[2]).reshape(-1, d, d)
    log_marginals = np.zeros((n, len(means)))
    is_known = ~np.isnan(X)
    code = is_known @ (1 << np.arange(d))  # (n,)    one number for each pattern of gaps
    for pattern in np.unique(code):
        rows = np.flatnonzero(code == pattern)
        known = np.flatnonzero(is_known[rows[0]])
        for k in range(len(means) if len(known) else 0):
            A = block(covariances[k], known)
            log_marginals[rows, k] = density(X[np.ix_(rows, known)], means[k][known], A, covariances[k])
    return log_marginals


def _filled(X: FloatArray, values: FloatArray, *parameters: FloatArray) -> tuple[FloatArray, float]:
    """Run the E-step of complete data after filling each gap with the value of its feature, (d,)."""
    return e_step(np.where(np.isnan(X), values, X), Mixture(*parameters))


def _incomplete_by_weight(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, float]:
    R = np.tile(weights, (len(X), 1))
    complete = ~np.isnan(X).any(axis=1)
    log_likelihood = 0.0
    if complete.any():
        R[complete], log_likelihood = e_step(X[complete], Mixture(weights, means, covariances))
    return R, log_likelihood


wrong = Catalogue(see="missing-e-step", steps=_step_by_step)


@wrong()
def missing_for_known(X, weights, means, covariances):
    """Known and missing are swapped: np.isnan marks what is missing, ~np.isnan what is known."""
    # A complete row counts as unknown, and any other is looked up where it is nan.
    incomplete = np.isnan(X).any(axis=1)
    R = np.tile(weights, (len(X), 1))
    R[incomplete] = np.nan
    return R, np.nan if incomplete.any() else 0.0


@wrong()
def gaps_become_nan(X, *parameters):
    """A gap turns the whole row into nan: use only the features that are known."""
    R, log_likelihood = _incomplete_by_weight(X, *parameters)
    incomplete = np.isnan(X).any(axis=1)
    R[incomplete] = np.nan
    return R, np.nan if incomplete.any() else log_likelihood


@wrong()
def incomplete_rows_dropped(X, *parameters):
    """Rows with gaps are left out; what is known of them counts."""
    return e_step(X[~np.isnan(X).any(axis=1)], Mixture(*parameters))


@wrong()
def incomplete_rows_by_weight(X, *parameters):
    """Rows with gaps are shared out by the weights; their known values count."""
    return _incomplete_by_weight(X, *parameters)


@wrong()
def zeros_taken_for_gaps(X, *parameters):
    """Values that are exactly 0 are taken for gaps, as after np.nan_to_num; a gap is nan and nothing else."""
    return _step_by_step(np.where(X == 0, np.nan, X), *parameters)


@wrong()
def filled_with_zero(X, *parameters):
    """Gaps are filled with 0 before the E-step; nothing should be filled in."""
    return _filled(X, np.zeros(X.shape[1]), *parameters)


@wrong()
def filled_with_overall_mean(X, weights, means, covariances):
    """Gaps are filled with the mixture's mean; nothing should be filled in."""
    return _filled(X, weights @ means, weights, means, covariances)


@wrong()
def filled_with_column_mean(X, *parameters):
    """Gaps are filled with the mean of the column; nothing should be filled in."""
    return _filled(X, np.nanmean(X, axis=0), *parameters)


@wrong(alone=True)
def filled_with_column_median(X, *parameters):
    """Gaps are filled with the median of the column; nothing should be filled in."""
    return _filled(X, np.nanmedian(X, axis=0), *parameters)


@wrong()
def filled_with_component_mean(X, weights, means, covariances):
    """Gaps are filled with each component's mean: the density then still has factors of features nobody
    saw.
    """
    log_densities = [
        log_gaussian(np.where(np.isnan(X), mean, X), mean, covariance)
        for mean, covariance in zip(means, covariances, strict=True)
    ]
    return _shared_out(np.stack(log_densities, axis=1) + np.log(weights))


@wrong(step="block")
def block_of_the_precision(covariance, known):
    """Your block is that of the inverse, the covariance given what is missing; cut it out of the covariance
    first, and then invert.
    """
    return np.linalg.inv(_block(np.linalg.inv(covariance), known))


@wrong(step="density")
def constant_of_all_features(X, mean, block, covariance):
    """The constant counts all d features; a point with gaps has only as many as are known."""
    return log_gaussian(X, mean, block) - 0.5 * (len(covariance) - len(mean)) * np.log(2 * np.pi)


@wrong(step="density", about=("responsibilities", "log_likelihood"))
def density_of_all_features(X, mean, block, covariance):
    """Constant and determinant are those of all features, as after filling the gaps with conditional means;
    nothing should be filled in.
    """
    larger = np.linalg.slogdet(covariance)[1] - np.linalg.slogdet(block)[1]
    return constant_of_all_features(X, mean, block, covariance) - 0.5 * larger


@wrong(alone=True, about=("responsibilities", "log_likelihood"))
def filled_with_conditional_means(X, weights, means, covariances):
    """Constant and determinant are those of all features, as after filling the gaps with conditional means;
    nothing should be filled in.
    """
    log_joint = np.repeat(np.log(weights)[None], len(X), axis=0)
    numbers = (X.tobytes(), means.tobytes(), covariances.tobytes())
    log_joint += _log_marginals(_block, density_of_all_features, X.shape, *numbers)
    constants = X.shape[1] * np.log(2 * np.pi) + np.linalg.slogdet(covariances)[1]
    log_joint[np.isnan(X).all(axis=1)] -= 0.5 * constants
    return _shared_out(log_joint)


@wrong()
def empty_row_becomes_nan(X, *parameters):
    """A row without any value becomes nan; give it the log density 0 and skip the matrices."""
    R, log_likelihood = _step_by_step(X, *parameters)
    empty = np.isnan(X).all(axis=1)
    R[empty] = np.nan
    return R, np.nan if empty.any() else log_likelihood


@wrong()
def empty_row_shared_equally(X, *parameters):
    """A row without any value is shared equally; it is by the weights."""
    R, log_likelihood = _step_by_step(X, *parameters)
    R[np.isnan(X).all(axis=1)] = 1 / R.shape[1]
    return R, log_likelihood


@wrong(step="density")
def determinant_of_all_features(X, mean, block, covariance):
    """The determinant is that of the whole covariance; it must be that of the block."""
    larger = np.linalg.slogdet(covariance)[1] - np.linalg.slogdet(block)[1]
    return log_gaussian(X, mean, block) - 0.5 * larger


@wrong(alone=True)
def determinant_of_all_features_in_every_row(X, weights, means, covariances):
    """The determinant is that of the whole covariance; it must be that of the block, and a row without any
    value has none.
    """
    log_joint = np.repeat(np.log(weights)[None], len(X), axis=0)
    numbers = (X.tobytes(), means.tobytes(), covariances.tobytes())
    log_joint += _log_marginals(_block, determinant_of_all_features, X.shape, *numbers)
    log_joint[np.isnan(X).all(axis=1)] -= 0.5 * np.linalg.slogdet(covariances)[1]
    return _shared_out(log_joint)


@wrong(step="block")
def correlations_ignored(covariance, known):
    """Only the variances are used: covariance[a, a] picks those, np.ix_(a, a) the block."""
    return np.diag(np.diag(covariance)[known])


@wrong()
def likelihood_zero(X, *parameters):
    """The log-likelihood is 0: was it taken of the responsibilities, or the weights alone, which sum to 1?"""
    R, _ = _step_by_step(X, *parameters)
    return R, 0.0


def _plain_log_of_sum(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.exp(log_joint).sum(axis=1)).sum())


@wrong(step="normalise", also={"likelihood": _plain_log_of_sum}, see="numerics-log-sum-exp")
def exp_underflows(log_joint):
    """For far points exp gives 0, or overflows, which leaves nan: use log-sum-exp, row by row."""
    return np.exp(log_joint) / np.exp(log_joint).sum(axis=1, keepdims=True)


FREQUENT = ("weights-forgotten", "weights-not-logged", "equal-weights", "hard-assignment", "not-normalised")
OF_ONE_NUMBER = (
    "all-pairs-of-points",
    "pairs-of-points-added",
    "first-point-only",
    "summed-over-points",
    "points-counted-for-features",
    "distances-added-over-points",
    "covariance-of-the-points",
)
wrong.include(weighing, step="joint", but=("density-of-the-first-component-alone",), together=FREQUENT)
wrong.include(
    normalising,
    step="normalise",
    but=("clipped", "underflow-guarded-by-epsilon"),
    together=FREQUENT,
)
wrong.include(
    densities,
    step="density",
    adapted=lambda density: lambda X, mean, block, covariance: density(X, mean, block),
    but=(
        *OF_ONE_NUMBER,
        *OF_ONE_DENSITY,
        "correlations-ignored",
        "determinant-underflows",
        "log-of-underflow",
    ),
    together=("not-halved",),
)
wrong.include(
    totalling,
    step="likelihood",
    but=("one-shift-in-the-likelihood",),
    together=("mean-log-likelihood", "negative-log-likelihood"),
)


@wrong(step="block")
def first_features_for_the_known(covariance, known):
    """The block of the first features is taken; it must be that of the features that are known in the row."""
    first = np.arange(len(known))
    return covariance[np.ix_(first, first)]


@wrong()
def complete_rows_only_in_likelihood(X, *parameters):
    """The log-likelihood adds up complete rows only; what is known of the others counts, too."""
    R, _ = _step_by_step(X, *parameters)
    complete = ~np.isnan(X).any(axis=1)
    return R, _step_by_step(X[complete], *parameters)[1] if complete.any() else 0.0


@wrong()
def empty_row_dropped(X, weights, *parameters):
    """A row without any value has no responsibilities; the weights are all that is known of it."""
    R, log_likelihood = _step_by_step(X, weights, *parameters)
    R[np.isnan(X).all(axis=1)] = 0.0
    return R, log_likelihood


def _confused(change: Callable[..., tuple[FloatArray, FloatArray]]) -> Callable[..., object]:
    return lambda X, weights, means, covariances: _step_by_step(X, weights, *change(means, covariances))


wrong.include(confusing, adapted=_confused)


@wrong(alone=True)
def incomplete_rows_shared_equally(X, *parameters):
    """Rows with a gap are shared equally; what is known of them says more."""
    R, log_likelihood = _step_by_step(X, *parameters)
    R[np.isnan(X).any(axis=1)] = 1 / R.shape[1]
    return R, log_likelihood


@wrong(alone=True)
def features_seen_in_all_rows_only(X, weights, means, covariances):
    """Only the features that are seen in every row are used; each point has features of its own."""
    whole = np.isfinite(X).all(axis=0)
    return _step_by_step(np.where(whole, X, np.nan), weights, means, covariances)


@wrong(alone=True)
def features_of_the_first_row(X, weights, means, covariances):
    """Features are used that a row does not have, as if all had those of the first row; each point has its
    own.
    """
    seen = np.isfinite(X[0])
    R, log_likelihood = _step_by_step(np.where(seen, X, np.nan), weights, means, covariances)
    with_gaps = np.isnan(X[:, seen]).any(axis=1)
    R[with_gaps] = np.nan
    return R, np.nan if with_gaps.any() else log_likelihood


@wrong(alone=True)
def precision_cut_for_the_distance(X, weights, means, covariances):
    """The distance has the block of the inverse; it is the inverse of the block: cut first, then invert."""
    log_joint = np.repeat(np.log(weights)[None], len(X), axis=0)
    for k, precision in enumerate(np.linalg.inv(covariances)):
        at_the_mean = np.where(np.isnan(X), X, means[k])  # where the distance is 0
        numbers = (at_the_mean.tobytes(), means.tobytes(), covariances.tobytes())
        Z = np.nan_to_num(X - means[k])
        log_joint[:, k] += _log_marginals(_block, _of_block, X.shape, *numbers)[:, k]
        log_joint[:, k] -= 0.5 * np.einsum("ij,jl,il->i", Z, precision, Z)
    return _shared_out(log_joint)


@wrong(alone=True, about=("responsibilities",))
def weights_for_the_responsibilities(X, weights, *parameters):
    """Every point is shared out by the weights alone: the densities of what is known do not come in."""
    return np.tile(weights, (len(X), 1)), _step_by_step(X, weights, *parameters)[1]


@wrong(step="density", alone=True)
def constant_of_the_missing_features(X, mean, block, covariance):
    """The constant counts the features that are missing; it must count those that are known."""
    too_few = 2 * len(mean) - len(covariance)
    return log_gaussian(X, mean, block) + 0.5 * too_few * np.log(2 * np.pi)


@wrong(step="density", alone=True)
def first_known_feature_alone(X, mean, block, covariance):
    """Only the first feature that is known of each point is used; all of them tell something."""
    return log_gaussian(X[:, :1], mean[:1], block[:1, :1])


@wrong(step="density", alone=True)
def last_known_feature_alone(X, mean, block, covariance):
    """Only the last feature that is known of each point is used; all of them tell something."""
    return log_gaussian(X[:, -1:], mean[-1:], block[-1:, -1:])


@wrong(step="density", alone=True)
def last_known_feature_left_out(X, mean, block, covariance):
    """The last feature that is known of each point is not used: does a loop end one round too early?"""
    if len(mean) == 1:
        return np.zeros(len(X))
    return log_gaussian(X[:, :-1], mean[:-1], block[:-1, :-1])


@wrong(alone=True)
def first_means_for_the_known(X, weights, means, covariances):
    """The first entries of the mean are taken off; it is those of the features that are known in the row."""
    log_joint = np.repeat(np.log(weights)[None], len(X), axis=0)
    for k, mean in enumerate(means):
        moved = X.copy()
        for x in moved:
            known = np.flatnonzero(~np.isnan(x))
            x[known] += mean[known] - mean[: len(known)]
        numbers = (moved.tobytes(), means.tobytes(), covariances.tobytes())
        log_joint[:, k] += _log_marginals(_block, _of_block, X.shape, *numbers)[:, k]
    return _shared_out(log_joint)


@wrong(step="joint", alone=True)
def density_of_the_first_component_alone(logs, weights):
    """Only the first component gets a density, the others keep a 0: does a loop end after one round?"""
    log_joint = logs + np.log(weights)
    log_joint[(logs != 0).any(axis=1), 1:] = 0.0
    return log_joint


@wrong(alone=True)
def incomplete_rows_only_in_likelihood(X, *parameters):
    """The log-likelihood adds up rows with a gap only; complete rows count, too."""
    R, _ = _step_by_step(X, *parameters)
    gaps = np.isnan(X).any(axis=1)
    return R, _step_by_step(X[gaps], *parameters)[1] if gaps.any() else 0.0


@wrong(alone=True)
def likelihood_per_value(X, *parameters):
    """The log-likelihood is divided by the number of values that are known; the course uses the sum."""
    R, log_likelihood = _step_by_step(X, *parameters)
    return R, log_likelihood / np.isfinite(X).sum()


def _with_empty_rows(change: Callable[..., FloatArray], X: FloatArray, *parameters: FloatArray) -> object:
    """Return the values if rows without any value had other responsibilities."""
    R, log_likelihood = _step_by_step(X, *parameters)
    R[np.isnan(X).all(axis=1)] = change(R.shape[1])
    return R, log_likelihood


def empty_row_to_one_component(X, weights, *parameters, place):
    """A row without any value goes wholly to one component; it is shared out by the weights."""
    return _with_empty_rows(lambda K: np.eye(K)[place], X, weights, *parameters)


for _place, _which in ((0, "first"), (1, "second"), (2, "third")):
    wrong(alone=True, name=f"empty-row-to-the-{_which}")(partial(empty_row_to_one_component, place=_place))


@wrong(alone=True)
def empty_row_of_ones(X, weights, *parameters):
    """A row without any value belongs wholly to each component; it is shared out by the weights."""
    return _with_empty_rows(np.ones, X, weights, *parameters)


@wrong(alone=True)
def empty_row_at_the_means(X, weights, means, covariances):
    """A row without any value has the density that is at the means; nothing is known of it, so it is 1."""
    log_joint = np.repeat(np.log(weights)[None], len(X), axis=0)
    numbers = (X.tobytes(), means.tobytes(), covariances.tobytes())
    log_joint += _log_marginals(_block, _of_block, X.shape, *numbers)
    constants = X.shape[1] * np.log(2 * np.pi) + np.linalg.slogdet(covariances)[1]
    log_joint[np.isnan(X).all(axis=1)] -= 0.5 * constants
    return _shared_out(log_joint)
