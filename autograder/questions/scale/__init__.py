"""The assignment `scale`: statistics and merge_statistics."""

from __future__ import annotations

from autograder.questions.scale import merge_statistics, statistics

QUESTIONS = (statistics.QUESTION, merge_statistics.QUESTION)
