"""Online EM: each block of points updates running statistics, and is then forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gmmlib._checks import FloatArray, as_number, as_points, as_sample_weight, present
from gmmlib.blocked import Blocks
from gmmlib.covariance import family
from gmmlib.cures import Cure, MaximumLikelihood
from gmmlib.errors import InvalidInputError
from gmmlib.loop import Maximiser
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics


@dataclass(frozen=True, eq=False)
class OnlineEM:
    """A mixture that learns from a stream; every update gives a new value.

    Parameters
    ----------
    mixture : what is known so far
    covariance_type, cure : as for gmmlib.fit
    exponent : α in (0.5, 1]; block t counts (t + delay)^-α, the first one 1
    delay : t0 >= 0, in blocks: makes the steps after the first one smaller
    statistics : running statistics per point; None before the first block
    step : t, blocks seen
    n : points seen

    Source: book/scale.md, equation scale-online; Cappé & Moulines (2009).
    """

    mixture: Mixture
    covariance_type: str = "full"
    cure: Cure | None = None
    exponent: float = 0.6
    delay: float = 2.0
    statistics: Statistics | None = None
    step: int = 0
    n: float = 0.0

    def __post_init__(self) -> None:
        if not 0.5 < as_number(self.exponent, "exponent") <= 1.0:
            raise InvalidInputError(
                f"exponent must be in (0.5, 1], not {self.exponent}: else it never settles."
            )
        as_number(self.delay, "delay", at_least=0.0)
        family(self.covariance_type)

    def update(self, X: FloatArray, sample_weight: FloatArray | None = None) -> OnlineEM:
        """Learn from one block of points (n, d)."""
        X = as_points(X, self.mixture.n_features)
        weight = as_sample_weight(sample_weight, len(X))
        X, weight = present(X, weight)
        block = Blocks(X, weight, memory_budget=0).expect(self.mixture)
        step, n = self.step + 1, self.n + block.n
        share = 1.0 if self.statistics is None else (step + self.delay) ** -self.exponent    # γ_t
        running = (share / block.n) * block                                                  # of one point
        if self.statistics is not None:
            running = (1.0 - share) * self.statistics + running
        whole = n * running
        maximise = Maximiser(family(self.covariance_type), self.cure or MaximumLikelihood(), whole.total())
        return replace(self, mixture=maximise(whole), statistics=running, step=step, n=n)

    def learn(self, blocks: Iterable[FloatArray]) -> OnlineEM:
        """Learn from all blocks of a stream, one after the other."""
        learner = self
        for block in blocks:
            learner = learner.update(block)
        return learner
