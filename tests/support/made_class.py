"""A class whose script says the numbers: kinds of students, and how many there are of each.

Nobody's code is run. Each student has the result that grading would give, as values.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.course.release import Release, ReleaseCell
from autograder.insight.everybody import Entry, Everybody
from autograder.record.rows import CellScore, Person, Row
from autograder.values import Behaviour, Numbers, QuestionResult, QuestionStatus, Result, Verdict

POINTS = {"em.e_step": 4.0, "em.m_step": 4.0, "em.fit": 2.0}
WRITTEN = 6.0  # points of the answer that a person grades
CHECKS = {  # by question: titles, share of the points, label of the book
    "em.e_step": (("Shapes are right.", 0.25), ("Small is right.", 0.5), ("Far is right.", 0.25)),
    "em.m_step": (("Means are right.", 0.5), ("Weights are right.", 0.25), ("Covariances are right.", 0.25)),
    "em.fit": (("Two rounds are right.", 1.0),),
}


@dataclass(frozen=True)
class Kind:
    """What a student did: the titles of checks missed or a status, by question; and the written answer."""

    missed: dict[str, tuple[str, ...]]
    status: dict[str, QuestionStatus] | None = None
    misconception: tuple[str, str, str] | None = None  # question, name, sentence
    trait: float | None = None  # of a wrong e_step; a student's own without
    written: float | None = None  # points by a person; None while it waits
    readable: bool = True
    incidents: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


FAR = {"em.e_step": ("Far is right.",)}
SMALL_AND_FAR = {"em.e_step": ("Small is right.", "Far is right.")}
NO_WEIGHTS = ("em.e_step", "no-weights", "The mixing weights are missing.")
ALL = {question: tuple(title for title, _ in checks) for question, checks in CHECKS.items()}
KINDS: dict[str, Kind] = {
    "right": Kind({}, written=6.0),
    "unweighted": Kind(SMALL_AND_FAR, misconception=NO_WEIGHTS, trait=0.75, written=3.0),
    "alike": Kind(SMALL_AND_FAR, trait=-1.25, written=3.0),
    "alone": Kind(FAR, written=0.0),
    "waiting": Kind({"em.m_step": ("Means are right.", "Weights are right.")}),
    "looping": Kind(
        {"em.fit": ALL["em.fit"]}, {"em.fit": "timed-out"}, written=0.0, incidents=("tried to open a socket",)
    ),
    "empty": Kind(ALL, dict.fromkeys(ALL, "not-written"), written=0.0, repairs=("restored a check cell",)),
    "broken": Kind(ALL, dict.fromkeys(ALL, "not-defined"), written=0.0),
    "unreadable": Kind(ALL, dict.fromkeys(ALL, "not-defined"), written=0.0, readable=False),
}

RELEASE = Release(
    "em",
    (
        *(
            ReleaseCell("check", "code", "", f"{question.partition('.')[2]}-check", top, question)
            for question, top in POINTS.items()
        ),
        ReleaseCell("manual", "markdown", "", "shared-variance", WRITTEN),
    ),
    "digest",
)


def everybody(missing: int = 0, **counts: int) -> Everybody:
    """So many students of each kind, named after it, and so many who handed in nothing."""
    names = [(f"{kind}{number:04}", kind) for kind, count in counts.items() for number in range(count)]
    graded = tuple(entry(name, KINDS[kind], 1.0 + number) for number, (name, kind) in enumerate(names))
    people = tuple(
        Person(f"missing{number:04}", "Missing", f"Number {number}", f"missing{number}@example.org")
        for number in range(missing)
    )
    return Everybody("em", graded, (), people)


def entry(name: str, kind: Kind, own: float) -> Entry:
    """One student; `own` is the trait of a wrong answer like nobody else's."""
    questions = tuple(result(question, kind, own) for question in POINTS)
    score = sum(question.score for question in questions)
    status = "graded" if kind.readable else "unreadable"
    cells = {
        f"{question.name}-check": CellScore(question.score, question.max_score) for question in questions
    }
    cells["shared-variance"] = CellScore(
        kind.written or 0.0, WRITTEN, waiting=kind.written is None, manual=bool(kind.written)
    )
    row = Row(Person(name), True, score + (kind.written or 0.0), 0.0, 16.0, cells=cells)
    message = "" if kind.readable else "The file is cut off."
    details = {"repairs": kind.repairs, "incidents": kind.incidents, "message": message, "seconds": 0.2}
    return Entry(row, Result(name, "em", status, score, 10.0, questions, walls="all walls", **details))  # type: ignore[arg-type]


def result(question: str, kind: Kind, own: float) -> QuestionResult:
    """One question: its checks, its points, and what a wrong e_step gives."""
    top, missed = POINTS[question], kind.missed.get(question, ())
    named = kind.misconception if kind.misconception and kind.misconception[0] == question else None
    checks = tuple(
        Verdict(
            title,
            title not in missed,
            0.0 if title in missed else share * top,
            share * top,
            named[2] if named and title in missed else "",
            named[1] if named and title in missed else None,
            "em-e-step",
        )
        for title, share in CHECKS[question]
    )
    behaviour = None
    if missed and question == "em.e_step" and kind.readable and not kind.status:
        trait = own if kind.trait is None else kind.trait
        noise = 1e-9 * own / 3000.0  # the last digits are everybody's own
        numbers = Numbers((3, 2), tuple(f"{trait:.6g}" for _ in range(6)))
        behaviour = Behaviour(
            ("(3, 2) 6", "right"), (trait + noise,), "small example", (numbers, Numbers((), ("-4.5",)))
        )
    status = (kind.status or {}).get(question, "graded")
    score = sum(check.points for check in checks)
    return QuestionResult(question, score, top, status, checks, "", behaviour)
