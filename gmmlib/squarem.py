"""SQUAREM: EM in longer steps. Two EM steps show where it is going, a third lands there; it never falls."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from gmmlib._checks import FloatArray
from gmmlib.cures import data_variances
from gmmlib.errors import GmmError
from gmmlib.gaussian import require_regular
from gmmlib.loop import Expect, Fit, Maximiser, Steps, alone, resume
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics
from gmmlib.stopping import Stopping

FARTHEST = 100.0        # of a factor's entry, its diagonal's logarithm: squares of what lies beyond overflow


def to_vector(mixture: Mixture, unit: FloatArray) -> FloatArray:
    """Return parameters without constraints: log weights, means, Cholesky factors with a log diagonal.

    Parameters
    ----------
    unit : (d,) deviations of the data: the steps then do not depend on the unit of a feature
    """
    free, i = mixture.factors / unit[:, None], np.arange(len(unit))
    free[:, i, i] = np.log(free[:, i, i])
    return np.concatenate([np.log(mixture.weights), (mixture.means / unit).ravel(), free.ravel()])


def to_mixture(vector: FloatArray, K: int, unit: FloatArray) -> Mixture:
    """Return the mixture that `to_vector` came from; CollapsedComponentError if one is singular."""
    d = len(unit)
    weights = np.exp(vector[:K] - vector[:K].max())
    means = vector[K : K + K * d].reshape(K, d) * unit
    factors, i = vector[K + K * d :].reshape(K, d, d).copy(), np.arange(d)
    factors[:, i, i] = np.exp(factors[:, i, i])
    factors *= unit[:, None]
    covariances = factors @ factors.transpose(0, 2, 1)
    require_regular(factors, covariances)
    return Mixture.of_factors(weights / weights.sum(), means, covariances, factors)


def repeat(
    expect: Expect, maximise: Maximiser, start: Mixture | Fit, stopping: Stopping, max_iter: int
) -> Fit:
    """Run EM with SQUAREM from one start, in place of gmmlib.loop.repeat: see `steps`."""
    return alone(expect, steps(maximise, start, stopping, max_iter))


def steps(maximise: Maximiser, start: Mixture | Fit, stopping: Stopping, max_iter: int) -> Steps:
    """Take the steps of EM, lengthened by SQUAREM (S3, monotone), in place of gmmlib.loop.steps.

    Source: book/starts.md, equation starts-squarem; Varadhan & Roland (2008).
    """
    unit = np.sqrt(data_variances(maximise.total))
    mixture, trace = resume(start, maximise)
    statistics = yield mixture                                               # E-step
    trace.add(mixture, statistics, maximise)
    reason = ""
    while not reason and trace.n_iter < max_iter:
        before, mixture = mixture, maximise(statistics)
        statistics = yield mixture
        trace.add(mixture, statistics, maximise)
        reason = stopping.reason(trace.objective)
        if not reason and trace.n_iter + 3 <= max_iter:
            longer = yield from _longer_step(before, mixture, statistics, maximise, unit)
            mixture, statistics, e_steps = longer
            trace.add(mixture, statistics, maximise, e_steps)
    return trace.fit(mixture, statistics, reason, max_iter)


def _longer_step(
    before: Mixture, first: Mixture, statistics: Statistics, maximise: Maximiser, unit: FloatArray
) -> Generator[Mixture, Statistics, tuple[Mixture, Statistics, int]]:
    """Go on from `first` by a leap or, where that would fall, by an EM step; count the E-steps."""
    second = maximise(statistics)
    leap = yield from _leap(before, first, second, maximise, unit)
    if leap is not None:
        here, there = (s.log_likelihood + maximise.log_prior(m) for m, s in ((first, statistics), leap))
        if there >= here:
            return *leap, 2
    return second, (yield second), 3


def _leap(
    before: Mixture, first: Mixture, second: Mixture, maximise: Maximiser, unit: FloatArray
) -> Generator[Mixture, Statistics, tuple[Mixture, Statistics] | None]:
    """Extrapolate three EM iterates by the step -|r| / |v|, then one EM step; None if that leads nowhere."""
    points = [to_vector(mixture, unit) for mixture in (before, first, second)]
    r = points[1] - points[0]
    v = points[2] - points[1] - r
    if not np.any(v):
        return None
    alpha = min(-float(np.linalg.norm(r) / np.linalg.norm(v)), -1.0)
    vector = points[0] - 2.0 * alpha * r + alpha**2 * v
    K, d = before.means.shape
    if np.abs(vector[K + K * d :]).max() > FARTHEST:
        return None
    try:
        far = to_mixture(vector, K, unit)
        if not far.weights.all():                          # a component is lost on the way
            return None
        landed = maximise((yield far))
    except GmmError:
        return None
    return landed, (yield landed)
