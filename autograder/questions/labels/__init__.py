"""The assignment `labels`: the distance between two Gaussians, and matching the components of two fits."""

from __future__ import annotations

from autograder.questions.labels import bhattacharyya, match_components

QUESTIONS = (bhattacharyya.QUESTION, match_components.QUESTION)
