"""Two slips within one step of a computation, as students make them: both sentences are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from autograder.questions import Array, FloatArray, find
from tests.support.functions import MAX, graded, named

TRIES: list[tuple[str, set[str], Callable[..., object]]] = []


def moments(
    X: FloatArray,
    R: FloatArray,
    owned: Callable[[FloatArray], FloatArray],
    divisor: Callable[[float], float],
    about: Callable[[FloatArray, FloatArray], FloatArray] = lambda X, mean: mean,
    shown: Callable[[FloatArray], FloatArray] = lambda C: C,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The M-step, with another weight of each point, divisor, centre, or last line."""
    means, covariances = [], []
    for r in R.T:
        mean = np.average(X, axis=0, weights=r)
        Z = X - about(X, mean)
        covariances.append(shown(np.einsum("i,ij,il->jl", owned(r), Z, Z) / divisor(r.sum())))
        means.append(mean)
    return R.mean(axis=0), np.array(means), np.array(covariances)


def diagonal(C: FloatArray) -> FloatArray:
    return C * np.eye(len(C))


def of_m_step() -> Iterator[tuple[str, str, Callable[..., object]]]:
    one, same = (lambda N: 1.0), (lambda r: r)
    yield (
        "covariances-weighted-twice",
        "scatter-not-divided",
        lambda X, responsibilities: moments(X, responsibilities, np.square, one),
    )
    yield (
        "covariances-divided-by-count-minus-one",
        "diagonal-only",
        lambda X, responsibilities: moments(X, responsibilities, same, lambda N: N - 1, shown=diagonal),
    )
    yield (
        "covariances-unweighted-per-count",
        "scatter-not-divided",
        lambda X, responsibilities: moments(X, responsibilities, np.ones_like, one),
    )
    yield (
        "covariances-about-the-overall-mean",
        "covariances-divided-by-n",
        lambda X, responsibilities: moments(
            X, responsibilities, same, lambda N: len(X), about=lambda X, mean: X.mean(axis=0)
        ),
    )
    yield (
        "covariances-not-centred",
        "scatter-not-divided",
        lambda X, responsibilities: moments(
            X, responsibilities, same, one, about=lambda X, mean: np.zeros_like(mean)
        ),
    )
    yield (
        "covariances-weighted-twice",
        "diagonal-only",
        lambda X, responsibilities: moments(X, responsibilities, np.square, lambda N: N, shown=diagonal),
    )


def entropy(R: FloatArray) -> float:
    return -float(sum(r * np.log(r) for r in R.ravel() if r > 0))


def icl(size: Callable[[FloatArray], float]) -> Callable[..., object]:
    return lambda log_likelihood, n_parameters, responsibilities: (
        -2 * log_likelihood + n_parameters * np.log(len(responsibilities)) + size(responsibilities)
    )


def bhattacharyya(
    far: Callable[[float], float], form: Callable[[float, float], float]
) -> Callable[..., object]:
    def distance(mean: FloatArray, covariance: FloatArray, other: FloatArray, T: FloatArray) -> float:
        middle, z = (covariance + T) / 2, mean - other
        logs = [float(np.log(np.linalg.eigvalsh(C)).sum()) for C in (middle, covariance, T)]
        return far(float(z @ np.linalg.inv(middle) @ z)) + form(logs[0], logs[1] + logs[2])

    return distance


def merged(between: Callable[[FloatArray, FloatArray], FloatArray]) -> Callable[..., object]:
    def merge(N: Array, m: Array, A: Array, M: Array, o: Array, B: Array) -> tuple[Array, Array, Array]:
        z = o - m
        outer = np.einsum("ki,kj->kij", z, z)
        return N + M, m + (M / (N + M))[:, None] * z, A + B + between(N, M)[:, None, None] * outer

    return merge


TRIES += [("em.m_step", {one, other}, function) for one, other, function in of_m_step()]
TRIES += [
    (
        "selection.icl",
        {"entropy-with-wrong-sign", "mean-over-all-entries"},
        icl(lambda R: -2 * entropy(R) / R.size),
    ),
    ("selection.icl", {"entropy-with-wrong-sign", "mean-entropy"}, icl(lambda R: -2 * entropy(R) / len(R))),
    ("selection.icl", {"entropy-not-doubled", "entropy-with-wrong-sign"}, icl(lambda R: -entropy(R))),
    (
        "labels.bhattacharyya",
        {"shape-term-not-halved", "root-forgotten"},
        bhattacharyya(lambda q: q / 8, lambda M, both: M - both),
    ),
    (
        "labels.bhattacharyya",
        {"quarter-for-an-eighth", "distance-not-squared"},
        bhattacharyya(lambda q: q**0.5 / 4, lambda M, both: (M - both / 2) / 2),
    ),
    (
        "scale.merge_statistics",
        {"between-term-not-divided", "between-term-subtracted"},
        merged(lambda N, M: -N * M),
    ),
    (
        "scale.merge_statistics",
        {"between-term-unweighted", "between-term-subtracted"},
        merged(lambda N, M: -np.ones_like(N)),
    ),
]


@pytest.mark.parametrize(
    ("question_id", "names", "function"), TRIES, ids=[f"{q}-{'-and-'.join(sorted(n))}" for q, n, _ in TRIES]
)
def test_both_slips_are_told(question_id: str, names: set[str], function: Callable[..., object]) -> None:
    question = find(question_id)
    sentences = {m.name: m.sentence for m in question.misconceptions}
    for seed in (0, 3):
        result = graded(question, function, seed)
        assert result.score < MAX
        assert named(result) <= names
        told = " ".join(verdict.message for verdict in result.checks)
        assert all(sentences[name] in told for name in names), told


def test_a_slip_alone_is_not_told_as_two() -> None:
    question = find("em.m_step")
    for mistake in question.misconceptions:
        result = graded(question, mistake.implementation, 2)
        assert not any("And besides" in verdict.message for verdict in result.checks), mistake.name
