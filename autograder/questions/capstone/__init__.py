"""The assignment `capstone`: log_density, standard_order and percentile_interval."""

from __future__ import annotations

from autograder.questions.capstone import log_density, percentile_interval, standard_order

QUESTIONS = (log_density.QUESTION, standard_order.QUESTION, percentile_interval.QUESTION)
