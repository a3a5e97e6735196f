"""What students get wrong in missing.condition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray
from autograder.questions.missing.condition import reference  # ?? shared


def _gain(aa: FloatArray, ba: FloatArray) -> FloatArray:
    return np.asarray(ba @ np.linalg.inv(aa))


def _blocks(
    mean: FloatArray,
    covariance: FloatArray,
    known: Array,
    values: FloatArray,
    *,
    gain: Callable[[FloatArray, FloatArray], FloatArray] = _gain,
    shift: Callable[..., FloatArray] = lambda m_b, m_a, x, gain: m_b + gain @ (x - m_a),
    rest: Callable[..., FloatArray] = lambda bb, ba, gain: bb - gain @ ba.T,
) -> tuple[FloatArray, FloatArray]:
    a = np.asarray(known)
    b = np.setdiff1d(np.arange(len(mean)), a)
    aa, ba, bb = covariance[np.ix_(a, a)], covariance[np.ix_(b, a)], covariance[np.ix_(b, b)]
    G = gain(aa, ba)
    return shift(mean[b], mean[a], values, G), rest(bb, ba, G)


wrong = Catalogue(see="missing-conditional", steps=_blocks)


@wrong(step="shift", also={"rest": lambda bb, ba, G: bb})
def marginal_instead_of_conditional(m_b, m_a, x, G):
    """What is known is not used: this is the marginal of the unknown features."""
    return m_b


@wrong()
def known_and_unknown_swapped(mean, covariance, known, values):
    """The known features are described; it is the unknown ones."""
    a = np.asarray(known)
    return mean[a], covariance[np.ix_(a, a)]


@wrong(step="gain")
def inverse_missing(aa, ba):
    """The covariance of the known features must be inverted."""
    return ba @ aa


@wrong(step="gain")
def only_variances_of_the_known(aa, ba):
    """The known features are treated as independent: their whole covariance must be inverted."""
    return ba @ np.diag(1 / np.diag(aa))


@wrong(step="shift")
def known_not_centred(m_b, m_a, x, G):
    """The mean of the known features is not taken off their values."""
    return m_b + G @ x


@wrong(step="shift")
def own_mean_forgotten(m_b, m_a, x, G):
    """The mean of the unknown features is missing."""
    return G @ (x - m_a)


@wrong(step="shift")
def shift_with_wrong_sign(m_b, m_a, x, G):
    """The shift has the wrong sign: what is above its mean pulls upwards."""
    return m_b - G @ (x - m_a)


@wrong(step="shift")
def mean_not_shifted(m_b, m_a, x, G):
    """The mean stays that of the marginal; what is known must move it."""
    return m_b


@wrong(step="rest")
def covariance_not_reduced(bb, ba, G):
    """The covariance stays that of the marginal; knowing more must shrink it."""
    return bb


@wrong(step="rest")
def covariance_raised(bb, ba, G):
    """The covariance is raised; knowing more must shrink it."""
    return bb + G @ ba.T


@wrong(step="rest")
def precision_returned(bb, ba, G):
    """The inverse of the covariance (the precision) is returned."""
    return np.linalg.inv(bb - G @ ba.T)


@wrong()
def order_of_known_ignored(mean, covariance, known, values):
    """The known features are sorted, but not their values: keep the order in which they come."""
    return reference(mean, covariance, np.sort(known), values)


@wrong()
def first_features_taken_for_known(mean, covariance, known, values):
    """The first features are taken for the known ones; `known` tells which they are."""
    return reference(mean, covariance, np.arange(len(known)), values)


@wrong()
def known_features_returned_too(mean, covariance, known, values):
    """The mean holds the known features too; return the unknown ones alone."""
    shifted, rest = reference(mean, covariance, known, values)
    full = mean.copy()
    full[np.setdiff1d(np.arange(len(mean)), known)] = shifted
    full[known] = values
    return full, rest


@wrong()
def block_of_the_precision(mean, covariance, known, values):
    """The block is cut out of the inverse; cut Σ_aa out of the covariance first, and then invert."""
    block = np.linalg.inv(covariance)[np.ix_(known, known)]
    return _blocks(mean, covariance, known, values, gain=lambda aa, ba: ba @ block)


@wrong(step="gain", alone=True)
def entries_inverted(aa, ba):
    """1 / Σ_aa inverts entry by entry; the inverse of a matrix is np.linalg.inv, or better solve."""
    return ba @ (1 / aa)


@wrong(step="rest", alone=True)
def inverse_missing_in_covariance(bb, ba, G):
    """The covariance lacks Σ_aa⁻¹ between Σ_ba and Σ_ab."""
    return bb - ba @ ba.T


@wrong(step="rest", alone=True)
def gain_twice_in_covariance(bb, ba, G):
    """Σ_ba Σ_aa⁻¹ is multiplied by itself; multiply it by Σ_ab."""
    return bb - G @ G.T


@wrong(step="rest", alone=True)
def diagonal_instead_of_block(bb, ba, G):
    """covariance[b, b] picks the variances alone; np.ix_(b, b) picks the block."""
    return np.diag(bb) - G @ ba.T


@wrong(step="rest", alone=True)
def variances_only(bb, ba, G):
    """Only the variances are returned; the covariance is a matrix."""
    return np.diag(bb - G @ ba.T)
