"""Right answers in many styles: each earns every point, and none is named a misconception."""

from __future__ import annotations

import copy
import functools
import math
import random
import warnings
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from scipy.linalg import cho_factor, cho_solve, eigh, solve_triangular
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist, mahalanobis

from autograder.check.asking import answer
from autograder.judge.points import judge
from autograder.questions import ASSIGNMENTS, find, of_assignment
from autograder.values import QuestionAnswers

Function = Callable[..., Any]

# ----------------------------------------------------------------- the same numbers, dressed differently


def plain(value: Any) -> Any:
    """Arrays as nested lists, all the way down."""
    return [plain(part) for part in value] if isinstance(value, tuple) else np.asarray(value).tolist()


def each(change: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """Change every returned value in the same way."""

    def dress(function: Function) -> Function:
        def dressed(*inputs: Any, **keywords: Any) -> Any:
            value = function(*inputs, **keywords)
            return tuple(change(part) for part in value) if isinstance(value, tuple) else change(value)

        return dressed

    return dress


def as_lists(function: Function) -> Function:
    return lambda *inputs, **keywords: plain(function(*inputs, **keywords))


def as_tuples(function: Function) -> Function:
    return each(lambda part: tuple(part) if np.ndim(part) else part)(function)


def as_namedtuple(function: Function) -> Function:
    def dressed(*inputs: Any, **keywords: Any) -> Any:
        value = function(*inputs, **keywords)
        if not isinstance(value, tuple):
            return value
        return namedtuple("Outcome", [f"part{i}" for i in range(len(value))])(*value)

    return dressed


def as_object_with_call(function: Function) -> Function:
    class Estimator:
        def __call__(self, *inputs: Any, **keywords: Any) -> Any:
            return function(*inputs, **keywords)

    return Estimator()


def as_method(function: Function) -> Function:
    class Model:
        def run(self, *inputs: Any, **keywords: Any) -> Any:
            return function(*inputs, **keywords)

    return Model().run


def decorated(function: Function) -> Function:
    @functools.wraps(function)
    def timed(*inputs: Any, **keywords: Any) -> Any:
        return function(*inputs, **keywords)

    return timed


def talkative(function: Function) -> Function:
    def dressed(*inputs: Any, **keywords: Any) -> Any:
        print("working", len(inputs))
        warnings.warn("this may take a while", RuntimeWarning, stacklevel=2)
        np.log(np.zeros(1))
        return function(*inputs, **keywords)

    return dressed


def spoiling_its_inputs(function: Function) -> Function:
    def dressed(*inputs: Any, **keywords: Any) -> Any:
        value = copy.deepcopy(function(*inputs, **keywords))
        for part in inputs:
            if isinstance(part, np.ndarray):
                part[...] = 0
        return value

    return dressed


def rounded_to_float32(function: Function) -> Function:
    def smaller(part: Any) -> Any:
        array = np.asarray(part)
        return array.astype(np.float32) if array.dtype.kind == "f" else array.astype(np.int32)

    return each(smaller)(function)


DRESSES = {
    "lists": as_lists,
    "tuples": as_tuples,
    "named tuple": as_namedtuple,
    "object with __call__": as_object_with_call,
    "bound method": as_method,
    "decorated": decorated,
    "warnings and prints": talkative,
    "changes its inputs": spoiling_its_inputs,
    "float32 and int32": rounded_to_float32,
    "longdouble": each(lambda part: np.asarray(part, dtype=np.longdouble)),
    "column order, not contiguous": each(
        lambda part: np.asfortranarray(np.repeat(part, 2, axis=0)[::2]) if np.ndim(part) else part
    ),
    "zero-dimensional arrays": each(lambda part: part if np.ndim(part) else np.array(part)),
    "objects": each(lambda part: np.asarray(part, dtype=object)),
}

# ----------------------------------------------------------------- the same function, written differently


def assign_loops(X, centroids):
    labels = []
    for x in X:
        best, nearest = math.inf, -1
        for k, m in enumerate(centroids):
            distance = sum((a - b) ** 2 for a, b in zip(x, m, strict=True))
            if distance < best:
                best, nearest = distance, k
        labels.append(nearest)
    return labels


def assign_cdist(X, centroids):
    return cdist(X, centroids).argmin(axis=1)


def assign_einsum(X, centroids):
    Z = X[:, None] - centroids
    return np.einsum("nkd,nkd->nk", Z, Z).argmin(1).astype(np.int8)


def assign_sorted(X, centroids):
    return [min(range(len(centroids)), key=lambda k: float(np.linalg.norm(x - centroids[k]))) for x in X]


def assign_floats(X, centroids):
    return assign_cdist(X, centroids).astype(float)


def update_loops(X, labels, centroids):
    return [X[labels == k].mean(0) if k in labels else m for k, m in enumerate(centroids)]


def update_one_hot(X, labels, centroids):
    H = np.eye(len(centroids))[labels]
    counts = H.sum(0)[:, None]
    origin = X.mean(0)
    return np.where(counts > 0, origin + H.T @ (X - origin) / np.maximum(counts, 1), centroids)


def update_add_at(X, labels, centroids):
    sums, counts = np.zeros_like(centroids), np.zeros(len(centroids))
    np.add.at(sums, labels, X)
    np.add.at(counts, labels, 1)
    new = centroids.copy()
    new[counts > 0] = sums[counts > 0] / counts[counts > 0, None]
    return new


def update_fsum(X, labels, centroids):
    new = centroids.tolist()
    for k in set(labels.tolist()):
        rows = [x for x, label in zip(X.tolist(), labels, strict=True) if label == k]
        new[k] = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    return new


def distortion_loops(X, centroids, labels):
    return sum(math.dist(x, centroids[k]) ** 2 for x, k in zip(X, labels, strict=True))


def distortion_norm(X, centroids, labels):
    return np.linalg.norm(X - centroids[labels]) ** 2


def distortion_einsum(X, centroids, labels):
    return np.einsum("ni,ni", X - centroids[labels], X - centroids[labels])


def distortion_by_cluster(X, centroids, labels):
    return sum(cdist(X[labels == k], centroids[k : k + 1], "sqeuclidean").sum() for k in set(labels))


def log_gaussian_scipy(X, mean, covariance):
    return np.atleast_1d(stats.multivariate_normal.logpdf(X, mean, covariance))


def log_gaussian_cholesky(X, mean, covariance):
    L = np.linalg.cholesky(covariance)
    z = np.linalg.solve(L, (X - mean).T)
    return -0.5 * (X.shape[1] * np.log(2 * np.pi) + (z**2).sum(0)) - np.log(np.diag(L)).sum()


def log_gaussian_inverse_loops(X, mean, covariance):
    precision = np.linalg.inv(covariance)
    constant = -0.5 * (len(mean) * math.log(2 * math.pi) + np.linalg.slogdet(covariance)[1])
    return [constant - 0.5 * float((x - mean) @ precision @ (x - mean)) for x in X]


def log_gaussian_eigen(X, mean, covariance):
    values, axes = np.linalg.eigh(covariance)
    y = (X - mean) @ axes
    return -0.5 * (np.log(2 * np.pi * values).sum() + (y**2 / values).sum(1))


def responsibilities_scipy(log_densities, weights):
    return special.softmax(log_densities + np.log(weights), axis=1)


def responsibilities_logsumexp(log_densities, weights):
    a = log_densities + np.log(weights)
    return np.exp(a - special.logsumexp(a, axis=1, keepdims=True))


def responsibilities_scaled(log_densities, weights):
    scaled = np.exp(log_densities - log_densities.max(axis=1)[:, None]) * weights
    return scaled / scaled.sum(axis=1)[:, None]


def responsibilities_pairs(log_densities, weights):
    a = log_densities + np.log(weights)
    with np.errstate(over="ignore"):
        return 1 / np.exp(a[:, None, :] - a[:, :, None]).sum(axis=2)


def responsibilities_loops(log_densities, weights):
    rows = []
    for row in log_densities:
        a = [x + math.log(w) for x, w in zip(row, weights, strict=True)]
        top = max(a)
        e = [math.exp(x - top) for x in a]
        rows.append([x / math.fsum(e) for x in e])
    return rows


def e_step_scipy(X, weights, means, covariances):
    densities = map(log_gaussian_scipy, [X] * len(weights), means, covariances)
    a = np.column_stack(list(densities)) + np.log(weights)
    total = special.logsumexp(a, axis=1)
    return np.exp(a - total[:, None]), total.sum()


def e_step_einsum(X, weights, means, covariances):
    Z = X[:, None, :] - means
    squared = np.einsum("nkd,kde,nke->nk", Z, np.linalg.inv(covariances), Z)
    a = np.log(weights) - 0.5 * (X.shape[1] * np.log(2 * np.pi) + np.linalg.slogdet(covariances)[1] + squared)
    total = np.logaddexp.reduce(a, axis=1)
    return np.exp(a - total[:, None]), total.sum()


def e_step_point_by_point(X, weights, means, covariances):
    factors = [cho_factor(C, lower=True) for C in covariances]
    R, ell = [], 0.0
    for x in X:
        a = []
        for w, m, (L, lower) in zip(weights, means, factors, strict=True):
            z = x - m
            a.append(
                math.log(w)
                - 0.5 * len(x) * math.log(2 * math.pi)
                - float(np.log(np.diag(L)).sum())
                - 0.5 * float(z @ cho_solve((L, lower), z))
            )
        top = max(a)
        total = top + math.log(math.fsum(math.exp(v - top) for v in a))
        R.append([math.exp(v - total) for v in a])
        ell += total
    return R, ell


def e_step_from_the_other_notebook(X, weights, means, covariances):
    D = np.array([log_gaussian_cholesky(X, m, C) for m, C in zip(means, covariances, strict=True)]).T
    return responsibilities_scaled(D, weights), float(special.logsumexp(D, axis=1, b=weights).sum())


def m_step_einsum(X, responsibilities):
    N = responsibilities.sum(0)
    means = np.einsum("nk,nd->kd", responsibilities, X) / N[:, None]
    Z = X[:, None] - means
    return N / len(X), means, np.einsum("nk,nkd,nke->kde", responsibilities, Z, Z) / N[:, None, None]


def m_step_np_cov(X, responsibilities):
    columns = responsibilities.T
    means = [np.average(X, axis=0, weights=r) for r in columns]
    covariances = [np.atleast_2d(np.cov(X.T, aweights=r, ddof=0)) for r in columns]
    return responsibilities.mean(0), means, covariances


def m_step_loops(X, responsibilities):
    n, d = X.shape
    weights, means, covariances = [], [], []
    for r in responsibilities.T:
        N = math.fsum(r)
        mean = sum(ri * x for ri, x in zip(r, X, strict=True)) / N
        scatter = np.zeros((d, d))
        for ri, x in zip(r, X, strict=True):
            scatter += ri * np.outer(x - mean, x - mean)
        weights.append(N / n)
        means.append(mean)
        covariances.append(scatter / N)
    return weights, means, covariances


def m_step_square_roots(X, responsibilities):
    N = responsibilities.sum(axis=0)
    shift = X.mean(axis=0)
    means = responsibilities.T @ (X - shift) / N[:, None] + shift
    Y = np.sqrt(responsibilities.T[:, :, None]) * (X[None] - means[:, None])
    return N / N.sum(), means, Y.transpose(0, 2, 1) @ Y / N.reshape(-1, 1, 1)


def m_step_shifted_moments(X, responsibilities):
    shift = X[0].copy()
    N, Y = responsibilities.sum(axis=0), X - shift
    means = responsibilities.T @ Y / N[:, None]
    second = np.einsum("nk,ni,nj->kij", responsibilities, Y, Y) / N[:, None, None]
    return N / len(X), means + shift, second - means[:, :, None] * means[:, None, :]


def fit_while(X, weights, means, covariances, tol=1e-6, max_iter=200):
    R, ell = e_step_scipy(X, weights, means, covariances)
    history = [ell]
    while len(history) < max_iter:
        weights, means, covariances = m_step_einsum(X, R)
        R, ell = e_step_scipy(X, weights, means, covariances)
        history += [ell]
        if history[-1] - history[-2] < tol:
            break
    return weights, means, covariances, history


def fit_recursive(X, weights, means, covariances, tol=1e-6, max_iter=200, history=()):
    R, ell = e_step_einsum(X, weights, means, covariances)
    history = (*history, ell)
    if len(history) == max_iter or (len(history) > 1 and history[-1] - history[-2] < tol):
        return weights, means, covariances, history
    return fit_recursive(X, *m_step_loops(X, R), tol, max_iter, history)


def fit_generator(X, weights, means, covariances, tol=1e-6, max_iter=200):
    def rounds(parameters):
        while True:
            R, ell = e_step_einsum(X, *map(np.asarray, parameters))
            yield ell, parameters
            parameters = m_step_np_cov(X, R)

    history = []
    for ell, parameters in rounds((weights, means, covariances)):
        history.append(ell)
        if len(history) == max_iter or (len(history) > 1 and ell - history[-2] < tol):
            return *parameters, np.array(history)
    raise AssertionError


def fit_for_else(X, weights, means, covariances, tol=1e-6, max_iter=200):
    before, history = -math.inf, []
    for left in reversed(range(max_iter)):
        R, ell = e_step_from_the_other_notebook(X, weights, means, covariances)
        history.append(ell)
        if ell - before < tol or not left:
            break
        before = ell
        weights, means, covariances = m_step_square_roots(X, R)
    return weights, means, covariances, history


def n_parameters_if(n_components, n_features, covariance_type):
    count = n_components - 1 + n_components * n_features
    if covariance_type == "full":
        count += n_components * n_features * (n_features + 1) / 2
    elif covariance_type == "tied":
        count += n_features * (n_features + 1) / 2
    elif covariance_type == "diag":
        count += n_components * n_features
    else:
        count += n_components
    return count


def n_parameters_by_triangles(n_components, n_features, covariance_type):
    triangle = len(np.triu_indices(n_features)[0])
    own = {"full": triangle, "diag": n_features, "spherical": 1}.get(covariance_type, 0)
    return np.int64(n_components * (1 + n_features + own) - 1 + triangle * (covariance_type == "tied"))


def n_parameters_match(n_components, n_features, covariance_type):
    match covariance_type:
        case "full":
            extra = n_components * sum(range(n_features + 1))
        case "tied":
            extra = sum(range(n_features + 1))
        case "diag":
            extra = n_components * n_features
        case _:
            extra = n_components
    return n_components * (n_features + 1) - 1 + extra


def best_of_restarts_sorted(log_likelihoods, smallest_shares, floor):
    order = sorted(range(len(log_likelihoods)), key=lambda i: (-log_likelihoods[i], i))
    good = [i for i in order if smallest_shares[i] >= floor and math.isfinite(log_likelihoods[i])]
    return min(good, key=lambda i: (-log_likelihoods[i], i), default=-1)


def best_of_restarts_loop(log_likelihoods, smallest_shares, floor):
    best = -1
    for i, (ell, share) in enumerate(zip(log_likelihoods, smallest_shares, strict=True)):
        if share >= floor and np.isfinite(ell) and (best == -1 or ell > log_likelihoods[best]):
            best = i
    return best


def diagnose_correlations(X, responsibilities, covariances):
    conditions = [np.linalg.cond(C / np.sqrt(np.outer(np.diag(C), np.diag(C)))) for C in covariances]
    scale = np.diag(1 / np.sqrt(np.var(X, axis=0)))
    return (
        np.ones(len(X)) @ responsibilities,
        conditions,
        [np.linalg.svd(scale @ C @ scale)[1][-1] for C in covariances],
    )


def m_step_map_np_cov(X, responsibilities):
    (n, d), K = X.shape, responsibilities.shape[1]
    centre = X.mean(axis=0)
    prior = np.atleast_2d(np.cov(X.T, ddof=0)) / K ** (2 / d)
    weights, own, scatters = m_step_np_cov(X, responsibilities)
    N = n * weights
    means = [(Nk * m + 0.01 * centre) / (Nk + 0.01) for Nk, m in zip(N, own, strict=True)]
    covariances = [
        (prior + Nk * S + 0.01 * Nk / (0.01 + Nk) * np.outer(m - centre, m - centre)) / (Nk + 2 * d + 4)
        for Nk, m, S in zip(N, own, scatters, strict=True)
    ]
    return weights, means, covariances


def condition_by_precision(mean, covariance, known, values):
    unknown = [j for j in range(len(mean)) if j not in known]
    rest = np.linalg.inv(np.linalg.inv(covariance)[np.ix_(unknown, unknown)])
    slopes = np.linalg.lstsq(covariance[known][:, known], covariance[known][:, unknown], rcond=None)[0]
    return mean[unknown] + (values - mean[known]) @ slopes, rest


def e_step_missing_scipy(X, weights, means, covariances):
    a = np.tile(np.log(weights), (len(X), 1))
    for i, x in enumerate(X):
        seen = ~np.isnan(x)
        if seen.any():
            a[i] += [
                stats.multivariate_normal.logpdf(x[seen], m[seen], C[seen][:, seen])
                for m, C in zip(means, covariances, strict=True)
            ]
    total = special.logsumexp(a, axis=1)
    return np.exp(a - total[:, None]), total.sum()


def statistics_from_the_m_step(X, responsibilities):
    weights, means, covariances = m_step_einsum(X, responsibilities)
    N = len(X) * weights
    return N, means, N[:, None, None] * covariances


def merge_loops(counts, means, scatters, other_counts, other_means, other_scatters):
    total = counts + other_counts
    joint, sums = [], []
    for k, n in enumerate(total):
        z = means[k] - other_means[k]
        joint.append(means[k] - other_counts[k] / n * z)
        sums.append(scatters[k] + other_scatters[k] + counts[k] * other_counts[k] / n * np.outer(z, z))
    return total, joint, sums


def icl_nansum(log_likelihood, n_parameters, responsibilities):
    terms = responsibilities * np.log(responsibilities)
    return n_parameters * np.log(len(responsibilities)) - 2 * (log_likelihood + np.nansum(terms))


def choose_loop(log_likelihoods, n_parameters, n_samples):
    prices = [p * math.log(n_samples) - 2 * ell for ell, p in zip(log_likelihoods, n_parameters, strict=True)]
    return prices.index(min(prices))


def kmeans_plus_plus_cumulated(X, n_centroids, rng):
    rng = np.random.default_rng(rng)
    chosen = [int(rng.random() * len(X))]
    for _ in range(n_centroids - 1):
        squared = cdist(X, X[chosen], "sqeuclidean").min(axis=1)
        ladder = np.cumsum(squared if squared.max() > 0 else np.ones(len(X)))
        chosen.append(int(np.searchsorted(ladder, rng.random() * ladder[-1], side="right")))
    return X[chosen]


def kmeans_plus_plus_plain_python(X, n_centroids, rng):
    rng, points = random.Random(rng), X.tolist()
    centroids = [rng.choice(points)]
    while len(centroids) < n_centroids:
        chances = [min(math.dist(x, m) for m in centroids) ** 2 for x in points]
        centroids += rng.choices(points, chances if any(chances) else None)
    return centroids


def diagnose_generalised(X, responsibilities, covariances):
    def extremes(C, unit):
        values = eigh(C, np.diag(unit), eigvals_only=True)
        return values[0], values[-1]

    of_own = [extremes(C, np.diag(C)) for C in covariances]
    shares = [extremes(C, X.var(axis=0))[0] for C in covariances]
    return [sum(r) for r in responsibilities.T.tolist()], [high / low for low, high in of_own], shares


def m_step_map_einsum(X, responsibilities):
    (n, d), K, kappa = X.shape, responsibilities.shape[1], 0.01
    Y = X - X.mean(axis=0)
    prior = Y.T @ Y / (n * K ** (2 / d))
    N = responsibilities.sum(axis=0)
    own = responsibilities.T @ Y / N[:, None]
    Z = Y[:, None] - own
    scatters = np.einsum("nk,nkd,nke->kde", responsibilities, Z, Z)
    pulled = (kappa * N / (kappa + N))[:, None, None] * own[:, :, None] * own[:, None, :]
    covariances = (prior + scatters + pulled) / (d + 2 + N + d + 2)[:, None, None]
    return N / n, X.mean(axis=0) + own * (N / (N + kappa))[:, None], covariances


def condition_cholesky(mean, covariance, known, values):
    rest = np.delete(np.arange(len(mean)), known)
    factor, across = cho_factor(covariance[known][:, known]), covariance[rest][:, known]
    spread = covariance[rest][:, rest] - across @ cho_solve(factor, across.T)
    return mean[rest] + across @ cho_solve(factor, values - mean[known]), spread


def e_step_missing_by_pattern(X, weights, means, covariances):
    a, seen = np.tile(np.log(weights), (len(X), 1)), ~np.isnan(X)
    for pattern in np.unique(seen, axis=0):
        rows = (seen == pattern).all(axis=1)
        if pattern.any():
            for k, (m, C) in enumerate(zip(means, covariances, strict=True)):
                part = X[rows][:, pattern]
                a[rows, k] += log_gaussian_cholesky(part, m[pattern], C[pattern][:, pattern])
    total = np.logaddexp.reduce(a, axis=1)
    return np.exp(a - total[:, None]), total.sum()


def m_step_missing_by_regression(X, responsibilities, means, covariances):
    counts, d = responsibilities.sum(axis=0), X.shape[1]
    new_means, new_covariances = [], []
    for r, m, C in zip(responsibilities.T, means, covariances, strict=True):
        points, left = [], np.zeros((d, d))
        for weight, x in zip(r, X, strict=True):
            seen = ~np.isnan(x)
            slopes = C[:, seen] @ np.linalg.pinv(C[np.ix_(seen, seen)])  # of all features on what is seen
            points.append(m + slopes @ (x[seen] - m[seen]))
            left += weight * (C - slopes @ C[seen])
        Z = np.array(points) - m  # about the old mean: no offset
        shift = r @ Z / r.sum()
        new_means.append(m + shift)
        new_covariances.append((np.einsum("i,ij,il->jl", r, Z - shift, Z - shift) + left) / r.sum())
    return counts / len(X), np.array(new_means), np.array(new_covariances)


def m_step_missing_by_pattern(X, responsibilities, means, covariances):
    weights, new_means, new_covariances = responsibilities.mean(axis=0), [], []
    for k in range(len(means)):
        r, m, C = responsibilities[:, k], means[k], covariances[k]
        filled, extra = np.where(np.isnan(X), m, X), np.zeros_like(C)
        for gap in np.unique(np.isnan(X), axis=0):
            rows = (np.isnan(X) == gap).all(axis=1)
            if gap.any() and not gap.all():
                factor = cho_factor(C[~gap][:, ~gap])
                gain = cho_solve(factor, C[~gap][:, gap])
                filled[np.ix_(rows, gap)] += (X[rows][:, ~gap] - m[~gap]) @ gain
                extra[np.ix_(gap, gap)] += r[rows].sum() * (C[gap][:, gap] - C[gap][:, ~gap] @ gain)
            elif gap.all():
                extra += r[rows].sum() * C
        new_means.append(np.average(filled, axis=0, weights=r))
        spread = np.cov(filled.T, aweights=r, ddof=0)
        new_covariances.append(np.atleast_2d(spread) + extra / r.sum())
    return weights, np.stack(new_means), np.stack(new_covariances)


def statistics_point_by_point(X, responsibilities):
    K, d = responsibilities.shape[1], X.shape[1]
    counts, means, scatters = np.zeros(K), np.zeros((K, d)), np.zeros((K, d, d))
    for x, row in zip(X, responsibilities, strict=True):
        for k, r in enumerate(row):
            if r == 0:
                continue
            counts[k] += r
            before = x - means[k]
            means[k] += r / counts[k] * before
            scatters[k] += r * np.outer(before, x - means[k])
    return counts, means, scatters


def merge_about_the_joint_mean(counts, means, scatters, other_counts, other_means, other_scatters):
    total = counts + other_counts
    joint = means + (other_counts / total)[:, None] * (other_means - means)

    def about_joint(N, m, W):
        return W + np.einsum("k,ki,kj->kij", N, m - joint, m - joint)

    parts = about_joint(counts, means, scatters), about_joint(other_counts, other_means, other_scatters)
    return total, joint, sum(parts)


def bhattacharyya_cholesky(mean, covariance, other_mean, other_covariance):
    def factor_of(C):
        L = np.linalg.cholesky(C)
        return L, 2 * np.log(np.diag(L)).sum()

    L, middle = factor_of((covariance + other_covariance) / 2)
    z = solve_triangular(L, mean - other_mean, lower=True)
    return z @ z / 8 + middle / 2 - (factor_of(covariance)[1] + factor_of(other_covariance)[1]) / 4


def bhattacharyya_mahalanobis(mean, covariance, other_mean, other_covariance):
    middle = 0.5 * covariance + 0.5 * other_covariance
    far = mahalanobis(mean, other_mean, np.linalg.inv(middle)) ** 2
    logs = [np.log(np.linalg.eigvalsh(C)).sum() for C in (middle, covariance, other_covariance)]
    return 0.125 * far + 0.5 * (logs[0] - 0.5 * logs[1] - 0.5 * logs[2])


def match_assignment(means, covariances, other_means, other_covariances):
    table = [
        [bhattacharyya_cholesky(m, C, o, D) for o, D in zip(other_means, other_covariances, strict=True)]
        for m, C in zip(means, covariances, strict=True)
    ]
    return linear_sum_assignment(table)[1]


def match_recursive(means, covariances, other_means, other_covariances):
    K = len(means)

    def best(k, free):
        if k == K:
            return 0.0, []
        ways = []
        for j in free:
            rest, chosen = best(k + 1, free - {j})
            pair = means[k], covariances[k], other_means[j], other_covariances[j]
            ways.append((bhattacharyya_mahalanobis(*pair) + rest, [j, *chosen]))
        return min(ways)

    return best(0, frozenset(range(K)))[1]


def log_density_scipy(X, weights, means, covariances):
    columns = [log_gaussian_scipy(X, m, C) for m, C in zip(means, covariances, strict=True)]
    return special.logsumexp(np.transpose(columns), axis=1, b=weights)


def log_density_one_component_after_the_other(X, weights, means, covariances):
    total = np.full(len(X), -np.inf)
    for w, m, C in zip(weights, means, covariances, strict=True):
        total = np.logaddexp(total, math.log(w) + log_gaussian_eigen(X, m, C))
    return total


def standard_order_sorted(weights, means, covariances):
    together = sorted(zip(means.tolist(), weights, covariances, strict=True), key=lambda one: one[0][0])
    means, weights, covariances = zip(*together, strict=True)
    return weights, means, covariances


def standard_order_by_insertion(weights, means, covariances):
    order = []
    for k, first in enumerate(means[:, 0]):
        order.insert(sum(means[j, 0] < first for j in order), k)
    return weights.take(order), means.take(order, axis=0), covariances.take(order, axis=0)


def percentile_interval_percentile(replicates, level):
    return tuple(np.percentile(replicates, 50 + 50 * np.array([-level, level])))


def percentile_interval_by_hand(replicates, level):
    ordered = sorted(replicates.tolist())

    def quantile(share):
        below, rest = divmod(share * (len(ordered) - 1), 1)
        k = min(int(below), len(ordered) - 2)
        return ordered[k] + (rest + below - k) * (ordered[k + 1] - ordered[k])

    return [quantile((1 - level) / 2), quantile((1 + level) / 2)]


STYLES: dict[str, tuple[Function, ...]] = {
    "kmeans.assign": (assign_cdist, assign_loops, assign_einsum, assign_sorted, assign_floats),
    "kmeans.update": (update_one_hot, update_loops, update_add_at, update_fsum),
    "kmeans.distortion": (distortion_norm, distortion_loops, distortion_einsum, distortion_by_cluster),
    "soft.log_gaussian": (
        log_gaussian_cholesky,
        log_gaussian_scipy,
        log_gaussian_inverse_loops,
        log_gaussian_eigen,
    ),
    "soft.responsibilities": (
        responsibilities_scipy,
        responsibilities_logsumexp,
        responsibilities_scaled,
        responsibilities_pairs,
        responsibilities_loops,
    ),
    "em.e_step": (e_step_einsum, e_step_scipy, e_step_point_by_point, e_step_from_the_other_notebook),
    "em.m_step": (m_step_einsum, m_step_np_cov, m_step_loops, m_step_square_roots, m_step_shifted_moments),
    "em.fit": (fit_while, fit_recursive, fit_generator, fit_for_else),
    "selection.n_parameters": (n_parameters_match, n_parameters_if, n_parameters_by_triangles),
    "selection.aic": (
        lambda ell, p: 2 * (p - ell),
        lambda ell, p: math.fsum([p, p, -ell, -ell]),
        lambda ell, p: np.float64(-2 * ell) + np.float64(2 * p),
    ),
    "selection.bic": (
        lambda ell, p, n: p * math.log(n) - 2 * ell,
        lambda ell, p, n: -2 * (ell - p / 2 * np.log(n)),
        lambda ell, p, n: np.log(float(n)) * np.array(p) - 2 * ell,
    ),
    "selection.icl": (
        lambda ell, p, R: p * np.log(len(R)) - 2 * ell + 2 * special.entr(R).sum(),
        icl_nansum,
        lambda ell, p, R: -2 * ell + p * np.log(len(R)) - 2 * (R * np.log(R + 1e-12)).sum(),
    ),
    "selection.choose": (choose_loop, lambda ell, p, n: np.argmax(ell - p / 2 * np.log(n))),
    "starts.best_of_restarts": (best_of_restarts_loop, best_of_restarts_sorted),
    "starts.kmeans_plus_plus": (kmeans_plus_plus_cumulated, kmeans_plus_plus_plain_python),
    "collapse.diagnose": (diagnose_correlations, diagnose_generalised),
    "collapse.m_step_map": (m_step_map_np_cov, m_step_map_einsum),
    "labels.bhattacharyya": (bhattacharyya_cholesky, bhattacharyya_mahalanobis),
    "labels.match_components": (match_assignment, match_recursive),
    "missing.condition": (condition_by_precision, condition_cholesky),
    "missing.e_step_missing": (e_step_missing_scipy, e_step_missing_by_pattern),
    "missing.m_step_missing": (m_step_missing_by_regression, m_step_missing_by_pattern),
    "scale.statistics": (statistics_from_the_m_step, statistics_point_by_point),
    "scale.merge_statistics": (merge_loops, merge_about_the_joint_mean),
    "capstone.log_density": (log_density_scipy, log_density_one_component_after_the_other),
    "capstone.standard_order": (standard_order_sorted, standard_order_by_insertion),
    "capstone.percentile_interval": (percentile_interval_percentile, percentile_interval_by_hand),
}


def earned(question_id: str, function: Function, seed: int) -> None:
    question = find(question_id)
    cases = question.draw(np.random.default_rng(seed))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = {case.name: answer(function, case, len(question.returns))[0] for case in cases}
    result = judge(question, cases, QuestionAnswers("graded", answers), 3.0)
    assert not [(v.title, v.message) for v in result.checks if not v.passed]
    assert result.score == 3.0
    assert {verdict.misconception for verdict in result.checks} == {None}


EVERY = [question.id for name in ASSIGNMENTS for question in of_assignment(name)]
ALL = [(question_id, position) for question_id, styles in STYLES.items() for position in range(len(styles))]


@pytest.mark.parametrize(("question_id", "position"), ALL)
def test_a_right_answer_written_another_way_earns_everything(question_id: str, position: int) -> None:
    for seed in (11, 12):
        earned(question_id, STYLES[question_id][position], seed)


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("question_id", EVERY)
def test_a_right_answer_in_another_dress_earns_everything(question_id: str, dress: str) -> None:
    earned(question_id, DRESSES[dress](STYLES[question_id][0]), seed=13)


@pytest.mark.parametrize("question_id", EVERY)
def test_each_function_is_written_in_two_ways_or_more(question_id: str) -> None:
    assert len(set(STYLES.get(question_id, ()))) >= 2
