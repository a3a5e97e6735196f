"""em.fit: inputs and checks."""

from __future__ import annotations

from functools import cache

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, values
from autograder.questions.em_fit_mistakes import MISCONCEPTIONS, reference
from autograder.values import Case, Check, Finding, FloatArray, Question
from gmmlib.mixture import Mixture

RETURNS = ("weights", "means", "covariances", "log_likelihoods")
PARAMETERS = RETURNS[:3]
SIZES = {1: 20, 2: 40, 3: 50}       # number of components: of points
# Inputs begin with the seed of a start that is known to tell; a test looks at all seeds below 72.
NOT_TELLING = {1: (), 2: (16, 18, 21, 47, 49, 59, 64, 70), 3: (9, 11, 28, 38, 40, 50, 60, 70)}
TELLING = {K: tuple(seed for seed in range(72) if seed not in NOT_TELLING[K]) for K in SIZES}
# The same for a clear stop after which another round still moves the means.
CLEAR_STOPS = (
    0, 3, 10, 11, 13, 19, 21, 22, 23, 24, 29, 32, 43, 44, 48, 49, 66, 79, 94, 97, 101, 106, 108, 111,
    114, 117, 119, 124, 129, 134, 140, 145, 149, 152, 155, 157, 160, 163, 165, 166, 167, 169, 173, 174,
    176, 179, 181, 183, 189, 193, 197, 198, 199, 205, 206, 208, 210, 218, 229, 230, 236, 240, 244, 246,
)
Start = tuple[FloatArray, FloatArray, FloatArray, FloatArray]       # X and the parameters to start from


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Runs of 1, 2 and 5 rounds, and one that stops because the log-likelihood has stopped rising.

    Each is a known one, turned, scaled and shifted at random: that changes every number but no gain.
    """
    one, two, three = (_moved(rng, start(int(rng.choice(TELLING[K])), K)) for K in SIZES)
    known, tol = stopping(int(rng.choice(CLEAR_STOPS)))
    return (
        Case("one round", two, {"tol": 0.0, "max_iter": 1}),
        Case("two rounds", two, {"tol": 0.0, "max_iter": 2}),
        Case("five rounds", two, {"tol": 0.0, "max_iter": 5}),
        Case("three components", three, {"tol": 0.0, "max_iter": 5}),
        Case("one component", one, {"tol": 0.0, "max_iter": 2}),
        Case("stops by tol", _moved(rng, known), {"tol": tol, "max_iter": 40}),
    )


@cache
def start(seed: int, n_components: int) -> Start:
    """Overlapping components and a start that is off.

    It tells if each of five rounds gains more than 0.01 nats, and hard assignment in their place none less
    than 0: so the same mistake costs the same on any inputs.
    """
    rng = np.random.default_rng([seed, n_components])
    parameters = drawing.mixture(rng, n_components, 2, separation=1.0)
    X = drawing.points(rng, SIZES[n_components], parameters)
    means = parameters[1] + rng.normal(scale=0.6, size=(n_components, 2))
    weights = np.full(n_components, 1.0 / n_components)
    return X, weights, means, np.stack([1.5 * np.eye(2)] * n_components)


@cache
def stopping(seed: int) -> tuple[Start, float]:
    """A start with a clear stop, and its tol."""
    separated = start_of_separated(np.random.default_rng(seed))
    found = clear_stop(separated)
    assert found is not None, f"{seed} is no seed of a clear stop"
    return separated, found[1]


def clear_stop(start: Start) -> tuple[int, float] | None:
    """The round where EM stops, and a tol with a margin of two: earlier gains exceed 2 tol, the last tol / 2.

    One gain lies between 80 and 800 tol and the log-likelihood near -1000, so that a gain compared per point
    or relative to the log-likelihood stops elsewhere. The last gain is above 1e-5, so that a tol of the
    function's own does. None if there is no such round among the first twelve.
    """
    gains = np.diff(reference(*start, tol=0.0, max_iter=12)[3])
    for t in range(2, len(gains)):
        tol = float(gains[:t].min() / 2.1)
        between = (gains[:t] > 80.0 * tol) & (gains[:t] < 800.0 * tol)
        if 1e-5 < gains[t] < tol / 2.0 and between.any():
            return t, tol
    return None


def start_of_separated(rng: np.random.Generator) -> Start:
    """Two clear clusters in large units, and a start that is off."""
    unit = 1e5
    means = np.array([[0.0, 0.0], [4.2, 0.0]]) + rng.normal(scale=0.5, size=(2, 2))
    covariances = np.stack([drawing.covariance(rng, 2, 4.0) for _ in range(2)])
    X = drawing.points(rng, 40, (np.array([0.4, 0.6]), means, covariances))
    guess = means + rng.normal(scale=0.8, size=(2, 2))
    return unit * X, np.array([0.5, 0.5]), unit * guess, unit**2 * np.stack([6.0 * np.eye(2)] * 2)


def _moved(rng: np.random.Generator, start: Start) -> Start:
    """The same clusters seen from elsewhere, their points in another order."""
    X, weights, means, covariances = start
    angle, size = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.5, 2.0)
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = X.std() * rng.uniform(-2.0, 2.0, size=2)
    return rng.permutation(X @ turn.T + shift), weights, means @ turn.T + shift, size**2 * covariances


# --------------------------------------------------------------------------- checks


def _never_falls(seen: Seen) -> str:
    history = seen.returned["log_likelihoods"]
    slack = 1e-6 * np.abs(history).max()
    return "" if np.all(np.diff(history) >= -slack) else "the log-likelihood falls"


def _last_belongs_to_parameters(seen: Seen) -> str:
    try:
        mixture = Mixture(*(seen.returned[name] for name in PARAMETERS))
        log_likelihood = mixture.log_likelihood(seen.argument(0))
    except ValueError:
        return "the parameters are not those of a mixture"
    last = seen.returned["log_likelihoods"][-1]
    close = abs(last - log_likelihood) <= 1e-5 * max(1.0, abs(log_likelihood))
    return "" if close else "the last log-likelihood is not that of the returned parameters"


def _same_at_first(seen: Seen) -> str:
    history = seen.raw.get("log_likelihoods", np.empty(0))
    expected = seen.expected["log_likelihoods"]
    if history.ndim != 1 or len(history) < 3:
        return "there are fewer than three log-likelihoods"
    short = min(len(history), len(expected))
    rows = Seen(seen.case, {"log_likelihoods": history[:short]}, {"log_likelihoods": expected[:short]})
    return "" if rows.right("log_likelihoods") else "the first log-likelihoods are not those of EM"


def _judge_first_rounds(*seen: Seen) -> Finding:
    wrongs = [f"{one.case.name}: {wrong}" for one in seen if (wrong := _same_at_first(one))]
    return Finding(0.0 if wrongs else 1.0, wrongs[0] if wrongs else "")


_rises_like_em = Check(
    "first-rounds",
    "The first log-likelihoods are those of EM, even if there are too many or too few of them.", 2.0,
    "em-two-steps", ("five rounds", "three components"), _judge_first_rounds,
)

CHECKS = (
    shapes(
        "Weights, means, covariances and the log-likelihoods of all rounds come back, in this order.",
        RETURNS, ("two rounds", "five rounds"), weight=1, see="em-two-steps",
    ),
    values(
        "One round is one E-step: the parameters stay, and their log-likelihood is reported.",
        RETURNS, ("one round",), weight=1, see="em-two-steps",
    ),
    values(
        "Two rounds are E-step, M-step, E-step: the parameters have moved once.",
        RETURNS, ("two rounds",), weight=2, see="em-two-steps",
    ),
    values(
        "After five rounds the parameters are right.",
        PARAMETERS, ("five rounds", "three components"), weight=3, see="em-two-steps",
    ),
    values(
        "After five rounds the log-likelihoods are right, one for each round.",
        "log_likelihoods", ("five rounds", "three components"), weight=2, see="em-two-steps",
    ),
    _rises_like_em,
    values("One component alone comes out right.", RETURNS, ("one component",), weight=1, see="em-m-step"),
    values(
        "The loop stops as soon as the log-likelihood rises by less than tol.",
        RETURNS, ("stops by tol",), weight=2, see="em-two-steps",
    ),
    holds(
        "The log-likelihood never falls.",
        _never_falls, ("log_likelihoods",), ("five rounds", "three components"), weight=0.5,
        see="em-monotone",
    ),
    holds(
        "The last log-likelihood is that of the returned parameters.",
        _last_belongs_to_parameters, RETURNS, ("two rounds", "five rounds"), weight=0.5, see="em-two-steps",
    ),
)


FIT = Question(
    id="em.fit",
    signature="fit(X, weights, means, covariances, tol=1e-6, max_iter=200)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
    uses=("em.e_step", "em.m_step"),
    cpu_seconds=20.0,
)
