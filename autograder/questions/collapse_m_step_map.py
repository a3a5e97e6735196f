"""collapse.m_step_map: inputs, checks and the catalogue of wrong M-steps with a prior."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.covariance import Full
from gmmlib.cures import InverseWishart
from gmmlib.statistics import Statistics

RETURNS = ("weights", "means", "covariances")
RANDOM = ("random memberships 1", "random memberships 2", "random memberships 3")
SEE = "collapse-map"
Parameters = tuple[FloatArray, FloatArray, FloatArray]
Call = tuple[FloatArray, FloatArray]


def reference(X: FloatArray, responsibilities: FloatArray) -> Parameters:
    """The M-step of gmmlib with the prior of Fraley and Raftery (2007) in their default strength."""
    statistics = Statistics.of(X, responsibilities)
    means, covariances = InverseWishart().maximise(statistics, Full(), statistics.total())
    return statistics.counts / statistics.n, means, covariances


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Random memberships first; then duplicates, a component that owns one point, units and an offset."""
    randoms = [_random(rng, *size) for size in ((30, 2, 2), (40, 3, 3), (35, 2, 4))]
    X, R = randoms[0]
    lonely = X.copy()
    lonely[0, 0] -= 8.0                             # far from the others, and owned alone
    single = np.full((len(X), 2), [0.0, 1.0])
    single[0] = [1.0, 0.0]
    repeated = X.copy()
    repeated[:8] = X[0]
    own = np.full((len(X), 2), [0.0, 1.0])
    own[:8] = [1.0, 0.0]
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("shifted", (X + 4.0, R)),
        Case("other units", (X * np.array([1.0, 1e-3]), R)),
        Case("one point owned", (lonely, single)),
        Case("duplicates", (repeated, own)),
        Case("one component", (X, np.ones((len(X), 1)))),
        Case("one feature", (X[:, :1].copy(), R)),
        Case("far from the origin", (X + 1e7, R)),
    )


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """The first component owns more of a point, the further to the right it lies: so its mean is pulled."""
    while True:
        X = drawing.points(rng, n, drawing.mixture(rng, n_components, d)) + rng.uniform(1.0, 3.0, size=d)
        R = drawing.responsibilities(rng, n, n_components)
        Z = X - X.mean(axis=0)
        if abs(Z[:, 0] @ Z[:, 1]) > 0.1 * n:                        # the prior is no diagonal matrix
            return X[X[:, 0].argsort()], R[R[:, 0].argsort()]


def _small(rng: np.random.Generator) -> Call:
    """Four points on a line with whole coordinates, owned in quarters, the more the further to one side."""
    X = np.sort(rng.choice(np.arange(0.0, 20.0, 2.0), size=(4, 1), replace=False), axis=0)
    first = rng.choice([[1.0, 0.75, 0.5, 0.25], [0.25, 0.5, 0.75, 1.0]])
    return X, np.column_stack([first, 1.0 - first])


# --------------------------------------------------------------------------- checks


def _proper(seen: Seen) -> str:
    covariances = seen.returned["covariances"]
    if not np.allclose(covariances, np.swapaxes(covariances, 1, 2), rtol=1e-5):
        return "some covariance is not symmetric"
    return "" if np.all(np.linalg.eigvalsh(covariances) > 0) else "some covariance is not positive definite"


def _moves_along(one: Seen, other: Seen) -> str:
    if not np.allclose(one.returned["means"] + 4.0, other.returned["means"], atol=1e-4):
        return "the means do not move with the points"
    same = np.allclose(one.returned["covariances"], other.returned["covariances"], atol=1e-4)
    return "" if same else "the covariances change when all points move together"


CHECKS = (
    shapes("Weights, means and covariances come back, with shapes (K,), (K, d) and (K, d, d).", RETURNS,
           ("small example", *RANDOM), weight=0.5, see=SEE),
    values("Four points on a line, small enough to do by hand, come out right.", RETURNS, ("small example",),
           weight=2, see=SEE),
    values("The weights are those of the M-step without a prior.", "weights", RANDOM, weight=0.5, see=SEE),
    values("The means are pulled a little towards the mean of the data.", "means", RANDOM, weight=2, see=SEE),
    values("The covariances are those of the formula.", "covariances", RANDOM, weight=3, see=SEE),
    values("A component that owns a single point, or eight copies of one point, does not collapse.", RETURNS,
           ("one point owned", "duplicates"), weight=1.5, see=SEE),
    values("One component and one feature come out right.", RETURNS, ("one component", "one feature"),
           weight=1,
           see=SEE),
    values("The prior follows the units of the data, and an offset of ten million does no harm (float64).",
           RETURNS, ("other units", "far from the origin"), weight=1, see=SEE),
    holds("Every covariance is symmetric and positive definite.", _proper, ("covariances",), RANDOM,
          weight=0.5,
          see=SEE),
    together("Moving all points moves the means along and leaves the covariances alone.", _moves_along,
             ("means", "covariances"), (RANDOM[0], "shifted"), weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong M-steps

KAPPA = 0.01


def _share_of_volume(S: FloatArray, K: int, d: int) -> FloatArray:
    return np.asarray(S / K ** (2.0 / d))


def _formula(
    X: FloatArray,
    responsibilities: FloatArray,
    *,
    kappa: float = KAPPA,
    centre: Callable[[FloatArray], FloatArray] = lambda X: X[0] + (X - X[0]).mean(axis=0),
    mean: Callable[[FloatArray, FloatArray], FloatArray] = lambda Z, r: r @ Z / r.sum(),
    ddof: int = 0,
    prior: Callable[[FloatArray, int, int], FloatArray] = _share_of_volume,
    pull: Callable[[float, float], float] = lambda N, kappa: kappa * N / (kappa + N),
    product: Callable[[FloatArray, FloatArray], FloatArray] = np.outer,
    scatter: Callable[..., FloatArray] = lambda Z, r, shift: (Z * r[:, None]).T @ Z,
    divided: Callable[[FloatArray, float, int], FloatArray] = lambda total, N, d: total / (N + 2 * d + 4),
    means_pulled: bool = True,
    weights: Callable[[FloatArray, int], FloatArray] = lambda counts, n: counts / n,
) -> Parameters:
    K, d = responsibilities.shape[1], X.shape[1]
    mu = centre(X)
    Z = X - X.mean(axis=0)
    scale = prior(Z.T @ Z / (len(X) - ddof), K, d)
    counts = responsibilities.sum(axis=0)
    means, covariances = [], []
    for N, r in zip(counts, responsibilities.T, strict=True):
        own = X[0] + mean(X - X[0], r)
        z = own - mu
        W = scatter(X - own, r, kappa / (N + kappa) * z)
        covariances.append(divided(scale + W + pull(N, kappa) * product(z, z), N, d))
        means.append(mu + N / (N + kappa) * z if means_pulled else own)
    return weights(counts, len(X)), np.array(means), np.array(covariances)


def _no_prior(X: FloatArray, responsibilities: FloatArray) -> Parameters:
    return _formula(
        X, responsibilities, kappa=0.0, prior=lambda S, K, d: 0 * S, pull=lambda N, kappa: 0.0,
        divided=lambda total, N, d: total / N,
    )


def _ridge(X: FloatArray, responsibilities: FloatArray) -> Parameters:
    weights, means, covariances = _no_prior(X, responsibilities)
    return weights, means, covariances + 1e-6 * np.eye(X.shape[1])


def _scatter_as_prior(X: FloatArray, responsibilities: FloatArray) -> Parameters:
    return _formula(X, responsibilities, prior=lambda S, K, d: len(X) * _share_of_volume(S, K, d))


def _first_component(X: FloatArray, responsibilities: FloatArray) -> Parameters:
    weights, means, covariances = reference(X, responsibilities)
    means[1:], covariances[1:] = 0.0, 0.0
    return weights, means, covariances


def _wrong(name: str, sentence: str, **step: Any) -> Misconception:
    return Misconception(name, sentence, SEE, partial(_formula, **step))


def _alone(name: str, sentence: str, **step: Any) -> Misconception:
    """A mistake that is not tried together with another one, as partials are: that takes time."""
    return Misconception(name, sentence, SEE, lambda *inputs: _formula(*inputs, **step))


MISCONCEPTIONS = (
    Misconception("no-prior",
                  "This is the M-step without the prior: a component on one point still collapses.",
                  SEE, _no_prior),
    Misconception("ridge-instead-of-prior",
                  "A fixed number is added to the variances; it depends on the units, and is no prior.", SEE,
                  _ridge),
    _wrong("means-not-pulled",
           "The means are plain weighted means; the prior pulls them towards the data's mean.",
           means_pulled=False),
    _wrong("pulled-to-the-origin", "The means are pulled towards 0; the prior's mean is that of the data.",
           centre=lambda X: np.zeros(X.shape[1])),
    _wrong("no-pull-in-covariance", "The term with κ N / (κ + N) is missing in the covariance.",
           pull=lambda N, kappa: 0.0),
    _wrong("prior-too-strong", "κ is 1; here the prior's mean counts for a hundredth of a point, κ = 0.01.",
           kappa=1.0),
    _wrong("prior-not-shared-out", "Λ is the data's covariance; it must be divided by K^(2/d).",
           prior=lambda S, K, d: S),
    _wrong("prior-divided-by-components", "Λ is divided by K; it must be divided by K^(2/d).",
           prior=lambda S, K, d: S / K),
    _wrong("prior-with-diagonal-only", "Only the variances enter Λ; it is the whole covariance of the data.",
           prior=lambda S, K, d: _share_of_volume(np.diag(np.diag(S)), K, d)),
    _wrong("divided-by-count", "The sum is divided by N_k; with the prior it is N_k + ν + d + 2.",
           divided=lambda total, N, d: total / N),
    _wrong("degrees-forgotten", "The divisor lacks the degrees of freedom ν = d + 2.",
           divided=lambda total, N, d: total / (N + d + 2)),
    _wrong("mean-of-the-posterior",
           "The divisor is that of the posterior's mean; its maximum has N_k + ν + d + 2.",
           divided=lambda total, N, d: total / (N + 1)),
    _alone("divisor-without-brackets",
           "Only ν is under the fraction line: put brackets round the whole divisor, ν + N_k + d + 2.",
           divided=lambda total, N, d: total / (d + 2) + N + d + 2),
    _alone("prior-forgotten", "Λ is missing in the sum.", prior=lambda S, K, d: 0 * S),
    _alone("prior-with-n-minus-one",
           "S is np.cov as it is, with the divisor n - 1; here it is n: np.cov(X.T, ddof=0).", ddof=1),
    Misconception("prior-not-divided-by-n",
                  "S is the scatter of all data; divide it by n to make it their covariance.", SEE,
                  _scatter_as_prior),
    _alone("power-without-brackets",
           "S / K ** 2 / d divides by K² and then by d; the exponent is 2 / d: write K ** (2 / d).",
           prior=lambda S, K, d: S / K**2 / d),
    _alone("inner-product",
           "z @ z, and z @ z.T as well, is one number; z zᵀ is a (d, d) matrix: np.outer(z, z).",
           product=lambda z, _: z @ z),
    _alone("pull-not-divided", "The factor of z zᵀ lacks its divisor κ + N_k.",
           pull=lambda N, kappa: kappa * N),
    _alone("covariance-instead-of-scatter",
           "W_k is divided by N_k before it is added; it is the sum, and only the total is divided.",
           scatter=lambda Z, r, shift: (Z * r[:, None]).T @ Z / r.sum()),
    _alone("scatter-unweighted", "Every point counts fully in W_k; it must count by its responsibility.",
           scatter=lambda Z, r, shift: Z.T @ Z),
    _alone("scatter-about-the-pulled-mean",
           "W_k is taken about μ_k instead of x̄_k, or the factor of z zᵀ is κ without N_k / (κ + N_k).",
           scatter=lambda Z, r, shift: ((Z + shift) * r[:, None]).T @ (Z + shift)),
    _alone("one-mean-for-all-features",
           "X.mean() is the mean of all numbers together; each feature has its own: axis=0.",
           centre=lambda X: np.full(X.shape[1], X.mean())),
    _alone("counts-instead-of-weights", "The counts are returned; divided by n they are the weights.",
           weights=lambda counts, n: counts),
    _alone("means-of-all-points",
           "The weighted means do not use the responsibilities: all are the mean of the data.",
           mean=lambda Z, r: Z.mean(axis=0)),
    Misconception("first-component-only",
                  "Only the first component is filled in: is the return inside the loop?", SEE,
                  _first_component),
)

M_STEP_MAP = Question(
    id="collapse.m_step_map",
    signature="m_step_map(X, responsibilities)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
