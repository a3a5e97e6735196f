"""No answer is named for a mistake that it does not make, and none passes, or pays more, by a lucky draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.check.asking import answer
from autograder.judge.points import compare, findings_of
from autograder.questions import find
from autograder.values import QuestionAnswers
from tests.support.functions import MAX, graded, named
from tests.support.nearly_right import e_step, log_gaussian

Function = Callable[..., object]
E_STEP, M_STEP = find("em.e_step").reference, find("em.m_step").reference


def fitted(
    stops: Callable[[list[float], float], bool] = lambda history, tol: (
        len(history) > 1 and history[-1] - history[-2] < tol
    ),
    begin: Function = lambda *start: start,
    ridge: float = 0.0,
    report: Function = np.array,
) -> Function:
    def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
        latest, history = begin(weights, means, covariances), []
        for number in range(max_iter):
            R, total = E_STEP(X, *latest)
            history.append(float(total))
            if stops(history, tol):
                break
            if number < max_iter - 1:
                weights, means, covariances = M_STEP(X, R)
                latest = weights, means, covariances + ridge * np.eye(X.shape[1])
        return (*latest, report(history))

    return fit


def in_float32(question_id: str) -> Function:
    right = find(question_id).reference
    return lambda *arguments: right(*(np.asarray(a, np.float32) for a in arguments))


def first_feature_moves(X, labels, centroids):
    moved = find("kmeans.update").reference(X, labels, centroids)
    moved[:, 1:] = centroids[:, 1:]
    return moved


def statistics_guarded(epsilon: float) -> Function:
    def statistics(X, R):
        counts = R.sum(axis=0)
        means = R.T @ X / (counts + epsilon)[:, None]
        return counts, means, np.stack([((X - m).T * r) @ (X - m) for m, r in zip(means, R.T, strict=True)])

    return statistics


def begun_with_the_first(log_likelihoods, shares, floor):
    healthy, best = (shares >= floor) & np.isfinite(log_likelihoods), 0
    for i in range(1, len(log_likelihoods)):
        if healthy[i] and log_likelihoods[i] > log_likelihoods[best]:
            best = i
    return best if healthy.any() else -1


def farthest_first(X, n_centroids, rng):
    generator = np.random.default_rng(rng)
    centroids = [X[np.square(X - X.mean(axis=0)).sum(axis=1).argmax()]]
    while len(centroids) < n_centroids:
        D = np.square(X[:, None] - np.array(centroids)).sum(axis=2).min(axis=1)
        centroids.append(X[generator.choice(len(X), p=D / D.sum() if D.any() else None)])
    return np.array(centroids)


def log_of_a_number_more(X, mean, covariance):
    return np.log(np.exp(find("soft.log_gaussian").reference(X, mean, covariance)) + 1e-300)


#: Question, answer, and the names that fit what it does; without a name it is told in plain words.
ANSWERS: list[tuple[str, str, Function, set[str]]] = [
    (
        "em.fit",
        "old log-likelihood 0",
        fitted(lambda history, tol: history[-1] - [0.0, *history][-2] < tol),
        {"first-gain-taken-from-zero"},
    ),
    (
        "em.fit",
        "old log-likelihood 0, size of the change",
        fitted(lambda history, tol: abs(history[-1] - [0.0, *history][-2]) < tol),
        {"first-change-taken-from-zero"},
    ),
    (
        "em.fit",
        "last log-likelihood once more",
        fitted(report=lambda history: np.array([*history, history[-1]])),
        {"last-log-likelihood-twice"},
    ),
    ("kmeans.update", "first feature moves", first_feature_moves, {"first-feature-only"}),
    ("em.m_step", "float32", in_float32("em.m_step"), {"covariances-cancel", "epsilon-added-to-counts"}),
    ("scale.merge_statistics", "float32", in_float32("scale.merge_statistics"), {"second-moments-cancel"}),
    *(
        (
            "scale.statistics",
            f"{size:g} added to N",
            statistics_guarded(size),
            {"single-precision", f"{size:.0e}-added-to-the-denominators"},
        )
        for size in (1e-3, 1e-4, 1e-6, 1e-8, 1e-10)
    ),
    ("starts.kmeans_plus_plus", "farthest point first", farthest_first, {"first-by-distance"}),
    ("starts.best_of_restarts", "begun with the first", begun_with_the_first, {"first-run-to-begin-with"}),
    ("soft.log_gaussian", "log(p + 1e-300)", log_of_a_number_more, {"1e-300-added-to-the-density"}),
]


@pytest.mark.parametrize(
    ("question_id", "what", "function", "names"), ANSWERS, ids=[f"{a[0]}-{a[1]}" for a in ANSWERS]
)
def test_a_wrong_answer_is_named_for_what_it_does_or_not_at_all(
    question_id: str, what: str, function: Function, names: set[str]
) -> None:
    for seed in range(3):
        result = graded(find(question_id), function, seed)
        assert result.score < MAX
        assert named(result) <= names


def points(question_id: str, function: Function, seed: int) -> float:
    """The weights of the checks passed."""
    question = find(question_id)
    cases = question.draw(np.random.default_rng(seed))
    with np.errstate(all="ignore"):
        answers = {case.name: answer(function, case, len(question.returns))[0] for case in cases}
    findings = findings_of(question, compare(question, cases, QuestionAnswers("graded", answers)))
    return sum(c.weight * f.score for c, f in zip(question.checks, findings, strict=True))


def ridged(size: float) -> Callable[[Any], Any]:
    return lambda covariance: np.linalg.inv(covariance + size * np.eye(len(covariance)))


#: With a determinant without the ridge it is another slip of the same size.
RIDGES: list[tuple[str, float, Function]] = [
    *(("em.e_step", size, e_step(ridged(size))) for size in (1e-3, 1e-4, 1e-8, 1e-10)),
    *(("soft.log_gaussian", size, log_gaussian(ridged(size))) for size in (1e-3, 1e-8, 1e-10)),
    *(("em.fit", size, fitted(ridge=size)) for size in (1e-6, 1e-8)),
]


@pytest.mark.parametrize(
    ("question_id", "size", "function"), RIDGES, ids=[f"{q}-{s:g}" for q, s, _ in RIDGES]
)
def test_a_ridge_costs_the_same_on_any_inputs(question_id: str, size: float, function: Function) -> None:
    assert len({points(question_id, function, seed) for seed in range(20)}) == 1


@pytest.mark.parametrize(("question_id", "kept"), [("em.e_step", 5.0), ("soft.log_gaussian", 3.0)])
def test_the_usual_ridge_costs_the_same_on_any_inputs(question_id: str, kept: float) -> None:
    mistake = next(m for m in find(question_id).misconceptions if m.name == "ridge-added")
    assert {points(question_id, mistake.implementation, seed) for seed in range(40)} == {kept}


def test_weights_of_the_start_that_are_not_used_lose_points_on_any_inputs() -> None:
    function = fitted(begin=lambda w, m, C: (np.full(len(w), 1 / len(w)), m, C))
    total = sum(check.weight for check in find("em.fit").checks)
    assert {points("em.fit", function, seed) < total / 2 for seed in range(10)} == {True}


def of_components(covariances: Callable[[Any, Any], Any]) -> Function:
    """The M-step with covariances of its own, made of points and responsibilities."""
    return lambda X, R: (*M_STEP(X, R)[:2], covariances(X, R))


def only_the_first_filled(X, R):
    filled = np.full((R.shape[1], X.shape[1], X.shape[1]), np.nan)  # np.empty may hold anything
    filled[0] = M_STEP(X, R)[2][0]
    return filled


def with_log_joint(change: Callable[[Any], Any]) -> Function:
    """The E-step, something done to log w N before it is normalised."""

    def answer(X, weights, means, covariances):
        of_each = zip(means, covariances, strict=True)
        densities = [find("soft.log_gaussian").reference(X, m, C) for m, C in of_each]
        joint = change(np.stack(densities, axis=1) + np.log(weights))
        total = np.logaddexp.reduce(joint, axis=1)
        return np.exp(joint - total[:, None]), float(total.sum())

    return answer


def first_column_only(joint):
    return np.where(np.arange(joint.shape[1]) == 0, joint, np.nan)


def one_determinant(k: int) -> Function:
    def answer(X, weights, means, covariances):
        logs = np.linalg.slogdet(covariances)[1]
        return with_log_joint(lambda joint: joint + 0.5 * (logs - logs[k]))(X, weights, means, covariances)

    return answer


def one_value_twice(question_id: str, given: tuple[int, ...]) -> Function:
    """The right values, but some in two places."""

    def answer(*arguments, **keywords):
        values = find(question_id).reference(*arguments, **keywords)
        return tuple(values[i] for i in given)

    return answer


def merged(total: Callable[..., Any] = np.add, delta: Callable[..., Any] = lambda m, o: o - m) -> Function:
    def answer(N, m, A, M, o, B):
        all_of_them, z = total(N, M), delta(m, o)
        between = (N * M / all_of_them)[:, None, None] * z[:, :, None] * z[:, None, :]
        return all_of_them, m + (M / all_of_them)[:, None] * z, A + B + between

    return answer


def in_the_first_round(X, *start, tol=1e-6, max_iter=200):
    R, total = E_STEP(X, *start)
    return (*M_STEP(X, R), np.array([total]))


def no_log_likelihood_is_a_number(X, weights, means, covariances, tol=1e-6, max_iter=200):
    return np.nan * weights, np.nan * means, np.nan * covariances, np.full(max_iter, np.nan)


def too_many(X, n_centroids, rng):
    centroids = find("starts.kmeans_plus_plus").reference(X, n_centroids, rng)
    return np.array(2 * list(centroids))


def two_at_most(X, n_centroids, rng):
    return find("starts.kmeans_plus_plus").reference(X, min(n_centroids, 2), rng)


def one_of_two_terms(pick: Callable[..., Any]) -> Function:
    """The distance of two Gaussians, of which one term is taken in place of the sum."""

    def bhattacharyya(mean, covariance, other_mean, other_covariance):
        z, middle = mean - other_mean, (covariance + other_covariance) / 2
        logs = [np.linalg.slogdet(matrix)[1] for matrix in (middle, covariance, other_covariance)]
        return pick(z @ np.linalg.solve(middle, z) / 8, 0.5 * (logs[0] - 0.5 * (logs[1] + logs[2])))

    return bhattacharyya


def share_squared(log_likelihoods, shares, floor):
    healthy = (shares**2 >= floor) & np.isfinite(log_likelihoods)
    return int(np.where(healthy, log_likelihoods, -np.inf).argmax()) if healthy.any() else -1


def by_trace(weights, means, covariances):
    order = np.argsort(np.trace(covariances, axis1=1, axis2=2))
    return weights[order], means[order], covariances[order]


#: One change in a model answer, and the words that the sentence has; "" where none shall be said.
CHANGES: list[tuple[str, str, Function, str]] = [
    ("em.m_step", "the first covariance alone is filled in", of_components(only_the_first_filled), ""),
    ("em.e_step", "the first column alone is filled in", with_log_joint(first_column_only), ""),
    ("em.e_step", "the first determinant", one_determinant(0), "that of the first covariance"),
    ("em.e_step", "the last determinant", one_determinant(-1), "that of the last covariance"),
    (
        "em.e_step",
        "no density",
        lambda X, w, *_: (np.tile(w, (len(X), 1)), 0.0),
        "the density of each component is missing",
    ),
    ("em.fit", "nan throughout", no_log_likelihood_is_a_number, ""),
    ("em.fit", "return inside the loop, behind the M-step", in_the_first_round, "in its first round"),
    ("em.fit", "means twice", one_value_twice("em.fit", (1, 1, 2, 3)), ""),
    (
        "em.fit",
        "compared with itself",
        fitted(lambda history, tol: len(history) > 1 and tol > 0),
        "compared with itself",
    ),
    (
        "em.fit",
        "the log-likelihood against tol",
        fitted(lambda history, tol: len(history) > 1 and history[-1] < tol),
        "not the log-likelihood itself",
    ),
    ("scale.statistics", "means twice", one_value_twice("scale.statistics", (1, 1, 2)), ""),
    ("scale.statistics", "scatters twice", one_value_twice("scale.statistics", (2, 1, 2)), ""),
    ("scale.merge_statistics", "N N'", merged(total=np.multiply), "counts are multiplied"),
    ("scale.merge_statistics", "N'", merged(total=lambda N, M: M), "second block alone"),
    ("scale.merge_statistics", "2 N'", merged(total=lambda N, M: 2 * M), "twice the count of the second"),
    ("scale.merge_statistics", "m' for δ", merged(delta=lambda m, o: o), "δ is m' alone"),
    ("scale.merge_statistics", "m for δ", merged(delta=lambda m, o: m), "δ is m alone"),
    ("starts.kmeans_plus_plus", "each twice", too_many, "too many centroids"),
    ("starts.kmeans_plus_plus", "return inside the loop", two_at_most, "too few centroids"),
    (
        "em.m_step",
        "counts by themselves",
        lambda X, R: (np.ones(R.shape[1]), *M_STEP(X, R)[1:]),
        "Every weight is 1",
    ),
    (
        "kmeans.update",
        "all points",
        lambda X, _, old: 0 * old + X.mean(axis=0),
        "the mean of all points, also",
    ),
    (
        "em.fit",
        "relative gain",
        fitted(lambda ends, tol: len(ends) > 1 and abs(ends[-1] - ends[-2]) / abs(ends[-2]) < tol),
        "divided by the log-likelihood",
    ),
    (
        "kmeans.assign",
        "x² - m²",
        lambda X, m: (X[:, None] ** 2 - m**2).sum(axis=2).argmin(axis=1),
        "centroid of the largest norm",
    ),
    ("kmeans.assign", "x·m", lambda X, m: (X @ m.T).argmin(axis=1), "smallest inner product"),
    ("labels.bhattacharyya", "the larger term", one_of_two_terms(max), "larger one of the two terms"),
    ("labels.bhattacharyya", "the smaller term", one_of_two_terms(min), "smaller one of the two terms"),
    ("starts.best_of_restarts", "share squared", share_squared, "as they are"),
    ("capstone.standard_order", "by trace", by_trace, "determinant or trace"),
]


@pytest.mark.parametrize(
    ("question_id", "what", "function", "words"), CHANGES, ids=[f"{c[0]}-{c[1]}" for c in CHANGES]
)
def test_one_change_is_told_in_words_that_are_true_of_it(
    question_id: str, what: str, function: Function, words: str
) -> None:
    for seed in range(1, 3):
        result = graded(find(question_id), function, seed)
        assert result.score < MAX
        told = [verdict.message for verdict in result.checks if verdict.misconception]
        assert any(words in message for message in told) if words else not told, told


def test_two_factors_of_which_one_replaces_the_determinant_are_not_put_together() -> None:
    question = find("soft.log_gaussian")

    def features_for_determinant(X, mean, covariance):
        right = question.reference(X, mean, covariance)
        return right + 0.5 * (np.linalg.slogdet(covariance)[1] - len(mean))

    assert not named(graded(question, features_for_determinant, 1))
