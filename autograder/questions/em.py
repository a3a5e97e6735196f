"""The assignment `em`: E-step, M-step and their repetition."""

from __future__ import annotations

from autograder.questions.em_e_step import E_STEP
from autograder.questions.em_fit import FIT
from autograder.questions.em_m_step import M_STEP

QUESTIONS = (E_STEP, M_STEP, FIT)
