"""selection.icl and selection.choose: inputs, checks and the catalogues of wrong choices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Array, Case, FloatArray, Misconception, Question
from gmmlib.selection import bic, icl

# --------------------------------------------------------------------------- icl

SOFT = ("random memberships 1", "random memberships 2", "random memberships 3")


def _draw_icl(rng: np.random.Generator) -> tuple[Case, ...]:
    """Soft memberships first, then hard ones with exact zeros, a single component, and a thousandth."""
    def call(R: FloatArray) -> tuple[float, int, FloatArray]:
        return float(-rng.uniform(100, 900)), int(rng.integers(3, 40)), R

    quarters = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0], [0.75, 0.25]])
    hard = np.eye(3)[rng.integers(3, size=20)]
    nearly = drawing.responsibilities(rng, 25, 3)
    nearly[:10] = np.eye(3)[rng.integers(3, size=10)]
    ell, p, R = call(drawing.responsibilities(rng, 30, 3))
    return (
        Case("small example",
             (float(-rng.integers(3, 40)), int(rng.integers(3, 10)), rng.permutation(quarters))),
        *(Case(name, call(drawing.responsibilities(rng, 20 + 9 * K, K))) for K,
          name in enumerate(SOFT, start=2)),
        Case("hard memberships", call(hard)),
        Case("some points certain", call(nearly)),
        Case("one component", call(np.ones((15, 1)))),
        Case("a model", (ell, p, R)),
        Case("sharper memberships", (ell, p, R**4 / (R**4).sum(axis=1, keepdims=True))),
        Case("other order", (ell, p, R[::-1, ::-1].copy())),
    )


def _sharper_is_lower(model: Seen, sharper: Seen) -> str:
    lower = float(sharper.returned["icl"]) < float(model.returned["icl"])
    return "" if lower else "memberships that are more certain do not lower the criterion"


def _same_in_other_order(model: Seen, other: Seen) -> str:
    same = np.isclose(float(model.returned["icl"]), float(other.returned["icl"]), rtol=1e-5)
    return "" if same else "the order of points or components changes the criterion"


ICL_CHECKS = (
    shapes("One number comes back.", ("icl",), ("small example", *SOFT), weight=0.5, see="selection-icl"),
    values("Four points with memberships in quarters, small enough to do by hand, come out right.", "icl",
           ("small example",), weight=2, see="selection-icl"),
    values("Random memberships are priced right.", "icl", SOFT, weight=3, see="selection-icl"),
    values("Memberships of exactly 0 and 1 cost nothing: 0 log 0 counts as 0.", "icl",
           ("hard memberships", "some points certain"), weight=1.5, see="selection-icl"),
    values("With one component ICL is BIC.", "icl", ("one component",), weight=1, see="selection-icl"),
    together("The more certain the memberships, the lower the criterion.", _sharper_is_lower, ("icl",),
             ("a model", "sharper memberships"), weight=0.5, see="selection-icl"),
    together("The order of points and components plays no part.", _same_in_other_order, ("icl",),
             ("a model", "other order"), weight=0.5, see="selection-icl"),
)


def _entropy(R: FloatArray) -> float:
    return float(-(R * np.log(np.where(R > 0, R, 1.0))).sum())


def _priced(
    ell: float,
    p: int,
    R: FloatArray,
    *,
    base: Callable[[float, int, int], float] = bic,
    points: Callable[[FloatArray], int] = len,
    price: Callable[[FloatArray], float] = lambda R: 2 * _entropy(R),
) -> float:
    return base(ell, p, points(R)) + price(R)


def _wrong_icl(name: str, sentence: str, **step: Callable[..., float]) -> Misconception:
    return Misconception(name, sentence, "selection-icl", partial(_priced, **step))  # type: ignore[arg-type]


WRONG_ICL = (
    _wrong_icl("entropy-not-doubled", "The entropy enters once; like the log-likelihood it must be doubled.",
               price=_entropy),
    _wrong_icl("entropy-with-wrong-sign", "The entropy is subtracted: overlap must cost, not pay.",
               price=lambda R: -2 * _entropy(R)),
    _wrong_icl("no-entropy", "The price for overlap is missing: this is BIC.", price=lambda R: 0.0),
    _wrong_icl("hard-label-price",
               "This is the other common definition, with the most probable label; here the entropy is "
               "asked for.",
               price=lambda R: float(-2 * np.log(R.max(axis=1)).sum())),
    _wrong_icl("mean-entropy", "The entropy is averaged over the points; it must be summed.",
               price=lambda R: 2 * _entropy(R) / len(R)),
    _wrong_icl("mean-over-all-entries", "mean() averages over points and components; the entropy is a sum.",
               price=lambda R: 2 * _entropy(R) / R.size),
    _wrong_icl("responsibilities-left-out", "Each ln r_ik must be multiplied by r_ik before the sum.",
               price=lambda R: float(-2 * np.log(np.where(R > 0, R, 1.0)).sum())),
    _wrong_icl("entropy-to-base-ten", "The entropy uses np.log10; the course uses the natural logarithm.",
               price=lambda R: 2 * _entropy(R) / np.log(10)),
    _wrong_icl("entropy-in-bits", "The entropy uses logarithms to base 2; the course uses natural ones.",
               price=lambda R: 2 * _entropy(R) / np.log(2)),
    _wrong_icl("zero-times-log-zero", "0 log 0 became nan: count it as 0.",
               price=lambda R: float(-2 * (R * np.log(R)).sum())),
    _wrong_icl("entries-counted-as-points", "R.size is n K; the number of points is len(R).",
               points=lambda R: R.size),
    _wrong_icl("components-counted-as-points", "R.shape[1] is K; the number of points is R.shape[0].",
               points=lambda R: R.shape[1]),
    _wrong_icl("aic-as-base", "The price for overlap is added to AIC; it belongs to BIC.",
               base=lambda ell, p, n: -2 * ell + 2 * p),
    _wrong_icl("sign-turned", "The sign is turned, as mclust prints it: here lower is better.",
               base=lambda ell, p, n: -bic(ell, p, n), price=lambda R: -2 * _entropy(R)),
)

ICL = Question(
    id="selection.icl",
    signature="icl(log_likelihood, n_parameters, responsibilities)",
    returns=("icl",),
    draw=_draw_icl,
    reference=icl,
    checks=ICL_CHECKS,
    misconceptions=WRONG_ICL,
    uses=("selection.bic",),
)

# --------------------------------------------------------------------------- choose

RANDOM = tuple(f"random table {number}" for number in range(1, 9))


def choose(log_likelihoods: FloatArray, n_parameters: Array, n_samples: int) -> int:
    """Index of the model with the lowest BIC, the first of equals."""
    return int(np.argmin([bic(ell, int(p), n_samples) for ell,
                          p in zip(log_likelihoods, n_parameters, strict=True)]))


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
    same = float(table.returned["index"]) == float(better.returned["index"])
    return "" if same else "the choice changes when all log-likelihoods rise by the same amount"


def _whole(seen: Seen) -> str:
    index = float(seen.returned["index"])
    inside = index == np.floor(index) and 0 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a model"


CHOOSE_CHECKS = (
    shapes("One number comes back.", ("index",), RANDOM, weight=0.5, see="selection-bic"),
    holds("It is the index of a model.", _whole, ("index",), RANDOM, weight=0.5, see="selection-bic"),
    values("The model with the lowest BIC is chosen.", "index", RANDOM, weight=4, see="selection-bic"),
    values("Of equally good models the first is chosen.", "index", ("equal models",), weight=1,
           see="selection-bic", numeric=False),
    holds("A single model is chosen.", lambda seen: "" if seen.right("index") else "index is not 0",
          ("index",),
          ("a single model",), weight=0.5, see="selection-bic"),
    together("Only differences of log-likelihoods count.", _same_when_shifted, ("index",),
             ("a table", "all fits better"), weight=0.5, see="selection-bic"),
)


def _wrong_choice(
    name: str, sentence: str, implementation: Callable[[FloatArray, Array, int], float]
) -> Misconception:
    return Misconception(name, sentence, "selection-bic", implementation)


def _criterion(ells: FloatArray, counts: Array, n: int) -> FloatArray:
    return np.asarray(-2 * ells + np.asarray(counts, dtype=float) * np.log(n))


WRONG_CHOICE = (
    _wrong_choice("highest-likelihood",
                  "The highest log-likelihood is chosen: nothing is paid for parameters.",
                  lambda ells, counts, n: int(ells.argmax())),
    _wrong_choice("highest-bic", "The highest BIC is chosen, or its sign is turned; lower is better.",
                  lambda ells, counts, n: int(_criterion(ells, counts, n).argmax())),
    _wrong_choice("aic-instead", "The choice is AIC's; BIC pays ln n for each parameter.",
                  lambda ells, counts, n: int(np.argmin(-2 * ells + 2 * np.asarray(counts, dtype=float)))),
    _wrong_choice("value-instead-of-index", "The BIC itself is returned instead of the model's position.",
                  lambda ells, counts, n: float(_criterion(ells, counts, n).min())),
    _wrong_choice("counting-from-one", "The position counts from 1; Python counts from 0.",
                  lambda ells, counts, n: int(_criterion(ells, counts, n).argmin()) + 1),
    _wrong_choice("parameters-instead-of-index",
                  "The number of parameters of the best model is returned; its position is asked for.",
                  lambda ells, counts, n: float(counts[_criterion(ells, counts, n).argmin()])),
    _wrong_choice("likelihood-instead-of-index",
                  "The log-likelihood of the best model is returned; its position is asked for.",
                  lambda ells, counts, n: float(ells[_criterion(ells, counts, n).argmin()])),
    _wrong_choice("first-model-only", "The first model is chosen: is the return inside the loop?",
                  lambda ells, counts, n: 0),
    _wrong_choice("last-model-left-out",
                  "The last model is never chosen: range(len(x)) ends before len(x) already.",
                  lambda ells, counts, n: int(_criterion(ells, counts, n)[: max(1, len(ells) - 1)].argmin())),
    _wrong_choice("last-of-equals", "Of equally good models the last is chosen; it must be the first.",
                  lambda ells, counts, n: len(ells) - 1 - int(_criterion(ells, counts, n)[::-1].argmin())),
)

CHOOSE = Question(
    id="selection.choose",
    signature="choose(log_likelihoods, n_parameters, n_samples)",
    returns=("index",),
    draw=_draw_choose,
    reference=choose,
    checks=CHOOSE_CHECKS,
    misconceptions=WRONG_CHOICE,
    uses=("selection.bic",),
)
