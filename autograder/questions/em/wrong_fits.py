"""What students get wrong in em.fit."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.em.e_step import reference as e_step
from autograder.questions.em.known_starts import Answer, rounds
from autograder.questions.em.m_step import reference as m_step
from gmmlib.errors import CollapsedComponentError

Parameters = tuple[FloatArray, ...]  # weights, means, covariances


def _full_m_step(X: FloatArray, R: FloatArray, old: Parameters) -> Parameters:
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
    rounds: Callable[[int], int] = lambda max_iter: max_iter,
    looks_at: Callable[[Parameters, Parameters], Parameters] = lambda start, latest: latest,
    stops: Callable[[list[float], float, int], bool] = _gain_below,
    moves: Callable[[bool, bool], bool] = lambda stop, last: not stop and not last,
    step: Callable[..., Parameters] = _full_m_step,
    noted: Callable[[list[float], bool], list[float]] = lambda history, stop: history,
    report: Callable[[list[float], int], FloatArray] = lambda history, n: np.array(history),
) -> tuple[FloatArray, ...]:
    """The loop of EM: how many rounds, which parameters the E-step looks at, when it stops, when and how
    they move.
    """
    stop = False
    start: Parameters = (weights, means, covariances)
    latest = start
    history: list[float] = []
    for number in range(rounds(max_iter)):
        R, log_likelihood = e_step(X, *looks_at(start, latest))
        history.append(float(log_likelihood))
        stop = stops(history, tol, len(X))
        if moves(stop, number == rounds(max_iter) - 1):
            latest = step(X, R, latest)
        if stop:
            break
    return (*latest, report(noted(history, stop), len(X)))


def _keep(kept: tuple[int, ...], X: FloatArray, R: FloatArray, old: Parameters) -> Parameters:
    """An M-step after which some of the parameters stay what they were."""
    new = m_step(X, R)
    return tuple(old[i] if i in kept else new[i] for i in range(3))


def _step_unless_collapsed(X: FloatArray, R: FloatArray, old: Parameters) -> Parameters:
    """An M-step, or nothing where it would give no covariance: too few points, or too many rounds."""
    try:
        return m_step(X, R)
    except CollapsedComponentError:
        return old


#: What is wrong in the loop shows in the log-likelihoods: parameters of another mistake may be the same.
wrong = Catalogue(see="em-two-steps", steps=_loop, about=("log_likelihoods",))


@wrong(step="moves")
def m_step_after_the_last_e_step(stop, last):
    """The last round still has an M-step, so the last log-likelihood is one step behind the parameters."""
    return True


@wrong(step="moves")
def m_step_in_the_last_round(stop, last):
    """When max_iter ends the loop, an M-step still follows, so the last log-likelihood is one step behind."""
    return not stop


@wrong()
def start_not_noted(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """Your log-likelihoods are those after each M-step: the first should be that of the start, and the last
    round has no M-step.
    """
    latest: Parameters = (weights, means, covariances)
    history: list[float] = []
    while len(history) < max_iter and not _gain_below(history, tol, len(X)):
        latest = m_step(X, e_step(X, *latest)[0])
        history.append(float(e_step(X, *latest)[1]))
    return (*latest, np.array(history))


@wrong(step="rounds")
def one_round_too_many(max_iter):
    """There is one E-step more than max_iter allows."""
    return max_iter + 1


@wrong(step="rounds")
def one_round_too_few(max_iter):
    """There is one E-step less than max_iter allows."""
    return max_iter - 1


@wrong(step="rounds", alone=True)
def one_round_too_few_but_one(max_iter):
    """There is one E-step less than max_iter allows."""
    return max(1, max_iter - 1)


@wrong(step="stops", about=())
def tol_ignored(history, tol, n):
    """Your loop goes on where the log-likelihood rose by less than tol: is it the gain of the log-likelihood
    that is compared with tol?
    """
    return False


@wrong(step="report", also={"stops": lambda history, tol, n: _gain_below([v / n for v in history], tol, n)})
def divided_by_n_in_the_loop(history, n):
    """The log-likelihoods are divided by n as soon as they come; returned and compared with tol are sums."""
    return np.array(history) / n


@wrong(step="stops")
def stops_on_mean(history, tol, n):
    """Your loop stops too early, as if the gain were divided by n before it is compared with tol, which is
    meant for the total log-likelihood.
    """
    return len(history) > 1 and (history[-1] - history[-2]) / n < tol


@wrong(step="stops")
def stops_on_relative_gain(history, tol, n):
    """Your loop stops too early, as if the gain were divided by the log-likelihood, or the log-likelihood
    compared with itself: it is the gain as it is, new minus old, that must be smaller than tol.
    """
    return len(history) > 1 and abs((history[-1] - history[-2]) / history[-1]) < tol


@wrong(step="stops")
def stops_while_rising(history, tol, n):
    """Your loop stops while the log-likelihood still rises by more than tol: is it the gain, new minus old,
    that must be smaller than tol?
    """
    return len(history) > 1 and history[-1] - history[-2] > tol


@wrong(step="stops", alone=True)
def stops_in_the_second_round(history, tol, n):
    """Your loop stops in its second round, however much it gained: is max_iter used, and is it new minus old
    that is compared with tol, not old minus new?
    """
    return len(history) > 1


@wrong(step="stops", alone=True)
def log_likelihood_compared_with_tol(history, tol, n):
    """Your loop stops in its second round if the log-likelihood is negative: is it the gain, new minus old,
    that is compared with tol, not the log-likelihood itself?
    """
    return len(history) > 1 and history[-1] < tol


@wrong(
    step="report",
    also={"stops": lambda history, tol, n: len(history) > 1 and history[-2] - history[-1] < tol},
    alone=True,
)
def negative_in_the_loop(history, n):
    """The log-likelihoods get the wrong sign as soon as they come, so that they fall, and your loop stops."""
    return -np.array(history)


@wrong(step="looks_at")
def e_step_with_the_start(start, latest):
    """Every E-step uses the parameters the loop started with; it must use the latest ones: an M-step belongs
    into each round but the last, and its result into the next E-step.
    """
    return start


@wrong(step="stops")
def first_gain_taken_from_zero(history, tol, n):
    """The first log-likelihood is compared with 0, an old one that is none, and your loop stops at once:
    begin with -inf, or compare from the second round on.
    """
    return history[-1] - [0.0, *history][-2] < tol


@wrong(step="stops", alone=True)
def first_change_taken_from_zero(history, tol, n):
    """The first log-likelihood is compared with 0, an old one that is none: if tol is large, your loop stops
    at once. Begin with -inf, or compare from the second round on.
    """
    return abs(history[-1] - [0.0, *history][-2]) < tol


@wrong(about=("weights", "means", "covariances"))
def start_returned(*arguments, **keywords):
    """Your parameters are those of the start: does the loop keep what the M-step returns, and go on after its
    first round?
    """
    return (*arguments[1:4], _loop(*arguments, **keywords)[3])


@wrong(step="step", about=("log_likelihoods", "covariances"))
def covariances_never_updated(X, R, old):
    """The covariances stay what they were at the start."""
    return _keep((2,), X, R, old)


@wrong(step="step", about=("log_likelihoods", "weights"))
def weights_never_updated(X, R, old):
    """The weights stay what they were at the start."""
    return _keep((0,), X, R, old)


@wrong(step="step", about=("log_likelihoods", "weights", "covariances"))
def only_means_updated(X, R, old):
    """Only the means move, as in k-means; weights and covariances must be updated too."""
    return _keep((0, 2), X, R, old)


@wrong(step="step", about=("log_likelihoods", "weights", "means", "covariances"))
def parameters_never_updated(X, R, old):
    """The parameters never move: is there an M-step in each round, and is what it returns used?"""
    return _keep((0, 1, 2), X, R, old)


@wrong(step="step", about=("log_likelihoods", "covariances"))
def covariances_about_old_means(X, R, old):
    """The covariances are taken about the means of the round before; the M-step uses the new means."""
    weights, means, _ = m_step(X, R)
    scatters = [
        (X - centre).T @ ((X - centre) * r[:, None]) / r.sum() for centre, r in zip(old[1], R.T, strict=True)
    ]
    return weights, means, np.stack(scatters)


@wrong(step="step")
def hard_assignment(X, R, old):
    """The points are assigned wholly before the M-step: that is k-means' way."""
    return _step_unless_collapsed(X, np.eye(R.shape[1])[R.argmax(axis=1)], old)


@wrong(step="report")
def only_last_log_likelihood(history, n):
    """Only the last log-likelihood is returned; the course asks for those of all rounds."""
    return np.array(history[-1])


@wrong(step="report")
def mean_log_likelihoods(history, n):
    """The log-likelihoods are means over the points; the course uses sums."""
    return np.array(history) / n


@wrong(step="report")
def first_log_likelihood_missing(history, n):
    """The log-likelihood of the start is not among those returned."""
    return np.array(history[1:])


@wrong(step="report")
def last_log_likelihood_missing(history, n):
    """The log-likelihood of the last round is not among those returned."""
    return np.array(history[:-1])


@wrong(step="report")
def list_begins_with_infinity(history, n):
    """The list begins with -inf, which is no log-likelihood: begin with an empty list."""
    return np.array([-np.inf, *history])


@wrong(step="report", alone=True)
def last_log_likelihood_twice(history, n):
    """The last log-likelihood stands in the list twice: is it computed once more after the loop?"""
    return np.array([*history, history[-1]])


@wrong(step="report")
def gains_returned(history, n):
    """The gains are returned; the log-likelihoods themselves are asked for."""
    return np.diff(history)


@wrong(step="stops")
def tol_of_its_own(history, tol, n):
    """Your loop stops as if tol were 1e-6: is it the gain of the log-likelihood that is compared, and with
    the tol that was passed?
    """
    return _gain_below(history, 1e-6, n)


@wrong(step="stops")
def tol_of_a_thousandth(history, tol, n):
    """Your loop stops as if tol were 0.001: compare the gain with the tol that was passed."""
    return _gain_below(history, 1e-3, n)


@wrong(step="noted")
def last_log_likelihood_not_noted(history, stop):
    """When tol stops the loop, the last log-likelihood is not noted: append it before the test."""
    return history[:-1] if stop else history


@wrong(step="moves")
def m_step_before_stopping(stop, last):
    """When tol stops the loop, there is one more M-step: stop before it."""
    return stop or not last


@wrong()
def first_round_only(X, *start, **limits):
    """The loop ends in its first round: is the return inside the loop?"""
    parameters = start if limits["max_iter"] == 1 else m_step(X, e_step(X, *start)[0])
    return (*parameters, np.array([e_step(X, *start)[1]]))


@wrong()
def first_round_whatever_comes(X, *start, **limits):
    """The loop ends in its first round, behind the M-step: is the return inside the loop?"""
    R, log_likelihood = e_step(X, *start)
    return (*m_step(X, R), np.array([log_likelihood]))


@wrong(about=())
def max_iter_ignored(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """max_iter is not used: the loop runs on until tol stops it or a number of rounds of its own is done."""
    return _loop(X, weights, means, covariances, tol, 200, step=_step_unless_collapsed)


@wrong(step="stops")
def stops_on_a_gain_of_any_sign(history, tol, n):
    """In the first round already a log-likelihood itself is compared with tol; it is the gain that must fall
    below.
    """
    return history[-1] < tol


@wrong(step="stops")
def gain_over_two_rounds(history, tol, n):
    """Your loop stops as late as if the gain were taken over two rounds: compare with the round before, and
    stop at the first gain below tol.
    """
    return len(history) > 2 and history[-1] - history[-3] < tol


@wrong(step="report")
def log_likelihoods_negative(history, n):
    """The log-likelihoods come back with the wrong sign."""
    return -np.array(history)


@wrong(step="step", about=("log_likelihoods", "means"))
def means_never_updated(X, R, old):
    """The means stay what they were at the start."""
    return _keep((1,), X, R, old)


@wrong(step="stops", about=())
def another_gain_compared_with_tol(history, tol, n):
    """Your loop goes on where the log-likelihood rose by less than tol since the round before: is it the gain
    of the log-likelihood that is compared with tol?
    """
    return len(history) > 1 and history[-1] - history[0] < tol


@wrong(step="step", about=("log_likelihoods", "covariances"))
def covariances_divided_by_count_minus_one(X, R, old):
    """The scatter is divided by N_k - 1 in the M-step; maximum likelihood divides by N_k."""
    weights, means, covariances = m_step(X, R)
    counts = R.sum(axis=0)
    return weights, means, covariances * (counts / (counts - 1.0))[:, None, None]


def _equally_weighted(start: Parameters, latest: Parameters) -> Parameters:
    return np.full(len(latest[0]), 1.0 / len(latest[0])), *latest[1:]


@wrong()
def weights_missing_in_the_e_step(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """The mixing weights are missing in the E-step: each density must be multiplied by its weight."""
    *parameters, history = _loop(
        X, weights, means, covariances, tol, max_iter, looks_at=_equally_weighted, step=_step_unless_collapsed
    )
    return (*parameters, history + len(X) * np.log(len(weights)))


@wrong()
def parameters_of_the_round_before(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """Your parameters are those of one round before the last log-likelihood: return the latest ones."""
    *_, history = _loop(X, weights, means, covariances, tol, max_iter)
    *before, _ = _loop(X, weights, means, covariances, -np.inf, max(len(history) - 1, 1))
    return (*before, history)


@wrong()
def parameters_of_the_round_before_the_stop(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """When tol stops the loop, your parameters are those of one round before: return the latest ones."""
    *latest, history = _loop(X, weights, means, covariances, tol, max_iter)
    if len(history) > 1 and history[-1] - history[-2] < tol:
        latest = list(_loop(X, weights, means, covariances, -np.inf, len(history) - 1)[:3])
    return (*latest, history)


@wrong()
def responsibilities_of_the_start(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """Your parameters stay those of the first M-step: each round needs an M-step, with the responsibilities
    of the latest E-step, not of the start.
    """
    R, log_likelihood = e_step(X, weights, means, covariances)
    latest: Parameters = (weights, means, covariances)
    history = [float(log_likelihood)]
    while len(history) < max_iter and not _gain_below(history, tol, len(X)):
        latest = m_step(X, R)
        history.append(float(e_step(X, *latest)[1]))
    return (*latest, np.array(history))


class _Rounds:
    """What EM has after each of the rounds from one start, computed as far as it is asked for."""

    def __init__(self, *start: FloatArray) -> None:
        self._coming, self._known = rounds(*start), list[Answer]()

    def __getitem__(self, number: int) -> Answer:
        while len(self._known) < number:
            self._known.append(next(self._coming))
        return self._known[number - 1]


@lru_cache(maxsize=16)
def _rounds_from(shape: tuple[int, int], n_components: int, *numbers: bytes) -> _Rounds:
    (n, d), K = shape, n_components
    shapes = (n, d), (K,), (K, d), (K, d, d)
    return _Rounds(*(np.frombuffer(b).reshape(size) for b, size in zip(numbers, shapes, strict=True)))


def _own_number(*start: FloatArray, tol: float, number: int) -> Answer:
    """Return what so many rounds give, or as many as it takes until one gains less than tol."""
    known = _rounds_from(start[0].shape, len(start[1]), *(array.tobytes() for array in start))
    stops = (t for t in range(2, number) if np.subtract(*known[t][3][[-1, -2]]) < tol)
    return known[next(stops, number)]


ALL_SETTLED = 50  # rounds after which the parameters are those of any larger number, whatever was noted

for _number in (2, 3, 5, 10, 20, 25, 30, 50):

    def _number_of_its_own(X, weights, means, covariances, tol=1e-6, max_iter=200, number=_number):
        """max_iter is not used: the loop runs on until tol stops it or a number of rounds of its own is
        done.
        """
        return _own_number(X, weights, means, covariances, tol=tol, number=number)

    wrong(name=f"max-iter-of-{_number}", about=None if _number < ALL_SETTLED else ())(_number_of_its_own)


@wrong()
def start_with_one_log_likelihood(X, *start, **limits):
    """The loop ends in its first round, before the M-step: is the return inside the loop, max_iter not used,
    or the test with tol passed in the first round already?
    """
    return (*start, np.array([e_step(X, *start)[1]]))


for _number in (3, 5, 10, 20, 25, 30, 50, 100, 200, 500, 1000):

    def _neither_max_iter_nor_tol(X, weights, means, covariances, tol=1e-6, max_iter=200, number=_number):
        """Your loop does the same number of rounds each time: neither max_iter nor tol ends it."""
        return _own_number(X, weights, means, covariances, tol=-np.inf, number=number)

    wrong(name=f"always-{_number}-rounds", about=None if _number < ALL_SETTLED else ())(
        _neither_max_iter_nor_tol
    )


def _in_part(*latest_ones: int) -> Callable[[Parameters, Parameters], Parameters]:
    """Return what an E-step looks at that takes only these of the latest parameters."""
    return lambda start, latest: tuple(latest[i] if i in latest_ones else start[i] for i in range(3))


_OLD = {"weights": (1, 2), "means": (0, 2), "covariances": (0, 1)}
for _part, _latest in _OLD.items():

    def _with_old_ones(start, latest, latest_ones=_latest):
        return _in_part(*latest_ones)(start, latest)

    _with_old_ones.__doc__ = f"Every E-step uses the {_part} of the start; it must use the latest ones."
    wrong(
        step="looks_at",
        name=f"e-step-with-the-{_part}-of-the-start",
        about=("log_likelihoods", _part),
        alone=True,
    )(_with_old_ones)


@wrong(step="step", about=("log_likelihoods", "covariances"), alone=True)
def diagonal_only(X, R, old):
    """Only the variances are kept after each M-step; the covariances beside the diagonal are zero."""
    weights, means, covariances = m_step(X, R)
    return weights, means, covariances * np.eye(X.shape[1])


@wrong(step="step", about=("log_likelihoods", "covariances"), alone=True)
def one_covariance_for_all(X, R, old):
    """After each M-step all components share one pooled covariance; each has its own."""
    weights, means, covariances = m_step(X, R)
    return weights, means, np.stack([np.tensordot(weights, covariances, axes=1)] * len(weights))


@wrong(step="step", about=("log_likelihoods", "weights"), alone=True)
def equal_weights(X, R, old):
    """All weights are 1/K after each M-step, whatever the responsibilities say; the weight is N_k / n."""
    _, means, covariances = m_step(X, R)
    return np.full(len(means), 1.0 / len(means)), means, covariances


for _size in (1e-6, 1e-3):

    def _ridge_added(X, R, old, size=_size):
        """A fixed number is added to the variances after each M-step; maximum likelihood adds nothing."""
        weights, means, covariances = m_step(X, R)
        return weights, means, covariances + size * np.eye(X.shape[1])

    wrong(
        step="step",
        name=f"ridge-of-{_size:.0e}-added",
        about=("log_likelihoods", "covariances"),
        alone=True,
    )(_ridge_added)


@wrong(step="report", alone=True)
def list_begins_with_zero(history, n):
    """The list begins with 0, which is no log-likelihood: begin with an empty list."""
    return np.array([0.0, *history])


@wrong(step="stops", alone=True)
def compared_from_the_third_round(history, tol, n):
    """Your loop does not stop in its second round, though the gain is below tol: compare from there on."""
    return len(history) > 2 and history[-1] - history[-2] < tol


@wrong(step="stops", alone=True)
def squared_gain(history, tol, n):
    """Your loop stops as if the square of the gain were compared with tol; compare the gain itself."""
    return len(history) > 1 and (history[-1] - history[-2]) ** 2 < tol


def _padded(filling: Callable[[FloatArray], float]) -> Callable[..., object]:
    """Return EM whose log-likelihoods fill an array of max_iter."""

    def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
        *parameters, history = _loop(X, weights, means, covariances, tol, max_iter)
        return (*parameters, np.append(history, np.full(max_iter - len(history), filling(history))))

    return fit


@wrong(alone=True)
def zeros_behind_the_stop(*arguments, **keywords):
    """Your log-likelihoods fill an array of max_iter, with zeros behind the stop: cut it off there."""
    return _padded(lambda history: 0.0)(*arguments, **keywords)


@wrong(alone=True)
def last_one_behind_the_stop(*arguments, **keywords):
    """Your log-likelihoods fill an array of max_iter, with the last one behind the stop: cut it off there."""
    return _padded(lambda history: history[-1])(*arguments, **keywords)


@wrong(alone=True)
def one_more_step_of_each(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """When max_iter ends the loop an M-step and one more log-likelihood follow, when tol does one more
    log-likelihood: there are as many as rounds.
    """
    *latest, history = _loop(
        X,
        weights,
        means,
        covariances,
        tol,
        max_iter,
        moves=m_step_in_the_last_round,
        step=_step_unless_collapsed,
    )
    return (*latest, np.append(history, e_step(X, *latest)[1]))
