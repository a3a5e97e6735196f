"""The assignment `kmeans`: assign, update and distortion."""

from __future__ import annotations

from autograder.questions.kmeans_assign import ASSIGN
from autograder.questions.kmeans_distortion import DISTORTION
from autograder.questions.kmeans_update import UPDATE

QUESTIONS = (ASSIGN, UPDATE, DISTORTION)
