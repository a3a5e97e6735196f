"""Difficulty, discrimination and folded checks against the class's script and Python's own statistics."""

from __future__ import annotations

import statistics

import pytest

from autograder.insight.items import correlation, items_of, missed_checks, written_items
from tests.support.made_class import RELEASE, everybody

CLASS = everybody(right=8, unweighted=3, alike=2, waiting=4, looping=2, empty=1, unreadable=1).readable
# points of e_step, m_step, fit by hand: 1 + 2 + 1, 2 + 1 + 1, 2
POINTS = [*[(4, 4, 2)] * 8, *[(1, 4, 2)] * 5, *[(4, 1, 2)] * 4, *[(4, 4, 0)] * 2, (0, 0, 0)]


def test_the_ways_to_end_are_counted_and_the_unreadable_left_out() -> None:
    e_step, m_step, fit = items_of(CLASS)
    assert dict(e_step.endings) == {"right": 14, "partly": 5, "not written": 1}
    assert dict(m_step.endings) == {"right": 15, "partly": 4, "not written": 1}
    assert dict(fit.endings) == {"right": 17, "stopped": 2, "not written": 1}
    broken = everybody(right=2, broken=1).readable
    assert [dict(item.endings) for item in items_of(broken)] == [{"right": 2, "not found": 1}] * 3
    assert missed_checks(broken) == ()  # of those who wrote the function


def test_difficulty_is_the_mean_share_of_the_points() -> None:
    shares = [statistics.fmean(row[column] for row in POINTS) / top for column, top in enumerate((4, 4, 2))]
    assert [item.difficulty for item in items_of(CLASS)] == pytest.approx(shares)


def test_discrimination_is_the_correlation_with_all_other_points() -> None:
    for column, item in enumerate(items_of(CLASS)):
        own = [row[column] for row in POINTS]
        rest = [sum(row) - row[column] for row in POINTS]
        assert item.discrimination == pytest.approx(statistics.correlation(own, rest))


def test_a_written_answer_is_an_item_as_soon_as_somebody_graded_it() -> None:
    (item,) = written_items(RELEASE, CLASS)
    by_hand = [6.0] * 8 + [3.0] * 5 + [0.0] * 3
    by_machine = [sum(row) for row in POINTS[:13] + POINTS[17:]]  # the four between wait
    assert (item.name, dict(item.endings), item.waiting) == (
        "shared-variance",
        {"right": 8, "partly": 5, "wrong": 3},
        4,
    )
    assert item.difficulty == pytest.approx(statistics.fmean(by_hand) / 6)
    assert item.discrimination == pytest.approx(statistics.correlation(by_hand, by_machine))
    assert written_items(RELEASE, everybody(waiting=12).readable) == ()


def test_few_students_or_equal_points_have_no_discrimination() -> None:
    assert [item.discrimination for item in items_of(CLASS[:9])] == [None] * 3
    assert [item.discrimination for item in items_of(everybody(right=12).readable)] == [None] * 3


def test_checks_that_the_same_students_missed_are_one_row() -> None:
    rows = {row.titles: (row.missed, row.written) for row in missed_checks(CLASS)}
    assert rows == {
        ("Small is right.", "Far is right."): (5, 19),
        ("Means are right.", "Weights are right."): (4, 19),
        ("Two rounds are right.",): (2, 19),
    }


def test_checks_that_other_students_missed_are_rows_of_their_own() -> None:
    rows = {row.titles: row.missed for row in missed_checks(everybody(alike=4, alone=5).readable)}
    assert rows == {("Far is right.",): 9, ("Small is right.",): 4}


def test_a_checks_discrimination_is_taken_against_the_other_questions() -> None:
    (row,) = [row for row in missed_checks(CLASS) if row.name == "e_step"]
    wrote = POINTS[:-1]
    passed = [float(points[0] == 4) for points in wrote]
    rest = [points[1] + points[2] for points in wrote]
    assert row.discrimination == pytest.approx(statistics.correlation(passed, rest))


def test_a_class_without_submissions_has_no_items() -> None:
    assert items_of(()) == missed_checks(()) == ()


def test_a_correlation_of_constants_is_none() -> None:
    import numpy as np

    assert correlation(np.ones(20), np.arange(20.0)) is None
