"""The assignment `kmeans`: assign, update and distortion."""

from __future__ import annotations

from autograder.questions.kmeans import assign, distortion, update

QUESTIONS = (assign.QUESTION, update.QUESTION, distortion.QUESTION)
