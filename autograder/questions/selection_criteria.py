"""selection.aic and selection.bic: inputs, checks and the catalogues of wrong criteria."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions.comparing import Seen, shapes, together, values
from autograder.values import Case, Check, FloatArray, Misconception, Question
from gmmlib.selection import aic, bic

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
        shapes("One number comes back.", returns, ("small example", *RANDOM), weight=0.5, see=label),
        values("Whole numbers, small enough to do by hand, come out right.", returns, ("small example",),
               weight=2, see=label),
        values("Random models are judged right.", returns, RANDOM, weight=3, see=label),
        values("A positive log-likelihood, which densities may well have, is nothing special.", returns,
               ("positive log-likelihood",), weight=1, see=label),
        values("One parameter with two points, and half a million points, come out right.", returns,
               ("one parameter, two points", "very many points"), weight=1, see=label),
        together("Lower is better: a better fit lowers the criterion, one more parameter raises it.",
                 better_is_lower, returns, ("a model", "a better fit", "one parameter more"), weight=0.5,
                 see=label),
    )


# --------------------------------------------------------------------------- wrong criteria


def _wrong(name: str, sentence: str, see: str, implementation: Callable[..., float]) -> Misconception:
    return Misconception(name, sentence, see, implementation)


_wrong_aic = partial(_wrong, see="selection-aic")
_wrong_bic = partial(_wrong, see="selection-bic")

WRONG_AIC = (
    _wrong_aic("sign-turned", "The sign is turned: here lower is better, so it is -2 ℓ + 2 p.",
               implementation=lambda ll, p: 2 * ll - 2 * p),
    _wrong_aic("complexity-rewarded", "The parameters are subtracted: they must be paid for, not rewarded.",
               implementation=lambda ll, p: -2 * ll - 2 * p),
    _wrong_aic("likelihood-with-wrong-sign",
               "The log-likelihood is added: a better fit must lower the criterion.",
               implementation=lambda ll, p: 2 * ll + 2 * p),
    _wrong_aic("penalty-not-doubled", "The penalty is p; it must be 2 p.",
               implementation=lambda ll, p: -2 * ll + p),
    _wrong_aic("log-likelihood-not-doubled", "The log-likelihood enters once; it must be doubled.",
               implementation=lambda ll, p: -ll + 2 * p),
    _wrong_aic("halved", "Both terms are half of what they should be.", implementation=lambda ll, p: -ll + p),
    _wrong_aic("no-penalty", "The penalty is missing: nothing is paid for the parameters.",
               implementation=lambda ll, p: -2 * ll),
    _wrong_aic("likelihood-only-added", "The log-likelihood is added once; it must be -2 ℓ.",
               implementation=lambda ll, p: ll + 2 * p),
    _wrong_aic("penalty-squared", "The penalty is p²; it must be 2 p.",
               implementation=lambda ll, p: -2 * ll + p**2),
    _wrong_aic("log-taken-twice", "The logarithm is taken of what is a logarithm already.",
               implementation=lambda ll, p: -2 * np.log(np.abs(ll)) + 2 * p),
)

WRONG_BIC = (
    _wrong_bic("sign-turned", "The sign is turned, as mclust prints it: here lower is better, -2 ℓ + p ln n.",
               implementation=lambda ll, p, n: 2 * ll - p * np.log(n)),
    _wrong_bic("complexity-rewarded", "The penalty is subtracted: parameters must be paid for, not rewarded.",
               implementation=lambda ll, p, n: -2 * ll - p * np.log(n)),
    _wrong_bic("likelihood-with-wrong-sign",
               "The log-likelihood is added: a better fit must lower the criterion.",
               implementation=lambda ll, p, n: 2 * ll + p * np.log(n)),
    _wrong_bic("aic-instead", "This is AIC: the penalty of BIC grows with ln n.",
               implementation=lambda ll, p, n: -2 * ll + 2 * p),
    _wrong_bic("penalty-doubled", "The penalty is 2 p ln n; it must be p ln n.",
               implementation=lambda ll, p, n: -2 * ll + 2 * p * np.log(n)),
    _wrong_bic("log-likelihood-not-doubled", "The log-likelihood enters once; it must be doubled.",
               implementation=lambda ll, p, n: -ll + p * np.log(n)),
    _wrong_bic("halved", "Both terms are half of what they should be.",
               implementation=lambda ll, p, n: -ll + 0.5 * p * np.log(n)),
    _wrong_bic("other-base-of-logarithm",
               "The logarithm of n is to base 10; the course uses the natural one.",
               implementation=lambda ll, p, n: -2 * ll + p * np.log10(n)),
    _wrong_bic("base-two", "The logarithm of n is to base 2; the course uses the natural one.",
               implementation=lambda ll, p, n: -2 * ll + p * np.log2(n)),
    _wrong_bic("n-not-logged", "The penalty is p n; it must be p ln n.",
               implementation=lambda ll, p, n: -2 * ll + p * n),
    _wrong_bic("n-and-p-swapped", "The roles of n and p are swapped: the penalty is p ln n.",
               implementation=lambda ll, p, n: -2 * ll + n * np.log(p)),
    _wrong_bic("p-missing", "The penalty is ln n; it must be p ln n.",
               implementation=lambda ll, p, n: -2 * ll + np.log(n)),
    _wrong_bic("log-of-the-product", "The penalty is ln(n p); it must be p ln n.",
               implementation=lambda ll, p, n: -2 * ll + np.log(p * n)),
    _wrong_bic("penalty-halved", "The penalty is ½ p ln n; it must be p ln n.",
               implementation=lambda ll, p, n: -2 * ll + 0.5 * p * np.log(n)),
    _wrong_bic("schwarz-as-maximum",
               "This is ℓ - ½ p ln n, as Schwarz wrote it: here it is -2 times that, and lower is better.",
               implementation=lambda ll, p, n: ll - 0.5 * p * np.log(n)),
    _wrong_bic("no-penalty", "The penalty is missing: nothing is paid for the parameters.",
               implementation=lambda ll, p, n: -2 * ll),
)

AIC = Question(
    id="selection.aic",
    signature="aic(log_likelihood, n_parameters)",
    returns=("aic",),
    draw=partial(_draw, with_n=False),
    reference=aic,
    checks=_checks("aic"),
    misconceptions=WRONG_AIC,
)
BIC = Question(
    id="selection.bic",
    signature="bic(log_likelihood, n_parameters, n_samples)",
    returns=("bic",),
    draw=partial(_draw, with_n=True),
    reference=reference_bic,
    checks=_checks("bic"),
    misconceptions=WRONG_BIC,
)
