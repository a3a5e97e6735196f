"""Wrong answers as students write them, in other words than the catalogues: what of them is caught and named.

`python -m tests.support.wrong_answers` prints the shares, and each answer that is not named or named otherwise
than a teacher would. Every function stands with the names that a teacher would accept.
"""

# mypy: ignore-errors
# ruff: noqa  (they are written as students write)
from __future__ import annotations

import itertools
import sys
import warnings
from collections import Counter

import numpy as np
from numpy.linalg import cholesky, det, eigvalsh, inv, norm, slogdet, solve
from scipy.special import logsumexp
from scipy.stats import multivariate_normal as mvn

from autograder.questions import find
from tests.support.functions import MAX, graded, named

BANK: list[tuple[str, str, object]] = []


def answer(question_id, *names):
    """Take in a function with the names that fit it, one at least."""

    def take(function):
        BANK.append((question_id, " ".join(names), function))
        return function

    return take


A = lambda question_id, names, function: BANK.append((question_id, names, function))
log2pi = np.log(2 * np.pi)

# --------------------------------------------------------------------------- kmeans
dist = lambda X, C: norm(X[:, None] - C, axis=-1)
A(
    "kmeans.assign",
    "labels-start-at-one",
    lambda X, C: [min(range(1, len(C) + 1), key=lambda k: norm(x - C[k - 1])) for x in X],
)
A(
    "kmeans.assign",
    "city-block-distance",
    lambda X, C: [int(np.argmin([sum(abs(a - b) for a, b in zip(x, c)) for c in C])) for x in X],
)
A("kmeans.assign", "farthest-centroid", lambda X, C: np.argsort(dist(X, C), axis=1)[:, -1])
A(
    "kmeans.assign",
    "expanded-square single-precision",
    lambda X, C: np.argmin((C**2).sum(1) - 2 * np.einsum("id,kd->ik", X, C), axis=1),
)
A(
    "kmeans.assign",
    "cosine-similarity",
    lambda X, C: np.argmax((X / norm(X, axis=1)[:, None]) @ (C / norm(C, axis=1)[:, None]).T, axis=1),
)
A(
    "kmeans.assign",
    "tie-to-the-last",
    lambda X, C: [max(k for k in range(len(C)) if norm(x - C[k]) == min(norm(x - c) for c in C)) for x in X],
)
A("kmeans.assign", "first-feature-only", lambda X, C: np.abs(X[:, 0][:, None] - C[:, 0]).argmin(1))
A("kmeans.assign", "table-returned", lambda X, C: ((X[:, None] - C) ** 2).sum(-1))
A(
    "kmeans.assign",
    "last-feature-only",
    lambda X, C: [int(np.argmin([(x[-1] - c[-1]) ** 2 for c in C])) for x in X],
)
A("kmeans.assign", "largest-difference", lambda X, C: np.argmin(norm(X[:, None] - C, ord=np.inf, axis=2), 1))
A("kmeans.assign", "second-nearest", lambda X, C: np.argsort(dist(X, C), 1)[:, 1 if len(C) > 1 else 0])
A("kmeans.assign", "inner-product", lambda X, C: np.einsum("id,kd->ik", X, C).argmax(1))


@answer("kmeans.update", "empty-becomes-nan")
def _(X, labels, centroids):
    return np.array([X[labels == k].mean(0) for k in range(len(centroids))])


A(
    "kmeans.update",
    "empty-becomes-zero counting-begins-at-one",
    lambda X, l, C: np.array([X[l == k].sum(0) / max((l == k).sum(), 1) for k in range(len(C))]),
)
A(
    "kmeans.update",
    "median",
    lambda X, l, C: np.array([np.median(X[l == k], 0) if (l == k).any() else C[k] for k in range(len(C))]),
)
A(
    "kmeans.update",
    "divided-by-n",
    lambda X, l, C: np.array([X[l == k].sum(0) / len(X) if (l == k).any() else C[k] for k in range(len(C))]),
)
A(
    "kmeans.update",
    "mean-over-features",
    lambda X, l, C: np.array(
        [np.ones(X.shape[1]) * X[l == k].mean() if k in l else C[k] for k in range(len(C))]
    ),
)
A(
    "kmeans.update",
    "empty-is-dropped",
    lambda X, l, C: np.array([X[l == k].mean(0) for k in sorted(set(l.tolist()))]),
)
A(
    "kmeans.update",
    "halfway-only",
    lambda X, l, C: np.array(
        [C[k] + 0.5 * (X[l == k].mean(0) - C[k]) if k in l else C[k] for k in range(len(C))]
    ),
)
A(
    "kmeans.update",
    "divided-by-count-minus-one",
    lambda X, l, C: np.array(
        [X[l == k].sum(0) / max((l == k).sum() - 1, 1) if k in l else C[k] for k in range(len(C))]
    ),
)
A(
    "kmeans.update",
    "sum-not-divided",
    lambda X, l, C: np.array([np.eye(len(C))[l].T[k] @ X if k in l else C[k] for k in range(len(C))]),
)
A(
    "kmeans.update",
    "nearest-member",
    lambda X, l, C: np.array(
        [min(X[l == k], key=lambda x: norm(x - X[l == k].mean(0))) if k in l else C[k] for k in range(len(C))]
    ),
)
A(
    "kmeans.update",
    "empty-becomes-overall-mean",
    lambda X, l, C: np.array([X[l == k].mean(0) if k in l else X.mean(0) for k in range(len(C))]),
)

A("kmeans.distortion", "not-squared", lambda X, C, l: sum(norm(x - C[k]) for x, k in zip(X, l)))
A(
    "kmeans.distortion",
    "mean-instead-of-sum",
    lambda X, C, l: np.mean([((x - C[k]) ** 2).sum() for x, k in zip(X, l)]),
)
A("kmeans.distortion", "root-of-the-sum", lambda X, C, l: norm(X - C[l]))
A("kmeans.distortion", "nearest-instead-of-assigned", lambda X, C, l: (dist(X, C).min(1) ** 2).sum())
A(
    "kmeans.distortion",
    "expanded-square single-precision",
    lambda X, C, l: (X**2).sum() - 2 * (X * C[l]).sum() + (C[l] ** 2).sum(),
)
A("kmeans.distortion", "root-of-the-mean", lambda X, C, l: np.sqrt(((X - C[l]) ** 2).sum(1).mean()))
A(
    "kmeans.distortion",
    "divided-by-features mean-over-everything",
    lambda X, C, l: ((X - C[l]) ** 2).mean(1).sum(),
)
A(
    "kmeans.distortion",
    "one-value-per-cluster",
    lambda X, C, l: [((X[l == k] - C[k]) ** 2).sum() for k in range(len(C))],
)
A(
    "kmeans.distortion",
    "mean-of-each-cluster",
    lambda X, C, l: sum(((X[l == k] - C[k]) ** 2).sum(1).mean() for k in range(len(C)) if k in l),
)
A(
    "kmeans.distortion",
    "city-block-distance",
    lambda X, C, l: sum(abs(a - b) for x, k in zip(X, l) for a, b in zip(x, C[k])),
)
A(
    "kmeans.distortion",
    "last-point-left-out",
    lambda X, C, l: sum(((X[i] - C[l[i]]) ** 2).sum() for i in range(len(X) - 1)),
)
A("kmeans.distortion", "about-the-overall-mean", lambda X, C, l: len(X) * X.var(0).sum())


# --------------------------------------------------------------------------- densities
def density(X, m, C, const=None, det_factor=0.5, dist_factor=0.5, precision=inv, base=1.0, shift=True):
    d = len(m)
    const = 0.5 * d * log2pi if const is None else const(d)
    z = X - m if shift else X
    return (-const - det_factor * slogdet(C)[1] - dist_factor * ((z @ precision(C)) * z).sum(1)) / base


SLIPS = {
    "no-normalising-constant": dict(const=lambda d: 0.0),
    "constant-of-one-dimension": dict(const=lambda d: 0.5 * log2pi),
    "constant-not-halved": dict(const=lambda d: d * log2pi),
    "two-missing-in-the-constant": dict(const=lambda d: 0.5 * d * np.log(np.pi)),
    "constant-with-wrong-sign": dict(const=lambda d: -0.5 * d * log2pi),
    "no-determinant": dict(det_factor=0.0),
    "determinant-not-halved": dict(det_factor=1.0),
    "determinant-with-wrong-sign": dict(det_factor=-0.5),
    "distance-not-halved": dict(dist_factor=1.0),
    "distance-with-wrong-sign": dict(dist_factor=-0.5),
    "covariance-not-inverted": dict(precision=lambda C: C),
    "covariance-ignored": dict(precision=lambda C: np.eye(len(C))),
    "entries-inverted": dict(precision=lambda C: 1 / C),
    "correlations-ignored-in-distance": dict(precision=lambda C: np.diag(1 / np.diag(C))),
    "points-not-centred": dict(shift=False),
}


def softmax(a):
    return np.exp(a - logsumexp(a, axis=1, keepdims=True))


def joint(X, w, M, S, **slip):
    return np.column_stack([density(X, m, C, **slip) for m, C in zip(M, S)]) + np.log(w)


for slip_name, slip in SLIPS.items():
    A("soft.log_gaussian", slip_name, lambda X, m, C, slip=slip: density(X, m, C, **slip))
    if slip_name not in ("two-missing-in-the-constant", "constant-not-halved"):
        A(
            "em.e_step",
            slip_name,
            lambda X, w, M, S, slip=slip: (
                softmax(joint(X, w, M, S, **slip)),
                logsumexp(joint(X, w, M, S, **slip), axis=1).sum(),
            ),
        )
    A(
        "capstone.log_density",
        slip_name,
        lambda X, w, M, S, slip=slip: logsumexp(joint(X, w, M, S, **slip), axis=1),
    )
A(
    "soft.log_gaussian",
    "log-of-underflow",
    lambda X, m, C: np.log(
        np.exp(-0.5 * ((X - m) @ inv(C) * (X - m)).sum(1)) / np.sqrt((2 * np.pi) ** len(m) * det(C))
    ),
)
A("soft.log_gaussian", "density-not-log", lambda X, m, C: mvn(m, C).pdf(X))
A(
    "soft.log_gaussian",
    "log-diagonal-not-doubled",
    lambda X, m, C: (
        -len(m) / 2 * log2pi
        - 0.5 * np.log(np.diag(cholesky(C))).sum()
        - 0.5 * (solve(cholesky(C), (X - m).T) ** 2).sum(0)
    ),
)
A("soft.log_gaussian", "summed-over-points", lambda X, m, C: mvn(m, C).logpdf(X).sum())
A(
    "soft.log_gaussian",
    "factor-transposed",
    lambda X, m, C: (
        -len(m) / 2 * log2pi
        - np.log(np.diag(cholesky(C))).sum()
        - 0.5 * (solve(cholesky(C).T, (X - m).T) ** 2).sum(0)
    ),
)
A(
    "soft.log_gaussian",
    "distance-not-squared",
    lambda X, m, C: (
        -len(m) / 2 * log2pi - 0.5 * slogdet(C)[1] - 0.5 * norm(solve(cholesky(C), (X - m).T), axis=0)
    ),
)
A(
    "soft.log_gaussian",
    "correlations-ignored",
    lambda X, m, C: sum(
        -0.5 * log2pi - 0.5 * np.log(C[j, j]) - (X[:, j] - m[j]) ** 2 / 2 / C[j, j] for j in range(len(m))
    ),
)
A("soft.log_gaussian", "deviation-for-variance", lambda X, m, C: mvn(m, C @ C.T).logpdf(X))

# --------------------------------------------------------------------------- responsibilities


def normalised(e, axis):
    return e / e.sum(axis=axis, keepdims=True)


R_SLIPS = {
    "weights-forgotten": lambda L, w: softmax(L),
    "normalised-over-points columns-divided-after-the-shift": lambda L, w: normalised(
        np.exp(L + np.log(w)), 0
    ),
    "columns-divided-after-the-shift normalised-over-points": lambda L, w: (lambda e: e / e.sum(axis=0))(
        np.exp(L + np.log(w) - (L + np.log(w)).max(1, keepdims=True))
    ),
    "divided-by-the-largest": lambda L, w: np.exp(L + np.log(w) - (L + np.log(w)).max(1)[:, None]),
    "weights-not-logged": lambda L, w: softmax(L + w),
    "hard-assignment": lambda L, w: ((L + np.log(w)) == (L + np.log(w)).max(1, keepdims=True)).astype(float),
    "one-shift-for-all-points": lambda L, w: normalised(w * np.exp(L - L.max()), 1),
    "shift-of-each-column": lambda L, w: (lambda a: normalised(np.exp(a - a.max(0)), 1))(L + np.log(w)),
    "exp-underflows": lambda L, w: normalised(w * np.exp(L), 1),
    "log-responsibilities": lambda L, w: L + np.log(w) - logsumexp(L + np.log(w), axis=1, keepdims=True),
    "divided-by-the-mean": lambda L, w: (lambda e: e / e.mean(1, keepdims=True))(softmax(L + np.log(w))),
    "normalised-over-everything": lambda L, w: w * np.exp(L) / (w * np.exp(L)).sum(),
    "middle-subtracted": lambda L, w: (lambda a: normalised(np.exp(a - np.median(a, 1)[:, None]), 1))(
        L + np.log(w)
    ),
    "root-of-the-weights": lambda L, w: softmax(L + 0.5 * np.log(w)),
    "weights-twice": lambda L, w: softmax(L + 2 * np.log(w)),
    "underflow-papered-over": lambda L, w: np.nan_to_num(normalised(w * np.exp(L), 1)),
}
log_densities = lambda X, M, S: np.stack([mvn(m, C).logpdf(X) for m, C in zip(M, S)], axis=-1).reshape(
    len(X), -1
)
for slip_name, slip in R_SLIPS.items():
    A("soft.responsibilities", slip_name, slip)
    extra = {
        "exp-underflows": " exp-underflows-in-responsibilities",
        "middle-subtracted": " one-shift-for-all-points exp-underflows-in-responsibilities",  # the numbers are the same
    }.get(slip_name, "")
    A(
        "em.e_step",
        slip_name + extra,
        lambda X, w, M, S, slip=slip: (
            slip(log_densities(X, M, S), w),
            logsumexp(log_densities(X, M, S) + np.log(w), axis=1).sum(),
        ),
    )
A(
    "em.e_step",
    "negative-log-likelihood",
    lambda X, w, M, S: (softmax(joint(X, w, M, S)), -sum(logsumexp(r) for r in joint(X, w, M, S))),
)
A(
    "em.e_step",
    "mean-log-likelihood",
    lambda X, w, M, S: (softmax(joint(X, w, M, S)), np.mean([logsumexp(r) for r in joint(X, w, M, S)])),
)
A("em.e_step", "sum-of-logs", lambda X, w, M, S: (softmax(joint(X, w, M, S)), joint(X, w, M, S).sum()))
A(
    "em.e_step",
    "likelihood-zero",
    lambda X, w, M, S: (softmax(joint(X, w, M, S)), np.log(softmax(joint(X, w, M, S)).sum(1)).sum()),
)
A(
    "em.e_step",
    "expected-complete-log-likelihood",
    lambda X, w, M, S: (softmax(joint(X, w, M, S)), (softmax(joint(X, w, M, S)) * joint(X, w, M, S)).sum()),
)
A("capstone.log_density", "weights-forgotten", lambda X, w, M, S: logsumexp(log_densities(X, M, S), axis=1))
A(
    "capstone.log_density",
    "log-of-underflow",
    lambda X, w, M, S: np.log(sum(a * mvn(m, C).pdf(X) for a, m, C in zip(w, M, S))),
)
A("capstone.log_density", "mean-of-logs", lambda X, w, M, S: (w * log_densities(X, M, S)).sum(1))
A("capstone.log_density", "largest-term-only", lambda X, w, M, S: joint(X, w, M, S).max(1))
A(
    "capstone.log_density",
    "shift-not-added-back",
    lambda X, w, M, S: np.log(np.exp(joint(X, w, M, S) - joint(X, w, M, S).max(1)[:, None]).sum(1)),
)
A(
    "capstone.log_density",
    "density-not-log",
    lambda X, w, M, S: sum(a * mvn(m, C).pdf(X) for a, m, C in zip(w, M, S)),
)
A("capstone.log_density", "last-component-only", lambda X, w, M, S: joint(X, w, M, S)[:, -1])


# --------------------------------------------------------------------------- m_step and its like
def moments(X, R, hard=False, div=None, r_of=lambda r: r, about=None, mean_div=None):
    N = R.sum(0)
    M = (
        np.einsum("ik,ij->kj", R, X) / (N if mean_div is None else mean_div(R))[:, None]
        if mean_div is None
        else np.einsum("ik,ij->kj", R, X) / mean_div(R)
    )
    S = []
    for k in range(R.shape[1]):
        z = X - (M[k] if about is None else about(X))
        S.append(np.einsum("i,ij,il->jl", r_of(R[:, k]), z, z) / (N[k] if div is None else div(N[k], X)))
    return N / len(X), M, np.array(S)


A("em.m_step", "covariances-divided-by-count-minus-one", lambda X, R: moments(X, R, div=lambda N, X: N - 1))
A("em.m_step", "covariances-divided-by-n", lambda X, R: moments(X, R, div=lambda N, X: len(X)))
A("em.m_step", "covariances-weighted-twice", lambda X, R: moments(X, R, r_of=np.square))
A("em.m_step", "covariances-about-the-overall-mean", lambda X, R: moments(X, R, about=lambda X: X.mean(0)))
A("em.m_step", "means-divided-by-n", lambda X, R: moments(X, R, mean_div=lambda R: len(R)))
A(
    "em.m_step",
    "numpy-cov-default",
    lambda X, R: (
        R.mean(0),
        moments(X, R)[1],
        np.array([np.cov(X.T, aweights=r).reshape(X.shape[1], -1) for r in R.T]),
    ),
)
A(
    "em.m_step",
    "diagonal-only",
    lambda X, R: (R.mean(0), moments(X, R)[1], moments(X, R)[2] * np.eye(X.shape[1])),
)
A(
    "em.m_step",
    "covariances-cancel",
    lambda X, R: (
        R.mean(0),
        moments(X, R)[1],
        np.array([(X.T * r) @ X / r.sum() - np.outer(m, m) for r, m in zip(R.T, moments(X, R)[1])]),
    ),
)
A("em.m_step", "weights-are-counts", lambda X, R: (R.sum(0), *moments(X, R)[1:]))
A("em.m_step", "hard-assignment", lambda X, R: moments(X, (R == R.max(1, keepdims=True)).astype(float)))
A(
    "em.m_step",
    "one-covariance-for-all",
    lambda X, R: (*moments(X, R)[:2], np.array([np.tensordot(R.mean(0), moments(X, R)[2], 1)] * R.shape[1])),
)
A("em.m_step", "deviation-for-variance", lambda X, R: (*moments(X, R)[:2], np.sqrt(np.abs(moments(X, R)[2]))))
A("em.m_step", "weights-divided-by-components", lambda X, R: (R.sum(0) / R.shape[1], *moments(X, R)[1:]))

stats = lambda X, R: (R.sum(0), moments(X, R)[1], moments(X, R)[2] * R.sum(0)[:, None, None])
A("scale.statistics", "weights-instead-of-counts", lambda X, R: (R.mean(0), *stats(X, R)[1:]))
A("scale.statistics", "covariances-instead-of-scatters", lambda X, R: (R.sum(0), *moments(X, R)[1:]))
A("scale.statistics", "sums-instead-of-means", lambda X, R: (R.sum(0), R.T @ X, stats(X, R)[2]))
A(
    "scale.statistics",
    "scatters-cancel",
    lambda X, R: (
        *stats(X, R)[:2],
        np.array(
            [np.einsum("i,ij,il", r, X, X) - r.sum() * np.outer(m, m) for r, m in zip(R.T, stats(X, R)[1])]
        ),
    ),
)
A(
    "scale.statistics",
    "scatters-not-centred",
    lambda X, R: (*stats(X, R)[:2], np.einsum("ik,ij,il->kjl", R, X, X)),
)
A(
    "scale.statistics",
    "diagonal-only",
    lambda X, R: (*stats(X, R)[:2], np.array([np.diag(np.diag(S)) for S in stats(X, R)[2]])),
)
A(
    "scale.statistics",
    "responsibilities-squared",
    lambda X, R: (
        *stats(X, R)[:2],
        np.array(
            [((R[:, k, None] * (X - m)).T @ (R[:, k, None] * (X - m))) for k, m in enumerate(stats(X, R)[1])]
        ),
    ),
)
A(
    "scale.statistics",
    "one-scatter-for-all",
    lambda X, R: (*stats(X, R)[:2], np.array([stats(X, R)[2].sum(0)] * R.shape[1])),
)
A(
    "scale.statistics",
    "scatters-about-the-overall-mean",
    lambda X, R: (*stats(X, R)[:2], np.einsum("ik,ij,il->kjl", R, X - X.mean(0), X - X.mean(0))),
)


def merged(N, m, S, M, o, T, mean=None, term=None, within=None):
    n = N + M
    z = m - o
    means = (N[:, None] * m + M[:, None] * o) / n[:, None] if mean is None else mean(N, m, M, o)
    factor = N * M / n if term is None else term(N, M)
    inside = S + T if within is None else within(N, S, M, T)
    return n, means, inside + factor[:, None, None] * np.einsum("ki,kj->kij", z, z)


A("scale.merge_statistics", "scatters-only-added", lambda *b: merged(*b, term=lambda N, M: 0 * N))
A("scale.merge_statistics", "means-averaged", lambda *b: merged(*b, mean=lambda N, m, M, o: (m + o) / 2))
A("scale.merge_statistics", "between-term-not-divided", lambda *b: merged(*b, term=lambda N, M: N * M))
A("scale.merge_statistics", "factor-squared", lambda *b: merged(*b, term=lambda N, M: N * M / (N + M) ** 2))
A(
    "scale.merge_statistics",
    "between-term-unweighted",
    lambda *b: merged(*b, term=lambda N, M: np.ones_like(N)),
)
A("scale.merge_statistics", "new-count-in-the-factor", lambda *b: merged(*b, term=lambda N, M: M))
A(
    "scale.merge_statistics",
    "weights-of-means-swapped",
    lambda *b: merged(*b, mean=lambda N, m, M, o: (M[:, None] * m + N[:, None] * o) / (N + M)[:, None]),
)
A(
    "scale.merge_statistics",
    "scatters-averaged",
    lambda *b: merged(
        *b, within=lambda N, S, M, T: (S * N[:, None, None] + T * M[:, None, None]) / (N + M)[:, None, None]
    ),
)
A("scale.merge_statistics", "factor-upside-down", lambda *b: merged(*b, term=lambda N, M: 1 / N + 1 / M))
A("scale.merge_statistics", "counts-averaged", lambda *b: ((b[0] + b[3]) / 2, *merged(*b)[1:]))


def mapped(X, R, kappa=0.01, nu=2, power=None, S=None, scatter=None, divisor=None, mean=None, pull=None):
    n, d = X.shape
    K, mu = R.shape[1], X.mean(0)
    S = np.cov(X.T, ddof=0).reshape(d, d) if S is None else S(X)
    scale = S / (K ** (2 / d) if power is None else power(K, d))
    means, covariances = [], []
    for r in R.T:
        N = r.sum()
        xbar = X.T @ r / N
        z = xbar - mu
        W = (X - xbar).T @ np.diag(r) @ (X - xbar) if scatter is None else scatter(X, r, xbar)
        factor = kappa * N / (N + kappa) if pull is None else pull(N, kappa)
        covariances.append(
            (scale + W + factor * np.outer(z, z)) / (N + 2 * d + 4 if divisor is None else divisor(N, d))
        )
        means.append((N * xbar + kappa * mu) / (N + kappa) if mean is None else mean(xbar, mu, N, kappa))
    return R.mean(0), means, covariances


A("collapse.m_step_map", "means-not-pulled", lambda X, R: mapped(X, R, mean=lambda x, mu, N, k: x))
A(
    "collapse.m_step_map",
    "prior-with-n-minus-one",
    lambda X, R: mapped(X, R, S=lambda X: np.atleast_2d(np.cov(X, rowvar=False))),
)
A(
    "collapse.m_step_map",
    "numpy-cov-for-scatter",
    lambda X, R: mapped(X, R, scatter=lambda X, r, x: np.atleast_2d(np.cov(X.T, aweights=r))),
)
A(
    "collapse.m_step_map",
    "numpy-cov-times-count",
    lambda X, R: mapped(X, R, scatter=lambda X, r, x: r.sum() * np.atleast_2d(np.cov(X.T, aweights=r))),
)
A(
    "collapse.m_step_map",
    "covariance-instead-of-scatter",
    lambda X, R: mapped(X, R, scatter=lambda X, r, x: np.atleast_2d(np.cov(X.T, aweights=r, ddof=0))),
)
A("collapse.m_step_map", "prior-divided-by-components", lambda X, R: mapped(X, R, power=lambda K, d: K))
A("collapse.m_step_map", "power-of-one-over-d", lambda X, R: mapped(X, R, power=lambda K, d: K ** (1 / d)))
A("collapse.m_step_map", "degrees-forgotten", lambda X, R: mapped(X, R, divisor=lambda N, d: N + d + 2))
A(
    "collapse.m_step_map",
    "divisor-with-d-plus-one",
    lambda X, R: mapped(X, R, divisor=lambda N, d: N + 2 * d + 3),
)
A("collapse.m_step_map", "no-pull-in-covariance", lambda X, R: mapped(X, R, pull=lambda N, k: 0.0))
A("collapse.m_step_map", "prior-too-strong", lambda X, R: mapped(X, R, kappa=1.0))
A("collapse.m_step_map", "divided-by-count", lambda X, R: mapped(X, R, divisor=lambda N, d: N))
A("collapse.m_step_map", "pull-of-the-count", lambda X, R: mapped(X, R, pull=lambda N, k: N / (N + k)))


def diagnosed(X, R, S, count=lambda R: R.sum(0), cond=None, share=None):
    own = lambda C: C / np.sqrt(np.outer(np.diag(C), np.diag(C)))
    return (
        count(R),
        [np.linalg.cond(own(C)) if cond is None else cond(X, C) for C in S],
        [eigvalsh(C / np.outer(X.std(0), X.std(0)))[0] if share is None else share(X, C) for C in S],
    )


A(
    "collapse.diagnose",
    "units-left-in-condition",
    lambda X, R, S: diagnosed(X, R, S, cond=lambda X, C: eigvalsh(C)[-1] / eigvalsh(C)[0]),
)
A(
    "collapse.diagnose",
    "kish-count",
    lambda X, R, S: diagnosed(X, R, S, count=lambda R: R.sum(0) ** 2 / (R**2).sum(0)),
)
A(
    "collapse.diagnose",
    "deviations-with-n-minus-one",
    lambda X, R, S: diagnosed(
        X,
        R,
        S,
        share=lambda X, C: eigvalsh(C / np.sqrt(np.outer(np.diag(np.cov(X.T)), np.diag(np.cov(X.T)))))[0],
    ),
)
A(
    "collapse.diagnose",
    "smallest-diagonal-entry",
    lambda X, R, S: diagnosed(X, R, S, share=lambda X, C: min(np.diag(C) / X.var(0))),
)
A(
    "collapse.diagnose",
    "weights-instead-of-counts",
    lambda X, R, S: diagnosed(X, R, S, count=lambda R: R.mean(0)),
)
A(
    "collapse.diagnose",
    "condition-upside-down",
    lambda X, R, S: diagnosed(
        X, R, S, cond=lambda X, C: 1 / np.linalg.cond(C / np.sqrt(np.outer(np.diag(C), np.diag(C))))
    ),
)
A(
    "collapse.diagnose",
    "units-left-in-share",
    lambda X, R, S: diagnosed(X, R, S, share=lambda X, C: eigvalsh(C).min()),
)
A(
    "collapse.diagnose",
    "largest-share",
    lambda X, R, S: diagnosed(X, R, S, share=lambda X, C: eigvalsh(C / np.outer(X.std(0), X.std(0))).max()),
)

# --------------------------------------------------------------------------- labels


def bhatta(m, C, o, D, middle=lambda C, D: (C + D) / 2, far=1 / 8, form=0.5, dets=None):
    P = middle(C, D)
    z = m - o
    shape = np.log(det(P) / np.sqrt(det(C) * det(D))) if dets is None else dets(P, C, D)
    return far * z @ inv(P) @ z + form * shape


stable = lambda P, C, D: slogdet(P)[1] - (slogdet(C)[1] + slogdet(D)[1]) / 2
for names, slip in {
    "half-for-an-eighth": dict(far=0.5), "quarter-for-an-eighth": dict(far=0.25), "eighth-forgotten": dict(far=1.0),
    "no-shape-term": dict(form=0.0), "shape-term-not-halved": dict(form=1.0), "sum-of-covariances": dict(middle=lambda C, D: C + D),
    "shape-term-with-wrong-sign": dict(form=-0.5), "first-covariance-only": dict(middle=lambda C, D: C),
    "root-forgotten": dict(dets=lambda P, C, D: slogdet(P)[1] - slogdet(C)[1] - slogdet(D)[1]),
    "sum-of-determinants": dict(dets=lambda P, C, D: np.log(det(P) / np.sqrt(det(C) + det(D)))),
}.items():  # fmt: skip
    A(
        "labels.bhattacharyya",
        names,
        lambda m, C, o, D, slip=slip: bhatta(m, C, o, D, **{"dets": stable, **slip}),
    )
A("labels.bhattacharyya", "determinants-underflow", lambda m, C, o, D: bhatta(m, C, o, D))
A("labels.bhattacharyya", "coefficient-returned", lambda m, C, o, D: np.exp(-bhatta(m, C, o, D, dets=stable)))
A("labels.bhattacharyya", "mahalanobis", lambda m, C, o, D: np.sqrt((m - o) @ inv((C + D) / 2) @ (m - o)))
A(
    "labels.bhattacharyya",
    "hellinger",
    lambda m, C, o, D: np.sqrt(1 - np.exp(-bhatta(m, C, o, D, dets=stable))),
)

cost_of = lambda m, C, o, D: np.array(
    [[bhatta(a, b, c, d, dets=stable) for c, d in zip(o, D)] for a, b in zip(m, C)]
)
best_of = lambda cost, key: np.array(
    min(itertools.permutations(range(len(cost))), key=lambda p: key([cost[i, j] for i, j in enumerate(p)]))
)
A("labels.match_components", "means-only", lambda m, C, o, D: best_of(((m[:, None] - o) ** 2).sum(-1), sum))
A("labels.match_components", "squares-summed", lambda *f: best_of(cost_of(*f) ** 2, sum))
A("labels.match_components", "worst-pair-minimised", lambda *f: best_of(cost_of(*f), max))
A("labels.match_components", "inverse-permutation", lambda *f: np.argsort(best_of(cost_of(*f), sum)))
A("labels.match_components", "nearest-twice", lambda *f: [int(np.argmin(row)) for row in cost_of(*f)])
A(
    "labels.match_components",
    "nearest-from-the-other-side",
    lambda *f: [int(np.argmin(column)) for column in cost_of(*f).T],
)
A("labels.match_components", "counting-from-one", lambda *f: [1 + j for j in best_of(cost_of(*f), sum)])
A("labels.match_components", "largest-distance", lambda *f: best_of(-cost_of(*f), sum))

# --------------------------------------------------------------------------- selection
size = lambda kind, K, d: {
    "full": K * d * (d + 1) // 2,
    "tied": d * (d + 1) // 2,
    "diag": K * d,
    "spherical": K,
}[kind]
A("selection.n_parameters", "weights-all-free", lambda K, d, t: K + K * d + size(t, K, d))
A("selection.n_parameters", "weights-forgotten", lambda K, d, t: K * d + size(t, K, d))
A("selection.n_parameters", "means-forgotten", lambda K, d, t: K - 1 + size(t, K, d))
A(
    "selection.n_parameters",
    "symmetry-forgotten",
    lambda K, d, t: K - 1 + K * d + {"full": K * d**2, "tied": d**2}.get(t, size(t, K, d)),
)
A("selection.n_parameters", "one-component-only", lambda K, d, t: d + size(t, 1, d))
A(
    "selection.n_parameters",
    "tied-counted-for-each",
    lambda K, d, t: K - 1 + K * d + (K if t == "tied" else 1) * size(t, K, d),
)
A(
    "selection.n_parameters",
    "sphere-counted-per-feature",
    lambda K, d, t: K - 1 + K * d + (K * d if t in ("diag", "spherical") else size(t, K, d)),
)
A(
    "selection.n_parameters",
    "diagonal-forgotten",
    lambda K, d, t: (
        K - 1 + K * d + {"full": K * d * (d - 1) // 2, "tied": d * (d - 1) // 2}.get(t, size(t, K, d))
    ),
)
for names, f in {
    "sign-turned": lambda l, p, n: 2 * l - p * np.log(n), "aic-instead": lambda l, p, n: 2 * (p - l),
    "penalty-halved": lambda l, p, n: p / 2 * np.log(n) - 2 * l, "other-base-of-logarithm": lambda l, p, n: p * np.log10(n) - 2 * l,
    "log-likelihood-not-doubled": lambda l, p, n: p * np.log(n) - l, "halved": lambda l, p, n: p * np.log(n) / 2 - l,
    "n-and-p-swapped": lambda l, p, n: n * np.log(p) - 2 * l, "hannan-and-quinn": lambda l, p, n: 2 * p * np.log(np.log(n)) - 2 * l,
    "likelihood-averaged": lambda l, p, n: p * np.log(n) - 2 * l / n, "one-parameter-too-many": lambda l, p, n: (1 + p) * np.log(n) - 2 * l,
}.items():  # fmt: skip
    A("selection.bic", names, f)
for names, f in {
    "sign-turned": lambda l, p: 2 * (l - p), "penalty-not-doubled": lambda l, p: p - 2 * l, "log-likelihood-not-doubled": lambda l, p: 2 * p - l,
    "halved": lambda l, p: p - l, "maximum-instead-of-minimum": lambda l, p: l - p, "likelihood-with-wrong-sign": lambda l, p: 2 * (l + p),
    "one-parameter-too-many": lambda l, p: 2 * (p + 1) - 2 * l, "parameters-logged": lambda l, p: 2 * np.log(p) - 2 * l, "no-penalty": lambda l, p: -2 * l,
}.items():  # fmt: skip
    A("selection.aic", names, f)
entropy = lambda R: -np.sum(R[R > 0] * np.log(R[R > 0]))
BIC = lambda l, p, R: p * np.log(len(R)) - 2 * l
for names, f in {
    "entropy-not-doubled": lambda l, p, R: BIC(l, p, R) + entropy(R), "entropy-with-wrong-sign": lambda l, p, R: BIC(l, p, R) - 2 * entropy(R),
    "mean-entropy": lambda l, p, R: BIC(l, p, R) + 2 * entropy(R) / len(R), "zero-times-log-zero": lambda l, p, R: BIC(l, p, R) - 2 * np.sum(R * np.log(R)),
    "hard-label-price": lambda l, p, R: BIC(l, p, R) - 2 * sum(np.log(max(r)) for r in R), "aic-as-base": lambda l, p, R: 2 * (p - l) + 2 * entropy(R),
    "components-counted-as-points": lambda l, p, R: p * np.log(len(R.T)) - 2 * l + 2 * entropy(R), "entropy-in-bits": lambda l, p, R: BIC(l, p, R) + 2 * entropy(R) / np.log(2),
    "entropy-quadrupled": lambda l, p, R: BIC(l, p, R) + 4 * entropy(R), "base-halved": lambda l, p, R: BIC(l, p, R) / 2 + 2 * entropy(R),
}.items():  # fmt: skip
    A("selection.icl", names, f)
for names, f in {
    "highest-likelihood": lambda l, p, n: max(range(len(l)), key=lambda i: l[i]), "highest-bic": lambda l, p, n: np.argmax([q * np.log(n) - 2 * a for a, q in zip(l, p)]),
    "aic-instead": lambda l, p, n: np.argmax(l - p), "fewest-parameters": lambda l, p, n: np.argmin(p), "other-base-of-logarithm": lambda l, p, n: np.argmin(p * np.log10(n) - 2 * l),
    "counting-from-one": lambda l, p, n: 1 + np.argmin(p * np.log(n) - 2 * l), "value-instead-of-index": lambda l, p, n: min(p * np.log(n) - 2 * l),
    "index-after-sorting": lambda l, p, n: np.argmin((p * np.log(n) - 2 * l)[np.argsort(p)]), "last-of-equals": lambda l, p, n: [i for i, v in enumerate(p * np.log(n) - 2 * l) if v == min(p * np.log(n) - 2 * l)][-1],
    "penalty-doubled": lambda l, p, n: np.argmin(p * np.log(n) - l),
}.items():  # fmt: skip
    A("selection.choose", names, f)


# --------------------------------------------------------------------------- starts
def healthy_best(rule, pick=lambda i, l: max(i, key=lambda k: l[k]), none=-1):
    def best(l, s, floor):
        i = [k for k in range(len(l)) if rule(l[k], s[k], floor)]
        return pick(i, l) if i else none

    return best  # fmt: skip


finite = np.isfinite
for names, f in {
    "collapsed-runs-count": healthy_best(lambda a, s, f: finite(a)), "floor-itself-counts-as-collapsed": healthy_best(lambda a, s, f: finite(a) and s > f),
    "infinity-chosen": healthy_best(lambda a, s, f: not np.isnan(a) and s >= f), "none-healthy-forgotten": healthy_best(lambda a, s, f: finite(a) and s >= f, none=0),
    "last-of-equals": healthy_best(lambda a, s, f: finite(a) and s >= f, lambda i, l: max(reversed(i), key=lambda k: l[k])),
    "first-healthy": healthy_best(lambda a, s, f: finite(a) and s >= f, lambda i, l: i[0]), "lowest-wins": healthy_best(lambda a, s, f: finite(a) and s >= f, lambda i, l: min(i, key=lambda k: l[k])),
    "counting-from-one": healthy_best(lambda a, s, f: finite(a) and s >= f, lambda i, l: 1 + max(i, key=lambda k: l[k])),
    "index-among-the-healthy": healthy_best(lambda a, s, f: finite(a) and s >= f, lambda i, l: int(np.argmax([l[k] for k in i]))),
    "highest-of-all": lambda l, s, f: np.argmax(l), "floor-of-1e-03": healthy_best(lambda a, s, f: finite(a) and s >= 1e-3),
}.items():  # fmt: skip
    A("starts.best_of_restarts", names, f)


def plus_plus(weight=lambda T: T.min(0), pick=None, first=lambda X, g: g.integers(len(X)), seed=lambda r: r):
    def kpp(X, K, rng):
        g = np.random.default_rng(seed(rng))
        chosen = [int(first(X, g))]
        for _ in range(K - 1):
            T = np.array([((X - X[c]) ** 2).sum(1) for c in chosen])
            w = weight(T)
            w = w / w.sum() if w.sum() > 0 else np.full(len(X), 1 / len(X))
            chosen.append(int(g.choice(len(X), p=w) if pick is None else pick(w, g, T, X)))
        return X[chosen]

    return kpp  # fmt: skip


def greedy(w, g, T, X):
    candidates = g.choice(len(X), size=3, p=w)
    return min(candidates, key=lambda c: np.minimum(T.min(0), ((X - X[c]) ** 2).sum(1)).sum())


for names, f in {
    "distance-not-squared": plus_plus(lambda T: np.sqrt(T).min(0)), "distance-squared-twice": plus_plus(lambda T: T.min(0) ** 2), "always-the-farthest": plus_plus(pick=lambda w, g, T, X: np.argmax(w)),
    "best-of-several-draws": plus_plus(pick=greedy), "distance-to-the-last-only": plus_plus(lambda T: T[-1]), "distances-to-all-added": plus_plus(lambda T: T.mean(0)),
    "distance-to-the-farthest-centroid": plus_plus(lambda T: T.max(0)), "first-point-first": plus_plus(first=lambda X, g: 0), "seed-ignored": plus_plus(seed=lambda r: 42),
    "not-repeatable": plus_plus(seed=lambda r: None), "all-drawn-alike": lambda X, K, r: np.random.default_rng(r).permutation(X)[:K], "middle-point-first": plus_plus(first=lambda X, g: norm(X - X.mean(0), axis=1).argmin()),
}.items():  # fmt: skip
    A("starts.kmeans_plus_plus", names, f)


def seeded(X, K, rng):
    np.random.seed(rng)
    return plus_plus(seed=lambda r: np.random.randint(1 << 30))(X, K, rng)


A("starts.kmeans_plus_plus", "seed-must-be-short", seeded)

# --------------------------------------------------------------------------- missing


def conditioned(
    m,
    C,
    a,
    x,
    gain=lambda A, B: B @ inv(A),
    move=lambda m, g, z: m + g @ z,
    shrink=lambda D, g, B: D - g @ B.T,
):
    b = [j for j in range(len(m)) if j not in a]
    A_, B_, D_ = C[np.ix_(a, a)], C[np.ix_(b, a)], C[np.ix_(b, b)]
    g = gain(A_, B_)
    return move(m[b], g, x - m[a]), shrink(D_, g, B_)


for names, slip in {
    "shift-with-wrong-sign": dict(move=lambda m, g, z: m - g @ z), "own-mean-forgotten": dict(move=lambda m, g, z: g @ z), "covariance-not-reduced": dict(shrink=lambda D, g, B: D),
    "covariance-raised": dict(shrink=lambda D, g, B: D + g @ B.T), "only-variances-of-the-known": dict(gain=lambda A, B: B / np.diag(A)), "inverse-missing": dict(gain=lambda A, B: B @ A),
    "entries-inverted": dict(gain=lambda A, B: B @ A**-1.0), "variances-only": dict(shrink=lambda D, g, B: np.diag(D - g @ B.T)), "mean-not-shifted": dict(move=lambda m, g, z: m),
    "precision-returned": dict(shrink=lambda D, g, B: inv(D - g @ B.T)), "reduction-returned": dict(shrink=lambda D, g, B: g @ B.T),
}.items():  # fmt: skip
    A("missing.condition", names, lambda m, C, a, x, slip=slip: conditioned(m, C, list(a), x, **slip))


def e_missing(
    X, w, M, S, block=lambda C, a: C[np.ix_(a, a)], plus=lambda C, a: 0.0, weigh=np.log, total=sum, **slip
):
    J = np.zeros((len(X), len(w)))
    for i, x in enumerate(X):
        a = np.flatnonzero(~np.isnan(x))
        for k in range(len(w)):
            if len(a):
                J[i, k] = density(x[None, a], M[k][a], block(S[k], a), **slip)[0] + plus(S[k], a)
    J = J + weigh(w)
    return softmax(J), total(logsumexp(J, axis=1))


for names in (
    "no-normalising-constant",
    "no-determinant",
    "determinant-not-halved",
    "distance-not-halved",
    "covariance-not-inverted",
    "points-not-centred",
):
    A("missing.e_step_missing", names, lambda X, w, M, S, names=names: e_missing(X, w, M, S, **SLIPS[names]))
A("missing.e_step_missing", "weights-forgotten", lambda *p: e_missing(*p, weigh=lambda w: 0.0 * w))
A("missing.e_step_missing", "weights-not-logged", lambda *p: e_missing(*p, weigh=lambda w: w))
A("missing.e_step_missing", "mean-log-likelihood", lambda *p: e_missing(*p, total=np.mean))
A(
    "missing.e_step_missing",
    "constant-of-all-features",
    lambda *p: e_missing(*p, plus=lambda C, a: -(len(C) - len(a)) / 2 * log2pi),
)
A(
    "missing.e_step_missing",
    "correlations-ignored",
    lambda *p: e_missing(*p, block=lambda C, a: np.diag(C[a, a])),
)
A(
    "missing.e_step_missing",
    "block-of-the-precision",
    lambda *p: e_missing(*p, block=lambda C, a: inv(inv(C)[np.ix_(a, a)])),
)


def m_missing(
    X, R, M, S, add=lambda r, C, b: r * C, weigh=lambda r: r, fill=None, div=lambda r: r.sum(), centre=None
):
    d = X.shape[1]
    means, covariances = [], []
    for k in range(R.shape[1]):
        Y, E = X.copy(), np.zeros((d, d))
        for i, x in enumerate(X):
            b, a = np.flatnonzero(np.isnan(x)), np.flatnonzero(~np.isnan(x))
            if len(b):
                g, C = conditioned(M[k], S[k], list(a), x[a]) if len(a) else (M[k], S[k])
                Y[i, b] = g if fill is None else fill(M[k], b)
                E[np.ix_(b, b)] += add(R[i, k], C, b)
        m = (R[:, k] @ Y) / R[:, k].sum()
        z = Y - (m if centre is None else centre(M[k]))
        means.append(m)
        covariances.append((np.einsum("i,ij,il->jl", R[:, k], z, z) + E) / div(R[:, k]))
    return R.sum(0) / len(R), means, covariances


A("missing.m_step_missing", "nothing-added-for-the-gaps", lambda *p: m_missing(*p, add=lambda r, C, b: 0))
A("missing.m_step_missing", "gaps-not-weighted", lambda *p: m_missing(*p, add=lambda r, C, b: C))
A(
    "missing.m_step_missing",
    "only-variances-added",
    lambda *p: m_missing(*p, add=lambda r, C, b: r * np.diag(np.diag(C))),
)
A("missing.m_step_missing", "gaps-weighted-twice", lambda *p: m_missing(*p, add=lambda r, C, b: r * r * C))
A("missing.m_step_missing", "filled-with-component-means", lambda *p: m_missing(*p, fill=lambda m, b: m[b]))
A("missing.m_step_missing", "filled-with-zero", lambda *p: m_missing(*p, fill=lambda m, b: 0.0))
A("missing.m_step_missing", "divided-by-count-minus-one", lambda *p: m_missing(*p, div=lambda r: r.sum() - 1))
A("missing.m_step_missing", "scatter-about-the-old-mean", lambda *p: m_missing(*p, centre=lambda m: m))
A("missing.m_step_missing", "extra-doubled", lambda *p: m_missing(*p, add=lambda r, C, b: 2 * r * C))

# --------------------------------------------------------------------------- capstone
for names, f in {
    "whole-error-on-each-side": lambda x, p: np.percentile(x, [100 * (1 - p), 100 * p]), "upper-end-at-level": lambda x, p: (np.quantile(x, (1 - p) / 2), np.quantile(x, p)),
    "always-ninety-five": lambda x, p: np.percentile(x, [2.5, 97.5]), "ends-swapped": lambda x, p: np.quantile(x, [(1 + p) / 2, (1 - p) / 2]), "two-deviations": lambda x, p: (np.mean(x) - 1.96 * np.std(x), np.mean(x) + 1.96 * np.std(x)),
    "smallest-and-largest": lambda x, p: (min(x), max(x)), "lower-neighbour": lambda x, p: [sorted(x)[int(np.floor(q * (len(x) - 1)))] for q in ((1 - p) / 2, (1 + p) / 2)],
    "interpolated-by-weibull": lambda x, p: np.quantile(x, [(1 - p) / 2, (1 + p) / 2], method="weibull"), "not-interpolated": lambda x, p: [sorted(x)[min(int(q * len(x)), len(x) - 1)] for q in ((1 - p) / 2, (1 + p) / 2)],
    "reflected": lambda x, p: 2 * np.mean(x) - np.quantile(x, [(1 + p) / 2, (1 - p) / 2]), "normal-interval": lambda x, p: np.mean(x) + np.array([-1, 1]) * -__import__("statistics").NormalDist().inv_cdf((1 - p) / 2) * np.std(x),
}.items():  # fmt: skip
    A("capstone.percentile_interval", names, f)


def ordered(key, wkey=None, ckey=None):
    def order(w, m, C):
        k = sorted(range(len(w)), key=lambda j: key(w, m, C, j))
        return (w[k] if wkey is None else wkey(w)), m[k], (C[k] if ckey is None else ckey(C))

    return order  # fmt: skip


same = lambda values: values
for names, f in {
    "means-only": ordered(lambda w, m, C, j: m[j, 0], same, same), "descending": ordered(lambda w, m, C, j: -m[j, 0]), "sorted-by-weight": ordered(lambda w, m, C, j: w[j]),
    "sorted-by-weight-heaviest-first": ordered(lambda w, m, C, j: -w[j]), "covariances-left-behind": ordered(lambda w, m, C, j: m[j, 0], None, same), "sorted-by-length": ordered(lambda w, m, C, j: norm(m[j])),
    "sorted-by-last-coordinate": ordered(lambda w, m, C, j: m[j, -1]), "each-sorted-by-itself": ordered(lambda w, m, C, j: m[j, 0], np.sort), "sorted-by-sum": ordered(lambda w, m, C, j: m[j].mean()),
    "descending weights-left-behind": ordered(lambda w, m, C, j: -m[j, 0], same), "sorted-by-volume": ordered(lambda w, m, C, j: det(C[j])),
}.items():  # fmt: skip
    A("capstone.standard_order", names, f)

# --------------------------------------------------------------------------- em.fit
RIGHT = {name: find(name).reference for name in ("em.e_step", "em.m_step")}


def fitted(
    stop=lambda h, tol, n: len(h) > 1 and h[-1] - h[-2] < tol,
    last=False,
    rounds=0,
    e=lambda s, p: p,
    report=lambda h, n: h,
):
    def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
        start = p = (weights, means, covariances)
        h = []
        for t in range(max_iter + rounds):
            R, total = RIGHT["em.e_step"](X, *e(start, p))
            h += [total]
            if stop(h, tol, len(X)):
                break
            if t < max_iter + rounds - 1 or last:
                p = RIGHT["em.m_step"](X, R)
        return (*p, np.array(report(h, len(X))))

    return fit  # fmt: skip


for names, f in {
    "tol-ignored": fitted(lambda h, tol, n: False), "stops-on-mean": fitted(lambda h, tol, n: len(h) > 1 and (h[-1] - h[-2]) < tol * n), "one-round-too-many": fitted(rounds=1),
    "m-step-in-the-last-round": fitted(last=True), "mean-log-likelihoods": fitted(report=lambda h, n: np.array(h) / n), "only-last-log-likelihood": fitted(report=lambda h, n: h[-1]),
    "first-log-likelihood-missing": fitted(report=lambda h, n: h[1:]), "gains-returned": fitted(report=lambda h, n: np.diff(h)), "e-step-with-the-start": fitted(e=lambda s, p: s),
}.items():  # fmt: skip
    A("em.fit", names, f)


def main(seeds: int) -> None:
    """Print what each question catches and names, and the answers that are not named as a teacher would."""
    warnings.simplefilter("ignore")
    counts: dict[str, Counter] = {}
    for question_id, names, function in BANK:
        question = find(question_id)
        for seed in range(seeds):
            result = graded(question, function, seed)
            said = named(result)
            verdict = (
                "accepted"
                if result.score == MAX
                else "named"
                if said & set(names.split())
                else "named otherwise"
                if said
                else "unnamed"
            )
            counts.setdefault(question_id, Counter())[verdict] += 1
            if verdict != "named":
                print(f"{question_id}, seed {seed}: {names}: {verdict} {' '.join(said)}")
    total = sum(counts.values(), Counter())
    for question_id, count in counts.items():
        print(question_id, dict(count))
    print("in all", dict(total))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
