"""What selection.aic and selection.bic share: the models that are judged, and the checks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Case, Check, FloatArray, Part, Seen, drawing, shapes, together, values
from gmmlib.selection import aic, bic

RANDOM = ("random model 1", "random model 2", "random model 3")
Model = tuple[float, int, int]  # log-likelihood, p, n


# --------------------------------------------------------------------------- inputs


def models(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw log-likelihoods of both signs, few and many parameters and points: (log_likelihood, p, n)."""
    log_likelihood, p, n = _of_both_signs(rng)
    randoms = _rounded_or_cut(rng), _of_a_whole_and_a_half(rng), _model(rng, most=-750.0)  # exp of it is 0
    cases = [Case("small example", _whole(rng))]
    cases += [Case(name, one) for name, one in zip(RANDOM, randoms, strict=True)]
    many = float(-rng.uniform(1e6, 2e6)), int(rng.integers(33_000, 45_000)), 500_000  # more than int16 holds
    return (
        *cases,
        Case("a model", (log_likelihood, p, n)),
        Case("a better fit", (log_likelihood + 10.0, p, n)),
        Case("one parameter more", (log_likelihood, p + 1, n)),
        Case("positive log-likelihood", (-log_likelihood, p, n)),
        Case("one parameter, two points", (_telling(rng), 1, 2)),
        Case("very many points", many),
    )


def _model(rng: np.random.Generator, least: float = -900.0, most: float = -100.0) -> Model:
    return float(rng.uniform(least, most)), int(rng.integers(3, 40)), int(rng.integers(60, 400))


def _whole(rng: np.random.Generator) -> Model:
    """Draw whole numbers of which no two are equal, nor equal but for the sign: no terms cancel."""
    p = int(rng.integers(3, 10))
    return float(-rng.choice(np.setdiff1d(np.arange(3, 40), [p, 20]))), p, 20


def _rounded_or_cut(rng: np.random.Generator) -> Model:
    """Draw a model of which neither criterion is rounded to what it is cut to, and three digits show.

    A thousandth of a point more does not show.
    """
    while True:
        log_likelihood, p, n = _model(rng, least=-200.0)
        criteria = np.array([aic(log_likelihood, p), bic(log_likelihood, p, n)])
        plain = 2000 * p < n * criteria[1] and np.all(np.round(criteria) != np.trunc(criteria))
        if plain and _three_digits_show(criteria):
            return log_likelihood, p, n


def _of_a_whole_and_a_half(rng: np.random.Generator) -> Model:
    """Draw a model on which whole log-likelihoods do not give the whole number next to a criterion."""
    log_likelihood, p, n = _model(rng)
    return float(np.trunc(log_likelihood) - rng.uniform(0.52, 0.73)), p, n


def _of_both_signs(rng: np.random.Generator) -> Model:
    """Draw a model such that three digits of the criteria show if its log-likelihood is positive: they are
    not rounded if that is cut, nor does a thousandth of a point more show.
    """
    while True:
        log_likelihood, p, n = _model(rng, least=-250.0)
        criteria = np.array([aic(-log_likelihood, p), bic(-log_likelihood, p, n)])
        plain = 0.55 < -log_likelihood % 1 < 0.7 and 2000 * p < n * abs(criteria[1])
        if plain and _three_digits_show(criteria):
            return log_likelihood, p, n


def _telling(rng: np.random.Generator) -> float:
    """Draw a log-likelihood such that the fifth digit of both criteria counts, with two points."""
    while True:
        log_likelihood = -rng.uniform(0.1, 0.6)
        criteria = aic(log_likelihood, 1), bic(log_likelihood, 1, 2)
        if all(drawing.rounding_shows(value, digits) for value in criteria for digits in (4, 5)):
            return float(log_likelihood)


def _three_digits_show(criteria: FloatArray) -> bool:
    """Whether criteria that are rounded to three digits behind the point, or to fewer, are too far off."""
    return all(drawing.rounding_shows(float(value), digits) for value in criteria for digits in range(4))


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
