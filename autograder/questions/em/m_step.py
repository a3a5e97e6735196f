"""em.m_step: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from autograder.questions import Case, FloatArray, Question, Seen, drawing, holds, shapes, together, values
from autograder.questions.em.wrong_m_steps import wrong
from autograder.questions.parts import COVARIANCES, MEANS, WEIGHTS
from gmmlib.em import m_step as gmmlib_m_step

RANDOM = ("random memberships 1", "random memberships 2", "random memberships 3")
RETURNS = (WEIGHTS, MEANS, COVARIANCES)


def reference(X: FloatArray, responsibilities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The M-step of gmmlib with the values of the contract."""
    mixture = gmmlib_m_step(X, responsibilities)
    return mixture.weights, mixture.means, mixture.covariances


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    sizes = ((40, 2, 2), (50, 3, 3), (45, 2, 4))
    randoms = [_telling(rng, *size) for size in sizes]
    (X, R), (weights, means, covariances) = randoms[0]
    cases = [Case("small example", _small(rng))]
    cases += map(_case, RANDOM, randoms)
    shift = rng.uniform(3.0, 5.0, size=2)
    reversed_answer = (weights[::-1], means[::-1], covariances[::-1])
    cases += [
        Case("shifted", (X + shift, R), answer=(weights, means + shift, covariances)),
        Case("other order", (X[::-1].copy(), R[::-1, ::-1].copy()), answer=reversed_answer),
        Case("one component", _random(rng, 25, 3, 1)),
        _case("one feature", _telling(rng, 25, 1, 2)),
        Case("little weight", _little_weight(rng)),
        Case("small units", (1e-4 * X, R), answer=(weights, 1e-4 * means, 1e-8 * covariances)),
        Case("far from the origin", (X + drawing.far(means[0, 0]), R), noisy=True),
        Case("twenty features", _twenty(rng)),
    ]
    return tuple(cases)


Call = tuple[FloatArray, FloatArray]
Answer = tuple[FloatArray, FloatArray, FloatArray]


def _case(name: str, drawn: tuple[Call, Answer]) -> Case:
    return Case(name, drawn[0], answer=drawn[1])


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """Points of a mixture away from the origin, and memberships that have nothing to do with it."""
    points, R = _random_later(rng, n, d, n_components)
    return points(), R


def _random_later(
    rng: np.random.Generator, n: int, d: int, n_components: int
) -> tuple[Callable[[], FloatArray], FloatArray]:
    """The same with points that are drawn, and computed only if they are asked for."""
    mixture = drawing.mixture_later(rng, n_components, d)
    points = drawing.points_later(rng, n, d)
    shift = rng.uniform(1.0, 3.0, size=d)

    def made() -> FloatArray:
        parameters = mixture()
        X = points(parameters, drawing.factors_of(parameters[2]))
        return np.asarray(6.0 / X.std(axis=0).max() * X + shift)

    R = drawing.responsibilities(rng, n, n_components)
    return made, R[:, drawing.mixed_up(R.sum(axis=0))]


def _telling(rng: np.random.Generator, n: int, d: int, n_components: int) -> tuple[Call, Answer]:
    """The first random call on which mistakes show, and its answer.

    Every component is the likeliest owner of more points than features, no two have nearly the same mean, and
    the spread is such that a millionth added to the variances is within the tolerance, a thousandth never.
    """
    while True:  # a new mixture, too: there may be one that never tells
        points, R = _random_later(rng, n, d, n_components)
        owned = np.bincount(R.argmax(axis=1), minlength=n_components)
        if (owned > d + 1).all() and _apart(X := points(), R):
            weights, means, covariances = reference(X, R)
            deviations = np.sqrt(np.abs(covariances))
            wrongs = np.stack([deviations, covariances - 1.0])  # these, and scatter - N_k, are
            if np.all(np.linalg.eigvalsh(wrongs) > 0):  # positive definite though wrong
                return (X, R), (weights, means, covariances)


def _apart(X: FloatArray, R: FloatArray) -> bool:
    means = R.T @ X / R.sum(axis=0)[:, None]
    centres = np.vstack([means, X.mean(axis=0)])
    first, second = np.array([*combinations(range(len(centres)), 2)]).T
    apart = np.abs(centres[first] - centres[second]).max(axis=1)
    in_no_order = bool((np.diff(means, axis=0) < 0.0).any())  # whoever sorts each column is wrong
    return in_no_order and bool((apart > 0.02 * X.std()).all())


def _twenty(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Twenty features, each as far from 0 as it spreads: sums in single precision are close enough."""
    X, R = _random(rng, 26, 20, 2)
    return X - X.mean(axis=0) + X.std(axis=0), R


def _small(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Five points with whole coordinates, owned in quarters by two components, their means in no order."""
    corners = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0], [1.0, 4.0]])
    X = corners * float(rng.integers(1, 3)) + rng.integers(0, 4, size=2).astype(float)
    while True:
        first = rng.permutation([1.0, 0.75, 0.5, 0.25, 0.25])
        R = np.column_stack([first, 1.0 - first])
        means = R.T @ X / R.sum(axis=0)[:, None]
        if (means[1] < means[0]).any():  # whoever sorts each column is wrong
            return X, R


def _little_weight(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """The first component owns about a thousandth of each point."""
    (X, R), _ = _telling(rng, 60, 2, 3)
    R[:, 0] = 1e-3 * np.maximum(R[:, 0], 2e-3)
    return X, R / R.sum(axis=1, keepdims=True)


# --------------------------------------------------------------------------- checks


def _proper(seen: Seen) -> str:
    weights, covariances = seen.returned[WEIGHTS], seen.returned[COVARIANCES]
    if not (np.all(weights >= 0) and abs(weights.sum() - 1.0) < 1e-5):
        return "the weights do not sum to 1"
    scale = np.abs(covariances).max()
    if not np.all(np.abs(covariances - np.swapaxes(covariances, 1, 2)) <= 1e-6 * scale):
        return "some covariance is not symmetric"
    return "" if np.all(np.linalg.eigvalsh(covariances) > 0) else "some covariance is not positive definite"


def _moves_along(one: Seen, other: Seen) -> str:
    shift = other.argument(0)[0] - one.argument(0)[0]
    if not np.allclose(other.returned[MEANS], one.returned[MEANS] + shift, atol=1e-4):
        return "the means do not move with the points"
    same = np.allclose(other.returned[COVARIANCES], one.returned[COVARIANCES], atol=1e-4)
    return "" if same else "the covariances change when all points move together"


def _same_in_other_order(one: Seen, other: Seen) -> str:
    for part in RETURNS:
        if not np.allclose(one.returned[part], other.returned[part][::-1], atol=1e-4):
            return f"the {part.name} do not follow the components"
    return ""


CHECKS = (
    shapes(
        "Weights, means and covariances come back in this order, with shapes (K,), (K, d) and (K, d, d).",
        ("small example", *RANDOM),
        weight=1,
        see="em-m-step",
    ),
    values(
        "Five points and two components, small enough to work out by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="em-m-step",
    ),
    values("The weights of random memberships are right.", WEIGHTS, RANDOM, weight=1.5, see="em-weights"),
    values("The means of random memberships are right.", MEANS, RANDOM, weight=2, see="em-means"),
    values(
        "The covariances of random memberships are right.",
        COVARIANCES,
        RANDOM,
        weight=3,
        see="em-covariances",
    ),
    values(
        "One component alone has the mean and the covariance of all points.",
        RETURNS,
        ("one component",),
        weight=0.5,
        see="em-m-step",
    ),
    values(
        "Data with a single feature come out right.",
        RETURNS,
        ("one feature",),
        weight=0.5,
        see="em-m-step",
    ),
    values(
        "A component that owns next to nothing still gets its own weight, mean and covariance.",
        RETURNS,
        ("little weight",),
        weight=1,
        see="em-m-step",
    ),
    values(
        "Data in small units come out right: nothing is added to the covariances.",
        RETURNS,
        ("small units",),
        weight=1,
        see="em-covariances",
    ),
    values(
        "Data ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS,
        ("far from the origin",),
        weight=1,
        see="em-covariances",
    ),
    values("Twenty features come out right.", RETURNS, ("twenty features",), weight=1, see="em-m-step"),
    holds(
        "The weights sum to 1 and every covariance is symmetric and positive definite.",
        _proper,
        (WEIGHTS, COVARIANCES),
        RANDOM,
        weight=0.5,
        see="em-m-step",
    ),
    together(
        "Moving all points moves the means along and leaves the covariances alone.",
        _moves_along,
        (MEANS, COVARIANCES),
        (RANDOM[0], "shifted"),
        weight=0.5,
        see="em-covariances",
    ),
    together(
        "Listing points and components in another order only reorders the answer.",
        _same_in_other_order,
        RETURNS,
        (RANDOM[0], "other order"),
        weight=0.5,
        see="em-m-step",
    ),
)


QUESTION = Question(
    id="em.m_step",
    signature="m_step(X, responsibilities)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
