"""selection.aic and selection.bic: inputs, checks and the catalogues of wrong criteria."""

from __future__ import annotations

from functools import partial

import numpy as np

from autograder.questions import (
    Case,
    Check,
    FloatArray,
    Part,
    Question,
    Seen,
    relative,
    shapes,
    together,
    values,
)
from autograder.questions.selection.wrong_aics import wrong
from gmmlib.selection import aic, bic

AIC = Part("aic", "one number", relative)
RANDOM = ("random model 1", "random model 2", "random model 3")


# --------------------------------------------------------------------------- inputs


def _draw(rng: np.random.Generator, with_n: bool) -> tuple[Case, ...]:
    """Log-likelihoods of both signs, few and many parameters and points."""

    def call(log_likelihood: float, p: int, n: int) -> tuple[float | int, ...]:
        return (log_likelihood, p, n) if with_n else (log_likelihood, p)

    def model() -> tuple[float, int, int]:
        return float(-rng.uniform(100, 900)), int(rng.integers(3, 40)), int(rng.integers(60, 400))

    log_likelihood, p, n = model()
    cases = [Case("small example", call(float(-rng.integers(3, 40)), int(rng.integers(3, 10)), 20))]
    cases += [Case(name, call(*model())) for name in RANDOM]
    return (
        *cases,
        Case("a model", call(log_likelihood, p, n)),
        Case("a better fit", call(log_likelihood + 10.0, p, n)),
        Case("one parameter more", call(log_likelihood, p + 1, n)),
        Case("positive log-likelihood", call(-log_likelihood, p, n)),
        Case("one parameter, two points", call(float(-rng.uniform(1, 5)), 1, 2)),
        Case("very many points", call(float(-rng.uniform(1e6, 2e6)), int(rng.integers(100, 900)), 500_000)),
    )


def reference_bic(
    log_likelihood: float | FloatArray, n_parameters: int | FloatArray, n_samples: int
) -> float | FloatArray:
    """BIC of gmmlib; of each model, where `choose` asks for several at once."""
    if np.ndim(log_likelihood) == 0 and np.ndim(n_parameters) == 0:
        return bic(float(log_likelihood), int(n_parameters), int(n_samples))
    models = np.broadcast(log_likelihood, n_parameters)
    return np.array([bic(float(ell), int(p), int(n_samples)) for ell, p in models])


# --------------------------------------------------------------------------- checks


def _checks(name: str) -> tuple[Check, ...]:
    label, returns = f"selection-{name}", (name,)

    def better_is_lower(model: Seen, better: Seen, larger: Seen) -> str:
        value = float(model.returned[name])
        if not float(better.returned[name]) < value:
            return "a better fit does not lower the criterion"
        raised = float(larger.returned[name]) > value
        return "" if raised else "one more parameter does not raise the criterion"

    return (
        shapes("One number comes back.", ("small example", *RANDOM), weight=0.5, see=label),
        values(
            "Whole numbers, small enough to do by hand, come out right.",
            returns,
            ("small example",),
            weight=2,
            see=label,
        ),
        values("Random models are judged right.", returns, RANDOM, weight=3, see=label),
        values(
            "A positive log-likelihood, which densities may well have, is nothing special.",
            returns,
            ("positive log-likelihood",),
            weight=1,
            see=label,
        ),
        values(
            "One parameter with two points, and half a million points, come out right.",
            returns,
            ("one parameter, two points", "very many points"),
            weight=1,
            see=label,
        ),
        together(
            "Lower is better: a better fit lowers the criterion, one more parameter raises it.",
            better_is_lower,
            returns,
            ("a model", "a better fit", "one parameter more"),
            weight=0.5,
            see=label,
        ),
    )


# --------------------------------------------------------------------------- wrong criteria


QUESTION = Question(
    id="selection.aic",
    signature="aic(log_likelihood, n_parameters)",
    returns=(AIC,),
    draw=partial(_draw, with_n=False),
    reference=aic,
    checks=_checks("aic"),
    misconceptions=tuple(wrong),
)
