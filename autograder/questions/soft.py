"""The assignment `soft`: log_gaussian and responsibilities."""

from __future__ import annotations

from autograder.questions.soft_log_gaussian import LOG_GAUSSIAN
from autograder.questions.soft_responsibilities import RESPONSIBILITIES

QUESTIONS = (LOG_GAUSSIAN, RESPONSIBILITIES)
