"""EM as a loop: E-step and M-step in turn, over any kind of data, for any covariance family and cure."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from gmmlib._checks import FloatArray
from gmmlib.covariance import Family
from gmmlib.cures import Cure, require_positive_definite
from gmmlib.errors import CollapsedComponentError
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics
from gmmlib.stopping import Stopping


class Data(Protocol):
    """What EM needs of data, wherever they are: in memory, with gaps, or spread over workers.

    `points` (and their `weight`) are for the starts: all of them, or a sample; `total` describes all the
    data as one component; `expect` is the E-step. Those that can may have `expect_all` as well, for several
    mixtures at once, see gmmlib.blocked.
    """

    points: FloatArray
    weight: FloatArray | None
    total: Statistics

    def expect(self, mixture: Mixture) -> Statistics:
        """Return statistics of all points, each owned by the components as its responsibilities say."""


Expect = Callable[[Mixture], Statistics]


@dataclass(frozen=True)
class Maximiser:
    """The M-step of a covariance family under a cure; `total` describes all the data as one component."""

    family: Family
    cure: Cure
    total: Statistics

    def __call__(self, statistics: Statistics) -> Mixture:
        """Return the parameters that follow from statistics; CollapsedComponentError if one is singular."""
        means, covariances = self.cure.maximise(statistics, self.family, self.total)
        factors = require_positive_definite(covariances, statistics.counts)
        return Mixture.of_factors(statistics.counts / statistics.n, means, covariances, factors)

    def admit(self, mixture: Mixture) -> Mixture:
        """Return the mixture if it belongs to the family and obeys the cure, else the closest that does."""
        counts = mixture.weights * self.total.n
        covariances = self.family.estimate(mixture.covariances, np.ones(mixture.n_components))
        covariances = self.cure.constrain(covariances, counts, self.family, self.total)
        if np.allclose(covariances, mixture.covariances, rtol=1e-12, atol=0.0):
            return mixture
        return Mixture(mixture.weights, mixture.means, covariances)

    def log_prior(self, mixture: Mixture) -> float:
        """Return the logarithm of the prior density, up to a constant; 0 without a prior."""
        return self.cure.log_prior(mixture, self.family, self.total)


@dataclass(frozen=True, eq=False)
class Fit:
    """The outcome of EM.

    Parameters
    ----------
    mixture : the parameters that EM ended with
    history : log-likelihood in nats before each M-step; the last one is that of `mixture`
    n_iter : number of E-steps: len(history), and more where SQUAREM tried some that it did not keep
    converged : whether the stopping rule was met
    stop_reason : why it stopped, in a sentence
    objective : what was maximised, log-likelihood plus log prior; the history where there is no prior
    statistics : of the points under `mixture`, from which one more M-step could follow
    starts : objective that each start had reached when the best was chosen; -inf where it collapsed
    """

    mixture: Mixture
    history: tuple[float, ...]
    n_iter: int
    converged: bool
    stop_reason: str
    objective: tuple[float, ...]
    statistics: Statistics
    starts: tuple[float, ...] = ()

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of `mixture`, in nats."""
        return self.history[-1]


@dataclass
class Trace:
    """What a running loop has reached, round by round: history, objective and E-steps of the Fit to come."""

    history: list[float] = field(default_factory=list)
    objective: list[float] = field(default_factory=list)
    n_iter: int = 0

    def add(self, mixture: Mixture, statistics: Statistics, maximise: Maximiser, e_steps: int = 1) -> None:
        """Note the mixture that a round ended with, and how many E-steps the round took."""
        self.history.append(statistics.log_likelihood)
        self.objective.append(statistics.log_likelihood + maximise.log_prior(mixture))
        self.n_iter += e_steps

    def fit(self, mixture: Mixture, statistics: Statistics, reason: str, max_iter: int) -> Fit:
        """Return the outcome; an empty reason means that max_iter ended the loop."""
        sentence = reason or f"max_iter = {max_iter} was reached."
        history, objective = tuple(self.history), tuple(self.objective)
        return Fit(mixture, history, self.n_iter, bool(reason), sentence, objective, statistics)


def resume(start: Mixture | Fit, maximise: Maximiser) -> tuple[Mixture, Trace]:
    """Return the mixture to go on from and the trace so far: that of a Fit, or an empty one."""
    if isinstance(start, Mixture):
        return start, Trace()
    return maximise(start.statistics), Trace([*start.history], [*start.objective], start.n_iter)


#: EM that asks for its E-steps: it yields a mixture, is sent the statistics under it, and returns a Fit.
Steps = Generator[Mixture, Statistics, Fit]


def steps(
    maximise: Maximiser, start: Mixture | Fit, stopping: Stopping, max_iter: int, foreseen: float = 0.0
) -> Steps:
    """Take E-step and M-step in turn, at most max_iter E-steps; a Fit goes on.

    Where `foreseen` > 0, it also stops as soon as an iteration can be foreseen to gain less than that many
    nats. What an M-step gains of the bound, Q(θ') - Q(θ), is found without looking at a point. The
    log-likelihood gains that and the divergence of the responsibilities before from those after. While steps
    are short, the divergence is the smaller part: labels alone carry less information than labels and points.

    Source: book/em.md, equations em-e-step, em-m-step and em-q.
    """
    mixture, trace = resume(start, maximise)
    while True:
        statistics = yield mixture                                           # E-step
        trace.add(mixture, statistics, maximise)
        reason = stopping.reason(trace.objective)
        if reason or trace.n_iter >= max_iter:
            return trace.fit(mixture, statistics, reason, max_iter)
        before, mixture = mixture, maximise(statistics)                      # M-step
        if foreseen > 0.0 and 2.0 * gain_of_bound(before, mixture, statistics) < foreseen:
            reason = f"The next iteration would gain less than {foreseen:g}."
            return trace.fit(before, statistics, reason, max_iter)


def gain_of_bound(before: Mixture, after: Mixture, statistics: Statistics) -> float:
    """Return Q(after | before) - Q(before | before), from statistics of points under `before`."""
    return expected_log_likelihood(after, statistics) - expected_log_likelihood(before, statistics)


def expected_log_likelihood(mixture: Mixture, statistics: Statistics) -> float:
    """Return Q = Σ_i Σ_k r_ik log w_k N(x_i | k) up to a constant, from the statistics of the points.

    Source: book/em.md, equation em-q-gaussian.
    """
    owning = statistics.counts > 0                                                             # (K,)
    log_weights = np.log(np.where(owning, mixture.weights, 1.0))
    log_roots = np.log(mixture.factors.diagonal(axis1=1, axis2=2)).sum(axis=1)                 # (K,) log|L|
    inverses = np.linalg.inv(mixture.factors)                                                  # (K, d, d)
    moved = (inverses @ (statistics.means - mixture.means)[:, :, None])[:, :, 0]               # (K, d)
    traces = ((inverses @ statistics.scatters) * inverses).sum(axis=(1, 2))                    # tr Σ⁻¹ S
    squares = traces + statistics.counts * np.square(moved).sum(axis=1)
    of_each = statistics.counts * (log_weights - log_roots) - 0.5 * squares                    # (K,)
    return float(of_each[owning].sum())


def alone(expect: Expect, asking: Steps) -> Fit:
    """Run EM from one start."""
    try:
        mixture = next(asking)
        while True:
            mixture = asking.send(expect(mixture))
    except StopIteration as end:
        fit: Fit = end.value
        return fit


def together(data: Data, asking: Sequence[Steps]) -> list[Fit | CollapsedComponentError]:
    """Run EM from several starts, the E-steps of a round in one pass over the points where data know how.

    Returns the fit of each, or the error where a component collapses.
    """
    ends: dict[int, Fit | CollapsedComponentError] = {}
    answers: dict[int, Any] = dict.fromkeys(range(len(asking)))              # None begins
    while answers:
        asked: dict[int, Mixture] = {}
        for i, statistics in answers.items():
            try:
                asked[i] = asking[i].send(statistics).factorised()
            except StopIteration as end:
                ends[i] = end.value
            except CollapsedComponentError as error:
                ends[i] = error
        answers = dict(zip(asked, _expect_all(data, [*asked.values()]), strict=True))
    return [ends[i] for i in range(len(asking))]


def _expect_all(data: Data, mixtures: Sequence[Mixture]) -> list[Statistics]:
    """Return the statistics under each mixture: from one pass, or one after the other."""
    at_once: Callable[[Sequence[Mixture]], list[Statistics]] | None = getattr(data, "expect_all", None)
    if at_once is None or len(mixtures) < 2:
        return [data.expect(mixture) for mixture in mixtures]
    return at_once(mixtures)


def repeat(
    expect: Expect, maximise: Maximiser, start: Mixture | Fit, stopping: Stopping, max_iter: int
) -> Fit:
    """Run EM itself from one start: see `steps`."""
    return alone(expect, steps(maximise, start, stopping, max_iter))
