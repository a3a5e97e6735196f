"""selection.choose: inputs and checks."""

from __future__ import annotations

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
from autograder.questions.selection.wrong_choices import wrong
from gmmlib.selection import bic

INDEX = Part("index", "one number", exact, index_of="models")
RANDOM = tuple(f"random table {number}" for number in range(1, 9))
SEE = "selection-bic"


def reference(log_likelihoods: FloatArray, n_parameters: Array, n_samples: int) -> int:
    """Return the index of the model with the lowest BIC, the first of equals."""
    models = zip(log_likelihoods, n_parameters, strict=True)
    return int(np.argmin([bic(log_likelihood, int(p), n_samples) for log_likelihood, p in models]))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw tables of models on which BIC, AIC and the likelihood disagree; then equal and single models."""
    tables = [_table(rng, at_the_end=name == RANDOM[0]) for name in RANDOM]
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
        Case("a single model", (log_likelihoods[:1], counts[:1], n)),
        Case("a table", (log_likelihoods, counts, n)),
        Case("all fits better", (log_likelihoods + 1000.0, counts, n)),
    )


def _table(rng: np.random.Generator, at_the_end: bool = False) -> tuple[FloatArray, Array, int]:
    """Draw models in no order; the likelihood prefers the largest, AIC a middle one, BIC a smaller one."""
    while True:
        n, m = int(rng.integers(100, 400)), int(rng.integers(12, 25))
        counts = np.sort(rng.choice(np.arange(3, 60), size=m, replace=False)).astype(np.int64)
        rising = np.sort(-600.0 + 90.0 * np.log(counts / 2.0) + rng.normal(scale=1.0, size=m))
        order = rng.permutation(m)
        log_likelihoods, counts = rising[order], counts[order]
        best = reference(log_likelihoods, counts, n)
        of_aic = int(np.argmin(-2 * log_likelihoods + 2 * counts))
        picks = {best, of_aic, int(log_likelihoods.argmax()), int(log_likelihoods.argmin()), 0}
        nearly = [int(np.argmin(-2 * log_likelihoods + counts * np.log(n + step))) for step in (-1, 1)]
        if len(picks) == 5 and nearly == [best, best]:  # a clear choice: a point more or less is none
            shift = m - 1 - best if at_the_end else 0
            return np.roll(log_likelihoods, shift), np.roll(counts, shift), n


# --------------------------------------------------------------------------- checks


def _whole(seen: Seen) -> str:
    index = float(seen.returned[INDEX])
    inside = index == np.floor(index) and 0 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a model"


def _first(seen: Seen) -> str:
    return "" if seen.right(INDEX) else "index is not 0"


def _same_when_shifted(table: Seen, better: Seen) -> str:
    same = float(table.returned[INDEX]) == float(better.returned[INDEX])
    return "" if same else "the choice changes when all log-likelihoods rise by the same amount"


CHECKS = (
    shapes("One number comes back.", RANDOM, weight=0.5, see=SEE),
    holds("It is the index of a model.", _whole, (INDEX,), RANDOM, weight=0.5, see=SEE),
    values("The model with the lowest BIC is chosen.", INDEX, RANDOM, weight=4, see=SEE),
    values(
        "Of equally good models the first is chosen.",
        INDEX,
        ("equal models",),
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
    uses=("selection.bic",),
)
