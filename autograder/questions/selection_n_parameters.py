"""selection.n_parameters: inputs, checks and the catalogue of wrong counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, Misconception, Question
from gmmlib.selection import n_parameters as reference

TYPES = ("full", "tied", "diag", "spherical")
RETURNS = ("n_parameters",)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Each covariance type with several sizes, then the corners: one component, one or fifty features."""
    cases = [Case("small example", (int(rng.integers(2, 4)), int(rng.integers(2, 5)), "full"))]
    for kind in TYPES:
        for number in (1, 2, 3):
            K, d = 2 * int(rng.integers(2, 7)), 2 * int(rng.integers(1, 8)) + 1     # never the same
            cases.append(Case(f"{kind} {number}", (K, d, kind)))
    d = int(rng.integers(4, 45))                # from four on, d (d - 1) / 2 exceeds d
    cases += [Case(f"one component, {kind}", (1, d, kind)) for kind in TYPES]
    cases += [Case(f"one feature, {kind}", (int(rng.integers(2, 40)), 1, kind)) for kind in TYPES]
    cases += [Case(f"fifty features, {kind}", (int(rng.integers(2, 30)), 50, kind)) for kind in TYPES]
    return tuple(cases)


def _named(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}, {kind}" for kind in TYPES)


# --------------------------------------------------------------------------- checks


def _whole(seen: Seen) -> str:
    p = seen.returned["n_parameters"]
    return "" if p >= 1 and p == np.floor(p) else "the count is not a whole number"


def _ordered(*seen: Seen) -> str:
    full, tied, diag, spherical = (float(one.returned["n_parameters"]) for one in seen)
    if full != tied:
        return "with one component, tied and full are the same model but do not count the same"
    return "" if full > diag > spherical else "a freer covariance must not have fewer parameters"


def _of(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind} {number}" for number in (1, 2, 3))


_EXAMPLE = "small example"
CHECKS = (
    shapes("One number comes back.", RETURNS, (_EXAMPLE, *_of("full")), weight=0.5,
           see="selection-n-parameters"),
    holds("The count is a whole number.", _whole, RETURNS, (*_of("full"), *_of("tied")), weight=0.5,
          see="selection-n-parameters"),
    values("Full covariances are counted right: d(d+1)/2 numbers for each component.", RETURNS,
           (_EXAMPLE, *_of("full")), weight=2, see="selection-n-parameters"),
    values("A tied covariance is counted right: one matrix for all components.", RETURNS, _of("tied"),
           weight=1.5,
           see="selection-n-parameters"),
    values("Diagonal covariances are counted right: d numbers for each component.", RETURNS, _of("diag"),
           weight=1.5, see="selection-n-parameters"),
    values("Spherical covariances are counted right: one number for each component.", RETURNS,
           _of("spherical"),
           weight=1.5, see="selection-n-parameters"),
    values("One component alone is counted right for every type.", RETURNS, _named("one component"), weight=1,
           see="selection-n-parameters", numeric=False),
    values("A single feature, and fifty features, are counted right for every type.", RETURNS,
           (*_named("one feature"), *_named("fifty features")), weight=1, see="selection-n-parameters"),
    together("With one component tied and full agree, and freer covariances have more parameters.", _ordered,
             RETURNS, _named("one component"), weight=0.5, see="selection-n-parameters"),
)


# --------------------------------------------------------------------------- wrong counts
#
# Weights, means and covariances are counted one by one; a misconception miscounts one of them.


def _covariances(K: int, d: int, kind: str) -> float:
    return {"full": K * d * (d + 1) / 2, "tied": d * (d + 1) / 2, "diag": K * d, "spherical": K}[kind]


def _counted(
    K: int,
    d: int,
    kind: str,
    *,
    weights: Callable[[int], float] = lambda K: K - 1,
    means: Callable[[int, int], float] = lambda K, d: K * d,
    covariances: Callable[[int, int, str], float] = _covariances,
) -> float:
    return weights(K) + means(K, d) + covariances(K, d, kind)


def _instead(kind: str, count: Callable[[int, int], float]) -> Callable[[int, int, str], float]:
    return lambda K, d, asked: count(K, d) if asked == kind else _covariances(K, d, asked)


def _squares(K: int, d: int, kind: str) -> float:
    return {"full": K * d * d, "tied": d * d}.get(kind, _covariances(K, d, kind))


def _off_diagonal(K: int, d: int, kind: str) -> float:
    return {"full": K * d * (d - 1) / 2, "tied": d * (d - 1) / 2}.get(kind, _covariances(K, d, kind))


def _wrong(name: str, sentence: str, **count: Any) -> Misconception:
    return Misconception(name, sentence, "selection-n-parameters", partial(_counted, **count))


MISCONCEPTIONS = (
    _wrong("weights-all-free", "K weights are counted; they sum to 1, so only K - 1 are free.",
           weights=lambda K: K),
    _wrong("weights-forgotten", "The K - 1 free weights are not counted.", weights=lambda K: 0),
    _wrong("means-forgotten", "The K d coordinates of the means are not counted.", means=lambda K, d: 0),
    _wrong("one-number-per-mean", "Each mean is counted as one number; it has d coordinates.",
           means=lambda K, d: K),
    _wrong("one-mean-for-all", "The means are counted once; each of the K components has its own.",
           means=lambda K, d: d),
    _wrong("symmetry-forgotten",
           "d² numbers are counted for a covariance; it is symmetric, d(d+1)/2 are free.",
           covariances=_squares),
    _wrong("symmetry-not-halved", "d(d+1) numbers are counted for a covariance; it must be halved.",
           covariances=lambda K, d, kind: _covariances(K, d, kind) * (2 if kind in ("full", "tied") else 1)),
    Misconception("covariances-only", "Only the covariances are counted; weights and means are free as well.",
                  "selection-n-parameters", _covariances),
    Misconception("arguments-swapped",
                  "The arguments are swapped: first the number of components, then that of features.",
                  "selection-n-parameters", lambda K, d, kind: _counted(d, K, kind)),
    Misconception("always-full",
                  'Every type is counted like "full": `kind == "full" or "tied"` is always true.',
                  "selection-n-parameters", lambda K, d, kind: _counted(K, d, "full")),
    _wrong("diagonal-forgotten", "d(d-1)/2 leaves out the variances on the diagonal; d(d+1)/2 are free.",
           covariances=_off_diagonal),
    _wrong("one-full-covariance", "A full covariance is counted once; each component has its own.",
           covariances=_instead("full", lambda K, d: d * (d + 1) / 2)),
    _wrong("tied-counted-for-each", "The tied covariance is counted K times; all components share it.",
           covariances=_instead("tied", lambda K, d: K * d * (d + 1) / 2)),
    _wrong("tied-diagonal", "The tied covariance is counted as d variances; it is a full matrix.",
           covariances=_instead("tied", lambda K, d: d)),
    _wrong("one-diagonal-for-all", "The diagonal covariance is counted once; each component has its own.",
           covariances=_instead("diag", lambda K, d: d)),
    _wrong("one-sphere-for-all", "One variance is counted for all spherical components; each has its own.",
           covariances=_instead("spherical", lambda K, d: 1)),
    _wrong("sphere-counted-per-feature", "A spherical component is counted with d variances; it has one.",
           covariances=_instead("spherical", lambda K, d: K * d)),
)

N_PARAMETERS = Question(
    id="selection.n_parameters",
    signature="n_parameters(n_components, n_features, covariance_type)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
