"""The rule that draws fit: chances sum to 1, right draws are never doubted, wrong ones are told apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.questions import FloatArray
from autograder.questions.starts import draws

CALLS, K = 40, 12
Chances = Callable[
    [FloatArray], FloatArray
]  # of each point, from the squared distances to all centroids so far


def cloud(rng: np.random.Generator) -> FloatArray:
    return np.exp(rng.normal(size=(40, 1))) * rng.normal(size=(40, 2))


def sequence(X: FloatArray, rng: np.random.Generator, chances: Chances) -> list[int]:
    """Draw positions of centroids, (K,), by the definition."""
    chosen = [int(rng.integers(len(X)))]
    while len(chosen) < K:
        squared = np.square(X[chosen][:, None] - X).sum(axis=2)
        share = chances(squared)
        chosen.append(int(rng.choice(len(X), p=share / share.sum())))
    return chosen


def rule(seed: int, chances: Chances) -> str:
    rng = np.random.default_rng(seed)
    X = cloud(rng)
    return draws.rule_of_the_draws(X, np.array([sequence(X, rng, chances) for _ in range(CALLS)]))


@pytest.mark.parametrize("seed", range(20))
def test_draws_by_the_squared_distance_are_never_doubted(seed: int) -> None:
    assert rule(seed, lambda squared: squared.min(axis=0)) == ""


@pytest.mark.parametrize(
    ("name", "chances"),
    [
        ("alike", lambda squared: (squared.min(axis=0) > 0).astype(float)),
        ("distance", lambda squared: np.sqrt(squared.min(axis=0))),
        ("fourth power", lambda squared: squared.min(axis=0) ** 2),
        ("last", lambda squared: squared[-1]),
        ("sum", lambda squared: squared.sum(axis=0)),
        ("farthest", lambda squared: (squared.min(axis=0) == squared.min(axis=0).max()).astype(float)),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_each_wrong_rule_is_told_by_its_own_words(name: str, chances: Chances, seed: int) -> None:
    assert rule(seed, chances) == draws.RULES[name]


@pytest.mark.parametrize(("name", "place"), [("first left out", 0), ("last left out", -1)])
@pytest.mark.parametrize("seed", range(4))
def test_a_far_point_that_never_comes_up_is_missed(name: str, place: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = cloud(rng)
    X[place] = [20.0, 20.0]  # far from all others

    def chances(squared: FloatArray) -> FloatArray:
        nearest = squared.min(axis=0)
        nearest[place] = 0.0
        return nearest

    chosen = np.array([sequence(X, rng, chances) for _ in range(CALLS)])
    assert draws.rule_of_the_draws(X, chosen) == draws.RULES[name]


@pytest.mark.parametrize("seed", range(4))
def test_features_left_out_or_standardised_are_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = np.exp(rng.normal(size=(40, 1))) * rng.normal(size=(40, 4)) * [1.0, 1.0, 10.0, 10.0]
    for name, measured in (("first two features", X[:, :2]), ("standardised", X / X.std(axis=0))):
        chosen = np.array(
            [sequence(measured, rng, lambda squared: squared.min(axis=0)) for _ in range(CALLS)]
        )
        assert draws.rule_of_the_draws(X, chosen) == draws.RULES[name]


@pytest.mark.parametrize("seed", range(4))
def test_another_order_than_that_of_drawing_is_told_whichever_it_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = cloud(rng)
    chosen = np.array([sequence(X, rng, lambda squared: squared.min(axis=0)) for _ in range(CALLS)])
    by_coordinate = np.take_along_axis(chosen, np.argsort(X[chosen][:, :, 0], axis=1), axis=1)
    assert draws.order_of_the_draws(X, chosen) == ""
    assert draws.rule_of_the_draws(X, chosen[:, ::-1]) == draws.RULES["reverse"]
    assert "order of the data" in draws.rule_of_the_draws(X, np.sort(chosen, axis=1))
    assert "sorted" in draws.rule_of_the_draws(X, by_coordinate)
    assert "sorted" in draws.rule_of_the_draws(X, by_coordinate[:, ::-1])


def test_the_chances_of_every_rule_sum_to_one() -> None:
    """So the ratio of two likelihoods has expectation 1, and is large by accident as rarely as promised."""
    rng = np.random.default_rng(0)
    X = cloud(rng)
    table = np.square(X[:, None] - X).sum(axis=2)
    chosen = np.array([sequence(X, rng, lambda squared: squared.min(axis=0)) for _ in range(3)])
    nearest = np.minimum.accumulate(table[chosen[:, :-1]], axis=1)
    for chances in draws.rules(table, table[chosen[:, :-1]], nearest).values():
        assert chances.sum(axis=2) == pytest.approx(np.ones((3, K - 1)))


def test_the_chances_of_the_best_of_four_are_those_of_a_simulation() -> None:
    rng = np.random.default_rng(1)
    chances, potentials = rng.dirichlet(np.ones(6)), rng.random(6)
    candidates = rng.choice(6, size=(100_000, 4), p=chances)
    best = candidates[np.arange(100_000), potentials[candidates].argmin(axis=1)]
    share = np.bincount(best, minlength=6) / 100_000
    assert draws.best_of(4, chances[None, None], potentials[None, None])[0, 0] == pytest.approx(
        share, abs=0.01
    )


def test_a_first_point_drawn_alike_is_not_doubted_and_a_fixed_one_is() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(40, 2))
    for _ in range(50):
        assert draws.rule_of_the_first(X, rng.integers(40, size=CALLS)) == ""
    assert "first in the list" in draws.rule_of_the_first(X, np.zeros(CALLS, dtype=int))
    far = np.square(X - X.mean(axis=0)).sum(axis=1)
    assert "from the mean" in draws.rule_of_the_first(X, rng.choice(40, size=2 * CALLS, p=far / far.sum()))


@pytest.mark.parametrize("seed", range(4))
def test_draws_that_no_exact_rule_fits_are_said_to_follow_another_one(seed: int) -> None:
    """Equal chances are the likeliest of the rules for near points with replacement, and say too much."""
    said = rule(seed, lambda squared: 1.0 / (1.0 + squared.min(axis=0)))
    assert said == draws.RULES["none"]


@pytest.mark.parametrize("seed", range(4))
def test_no_rule_is_told_under_which_a_centroid_is_never_drawn_again_if_one_was(seed: int) -> None:
    """A number added to the distances, so that a centroid keeps a chance."""
    assert rule(seed, lambda squared: squared.min(axis=0) + 1.0) == draws.RULES["none"]


@pytest.mark.parametrize("seed", range(4))
def test_distances_in_the_first_feature_alone_are_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = cloud(rng)
    chosen = np.array([_by_the_first_feature(X, rng) for _ in range(CALLS)])
    assert draws.rule_of_the_draws(X, chosen) == draws.RULES["first feature"]


def _by_the_first_feature(X: FloatArray, rng: np.random.Generator) -> list[int]:
    return sequence(X * np.array([1.0, 0.0]), rng, lambda squared: squared.min(axis=0))


@pytest.mark.parametrize("seed", range(4))
def test_only_the_latest_centroid_is_told_with_distances_that_are_not_squared_too(seed: int) -> None:
    assert rule(seed, lambda squared: np.sqrt(squared[-1])) == draws.RULES["last"]
