"""The settings of a course, `c.Autograder.… = …` in its nbgrader_config.py: all of them, in one place.

A setting is a field of `Settings`: its default says what kind of value it is, and `setting` what it means
and what is allowed. `autograder settings` prints them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

ATTEMPTS = ("last-in-time", "last", "first")
SHOWS = ("everything", "checks", "scores")
KINDS = {bool: "True or False", int: "a whole number", float: "a number", str: "a text in quotes"}


def setting(
    default: Any,
    says: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    one_of: tuple[str, ...] = (),
    fits: Callable[[str], bool] | None = None,
    example: tuple[str, str] = ("", ""),
) -> Any:
    """Return a field of `Settings`.

    Parameters
    ----------
    says : what it means, with its unit
    at_least, at_most : of a number
    one_of : the texts that are allowed
    fits : whether a text that is not empty can be
    example : of such a text: what it is called, and one
    """
    allowed: dict[str, Any] = {"at_least": at_least, "at_most": at_most, "one_of": one_of}
    allowed |= {"fits": fits, "example": example if fits else ()}
    return field(default=default, metadata={"says": says, **allowed})


@dataclass(frozen=True)
class Settings:
    """What an instructor may choose for a course."""

    # ---- the course
    book: str = setting(
        "",
        "address of the book that your students read; empty for this machine's",
        fits=lambda value: re.fullmatch(r"https?://[^\s\"'\\()<>]+", value) is not None,  # for a notebook
        example=("an address", "https://example.org/gmm"),
    )
    formgrader: str = setting(
        "",
        "address of formgrader, to which the class page links; empty for no links",
        fits=lambda value: re.fullmatch(r"https?://\S+", value) is not None,
        example=("an address", "https://hub.example.org/user/grader-fall/formgrader"),
    )
    solutions: str = setting("", "folder with the assignments; empty for those of the package")

    # ---- attempts and late work
    attempt: str = setting(
        "last-in-time",
        "which attempt counts: the last before the deadline (if none is, the last), the last, or the first",
        one_of=ATTEMPTS,
    )
    max_attempts: int = setting(
        0, "attempts of an assignment that one student has; later ones do not count; 0 for any", at_least=0
    )
    cooldown_hours: float = setting(
        0.0, "hours between two attempts of a student; what comes sooner does not count", at_least=0
    )
    late_grace_hours: float = setting(
        0.0, "hours after the deadline that cost nothing; days are counted from their end", at_least=0
    )
    late_days: int = setting(
        0,
        "late days that each student has for the term; each day begun uses one and costs no points",
        at_least=0,
    )
    late_per_day: float = setting(
        0.0,
        "share of the points that each further late day begun costs; 1 for all points",
        at_least=0,
        at_most=1,
    )
    due_in_notebook: bool = setting(
        True, "whether the released notebook says when it is due and what lateness costs"
    )

    timezone: str = setting(
        "UTC",
        "in whose time the notebook says when it is due",
        fits=lambda value: value in available_timezones(),
        example=("a time zone", "Europe/Berlin"),
    )

    # ---- what students see
    feedback_shows: str = setting(
        "everything",
        "what a feedback page shows: everything; checks, without the wrong call, the values expected and "
        "the mistake's name; or the scores of the questions and what a person wrote",
        one_of=SHOWS,
    )

    # ---- what one submission may use before it is stopped
    cell_seconds: float = setting(20.0, "processor time of one cell, in seconds", at_least=1)
    notebook_seconds: float = setting(60.0, "processor time of one notebook, in seconds", at_least=1)
    memory_mib: int = setting(2048, "memory of one submission, in MiB", at_least=512)
    written_mib: int = setting(64, "files that one submission may write into a folder, in MiB", at_least=1)
    processes: int = setting(64, "processes and threads of one submission", at_least=8)

    @property
    def late_rule(self) -> str:
        """What lateness costs, in words for students."""
        share = f"{100 * self.late_per_day:g} % of the points" if self.late_per_day < 1 else "all points"
        parts = [f"Each day begun after that costs {share}."] if self.late_per_day else []
        if self.late_per_day and self.late_grace_hours:
            parts.append(f"The first {self.late_grace_hours:g} hours cost nothing.")
        if self.late_per_day and self.late_days:
            parts.append(f"For the term you have {self.late_days} late days, which cost nothing.")
        if self.max_attempts:
            parts.append(f"You have {self.max_attempts} attempts.")
        if self.cooldown_hours:
            parts.append(f"Between two attempts lie at least {self.cooldown_hours:g} hours.")
        which = {"last-in-time": "the last one in time", "last": "the last one", "first": "the first one"}
        return " ".join([*parts, f"Of several attempts {which[self.attempt]} counts."])

    @property
    def for_grades(self) -> str:
        """The limits, as text: after a change of them a grade is no longer up to date."""
        limits = (self.cell_seconds, self.notebook_seconds, self.memory_mib, self.written_mib, self.processes)
        return repr(limits)


def described() -> list[tuple[str, Any, str]]:
    """Return every setting: its name, its default, and what it means."""
    return [(known.name, known.default, known.metadata["says"]) for known in fields(Settings)]


def settings_from(values: Mapping[str, Any]) -> Settings:
    """Return the settings with these values, all others at their defaults.

    Raises
    ------
    ValueError
        With a sentence for each name that is none and each value that cannot be.
    """
    problems = [problem for name, value in values.items() if (problem := problem_with(name, value))]
    if problems:
        raise ValueError(" ".join(problems))
    return Settings(**{known.name: _converted(known, values) for known in fields(Settings)})


def problem_with(name: str, value: Any) -> str:
    """Return what is wrong with a setting, in a sentence, or nothing."""
    known = {each.name: each for each in fields(Settings)}
    if name not in known:
        near = get_close_matches(name, known, 1)
        meant = f" Did you mean c.Autograder.{near[0]}?" if near else ""
        return f"There is no setting c.Autograder.{name}.{meant}"
    kind, allowed = type(known[name].default), known[name].metadata
    wanted = _wanted(kind, allowed)
    shown = f"c.Autograder.{name} = {value!r}"
    fits = type(value) is kind or (kind is float and type(value) is int)
    if not fits or not _within(value, allowed):
        return f"{shown} cannot be: it must be {wanted}."
    return ""


def _within(value: Any, allowed: Mapping[str, Any]) -> bool:
    if isinstance(value, str):
        fits = not value or allowed["fits"] is None or allowed["fits"](value)
        return fits and (not allowed["one_of"] or value in allowed["one_of"])
    low, high = allowed["at_least"], allowed["at_most"]
    # Written so that NaN is refused, too.
    return (low is None or value >= low) and (high is None or value <= high) and value != float("inf")


def _wanted(kind: type, allowed: Mapping[str, Any]) -> str:
    """Return what a setting must be, in words."""
    if allowed["one_of"]:
        return "one of " + ", ".join(map(repr, allowed["one_of"]))
    if allowed["example"]:
        return f"{allowed['example'][0]} such as {allowed['example'][1]!r}"
    low, high = allowed["at_least"], allowed["at_most"]
    words = KINDS[kind]
    if low is not None and high is not None:
        return f"{words} from {low:g} to {high:g}"
    return words if low is None else f"{words}, at least {low:g}"


def _converted(known: Any, values: Mapping[str, Any]) -> Any:
    return type(known.default)(values.get(known.name, known.default))
