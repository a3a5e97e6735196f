"""What answers to selection, capstone and labels are told: what they do, on any inputs, and nothing else."""

# mypy: allow-untyped-defs
from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from autograder.questions import find
from autograder.values import QuestionResult
from tests.support.functions import MAX, graded

SEEDS = (0, 1, 2)
Function = Callable[..., object]


def results(question: str, function: Function) -> list[QuestionResult]:
    return [graded(find(question), function, seed) for seed in SEEDS]


def sentences(result: QuestionResult) -> str:
    return " ".join((result.message, *(verdict.message for verdict in result.checks)))


def named_always(question: str, function: Function) -> set[str]:
    """The names that the answer has on every seed; none if one is without."""
    several = [
        {verdict.misconception for verdict in result.checks if verdict.misconception}
        for result in results(question, function)
    ]
    return set.intersection(*several)


def counted(**kinds):
    """A count of parameters in which some types have another count in the covariances."""

    def n_parameters(K, d, kind):
        right = {"full": K * d * (d + 1) // 2, "tied": d * (d + 1) // 2, "diag": K * d, "spherical": K}
        other = {name: count(K, d) for name, count in kinds.items()}
        return K - 1 + K * d + (right | other)[kind]

    return n_parameters


TYPES = ("full", "tied", "diag", "spherical")


def the_same_for_all(count):
    return counted(**dict.fromkeys(TYPES, count))


def bic(log_likelihoods, p, n):
    return -2 * log_likelihoods + p * np.log(n)


def first_within(size):
    return lambda L, p, n: int(np.flatnonzero(bic(L, p, n) <= bic(L, p, n).min() + size)[0])


def lowest(criterion):
    return lambda L, p, n: int(np.argmin(criterion(L, p, n)))


def among_equals(key):
    """Choose the lowest BIC, and of equals that with the lowest key of its parameters."""
    return lambda L, p, n: min(range(len(L)), key=lambda m: (bic(L, p, n)[m], key(p[m])))


def best_so_far_from_zero(L, p, n):
    best, at = 0.0, 0
    for m, value in enumerate(bic(L, p, n)):
        if value < best:
            best, at = value, m
    return at


def ordered(key, of=("weights", "means", "covariances")):
    """Sort some of the three values, by the same order."""

    def standard_order(weights, means, covariances):
        order = np.argsort(key(weights, means))
        values = {"weights": weights, "means": means, "covariances": covariances}
        return tuple(value[order] if name in of else value for name, value in values.items())

    return standard_order


def first(weights, means):
    return means[:, 0]


def interval(ends):
    return lambda replicates, level: ends(np.asarray(replicates), (1 - level) / 2, (1 + level) / 2)


def logdet(C):
    return np.linalg.slogdet(C)[1]


def distance(mean, S, other, T, *, squared=None, shape=None):
    M, z = (S + T) / 2, mean - other
    location = z @ np.linalg.solve(M, z) if squared is None else squared(z, M)
    ratio = logdet(M) - 0.5 * logdet(S) - 0.5 * logdet(T)
    return location / 8 + (0.5 * ratio if shape is None else shape(M, S, T))


NAMED = (
    ("selection.n_parameters", the_same_for_all(lambda K, d: K * d), "always-diagonal"),
    ("selection.n_parameters", the_same_for_all(lambda K, d: d * (d + 1) // 2), "always-tied"),
    ("selection.n_parameters", the_same_for_all(lambda K, d: K), "always-spherical"),
    ("selection.n_parameters", counted(diag=lambda K, d: 0), "diagonal-not-counted"),
    ("selection.aic", lambda ell, p: -(ell**2) + 2 * p, "likelihood-squared-and-subtracted"),
    ("selection.aic", lambda ell, p: np.exp(ell - p), "weight-returned"),
    ("selection.aic", lambda ell, p: np.exp(2 * (ell - p)), "negative-exponentiated"),
    ("selection.aic", lambda ell, p: max(0, 2 * (p - ell)), "nothing-below-zero"),
    ("selection.bic", lambda ell, p, n: np.exp(ell - p * np.log(n) / 2), "weight-returned"),
    ("selection.bic", lambda ell, p, n: ell * np.log(n) - 2 * p, "likelihood-and-parameters-swapped"),
    ("selection.bic", lambda ell, p, n: -2 * ell + p * int(np.log(n)), "logarithm-cut"),
    ("selection.choose", first_within(0.1), "first-within-a-tenth"),
    ("selection.choose", first_within(2), "first-within-two"),
    ("selection.choose", first_within(10), "first-within-ten"),
    ("selection.choose", among_equals(lambda p: p), "smallest-of-equals"),
    ("selection.choose", among_equals(lambda p: -p), "largest-of-equals"),
    ("selection.choose", best_so_far_from_zero, "lowest-so-far-begins-at-zero"),
    ("selection.choose", lowest(lambda L, p, n: L + p * np.log(n)), "likelihood-added-once"),
    ("selection.choose", lowest(lambda L, p, n: -2 * L + n * np.log(p)), "n-and-p-swapped"),
    (
        "selection.choose",
        lowest(lambda L, p, n: 2 * (p - L) + 2 * p * (p + 1) / (n - p - 1)),
        "corrected-aic",
    ),
    (
        "capstone.standard_order",
        ordered(lambda w, m: m[:, min(1, m.shape[1] - 1)]),
        "sorted-by-second-coordinate",
    ),
    ("capstone.standard_order", ordered(first, ("weights",)), "weights-only"),
    ("capstone.standard_order", ordered(first, ("covariances",)), "covariances-only"),
    ("capstone.standard_order", lambda w, m, C: (np.sort(w), m, C), "weights-sorted-alone"),
    ("capstone.standard_order", ordered(first, ("means", "covariances")), "weights-left-behind"),
    (
        "capstone.percentile_interval",
        interval(lambda r, a, b: (np.quantile(r, a), r.max())),
        "largest-as-upper-end",
    ),
    (
        "capstone.percentile_interval",
        interval(lambda r, a, b: (np.median(r) - np.quantile(r, a), np.quantile(r, b) - np.median(r))),
        "distances-from-the-median",
    ),
    ("labels.bhattacharyya", lambda *pair: 1 - np.exp(-distance(*pair)), "squared-hellinger"),
    (
        "labels.bhattacharyya",
        lambda *pair: distance(*pair, shape=lambda M, S, T: (logdet(M) - logdet(S) / 2 + logdet(T) / 2) / 2),
        "second-logarithm-added",
    ),
    (
        "labels.bhattacharyya",
        lambda *pair: distance(*pair, squared=lambda z, M: np.square(np.linalg.solve(M, z)).sum()),
        "inverse-squared",
    ),
)


@pytest.mark.parametrize(
    ("question", "function", "name"), NAMED, ids=lambda value: value if type(value) is str else ""
)
def test_an_answer_is_named_on_every_input(question: str, function: Function, name: str) -> None:
    assert name in named_always(question, function)
    assert all(result.score < MAX for result in results(question, function))


#: The answers of which a number is round by chance: nothing in them rounds the result.
ROUND_BY_CHANCE = (
    ("selection.aic", lambda ell, p: 2 * p),
    ("selection.aic", lambda ell, p: -2 * math.floor(ell) + 2 * p),
    ("selection.aic", lambda ell, p: -2 * math.ceil(ell) + 2 * p),
    ("selection.aic", lambda ell, p: -2 * round(ell) + 2 * p),
    ("selection.bic", lambda ell, p, n: -2 * math.floor(ell) + p * np.log(n)),
    ("labels.bhattacharyya", lambda *pair: distance(*pair, shape=lambda M, S, T: 0.0)),
    ("labels.bhattacharyya", lambda *pair: min(1, distance(*pair))),
)


@pytest.mark.parametrize(
    ("question", "function"), ROUND_BY_CHANCE, ids=lambda value: value if type(value) is str else ""
)
def test_nobody_is_told_of_lost_digits_because_one_number_is_round(question: str, function: Function) -> None:
    for result in results(question, function):
        assert "rounded: " not in sentences(result)
        assert "cut to whole numbers" not in sentences(result)


@pytest.mark.parametrize("question", ["selection.aic", "selection.bic"])
@pytest.mark.parametrize("digits", [0, 1, 2])
def test_a_rounded_criterion_is_told_so_and_costs_the_same_on_any_inputs(question: str, digits: int) -> None:
    def rounded(*call):
        return round(np.asarray(find(question).reference(*call)).item(), digits)

    several = results(question, rounded)
    assert all("rounded: return all digits" in sentences(result) for result in several)
    assert len({result.score for result in several}) == 1


def test_what_underflows_costs_the_same_on_any_inputs() -> None:
    several = results("selection.aic", lambda ell, p: -2 * np.log(np.exp(ell)) + 2 * p)
    assert len({result.score for result in several}) == 1


@pytest.mark.parametrize("epsilon", [1e-6, 1e-5, 1e-3])
def test_a_small_number_in_the_logarithm_costs_the_same_on_any_inputs(epsilon: float) -> None:
    def icl(log_likelihood, p, R):
        return bic(log_likelihood, p, len(R)) - 2 * (R * np.log(R + epsilon)).sum()

    assert len({result.score for result in results("selection.icl", icl)}) == 1


@pytest.mark.parametrize(
    "penalty",
    [lambda p, n: n * np.log(p), lambda p, n: p**2 * np.log(n), lambda p, n: p * np.log(n) ** 3],
)
def test_a_choice_of_the_fewest_is_not_taken_for_two_penalties_at_once(penalty: Function) -> None:
    """Criteria that stand for each other are not added up: what comes out is a choice of something else."""
    for result in results("selection.choose", lowest(lambda L, p, n: -2 * L + penalty(p, n))):
        assert "And besides: Your choice pays" not in sentences(result)


@pytest.mark.parametrize("of", [("weights",), ("means",), ("covariances",)])
def test_nobody_is_told_that_something_is_sorted_which_stays_as_it_was(of: tuple[str, ...]) -> None:
    for result in results("capstone.standard_order", ordered(first, of)):
        told = sentences(result)
        for part in {"weights", "means", "covariances"} - set(of):
            assert f"{part} are sorted" not in told.lower()


def test_a_small_axis_left_out_costs_points_on_any_inputs() -> None:
    def without_small_axes(*pair):
        return distance(*pair, squared=lambda z, M: z @ np.linalg.pinv(M, rcond=0.1) @ z)

    assert all(result.score < 0.6 * MAX for result in results("labels.bhattacharyya", without_small_axes))


def sorted_by_loops(L, p, n):
    at = 0
    for m in range(1, len(L)):
        if p[m] * math.log(n) - 2 * L[m] < p[at] * math.log(n) - 2 * L[at]:
            at = m
    return at


@pytest.mark.parametrize(
    "function",
    [
        sorted_by_loops,
        lambda L, p, n: np.argmax(L - p * np.log1p(n - 1) / 2),
        lambda L, p, n: np.argmin(p * np.log2(n) * np.log(2) - 2 * L),
        lambda L, p, n: np.argmin(p * np.log10(n) / np.log10(np.e) - 2 * L),
    ],
)
def test_equal_models_are_equal_however_the_logarithm_is_computed(function: Function) -> None:
    assert [result.score for result in results("selection.choose", function)] == [MAX] * len(SEEDS)
