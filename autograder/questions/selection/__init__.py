"""The assignment `selection`: n_parameters, aic, bic, icl and choose."""

from __future__ import annotations

from autograder.questions.selection import aic, bic, choose, icl, n_parameters

QUESTIONS = (n_parameters.QUESTION, aic.QUESTION, bic.QUESTION, icl.QUESTION, choose.QUESTION)
