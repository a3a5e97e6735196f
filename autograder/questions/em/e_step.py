"""em.e_step: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.em.wrong_e_steps import wrong
from autograder.questions.parts import LOG_LIKELIHOOD, RESPONSIBILITIES
from gmmlib.em import e_step as gmmlib_e_step
from gmmlib.mixture import Mixture, log_sum_exp

RANDOM = ("random mixture 1", "random mixture 2", "random mixture 3")
RETURNS = (RESPONSIBILITIES, LOG_LIKELIHOOD)
UNIT = 0.5  # spread of what is drawn where nothing is hard; a power of 2: no digit changes
RIDGE = 1e-6  # what is added most often; and next a hundredth of it
ALLOWED = 1e-6  # of a share, and of Σ |log p(x_i)|


def reference(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, float]:
    """The E-step of gmmlib with the arguments of the contract."""
    return gmmlib_e_step(X, Mixture(weights, means, covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    sizes = ((30, 2, 2), (40, 3, 3), (35, 2, 4))
    randoms = [_random(rng, *size) for size in sizes]
    X, weights, means, covariances = randoms[0].call
    R, log_likelihood = randoms[0].answer
    in_other_order = (X[::-1].copy(), weights[::-1].copy(), means[::-1].copy(), covariances[::-1].copy())
    cases = [Case("small example", _small(rng))]
    cases += [drawn.case(name) for name, drawn in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("other order", in_other_order, answer=(R[::-1, ::-1], log_likelihood)),
        _random(rng, 20, 2, 1).case("one component"),
        _random(rng, 25, 1, 3).case("one feature"),
        _shared(partial(_little_weight, rng), RESPONSIBILITIES, least=-25.0).case("little weight"),
        _shared(partial(_far, rng), LOG_LIKELIHOOD).case("far points"),
        _telling(partial(_all_far, rng), LOG_LIKELIHOOD).case("all points far"),
        Case("far from the origin", _far_off(X, weights, means, covariances), noisy=True),
        _shared(partial(_fifty, rng)).case("fifty features"),
    ]
    flat, mean, covariance = drawing.nearly_flat(rng, 15, 2)
    cases += [Case("nearly flat", (flat, np.ones(1), mean[None], covariance[None]))]
    return tuple(cases)


Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


class Drawn(NamedTuple):
    """A call, and what the reference answers: known as soon as it is known that the call is a telling one."""

    call: Call
    answer: tuple[FloatArray, float]
    size: float  # Σ |log p(x_i)|, by which the log-likelihood's tolerance goes
    lowest: float  # of the log p(x_i)

    def case(self, name: str) -> Case:
        """Both as a case."""
        return Case(name, self.call, answer=self.answer)


def _random(rng: np.random.Generator, n: int, d: int, n_components: int, unit: float = UNIT) -> Drawn:
    """Points of a mixture on which a ridge shows: in the log-likelihood, or in the shares of one feature."""
    while True:
        drawn = _overlapping(rng, n, d, n_components, unit)
        if _a_ridge_tells(drawn, RESPONSIBILITIES if d == 1 else LOG_LIKELIHOOD):
            return drawn


def _overlapping(rng: np.random.Generator, n: int, d: int, n_components: int, unit: float) -> Drawn:
    """Points of a mixture whose components overlap, so that no mistake is hidden by a lucky draw.

    No density underflows, whichever entry of its row is subtracted from its logarithm.
    """
    weights, means, covariances = drawing.mixture(rng, n_components, d)
    weights = drawing.in_no_order(weights)
    means, covariances = unit * means, unit**2 * covariances
    factors = drawing.factors_of(covariances)
    while True:
        X = drawing.points_later(rng, n, d)((weights, means, covariances), factors)
        joint = drawing.log_joint(X, weights, means, factors)
        drawn = _of_joint((X, weights, means, covariances), joint)
        shared = 1.0 - drawn.answer[0].max(axis=1)
        if (n_components == 1 or shared.mean() > 0.05) and joint.min() > -600.0 / n_components:
            return drawn
        means = means.mean(axis=0) + 0.6 * (means - means.mean(axis=0))


def _a_ridge_tells(drawn: Drawn, part: Part) -> bool:
    """Whether a ridge shows in this part, and one of a hundredth of its size in none, also if the determinant
    is without it.
    """
    off = _off_by_a_ridge(drawn)
    in_distances = _off_by_a_ridge(drawn, in_determinant=False)
    return off[part] > 1.2 and max(*off.values(), *in_distances.values()) < 80.0


def _off_by_a_ridge(drawn: Drawn, in_determinant: bool = True) -> dict[Part, float]:
    """How far off a ridge makes the answers, to first order, as a multiple of what is allowed.

    With g_ik = ½ (|Σ_k⁻¹ (x_i - μ_k)|² - tr Σ_k⁻¹), the derivative of log N(x_i | k), that of the answers is
    r_ik (g_ik - Σ_j r_ij g_ij) and Σ_ik r_ik g_ik.
    """
    (X, _, means, covariances), (R, _), size, _ = drawn
    precisions = np.linalg.inv(covariances)  # (K, d, d)
    to_each = np.square((X - means[:, None]) @ precisions).sum(axis=2)  # (K, n)
    traces = np.trace(precisions, axis1=1, axis2=2)[:, None] if in_determinant else 0.0
    g = 0.5 * (to_each - traces).T  # (n, K)
    mean_g = (R * g).sum(axis=1)  # (n,)
    return {
        RESPONSIBILITIES: RIDGE * float(np.abs(R * (g - mean_g[:, None])).max()) / ALLOWED,
        LOG_LIKELIHOOD: RIDGE * abs(float(mean_g.sum())) / (ALLOWED * max(1.0, size)),
    }


def _far_off(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Call:
    """The same ten million from the origin, of a spread of 1."""
    return X / UNIT + 1e7, weights, means / UNIT + 1e7, covariances / UNIT**2


def _of_joint(call: Call, log_joint: FloatArray) -> Drawn:
    """A call with its answer, from log w_k N(x_i | k), (n, K)."""
    log_density = log_sum_exp(log_joint)
    R = np.exp(log_joint - log_density[:, None])
    return Drawn(call, (R, float(log_density.sum())), float(np.abs(log_density).sum()), log_density.min())


def _small(rng: np.random.Generator) -> Call:
    """Three points on a line and two components; the fifth digit of the log-likelihood counts."""
    while True:
        share = float(rng.choice([0.2, 0.25, 0.3]))
        means = np.array([[0.0], [float(rng.integers(2, 4))]])
        X = rng.choice(np.arange(-1.5, 6.0), size=(3, 1), replace=False)
        covariances = np.array([[[1.0]], [[float(rng.integers(2, 5))]]])
        drawn = _answered(X, np.array([share, 1.0 - share]), means, covariances)
        if drawn.answer[0].min() > 5e-4 or not drawing.rounding_shows(drawn.answer[1], 4):
            continue  # shares that are kept above a thousandth show
        if max(_off_by_a_ridge(drawn).values()) > 0.12:
            return drawn.call  # a ridge ten times as large shows


def _answered(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Drawn:
    joint = drawing.log_joint(X, weights, means, drawing.factors_of(covariances))
    return _of_joint((X, weights, means, covariances), joint)


def _telling(call: Callable[[], Call], part: Part) -> Drawn:
    """The first call drawn on which a ridge shows in this part."""
    while True:
        drawn = _answered(*call())
        if _a_ridge_tells(drawn, part):
            return drawn


def _shared(call: Callable[[], Call], part: Part | None = None, least: float = -np.inf) -> Drawn:
    """The first call drawn in which some points are shared, as hard assignment and Σ r log(w N) must show;
    and on which a ridge shows in this part, and a log-likelihood in whole numbers; no log density is below
    the least, so that whether a number that is added to the densities shows is no matter of luck.
    """
    while True:
        drawn = _answered(*call()) if part is None else _telling(call, part)
        R, log_likelihood = drawn.answer
        entropy = -(R * np.log(np.where(R > 0, R, 1.0))).sum()
        if entropy > 0.2 and drawing.rounding_shows(log_likelihood, 0) and drawn.lowest > least:
            return drawn


def _little_weight(rng: np.random.Generator) -> Call:
    """A component of weight 1e-8 that owns its points all the same; none is narrow, so nothing underflows."""
    weights, means, _ = drawing.mixture(rng, 3, 2)
    weights = drawing.in_no_order(weights)
    covariances = drawing.covariances(rng, rng.uniform(1.0, 2.0, 3), 2, condition=2.0)
    X = drawing.points(rng, 30, (weights, means, covariances))
    weights[0] = 1e-8
    means[0], means[2] = means[1] + 7.0, means[1] - 0.5
    X[:6] = means[0] + 0.8 * (X[:6] - X[:6].mean(axis=0))
    return UNIT * X, weights / weights.sum(), UNIT * means, UNIT**2 * covariances


def _far(rng: np.random.Generator) -> Call:
    """Points so far away that every density underflows: log densities below -1000."""
    X, weights, means, covariances = _overlapping(rng, 24, 2, 3, 1.0).call
    directions = rng.normal(size=(12, 2))
    X[:12] = 100.0 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return X, weights, means, covariances


def _all_far(rng: np.random.Generator) -> Call:
    """All points in one far corner: every density underflows, but none is far below the others."""
    X, weights, means, covariances = _overlapping(rng, 10, 2, 2, 1.0).call
    return 0.2 * X + 90.0, weights, means, covariances


def _fifty(rng: np.random.Generator) -> Call:
    """Fifty features in small units: the determinant is below the smallest float."""
    weights, means, covariances = drawing.mixture(rng, 2, 50)
    weights = drawing.in_no_order(weights)
    means = means[0] + 0.02 * (means - means[0])
    covariances[1] = 1.05 * covariances[0]
    X = drawing.points(rng, 12, (weights, means, covariances))
    return 1e-5 * X, weights, 1e-5 * means, 1e-10 * covariances


# --------------------------------------------------------------------------- checks


def _rows_sum_to_one(seen: Seen) -> str:
    R = seen.returned[RESPONSIBILITIES]
    if not np.all((R >= -1e-9) & (R <= 1 + 1e-9)):
        return "some responsibilities are not between 0 and 1"
    return "" if np.allclose(R.sum(axis=1), 1.0, atol=1e-6) else "some rows do not sum to 1"


def _same_in_other_order(one: Seen, other: Seen) -> str:
    R, reversed_R = one.returned[RESPONSIBILITIES], other.returned[RESPONSIBILITIES]
    same = np.allclose(R, reversed_R[::-1, ::-1], atol=2e-6)
    return "" if same else "the responsibilities do not follow the points and components"


CHECKS = (
    shapes(
        "Responsibilities come as an array of n rows and K columns, the log-likelihood as one number.",
        ("small example", *RANDOM),
        weight=1,
        see="em-e-step",
    ),
    holds(
        "Each point is owned completely: its responsibilities lie between 0 and 1 and sum to 1.",
        _rows_sum_to_one,
        (RESPONSIBILITIES,),
        RANDOM,
        weight=1,
        see="soft-responsibilities",
    ),
    values(
        "Three points and two components, small enough to work out by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="em-e-step",
    ),
    values(
        "The responsibilities of random mixtures are right.",
        RESPONSIBILITIES,
        RANDOM,
        weight=3,
        see="em-e-step",
    ),
    values(
        "The log-likelihood of random mixtures is right.",
        LOG_LIKELIHOOD,
        RANDOM,
        weight=2,
        see="soft-mixture",
    ),
    values(
        "One component alone owns everything, and the log-likelihood is that of a Gaussian.",
        RETURNS,
        ("one component",),
        weight=0.5,
        see="em-e-step",
    ),
    values(
        "Data with a single feature come out right.",
        RETURNS,
        ("one feature",),
        weight=0.5,
        see="em-e-step",
    ),
    values(
        "A component of very little weight still owns the points that only it can explain.",
        RETURNS,
        ("little weight",),
        weight=1,
        see="soft-responsibilities",
    ),
    values(
        "Points far from every component are shared out correctly, although every density underflows to 0.",
        RETURNS,
        ("far points", "all points far"),
        weight=2,
        see="numerics-log-sum-exp",
    ),
    values(
        "Data ten million from the origin, and nearly flat ones, come out right (this needs float64).",
        RETURNS,
        ("far from the origin", "nearly flat"),
        weight=1,
        see="em-e-step",
    ),
    values(
        "Fifty features in small units come out right, although the determinant underflows.",
        RETURNS,
        ("fifty features",),
        weight=1,
        see="soft-gaussian",
    ),
    together(
        "Listing points and components in another order only reorders the answer.",
        _same_in_other_order,
        (RESPONSIBILITIES,),
        (RANDOM[0], "other order"),
        weight=1,
        see="em-e-step",
    ),
)


QUESTION = Question(
    id="em.e_step",
    signature="e_step(X, weights, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
