"""collapse.diagnose: inputs, checks and the catalogue of wrong diagnoses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.cures import condition_number

RETURNS = ("counts", "conditions", "shares")
RANDOM = ("random mixture 1", "random mixture 2", "random mixture 3")
SEE = "collapse-detection"
Numbers = tuple[FloatArray, FloatArray, FloatArray]
Call = tuple[FloatArray, FloatArray, FloatArray]


def reference(X: FloatArray, responsibilities: FloatArray, covariances: FloatArray) -> Numbers:
    """Effective count, condition number and smallest share of variance of each component, (K,) each."""
    deviations = (X - X[0]).std(axis=0)
    unit = np.outer(deviations, deviations)
    return (
        np.asarray(responsibilities.sum(axis=0)),
        np.array([condition_number(covariance) for covariance in covariances]),
        np.array([np.linalg.eigvalsh(covariance / unit)[0] for covariance in covariances]),
    )


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Random components first; then one that shrank, one that went flat, other units, an offset, d = 1."""
    randoms = [_random(rng, *size) for size in ((30, 2, 2), (40, 3, 3), (35, 2, 4))]
    X, R, covariances = randoms[0]
    many = _random(rng, 60, 20, 2)
    units = np.array([1.0, 1000.0])
    small = covariances.copy()
    small[0] *= 1e-4
    flat = covariances.copy()
    flat[1] = np.array([[1.0, 0.999], [0.999, 1.0]]) * rng.uniform(0.5, 2.0)
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("other units", (X * units, R, covariances * np.outer(units, units))),
        Case("a component that shrank", (X, R, small)),
        Case("a component that went flat", (X, R, flat)),
        Case("one component", _random(rng, 20, 3, 1)),
        Case("one feature", _random(rng, 20, 1, 2)),
        Case("twenty features", many),
        Case("far from the origin", (many[0] + 1e7, *many[1:])),
    )


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    parameters = drawing.mixture(rng, n_components, d)
    X = drawing.points(rng, n, parameters) * np.linspace(1.0, 3.0, d)
    return X, drawing.responsibilities(rng, n, n_components), parameters[2]


def _small(rng: np.random.Generator) -> Call:
    """Four points whose features have deviations 1 and 2; diagonal covariances, the second share smaller."""
    X = np.array([[-1.0, -2.0], [1.0, 2.0], [-1.0, 2.0], [1.0, -2.0]]) + float(rng.integers(0, 5))
    first = rng.permutation([1.0, 0.75, 0.25, 0.0])
    variances = np.column_stack([rng.choice([3.0, 5.0, 7.0], 2), rng.choice([2.0, 6.0, 9.0], 2)])
    return X, np.column_stack([first, 1.0 - first]), np.stack([np.diag(v) for v in variances])


# --------------------------------------------------------------------------- checks


def _total_is_n(seen: Seen) -> str:
    same = abs(seen.returned["counts"].sum() - len(seen.argument(0))) < 1e-4
    return "" if same else "the counts do not sum to the number of points"


def _same_in_other_units(one: Seen, other: Seen) -> str:
    for name in RETURNS:
        if not np.allclose(one.returned[name], other.returned[name], rtol=1e-4, atol=1e-5):
            return f"the {name} change with the units"
    return ""


CHECKS = (
    shapes("Counts, condition numbers and shares come back, K of each.", RETURNS, ("small example", *RANDOM),
           weight=0.5, see=SEE),
    values("Four points and two components, small enough to do by hand, come out right.", RETURNS,
           ("small example",), weight=2, see=SEE),
    values("The effective counts are right.", "counts", RANDOM, weight=1, see=SEE),
    values("The condition numbers are right, in units of each component's own deviations.", "conditions",
           (*RANDOM, "a component that went flat"), weight=2, see=SEE),
    values("The smallest variances are right, as shares of the data's variance.", "shares",
           (*RANDOM, "a component that shrank"), weight=2, see=SEE),
    values("One component, one feature and twenty features come out right.", RETURNS,
           ("one component", "one feature", "twenty features"), weight=1, see=SEE),
    values("Data ten million away from the origin come out right (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=0.5, see=SEE),
    holds("The counts sum to the number of points.", _total_is_n, ("counts",), RANDOM, weight=0.5, see=SEE),
    together("Measuring a feature in other units changes none of the three.", _same_in_other_units, RETURNS,
             (RANDOM[0], "other units"), weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong diagnoses


def _count(R: FloatArray) -> FloatArray:
    return np.asarray(R.sum(axis=0))


def _correlation(C: FloatArray) -> FloatArray:
    s = np.sqrt(np.diag(C))
    return C / np.outer(s, s)


def _ratio(C: FloatArray) -> float:
    eigenvalues = np.linalg.eigvalsh(C)
    return float(eigenvalues[-1] / eigenvalues[0])


def _smallest(C: FloatArray) -> float:
    return float(np.linalg.eigvalsh(C)[0])


def _unit(X: FloatArray, ddof: int = 0) -> FloatArray:
    s = X.std(axis=0, ddof=ddof)
    return np.asarray(np.outer(s, s))


def _step_by_step(
    X: FloatArray,
    responsibilities: FloatArray,
    covariances: FloatArray,
    *,
    count: Callable[[FloatArray], FloatArray] = _count,
    condition: Callable[[FloatArray, FloatArray], float] = lambda X, C: _ratio(_correlation(C)),
    share: Callable[[FloatArray, FloatArray], float] = lambda X, C: _smallest(C / _unit(X)),
) -> Numbers:
    return (
        count(responsibilities),
        np.array([condition(X, C) for C in covariances]),
        np.array([share(X, C) for C in covariances]),
    )


def _wrong(name: str, sentence: str, **step: Any) -> Misconception:
    """Each value depends on one step alone, so that no two need be tried together, as partials would be."""
    return Misconception(name, sentence, SEE, lambda *inputs: _step_by_step(*inputs, **step))


_OUTER = "entry (j, l) must be divided by s_j and by s_l, that is by np.outer(s, s)."

MISCONCEPTIONS = (
    _wrong("counts-of-hard-labels", "The counts add up whole points; a component owns shares.",
           count=lambda R: np.bincount(R.argmax(axis=1), minlength=R.shape[1])),
    _wrong("weights-instead-of-counts", "The shares N_k / n are returned; the counts are not divided by n.",
           count=lambda R: R.mean(axis=0)),
    _wrong("kish-count", "This is (Σ r)² / Σ r²; the effective count here is simply Σ r.",
           count=lambda R: R.sum(axis=0) ** 2 / (R**2).sum(axis=0)),
    _wrong("units-left-in-condition",
           "The condition number is that of the covariance as it stands and depends on the units: divide "
           "each feature by the component's own deviation first.",
           condition=lambda X, C: float(np.linalg.cond(C))),
    _wrong("condition-in-units-of-the-data",
           "For the condition number each feature is divided by the data's deviation; it must be the "
           "component's own.",
           condition=lambda X, C: _ratio(C / _unit(X))),
    _wrong("condition-divided-by-variances",
           "For the condition number entry (j, l) is divided by two variances; it is two deviations: np.sqrt "
           "is missing.",
           condition=lambda X, C: _ratio(C / np.outer(np.diag(C), np.diag(C)))),
    _wrong("condition-divided-once",
           f"For the condition number {_OUTER}", condition=lambda X, C: _ratio(C / np.sqrt(np.diag(C)))),
    _wrong("condition-divided-by-columns",
           f"For the condition number each column is divided, and no row: {_OUTER}",
           condition=lambda X, C: _ratio(C / np.diag(C))),
    _wrong("condition-upside-down", "The condition number is the largest eigenvalue over the smallest.",
           condition=lambda X, C: 1.0 / _ratio(_correlation(C))),
    _wrong("condition-of-deviations", "Square roots of the eigenvalues are compared; it is the eigenvalues.",
           condition=lambda X, C: float(np.sqrt(_ratio(_correlation(C))))),
    _wrong("determinant-instead-of-condition",
           "The determinant is returned in place of the condition number.",
           condition=lambda X, C: float(np.linalg.det(C))),
    _wrong("units-left-in-share", "The smallest eigenvalue is not compared with the data's variances.",
           share=lambda X, C: _smallest(C)),
    _wrong("share-in-units-of-the-component",
           "For the share each feature is divided by the component's own deviation; it must be the data's.",
           share=lambda X, C: _smallest(_correlation(C))),
    _wrong("share-divided-by-variances",
           "For the share entry (j, l) is divided by two variances; it is two deviations: std, not var.",
           share=lambda X, C: _smallest(C / _unit(X) ** 2)),
    _wrong("share-divided-once",
           f"For the share {_OUTER}", share=lambda X, C: _smallest(C / X.std(axis=0))),
    _wrong("share-divided-by-columns",
           f"For the share each column is divided, and no row: {_OUTER}",
           share=lambda X, C: _smallest(C / X.var(axis=0))),
    _wrong("one-deviation-for-all-features",
           "X.std() is the deviation of all numbers together; each feature has its own: axis=0.",
           share=lambda X, C: _smallest(C / X.var())),
    _wrong("deviations-with-n-minus-one",
           "The data's deviations have the divisor n - 1 (ddof=1, or np.cov as it is); here it is n.",
           share=lambda X, C: _smallest(C / _unit(X, ddof=1))),
    _wrong("smallest-diagonal-entry",
           "Only the variances of the features are compared; a slanted direction may be much thinner.",
           share=lambda X, C: float((np.diag(C) / X.var(axis=0)).min())),
    _wrong("share-of-deviations", "The share is that of the deviations; it is asked for the variances.",
           share=lambda X, C: float(np.sqrt(_smallest(C / _unit(X))))),
    _wrong("largest-share", "The largest variance is returned; collapse shows in the smallest.",
           share=lambda X, C: float(np.linalg.eigvalsh(C / _unit(X))[-1])),
    _wrong("eigenvalues-not-sorted",
           "np.linalg.eig and eigvals sort nothing: their first eigenvalue need not be the smallest. Use "
           "eigvalsh.",
           share=lambda X, C: float(np.linalg.eigvals(C / _unit(X))[0])),
)

DIAGNOSE = Question(
    id="collapse.diagnose",
    signature="diagnose(X, responsibilities, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
