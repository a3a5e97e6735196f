"""The assignment `missing`: condition, e_step_missing and m_step_missing."""

from __future__ import annotations

from autograder.questions.missing import condition, e_step_missing, m_step_missing

QUESTIONS = (condition.QUESTION, e_step_missing.QUESTION, m_step_missing.QUESTION)
