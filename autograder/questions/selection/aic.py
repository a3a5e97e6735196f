"""selection.aic: inputs and checks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.questions import Case, FloatArray, Part, Question, relative
from autograder.questions.selection.criteria import checks, models
from autograder.questions.selection.wrong_aics import wrong
from gmmlib.selection import aic

AIC = Part("aic", "one number", relative)


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw models; AIC does not ask for the number of points."""
    return tuple(replace(case, arguments=case.arguments[:2]) for case in models(rng))


def reference(log_likelihood: float | FloatArray, n_parameters: float | FloatArray) -> float | FloatArray:
    """Return AIC by gmmlib; for what a `bic` may ask, too: several models, and p log(n) / 2 as a count."""
    each = np.vectorize(lambda ell: aic(float(ell), 0), otypes=[float])(log_likelihood)
    value: FloatArray = each + 2.0 * np.asarray(n_parameters)
    return float(value) if value.ndim == 0 else value


QUESTION = Question(
    id="selection.aic",
    signature="aic(log_likelihood, n_parameters)",
    returns=(AIC,),
    draw=draw,
    reference=reference,
    checks=checks(AIC, see="selection-aic"),
    misconceptions=tuple(wrong),
)
