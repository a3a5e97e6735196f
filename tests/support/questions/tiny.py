"""The questions of the assignment "tiny": cheap to ask, with a time-out after two seconds."""

import numpy as np

from autograder.questions.comparing import shapes, values
from autograder.values import Case, Misconception, Question

SEE = "kmeans-update"


def draw_points(rng):
    """Clouds away from the origin, of unlike spreads."""
    return (
        Case("two features", (rng.normal([1.0, 5.0], [1.0, 3.0], size=(20, 2)),)),
        Case("one feature", (rng.normal(3.0, 2.0, size=(10, 1)),)),
    )


def draw_measured(rng):
    """The same clouds, each with a centre and a spread that are not its own."""
    return tuple(
        Case(case.name, (case.arguments[0], 1.0 + rng.random(case.arguments[0].shape[1]), 2.0 + rng.random()))
        for case in draw_points(rng)
    )


def moments(X):
    centre = X.mean(axis=0)
    return centre, np.sqrt(((X - centre) ** 2).sum() / len(X))


def scaled(X, centre, spread):
    return (X - centre) / spread


def standardise(X):
    return scaled(X, *moments(X))


def checks(*names):
    """One for the shapes; for each value one with two features, and one with a single feature."""
    two, one = ("two features",), ("one feature",)
    form = shapes("The shapes are right.", names, (*two, *one), weight=1, see=SEE)
    kinds = (
        check
        for name in names
        for check in (
            values(f"The {name} is right for two features.", name, two, weight=5 / len(names), see=SEE),
            values(f"The {name} is right for one feature.", name, one, weight=2 / len(names), see=SEE),
        )
    )
    return (form, *kinds)


QUESTIONS = (
    Question(
        id="tiny.moments",
        signature="moments(X)",
        returns=("centre", "spread"),
        draw=draw_points,
        reference=moments,
        checks=checks("centre", "spread"),
        misconceptions=(
            Misconception("sum-for-mean", "The squared distances are added up, not averaged.", SEE,
                          lambda X: (moments(X)[0], np.sqrt(len(X)) * moments(X)[1])),
        ),
        cpu_seconds=2.0,
    ),
    Question(
        id="tiny.scaled",
        signature="scaled(X, centre, spread)",
        returns=("scaled",),
        draw=draw_measured,
        reference=scaled,
        checks=checks("scaled"),
        misconceptions=(
            Misconception("one-centre-for-all-features", "The first feature's centre is taken from all.", SEE,
                          lambda X, centre, spread: (X - centre[0]) / spread),
        ),
        cpu_seconds=2.0,
    ),
    Question(
        id="tiny.standardise",
        signature="standardise(X)",
        returns=("standardised",),
        draw=draw_points,
        reference=standardise,
        checks=checks("standardised"),
        uses=("tiny.moments", "tiny.scaled"),
        cpu_seconds=2.0,
    ),
)
