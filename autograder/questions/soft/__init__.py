"""The assignment `soft`: log_gaussian and responsibilities."""

from __future__ import annotations

from autograder.questions.soft import log_gaussian, responsibilities

QUESTIONS = (log_gaussian.QUESTION, responsibilities.QUESTION)
