"""The catalogue of wrong loops of EM, and the right one that they depart from."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions.em_e_step import reference as e_step
from autograder.questions.em_m_step import reference as m_step
from autograder.values import FloatArray, Misconception
from gmmlib.em import fit as gmmlib_fit
from gmmlib.errors import CollapsedComponentError, ConvergenceWarning
from gmmlib.mixture import Mixture

Fitted = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


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
    m_step_at_stop: bool = False,
    keeps_start: bool = False,
    report: Callable[[list[float], int], FloatArray] = lambda history, n: np.array(history),
) -> tuple[FloatArray, ...]:
    parameters: tuple[FloatArray, ...] = (weights, means, covariances)
    history: list[float] = []
    for number in range(rounds(max_iter)):
        R, log_likelihood = e_step(X, *(([weights, means, covariances]) if keeps_start else parameters))
        history.append(float(log_likelihood))
        stop = stops(history, tol, len(X))
        if (not stop and number < rounds(max_iter) - 1) or last_m_step or (stop and m_step_at_stop):
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
    return _step_unless_collapsed(X, np.eye(R.shape[1])[R.argmax(axis=1)], old)


def _step_unless_collapsed(
    X: FloatArray, R: FloatArray, old: tuple[FloatArray, ...]
) -> tuple[FloatArray, ...]:
    """An M-step, or nothing where it would give no covariance: too few points, or too many rounds."""
    try:
        return m_step(X, R)
    except CollapsedComponentError:
        return old


def _always_200_rounds(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    tol: float = 1e-6,
    max_iter: int = 200,
) -> tuple[FloatArray, ...]:
    return _loop(X, weights, means, covariances, tol, 200, step=_step_unless_collapsed)


def _notes_before_stopping(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    tol: float = 1e-6,
    max_iter: int = 200,
) -> tuple[FloatArray, ...]:
    """The loop that stops before it notes the last log-likelihood."""
    *parameters, history = reference(X, weights, means, covariances, tol=tol, max_iter=max_iter)
    stopped = len(history) > 1 and history[-1] - history[-2] < tol
    return (*parameters, history[:-1] if stopped else history)


def _one_round(X: FloatArray, *start: FloatArray, **limits: float) -> tuple[FloatArray, ...]:
    """The loop that returns inside its first round, after the M-step unless that was the last."""
    parameters = start if limits["max_iter"] == 1 else m_step(X, e_step(X, *start)[0])
    return (*parameters, np.array([e_step(X, *start)[1]]))


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
    _wrong("list-begins-with-infinity",
           "The list begins with -inf, which is no log-likelihood: begin with an empty list.",
           report=lambda history, n: np.array([-np.inf, *history])),
    _wrong("gains-returned", "The gains are returned; the log-likelihoods themselves are asked for.",
           report=lambda history, n: np.diff(history)),
    _wrong("tol-of-its-own", "The loop stops at a gain of 1e-6, whatever tol was passed.",
           stops=lambda history, tol, n: _gain_below(history, 1e-6, n)),
    Misconception("last-log-likelihood-not-noted",
                  "When tol stops the loop, the last log-likelihood is not noted: append it before the test.",
                  "em-two-steps", _notes_before_stopping),
    _wrong("m-step-before-stopping",
           "When tol stops the loop, there is one more M-step: stop before it.",
           m_step_at_stop=True),
    Misconception("first-round-only", "The loop ends in its first round: is the return inside the loop?",
                  "em-two-steps", _one_round),
    Misconception("max-iter-ignored",
                  "max_iter is not used: the loop runs on until tol stops it or 200 rounds are done.",
                  "em-two-steps", _always_200_rounds),
)
