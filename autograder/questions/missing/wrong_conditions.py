"""What students get wrong in missing.condition."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _gain(aa: FloatArray, ba: FloatArray) -> FloatArray:
    """Return Σ_ba Σ_aa⁻¹."""
    return np.asarray(ba @ np.linalg.inv(aa))


def _shifted(mean: FloatArray, mean_of_known: FloatArray, values: FloatArray, gain: FloatArray) -> FloatArray:
    """Return μ_b + Σ_ba Σ_aa⁻¹ (x_a - μ_a)."""
    return mean + gain @ (values - mean_of_known)


def _reduced(bb: FloatArray, ba: FloatArray, gain: FloatArray) -> FloatArray:
    """Return Σ_bb - Σ_ba Σ_aa⁻¹ Σ_ab."""
    return bb - gain @ ba.T


def _block_by_block(
    mean: FloatArray,
    covariance: FloatArray,
    known: Array,
    values: FloatArray,
    *,
    gain: Callable[[FloatArray, FloatArray], FloatArray] = _gain,
    shift: Callable[..., FloatArray] = _shifted,
    rest: Callable[..., FloatArray] = _reduced,
) -> tuple[FloatArray, FloatArray]:
    """Condition on the known features a; b are the others."""
    a, b = known, np.setdiff1d(np.arange(len(mean)), known)
    aa, ba, bb = covariance[np.ix_(a, a)], covariance[np.ix_(b, a)], covariance[np.ix_(b, b)]
    G = gain(aa, ba)
    return shift(mean[b], mean[a], values, G), rest(bb, ba, G)


wrong = Catalogue(see="missing-conditional", steps=_block_by_block)


@wrong(step="shift", also={"rest": lambda bb, ba, gain: bb})
def marginal_instead_of_conditional(mean, mean_of_known, values, gain):
    """What is known is not used: this is the marginal of the unknown features."""
    return mean


@wrong()
def known_and_unknown_swapped(mean, covariance, known, values):
    """The known features are described; it is the unknown ones."""
    return mean[known], covariance[np.ix_(known, known)]


@wrong(step="gain")
def inverse_missing(aa, ba):
    """The covariance of the known features must be inverted."""
    return ba @ aa


@wrong(step="gain")
def inverse_left_out(aa, ba):
    """Σ_ba is multiplied as it is; Σ_aa⁻¹ belongs behind it."""
    return ba


@wrong()
def inverse_left_out_of_the_mean(mean, covariance, known, values):
    """The shift of the mean is Σ_ba (x_a - μ_a); Σ_aa⁻¹ belongs in between."""
    b = np.setdiff1d(np.arange(len(mean)), known)
    shifted = mean[b] + covariance[np.ix_(b, known)] @ (values - mean[known])
    return shifted, _block_by_block(mean, covariance, known, values)[1]


@wrong()
def unknown_block_inverted(mean, covariance, known, values):
    """The shift of the mean has Σ_bb⁻¹ in front of Σ_ba; it is Σ_aa⁻¹, of the known features, behind it."""
    b = np.setdiff1d(np.arange(len(mean)), known)
    bb, ba = covariance[np.ix_(b, b)], covariance[np.ix_(b, known)]
    shifted = mean[b] + np.linalg.solve(bb, ba @ (values - mean[known]))
    return shifted, _block_by_block(mean, covariance, known, values)[1]


@wrong(step="gain")
def only_variances_of_the_known(aa, ba):
    """The known features are treated as independent: their whole covariance must be inverted."""
    return ba @ np.diag(1 / np.diag(aa))


@wrong(step="shift")
def known_not_centred(mean, mean_of_known, values, gain):
    """The mean of the known features is not taken off their values."""
    return mean + gain @ values


@wrong(step="shift")
def own_mean_forgotten(mean, mean_of_known, values, gain):
    """The mean of the unknown features is missing."""
    return gain @ (values - mean_of_known)


@wrong(step="shift")
def shift_with_wrong_sign(mean, mean_of_known, values, gain):
    """The shift has the wrong sign: what is above its mean pulls up what goes with it."""
    return mean - gain @ (values - mean_of_known)


@wrong(step="shift")
def mean_not_shifted(mean, mean_of_known, values, gain):
    """The mean stays that of the marginal; what is known must move it."""
    return mean


@wrong(step="rest")
def covariance_not_reduced(bb, ba, gain):
    """The covariance stays that of the marginal; knowing more must shrink it."""
    return bb


@wrong(step="rest")
def covariance_raised(bb, ba, gain):
    """The covariance is raised; knowing more must shrink it."""
    return bb + gain @ ba.T


@wrong(step="rest")
def precision_returned(bb, ba, gain):
    """The inverse of the covariance (the precision) is returned."""
    return np.linalg.inv(_reduced(bb, ba, gain))


@wrong()
def order_of_known_ignored(mean, covariance, known, values):
    """The known features are sorted, but not their values: keep the order in which they come."""
    return _block_by_block(mean, covariance, np.sort(known), values)


@wrong()
def first_features_taken_for_known(mean, covariance, known, values):
    """The first features are taken for the known ones; `known` tells which they are."""
    return _block_by_block(mean, covariance, np.arange(len(known)), values)


@wrong()
def known_features_returned_too(mean, covariance, known, values):
    """The mean holds the known features too; return the unknown ones alone."""
    conditional_mean, conditional_covariance = _block_by_block(mean, covariance, known, values)
    full = mean.copy()
    full[np.setdiff1d(np.arange(len(mean)), known)] = conditional_mean
    full[known] = values
    return full, conditional_covariance


@wrong()
def block_of_the_precision(mean, covariance, known, values):
    """The block is cut out of the inverse; cut Σ_aa out of the covariance first, and then invert."""
    block = np.linalg.inv(covariance)[np.ix_(known, known)]
    return _block_by_block(mean, covariance, known, values, gain=lambda aa, ba: ba @ block)


@wrong(step="gain", alone=True)
def entries_inverted(aa, ba):
    """Your numbers are those of 1 / Σ_aa, entry by entry; take np.linalg.inv, or better solve."""
    return ba @ (1 / aa)


@wrong(step="rest", alone=True)
def inverse_missing_in_covariance(bb, ba, gain):
    """The covariance lacks Σ_aa⁻¹ between Σ_ba and Σ_ab."""
    return bb - ba @ ba.T


@wrong(step="rest", alone=True)
def gain_twice_in_covariance(bb, ba, gain):
    """What is taken off is Σ_ba Σ_aa⁻¹ times itself, so that Σ_aa⁻¹ is in twice; multiply it by Σ_ab."""
    return bb - gain @ gain.T


@wrong(step="rest", alone=True)
def diagonal_instead_of_block(bb, ba, gain):
    """Your numbers are those of covariance[b, b], the variances; np.ix_(b, b) picks the block."""
    return np.diag(bb) - gain @ ba.T


@wrong(step="rest", alone=True)
def variances_only(bb, ba, gain):
    """Only the variances are returned; the covariance is a matrix."""
    return np.diag(_reduced(bb, ba, gain))


@wrong(step="rest", alone=True)
def deviations_only(bb, ba, gain):
    """The roots of the variances are returned; the covariance is a matrix."""
    return np.sqrt(np.abs(np.diag(_reduced(bb, ba, gain))))


@wrong(step="shift", alone=True)
def difference_turned_and_added(mean, mean_of_known, values, gain):
    """The mean of the unknown features is taken off; it must be added."""
    return gain @ (values - mean_of_known) - mean


@wrong(step="shift", alone=True)
def half_of_the_shift(mean, mean_of_known, values, gain):
    """The shift is half of what it should be."""
    return mean + 0.5 * gain @ (values - mean_of_known)


@wrong(step="rest", alone=True)
def diagonal_kept_only(bb, ba, gain):
    """Only the diagonal of the covariance is kept; the unknown features vary together."""
    return np.diag(np.diag(_reduced(bb, ba, gain)))


@wrong(step="rest", alone=True)
def reduction_returned(bb, ba, gain):
    """What is subtracted is returned, Σ_ba Σ_aa⁻¹ Σ_ab; it must be taken off Σ_bb."""
    return gain @ ba.T


@wrong(step="rest", alone=True)
def reduction_doubled(bb, ba, gain):
    """Σ_ba Σ_aa⁻¹ Σ_ab is subtracted twice."""
    return bb - 2 * gain @ ba.T


@wrong(step="rest", alone=True)
def reduction_halved(bb, ba, gain):
    """Half of Σ_ba Σ_aa⁻¹ Σ_ab is subtracted; it is the whole."""
    return bb - 0.5 * gain @ ba.T


@wrong(step="rest", alone=True)
def reduction_turned(bb, ba, gain):
    """The sign of the covariance is turned: Σ_ba Σ_aa⁻¹ Σ_ab is taken off Σ_bb, not the other way round."""
    return gain @ ba.T - bb


@wrong(step="rest", alone=True)
def deviations_returned(bb, ba, gain):
    """The square root of the covariance is returned."""
    return np.sqrt(np.abs(_reduced(bb, ba, gain)))


@wrong(step="gain", alone=True)
def gain_divided_by_trace(aa, ba):
    """The covariance of the known features is divided by as one number; its inverse is a matrix."""
    return ba / np.trace(aa)


@wrong(step="gain", alone=True)
def gain_divided_by_determinant(aa, ba):
    """Σ_ba is divided by the determinant of Σ_aa; the inverse of the matrix is asked for."""
    return ba / np.linalg.det(aa)


def ridge_in_the_known(aa, ba, size):
    """A small number is added to Σ_aa before it is inverted; nobody asked for that."""
    return ba @ np.linalg.inv(aa + size * np.eye(len(aa)))


wrong(step="gain", alone=True)(partial(ridge_in_the_known, size=1e-3))


@wrong(alone=True, about=("mean", "covariance"))
def all_features_returned(mean, covariance, known, values):
    """Mean and covariance are those of all features; return the unknown ones alone."""
    return mean, covariance


@wrong(alone=True, about=("mean", "covariance"))
def unknown_features_in_reverse(mean, covariance, known, values):
    """The unknown features come in another order; keep theirs in the data."""
    shifted, rest = _block_by_block(mean, covariance, known, values)
    return shifted[::-1], rest[::-1, ::-1]


@wrong(alone=True)
def covariance_of_the_known(mean, covariance, known, values):
    """The covariance is that of the known features given the unknown ones; it is the other way round."""
    b = np.setdiff1d(np.arange(len(mean)), known)
    return _block_by_block(mean, covariance, known, values)[0], _block_by_block(mean, covariance, b, mean[b])[
        1
    ]


@wrong(step="shift", alone=True)
def both_means_forgotten(mean, mean_of_known, values, gain):
    """The mean is Σ_ba Σ_aa⁻¹ x_a without any mean: take μ_a off x_a, and add μ_b."""
    return gain @ values


@wrong(alone=True)
def zeros_for_the_known(mean, covariance, known, values):
    """The covariance has zeros for the known features, too; return the block of the unknown ones alone."""
    shifted, rest = _block_by_block(mean, covariance, known, values)
    b = np.setdiff1d(np.arange(len(mean)), known)
    whole = np.zeros_like(covariance)
    whole[np.ix_(b, b)] = rest
    return shifted, whole


@wrong(step="shift", alone=True)
def mean_of_the_known_added(mean, mean_of_known, values, gain):
    """The mean of the known features is added to their values; it must be taken off."""
    return mean + gain @ (values + mean_of_known)


def _gain_of(these: slice, aa: FloatArray, ba: FloatArray) -> FloatArray:
    """Return the gain of some of the known features, and 0 for the others."""
    gain = np.zeros_like(ba)
    gain[:, these] = _gain(aa[these, these], ba[:, these])
    return gain


@wrong(step="gain", alone=True)
def first_known_feature_alone(aa, ba):
    """Only the first known feature is used; all of them tell something: take the whole block Σ_aa."""
    return _gain_of(slice(0, 1), aa, ba)


@wrong(step="gain", alone=True)
def last_known_feature_alone(aa, ba):
    """Only the last known feature is used: does each round of a loop replace what came before?"""
    return _gain_of(slice(-1, None), aa, ba)


@wrong(step="gain", alone=True)
def last_known_feature_left_out(aa, ba):
    """The last known feature is not used; all of them tell something: take the whole block Σ_aa."""
    return _gain_of(slice(0, -1), aa, ba)


@wrong(alone=True)
def first_means_taken_off(mean, covariance, known, values):
    """The first entries of the mean are taken off the values; it is those of the known features,
    mean[known].
    """

    def first(mean_of_unknown, mean_of_known, values, gain):
        return mean_of_unknown + gain @ (values - mean[: len(known)])

    return _block_by_block(mean, covariance, known, values, shift=first)


@wrong(alone=True)
def covariance_of_all_features(mean, covariance, known, values):
    """The covariance is the one that was passed, of all features; return that of the unknown ones, given the
    known.
    """
    return _block_by_block(mean, covariance, known, values)[0], covariance


for _size in (1e-1, 1e-2, 1e-4, 1e-5, 1e-6):
    wrong(step="gain", alone=True, name=f"ridge-of-{_size:.0e}-in-the-known")(
        partial(ridge_in_the_known, size=_size)
    )


def ridge_added(bb, ba, gain, size):
    """A small number stands on the diagonal of the covariance besides what is right; nobody asked for it."""
    return _reduced(bb, ba, gain) + size * np.eye(len(bb))


for _size in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
    wrong(step="rest", alone=True, name=f"ridge-of-{_size:.0e}-added")(partial(ridge_added, size=_size))


@wrong(step="gain", alone=True)
def inverse_taken_twice(aa, ba):
    """Σ_aa⁻¹ comes in twice; once is enough."""
    return ba @ np.linalg.inv(aa @ aa)


@wrong(step="gain", alone=True)
def one_triangle_of_cholesky(aa, ba):
    """Σ_ba is divided by the Cholesky factor of Σ_aa once; the inverse needs both, L and Lᵀ."""
    return ba @ np.linalg.inv(np.linalg.cholesky(aa))


@wrong(step="gain", alone=True)
def other_triangle_of_cholesky(aa, ba):
    """Σ_ba is divided by the transposed Cholesky factor of Σ_aa once; the inverse needs both, L and Lᵀ."""
    return ba @ np.linalg.inv(np.linalg.cholesky(aa)).T


@wrong(step="rest", alone=True)
def variances_alone_reduced(bb, ba, gain):
    """The variances alone are reduced; what two unknown features have in common is reduced as well."""
    return bb - np.diag(np.diag(gain @ ba.T))


@wrong(step="rest", alone=True)
def variances_of_the_unknown_alone(bb, ba, gain):
    """Beside the diagonal Σ_bb is missing: take the whole block, then subtract."""
    return np.diag(np.diag(bb)) - gain @ ba.T


@wrong(step="shift", alone=True)
def values_sorted(mean, mean_of_known, values, gain):
    """Your numbers are those of the values in ascending order; each belongs to its own index in `known`."""
    return mean + gain @ (np.sort(values) - mean_of_known)


@wrong(alone=True)
def mean_of_sorted_known(mean, covariance, known, values):
    """The means of the known features are taken off in ascending order; `known` has another."""

    def shift(mean_of_unknown, mean_of_known, values, gain):
        return mean_of_unknown + gain @ (values - mean[np.sort(known)])

    return _block_by_block(mean, covariance, known, values, shift=shift)


@wrong(alone=True)
def last_features_taken_for_known(mean, covariance, known, values):
    """The last features are taken for the known ones; `known` tells which they are."""
    last = np.arange(len(mean) - len(known), len(mean))
    return _block_by_block(mean, covariance, last, values)


@wrong(alone=True)
def precision_not_inverted(mean, covariance, known, values):
    """The shift of the mean is that of the inverse's block Λ_ba alone; it is -Λ_bb⁻¹ Λ_ba, or Σ_ba Σ_aa⁻¹."""
    b = np.setdiff1d(np.arange(len(mean)), known)
    across = np.linalg.inv(covariance)[np.ix_(b, known)]
    shifted = mean[b] - across @ (values - mean[known])
    return shifted, _block_by_block(mean, covariance, known, values)[1]


@wrong(alone=True)
def precision_not_inverted_and_added(mean, covariance, known, values):
    """The shift of the mean is that of the inverse's block Λ_ba alone; it is -Λ_bb⁻¹ Λ_ba, or Σ_ba Σ_aa⁻¹."""
    b = np.setdiff1d(np.arange(len(mean)), known)
    rest = _block_by_block(mean, covariance, known, values)[1]
    across = np.linalg.inv(covariance)[np.ix_(b, known)]
    return mean[b] + across @ (values - mean[known]), rest


def _one_after_the_other(mean, covariance, known, values, old_mean):
    m, C = mean.copy(), covariance.copy()
    for j, value in zip(known, values, strict=True):
        g = C[:, j] / C[j, j]
        m = m + g * (value - (mean if old_mean else m)[j])
        C = C - np.outer(g, C[j])
    b = np.setdiff1d(np.arange(len(mean)), known)
    return m[b], C[np.ix_(b, b)]


@wrong(alone=True)
def means_not_updated_between(mean, covariance, known, values):
    """Your mean is that of known features taken one after the other, each about its mean before the first:
    those before it move that mean, too.
    """
    return _one_after_the_other(mean, covariance, known, values, old_mean=True)


def _correlations(aa: FloatArray, ba: FloatArray, bb: FloatArray) -> FloatArray:
    return np.asarray(ba / np.sqrt(np.outer(np.diag(bb), np.diag(aa))))


@wrong(alone=True)
def correlations_for_the_gain(mean, covariance, known, values):
    """Σ_ba is divided by the deviations of both sides, which gives correlations; it is Σ_ba Σ_aa⁻¹."""
    b = np.setdiff1d(np.arange(len(mean)), known)
    bb = covariance[np.ix_(b, b)]
    return _block_by_block(mean, covariance, known, values, gain=lambda aa, ba: _correlations(aa, ba, bb))


@wrong(step="shift", alone=True)
def first_unknown_feature_shifted_only(mean, mean_of_known, values, gain):
    """Only the first unknown feature's mean is moved: does a loop end after one round?"""
    shifted = mean.copy()
    shifted[:1] += (gain @ (values - mean_of_known))[:1]
    return shifted


@wrong(step="shift", alone=True)
def last_unknown_feature_not_shifted(mean, mean_of_known, values, gain):
    """The last unknown feature's mean is not moved: does a loop end one round too early?"""
    shifted = mean + gain @ (values - mean_of_known)
    shifted[-1] = mean[-1]
    return shifted


@wrong(step="rest", alone=True)
def covariance_in_reverse(bb, ba, gain):
    """Rows and columns of your covariance come in reverse order, the last unknown feature's first."""
    return _reduced(bb, ba, gain)[::-1, ::-1]


def ridge_in_all(mean, covariance, known, values, size):
    """A small number is added to the variances of all features first; nobody asked for that."""
    return _block_by_block(mean, covariance + size * np.eye(len(mean)), known, values)


for _size in (1e-3, 1e-6):
    wrong(alone=True, name=f"ridge-of-{_size:.0e}-in-all", about=("mean", "covariance"))(
        partial(ridge_in_all, size=_size)
    )
