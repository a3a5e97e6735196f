"""selection.icl and selection.choose: inputs, checks and the catalogues of wrong choices."""

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
# --------------------------------------------------------------------------- choose

RANDOM = tuple(f"random table {number}" for number in range(1, 9))


def choose(log_likelihoods: FloatArray, n_parameters: Array, n_samples: int) -> int:
    """Index of the model with the lowest BIC, the first of equals."""
    return int(
        np.argmin([bic(ell, int(p), n_samples) for ell, p in zip(log_likelihoods, n_parameters, strict=True)])
    )


def _draw_choose(rng: np.random.Generator) -> tuple[Case, ...]:
    """Tables of models on which BIC, AIC and the likelihood disagree; then equal and single models."""
    tables = [_table(rng, at_the_end=name == RANDOM[0]) for name in RANDOM]
    ells, counts, n = _table(rng)
    best = choose(ells, counts, n)
    return (
        *(Case(name, table) for name, table in zip(RANDOM, tables, strict=True)),
        Case("equal models", (np.insert(ells, best, ells[best]), np.insert(counts, best, counts[best]), n)),
        Case("a single model", (ells[:1], counts[:1], n)),
        Case("a table", (ells, counts, n)),
        Case("all fits better", (ells + 1000.0, counts, n)),
    )


def _table(rng: np.random.Generator, at_the_end: bool = False) -> tuple[FloatArray, Array, int]:
    """Models in no order; the likelihood prefers the largest, AIC a middle one, BIC a smaller one."""
    while True:
        n, m = int(rng.integers(100, 400)), int(rng.integers(12, 25))
        counts = np.sort(rng.choice(np.arange(3, 60), size=m, replace=False)).astype(np.int64)
        ells = -600.0 + 90.0 * np.log(counts / 2.0) + rng.normal(scale=1.0, size=m)
        order = rng.permutation(m)
        ells, counts = np.sort(ells)[order], counts[order]
        best = choose(ells, counts, n)
        picks = {best, int(np.argmin(-2 * ells + 2 * counts)), int(ells.argmax()), int(ells.argmin()), 0}
        if len(picks) == 5:
            shift = m - 1 - best if at_the_end else 0
            return np.roll(ells, shift), np.roll(counts, shift), n


def _same_when_shifted(table: Seen, better: Seen) -> str:
    same = float(table.returned[INDEX]) == float(better.returned[INDEX])
    return "" if same else "the choice changes when all log-likelihoods rise by the same amount"


def _whole(seen: Seen) -> str:
    index = float(seen.returned[INDEX])
    inside = index == np.floor(index) and 0 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a model"


CHOOSE_CHECKS = (
    shapes("One number comes back.", RANDOM, weight=0.5, see="selection-bic"),
    holds("It is the index of a model.", _whole, (INDEX,), RANDOM, weight=0.5, see="selection-bic"),
    values("The model with the lowest BIC is chosen.", INDEX, RANDOM, weight=4, see="selection-bic"),
    values(
        "Of equally good models the first is chosen.",
        INDEX,
        ("equal models",),
        weight=1,
        see="selection-bic",
        numeric=False,
    ),
    holds(
        "A single model is chosen.",
        lambda seen: "" if seen.right(INDEX) else "index is not 0",
        (INDEX,),
        ("a single model",),
        weight=0.5,
        see="selection-bic",
    ),
    together(
        "Only differences of log-likelihoods count.",
        _same_when_shifted,
        (INDEX,),
        ("a table", "all fits better"),
        weight=0.5,
        see="selection-bic",
    ),
)


QUESTION = Question(
    id="selection.choose",
    signature="choose(log_likelihoods, n_parameters, n_samples)",
    returns=(INDEX,),
    draw=_draw_choose,
    reference=choose,
    checks=CHOOSE_CHECKS,
    misconceptions=tuple(wrong),
    uses=("selection.bic",),
)
