"""selection.aic: inputs and checks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.questions import Case, Part, Question, relative
from autograder.questions.selection.criteria import checks, models
from autograder.questions.selection.wrong_aics import wrong
from gmmlib.selection import aic as reference

AIC = Part("aic", "one number", relative)


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw models; AIC does not ask for the number of points."""
    return tuple(replace(case, arguments=case.arguments[:2]) for case in models(rng))


QUESTION = Question(
    id="selection.aic",
    signature="aic(log_likelihood, n_parameters)",
    returns=(AIC,),
    draw=draw,
    reference=reference,
    checks=checks(AIC, see="selection-aic"),
    misconceptions=tuple(wrong),
)
