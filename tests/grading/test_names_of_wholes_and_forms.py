"""Two wrong terms, ties and faults of form are told each by itself, in words that are true of them."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import xlogy

from autograder.questions import find
from tests.support.functions import MAX, graded, named

Function = Callable[..., object]
SEEDS = (0, 1, 2)


def said(question_id: str, function: Function, seed: int) -> str:
    return " ".join(check.message for check in graded(find(question_id), function, seed).checks)


def points(question_id: str, function: Function, seed: int) -> float:
    return graded(find(question_id), function, seed).score


# --------------------------------------------------------------------------- beside the right name


def nearest(X, centroids):
    return np.square(X[:, None] - centroids).sum(axis=2).argmin(axis=1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("count", [lambda c: c + 1, lambda c: c - 1, lambda c: 2 * c], ids=["1", "-1", "2"])
def test_labels_with_another_first_number_are_not_said_to_be_in_another_order(count, seed: int) -> None:
    text = said("kmeans.assign", lambda X, centroids: count(nearest(X, centroids)), seed)
    assert "whole numbers from 0 to K - 1" in text
    assert "do not follow the order" not in text


@pytest.mark.parametrize("seed", SEEDS)
def test_types_that_count_alike_are_not_said_to_have_fewer(seed: int) -> None:
    question = find("selection.n_parameters")
    text = said(question.id, lambda K, d, kind: question.reference(K, d, "full"), seed)
    assert "fewer" not in text
    assert "does not have more parameters" in text


@pytest.mark.parametrize("seed", SEEDS)
def test_a_criterion_that_is_returned_is_no_other_choice(seed: int) -> None:
    text = said("selection.choose", lambda ll, p, n: (-2 * ll + p * np.log(n)).min(), seed)
    assert "criterion itself is returned" in text
    assert "the choice changes" not in text
    assert "BIC itself" not in said("selection.choose", lambda ll, p, n: (-2 * ll + 2 * p).min(), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_interval_with_its_ends_swapped_is_not_said_to_narrow(seed: int) -> None:
    swapped = lambda r, level: np.quantile(r, [(1 + level) / 2, (1 - level) / 2])  # noqa: E731
    text = said("capstone.percentile_interval", swapped, seed)
    assert "widen" not in text
    assert "does not move the first end down" in text


# --------------------------------------------------------------------------- two terms, two words


def aic(fit: float, penalty: float) -> Function:
    return lambda log_likelihood, p: fit * log_likelihood + penalty * p


def bic(fit: float, penalty: float) -> Function:
    return lambda log_likelihood, p, n: fit * log_likelihood + penalty * p * np.log(n)


#: By the factors of the log-likelihood and the penalty (-2 and 1 are right): what is said and what is not.
TERMS = [
    (-1, -1, "enters once", "added once"),
    (-0.5, 0.5, "½", "enters once"),
    (-0.5, -0.5, "", "This is"),
    (0, -0.5, "", "This is"),
    (0, -1, "Only the penalty", "sign is turned"),
    (0.5, -0.5, "", "This is"),
    (0.5, 0.5, "", "added once"),
    (1, 0, "added once", "This is"),
    (1, -1, "enters once", "added once"),
    (2, 0, "is missing", "sign is turned"),
]


@pytest.mark.parametrize("seed", SEEDS[:2])
@pytest.mark.parametrize(("fit", "penalty", "words", "never"), TERMS)
@pytest.mark.parametrize("criterion", ["aic", "bic"])
def test_of_two_wrong_terms_no_word_is_false(
    criterion: str, fit: float, penalty: float, words: str, never: str, seed: int
) -> None:
    function = aic(fit, 2 * penalty) if criterion == "aic" else bic(fit, penalty)
    text = said(f"selection.{criterion}", function, seed)
    assert words in text
    assert never not in text


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_criterion_without_a_price_is_not_called_bic(seed: int) -> None:
    text = said("selection.icl", lambda ll, p, R: -2 * ll + 2 * p * np.log(len(R)), seed)
    assert "price for overlap is missing" in text
    assert "this is BIC" not in text
    assert "This is AIC" not in said("selection.bic", lambda ll, p, n: -ll + 2 * p, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sixteenth_without_a_shape_term_is_no_sum_of_covariances(seed: int) -> None:
    def sixteenth(mean, S, other, T):
        z = mean - other
        return z @ np.linalg.solve((S + T) / 2, z) / 16

    text = said("labels.bhattacharyya", sixteenth, seed)
    assert "1/16" in text
    assert "covariances are added" not in text


# --------------------------------------------------------------------------- sorts


def healthy(log_likelihoods, shares, floor):
    return np.where((shares >= floor) & np.isfinite(log_likelihoods), log_likelihoods, -np.inf)


def restart(pick: Callable[..., object], short: bool) -> Function:
    def best(log_likelihoods, shares, floor):
        ranked = healthy(log_likelihoods, shares, floor)
        places = np.flatnonzero(np.isfinite(ranked)) if short else np.arange(len(ranked))
        return places[pick(ranked[places])] if np.isfinite(ranked).any() else -1

    return best


SORTED: list[tuple[str, Function]] = [
    ("kmeans.assign", lambda X, c: np.argsort(np.square(X[:, None] - c).sum(axis=2), axis=1)[:, 0]),
    ("kmeans.assign", lambda X, c: [np.argsort(np.linalg.norm(c - x, axis=1))[0] for x in X]),
    *(("starts.best_of_restarts", restart(lambda v: np.argsort(-v)[0], short)) for short in (False, True)),
    *(("starts.best_of_restarts", restart(lambda v: np.argsort(v)[-1], short)) for short in (False, True)),
    ("selection.choose", lambda ll, p, n: np.argsort(-2 * ll + p * np.log(n))[0]),
    ("selection.choose", lambda ll, p, n: np.argsort(2 * ll - p * np.log(n))[-1]),
]


@pytest.mark.parametrize("at", range(len(SORTED)), ids=[question_id for question_id, _ in SORTED])
def test_a_sort_that_keeps_no_order_among_equals_costs_one_check_on_any_inputs(at: int) -> None:
    results = [graded(find(SORTED[at][0]), SORTED[at][1], seed) for seed in range(8)]
    assert len({result.score for result in results}) == 1
    assert all(sum(not check.passed for check in result.checks) == 1 for result in results)
    telling = {"larger-share-of-equals", "last-of-equals", "smallest-of-equals", "tie-to-the-last"}
    assert not any(named(result) & telling for result in results)


@pytest.mark.parametrize("seed", range(8))
def test_a_stable_sort_is_right(seed: int) -> None:
    stable = lambda v: np.argsort(-v, kind="stable")[0]  # noqa: E731
    assert points("starts.best_of_restarts", restart(stable, False), seed) == MAX
    assert points("selection.choose", lambda ll, p, n: stable(2 * ll - p * np.log(n)), seed) == MAX
    by_sort = lambda X, c: [stable(-np.square(c - x).sum(axis=1)) for x in X]  # noqa: E731
    assert points("kmeans.assign", by_sort, seed) == MAX


# --------------------------------------------------------------------------- both mistakes are told


@pytest.mark.parametrize("seed", SEEDS)
def test_another_order_of_the_values_is_told_beside_a_mistake(seed: int) -> None:
    def heaviest(weights, means, covariances):
        order = np.argsort(-means[:, 0])
        return means[order], weights[order], covariances[order]

    text = said("capstone.standard_order", heaviest, seed)
    assert "came in another order than" in text
    assert "descending" in text


@pytest.mark.parametrize("seed", SEEDS)
def test_mistakes_about_two_types_are_both_told(seed: int) -> None:
    def counted(K, d, kind):
        triangle = d * (d + 1) // 2
        types = {"full": K * triangle, "tied": K * triangle, "diag": K * d, "spherical": 1}
        return K - 1 + K * d + types[kind]

    text = said("selection.n_parameters", counted, seed)
    assert "tied covariance is counted K times" in text
    assert "One variance is counted for all" in text


# --------------------------------------------------------------------------- recognised


def of_labels_that_occur(empty: Callable[..., object], rest: Callable[..., object]) -> Function:
    def update(X, labels, centroids):
        moved = []
        for k in range(len(np.unique(labels))):
            mine = X[labels == k]
            moved.append(mine.mean(axis=0) if len(mine) else empty(centroids[k]))
        return np.array([*moved, *rest(centroids[len(moved) :])])

    return update


KEPT, NAN = (lambda old: old), (lambda old: np.full(len(old), np.nan))
OCCURRING = [(KEPT, list), (NAN, list), (KEPT, lambda left: []), (lambda old: 0 * old, lambda left: 0 * left)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("at", range(len(OCCURRING)))
def test_clusters_counted_by_the_labels_that_occur_are_recognised(at: int, seed: int) -> None:
    assert "as labels occur" in said("kmeans.update", of_labels_that_occur(*OCCURRING[at]), seed)


EPSILONS = [
    ("raised", 1e-2, lambda R, e: R.clip(e, 1)),
    ("raised", 1e-4, lambda R, e: R.clip(e, 1)),
    ("added", 1e-6, lambda R, e: R + e),
    ("added", 1e-3, lambda R, e: R + e),
    ("kept away", 1e-3, lambda R, e: R.clip(e, 1 - e)),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("words", "size", "changed"), EPSILONS)
def test_shares_that_are_changed_before_the_entropy_are_told(words: str, size: float, changed, seed) -> None:
    def icl(log_likelihood, p, R):
        S = changed(R, size)
        return -2 * log_likelihood + p * np.log(len(R)) - 2 * xlogy(S, S).sum()

    assert words in said("selection.icl", icl, seed)


@pytest.mark.parametrize("size", [1e-10, 1e-8, 1e-6, 1e-5, 1e-3])
@pytest.mark.parametrize("changed", [lambda R, e: R + e, lambda R, e: R.clip(e, 1)], ids=["added", "raised"])
def test_a_small_number_in_the_entropy_costs_the_same_on_any_inputs(changed, size: float) -> None:
    def icl(log_likelihood, p, R):
        S = changed(R, size)
        return -2 * log_likelihood + p * np.log(len(R)) - 2 * xlogy(S, S).sum()

    assert len({points("selection.icl", icl, seed) for seed in range(6)}) == 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("z", [1.645, 3.0])
def test_a_fixed_number_of_deviations_is_told(z: float, seed: int) -> None:
    around = lambda r, level: (r.mean() - z * r.std(), r.mean() + z * r.std())  # noqa: E731
    assert "so many deviations" in said("capstone.percentile_interval", around, seed)


@pytest.mark.parametrize("seed", range(6))
def test_a_penalty_beside_the_wrong_sign_is_not_taken_for_the_likelihood_alone(seed: int) -> None:
    text = said("selection.choose", lambda ll, p, n: np.argmin(2 * ll + 2 * p), seed)
    assert "lowest 2 ℓ + 2 p" in text


@pytest.mark.parametrize("seed", SEEDS)
def test_a_width_in_place_of_the_upper_end_is_told(seed: int) -> None:
    def interval(replicates, level):
        lower, upper = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
        return lower, upper - lower

    assert "width of the interval" in said("capstone.percentile_interval", interval, seed)
