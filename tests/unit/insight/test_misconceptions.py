"""Misconceptions are counted by the class's script, the most frequent first."""

from __future__ import annotations

from dataclasses import replace

from autograder.insight.misconceptions import misconceptions_of
from tests.support.made_class import KINDS, entry, everybody


def test_who_has_a_misconception_is_listed_under_it() -> None:
    (seen,) = misconceptions_of(everybody(right=2, unweighted=3, alone=2).readable)
    assert (seen.function, seen.name, seen.see) == ("e_step", "no-weights", "em-e-step")
    assert [person.id for person in seen.people] == [f"unweighted{number:04}" for number in range(3)]


def test_the_most_frequent_one_comes_first() -> None:
    other = replace(KINDS["alike"], misconception=("em.e_step", "other", "Something else."))
    rare = entry("rare", other, 1.0)
    found = misconceptions_of((rare, *everybody(unweighted=2).readable))
    assert [(seen.name, len(seen.people)) for seen in found] == [("no-weights", 2), ("other", 1)]
