"""Mistakes in the steps of EM and in densities are told in words that are true of them, on any inputs."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.judge.checks import values
from autograder.judge.seen import Seen
from autograder.questions import FloatArray, find
from autograder.questions.parts import COVARIANCES, WEIGHTS
from autograder.values import Case
from gmmlib.gaussian import log_gaussian
from tests.support.functions import MAX, graded, named

Function = Callable[..., object]
E_STEP, M_STEP = find("em.e_step").reference, find("em.m_step").reference
SEEDS = (0, 1, 2)


def said(question_id: str, function: Function, seed: int) -> str:
    return " ".join(check.message for check in graded(find(question_id), function, seed).checks)


# --------------------------------------------------------------------------- em.m_step


def hard(R: FloatArray) -> FloatArray:
    return np.eye(R.shape[1])[R.argmax(axis=1)]


def m_step(
    owned: Callable[[FloatArray], FloatArray] = lambda R: R,
    for_means: Callable[[FloatArray], FloatArray] = lambda R: R,
    finished: Callable[..., FloatArray] = lambda C, X, R: C,
) -> Function:
    """The M-step with other responsibilities, for all or the means alone, or other covariances at the end."""

    def step(X, responsibilities):
        R, H = owned(responsibilities), for_means(responsibilities)
        means = H.T @ X / np.maximum(H.sum(axis=0), 1e-9)[:, None]
        scatters = np.stack([((X - m).T * r) @ (X - m) for m, r in zip(means, R.T, strict=True)])
        covariances = scatters / np.maximum(R.sum(axis=0), 1e-9)[:, None, None]
        return R.mean(axis=0), means, finished(covariances, X, R)

    return step


def nothing_divided(X, responsibilities):
    """Counts along the wrong axis: all are 1."""
    R = responsibilities
    sums = R.T @ X
    return (
        np.full(R.shape[1], 1 / len(X)),
        sums,
        np.stack([(X - m).T @ ((X - m) * r[:, None]) for m, r in zip(sums, R.T, strict=True)]),
    )


def divided(divisor: Callable[[FloatArray, int, int, int], object]) -> Function:
    def finished(C, X, R):
        N = R.sum(axis=0)
        return C * (N / np.broadcast_to(divisor(N, *X.shape, R.shape[1]), N.shape))[:, None, None]

    return m_step(finished=finished)


def weighed_alike(X, responsibilities):
    right = m_step()(X, responsibilities)
    assert isinstance(right, tuple)
    return np.full(responsibilities.shape[1], 1 / len(X)), *right[1:]


OF_M_STEP: dict[str, tuple[Function, set[str]]] = {
    "hard means": (m_step(for_means=hard), {"means-of-hard-clusters-guarded"}),
    "hard throughout": (m_step(owned=hard, for_means=hard), {"hard-assignment-guarded"}),
    "weights of 1/n": (weighed_alike, {"normalised-over-points"}),
    "counts of 1": (nothing_divided, {"means-not-divided"}),
    "all data": (
        m_step(finished=lambda C, X, R: np.stack([np.atleast_2d(np.cov(X.T, bias=True))] * len(C))),
        {"covariance-of-all-points"},
    ),
    "trace": (
        m_step(finished=lambda C, X, R: np.stack([np.trace(c) * np.eye(len(c)) for c in C])),
        {"trace-times-identity"},
    ),
    "N + 1": (divided(lambda N, n, d, K: N + 1), {"covariances-divided-by-count-plus-one"}),
    "N - d": (divided(lambda N, n, d, K: N - d), {"covariances-divided-by-count-minus-d"}),
    "N d": (divided(lambda N, n, d, K: N * d), {"covariances-divided-by-count-times-d"}),
    "n - 1": (divided(lambda N, n, d, K: n - 1), {"covariances-divided-by-n-minus-one"}),
    "n / K": (divided(lambda N, n, d, K: n / K), {"covariances-divided-by-n-over-components"}),
}


@pytest.mark.parametrize("what", OF_M_STEP)
def test_an_m_step_is_named_for_what_it_does(what: str) -> None:
    function, names = OF_M_STEP[what]
    for seed in SEEDS:
        assert named(graded(find("em.m_step"), function, seed)) == names


# --------------------------------------------------------------------------- what is round by accident

ACCIDENTS = [
    (WEIGHTS, [0.5, 0.5], [0.4997, 0.5003]),
    (WEIGHTS, [0.35, 0.65], [0.3478, 0.6522]),
    (WEIGHTS, [1e-18, 1.0, 1e-13], [0.21, 0.5, 0.29]),
    (COVARIANCES, [[[36.0]], [[36.0]]], [[[35.7]], [[36.2]]]),
    (COVARIANCES, [[[1e-20, 0.0], [0.0, 1e-19]]], [[[2e-9, 1e-9], [1e-9, 3e-9]]]),
]


@pytest.mark.parametrize(("part", "returned", "right"), ACCIDENTS)
def test_nobody_is_told_to_have_rounded_whose_numbers_are_round_by_themselves(part, returned, right) -> None:
    X = np.array([[0.0], [1.0], [2.0]]) if part is WEIGHTS else np.array([[0.0, 1.0], [1.0, 3.0]])
    seen = Seen(Case("one", (X,)), {part: np.array(returned)}, {part: np.array(right)})
    said = values("", part, ("one",), weight=1, see="").judge(seen).message
    assert "rounded" not in said
    assert "whole" not in said


def test_rounding_itself_is_still_told() -> None:
    def rounded(*call):
        return tuple(np.round(value, 3) for value in M_STEP(*call))

    assert "rounded: return all digits" in said("em.m_step", rounded, 0)


# --------------------------------------------------------------------------- em.fit


def fit(
    stops: Callable[..., bool] = lambda history, tol, old, new: (
        len(history) > 1 and history[-1] - history[-2] < tol
    ),
    looks_at: Function = lambda start, latest: latest,
    after: Function = lambda latest, n: latest,
    noted_first: bool = True,
    always: bool = False,
) -> Function:
    def em(X, weights, means, covariances, tol=1e-6, max_iter=200):
        start = latest = old = weights, means, covariances
        history: list[float] = []
        for number in range(max_iter):
            R, total = E_STEP(X, *looks_at(start, latest))
            if stops([*history, total], tol, old, latest):
                history += [total] if noted_first else []
                break
            history.append(total)
            if always or number < max_iter - 1:
                old, latest = latest, after(M_STEP(X, R), len(X))
        return (*latest, np.array(history))

    return em


def weights_stand(history, tol, old, new) -> bool:
    return len(history) > 1 and float(np.abs(new[0] - old[0]).sum()) < tol


def equally(latest, n):
    return np.full(len(latest[0]), 1 / len(latest[0])), *latest[1:]


OF_FIT: dict[str, tuple[Function, set[str]]] = {
    "E-step with old covariances": (
        fit(looks_at=lambda start, latest: (*latest[:2], start[2])),
        {"e-step-with-the-covariances-of-the-start"},
    ),
    "E-step with old weights": (
        fit(looks_at=lambda start, latest: (start[0], *latest[1:])),
        {"e-step-with-the-weights-of-the-start"},
    ),
    "break before the note, M-step to the end": (
        fit(noted_first=False, always=True),
        {"m-step-in-the-last-round"},
    ),
    "squared gain": (
        fit(lambda history, tol, old, new: len(history) > 1 and (history[-1] - history[-2]) ** 2 < tol),
        {"squared-gain"},
    ),
    "equal weights": (fit(after=equally), {"equal-weights"}),
    "diagonal": (
        fit(after=lambda latest, n: (*latest[:2], latest[2] * np.eye(latest[2].shape[1]))),
        {"diagonal-only"},
    ),
}


@pytest.mark.parametrize("what", OF_FIT)
def test_a_loop_is_named_for_what_it_does(what: str) -> None:
    function, names = OF_FIT[what]
    for seed in (0, 1):
        result = graded(find("em.fit"), function, seed)
        assert named(result) == names
        assert result.score < MAX


def test_a_loop_that_watches_the_weights_is_not_told_that_it_divides_the_gain() -> None:
    for seed in (0, 1):
        text = said("em.fit", fit(weights_stand), seed)
        assert "gain is divided" not in text


# --------------------------------------------------------------------------- densities


def density(change: Callable[..., FloatArray]) -> Function:
    """The three terms, summed by something else than -½ of all."""

    def log_density(X, mean, covariance):
        Z = X - mean
        squared = (Z * np.linalg.solve(covariance, Z.T).T).sum(axis=1)
        return change(len(mean) * np.log(2 * np.pi), np.linalg.slogdet(covariance)[1], squared)

    return log_density


def test_beside_a_missing_term_nobody_is_told_that_all_are_there() -> None:
    for seed in SEEDS:
        text = said("soft.log_gaussian", density(lambda constant, size, squared: -(size + squared)), seed)
        assert "(d/2) log 2π is missing" in text
        assert "½ before the bracket is missing" in text
        assert "are there" not in text


def floored(size: float) -> Function:
    return lambda X, m, C: np.log(np.maximum(np.exp(log_gaussian(X, m, C)), size))


def test_a_floor_is_not_told_to_be_a_summand_alone() -> None:
    for seed in SEEDS:
        assert "or is its floor" in said("soft.log_gaussian", floored(1e-300), seed)


def test_sign_and_half_missing_do_not_contradict_each_other() -> None:
    text = said("soft.log_gaussian", density(lambda constant, size, squared: constant + size + squared), 0)
    assert "½ before the bracket is missing" in text
    assert "minus before the bracket is missing" in text


@pytest.mark.parametrize("guard", [np.add, np.maximum])
def test_a_floor_under_each_density_is_told_like_a_summand(guard: Callable[..., FloatArray]) -> None:
    def shares(log_densities, weights):
        joint = guard(np.exp(log_densities) * weights, 1e-12)
        return joint / joint.sum(axis=1, keepdims=True)

    for seed in SEEDS:
        assert "or is its floor" in said("soft.responsibilities", shares, seed)


# --------------------------------------------------------------------------- no lottery


def by_weight(fit_):
    order = np.argsort(-fit_[0])
    return tuple(values[order] for values in fit_)


def with_sorted_weights(density_: Function, at: int) -> Function:
    return lambda *call: density_(*call[:at], np.sort(call[at]), *call[at + 1 :])


SORTED = {
    "em.m_step": lambda *call: by_weight(M_STEP(*call)),
    "soft.responsibilities": with_sorted_weights(find("soft.responsibilities").reference, 1),
    "capstone.log_density": with_sorted_weights(find("capstone.log_density").reference, 1),
}


@pytest.mark.parametrize("question_id", SORTED)
def test_what_is_sorted_costs_the_same_on_any_inputs(question_id: str) -> None:
    points = [graded(find(question_id), SORTED[question_id], seed).score for seed in SEEDS]
    assert max(points) < MAX
    assert max(points) - min(points) <= 0.05 * MAX
