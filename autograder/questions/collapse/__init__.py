"""The assignment `collapse`: diagnose and m_step_map."""

from __future__ import annotations

from autograder.questions.collapse import diagnose, m_step_map

QUESTIONS = (diagnose.QUESTION, m_step_map.QUESTION)
