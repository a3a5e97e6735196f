"""The assignment `missing`: condition and e_step_missing."""

from __future__ import annotations

from autograder.questions.missing import condition, e_step_missing

QUESTIONS = (condition.QUESTION, e_step_missing.QUESTION)
