"""selection.choose: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from autograder.questions import (
    Array,
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    exact,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.selection.wrong_choices import OTHER_CHOICES, SORTS, wrong
from gmmlib.selection import bic

INDEX = Part("index", "one number", exact, index_of="models")
RANDOM = tuple(f"random table {number}" for number in range(1, 13))
Call = tuple[FloatArray, Array, int]
Choice = Callable[[FloatArray, Array, int], object]
SEE = "selection-bic"
MOST_DRAWS = 2000  # of equal models, until no sort is right by accident


def reference(log_likelihoods: FloatArray, n_parameters: Array, n_samples: int) -> int:
    """Return the index of the model with the lowest BIC, the first of equals."""
    models = zip(log_likelihoods, n_parameters, strict=True)
    return int(np.argmin([bic(log_likelihood, int(p), n_samples) for log_likelihood, p in models]))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw tables of models on which BIC, AIC and the likelihood disagree; then equal and single models."""
    tables = [_table(rng, at=-1, factor=2.0), _table(rng, at=0, factor=0.5)]
    tables += [_table_where_the_fit_counts(rng), _table_where_the_worst_differ(rng)]
    tables += [_table_of_the_nearly_best(rng), *(_table(rng) for _ in RANDOM[9:])]
    tables += [_nearly_equal(rng, more) for more in (1, -1)]
    tables += [_in_the_fifth_digit(rng, roundings) for roundings in (ROUNDED_INPUTS, ROUNDED_LOGARITHM)]
    log_likelihoods, counts, n = _table(rng)
    best = reference(log_likelihoods, counts, n)
    repeated = (
        np.insert(log_likelihoods, best, log_likelihoods[best]),
        np.insert(counts, best, counts[best]),
        n,
    )
    return (
        *(Case(name, table) for name, table in zip(RANDOM, tables, strict=True)),
        Case("equal models", repeated),
        Case("equal models of one point", _of_one_point(rng)),
        Case("a single model", (log_likelihoods[:1], counts[:1], n)),
        Case("a table", (log_likelihoods, counts, n)),
        Case("all fits better", (log_likelihoods + 1000.0, counts, n)),
    )


def _table(rng: np.random.Generator, at: int | None = None, factor: float = 1.0) -> Call:
    """Draw models in no order, on which every other way to choose gives another model; so does BIC if n has
    a factor. The best of them stands at a position, or anywhere.

    The likelihood prefers the largest, AIC a large one, BIC a small one; three models have been fitted badly.
    """
    while True:
        n, m = int(rng.integers(33_000, 60_000)), int(rng.integers(16, 25))
        counts = np.sort(rng.choice(np.arange(3, 80), size=m, replace=False)).astype(np.int64)
        rising = np.sort(-600.0 + 50.0 * np.log(counts / 2.0) + rng.normal(scale=1.0, size=m))
        rising[[1, m // 3, -2]] = rising[0] - np.array([60.0, 100.0, 90.0])
        rising[-1] = rising[-3] - 0.5
        order = rng.permutation(m)
        log_likelihoods, counts = rising[order], counts[order]
        best = reference(log_likelihoods, counts, n)
        others = _others(log_likelihoods, counts, n)
        if factor != 1.0 and best == np.argmin(-2 * log_likelihoods + counts * np.log(factor * n)):
            continue
        if best and 0 not in others and best not in others and len(set(others)) == len(others):
            shift = 0 if at is None else at - best
            return np.roll(log_likelihoods, shift), np.roll(counts, shift), n


def _table_where_the_fit_counts(rng: np.random.Generator) -> Call:
    """Draw a table on which not even twice the penalty chooses the smallest model, nor a rewarded one the
    largest, which has been fitted badly.
    """
    while True:
        log_likelihoods, counts, n = _table(rng)
        if np.argmin(-log_likelihoods + counts * np.log(n)) != counts.argmin():
            log_likelihoods[counts.argmax()] = log_likelihoods.min() - 200.0
            return log_likelihoods, counts, n


def _table_where_the_worst_differ(rng: np.random.Generator) -> Call:
    """Draw a table on which AIC is highest for a small model, and BIC for a large one, whatever the base of
    its logarithm; and on which the lowest 2 ℓ + p ln n is not the lowest ℓ + p ln n.
    """
    while True:
        table, counts, n = _table(rng)
        for at in rng.permutation(len(counts)):
            log_likelihoods, drop = table.copy(), rng.uniform(40.0, 300.0)
            log_likelihoods[at] = table.min() - drop
            penalties = np.multiply.outer((2.0, np.log10(n), np.log(n)), counts)
            aic, *others = (-2 * log_likelihoods + penalties).argmax(axis=1)
            twice, once = np.argmin(np.multiply.outer((2, 1), log_likelihoods) + penalties[-1], axis=1)
            if aic not in others and twice != once:
                return log_likelihoods, counts, n


def _table_of_the_nearly_best(rng: np.random.Generator) -> Call:
    """Draw a table whose best model stands last, behind others that are ever less worse: how much is taken
    for equal shows, and whether by rounding.
    """
    n, best = int(rng.integers(33_000, 60_000)), int(rng.integers(900, 1400)) + 0.01
    worse = [*rng.uniform(20.0, 90.0, size=6), 9.0, 5.0, 1.5, 0.995, 0.6, 0.3, 0.08, 0.03, 0.0]
    criteria = best + np.array(worse)
    counts = rng.choice(np.arange(3, 80), size=len(criteria), replace=False).astype(np.int64)
    return (counts * np.log(n) - criteria) / 2, counts, n


def _of_one_point(rng: np.random.Generator) -> Call:
    """Draw models of one point, whose logarithm is 0: twelve are the best, of which the first has neither the
    fewest parameters nor the most, and another model has the fewest by far, but not the lowest likelihood.

    So they are equal to the last digit, however BIC is computed. What a sort puts in front is not the first
    of them, nor the last, nor the one with the fewest or the most parameters: which of equals that is depends
    on the machine and on the draw, and shall not decide on points.
    """
    for _ in range(MOST_DRAWS):
        log_likelihoods = -np.round(rng.uniform(3.0, 9.0, size=40), 2)
        equals = np.sort(rng.choice(np.arange(1, 40), size=12, replace=False))
        log_likelihoods[equals], log_likelihoods[0] = -1.5, -3.0
        counts = rng.choice(np.arange(40, 200), size=40, replace=False).astype(np.int64)
        counts[0] = rng.integers(3, 11)
        of_equals = np.sort(counts[equals])
        first, last, *others = of_equals[[5, 6, *rng.permutation([*range(5), *range(7, 12)])]]
        counts[equals] = [first, *others, last]
        telling = {*equals[[0, -1, counts[equals].argmin(), counts[equals].argmax()]]}
        in_front = {sort(-2 * log_likelihoods) for sort in SORTS}
        if len(in_front) == len(SORTS) and not in_front & telling:
            break
    return log_likelihoods, counts, 1


def _others(log_likelihoods: FloatArray, counts: Array, n: int) -> list[object]:
    return [choice(log_likelihoods, counts, n) for choice in OTHER_CHOICES]


def _nearly_equal(rng: np.random.Generator, more: int) -> Call:
    """Draw a table whose best model would be another one with one point more, or less: one that stands before
    it, is worse by very little, and by whole log-likelihoods the better one.
    """
    while True:
        log_likelihoods, counts, n = _table(rng)
        best = reference(log_likelihoods, counts, n)
        others = np.flatnonzero(more * (counts[:best] - counts[best]) < 0)
        if not len(others):
            continue
        other = rng.choice(others)
        log_likelihoods += (
            bic(log_likelihoods[best], int(counts[best]), n) / 2
        )  # so that digits enough are left
        parameters = counts[other] - counts[best]
        differs_by = parameters * np.log(n) - abs(parameters * np.log1p(more / n)) / 2  # in 2 ℓ
        log_likelihoods[other] = log_likelihoods[best] + differs_by / 2
        cut = reference(np.trunc(log_likelihoods), counts, n)
        if best not in (cut, *_others(log_likelihoods, counts, n)):
            return log_likelihoods, counts, n


def _in_the_fifth_digit(rng: np.random.Generator, wrongs: Sequence[Choice]) -> Call:
    """Draw a table of which a smaller model, standing before the best, is worse in the fifth digit of BIC.

    Rounded to four digits the two are equal, and each of the wrong choices is another one. The criterion of
    the best is about 1: who computes it to a millionth has enough digits.
    """
    while True:
        table, counts, n = _table(rng)
        best = reference(table, counts, n)
        smaller = np.flatnonzero(counts[:best] < counts[best])
        if not len(smaller):
            continue
        other = rng.choice(smaller)
        table += (bic(table[best], int(counts[best]), n) - 1e-5) / 2
        table[other] = (counts[other] * np.log(n) - 4e-5) / 2
        for shift in 5e-5 * rng.integers(20_000, size=64):  # of all criteria in the fourth digit and above
            log_likelihoods = table + shift
            if not any(wrong(log_likelihoods, counts, n) == best for wrong in wrongs):
                return log_likelihoods, counts, n


def _with_rounded_inputs(log_likelihoods: FloatArray, counts: Array, n: int, digits: int) -> int:
    return int(np.argmin(-2 * np.round(log_likelihoods, digits) + counts * np.log(n)))


def _with_a_rounded_logarithm(log_likelihoods: FloatArray, counts: Array, n: int, digits: int) -> int:
    return int(np.argmin(-2 * log_likelihoods + np.multiply(counts, np.round(np.log(n), digits))))


ROUNDED_INPUTS = tuple(partial(_with_rounded_inputs, digits=digits) for digits in range(5))
ROUNDED_LOGARITHM = tuple(partial(_with_a_rounded_logarithm, digits=digits) for digits in range(1, 4))


# --------------------------------------------------------------------------- checks


def _whole(seen: Seen) -> str:
    index = float(seen.returned[INDEX])
    inside = index == np.floor(index) and 0 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a model"


def _first(seen: Seen) -> str:
    return "" if seen.right(INDEX) else "index is not 0"


def _same_when_shifted(table: Seen, better: Seen) -> str:
    if no_index := _whole(table) or _whole(better):
        return no_index  # a value rises with the log-likelihoods, and the choice stays
    same = float(table.returned[INDEX]) == float(better.returned[INDEX])
    return "" if same else "the choice changes when all log-likelihoods rise by the same amount"


CHECKS = (
    shapes("One number comes back.", RANDOM, weight=0.5, see=SEE),
    holds("It is the index of a model.", _whole, (INDEX,), RANDOM, weight=0.5, see=SEE),
    values("The model with the lowest BIC is chosen.", INDEX, RANDOM, weight=4, see=SEE),
    values(
        "Of equally good models the first is chosen.",
        INDEX,
        ("equal models", "equal models of one point"),
        weight=1,
        see=SEE,
        numeric=False,
    ),
    holds("A single model is chosen.", _first, (INDEX,), ("a single model",), weight=0.5, see=SEE),
    together(
        "Only differences of log-likelihoods count.",
        _same_when_shifted,
        (INDEX,),
        ("a table", "all fits better"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="selection.choose",
    signature="choose(log_likelihoods, n_parameters, n_samples)",
    returns=(INDEX,),
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("selection.bic", "selection.aic"),
)
