"""The assignment `em`: E-step, M-step and their repetition."""

from __future__ import annotations

from autograder.questions.em import e_step, fit, m_step

QUESTIONS = (e_step.QUESTION, m_step.QUESTION, fit.QUESTION)
