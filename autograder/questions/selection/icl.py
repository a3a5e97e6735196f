"""selection.icl: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    relative,
    shapes,
    together,
    values,
)
from autograder.questions.selection.wrong_icls import wrong
from gmmlib.selection import icl as reference

ICL = Part("icl", "one number", relative)
SOFT = ("random memberships 1", "random memberships 2", "random memberships 3")
SEE = "selection-icl"


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw soft memberships first, then hard ones with exact zeros, a single component, sharper ones."""

    def call(R: FloatArray, size: float = 400.0) -> tuple[float, int, FloatArray]:
        """The log-likelihood is of this size: it says from which size on a small number shows."""
        return float(-size * rng.uniform(0.95, 1.05)), int(rng.integers(3, 15)), R  # never as many as points

    quarters = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0], [0.75, 0.25]])
    hard = np.eye(3)[rng.integers(3, size=20)]
    nearly = drawing.responsibilities(rng, 25, 3)
    nearly[:10] = np.eye(3)[rng.integers(3, size=10)]
    nearly[10:14, 1] = 0.0  # a zero beside two shares: not even a part of the row is certain
    nearly[10:14] /= nearly[10:14].sum(axis=1, keepdims=True)
    log_likelihood, p, R = call(drawing.responsibilities(rng, 30, 3))
    R = R[R.max(axis=1).argsort()]  # the first point is undecided and the last is not: their order counts
    small = (
        float(-rng.integers(12, 40)),  # a millionth instead of 0 makes a millionth of it at most
        int(rng.integers(5, 10)),
        quarters[rng.permutation(rng.permuted([[0, 1], [2, 3]], axis=1)).ravel()],  # the order of rows counts
    )
    tiny = 10.0 ** rng.uniform(-5.0, -3.3, size=(20, 3))
    tiny[:, 1] += 1.0 - tiny.sum(axis=1)
    sizes = {2: 140.0, 3: 400.0, 4: 600.0}
    soft = [call(drawing.responsibilities(rng, 20 + 9 * K, K), size) for K, size in sizes.items()]
    return (
        Case("small example", small),
        *(Case(name, arguments) for name, arguments in zip(SOFT, soft, strict=True)),
        Case("hard memberships", (float(-rng.uniform(100, 250)), *call(hard)[1:])),
        Case("some points certain", call(nearly)),
        Case("shares below a thousandth", _telling(rng, tiny)),
        Case("one component", (float(-rng.uniform(100, 130)), *call(np.ones((15, 1)))[1:])),
        Case("a model", (log_likelihood, p, R)),
        Case("sharper memberships", (log_likelihood, p, R**4 / (R**4).sum(axis=1, keepdims=True))),
        Case("other order", (log_likelihood, p, R[::-1, ::-1].copy())),
        Case("positive log-likelihood", (-log_likelihood, p, np.ones((15, 1)))),
    )


def _telling(rng: np.random.Generator, R: FloatArray) -> tuple[float, int, FloatArray]:
    """Draw a log-likelihood such that the fifth digit of the criterion counts."""
    while True:
        log_likelihood = float(rng.uniform(2.9, 3.2))
        criterion = float(reference(log_likelihood, 3, R))
        if drawing.rounding_shows(criterion, 4) and drawing.rounding_shows(criterion, 5):
            return log_likelihood, 3, R


# --------------------------------------------------------------------------- checks


def _sharper_is_lower(model: Seen, sharper: Seen) -> str:
    lower = float(sharper.returned[ICL]) < float(model.returned[ICL])
    return "" if lower else "memberships that are more certain do not lower the criterion"


def _same_in_other_order(model: Seen, other: Seen) -> str:
    same = np.isclose(float(model.returned[ICL]), float(other.returned[ICL]), rtol=1e-5)
    return "" if same else "the order of points or components changes the criterion"


CHECKS = (
    shapes("One number comes back.", ("small example", *SOFT), weight=0.5, see=SEE),
    values(
        "Four points with memberships in quarters, small enough to do by hand, come out right.",
        ICL,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("Random memberships are priced right.", ICL, SOFT, weight=3, see=SEE),
    values(
        "Memberships of exactly 0 and 1 cost nothing, 0 log 0 counts as 0; those nearby cost a little.",
        ICL,
        ("hard memberships", "some points certain", "shares below a thousandth"),
        weight=1.5,
        see=SEE,
    ),
    values(
        "With one component ICL is BIC, below zero, too.",
        ICL,
        ("one component", "positive log-likelihood"),
        weight=0.5,
        see=SEE,
    ),
    together(
        "The more certain the memberships, the lower the criterion.",
        _sharper_is_lower,
        (ICL,),
        ("a model", "sharper memberships"),
        weight=0.5,
        see=SEE,
    ),
    together(
        "The order of points and components plays no part.",
        _same_in_other_order,
        (ICL,),
        ("a model", "other order"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="selection.icl",
    signature="icl(log_likelihood, n_parameters, responsibilities)",
    returns=(ICL,),
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("selection.bic", "selection.aic"),
)
