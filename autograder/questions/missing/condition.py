"""missing.condition: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import (
    Array,
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.missing.wrong_conditions import wrong
from gmmlib.missing import condition_gaussian


def _of_deviations(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of the largest standard deviation in the covariance that is passed."""
    return np.asarray(1e-6 * np.sqrt(_largest_variance(case)))


def _of_variances(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of the largest variance in the covariance that is passed."""
    return np.asarray(1e-6 * _largest_variance(case))


def _largest_variance(case: Case) -> float:
    return float(np.diagonal(np.asarray(case.arguments[1], dtype=np.float64)).max())


MEAN = Part("mean", "(q,)", _of_deviations)
COVARIANCE = Part("covariance", "(q, q)", _of_variances)
RETURNS = (MEAN, COVARIANCE)
RANDOM = ("random Gaussian 1", "random Gaussian 2", "random Gaussian 3")
SEE = "missing-conditional"
SMALL = (0.1, 0.4)  # variances beside which 1e-6 shows
Call = tuple[FloatArray, FloatArray, Array, FloatArray]


def reference(
    mean: FloatArray, covariance: FloatArray, known: Array, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of the unknown features, given the values of the known ones."""
    known = np.flatnonzero(known) if known.dtype == bool else known  # no case, but how it may be called
    if len(known) == 0:  # of a row without any value
        return mean, covariance
    means, conditional = condition_gaussian(mean, covariance, [int(k) for k in known], values[None])
    return means[0], conditional


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw random Gaussians; known features out of order; independent ones; twenty features; an offset."""
    randoms = [_random(rng, d, known) for d, known in ((3, (1,)), (4, (0, 3)), (5, (0, 2, 3)))]
    m, C, known, x = randoms[1]
    mean, covariance, three, y = randoms[2]
    far = drawing.far(reference(*randoms[2])[0][0])
    lonely = C.copy()
    unknown = np.ones(4, dtype=bool)
    unknown[known] = False
    small, alone = _small(rng), _random(rng, 4, (0, 1, 3))
    twenty = _random(rng, 20, (0, 2, 5, 6, 7, 9, 10, 13, 14, 16, 17, 19), (3.0, 6.0))
    lonely[unknown[:, None] != unknown] = 0.0
    return (
        Case("small example", small),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("other values", (m, C, known, x + 1.0)),
        Case("known features out of order", (mean, covariance, three[::-1].copy(), y[::-1].copy())),
        Case("independent features", (m, lonely, known, x)),
        Case("one feature unknown", alone),
        Case("twenty features", twenty),
        Case("far from the origin", (mean + far, covariance, three, y + far), noisy=True),
        Case("nearly flat", _third_unknown(rng)),
    )


def _random(
    rng: np.random.Generator, d: int, known: tuple[int, ...], unit: tuple[float, float] = SMALL
) -> Call:
    """Draw a Gaussian of d features of which these are known, not just the first.

    Three values or more are in no order, upwards, downwards or turned round: which is whose counts.
    """
    size = rng.uniform(*unit)
    values = np.roll(np.sort(rng.normal(scale=1.2 * size**0.5, size=len(known))), -1)
    mean, C = rng.normal(scale=1.2 * size**0.5, size=d), size * drawing.covariance(rng, d)
    return mean, C, np.array(known, dtype=np.int64), values


def nearly_flat(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw n points of a Gaussian in small units, its mean and its covariance; all features but the third lie
    nearly on a plane, and how far from it a point lies tells something about the third.
    """
    unit = 2.0**-10  # a power of 2: no digit changes
    mean, noise = rng.normal(scale=2.0, size=4), rng.normal(size=(n, 4))
    variances, axes = np.linalg.eigh(drawing.covariance(rng, 3, condition=1e5))
    slopes = rng.choice([-1.0, 1.0], size=3) * rng.uniform(0.5, 1.0, size=3)
    factor = np.zeros((4, 4))  # Σ = F Fᵀ
    factor[[0, 1, 3], :3], factor[2] = axes * np.sqrt(variances), [*slopes, 0.7]
    return unit * (mean + noise @ factor.T), unit * mean, unit**2 * factor @ factor.T


def _third_unknown(rng: np.random.Generator) -> Call:
    X, mean, C = nearly_flat(rng, 1)
    known = np.array([0, 1, 3])
    return mean, C, known, X[0, known]


def _small(rng: np.random.Generator) -> Call:
    """Draw two features with even means, the second known and odd, the first varying more: no two alike."""
    mean = rng.choice([2.0, 10.0, 12.0], size=2, replace=False)  # the first is not half of the second
    C = np.array([[rng.choice([7.0, 9.0, 11.0]), 2.0], [2.0, 4.0]])
    return mean, C, np.array([1]), mean[1:] + rng.choice([3.0, 5.0, 7.0])  # half of it: no whole mean


# --------------------------------------------------------------------------- checks


def _smaller(seen: Seen) -> str:
    covariance, whole = seen.returned[COVARIANCE], seen.argument(1)
    unknown = np.setdiff1d(np.arange(len(whole)), np.asarray(seen.case.arguments[2]))
    if not np.allclose(covariance, covariance.T, atol=1e-6):
        return "the covariance is not symmetric"
    lost = whole[np.ix_(unknown, unknown)] - covariance
    if np.diagonal(lost).min() < -1e-5:
        return "a variance is larger than before anything was known"
    smallest = np.linalg.eigvalsh(lost).min()
    return (
        "" if smallest >= -1e-5 else "a weighted sum of features varies more than before anything was known"
    )


def _same_covariance(seen: Seen, at_other_values: Seen) -> str:
    same = np.allclose(seen.returned[COVARIANCE], at_other_values.returned[COVARIANCE], atol=1e-5)
    return "" if same else "the covariance depends on the values"


CHECKS = (
    shapes(
        "A mean and a covariance of the unknown features come back.",
        ("small example", *RANDOM),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Two features, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("The means of the unknown features are right.", MEAN, RANDOM, weight=2, see=SEE),
    values("The covariances of the unknown features are right.", COVARIANCE, RANDOM, weight=2, see=SEE),
    values(
        "Known features in another order come out right.",
        RETURNS,
        ("known features out of order",),
        weight=1,
        see=SEE,
    ),
    values(
        "A single unknown feature, and twenty features, come out right.",
        RETURNS,
        ("one feature unknown", "twenty features"),
        weight=1,
        see=SEE,
    ),
    values(
        "An offset of ten million, and features nearly on a plane, do no harm (this needs float64).",
        RETURNS,
        ("far from the origin", "nearly flat"),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Knowing an independent feature tells nothing.",
        RETURNS,
        ("independent features",),
        weight=0.5,
        see=SEE,
    ),
    holds(
        "Knowing more never makes a variance larger.", _smaller, (COVARIANCE,), RANDOM, weight=0.5, see=SEE
    ),
    together(
        "The covariance does not depend on the values.",
        _same_covariance,
        (COVARIANCE,),
        (RANDOM[1], "other values"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="missing.condition",
    signature="condition(mean, covariance, known, values)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
