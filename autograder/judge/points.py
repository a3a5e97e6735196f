"""From answers to points and reasons: compare with the reference, and name the misconception.

`judge` is a pure function. The grader calls it on secret inputs, `autograder.check` on public ones; no
message made here shows a number of the inputs or of the answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from autograder.judge.checks import in_words
from autograder.judge.diagnosis import Outcomes, answered_by, concerned, diagnose
from autograder.judge.seen import NOT_ASKED, Seen, expected, see
from autograder.values import (
    UNPAID,
    Case,
    Check,
    Finding,
    Misconception,
    Question,
    QuestionAnswers,
    QuestionResult,
    QuestionStatus,
    Verdict,
)

NOT_WRITTEN = "{name} is not written yet: replace the line with NotImplementedError by your code."
DIGITS = 9  # of points, after the point: 1.5, not 1.4999999999999998

_STATUS_MESSAGES: Mapping[str, str] = {
    "not-written": NOT_WRITTEN,
    "not-defined": "There is no function {name} after the cell that should define it.",
    "raised": "{name} stopped with an error{error}.",
    "timed-out": "{name} took longer than the time limit; is there a loop that does not end?",
    "out-of-memory": "{name} used more memory than the limit.",
    "died": "The process ended while {name} ran.",
}


def judge(
    question: Question, cases: Sequence[Case], answers: QuestionAnswers, max_points: float
) -> QuestionResult:
    """Give points for each check, scaled so that they sum to `max_points`, and diagnose what is wrong."""
    return judge_seen(question, compare(question, cases, answers), answers, max_points)


@np.errstate(all="ignore")  # a student's numbers may be as large as numbers can be
def judge_seen(
    question: Question, seen: Mapping[str, Seen], answers: QuestionAnswers, max_points: float
) -> QuestionResult:
    """Judge answers that have been compared with the reference already."""
    status = _status(answers)
    if not any(case.raw for case in seen.values()):
        return _nothing_came(question, seen, answers, status, max_points)
    findings = findings_of(question, seen)
    diagnosis: Misconception | None = None
    explained: frozenset[Check] = frozenset()
    if any(not finding.passed for finding in findings):
        outcomes = Outcomes(question)
        diagnosis = diagnose(question, seen, outcomes)
        explained = _explained_by(diagnosis, question, seen, findings, outcomes)
        diagnosis = diagnosis and _of_some_values(diagnosis, question, seen, outcomes)
    message = "" if status == "graded" else _status_message(question, answers, status)
    if diagnosis is None and not message:
        message = _one_reason(seen, findings) or _first_words(question, findings)
    verdicts = _verdicts(question, findings, diagnosis, explained, max_points)
    total = _total(question, findings, max_points)
    return QuestionResult(question.id, total, max_points, status, verdicts, message)


@np.errstate(all="ignore")
def share_of(question: Question, seen: Mapping[str, Seen]) -> float:
    """Return the share of a question's points that answers earn, from 0 to 1; nothing is diagnosed."""
    if not any(case.raw for case in seen.values()):
        return 0.0
    return _total(question, findings_of(question, seen), 1.0)


def compare(question: Question, cases: Sequence[Case], answers: QuestionAnswers) -> dict[str, Seen]:
    """Show what the checks see, by the case's name."""
    return {
        case.name: see(case, answers.answers.get(case.name), question.returns, expected(case, question))
        for case in cases
    }


def _status(answers: QuestionAnswers) -> QuestionStatus:
    """The status of the asking; a stub, which raises NotImplementedError throughout, is not written."""
    called = [answer for answer in answers.answers.values() if answer.status != "not-asked"]
    if called and all(a.status == "raised" and a.exception == "NotImplementedError" for a in called):
        return "not-written"
    return answers.status


def _status_message(question: Question, answers: QuestionAnswers, status: QuestionStatus) -> str:
    line = f" in line {answers.line}" if answers.line else ""
    error = f" ({answers.exception}{line})" if answers.exception else ""
    return _STATUS_MESSAGES.get(status, "").format(name=question.name, error=error)


def _nothing_came(
    question: Question,
    seen: Mapping[str, Seen],
    answers: QuestionAnswers,
    status: QuestionStatus,
    max_points: float,
) -> QuestionResult:
    """No case has a usable value: every check fails, most for one and the same reason."""
    reasons = [case.complaints[0] for case in seen.values() if case.complaints]
    reason = _status_message(question, answers, status) or _sentence(reasons[0])
    if status in ("not-written", "not-defined"):
        nothing = [Finding(0.0, reason) for _ in question.checks]
    else:
        nothing = [
            Finding(0.0, reason if finding.message.endswith(NOT_ASKED) else finding.message)
            for finding in findings_of(question, seen)
        ]
    verdicts = _verdicts(question, nothing, None, frozenset(), max_points)
    return QuestionResult(question.id, 0.0, max_points, status, verdicts, reason)


def _one_reason(seen: Mapping[str, Seen], findings: Sequence[Finding]) -> str:
    """Why nothing passes, if most cases have no right shape or did not come to their end; else nothing."""
    reasons = [case.complaints[0] for case in seen.values() if case.complaints]
    if any(finding.passed for finding in findings) or 2 * len(reasons) <= len(seen):
        return ""
    return _sentence(reasons[0])


def _first_words(question: Question, findings: Sequence[Finding]) -> str:
    """Where nothing passes: the words of the first check that says more than that a value is wrong."""
    if any(finding.passed for finding in findings):
        return ""
    words = [finding.message for finding in findings if finding.message != UNPAID]
    telling = [text for text in words if not text.endswith((" is wrong", " are wrong"))] or words
    whole = f"{question.name} is not right yet: none of the {len(findings)} checks passes."
    return f"{whole} {_sentence(telling[0])}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith(('.', '?')) else '.'}"


# --------------------------------------------------------------------------- points


def findings_of(question: Question, seen: Mapping[str, Seen]) -> list[Finding]:
    """Ask each check; structure pays only if some numeric check passes."""
    findings = [check.judge(*(seen[name] for name in check.cases)) for check in question.checks]
    if any(f.passed for f, check in zip(findings, question.checks, strict=True) if check.numeric):
        return findings
    return [
        _without_pay(finding) if not check.numeric else finding
        for finding, check in zip(findings, question.checks, strict=True)
    ]


def _without_pay(finding: Finding) -> Finding:
    return Finding(0.0, finding.message or UNPAID)


def _verdicts(
    question: Question,
    findings: Sequence[Finding],
    diagnosis: Misconception | None,
    explained: frozenset[Check],
    max_points: float,
) -> tuple[Verdict, ...]:
    """What each check says; what will only count later, comes last."""
    total = sum(check.weight for check in question.checks)
    verdicts, explained_before = [], False
    for check, finding in zip(question.checks, findings, strict=True):
        share = max_points * check.weight / total
        name, message, label = None, finding.message, check.see
        if diagnosis is not None and check in explained and not finding.passed:
            name, label = diagnosis.name, diagnosis.see
            if not explained_before:
                message = diagnosis.sentence
            explained_before = True
        points = (round(share * finding.score, DIGITS), round(share, DIGITS))
        verdicts.append(Verdict(check.title, finding.passed, *points, message, name, label))
    return tuple(sorted(verdicts, key=lambda verdict: verdict.message == UNPAID))


def _total(question: Question, findings: Sequence[Finding], max_points: float) -> float:
    """The sum of the points, free of rounding at both ends."""
    if all(finding.passed for finding in findings):
        return max_points
    weights = [check.weight for check in question.checks]
    earned = sum(w * finding.score for w, finding in zip(weights, findings, strict=True)) / sum(weights)
    return round(min(1.0, max(0.0, earned)) * max_points, DIGITS)


def _of_some_values(
    diagnosis: Misconception, question: Question, seen: Mapping[str, Seen], outcomes: Outcomes
) -> Misconception:
    """The same with words for where it holds, if other values speak against it."""
    parts = concerned(diagnosis, question, [*seen.values()], outcomes)
    if not parts:
        return diagnosis
    where = " and ".join(in_words(part).rpartition(" ")[0] for part in parts)
    return replace(diagnosis, sentence=f"This is about your {where}. {diagnosis.sentence}")


def _explained_by(
    diagnosis: Misconception | None,
    question: Question,
    seen: Mapping[str, Seen],
    findings: Sequence[Finding],
    outcomes: Outcomes,
) -> frozenset[Check]:
    """The checks that the wrong implementation fails too: the diagnosis stands beside them.

    Not those in which only its pay is lost, and the student has a fault of form besides: that one is told.
    """
    if diagnosis is None:
        return frozenset()
    as_wrong = {name: answered_by(diagnosis, outcomes, case) for name, case in seen.items()}
    both = zip(question.checks, findings_of(question, as_wrong), findings, strict=True)
    return frozenset(
        check
        for check, wrong, finding in both
        if not wrong.passed and not (wrong.message == UNPAID and finding.message != UNPAID)
    )
