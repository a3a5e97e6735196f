"""The questions of the assignment "tiny": cheap to ask, with a time-out after two seconds."""

import numpy as np

from autograder.questions import Case, Catalogue, Part, Question, relative, shapes, values

SEE = "kmeans-update"
CENTRE = Part("centre", "(d,)", relative)
SPREAD = Part("spread", "one number", relative)
SCALED = Part("scaled", "(n, d)", relative)
STANDARDISED = Part("standardised", "(n, d)", relative)


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


def checks(*parts):
    """One for the shapes; for each value one with two features, and one with a single feature."""
    two, one = ("two features",), ("one feature",)
    form = shapes("The shapes are right.", (*two, *one), weight=1, see=SEE)
    kinds = (
        check
        for part in parts
        for check in (
            values(f"The {part.name} is right for two features.", part, two, weight=5 / len(parts), see=SEE),
            values(f"The {part.name} is right for one feature.", part, one, weight=2 / len(parts), see=SEE),
        )
    )
    return (form, *kinds)


wrong_moments = Catalogue(see=SEE)
wrong_scaled = Catalogue(see=SEE)


@wrong_moments()
def sum_for_mean(X):
    """The squared distances are added up, not averaged."""
    centre, spread = moments(X)
    return centre, np.sqrt(len(X)) * spread


@wrong_scaled()
def one_centre_for_all_features(X, centre, spread):
    """The first feature's centre is taken from all."""
    return (X - centre[0]) / spread


QUESTIONS = (
    Question(
        id="tiny.moments",
        signature="moments(X)",
        returns=(CENTRE, SPREAD),
        draw=draw_points,
        reference=moments,
        checks=checks(CENTRE, SPREAD),
        misconceptions=tuple(wrong_moments),
        cpu_seconds=2.0,
    ),
    Question(
        id="tiny.scaled",
        signature="scaled(X, centre, spread)",
        returns=(SCALED,),
        draw=draw_measured,
        reference=scaled,
        checks=checks(SCALED),
        misconceptions=tuple(wrong_scaled),
        cpu_seconds=2.0,
    ),
    Question(
        id="tiny.standardise",
        signature="standardise(X)",
        returns=(STANDARDISED,),
        draw=draw_points,
        reference=standardise,
        checks=checks(STANDARDISED),
        uses=("tiny.moments", "tiny.scaled"),
        cpu_seconds=2.0,
    ),
)
