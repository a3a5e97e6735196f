"""The assignment `selection`: n_parameters, aic, bic, icl and choose."""

from __future__ import annotations

from autograder.questions.selection_choice import CHOOSE, ICL
from autograder.questions.selection_criteria import AIC, BIC
from autograder.questions.selection_n_parameters import N_PARAMETERS

QUESTIONS = (N_PARAMETERS, AIC, BIC, ICL, CHOOSE)
