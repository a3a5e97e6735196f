"""collapse.m_step_map: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import Case, FloatArray, Question, Seen, drawing, holds, shapes, together, values
from autograder.questions.collapse.wrong_m_steps_map import wrong
from autograder.questions.parts import COVARIANCES, MEANS, WEIGHTS
from gmmlib.covariance import Full
from gmmlib.cures import InverseWishart
from gmmlib.statistics import Statistics

RETURNS = (WEIGHTS, MEANS, COVARIANCES)
RANDOM = ("random memberships 1", "random memberships 2", "random memberships 3")
SEE = "collapse-map"
Parameters = tuple[FloatArray, FloatArray, FloatArray]
Call = tuple[FloatArray, FloatArray]


def reference(X: FloatArray, responsibilities: FloatArray) -> Parameters:
    """Return the M-step of gmmlib with the prior of Fraley and Raftery (2007) in their default strength."""
    statistics = Statistics.of(X, responsibilities)
    means, covariances = InverseWishart().maximise(statistics, Full(), statistics.total())
    return statistics.counts / statistics.n, means, covariances


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw random memberships first; then one point owned alone, duplicates, other units and an offset."""
    randoms = [_random(rng, *size) for size in ((30, 2, 2), (40, 3, 3), (35, 2, 4))]
    X, R = randoms[0]
    lonely = X.copy()
    lonely[0, 0] -= 8.0  # far from the others, and owned alone
    repeated = X.copy()
    repeated[:8] = X[0]
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("shifted", (X + 4.5, R)),
        Case("other units", (X * np.array([4.0, 2.0**-10]), R)),
        Case("one point owned", (lonely, _first_component_owns(1, len(X)))),
        Case("duplicates", (repeated, _first_component_owns(8, len(X)))),
        Case("one component", (X, np.ones((len(X), 1)))),
        Case("one feature", (X[:, :1].copy(), R)),
        Case("far from the origin", (X + drawing.far(reference(X, R)[1][0, 0]), R), noisy=True),
    )


def _first_component_owns(number: int, n: int) -> FloatArray:
    """Return the responsibilities, (n, 2), of a component that owns the first points and one for the rest."""
    first = (np.arange(n) < number).astype(np.float64)
    return np.column_stack([first, 1.0 - first])


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """Draw a first component that owns more of a point the further right it lies: so its mean is pulled."""
    while True:
        X = drawing.points(rng, n, drawing.mixture(rng, n_components, d)) + rng.uniform(1.0, 3.0, size=d)
        R = drawing.responsibilities(rng, n, n_components)
        Z = X - X.mean(axis=0)
        if abs(Z[:, 0] @ Z[:, 1]) > 0.1 * n:  # the prior is no diagonal matrix
            return X[X[:, 0].argsort()], R[R[:, 0].argsort()]


def _small(rng: np.random.Generator) -> Call:
    """Draw four whole points on a line, owned in quarters, the more the further to one side."""
    X = np.sort(rng.choice(np.arange(0.0, 20.0, 2.0), size=(4, 1), replace=False), axis=0)
    first = rng.choice([[1.0, 0.75, 0.5, 0.25], [0.25, 0.5, 0.75, 1.0]])
    return X, np.column_stack([first, 1.0 - first])


# --------------------------------------------------------------------------- checks


def _proper(seen: Seen) -> str:
    covariances = seen.returned[COVARIANCES]
    if not np.allclose(covariances, np.swapaxes(covariances, 1, 2), rtol=1e-5):
        return "some covariance is not symmetric"
    return "" if np.all(np.linalg.eigvalsh(covariances) > 0) else "some covariance is not positive definite"


def _moves_along(original: Seen, shifted: Seen) -> str:
    if not np.allclose(original.returned[MEANS] + 4.5, shifted.returned[MEANS], atol=1e-4):
        return "the means do not move with the points"
    same = np.allclose(original.returned[COVARIANCES], shifted.returned[COVARIANCES], atol=1e-4)
    return "" if same else "the covariances change when all points move together"


CHECKS = (
    shapes(
        "Weights, means and covariances come back, with shapes (K,), (K, d) and (K, d, d).",
        ("small example", *RANDOM),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Four points on a line, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("The weights are those of the M-step without a prior.", WEIGHTS, RANDOM, weight=0.5, see=SEE),
    values("The means are pulled a little towards the mean of the data.", MEANS, RANDOM, weight=2, see=SEE),
    values("The covariances are those of the formula.", COVARIANCES, RANDOM, weight=3, see=SEE),
    values(
        "A component that owns a single point, or eight copies of one point, does not collapse.",
        RETURNS,
        ("one point owned", "duplicates"),
        weight=1.5,
        see=SEE,
    ),
    values(
        "One component and one feature come out right.",
        RETURNS,
        ("one component", "one feature"),
        weight=1,
        see=SEE,
    ),
    values(
        "The prior follows the units of the data, and an offset of ten million does no harm (float64).",
        RETURNS,
        ("other units", "far from the origin"),
        weight=1,
        see=SEE,
    ),
    holds(
        "Every covariance is symmetric and positive definite.",
        _proper,
        (COVARIANCES,),
        RANDOM,
        weight=0.5,
        see=SEE,
    ),
    together(
        "Moving all points moves the means along and leaves the covariances alone.",
        _moves_along,
        (MEANS, COVARIANCES),
        (RANDOM[0], "shifted"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="collapse.m_step_map",
    signature="m_step_map(X, responsibilities)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("collapse.diagnose",),
)
