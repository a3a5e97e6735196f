"""selection.bic: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import FloatArray, Part, Question, relative
from autograder.questions.selection.criteria import checks, models
from autograder.questions.selection.wrong_bics import wrong
from gmmlib.selection import bic

BIC = Part("bic", "one number", relative)


def reference(
    log_likelihood: float | FloatArray, n_parameters: int | FloatArray, n_samples: int
) -> float | FloatArray:
    """Return BIC by gmmlib; of each model, where `choose` asks for several at once."""
    if np.ndim(log_likelihood) == 0 and np.ndim(n_parameters) == 0:
        return bic(float(log_likelihood), int(n_parameters), int(n_samples))
    several = np.broadcast(log_likelihood, n_parameters)
    return np.array([bic(float(ell), int(p), int(n_samples)) for ell, p in several])


QUESTION = Question(
    id="selection.bic",
    signature="bic(log_likelihood, n_parameters, n_samples)",
    returns=(BIC,),
    draw=models,
    reference=reference,
    checks=checks(BIC, see="selection-bic"),
    misconceptions=tuple(wrong),
    uses=("selection.aic",),
)
