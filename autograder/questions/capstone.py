"""The assignment `capstone`: log_density, standard_order and percentile_interval."""

from __future__ import annotations

from autograder.questions.capstone_log_density import LOG_DENSITY
from autograder.questions.capstone_percentile_interval import PERCENTILE_INTERVAL
from autograder.questions.capstone_standard_order import STANDARD_ORDER

QUESTIONS = (LOG_DENSITY, STANDARD_ORDER, PERCENTILE_INTERVAL)
