"""The assignment `starts`: kmeans_plus_plus and best_of_restarts."""

from __future__ import annotations

from autograder.questions.starts_best_of_restarts import BEST_OF_RESTARTS
from autograder.questions.starts_kmeans_plus_plus import KMEANS_PLUS_PLUS

QUESTIONS = (KMEANS_PLUS_PLUS, BEST_OF_RESTARTS)
