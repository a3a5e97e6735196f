"""What a job says at its end."""

from __future__ import annotations

from autograder.course.people import Known
from autograder.desk.jobs.work import MOST, to_look
from tests.support.made_class import everybody


def test_what_matters_most_comes_first_and_of_each_kind_only_so_many() -> None:
    graded = everybody(right=2, empty=1, unreadable=MOST + 3, looping=1).graded
    people = {"looping0000": Known("looping0000", "Lou Ping")}
    told = to_look([entry.result for entry in graded], people)
    assert [told[0].text, told[0].rank] == ["Lou Ping (looping0000): tried to open a socket", "incident"]
    assert [each.rank for each in told] == ["incident", *["not graded"] * (MOST + 1), "look"]
    assert told[1].text == "unreadable0000: The file is cut off."
    assert told[-2].text.startswith("… and 3 more")
    assert told[-1].text == "Lou Ping (looping0000): fit timed out"


def test_of_a_regular_class_there_is_nothing_to_say() -> None:
    assert to_look([entry.result for entry in everybody(right=3, unweighted=2).graded], {}) == []
