"""The assignment `collapse`: diagnose and m_step_map."""

from __future__ import annotations

from autograder.questions.collapse_diagnose import DIAGNOSE
from autograder.questions.collapse_m_step_map import M_STEP_MAP

QUESTIONS = (DIAGNOSE, M_STEP_MAP)
