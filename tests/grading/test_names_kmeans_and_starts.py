"""Mistakes in k-means, in starts, in diagnosing a collapse and in matching are told in words true of them."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.questions import find
from tests.support.functions import MAX, graded, named

Function = Callable[..., object]
SEEDS = (0, 1, 2)


def told(question_id: str, function: Function, seed: int) -> str:
    """All that a student reads, in one text."""
    result = graded(find(question_id), function, seed)
    return " | ".join([result.message, *(verdict.message for verdict in result.checks)])


def chosen(healthy: Function, rank: Function = lambda L, S: L, left_out: float = -np.inf) -> Function:
    def best_of_restarts(log_likelihoods, shares, floor):
        kept = healthy(log_likelihoods, shares, floor)
        if not kept.any():
            return -1
        return int(np.argmax(np.where(kept, rank(log_likelihoods, shares), left_out)))

    return best_of_restarts


def right_runs(L, S, floor):
    return (floor <= S) & np.isfinite(L)


def tried_at_most(number: int) -> Function:
    def best_of_restarts(L, S, floor):
        highest = np.argsort(-np.where(np.isfinite(L), L, -np.inf), kind="stable")[:number]
        return next((int(i) for i in highest if right_runs(L, S, floor)[i]), -1)

    return best_of_restarts


def lowest_for_the_others(L, S, floor):
    healthy = right_runs(L, S, floor)
    return int(np.argmax(np.where(healthy, L, np.nanmin(L)))) if healthy.any() else -1


def larger_share_of_equals(L, S, floor):
    healthy = np.flatnonzero(right_runs(L, S, floor))
    return max(healthy.tolist(), key=lambda i: (L[i], S[i]), default=-1)


def lowest_of_all(L, S, floor):
    return int(np.argmin(np.where(np.isfinite(L), L, np.inf))) if np.isfinite(L).any() else -1


def diagnosed(
    count: Function = lambda R: R.sum(axis=0),
    condition: Function = lambda M: np.linalg.eigvalsh(M)[-1] / np.linalg.eigvalsh(M)[0],
    share: Function = lambda M: np.linalg.eigvalsh(M)[0],
    unit: Function = lambda X: np.outer(X.std(axis=0), X.std(axis=0)),
    ridge: float = 0.0,
) -> Function:
    def diagnose(X, R, covariances):
        covariances = covariances + ridge * np.eye(X.shape[1])
        own = [np.sqrt(np.outer(np.diag(C), np.diag(C))) for C in covariances]
        conditions = [condition(C / unit_of) for C, unit_of in zip(covariances, own, strict=True)]
        return count(R), np.array(conditions), np.array([share(C / unit(X)) for C in covariances])

    return diagnose


def updated(centre: Function, keeps_empty: bool = True) -> Function:
    def update(X, labels, centroids):
        new = centroids.copy() if keeps_empty else np.zeros_like(centroids)
        for k in range(len(centroids)):
            if (labels == k).any():
                new[k] = centre(X[labels == k])
        return new

    return update


def sorted_means(X, labels, centroids):
    means = updated(lambda mine: mine.mean(axis=0))(X, labels, centroids)
    return means[np.argsort(means[:, 0], kind="stable")]


def nearest(X, chosen):
    return np.square(X[:, None] - np.array(chosen)).sum(axis=2).min(axis=1)


def plus_plus(
    first: Function = lambda X, K, rng: X[rng.integers(len(X))],
    chances: Function = nearest,
    seed: Function = lambda rng: rng,
    back: Function = lambda chosen, rng: chosen,
) -> Function:
    def kmeans_plus_plus(X, n_centroids, rng):
        source = np.random.default_rng(seed(rng))
        chosen = [first(X, n_centroids, source)]
        while len(chosen) < n_centroids:
            D = chances(X, chosen)
            chosen.append(X[source.choice(len(X), p=D / D.sum() if D.any() else None)])
        return back(np.array(chosen), source)

    return kmeans_plus_plus


def summed_distances(X, chosen):
    return np.sqrt(np.square(X[:, None] - np.array(chosen)).sum(axis=2)).sum(axis=1)


def to_the_first(X, chosen):
    return np.square(X - chosen[0]).sum(axis=1)


#: Of each answer, words that no sentence may have, as they are not true of it.
NOT_TRUE: list[tuple[str, str, Function, tuple[str, ...]]] = [
    ("starts.best_of_restarts", "lowest of all", lowest_of_all, ("highest run wins",)),
    ("starts.best_of_restarts", "-1 for the others", chosen(right_runs, left_out=-1.0), ("need -np.inf: 0",)),
    ("starts.best_of_restarts", "two tried", tried_at_most(2), ("Only the highest",)),
    ("starts.best_of_restarts", "three tried", tried_at_most(3), ("Only the highest",)),
    (
        "starts.best_of_restarts",
        "one of both",
        chosen(lambda L, S, f: (f <= S) | np.isfinite(L)),
        ("of all runs",),
    ),
    ("starts.best_of_restarts", "larger share", larger_share_of_equals, ("last one",)),
    ("collapse.diagnose", "halves", diagnosed(count=lambda R: (R > 0.5).sum(axis=0)), ("array of integers",)),
    ("collapse.diagnose", "determinant", diagnosed(share=np.linalg.det), ("rounded",)),
    (
        "collapse.diagnose",
        "root mean square",
        diagnosed(unit=lambda X: np.sqrt(np.outer((X**2).mean(axis=0), (X**2).mean(axis=0)))),
        ("rounded",),
    ),
    (
        "collapse.diagnose",
        "roots of deviations",
        diagnosed(unit=lambda X: np.sqrt(np.outer(X.std(axis=0), X.std(axis=0)))),
        ("only the rows are divided", "each row is divided", "each column is divided"),
    ),
    (
        "kmeans.update",
        "floor division",
        updated(lambda mine: mine.sum(axis=0) // len(mine)),
        ("drops the rest", "drops what"),
    ),
    (
        "kmeans.update",
        "1e-10 in the count",
        updated(lambda mine: mine.sum(axis=0) / (len(mine) + 1e-10)),
        ("float32, which",),
    ),
    (
        "kmeans.update",
        "float32",
        updated(lambda mine: mine.astype(np.float32).mean(axis=0)),
        ("counts with a small number",),
    ),
    (
        "kmeans.assign",
        "cubes",
        lambda X, m: ((X[:, None] - m) ** 3).sum(axis=2).argmin(axis=1),
        ("differences are summed with their signs",),
    ),
    (
        "kmeans.distortion",
        "int",
        lambda X, m, labels: int(np.square(X - m[labels]).sum()),
        ("drops the rest",),
    ),
]


def in_single_precision(X, centroids):
    table = [np.linalg.norm(X.astype(np.float32) - m.astype(np.float32), axis=1) for m in centroids]
    return np.argmin(table, axis=0)


NOT_TRUE += [
    ("kmeans.assign", "float32", in_single_precision, ("- 2 x·m",)),
    (
        "kmeans.distortion",
        "float32",
        lambda X, m, labels: sum(
            np.square(x - c).sum() for x, c in zip(X.astype("f4"), m.astype("f4")[labels], strict=True)
        ),
        ("- 2 x·m",),
    ),
    (
        "kmeans.distortion",
        "expanded",
        lambda X, m, labels: (X**2).sum() - 2 * (X * m[labels]).sum() + (m[labels] ** 2).sum(),
        ("those of float32",),
    ),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("question_id", "what", "function", "words"), NOT_TRUE, ids=[f"{a[0]}-{a[1]}" for a in NOT_TRUE]
)
def test_no_sentence_says_what_is_not_so(
    question_id: str, what: str, function: Function, words: tuple[str, ...], seed: int
) -> None:
    text = told(question_id, function, seed)
    assert not [word for word in words if word in text]


#: Answers that were taken for right, or cost more or less by luck: the points of ten that they get.
COSTS: list[tuple[str, str, Function, float]] = [
    ("starts.best_of_restarts", "the lowest for the others", lowest_for_the_others, 0.0),
    ("starts.best_of_restarts", "the larger share of equals", larger_share_of_equals, 9.0),
    ("kmeans.update", "sorted means", sorted_means, 0.0),
    ("kmeans.update", "two digits", updated(lambda mine: np.round(mine.mean(axis=0), 2)), 0.0),
    ("collapse.diagnose", "1e-6 on the diagonal", diagnosed(ridge=1e-6), 2.5),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("question_id", "what", "function", "score"), COSTS, ids=[f"{a[0]}-{a[1]}" for a in COSTS]
)
def test_a_mistake_costs_the_same_whatever_is_drawn(
    question_id: str, what: str, function: Function, score: float, seed: int
) -> None:
    assert graded(find(question_id), function, seed).score == pytest.approx(score)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("digits", [0, 1])
def test_rounded_distances_lose_the_points_of_random_points_on_any_inputs(digits: int, seed: int) -> None:
    def assign(X, centroids):
        return np.round(np.square(X[:, None] - centroids).sum(axis=2), digits).argmin(axis=1)

    result = graded(find("kmeans.assign"), assign, seed)
    assert named(result) == {f"squared-distances-rounded-to-{digits}-digits"}
    assert result.score == pytest.approx(4.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_determinants_that_underflow_lose_points_in_a_matching_too(seed: int) -> None:
    def match(means, covariances, other_means, other_covariances):
        table = np.empty((len(means), len(means)))
        for k, (m, C) in enumerate(zip(means, covariances, strict=True)):
            for j, (o, D) in enumerate(zip(other_means, other_covariances, strict=True)):
                middle, z = (C + D) / 2, m - o
                dets = [np.linalg.det(matrix) for matrix in (middle, C, D)]
                shapes = 0.5 * np.log(dets[0] / np.sqrt(dets[1] * dets[2]))
                table[k, j] = z @ np.linalg.solve(middle, z) / 8 + shapes
        rows, K = np.arange(len(means)), len(means)
        orders = [np.roll(rows, shift) for shift in range(K)] if np.isnan(table).any() else None
        return (
            orders[0]
            if orders
            else find("labels.match_components").reference(means, covariances, other_means, other_covariances)
        )

    result = graded(find("labels.match_components"), match, seed)
    assert 9.0 < result.score < MAX


#: Rules of drawing, and words that are true of them; "" where none shall be said.
RULES: list[tuple[str, Function, str]] = [
    ("a number added", plus_plus(chances=lambda X, chosen: nearest(X, chosen) + 1.0), ""),
    ("the first K first", plus_plus(first=lambda X, K, rng: X[rng.integers(K)]), "the first K points"),
    ("the first ten first", plus_plus(first=lambda X, K, rng: X[rng.integers(min(10, len(X)))]), ""),
    ("distances summed", plus_plus(chances=summed_distances), "the sum, mean or median"),
    ("one seed", plus_plus(chances=to_the_first, seed=lambda rng: 42), ""),
    (
        "first in the box",
        plus_plus(first=lambda X, K, rng: rng.uniform(X.min(axis=0), X.max(axis=0))),
        "none of the points",
    ),
]


@pytest.mark.parametrize("seed", SEEDS[:2])
@pytest.mark.parametrize(("what", "function", "words"), RULES, ids=[rule[0] for rule in RULES])
def test_a_rule_of_drawing_is_told_in_words_true_of_it(
    what: str, function: Function, words: str, seed: int
) -> None:
    text = told("starts.kmeans_plus_plus", function, seed)
    assert words in text
    assert not [rule for rule in ("the farthest of the", "nearest to the mean") if rule in text]
    assert "The last point never" not in text
    if what != "a number added":  # so large a one that all points have nearly the same chance
        assert "all points had the same chance" not in text
