"""What selection.aic and selection.bic share: the models that are judged, and the checks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Case, Check, Part, Seen, drawing, shapes, together, values
from gmmlib.selection import aic, bic

RANDOM = ("random model 1", "random model 2", "random model 3")


# --------------------------------------------------------------------------- inputs


def models(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw log-likelihoods of both signs, few and many parameters and points: (log_likelihood, p, n)."""

    def model() -> tuple[float, int, int]:
        return float(-rng.uniform(100, 900)), int(rng.integers(3, 40)), int(rng.integers(60, 400))

    def rounded_or_cut() -> tuple[float, int, int]:
        """Draw a model of which neither criterion is rounded to what it is cut to."""
        while True:
            log_likelihood, p, n = model()
            criteria = np.array([aic(log_likelihood, p), bic(log_likelihood, p, n)])
            if np.all(np.round(criteria) != np.trunc(criteria)):
                return log_likelihood, p, n

    def telling() -> float:
        """Draw a log-likelihood such that the fifth digit of both criteria counts."""
        while True:
            log_likelihood = -rng.uniform(0.1, 0.6)
            criteria = aic(log_likelihood, 1), bic(log_likelihood, 1, 2)
            if all(drawing.rounding_shows(value, digits) for value in criteria for digits in (4, 5)):
                return float(log_likelihood)

    log_likelihood, p, n = model()
    cases = [Case("small example", (float(-rng.integers(3, 40)), int(rng.integers(3, 10)), 20))]
    cases += [Case(name, rounded_or_cut()) for name in RANDOM[:1]]
    cases += [Case(name, model()) for name in RANDOM[1:]]
    many = float(-rng.uniform(1e6, 2e6)), int(rng.integers(33_000, 45_000)), 500_000  # more than int16 holds
    return (
        *cases,
        Case("a model", (log_likelihood, p, n)),
        Case("a better fit", (log_likelihood + 10.0, p, n)),
        Case("one parameter more", (log_likelihood, p + 1, n)),
        Case("positive log-likelihood", (-log_likelihood, p, n)),
        Case("one parameter, two points", (telling(), 1, 2)),
        Case("very many points", many),
    )


# --------------------------------------------------------------------------- checks


def checks(criterion: Part, see: str) -> tuple[Check, ...]:
    """Make the checks of a criterion that returns this part; `see` is its label in the book."""
    return (
        shapes("One number comes back.", ("small example", *RANDOM), weight=0.5, see=see),
        values(
            "Whole numbers, small enough to do by hand, come out right.",
            criterion,
            ("small example",),
            weight=2,
            see=see,
        ),
        values("Random models are judged right.", criterion, RANDOM, weight=3, see=see),
        values(
            "A positive log-likelihood, which densities may well have, is nothing special.",
            criterion,
            ("positive log-likelihood",),
            weight=1,
            see=see,
        ),
        values(
            "One parameter with two points, and half a million points, come out right.",
            criterion,
            ("one parameter, two points", "very many points"),
            weight=1,
            see=see,
        ),
        together(
            "Lower is better: a better fit lowers the criterion, one more parameter raises it.",
            _better_is_lower(criterion),
            (criterion,),
            ("a model", "a better fit", "one parameter more"),
            weight=0.5,
            see=see,
        ),
    )


def _better_is_lower(criterion: Part) -> Callable[[Seen, Seen, Seen], str]:
    def opinion(model: Seen, better: Seen, larger: Seen) -> str:
        value = float(model.returned[criterion])
        if not float(better.returned[criterion]) < value:
            return "a better fit does not lower the criterion"
        raised = float(larger.returned[criterion]) > value
        return "" if raised else "one more parameter does not raise the criterion"

    return opinion
