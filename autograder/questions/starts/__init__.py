"""The assignment `starts`: kmeans_plus_plus and best_of_restarts."""

from __future__ import annotations

from autograder.questions.starts import best_of_restarts, kmeans_plus_plus

QUESTIONS = (kmeans_plus_plus.QUESTION, best_of_restarts.QUESTION)
