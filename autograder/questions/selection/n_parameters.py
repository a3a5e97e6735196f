"""selection.n_parameters: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import Case, Part, Question, Seen, exact, holds, shapes, together, values
from autograder.questions.selection.wrong_n_parameters import wrong
from gmmlib.selection import n_parameters as reference

TYPES = ("full", "tied", "diag", "spherical")
N_PARAMETERS = Part("n_parameters", "one number", exact)
SEE = "selection-n-parameters"


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw each covariance type in several sizes, then the corners: one component, one or fifty features."""
    cases = [Case("small example", (int(rng.choice([2, 4])), int(rng.choice([3, 5])), "full"))]
    for kind in TYPES:
        for number in (1, 2, 3):
            K, d = 2 * int(rng.integers(2, 7)), 2 * int(rng.integers(1, 8)) + 1  # never the same
            cases.append(Case(f"{kind} {number}", (K, d, kind)))
    d = 2 * int(rng.integers(2, 22)) + 1  # from four on, d (d - 1) / 2 exceeds d; odd, so that d // 2 shows
    cases += [Case(f"one component, {kind}", (1, d, kind)) for kind in TYPES]
    cases += [Case(f"one feature, {kind}", (int(rng.integers(2, 40)), 1, kind)) for kind in TYPES]
    cases += [Case(f"fifty features, {kind}", (int(rng.integers(26, 40)), 50, kind)) for kind in TYPES]
    # more than int16 holds
    return tuple(cases)


def _of(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind} {number}" for number in (1, 2, 3))


def _of_all_types(size: str) -> tuple[str, ...]:
    return tuple(f"{size}, {kind}" for kind in TYPES)


# --------------------------------------------------------------------------- checks


def _whole(seen: Seen) -> str:
    p = seen.returned[N_PARAMETERS]
    return "" if p == np.floor(p) else "the count is not a whole number"


def _ordered(*seen: Seen) -> str:
    full, tied, diag, spherical = (float(case.returned[N_PARAMETERS]) for case in seen)
    if full != tied:
        return "with one component, tied and full are the same model but do not count the same"
    return "" if full > diag > spherical else "a freer covariance does not have more parameters"


CHECKS = (
    shapes("One number comes back.", ("small example", *_of("full")), weight=0.5, see=SEE),
    holds(
        "The count is a whole number.",
        _whole,
        (N_PARAMETERS,),
        (*_of("full"), *_of("tied")),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Full covariances are counted right: d(d+1)/2 numbers for each component.",
        N_PARAMETERS,
        ("small example", *_of("full")),
        weight=2,
        see=SEE,
    ),
    values(
        "A tied covariance is counted right: one matrix for all components.",
        N_PARAMETERS,
        _of("tied"),
        weight=1.5,
        see=SEE,
    ),
    values(
        "Diagonal covariances are counted right: d numbers for each component.",
        N_PARAMETERS,
        _of("diag"),
        weight=1.5,
        see=SEE,
    ),
    values(
        "Spherical covariances are counted right: one number for each component.",
        N_PARAMETERS,
        _of("spherical"),
        weight=1.5,
        see=SEE,
    ),
    values(
        "One component alone is counted right for every type.",
        N_PARAMETERS,
        _of_all_types("one component"),
        weight=1,
        see=SEE,
        numeric=False,
    ),
    values(
        "A single feature, and fifty features, are counted right for every type.",
        N_PARAMETERS,
        (*_of_all_types("one feature"), *_of_all_types("fifty features")),
        weight=1,
        see=SEE,
    ),
    together(
        "With one component tied and full agree, and freer covariances have more parameters.",
        _ordered,
        (N_PARAMETERS,),
        _of_all_types("one component"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="selection.n_parameters",
    signature="n_parameters(n_components, n_features, covariance_type)",
    returns=(N_PARAMETERS,),
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
