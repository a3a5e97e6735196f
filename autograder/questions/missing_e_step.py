"""missing.e_step_missing: inputs, checks and the catalogue of wrong E-steps with gaps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.em import e_step as e_step_of_complete_data
from gmmlib.missing import e_step as gmmlib_e_step
from gmmlib.mixture import Mixture

RETURNS = ("responsibilities", "log_likelihood")
RANDOM = ("random gaps 1", "random gaps 2", "random gaps 3")
SEE = "missing-e-step"
Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Owned = tuple[FloatArray, float]


def reference(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Owned:
    """The E-step of gmmlib on what is known of each point."""
    return gmmlib_e_step(X, Mixture(weights, means, covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Gaps at random first; then no gaps, empty rows, one component, an offset, far points."""
    randoms = [_random(rng, *size) for size in ((30, 2, 2), (35, 3, 3), (30, 4, 2))]
    X, weights, means, covariances = randoms[1]
    complete = _complete(rng, 25, 2, 3, separation=0.5)             # they overlap: nobody owns all points
    empty = X.copy()
    empty[:3] = np.nan
    far = X.copy()
    far[:10] = means[0] + 100.0 * (far[:10] - means[0])
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("other order",
             (X[::-1].copy(), weights[::-1].copy(), means[::-1].copy(), covariances[::-1].copy())),
        Case("no gaps", complete),
        Case("rows without any value", (empty, weights, means, covariances)),
        Case("one component", _random(rng, 20, 3, 1)),
        Case("far points", (far, weights, means, covariances)),
        Case("far from the origin", (X + 1e7, weights, means + 1e7, covariances)),
    )


def _complete(
    rng: np.random.Generator, n: int, d: int, n_components: int, separation: float = 1.5
) -> Call:
    parameters = drawing.mixture(rng, n_components, d, separation)
    return (drawing.points(rng, n, parameters), *parameters)


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """A third of the values missing, at least one known in each row."""
    X, *parameters = _complete(rng, n, d, n_components)
    gaps = rng.random(X.shape) < 0.35
    gaps[np.arange(n), rng.integers(d, size=n)] = False
    return np.where(gaps, np.nan, X), parameters[0], parameters[1], parameters[2]


def _small(rng: np.random.Generator) -> Call:
    """Three points in the plane, one without its first and one without its second coordinate."""
    X = rng.integers(0, 5, size=(3, 2)).astype(float)
    X[1, 0] = X[2, 1] = np.nan
    means = np.array([[0.0, 0.0], [float(rng.integers(2, 4)), 3.0]])
    return X, np.array([0.25, 0.75]), means, np.stack([np.eye(2), np.array([[2.0, 1.0], [1.0, 2.0]])])


# --------------------------------------------------------------------------- checks


def _rows_sum_to_one(seen: Seen) -> str:
    R = seen.returned["responsibilities"]
    return "" if np.allclose(R.sum(axis=1), 1.0, atol=1e-6) else "some rows do not sum to 1"


def _same_in_other_order(one: Seen, other: Seen) -> str:
    R, reversed_R = one.returned["responsibilities"], other.returned["responsibilities"]
    same = np.allclose(R, reversed_R[::-1, ::-1], atol=2e-6)
    return "" if same else "the responsibilities do not follow the points and components"


CHECKS = (
    shapes("Responsibilities (n, K) and one log-likelihood come back.", RETURNS, ("small example", *RANDOM),
           weight=0.5, see=SEE),
    values("Three points with gaps, small enough to do by hand, come out right.", RETURNS, ("small example",),
           weight=2, see=SEE),
    values("Random gaps: the responsibilities are right.", "responsibilities", RANDOM, weight=3, see=SEE),
    values("Random gaps: the log-likelihood of what is known is right.", "log_likelihood", RANDOM, weight=2,
           see=SEE),
    values("Without gaps it is the ordinary E-step.", RETURNS, ("no gaps",), weight=1, see="em-e-step"),
    values("A row without any value is shared out by the weights and adds nothing.", RETURNS,
           ("rows without any value",), weight=1, see=SEE),
    values("One component alone comes out right.", RETURNS, ("one component",), weight=0.5, see=SEE),
    values("Far points, and data ten million from the origin, come out right (this needs float64).", RETURNS,
           ("far points", "far from the origin"), weight=1, see="numerics-log-sum-exp"),
    holds("Each point is owned completely: rows sum to 1.", _rows_sum_to_one, ("responsibilities",), RANDOM,
          weight=0.5, see=SEE),
    together("Listing points and components in another order only reorders the answer.", _same_in_other_order,
             ("responsibilities",), (RANDOM[1], "other order"), weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong E-steps with gaps


def _log_marginals(
    X: FloatArray, means: FloatArray, covariances: FloatArray, block: Callable[..., FloatArray],
    dimensions: str = "known", determinant: str = "known"
) -> FloatArray:
    log_marginals = np.zeros((len(X), len(means)))                  # (n, K)  0 where nothing is known
    for i, x in enumerate(X):
        known = np.flatnonzero(~np.isnan(x))
        if len(known) == 0:
            continue
        d = len(known) if dimensions == "known" else len(x)
        for k, (m, C) in enumerate(zip(means, covariances, strict=True)):
            A, z = block(C, known), x[known] - m[known]
            log_determinant = np.linalg.slogdet(A if determinant == "known" else C)[1]
            quadratic = z @ np.linalg.solve(A, z)
            log_marginals[i, k] = -0.5 * (d * np.log(2 * np.pi) + log_determinant + quadratic)
    return log_marginals


def _block(C: FloatArray, known: FloatArray) -> FloatArray:
    return C[np.ix_(known, known)]


def _block_of_precision(C: FloatArray, known: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(np.linalg.inv(C)[np.ix_(known, known)]))


def _diagonal_block(C: FloatArray, known: FloatArray) -> FloatArray:
    return np.diag(np.diag(C)[known])


def _shared_out(log_joint: FloatArray) -> Owned:
    top = log_joint.max(axis=1, keepdims=True)
    total = top[:, 0] + np.log(np.exp(log_joint - top).sum(axis=1))
    return np.exp(log_joint - total[:, None]), float(total.sum())


def _plain_exp(log_joint: FloatArray) -> Owned:
    joint = np.exp(log_joint)
    return joint / joint.sum(axis=1, keepdims=True), float(np.log(joint.sum(axis=1)).sum())


def _log_weights(weights: FloatArray) -> FloatArray:
    return np.asarray(np.log(weights))


def _step_by_step(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    block: Callable[..., FloatArray] = _block,
    dimensions: str = "known",
    determinant: str = "known",
    weighted: Callable[[FloatArray], FloatArray] = _log_weights,
    share: Callable[[FloatArray], Owned] = _shared_out,
) -> Owned:
    log_marginals = _log_marginals(X, means, covariances, block, dimensions, determinant)
    return share(log_marginals + weighted(weights))


def _with(**step: Any) -> Callable[..., Owned]:
    return partial(_step_by_step, **step)


def _changed(change: Callable[..., Owned]) -> Callable[..., Owned]:
    """The right answer, changed afterwards: `change` gets X, responsibilities and log-likelihood."""
    def e_step(X: FloatArray, *mixture: FloatArray) -> Owned:
        return change(X, *reference(X, *mixture))
    return e_step


def _in_empty_rows(value: Callable[[int], float]) -> Callable[..., Owned]:
    def change(X: FloatArray, R: FloatArray, total: float) -> Owned:
        empty = np.isnan(X).all(axis=1)
        share = value(R.shape[1])
        R[empty] = share
        return R, share if np.isnan(share) and empty.any() else total
    return _changed(change)


def _filled(fill: Callable[..., FloatArray]) -> Callable[..., Owned]:
    def e_step(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Owned:
        filled = np.where(np.isnan(X), fill(X, weights, means), X)
        return e_step_of_complete_data(filled, Mixture(weights, means, covariances))
    return e_step


def _component_mean(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Owned:
    columns = []
    for m, C in zip(means, covariances, strict=True):
        columns.append(_log_marginals(np.where(np.isnan(X), m, X), m[None], C[None], _block)[:, 0])
    return _shared_out(np.stack(columns, axis=1) + np.log(weights))


def _dropped(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Owned:
    kept = X[~np.isnan(X).any(axis=1)]
    return e_step_of_complete_data(kept, Mixture(weights, means, covariances))


def _incomplete_by_weight(X: FloatArray, weights: FloatArray, means: FloatArray,
                          covariances: FloatArray) -> Owned:
    R = np.tile(weights, (len(X), 1))
    whole = ~np.isnan(X).any(axis=1)
    total = 0.0
    if whole.any():
        R[whole], total = e_step_of_complete_data(X[whole], Mixture(weights, means, covariances))
    return R, total


def _nan(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Owned:
    R, _ = _incomplete_by_weight(X, weights, means, covariances)
    gaps = np.isnan(X).any(axis=1)
    R[gaps] = np.nan
    total = e_step_of_complete_data(X, Mixture(weights, means, covariances))[1] if not gaps.any() else np.nan
    return R, float(total)


def _wrong(name: str, sentence: str, implementation: Callable[..., Owned]) -> Misconception:
    return Misconception(name, sentence, SEE, implementation)


def _missing_for_known(X: FloatArray, weights: FloatArray, *others: FloatArray) -> Owned:
    """A complete row counts as unknown, and any other is looked up where it is nan."""
    gaps = np.isnan(X).any(axis=1)
    R = np.tile(weights, (len(X), 1))
    R[gaps] = np.nan
    return R, np.nan if gaps.any() else 0.0


MISCONCEPTIONS = (
    _wrong("missing-for-known", "np.isnan marks what is missing; the known values are where ~np.isnan(x).",
           _missing_for_known),
    _wrong("gaps-become-nan", "A gap turns the whole row into nan: use only the features that are known.",
           _nan),
    _wrong("incomplete-rows-dropped", "Rows with gaps are left out; what is known of them counts.", _dropped),
    _wrong("incomplete-rows-by-weight",
           "Rows with gaps are shared out by the weights; their known values count.",
           _incomplete_by_weight),
    _wrong("filled-with-zero", "Gaps are filled with 0 before the E-step; nothing should be filled in.",
           _filled(lambda X, w, m: np.zeros(X.shape[1]))),
    _wrong("filled-with-overall-mean",
           "Gaps are filled with the mixture's mean; nothing should be filled in.",
           _filled(lambda X, w, m: w @ m)),
    _wrong("filled-with-column-mean",
           "Gaps are filled with the mean of the column; nothing should be filled in.",
           _filled(lambda X, w, m: np.nanmean(X, axis=0))),
    _wrong("filled-with-component-mean",
           "Gaps are filled with each component's mean: the density then still has factors of features "
           "nobody saw.",
           _component_mean),
    _wrong("block-of-the-precision",
           "The block is cut out of the inverse; cut it out of the covariance first, and then invert.",
           _with(block=_block_of_precision)),
    _wrong("constant-of-all-features",
           "The constant counts all d features; a point with gaps has only as many as are known.",
           _with(dimensions="all")),
    _wrong("weights-forgotten", "The mixing weights are missing.", _with(weighted=np.zeros_like)),
    _wrong("hard-assignment", "Each point is given wholly to one component; EM shares points.",
           _changed(lambda X, R, total: (np.eye(R.shape[1])[R.argmax(axis=1)], total))),
    _wrong("mean-log-likelihood", "The log-likelihood is the mean over the points; the course uses the sum.",
           _changed(lambda X, R, total: (R, total / len(X)))),
    _wrong("empty-row-becomes-nan",
           "A row without any value becomes nan; give it the log density 0 and skip the matrices.",
           _in_empty_rows(lambda K: np.nan)),
    _wrong("empty-row-shared-equally", "A row without any value is shared equally; it is by the weights.",
           _in_empty_rows(lambda K: 1 / K)),
    _wrong("determinant-of-all-features",
           "The determinant is that of the whole covariance; it must be that of the block.",
           _with(determinant="all")),
    _wrong("correlations-ignored",
           "covariance[a, a] picks the variances alone; np.ix_(a, a) picks the block with its correlations.",
           _with(block=_diagonal_block)),
    _wrong("weights-not-logged", "The weights are added to log densities; their logarithms must be.",
           _with(weighted=np.asarray)),
    _wrong("likelihood-zero",
           "The log-likelihood is taken of the responsibilities, whose rows sum to 1, so it is 0.",
           _changed(lambda X, R, total: (R, 0.0))),
    Misconception("exp-underflows", "The densities of far points underflow to 0: use log-sum-exp.",
                  "numerics-log-sum-exp", _with(share=_plain_exp)),
)

E_STEP_MISSING = Question(
    id="missing.e_step_missing",
    signature="e_step_missing(X, weights, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
