"""By which rule were the centroids drawn? Likelihoods of whole sequences of draws, under several rules.

A right answer's draws are 10⁸ times likelier under a wrong rule than under the right one with a probability
of 10⁻⁸ at most (Markov's inequality, for the likelihood ratio has expectation 1), without any approximation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from autograder.questions import Array, FloatArray

DECIDED = float(np.log(1e8))  # the log likelihood ratio at which a wrong rule is taken for a fact
BY_ANYTHING = 1e-6  # how often, under a wrong rule, the draw is from all points alike: so no likelihood is 0

#: Each wrong rule in words, which end "the centroids look as if ...".
RULES = {
    "alike": "all points had the same chance",
    "replacement": "all points had the same chance, centroids too",
    "distance": "the chances grew with the distance, not with its square",
    "farthest": "the farthest point was always taken",
    "last": "only the latest centroid counted",
    "last distance": "only the latest centroid counted",
    "first": "only the first centroid counted",
    "first distance": "only the first centroid counted",
    "sum": "the distances to all centroids were added",
    "largest": "the farthest of the centroids counted, not the nearest",
    "sum of distances": "the distances to all centroids were added",
    "largest distance": "the farthest of the centroids counted, not the nearest",
    "centre": "the distance to the mean of the centroids counted",
    "behind": "the latest centroid did not count",
    "next": "each point had the chance of the next one in the list",
    "before": "each point had the chance of the one before it in the list",
    "fourth power": "the chances grew faster than with the square of the distance",
    "third power": "the chances grew faster than with the square of the distance",
    "power of 2.5": "the chances grew faster than with the square of the distance",
    "power of 1.5": "the chances grew more slowly than with the square of the distance",
    "best of 2": "the best of several draws was kept",
    "best of 4": "the best of several draws was kept",
    "nearest": "near points had the larger chance",
    "doubled": "the latest centroid counted for more than those before it",
    "largest difference": "one feature alone counted in a distance, that of the largest difference",
    "smallest difference": "one feature alone counted in a distance, that of the smallest difference",
    "first feature": "only the first feature counted in a distance",
    "city block": "the distances were sums of absolute differences, not of squares",
    "fourth powers": "the differences were taken to the fourth power or a higher one, not squared",
    "sum of differences": "the differences were added up before squaring, not after it",
    "means": "the distances to some centroids were sums of squares, those to others means",
    "sixth powers": "the differences were taken to the fourth power or a higher one, not squared",
    "first two features": "the first two features alone counted in a distance",
    "standardised": "the distances were measured in each feature's standard deviations",
    "first left out": "the first point had no chance after the first draw",
    "last left out": "the last point had no chance after the first draw",
    "reverse": "they came back in reverse, the last one first",
    "none": "they were drawn by another rule than the squared distance to the nearest centroid",
}

#: Rules that leave nothing open: what is drawn by one of them also lies as near and as far as it says.
EXACT = {"alike", "replacement", "last", "first", "sum", "sum of distances", "largest", "largest distance"}
EXACT |= {"means", "first feature", "centre", "behind", "next", "before"}
FAR_OFF = 6.0  # standard errors

#: Other measures of the distance between points, from their absolute differences (n, n, d) to (n, n).
MEASURES: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "largest difference": lambda differences: np.square(differences.max(axis=2)),
    "smallest difference": lambda differences: np.square(differences.min(axis=2)),
    "first feature": lambda differences: np.square(differences[:, :, 0]),
    "city block": lambda differences: np.square(differences.sum(axis=2)),
    "fourth powers": lambda differences: (differences**4).sum(axis=2),
    "means": lambda differences: np.square(differences).mean(axis=2),
    "sixth powers": lambda differences: (differences**6).sum(axis=2),
    "first two features": lambda differences: np.square(differences[:, :, :2]).sum(axis=2),
    "standardised": lambda differences: np.square(differences / _deviations(differences)).sum(axis=2),
}


def _deviations(differences: FloatArray) -> FloatArray:
    """Return each feature's standard deviation times the root of two, (d,), from absolute differences."""
    return np.asarray(np.sqrt(np.square(differences).mean(axis=(0, 1))))


def positions(X: FloatArray, centroids: FloatArray) -> NDArray[np.intp]:
    """Return which point each centroid is, for many sequences at once: (m, K, d) to (m, K)."""
    return np.asarray(np.abs(centroids[:, :, None, :] - X).sum(axis=3).argmin(axis=2))


def rule_of_the_draws(X: FloatArray, chosen: NDArray[np.intp], n: int | None = None) -> str:
    """Return "" if nothing speaks against squared distances, else the words of the likeliest rule.

    Parameters
    ----------
    X : (n, d) points, all different, and behind them what is none and a first centroid all the same
    chosen : (m, K) positions of the points, in the order of drawing
    n : number of the points
    """
    n = len(X) if n is None else n
    order = order_of_the_draws(X, chosen)
    if order and order != RULES["reverse"]:
        return order
    differences = np.abs(X[:, None] - X[:n])  # (n or more, n, d)
    table = np.square(differences).sum(axis=2)  # (n or more, n)
    to_each = table[chosen[:, :-1]]  # (m, K-1, n)    squared distances to each centroid before the draw
    nearest = np.minimum.accumulate(to_each, axis=1)
    drawn = chosen[:, 1:, None]
    if _same_random_number(_in_proportion(nearest), drawn):
        return "every draw of a call used the same random number"
    with np.errstate(divide="ignore"):
        right = float(np.log(_of_drawn(_in_proportion(nearest), drawn)).sum())  # no centroid is drawn again
        tables = {rule: measure(differences) for rule, measure in MEASURES.items()}
        tables["sum of differences"] = np.square(X.sum(axis=1)[:, None] - X[:n].sum(axis=1))
        wrong_rules = [*rules(table[:n], to_each, nearest).items(), *_measured(tables, to_each, chosen)]
        wrong_rules.append(("centre", _from_the_centre(X, n, chosen)))
        likelihoods = [_log_likelihood(p, drawn) for _, p in wrong_rules]
    reverse = _likelihood(X, chosen[:, ::-1]) if chosen.max() < n else -np.inf
    if max(*likelihoods, reverse) - right <= DECIDED:
        return ""
    if reverse > max(likelihoods):
        return RULES["reverse"]
    likeliest, chances = wrong_rules[int(np.argmax(likelihoods))]
    again = (_of_drawn(nearest, drawn) == 0) & (_of_drawn(chances, drawn) == 0)  # never under this rule
    fits = likeliest not in EXACT or all(
        _lie_as_expected(chances, drawn, distances) for distances in (nearest, to_each)
    )
    return RULES[likeliest if fits and not again.any() else "none"]


def _log_likelihood(chances: FloatArray, drawn: NDArray[np.intp]) -> float:
    """Return the log likelihood of all draws; now and then one is by no rule, so that none is impossible."""
    by_rule = (1 - BY_ANYTHING) * _of_drawn(chances, drawn)
    return float(np.log(by_rule + BY_ANYTHING / chances.shape[2]).sum())


def _lie_as_expected(chances: FloatArray, drawn: NDArray[np.intp], distances: FloatArray) -> bool:
    """Whether the points drawn are as far away, by rank, as these chances let expect."""
    ranks = distances.argsort(axis=2).argsort(axis=2).astype(float)
    means = (chances * ranks).sum(axis=2)  # (m, K-1)
    variance = (chances * np.square(ranks)).sum() - np.square(means).sum()
    off = _of_drawn(ranks, drawn).sum() - means.sum()
    return bool(abs(off) <= FAR_OFF * np.sqrt(variance) + 1e-6)


def order_of_the_draws(X: FloatArray, chosen: NDArray[np.intp]) -> str:
    """Return "" if nothing speaks against the order of drawing, else the other order in words.

    Parameters
    ----------
    X : (n, d) points, all different
    chosen : (m, K) positions of the points
    """
    first_coordinates = np.diff(X[chosen][:, :, 0], axis=1)
    if (first_coordinates >= 0).all() or (first_coordinates <= 0).all():
        return "they had been sorted after drawing"
    if (np.diff(chosen, axis=1) > 0).all():
        return "they came in the order of the data, not in that of drawing"
    alike = -float(np.log(len(X) - np.arange(1, chosen.shape[1])).sum() * len(chosen))
    forwards, backwards = _likelihood(X, chosen), _likelihood(X, chosen[:, ::-1])
    return RULES["reverse"] if backwards - max(forwards, alike) > DECIDED else ""


def _likelihood(X: FloatArray, chosen: NDArray[np.intp]) -> float:
    """Return the log likelihood of draws by squared distances, given the first of each sequence."""
    table = np.square(X[:, None] - X).sum(axis=2)  # (n, n)
    nearest = np.minimum.accumulate(table[chosen[:, :-1]], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log(_of_drawn(_in_proportion(nearest), chosen[:, 1:, None])).sum())


def rule_of_the_first(X: FloatArray, first: Array) -> str:
    """Return "" if nothing speaks against equal chances for the first centroid, else the wrong rule in words.

    Parameters
    ----------
    X : (n, d) points, all different
    first : (m,) positions of the points
    """
    n = len(X)
    from_the_mean = np.square(X - X.mean(axis=0)).sum(axis=1)
    commonest = int(np.bincount(first).argmax())
    always = {
        0: "first in the list",
        n - 1: "last in the list",
        int(from_the_mean.argmin()): "nearest to the mean",
    }
    if (first == commonest).mean() >= 0.3:  # for n = 60 and m = 80 by chance far below 10⁻⁸
        return f"it was always the point {always.get(commonest, 'at one and the same place')}"
    in_second_half = first.astype(np.int64) >= n / 2
    if in_second_half.all() or not in_second_half.any():  # by chance 2⁻⁷⁹
        return f"it was always in the {'second' if in_second_half.all() else 'first'} half of the list"
    for squared, whence in ((from_the_mean, "the mean"), (np.square(X).sum(axis=1), "the origin")):
        for growing in (squared, np.sqrt(squared)):
            if np.log(n * growing[first] / growing.sum()).sum() > DECIDED:
                return f"its chance grew with the distance from {whence}"
    return ""


def rules(table: FloatArray, to_each: FloatArray, nearest: FloatArray) -> Mapping[str, FloatArray]:
    """Return the chances of each point under each wrong rule, (m, K-1, n)."""
    free = nearest > 0
    potentials = _potentials(table, nearest)
    return {
        "alike": _in_proportion(free),
        "replacement": np.full(nearest.shape, 1.0 / len(table)),
        "distance": _in_proportion(np.sqrt(nearest)),
        "farthest": (nearest == nearest.max(axis=2, keepdims=True)).astype(float),
        "last": _in_proportion(to_each),
        "last distance": _in_proportion(np.sqrt(to_each)),
        "first distance": _in_proportion(np.sqrt(np.broadcast_to(to_each[:, :1], to_each.shape))),
        "first": _in_proportion(np.broadcast_to(to_each[:, :1], to_each.shape)),
        "sum": _in_proportion(np.add.accumulate(to_each, axis=1)),
        "largest": _in_proportion(np.maximum.accumulate(to_each, axis=1)),
        "sum of distances": _in_proportion(np.add.accumulate(np.sqrt(to_each), axis=1)),
        "largest distance": _in_proportion(np.sqrt(np.maximum.accumulate(to_each, axis=1))),
        "behind": _in_proportion(np.concatenate([nearest[:, :1], nearest[:, :-1]], axis=1)),
        "next": np.roll(_in_proportion(nearest), -1, axis=2),
        "before": np.roll(_in_proportion(nearest), 1, axis=2),
        "fourth power": _in_proportion(np.square(nearest)),
        "third power": _in_proportion(nearest**1.5),
        "power of 2.5": _in_proportion(nearest**1.25),
        "power of 1.5": _in_proportion(nearest**0.75),
        "best of 2": best_of(2, _in_proportion(nearest), potentials),
        "best of 4": best_of(4, _in_proportion(nearest), potentials),
        "nearest": _in_proportion(np.divide(1.0, nearest, where=free, out=np.zeros_like(nearest))),
        "doubled": _in_proportion(_doubled(to_each)),
        "first left out": _in_proportion(_without(0, nearest)),
        "last left out": _in_proportion(_without(-1, nearest)),
    }


def _measured(
    tables: Mapping[str, FloatArray], to_each: FloatArray, chosen: NDArray[np.intp]
) -> Iterator[tuple[str, FloatArray]]:
    """Yield the chances under other measures: of the first centroid's distances, of the others', of all.

    tables : by the rule, the distance of each two points under its measure, (n, n)
    """
    for rule, table in tables.items():
        measured = table[chosen[:, :-1]]  # (m, K-1, n)
        first, others = measured[:, :1], measured[:, 1:]
        for distances in (
            measured,
            np.concatenate([first, to_each[:, 1:]], axis=1),
            np.concatenate([to_each[:, :1], others], axis=1),
        ):
            nearest = np.minimum.accumulate(distances, axis=1)
            if nearest.any(axis=2).all():
                yield rule, _in_proportion(nearest)


def _from_the_centre(X: FloatArray, n: int, chosen: NDArray[np.intp]) -> FloatArray:
    """Return the chances that go by the distance to the mean of the centroids so far, (m, K-1, n)."""
    so_far = np.arange(1, chosen.shape[1])[:, None]
    centres = np.add.accumulate(X[chosen[:, :-1]], axis=1) / so_far  # (m, K-1, d)
    crossed = centres @ X[:n].T
    squared = np.square(centres).sum(axis=2)[:, :, None] - 2 * crossed + np.square(X[:n]).sum(axis=1)
    return _in_proportion(squared.clip(0.0))


def _doubled(to_each: FloatArray) -> FloatArray:
    """Return the distances to the nearest centroid if all are doubled before a new one is looked at."""
    nearest = to_each.copy()
    for k in range(1, nearest.shape[1]):
        nearest[:, k] = np.minimum(2 * nearest[:, k - 1], to_each[:, k])
    return nearest


def _without(place: int, nearest: FloatArray) -> FloatArray:
    """Return the distances with that of one point made 0; all of them where no other is left."""
    rest = nearest.copy()
    rest[:, :, place] = 0.0
    return np.where(rest.any(axis=2, keepdims=True), rest, nearest)


def _same_random_number(chances: FloatArray, drawn: NDArray[np.intp]) -> bool:
    """Whether in each sequence one number between 0 and 1 gives all draws by cumulative chances."""
    upper = np.cumsum(chances, axis=2)
    highest_lower = _of_drawn(upper - chances, drawn).max(axis=1)
    return bool((highest_lower < _of_drawn(upper, drawn).min(axis=1)).all())


def _in_proportion(size: Array) -> FloatArray:
    return np.asarray(size / size.sum(axis=2, keepdims=True))


def _of_drawn(chances: FloatArray, drawn: NDArray[np.intp]) -> FloatArray:
    return np.take_along_axis(chances, drawn, axis=2)


def _potentials(table: FloatArray, nearest: FloatArray) -> FloatArray:
    """Return the sum of the squared distances that each point would leave if it were drawn, (m, K-1, n)."""
    left = [np.minimum(before[:, None, :], table).sum(axis=2) for before in nearest]  # (K-1, n) each
    return np.stack(left)


def best_of(n_candidates: int, chances: FloatArray, potentials: FloatArray) -> FloatArray:
    """Return the chance that a point is the one of lowest potential among so many draws, (m, K-1, n)."""
    order = np.argsort(potentials, axis=2)
    sorted_chances = np.take_along_axis(chances, order, axis=2)
    above = np.cumsum(sorted_chances[:, :, ::-1], axis=2)[:, :, ::-1]  # of this or a higher potential
    best = above**n_candidates - (above - sorted_chances).clip(0.0) ** n_candidates
    result = np.empty_like(best)
    np.put_along_axis(result, order, best, axis=2)
    return result
