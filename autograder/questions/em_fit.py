"""em.fit: inputs, checks and the catalogue of wrong loops."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, values
from autograder.questions.em_e_step import reference as e_step
from autograder.questions.em_m_step import reference as m_step
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.em import fit as gmmlib_fit
from gmmlib.errors import ConvergenceWarning
from gmmlib.mixture import Mixture

RETURNS = ("weights", "means", "covariances", "log_likelihoods")
PARAMETERS = RETURNS[:3]
Fitted = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Start = tuple[FloatArray, FloatArray, FloatArray, FloatArray]       # X and the parameters to start from


def reference(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    tol: float = 1e-6,
    max_iter: int = 200,
) -> Fitted:
    """EM of gmmlib with the arguments and values of the contract."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)         # few rounds are what is asked for
        outcome = gmmlib_fit(X, Mixture(weights, means, covariances), tol=tol, max_iter=max_iter)
    found = outcome.mixture
    return found.weights, found.means, found.covariances, np.array(outcome.history)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Runs of 1, 2 and 5 rounds, and one that stops because the log-likelihood has stopped rising."""
    start = _start(rng, 40, 2, 2)
    stop, tol = _stopping(rng)
    return (
        Case("one round", start, {"tol": 0.0, "max_iter": 1}),
        Case("two rounds", start, {"tol": 0.0, "max_iter": 2}),
        Case("five rounds", start, {"tol": 0.0, "max_iter": 5}),
        Case("three components", _start(rng, 50, 2, 3), {"tol": 0.0, "max_iter": 5}),
        Case("one component", _start(rng, 20, 2, 1), {"tol": 0.0, "max_iter": 2}),
        Case("stops by tol", stop, {"tol": tol, "max_iter": 40}),
    )


def _start(rng: np.random.Generator, n: int, d: int, n_components: int) -> Start:
    """Overlapping components and a start that is off: each of five rounds gains more than 0.01 nats."""
    while True:
        parameters = drawing.mixture(rng, n_components, d, separation=1.0)
        X = drawing.points(rng, n, parameters)
        guess = parameters[1] + rng.normal(scale=0.6, size=(n_components, d))
        start = X, np.full(n_components,
                           1.0 / n_components), guess, np.stack([1.5 * np.eye(d)] * n_components)
        rounds = 5 if n_components > 1 else 2
        if np.diff(reference(*start, tol=0.0, max_iter=rounds)[3]).min() > 0.01:
            return start


def _stopping(rng: np.random.Generator) -> tuple[Start, float]:
    """A start and a tol with a margin of ten: earlier gains exceed 10 tol, the last is below tol / 10.

    One gain lies between 80 and 800 tol and the log-likelihood near -1000, so that a gain compared per point
    or relative to the log-likelihood stops elsewhere.
    """
    while True:
        start = _start_of_separated(rng)
        gains = np.diff(reference(*start, tol=0.0, max_iter=12)[3])
        for t in range(2, len(gains)):
            tol = float(gains[:t].min() / 12.0)
            between = (gains[:t] > 80.0 * tol) & (gains[:t] < 800.0 * tol)
            if 1e-8 < gains[t] < tol / 10.0 and between.any():
                return start, tol


def _start_of_separated(rng: np.random.Generator) -> Start:
    """Two clear clusters in large units, and a start that is off."""
    unit = 1e5
    means = np.array([[0.0, 0.0], [5.0, 0.0]]) + rng.normal(scale=0.5, size=(2, 2))
    covariances = np.stack([drawing.covariance(rng, 2, 4.0) for _ in range(2)])
    X = drawing.points(rng, 40, (np.array([0.4, 0.6]), means, covariances))
    guess = means + rng.normal(scale=0.8, size=(2, 2))
    return unit * X, np.array([0.5, 0.5]), unit * guess, unit**2 * np.stack([6.0 * np.eye(2)] * 2)


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


# --------------------------------------------------------------------------- wrong loops
#
# What may go wrong in the loop: what is stepped, when it stops, whether the last round has an M-step, and
# what is reported. A misconception replaces one of them.


def _full_m_step(X: FloatArray, R: FloatArray, old: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    return m_step(X, R)


def _gain_below(history: list[float], tol: float, n: int) -> bool:
    return len(history) > 1 and history[-1] - history[-2] < tol


def _loop(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    tol: float = 1e-6,
    max_iter: int = 200,
    *,
    step: Callable[..., tuple[FloatArray, ...]] = _full_m_step,
    stops: Callable[[list[float], float, int], bool] = _gain_below,
    rounds: Callable[[int], int] = lambda max_iter: max_iter,
    last_m_step: bool = False,
    keeps_start: bool = False,
    report: Callable[[list[float], int], FloatArray] = lambda history, n: np.array(history),
) -> tuple[FloatArray, ...]:
    parameters: tuple[FloatArray, ...] = (weights, means, covariances)
    history: list[float] = []
    for number in range(rounds(max_iter)):
        R, log_likelihood = e_step(X, *(([weights, means, covariances]) if keeps_start else parameters))
        history.append(float(log_likelihood))
        stop = stops(history, tol, len(X))
        if (not stop and number < rounds(max_iter) - 1) or last_m_step:
            parameters = step(X, R, parameters)
        if stop:
            break
    return (*parameters, report(history, len(X)))


def _wrong(name: str, sentence: str, **change: Any) -> Misconception:
    return Misconception(name, sentence, "em-two-steps", partial(_loop, **change))


def _keeping(*kept: int) -> Callable[..., tuple[FloatArray, ...]]:
    """An M-step after which some of the parameters stay what they were."""
    def step(X: FloatArray, R: FloatArray, old: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        new = m_step(X, R)
        return tuple(old[i] if i in kept else new[i] for i in range(3))
    return step


def _old_means_step(X: FloatArray, R: FloatArray, old: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """An M-step whose covariances are taken about the means of the round before."""
    weights, means, _ = m_step(X, R)
    scatters = [
        (X - centre).T @ ((X - centre) * r[:, None]) / r.sum() for centre, r in zip(old[1], R.T, strict=True)
    ]
    return weights, means, np.stack(scatters)


def _hard_step(X: FloatArray, R: FloatArray, old: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    return m_step(X, np.eye(R.shape[1])[R.argmax(axis=1)])


def _always_200_rounds(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    tol: float = 1e-6,
    max_iter: int = 200,
) -> Fitted:
    return reference(X, weights, means, covariances, tol=tol, max_iter=200)


MISCONCEPTIONS = (
    _wrong("m-step-after-the-last-e-step",
           "The last round still has an M-step, so the last log-likelihood is one step behind the "
           "parameters.",
           last_m_step=True),
    _wrong("one-round-too-many",
           "The loop runs one round more than max_iter.", rounds=lambda max_iter: max_iter + 1),
    _wrong("one-round-too-few",
           "The loop runs one round less than max_iter.", rounds=lambda max_iter: max(1, max_iter - 1)),
    _wrong("tol-ignored",
           "tol is not used: the loop always runs all max_iter rounds.", stops=lambda history, tol, n: False),
    _wrong("stops-on-mean",
           "The gain is divided by n before it is compared with tol; tol is meant for the total "
           "log-likelihood.",
           stops=lambda history, tol, n: len(history) > 1 and (history[-1] - history[-2]) / n < tol),
    _wrong("stops-on-relative-gain",
           "The gain is divided by the log-likelihood before it is compared with tol; tol is absolute.",
           stops=lambda h, tol, n: len(h) > 1 and abs((h[-1] - h[-2]) / h[-1]) < tol),
    _wrong("stops-while-rising",
           "The comparison is the wrong way round: the loop stops while the log-likelihood still rises.",
           stops=lambda history, tol, n: len(history) > 1 and history[-1] - history[-2] > tol),
    _wrong("e-step-with-the-start",
           "Every E-step uses the parameters the loop started with; it must use the latest ones.",
           keeps_start=True),
    _wrong("covariances-never-updated",
           "The covariances stay what they were at the start.", step=_keeping(2)),
    _wrong("weights-never-updated",
           "The weights stay what they were at the start.", step=_keeping(0)),
    _wrong("only-means-updated",
           "Only the means move, as in k-means; weights and covariances must be updated too.",
           step=_keeping(0, 2)),
    _wrong("parameters-never-updated",
           "What the M-step returns is not used: the parameters never move.", step=_keeping(0, 1, 2)),
    _wrong("covariances-about-old-means",
           "The covariances are taken about the means of the round before; the M-step uses the new means.",
           step=_old_means_step),
    _wrong("hard-assignment",
           "The points are assigned wholly before the M-step: that is k-means' way.", step=_hard_step),
    _wrong("only-last-log-likelihood",
           "Only the last log-likelihood is returned; the course asks for those of all rounds.",
           report=lambda history, n: np.array(history[-1])),
    _wrong("mean-log-likelihoods",
           "The log-likelihoods are means over the points; the course uses sums.",
           report=lambda history, n: np.array(history) / n),
    _wrong("first-log-likelihood-missing",
           "The log-likelihood of the start is not among those returned.",
           report=lambda history, n: np.array(history[1:])),
    _wrong("last-log-likelihood-missing",
           "The log-likelihood of the last round is not among those returned.",
           report=lambda history, n: np.array(history[:-1])),
    Misconception("max-iter-ignored",
                  "max_iter is not used: the loop runs on until tol stops it or 200 rounds are done.",
                  "em-two-steps", _always_200_rounds),
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
