"""em.fit: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice

import numpy as np

from autograder.questions import (
    Case,
    Check,
    Finding,
    FloatArray,
    Question,
    Seen,
    holds,
    shapes,
    values,
)
from autograder.questions.em.known_starts import (
    CLEAR_STOPS,
    OVERLAPPING,
    SIZES,
    Answer,
    Start,
    rounds,
    start,
    stopping,
)
from autograder.questions.em.wrong_fits import wrong
from autograder.questions.parts import COVARIANCES, LOG_LIKELIHOODS, MEANS, WEIGHTS
from gmmlib.mixture import Mixture

RETURNS = (WEIGHTS, MEANS, COVARIANCES, LOG_LIKELIHOODS)
PARAMETERS = RETURNS[:3]


def reference(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    tol: float = 1e-6,
    max_iter: int = 200,
) -> Answer:
    """Repeat the two steps of gmmlib, which on few points takes half as long as its `fit`."""
    return _stopped(rounds(X, weights, means, covariances), tol, max_iter)


def _stopped(answers: Iterable[Answer], tol: float, max_iter: int) -> Answer:
    """Return the round at which EM stops."""
    for answer in answers:
        history = answer[3]
        converged = len(history) > 1 and history[-1] - history[-2] < tol
        if converged or len(history) >= max_iter:
            return answer
    raise ValueError("more rounds are asked for than are known")


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Runs of 1, 2 and 5 rounds, and three that tol stops: one and the same tol is right for none of them
    and for the runs of five rounds as well.

    Each is a known one, turned, scaled and shifted at random: that changes every number but no gain.
    """
    one, two, three = (_overlapping(rng, int(rng.choice(OVERLAPPING[K])), K) for K in SIZES)
    seed = int(rng.choice(CLEAR_STOPS))
    separated, tol, first = stopping(seed)
    return (
        two.case("one round", 0.0, 1),
        two.case("two rounds", 0.0, 2),
        two.case("five rounds", 0.0, 5),
        three.case("three components", 0.0, 5),
        one.case("one component", 0.0, 2),
        Elsewhere(*moved(rng, separated), partial(_stopped, first)).case("stops by tol", tol, 40),
        Case("nothing left to gain", _converged(one.start[0][:, :1]), {"tol": 1e-3, "max_iter": 5}),
        two.case("no gain is enough", 1e3, 5),
    )


def _converged(X: FloatArray) -> Start:
    """Start from the estimates of one component: the second round gains nothing, and is the last.

    X is (n, 1) here: a single feature.
    """
    return X, np.ones(1), X.mean(axis=0)[None], np.atleast_2d(np.cov(X.T, bias=True))[None]


@dataclass(frozen=True)
class Move:
    """How points in the plane were moved, x ↦ A x + b, where A turns and scales."""

    turn: FloatArray  # A, (2, 2)
    shift: FloatArray  # b, (2,)
    size: float  # |A| = size²

    def of(self, answer: Answer, n: int) -> Answer:
        """What EM gives on the n points moved: A μ + b, A Σ Aᵀ, and a density that is |A| times smaller."""
        weights, means, covariances, history = answer
        covariances = self.turn @ covariances @ self.turn.T
        return weights, means @ self.turn.T + self.shift, covariances, history - 2 * n * np.log(self.size)


def moved(rng: np.random.Generator, start: Start, unit: float = 1.0) -> tuple[Start, Move]:
    """Show the same clusters as seen from elsewhere, their points in another order."""
    X, weights, means, covariances = start
    angle, size = rng.uniform(0.0, 2.0 * np.pi), unit * rng.uniform(0.5, 2.0)
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = unit * X.std() * rng.uniform(-2.0, 2.0, size=2)
    elsewhere = rng.permutation(X @ turn.T + shift), weights, means @ turn.T + shift, size**2 * covariances
    return elsewhere, Move(turn, shift, size)


@dataclass(frozen=True)
class Elsewhere:
    """A known start as seen from elsewhere, whose answers are the known ones, moved."""

    start: Start
    move: Move
    known: Callable[[float, int], Answer]  # by tol and max_iter

    def case(self, name: str, tol: float, max_iter: int) -> Case:
        """A run of EM from here."""
        answer = self.move.of(self.known(tol, max_iter), len(self.start[0]))
        return Case(name, self.start, {"tol": tol, "max_iter": max_iter}, answer=answer)


def _overlapping(rng: np.random.Generator, seed: int, n_components: int) -> Elsewhere:
    known = partial(_stopped, _first_rounds(seed, n_components))
    unit = 8.0 if n_components > 1 else 2.0**-10  # a ridge of 1e-6 shows in small units alone
    return Elsewhere(*moved(rng, start(seed, n_components), unit), known)


@cache
def _first_rounds(seed: int, n_components: int) -> tuple[Answer, ...]:
    """As many as are asked for."""
    return tuple(islice(rounds(*start(seed, n_components)), 5 if n_components > 1 else 2))


# --------------------------------------------------------------------------- checks


def _never_falls(seen: Seen) -> str:
    history = seen.returned[LOG_LIKELIHOODS]
    slack = 1e-6 * np.abs(history).max()
    return "" if np.all(np.diff(history) >= -slack) else "the log-likelihood falls"


def _last_belongs_to_parameters(seen: Seen) -> str:
    try:
        mixture = Mixture(*(seen.returned[part] for part in PARAMETERS))
        log_likelihood = mixture.log_likelihood(seen.argument(0))
    except ValueError:
        return "the parameters are not those of a mixture"
    last = seen.returned[LOG_LIKELIHOODS][-1]
    close = abs(last - log_likelihood) <= 1e-5 * max(1.0, abs(log_likelihood))
    return "" if close else "the last log-likelihood is not that of the returned parameters"


def _same_at_first(seen: Seen) -> str:
    history = seen.raw.get(LOG_LIKELIHOODS, np.empty(0))
    expected = seen.expected[LOG_LIKELIHOODS]
    if history.ndim != 1 or len(history) < 3:
        return "there are fewer than three log-likelihoods"
    short = min(len(history), len(expected))
    rows = Seen(seen.case, {LOG_LIKELIHOODS: history[:short]}, {LOG_LIKELIHOODS: expected[:short]})
    return "" if rows.right(LOG_LIKELIHOODS) else "the first log-likelihoods are not those of EM"


def _judge_first_rounds(*seen: Seen) -> Finding:
    wrongs = [f"{case.case.name}: {wrong}" for case in seen if (wrong := _same_at_first(case))]
    return Finding(0.0 if wrongs else 1.0, wrongs[0] if wrongs else "")


def _stops_elsewhere(seen: Seen) -> str:
    """What a list tells that begins like the right one and has another length."""
    history, expected = seen.raw.get(LOG_LIKELIHOODS, np.empty(0)), seen.expected[LOG_LIKELIHOODS]
    if history.ndim != 1 or not len(history) or len(history) == len(expected):
        return ""
    short = min(len(history), len(expected))
    rows = Seen(seen.case, {LOG_LIKELIHOODS: history[:short]}, {LOG_LIKELIHOODS: expected[:short]})
    if not rows.right(LOG_LIKELIHOODS):
        return ""
    if len(history) > len(expected):
        return "the log-likelihoods go on behind the first gain below tol"
    return "the log-likelihoods end before a gain is below tol"


def _judge_stops(*seen: Seen) -> Finding:
    finding = _right_at_the_stop.judge(*seen)
    wrongs = [f"{case.case.name}: {wrong}" for case in seen if (wrong := _stops_elsewhere(case))]
    return Finding(finding.score, wrongs[0] if wrongs and not finding.passed else finding.message)


_right_at_the_stop = values(
    "The loop stops as soon as the log-likelihood rises by less than tol.",
    RETURNS,
    ("stops by tol", "nothing left to gain", "no gain is enough"),
    weight=2,
    see="em-two-steps",
)

_rises_like_em = Check(
    "The first log-likelihoods are those of EM, even if there are too many or too few of them.",
    2.0,
    "em-two-steps",
    ("five rounds", "three components"),
    _judge_first_rounds,
)

CHECKS = (
    shapes(
        "Weights, means, covariances and the log-likelihoods of all rounds come back, in this order.",
        ("two rounds", "five rounds"),
        weight=1,
        see="em-two-steps",
    ),
    values(
        "One round is one E-step: the parameters stay, and their log-likelihood is reported.",
        RETURNS,
        ("one round",),
        weight=1,
        see="em-two-steps",
    ),
    values(
        "Two rounds are E-step, M-step, E-step: the parameters have moved once.",
        RETURNS,
        ("two rounds",),
        weight=2,
        see="em-two-steps",
    ),
    values(
        "After five rounds the parameters are right.",
        PARAMETERS,
        ("five rounds", "three components"),
        weight=3,
        see="em-two-steps",
    ),
    values(
        "After five rounds the log-likelihoods are right, one for each round.",
        LOG_LIKELIHOODS,
        ("five rounds", "three components"),
        weight=2,
        see="em-two-steps",
    ),
    _rises_like_em,
    values(
        "One component alone, in small units, comes out right.",
        RETURNS,
        ("one component",),
        weight=1,
        see="em-m-step",
    ),
    replace(_right_at_the_stop, judge=_judge_stops),
    holds(
        "The log-likelihood never falls.",
        _never_falls,
        (LOG_LIKELIHOODS,),
        ("five rounds", "three components"),
        weight=0.5,
        see="em-monotone",
    ),
    holds(
        "The last log-likelihood is that of the returned parameters.",
        _last_belongs_to_parameters,
        RETURNS,
        ("two rounds", "five rounds"),
        weight=0.5,
        see="em-two-steps",
    ),
)


QUESTION = Question(
    id="em.fit",
    signature="fit(X, weights, means, covariances, tol=1e-6, max_iter=200)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("em.e_step", "em.m_step"),
    calls=5,
)
