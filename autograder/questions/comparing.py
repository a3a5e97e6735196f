"""What a check sees of an answer, how close is close enough, and the kinds of checks built from that.

The messages made here hold no numbers of the inputs or answers: while grading, the inputs are secret.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from autograder.questions.arranging import arrange, in_order, misfit
from autograder.values import Answer, Argument, Case, Check, Finding, FloatArray, Question
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

# --------------------------------------------------------------------------- how close is close enough


def _fixed(tolerance: float) -> Callable[[Case, FloatArray], FloatArray]:
    return lambda case, expected: np.asarray(tolerance)


def _of_size(case: Case, expected: FloatArray) -> FloatArray:
    return 1e-6 * np.maximum(1.0, np.abs(expected))


@lru_cache(maxsize=64)                      # asked for again and again while one answer is judged
def _spread(case: Case) -> FloatArray:
    """Standard deviation of each feature, (d,): of the points, or of those that statistics stand for."""
    first = np.asarray(case.arguments[0], dtype=np.float64)
    if first.ndim == 1:
        total = _statistics(case)
        return np.asarray(np.sqrt(np.diagonal(total.scatters[0]) / total.n))
    return np.asarray((first - first[0]).std(axis=0))


def _statistics(case: Case) -> Statistics:
    """The total of the statistics (counts, means, scatters) that a function was called with."""
    arrays = [np.asarray(a, dtype=np.float64) for a in case.arguments]
    parts = [Statistics(arrays[i], arrays[i + 1], arrays[i + 2]) for i in range(0, len(arrays), 3)]
    return sum(parts[1:], parts[0]).total()


def _of_location(case: Case, expected: FloatArray) -> FloatArray:
    return _stretched(1e-6 * _spread(case), expected)


def _of_deviations(case: Case, expected: FloatArray) -> FloatArray:
    variances = np.diagonal(np.asarray(case.arguments[1], dtype=np.float64))     # of the given covariance
    return np.asarray(1e-6 * np.sqrt(variances.max()))


def _of_replicates(case: Case, expected: FloatArray) -> FloatArray:
    return np.asarray(1e-6 * np.std(np.asarray(case.arguments[0])))


def _of_scatter(case: Case, expected: FloatArray) -> FloatArray:
    spread = _spread(case)
    return _stretched(1e-5 * np.outer(spread, spread), expected)


def _stretched(tolerance: FloatArray, expected: FloatArray) -> FloatArray:
    """The tolerance for the last axes of a value; its smallest entry, if the value has no such axes."""
    fits = expected.shape[-tolerance.ndim:] == tolerance.shape
    return tolerance if fits else np.asarray(tolerance.min())


@lru_cache(maxsize=64)
def _size_of_log_likelihood(case: Case) -> float:
    """Σ |log p(x_i)| at the parameters the function was called with; NaN if values are missing."""
    X, weights, means, covariances = (np.asarray(a, dtype=np.float64) for a in case.arguments[:4])
    if np.isnan(X).any():
        return np.nan
    return float(np.abs(Mixture(weights, means, covariances).log_density(X)).sum())


def _of_log_likelihood(case: Case, expected: FloatArray) -> FloatArray:
    size = _size_of_log_likelihood(case)
    return _of_size(case, expected) if np.isnan(size) else np.asarray(1e-6 * max(1.0, size))


def _of_distortion(case: Case, expected: FloatArray) -> FloatArray:
    total = len(np.asarray(case.arguments[0])) * (_spread(case) ** 2).sum()   # Σ ‖x_i - mean‖²
    return 1e-6 * np.maximum(total, np.abs(expected))


def _of_sums_of_squares(case: Case, expected: FloatArray) -> FloatArray:
    first = np.asarray(case.arguments[0])
    n = len(first) if first.ndim == 2 else _statistics(case).n
    return n * _of_scatter(case, expected)


@dataclass(frozen=True)
class Part:
    """One of the values that functions return: its shape in letters, and how far off it may be.

    A random value is never compared with another; only its properties and its distribution are judged.
    """

    shape: str
    tolerance: Callable[[Case, FloatArray], FloatArray] = _of_size
    random: bool = False


PARTS: Mapping[str, Part] = {
    "labels": Part("(n,)", _fixed(0.0)),
    "centroids": Part("(K, d)", _of_location),
    "distortion": Part("one number", _of_distortion),
    "log_densities": Part("(n,)"),
    "responsibilities": Part("(n, K)", _fixed(1e-6)),
    "log_likelihood": Part("one number", _of_log_likelihood),
    "log_likelihoods": Part("(rounds,)", _of_log_likelihood),
    "weights": Part("(K,)", _fixed(1e-6)),
    "means": Part("(K, d)", _of_location),
    "covariances": Part("(K, d, d)", _of_scatter),
    "counts": Part("(K,)"),
    "scatters": Part("(K, d, d)", _of_sums_of_squares),
    "conditions": Part("(K,)"),
    "shares": Part("(K,)", _fixed(1e-6)),
    "chosen": Part("(K, d)", random=True),
    "index": Part("one number", _fixed(0.0)),
    "permutation": Part("(K,)", _fixed(0.0)),
    "distance": Part("one number"),
    "mean": Part("(q,)", _of_deviations),
    "covariance": Part("(q, q)"),
    "log_density": Part("(n,)"),
    "lower": Part("one number", _of_replicates),
    "upper": Part("one number", _of_replicates),
    "icl": Part("one number"),
    "n_parameters": Part("one number", _fixed(0.0)),
    "aic": Part("one number"),
    "bic": Part("one number"),
}


OTHER = Part("")    # of the course's own questions


def agree(name: str, case: Case, returned: FloatArray, expected: FloatArray) -> bool:
    """Whether two values of this part are equal within its tolerance; NaN equals NaN.

    The expected value rounded to float32 is right too, also where it lies far from the origin.
    """
    if returned.shape != expected.shape:
        return False
    finite, part = np.isfinite(expected), PARTS.get(name, OTHER)
    with np.errstate(all="ignore"):
        close = np.abs(returned - expected) <= part.tolerance(case, expected)
        if (close & finite).all():
            return True
        close |= returned == expected.astype(np.float32)
    same = np.array_equal(returned[~finite], expected[~finite], equal_nan=True)
    return bool(same and close[finite].all())


# --------------------------------------------------------------------------- what a check sees


def call(function: Callable[..., object], question: Question, case: Case) -> dict[str, FloatArray]:
    """Call a trusted function (reference or misconception) on copies of the inputs; its values by name."""
    arguments: list[Argument] = [a.copy() if isinstance(a, np.ndarray) else a for a in case.arguments]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = function(*arguments, **case.keywords)
    parts = value if isinstance(value, tuple) else (value,)
    return dict(zip(question.returns, (np.asarray(part, dtype=np.float64) for part in parts), strict=True))


@dataclass(frozen=True)
class Seen:
    """One case as a check sees it: the call, what came back, and what the reference gives back.

    `returned` lacks what is missing or cannot be brought to the expected shape; `complaints` say why.
    """

    case: Case
    returned: Mapping[str, FloatArray]
    expected: Mapping[str, FloatArray]
    complaints: tuple[str, ...] = ()
    raw: Mapping[str, FloatArray] = field(default_factory=dict)     # as it came, whatever its shape
    _right: dict[str, bool] = field(default_factory=dict, init=False, repr=False)   # what is known by now

    def argument(self, position: int) -> FloatArray:
        """An array argument of the call."""
        return np.asarray(self.case.arguments[position], dtype=np.float64)

    def right(self, name: str) -> bool:
        """Whether this part was returned and agrees with the reference."""
        if name not in self._right:
            self._right[name] = name in self.returned and agree(
                name, self.case, self.returned[name], self.expected[name]
            )
        return self._right[name]


_ENDINGS = {
    "raised": "the function stopped with an error ({exception})",
    "timed-out": "the function took too long",
    "out-of-memory": "the function used too much memory",
    "died": "the process ended while the function ran",
    "not-asked": "the function was not called any more, because an earlier call ended badly",
}


def see(case: Case, answer: Answer | None, returns: Sequence[str],
        expected: Mapping[str, FloatArray]) -> Seen:
    """Bring an answer into the shapes the question asks for, or say why that cannot be done."""
    if answer is None:
        answer = Answer("not-asked")
    if answer.status == "unusable":
        return Seen(case, {}, expected, (answer.message or "what was returned is not made of plain numbers",))
    if answer.status != "returned":
        ending = _ENDINGS[answer.status].format(exception=answer.exception or "unknown")
        return Seen(case, {}, expected, (ending,))
    parts = arrange([np.asarray(part, dtype=np.float64) for part in answer.parts], len(returns))
    returned, complaints = {}, []
    if len(parts) != len(returns):
        wanted = f"{_count(len(returns))} should: {', '.join(returns)}"
        complaints.append(f"{_count(len(parts))} came back where {wanted}")
    if reordered := in_order(parts, [expected[name].shape for name in returns]):
        parts = reordered
        complaints.append(f"the values came in another order than {', '.join(returns)}")
    raw = dict(zip(returns, parts, strict=False)) if len(parts) <= len(returns) else {}
    for name, part in raw.items():
        if part.shape != expected[name].shape:
            came = misfit(part.shape, expected[name].shape)
            complaints.append(f"{name} should be {shape_in_words(name)}, but {came}")
        if part.squeeze().shape == expected[name].squeeze().shape:
            returned[name] = part.reshape(expected[name].shape)
    return Seen(case, returned, expected, tuple(complaints), raw)


def _count(n: int) -> str:
    return "one value" if n == 1 else f"{n} values"


def is_random(question: Question) -> bool:
    """Whether the function draws random numbers, so that its values are not compared with the reference's."""
    return any(name in PARTS and PARTS[name].random for name in question.returns)


def shape_in_words(name: str) -> str:
    """What a part should look like, such as "of shape (n, K)"."""
    shape = PARTS[name].shape if name in PARTS else "of the shape that the docstring gives"
    return f"of shape {shape}" if shape.startswith("(") else shape


# --------------------------------------------------------------------------- kinds of checks

Opinion = Callable[[Seen], str]     # "" if all is well, else what is wrong, in words


def _where(case: Case, what: str) -> str:
    return f"{case.name}: {what}"


def _everywhere(opinion: Opinion, needs: Sequence[str]) -> Callable[..., Finding]:
    """All cases are as they should be, or a message on the first that is not; one lucky case pays nothing."""

    def judge(*seen: Seen) -> Finding:
        for one in seen:
            if wrong := _opinion_of(opinion, needs, one):
                return Finding(0.0, _where(one.case, wrong))
        return Finding(1.0, "")

    return judge


def _opinion_of(opinion: Opinion, needs: Sequence[str], seen: Seen) -> str:
    for name in needs:
        if name not in seen.returned:
            return seen.complaints[0] if seen.complaints else f"{name} is missing"
        if not np.isfinite(seen.returned[name]).all():
            return f"{in_words(name)} not finite (nan or inf)"
    with np.errstate(all="ignore"):
        return opinion(seen)


def what_is_wrong(name: str, seen: Seen) -> str:
    """One part compared with the reference: "" or what is wrong with it, in words."""
    if seen.right(name):
        return ""
    returned, expected = seen.returned[name], seen.expected[name]
    if expected.any() and not returned.any():
        return f"{in_words(name)} 0"
    if _rounded(returned, expected):
        return f"{in_words(name)} rounded: return all digits"
    if np.array_equal(returned, np.trunc(expected)):
        return f"{in_words(name)} cut to whole numbers: an array of integers drops what follows the point"
    for factor, how in _FACTORS.items():
        if agree(name, seen.case, returned / factor, expected):
            return f"{in_words(name)} {how}"
    return f"{in_words(name)} wrong"


def _rounded(returned: FloatArray, expected: FloatArray) -> bool:
    """Whether a value is the right one rounded to at most six digits after the point."""
    if (np.abs(returned - np.round(returned, 6)) > 1e-12).any():    # most values are not round at all
        return False
    return any(np.allclose(returned, np.round(expected, d), rtol=0.0, atol=1e-12) for d in range(7))


_FACTORS = {-1.0: "right but for the sign", 2.0: "twice as large as right", 0.5: "half as large as right"}


def in_words(name: str) -> str:
    """The beginning of a sentence about a value, such as "log-likelihood is"."""
    words = name.replace("_", "-") if name.startswith("log") else name.replace("_", " ")
    return f"{words} {'are' if name.endswith(('s', 'chosen')) else 'is'}"


def values(
    title: str, names: str | Sequence[str], cases: Sequence[str], *, weight: float, see: str,
    numeric: bool = True
) -> Check:
    """A check that compares these parts with the reference in these cases."""
    names = (names,) if isinstance(names, str) else tuple(names)

    def opinion(seen: Seen) -> str:
        return next((wrong for name in names if (wrong := what_is_wrong(name, seen))), "")

    return Check(_slug(title), title, weight, see, tuple(cases), _everywhere(opinion, names), numeric)


def shapes(title: str, names: Sequence[str], cases: Sequence[str], *, weight: float, see: str) -> Check:
    """A check that all parts come back, as numbers, in the shapes the docstring gives."""

    def judge(*seen: Seen) -> Finding:
        bad = [_where(one.case, one.complaints[0]) for one in seen if one.complaints]
        return Finding(0.0 if bad else 1.0, bad[0] if bad else "")

    return Check(_slug(title), title, weight, see, tuple(cases), judge, numeric=False)


def holds(
    title: str, opinion: Opinion, names: Sequence[str], cases: Sequence[str], *, weight: float, see: str
) -> Check:
    """A check of something that every right answer has, whatever the reference says."""
    return Check(_slug(title), title, weight, see, tuple(cases), _everywhere(opinion, names), numeric=False)


def together(
    title: str,
    opinion: Callable[..., str],
    names: Sequence[str],
    cases: Sequence[str],
    *,
    weight: float,
    see: str,
) -> Check:
    """A check that compares the function's answers to several related cases with each other."""

    def judge(*seen: Seen) -> Finding:
        missing = next((wrong for one in seen if (wrong := _opinion_of(lambda _: "", names, one))), "")
        with np.errstate(all="ignore"):
            wrong = missing or opinion(*seen)
        return Finding(0.0 if wrong else 1.0, wrong)

    return Check(_slug(title), title, weight, see, tuple(cases), judge, numeric=False)


def _slug(title: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in title.lower()).split()
    return "-".join(words[:6])
