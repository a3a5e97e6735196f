"""The questions of the course, and the one door for those of an instructor's own.

A question holds how to draw inputs, the reference (gmmlib), the checks and the catalogue of wrong
implementations. One folder a topic, imported on demand, each with its tuple `QUESTIONS`; a question is a
module (`em/e_step.py`), its mistakes are the module beside it (`em/wrong_e_steps.py`). How to write one of
your own: book/instructors-own.md.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from autograder.judge.checks import holds, shapes, together, values
from autograder.judge.seen import Seen
from autograder.judge.tolerance import exact, location, relative, scatter, within
from autograder.questions import drawing
from autograder.questions.catalogue import Catalogue
from autograder.questions.slips import with_slips
from autograder.values import Array, Case, Check, Finding, FloatArray, Part, Question

__all__ = [
    "ASSIGNMENTS",
    "Array",
    "Case",
    "Catalogue",
    "Check",
    "Finding",
    "FloatArray",
    "Part",
    "Question",
    "Seen",
    "UnknownQuestionError",
    "drawing",
    "exact",
    "find",
    "holds",
    "location",
    "of_assignment",
    "relative",
    "scatter",
    "shapes",
    "together",
    "values",
    "within",
]

ASSIGNMENTS = (
    "kmeans",
    "soft",
    "em",
    "starts",
    "collapse",
    "labels",
    "selection",
    "missing",
    "scale",
    "capstone",
)


class UnknownQuestionError(LookupError):
    """No question of that name; the message lists the names that exist."""


@cache
def of_assignment(name: str) -> tuple[Question, ...]:
    """Return all auto-graded questions of an assignment, in the order of its notebook."""
    if name not in ASSIGNMENTS:
        raise UnknownQuestionError(f"there is no assignment {name!r}; there are {', '.join(ASSIGNMENTS)}")
    questions: tuple[Question, ...] = import_module(f"{__name__}.{name}").QUESTIONS
    return tuple(map(with_slips, questions))


def find(question_id: str) -> Question:
    """Return the question with this id, such as "em.e_step"."""
    questions = of_assignment(question_id.partition(".")[0])
    for question in questions:
        if question.id == question_id:
            return question
    known = ", ".join(question.id for question in questions)
    raise UnknownQuestionError(f"there is no question {question_id!r}; there are {known}")
