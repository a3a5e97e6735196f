"""Answers that are right but for a digit, a small number or a threshold; and right ones by the same code.

`with_inverse` and its like are whole solutions around one step: given `np.linalg.inv` they are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.questions import find
from autograder.questions.labels.wrong_matches import cheapest, distances

Function = Callable[..., Any]
Inverse = Callable[[Any], Any]


def log_gaussian(inverse: Inverse) -> Function:
    def answer(X, mean, covariance):
        Z = X - mean
        squared = np.einsum("ij,jk,ik->i", Z, inverse(covariance), Z)
        return -0.5 * (len(mean) * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + squared)

    return answer


def log_joint(inverse: Inverse) -> Function:
    def answer(X, weights, means, covariances):
        each = zip(means, covariances, strict=True)
        return np.log(weights) + np.stack([log_gaussian(inverse)(X, *one) for one in each], axis=1)

    return answer


def log_density(inverse: Inverse) -> Function:
    return lambda *mixture: np.logaddexp.reduce(log_joint(inverse)(*mixture), axis=1)


def e_step(inverse: Inverse) -> Function:
    def answer(*mixture):
        joint = log_joint(inverse)(*mixture)
        total = np.logaddexp.reduce(joint, axis=1)
        return np.exp(joint - total[:, None]), total.sum()

    return answer


def bhattacharyya(inverse: Inverse) -> Function:
    def answer(mean, C, other_mean, D):
        middle, z = (C + D) / 2, mean - other_mean
        half, first, second = (np.linalg.slogdet(matrix)[1] for matrix in (middle, C, D))
        return z @ inverse(middle) @ z / 8 + half / 2 - (first + second) / 4

    return answer


def match_components(inverse: Inverse) -> Function:
    def answer(m, C, o, D):
        distance = bhattacharyya(inverse)
        return cheapest(
            np.array([[distance(m[k], C[k], *g) for g in zip(o, D, strict=True)] for k in range(len(m))])
        )

    return answer


def condition(inverse: Inverse) -> Function:
    def answer(mean, C, known, values):
        unknown = np.setdiff1d(np.arange(len(mean)), known)
        gain = C[np.ix_(unknown, known)] @ inverse(C[np.ix_(known, known)])
        guess = mean[unknown] + gain @ (values - mean[known])
        return guess, C[np.ix_(unknown, unknown)] - gain @ C[np.ix_(known, unknown)]

    return answer


def e_step_missing(inverse: Inverse) -> Function:
    def answer(X, weights, means, covariances):
        joint = np.tile(np.log(weights), (len(X), 1))
        for i, x in enumerate(X):
            known = np.flatnonzero(~np.isnan(x))
            for k in range(len(weights) if len(known) else 0):
                block = covariances[k][np.ix_(known, known)]
                joint[i, k] += log_gaussian(inverse)(x[None, known], means[k][known], block)[0]
        total = np.logaddexp.reduce(joint, axis=1)
        return np.exp(joint - total[:, None]), total.sum()

    return answer


def m_step_missing(inverse: Inverse) -> Function:
    def answer(X, R, means, covariances):
        new_means, new_covariances = [], []
        for r, mean, C in zip(R.T, means, covariances, strict=True):
            filled, extra = X.copy(), np.zeros_like(C)
            for i, x in enumerate(X):
                known, unknown = np.flatnonzero(~np.isnan(x)), np.flatnonzero(np.isnan(x))
                guess = condition(inverse)(mean, C, known, x[known]) if len(known) else (mean, C)
                filled[i, unknown] = guess[0]
                extra[np.ix_(unknown, unknown)] += r[i] * guess[1]
            new_means.append(r @ filled / r.sum())
            Z = filled - new_means[-1]
            new_covariances.append(((r[:, None] * Z).T @ Z + extra) / r.sum())
        return R.mean(axis=0), np.array(new_means), np.array(new_covariances)

    return answer


WITH_INVERSE: dict[str, Callable[[Inverse], Function]] = {
    "soft.log_gaussian": log_gaussian,
    "em.e_step": e_step,
    "labels.bhattacharyya": bhattacharyya,
    "labels.match_components": match_components,
    "missing.condition": condition,
    "missing.e_step_missing": e_step_missing,
    "missing.m_step_missing": m_step_missing,
    "capstone.log_density": log_density,
}
INVERSES: dict[str, Inverse] = {
    "inv": np.linalg.inv,
    "pinv": np.linalg.pinv,
    "solve": lambda C: np.linalg.solve(C, np.eye(len(C))),
    "Cholesky": lambda C: (lambda half: half.T @ half)(np.linalg.inv(np.linalg.cholesky(C))),
    "eigh": lambda C: (lambda values, V: V / values @ V.T)(*np.linalg.eigh(C)),
    "svd": lambda C: (lambda U, s, V: V.T / s @ U.T)(*np.linalg.svd(C)),
}


def ridged(size: float) -> Inverse:
    return lambda C: np.linalg.inv(C + size * np.eye(len(C)))


def cut_off(rcond: float) -> Inverse:
    return lambda C: np.linalg.pinv(C, rcond=rcond)


def rounded(question_id: str, digits: int, *positions: int) -> Function:
    """The reference on arguments that are rounded."""

    def answer(*inputs):
        changed = (np.round(a, digits) if i in positions else a for i, a in enumerate(inputs))
        return find(question_id).reference(*changed)

    return answer


def returned_rounded(question_id: str, digits: int, position: int = 0) -> Function:
    """What the reference returns, one value rounded."""

    def answer(*inputs, **keywords):
        value = find(question_id).reference(*inputs, **keywords)
        if not isinstance(value, tuple):
            return np.round(value, digits)
        return tuple(np.round(v, digits) if i == position else v for i, v in enumerate(value))

    return answer


def _labels() -> dict[str, Function]:
    match = {
        "means rounded to two digits": rounded("labels.match_components", 2, 0, 2),
        "means rounded to four digits": rounded("labels.match_components", 4, 0, 2),
        "all rounded to two digits": rounded("labels.match_components", 2, 0, 1, 2, 3),
    }
    for digits in (1, 2, 3, 4):
        match[f"distances rounded to {digits}"] = lambda *fits, digits=digits: cheapest(
            np.round(distances(*fits), digits)
        )
    return match


def _without_small_terms(least: float) -> Function:
    """A log-sum-exp that drops what is less than a share of the largest term."""

    def answer(*mixture):
        joint = log_joint(np.linalg.inv)(*mixture)
        terms = np.exp(joint - joint.max(axis=1, keepdims=True))
        return joint.max(axis=1) + np.log(np.where(terms < least, 0.0, terms).sum(axis=1))

    return answer


def _order_by_rounded_means(digits: int) -> Function:
    def answer(weights, means, covariances):
        order = np.argsort(np.round(means[:, 0], digits), kind="stable")
        return weights[order], means[order], covariances[order]

    return answer


def _wider(question_id: str, ridge: float) -> Function:
    """An M-step or a fit that adds a number to the variances it returns."""

    def answer(*inputs, **keywords):
        weights, means, covariances, *rest = find(question_id).reference(*inputs, **keywords)
        return weights, means, covariances + ridge * np.eye(means.shape[1]), *rest

    return answer


def _counted_in_int16(n_components, n_features, covariance_type):
    count = find("selection.n_parameters").reference(n_components, n_features, covariance_type)
    return int(np.asarray(count).astype(np.int16))


def _argument_as_int16(question_id: str, position: int) -> Function:
    def answer(*inputs):
        changed = (np.asarray(a).astype(np.int16) if i == position else a for i, a in enumerate(inputs))
        return find(question_id).reference(*changed)

    return answer


def _returned_rounded(question_id: str, digits: Sequence[int], *positions: int) -> dict[str, Function]:
    return {
        f"value {position} rounded to {number} digits": returned_rounded(question_id, number, position)
        for position in positions or (0,)
        for number in digits
    }


def _kmeans_plus_plus(
    prepared: Callable[[Any], Any] = np.asarray,
    chances: Callable[[Any], Any] = np.asarray,
    first: Callable[[Any, Any], int] = lambda generator, X: generator.integers(len(X)),
) -> Function:
    """k-means++ on points that are prepared, with other chances than squared distances, or another first."""

    def answer(X, n_centroids, rng):
        generator, Z = np.random.default_rng(rng), prepared(X)
        chosen = [int(first(generator, X))]
        nearest = np.square(Z - Z[chosen[0]]).sum(axis=1)
        while len(chosen) < n_centroids:
            share = chances(nearest)
            chosen.append(int(generator.choice(len(X), p=share / share.sum() if share.any() else None)))
            nearest = np.minimum(nearest, np.square(Z - Z[chosen[-1]]).sum(axis=1))
        return X[chosen]

    return answer


def _without_copies(X, n_centroids, rng):
    places = np.unique(X, axis=0)
    return _kmeans_plus_plus()(places if len(places) >= n_centroids else X, n_centroids, rng)


def _farther_first(generator, X):
    distances = np.linalg.norm(X - X.mean(axis=0), axis=1)
    return generator.choice(len(X), p=distances / distances.sum() if distances.any() else None)


def _directions(X):
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def _merged_over_1_at_least(N, m, S, M, o, T):
    total, z = np.maximum(N + M, 1.0), o - m
    between = (N * M / total)[:, None, None] * np.einsum("ki,kj->kij", z, z)
    return N + M, m + (M / total)[:, None] * z, S + T + between


def _statistics_of(changed: Callable[[Any, Any], tuple[Any, Any]]) -> Function:
    """The reference on points and responsibilities that are changed."""
    return lambda X, R: find("scale.statistics").reference(*changed(X, R))


def _places_once(X, R):
    places, first = np.unique(X, axis=0, return_index=True)
    return places, R[first]


def _best_of_restarts(
    above: Callable[[Any, float], Any] = lambda shares, floor: shares >= floor, begin: float = -np.inf
) -> Function:
    def answer(log_likelihoods, shares, floor):
        healthy = above(shares, floor) & np.isfinite(log_likelihoods)
        best, highest = -1, begin
        for i in np.flatnonzero(healthy):
            if log_likelihoods[i] > highest:
                best, highest = int(i), log_likelihoods[i]
        return best

    return answer


def _icl(log_of: Callable[[Any], Any]) -> Function:
    def answer(log_likelihood, p, R):
        return -2 * log_likelihood + p * np.log(len(R)) - 2 * log_of(R).sum()

    return answer


def _choose(criterion: Callable[[Any, Any, float], Any], within: float = 0.0) -> Function:
    """The first model whose criterion is within so much of the lowest."""

    def answer(log_likelihoods, counts, n_samples):
        values = criterion(log_likelihoods, counts, n_samples)
        return int(np.flatnonzero(values <= values.min() + within)[0])

    return answer


def _bic(log_likelihoods, counts, n_samples):
    return -2 * log_likelihoods + counts * np.log(n_samples)


def _assign(distances: Callable[[Any, Any], Any]) -> Function:
    return lambda X, centroids: distances(X[:, None], centroids).argmin(axis=1)


def _euclidean(x, y):
    return np.linalg.norm(x - y, axis=-1)


def _small_shares_left_out(question_id: str, least: float) -> Function:
    def answer(X, R, *rest):
        return find(question_id).reference(X, np.where(least > R, 0.0, R), *rest)

    return answer


def _equal_rows_once(question_id: str) -> Function:
    """k-means' update or distortion of points and labels, each point with a label once."""

    def answer(*inputs):
        X, (labels,) = inputs[0], [a for a in inputs[1:] if np.ndim(a) == 1]
        _, first = np.unique(np.column_stack([X, labels]), axis=0, return_index=True)
        kept = [a[first] if a is X or a is labels else a for a in inputs]
        return find(question_id).reference(*kept)

    return answer


#: Guards against dividing by 0 or the logarithm of 0 that a right answer may have, and a margin of rounding.
GUARDED: dict[str, dict[str, Function]] = {
    "starts.kmeans_plus_plus": {
        f"{size:g} added": _kmeans_plus_plus(chances=lambda nearest, size=size: nearest + size)
        for size in (1e-12, 1e-8, 1e-6)
    },
    "starts.best_of_restarts": {
        "floor less 1e-9": _best_of_restarts(lambda shares, floor: shares >= floor - 1e-9),
        "as it should be": _best_of_restarts(),
    },
    "em.m_step": {"no share below 1e-8": lambda X, R: find("em.m_step").reference(X, np.maximum(R, 1e-8))},
    "collapse.diagnose": {
        "1e-12 added to the deviations": lambda X, R, C: find("collapse.diagnose").reference(
            X * (1 + 1e-12 / X.std(axis=0)), R, C
        )
    },
    "selection.icl": {
        "1e-12 added": _icl(lambda R: R * np.log(R + 1e-12)),
        "1e-8 added": _icl(lambda R: R * np.log(R + 1e-8)),
        "1e-12 in place of 0": _icl(lambda R: np.maximum(R, 1e-12) * np.log(np.maximum(R, 1e-12))),
    },
}

#: By question, wrong answers that a question must not take for right ones.
NEARLY: dict[str, dict[str, Function]] = {
    "labels.match_components": _labels(),
    "capstone.log_density": {
        f"without terms below {least:g}": _without_small_terms(least) for least in (1e-3, 1e-4, 1e-5)
    },
    "starts.kmeans_plus_plus": {
        "directions compared": _kmeans_plus_plus(_directions),
        "standardised": _kmeans_plus_plus(lambda X: X / np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)),
        "power 1.5": _kmeans_plus_plus(chances=lambda nearest: nearest**0.75),
        "power 3": _kmeans_plus_plus(chances=lambda nearest: nearest**1.5),
        "first by distance from the mean": _kmeans_plus_plus(first=_farther_first),
        "each place once": _without_copies,
    },
    "capstone.standard_order": {
        f"means rounded to {digits}": _order_by_rounded_means(digits) for digits in (0, 1, 2, 3, 4, 5)
    },
    "kmeans.distortion": {
        **_returned_rounded("kmeans.distortion", (3, 4, 5, 6)),
        "equal points once": _equal_rows_once("kmeans.distortion"),
    },
    "em.e_step": _returned_rounded("em.e_step", (2, 3, 4), 1),
    "missing.e_step_missing": _returned_rounded("missing.e_step_missing", (2, 3, 4), 1),
    "labels.bhattacharyya": _returned_rounded("labels.bhattacharyya", (3, 4, 5)),
    "scale.statistics": {
        **_returned_rounded("scale.statistics", (4, 5, 6), 1, 2),
        "equal points once": _statistics_of(_places_once),
        "outliers cut": _statistics_of(
            lambda X, R: (np.clip(X, X.mean(0) - 3 * X.std(0), X.mean(0) + 3 * X.std(0)), R)
        ),
    },
    "scale.merge_statistics": {
        **_returned_rounded("scale.merge_statistics", (4, 5, 6), 1, 2),
        "divided by 1 at least": _merged_over_1_at_least,
    },
    "selection.aic": _returned_rounded("selection.aic", (3, 4, 5)),
    "selection.bic": {
        **_returned_rounded("selection.bic", (3, 4, 5)),
        "int16 for the parameters": _argument_as_int16("selection.bic", 1),
        "int16 for the points": _argument_as_int16("selection.bic", 2),
    },
    "selection.icl": {
        **_returned_rounded("selection.icl", (3, 4, 5)),
        "never below 0": lambda *model: abs(find("selection.icl").reference(*model)),
        "1e-6 in place of 0": _icl(lambda R: np.maximum(R, 1e-6) * np.log(np.maximum(R, 1e-6))),
        "shares below 1e-4 left out": _icl(lambda R: R * np.log(np.where(R > 1e-4, R, 1.0))),
    },
    "starts.best_of_restarts": {
        "begins at -1e6": _best_of_restarts(begin=-1e6),
        "floor less 1e-5": _best_of_restarts(lambda shares, floor: shares >= floor - 1e-5),
        "floor less a hundredth": _best_of_restarts(lambda shares, floor: shares >= 0.99 * floor),
        "shares rounded to 4": _best_of_restarts(lambda shares, floor: np.round(shares, 4) >= floor),
        "shares rounded to 6": _best_of_restarts(lambda shares, floor: np.round(shares, 6) >= floor),
    },
    "selection.choose": {
        "int16 for the points": _argument_as_int16("selection.choose", 2),
        **{f"first within {size:g}": _choose(_bic, size) for size in (1.0, 1e-2, 1e-4)},
        **{
            f"criteria rounded to {digits}": _choose(lambda *table, digits=digits: _bic(*table).round(digits))
            for digits in (0, 2, 4)
        },
        **{
            f"log-likelihoods rounded to {digits}": rounded("selection.choose", digits, 0)
            for digits in range(5)
        },
        **{
            f"logarithm rounded to {digits}": _choose(
                lambda values, p, n, digits=digits: -2 * values + p * np.round(np.log(n), digits)
            )
            for digits in (1, 2, 3)
        },
    },
    "kmeans.assign": {
        **{f"points rounded to {digits}": rounded("kmeans.assign", digits, 0) for digits in (1, 2, 3, 4)},
        **{f"centroids rounded to {digits}": rounded("kmeans.assign", digits, 1) for digits in (1, 2, 3)},
        **{
            f"distances rounded to {digits}": _assign(
                lambda x, y, digits=digits: _euclidean(x, y).round(digits)
            )
            for digits in (1, 2, 3, 4)
        },
        "power 1.9": _assign(lambda x, y: (np.abs(x - y) ** 1.9).sum(axis=-1)),
        "power 2.1": _assign(lambda x, y: (np.abs(x - y) ** 2.1).sum(axis=-1)),
    },
    "kmeans.update": {"equal points once": _equal_rows_once("kmeans.update")},
    "selection.n_parameters": {"int16": _counted_in_int16},
    "em.fit": {f"ridge of {size:g}": _wider("em.fit", size) for size in (1e-4, 1e-6, 1e-8)},
    "em.m_step": {f"ridge of {size:g}": _wider("em.m_step", size) for size in (1e-4, 1e-6, 1e-8)},
    "collapse.diagnose": {
        f"ridge of {size:g}": lambda X, R, C, size=size: find("collapse.diagnose").reference(
            X, R, C + size * np.eye(X.shape[1])
        )
        for size in (1e-6, 1e-8, 1e-10)
    },
}
for _question in (
    "em.m_step",
    "collapse.diagnose",
    "collapse.m_step_map",
    "missing.m_step_missing",
    "scale.statistics",
):
    for _least in (1e-2, 1e-3, 1e-4):
        _name = f"shares below {_least:g} left out"
        NEARLY.setdefault(_question, {})[_name] = _small_shares_left_out(_question, _least)
for _question, _around in WITH_INVERSE.items():
    _nearly = NEARLY.setdefault(_question, {})
    for _rcond in (0.1, 0.01, 1e-3, 1e-4):
        _nearly[f"pinv that cuts off at {_rcond:g}"] = _around(cut_off(_rcond))
    for _size in (1e-4, 1e-6, 1e-8, 1e-10):
        _nearly[f"ridge of {_size:g}"] = _around(ridged(_size))
