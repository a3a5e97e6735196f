"""The assignment `missing`: condition and e_step_missing."""

from __future__ import annotations

from autograder.questions.missing_condition import CONDITION
from autograder.questions.missing_e_step import E_STEP_MISSING

QUESTIONS = (CONDITION, E_STEP_MISSING)
