"""The questions of the course: one module per topic, each with its tuple `QUESTIONS`, imported on demand.

A question holds how to draw inputs, the reference (gmmlib), the checks and the catalogue of misconceptions.
How to write one of your own: book/instructors.md.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from autograder.values import Question

ASSIGNMENTS = (
    "kmeans", "soft", "em", "starts", "collapse", "labels", "selection", "missing", "scale", "capstone",
)


class UnknownQuestionError(LookupError):
    """No question of that name; the message lists the names that exist."""


@cache
def of_assignment(name: str) -> tuple[Question, ...]:
    """All auto-graded questions of an assignment, in the order of its notebook."""
    if name not in ASSIGNMENTS:
        raise UnknownQuestionError(f"there is no assignment {name!r}; there are {', '.join(ASSIGNMENTS)}")
    questions: tuple[Question, ...] = import_module(f"{__name__}.{name}").QUESTIONS
    return questions


def find(question_id: str) -> Question:
    """The question with this id, such as "em.e_step"."""
    questions = of_assignment(question_id.partition(".")[0])
    for question in questions:
        if question.id == question_id:
            return question
    known = ", ".join(question.id for question in questions)
    raise UnknownQuestionError(f"there is no question {question_id!r}; there are {known}")
