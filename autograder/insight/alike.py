"""Students whose functions give the same wrong numbers: one group, one explanation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.course.directory import Course
from autograder.course.questions import questions_for
from autograder.course.release import Release
from autograder.insight.everybody import Entry
from autograder.judge.behaviour import alike
from autograder.judge.example import Example
from autograder.judge.seen import expected, see
from autograder.record.rebuild import sources_of
from autograder.record.rows import Person
from autograder.values import Answer, Behaviour, Question, QuestionResult, Verdict


@dataclass(frozen=True)
class WorkedCall:
    """The smallest public call that does not come out right, as text."""

    inputs: str
    returned: str  # empty if it is too large to show
    expected: str


@dataclass(frozen=True)
class Group:
    """Students whose functions give the same answers to all public calls, and not the right ones."""

    question: str
    people: tuple[Person, ...]
    results: tuple[QuestionResult, ...]  # theirs, in the same order

    @property
    def name(self) -> str:
        """The function's name."""
        return self.question.partition(".")[2]

    @property
    def behaviour(self) -> Behaviour:
        """What the first of them gives, and so all of them."""
        behaviour = self.results[0].behaviour
        assert behaviour is not None
        return behaviour

    @property
    def recognised(self) -> Verdict | None:
        """The misconception that was recognised in the first of them who has one."""
        return next((named for result in self.results if (named := result.recognised) is not None), None)


Member = tuple[Person, QuestionResult]


def groups_of(entries: Sequence[Entry], function: str = "") -> tuple[Group, ...]:
    """Return all groups, of one student too, the largest first; of one function, or of all."""
    groups: list[list[Member]] = []
    nearby: dict[tuple[str, tuple[str, ...], int], list[list[Member]]] = {}  # groups that may be the same
    for entry in entries:
        for result in entry.result.questions:
            if result.behaviour is None or function not in ("", result.name):
                continue
            key, place = (result.id, result.behaviour.outcomes), _place(result.behaviour)
            candidates = (
                group for near in (place - 1, place, place + 1) for group in nearby.get((*key, near), ())
            )
            group = next((group for group in candidates if _belongs(result.behaviour, group)), None)
            if group is None:
                group = []
                groups.append(group)
                nearby.setdefault((*key, place), []).append(group)
            group.append((entry.person, result))
    order = {name: number for entry in entries for number, name in enumerate(entry.questions)}
    found = (
        Group(
            members[0][1].id, tuple(person for person, _ in members), tuple(result for _, result in members)
        )
        for members in groups
    )
    return tuple(sorted(found, key=lambda group: (-len(group.people), order[group.question])))


def _place(behaviour: Behaviour) -> int:
    """Return a whole number that differs by one at most between equal answers."""
    return math.floor(1000.0 * math.asinh(behaviour.traits[0])) if behaviour.traits else 0


def _belongs(behaviour: Behaviour, group: Sequence[Member]) -> bool:
    first = group[0][1].behaviour
    return first is not None and alike(first, behaviour)


def like(entries: Sequence[Entry], function: str, student: str) -> Group | None:
    """Return the group that a student belongs to; None if nothing wrong was compared."""
    for group in groups_of(entries, function):
        if student in (person.id for person in group.people):
            return group
    return None


def worked_call(group: Group, questions: Mapping[str, Question]) -> WorkedCall | None:
    """Return the smallest call that does not come out right; None if all public ones do."""
    question, behaviour = questions.get(group.question), group.behaviour
    case = (
        next((case for case in question.public_cases if case.name == behaviour.case), None)
        if question
        else None
    )
    if question is None or case is None:
        return None
    right = expected(case, question)
    answer = Answer("returned", tuple(part.array for part in behaviour.returned))
    example = Example(question, see(case, answer, question.returns, right), answer)
    outcomes = dict.fromkeys(_complaints(behaviour))
    returned = example.returned if behaviour.returned else "\n".join(outcomes)
    return WorkedCall(example.call, returned, example.expected)


@dataclass(frozen=True)
class Exhibit:
    """A group as it is shown: its smallest wrong call, and the shortest code of one of its students."""

    group: Group
    call: WorkedCall | None
    person: Person
    code: str


def exhibit_of(course: Course, assignment: str, group: Group, questions: Mapping[str, Question]) -> Exhibit:
    """Return what is shown of a group; the code is the shortest of the first ten students'."""
    codes = [
        (sources_of(course, assignment, person.id).get(group.name, ""), person)
        for person in group.people[:10]
    ]
    code, person = min(codes, key=lambda pair: (not pair[0], len(pair[0])))
    return Exhibit(group, worked_call(group, questions), person, code)


def exhibits_of(
    course: Course, release: Release, entries: Sequence[Entry]
) -> tuple[tuple[Exhibit, ...], int]:
    """Return the groups of two and more as they are shown, and how many answers are like no other."""
    groups = groups_of(entries)
    several = [group for group in groups if len(group.people) > 1]
    questions = questions_for(course, release) if several else {}
    several.sort(key=lambda group: group.recognised is not None)  # what is new first
    exhibits = tuple(exhibit_of(course, release.assignment, group, questions) for group in several)
    return exhibits, len(groups) - len(several)


def _complaints(behaviour: Behaviour) -> Iterator[str]:
    """Yield what was not an array of numbers."""
    return (
        outcome for outcome in behaviour.outcomes if outcome not in ("right", "wrong") and outcome[0] != "("
    )
