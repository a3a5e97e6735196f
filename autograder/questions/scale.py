"""The assignment `scale`: statistics and merge_statistics."""

from __future__ import annotations

from autograder.questions.scale_merge_statistics import MERGE_STATISTICS
from autograder.questions.scale_statistics import STATISTICS

QUESTIONS = (STATISTICS, MERGE_STATISTICS)
