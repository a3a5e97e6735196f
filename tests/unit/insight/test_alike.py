"""Students with equal wrong numbers are one group, whatever the last digits; the rest stay alone."""

from __future__ import annotations

import pytest

from autograder.insight.alike import groups_of, like, worked_call
from autograder.questions import find
from tests.support.made_class import KINDS, entry, everybody

CLASS = everybody(right=5, unweighted=7, alike=3, alone=4, waiting=2, empty=2).readable


def test_the_groups_are_those_of_the_script() -> None:
    groups = groups_of(CLASS)
    assert [len(group.people) for group in groups] == [7, 3, 1, 1, 1, 1]
    assert {person.id[:5] for person in groups[1].people} == {"alike"}
    assert [group.recognised is not None for group in groups[:2]] == [True, False]


def test_the_order_of_the_students_changes_no_group() -> None:
    sizes = [
        sorted(len(group.people) for group in groups_of(order)) for order in (CLASS, tuple(reversed(CLASS)))
    ]
    assert sizes[0] == sizes[1]


def test_a_student_leads_to_everybody_alike() -> None:
    group = like(CLASS, "e_step", CLASS[13].person.id)
    assert group is not None
    assert [person.id for person in group.people] == [f"alike{number:04}" for number in range(3)]
    assert like(CLASS, "e_step", "right0000") is None
    assert like(CLASS, "m_step", "alike0000") is None


@pytest.mark.parametrize("trait", [0.0, 1e-9, -1.0, 500.0, 1e6, -3e12])
def test_numbers_on_either_side_of_any_border_are_alike(trait: float) -> None:
    """The last digits move; the bucket in which a group is looked for may change, the group may not."""
    size = max(1.0, abs(trait))
    kinds = [
        type(KINDS["alike"])(KINDS["alike"].missed, trait=trait + shift * 4e-7 * size) for shift in (-1, 0, 1)
    ]
    entries = [entry(f"s{number}", kind, 0.0) for number, kind in enumerate(kinds)]
    middle_first = [entries[1], entries[0], entries[2]]
    assert [len(group.people) for group in groups_of(middle_first)] == [3]


def test_the_smallest_wrong_call_is_shown_with_what_came_back_and_what_is_right() -> None:
    group = next(group for group in groups_of(CLASS) if group.recognised is None)
    call = worked_call(group, {"em.e_step": find("em.e_step")})
    assert call is not None
    assert "X = [[" in call.inputs
    assert "-1.25" in call.returned
    assert "responsibilities = " in call.expected
    assert worked_call(group, {}) is None
