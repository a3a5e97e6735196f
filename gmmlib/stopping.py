"""When EM may stop: three rules, each a small value that looks at the history of the objective."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from gmmlib._checks import as_number
from gmmlib.errors import InvalidInputError


@dataclass(frozen=True)
class Stopping(ABC):
    """A stopping rule with its tolerance `tol` >= 0."""

    tol: float = 1e-6

    def __post_init__(self) -> None:
        object.__setattr__(self, "tol", as_number(self.tol, "tol", at_least=0.0))

    @abstractmethod
    def reason(self, history: Sequence[float]) -> str:
        """Say why EM may stop after this history, in a sentence; an empty string to go on."""


@final
@dataclass(frozen=True)
class Absolute(Stopping):
    """Stop when one iteration gains less than tol nats."""

    def reason(self, history: Sequence[float]) -> str:
        """See Stopping."""
        if len(history) < 2:
            return ""
        gain = history[-1] - history[-2]
        return f"The last iteration gained less than {self.tol:g}." if gain < self.tol or gain <= 0 else ""


@final
@dataclass(frozen=True)
class Relative(Stopping):
    """Stop when one iteration gains less than the share tol of all that was gained since the start.

    The usual share of |log-likelihood| would change with the unit of the data; this one does not.
    """

    def reason(self, history: Sequence[float]) -> str:
        """See Stopping."""
        if len(history) < 2:
            return ""
        gain, gained = history[-1] - history[-2], history[-1] - history[0]
        return (
            f"The last iteration gained less than the share {self.tol:g} of all."
            if gain <= self.tol * gained
            else ""
        )


@final
@dataclass(frozen=True)
class Aitken(Stopping):
    """Stop when Aitken's estimate says that less than tol nats are left to gain.

    It is right once the gains shrink at a steady rate; a run that rests on its way it may stop early.

    Source: book/starts.md, equation starts-aitken; Böhning et al. (1994), McNicholas et al. (2010).
    """

    def reason(self, history: Sequence[float]) -> str:
        """See Stopping."""
        if len(history) < 3:
            return ""
        if history[-1] - history[-2] <= 0:
            return "The last iteration gained nothing."
        left = aitken_limit(history) - history[-1]
        return f"Aitken's estimate leaves less than {self.tol:g} to gain." if left < self.tol else ""


def rate(history: Sequence[float]) -> float:
    """Return the ratio of the last two gains: in the end the square of the share of missing information.

    The parameters' error shrinks by that share in each round, the log-likelihood's by its square.
    """
    if len(history) < 3:
        raise InvalidInputError(f"The rate needs three values of the history, not {len(history)}.")
    before, last = history[-2] - history[-3], history[-1] - history[-2]
    return last / before if before > 0 else 0.0


def aitken_limit(history: Sequence[float]) -> float:
    """Return where the log-likelihood is heading, from its last three values; infinity if gains still grow.

    Source: book/starts.md, equation starts-aitken.
    """
    a = rate(history)
    if a >= 1.0:
        return float("inf")
    return history[-2] + (history[-1] - history[-2]) / (1.0 - a)
