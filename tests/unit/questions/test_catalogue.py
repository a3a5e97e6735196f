"""A mistake is one function: its name, its sentence, its place in the book and its code."""

from __future__ import annotations

from functools import partial

import pytest

from autograder.judge.two_mistakes import pairs
from autograder.questions import Catalogue


def doubled_and_shifted(x, *, factor=lambda x: 2 * x, shift=lambda x: x + 1):
    """The right computation, of two steps."""
    return shift(factor(x))


def catalogue() -> Catalogue:
    wrong = Catalogue(see="first-label", steps=doubled_and_shifted)

    @wrong(step="factor", see="second-label")
    def factor_of_three(x):
        """The factor is three;
        it must be two.
        """
        return 3 * x

    @wrong(step="shift")
    def not_shifted(x):
        """Nothing is added."""
        return x

    @wrong(step="shift", alone=True)
    def shifted_by_two(x):
        """Two is added."""
        return x + 2

    @wrong()
    def always_zero(x):
        """Zero is returned."""
        return 0

    return wrong


def test_name_sentence_and_label_come_from_the_function_in_the_order_of_definition() -> None:
    entries = [(m.name, m.sentence, m.see) for m in catalogue()]
    assert entries == [
        ("factor-of-three", "The factor is three; it must be two.", "second-label"),
        ("not-shifted", "Nothing is added.", "first-label"),
        ("shifted-by-two", "Two is added.", "first-label"),
        ("always-zero", "Zero is returned.", "first-label"),
    ]


def test_an_entry_that_replaces_a_step_is_the_whole_computation_with_that_step_wrong() -> None:
    assert [mistake.implementation(5) for mistake in catalogue()] == [16, 10, 12, 0]


def test_two_mistakes_are_tried_together_the_frequent_ones_first() -> None:
    both = list(pairs(tuple(catalogue())))
    assert [(m.name, m.implementation(5)) for m in both] == [("factor-of-three", 15), ("factor-of-three", 17)]


def test_two_rare_mistakes_are_not_tried_together() -> None:
    rare = Catalogue(see="label", steps=doubled_and_shifted)

    @rare(step="factor", alone=True)
    def factor_of_three(x):
        """The factor is three."""
        return 3 * x

    @rare(step="shift", alone=True)
    def not_shifted(x):
        """Nothing is added."""
        return x

    assert list(pairs(tuple(rare))) == []


def test_the_mistakes_of_a_shared_catalogue_become_a_step_of_another() -> None:
    wrong = Catalogue(see="label", steps=doubled_and_shifted)
    shared = Catalogue(see="elsewhere")

    @shared()
    def factor_of_four(x):
        """The factor is four."""
        return 4 * x

    wrong.include(shared, step="factor")
    wrong.include(shared, step="factor")  # a name is taken in once
    assert [(m.name, m.see, m.implementation(5)) for m in wrong] == [("factor-of-four", "elsewhere", 21)]


def test_one_mistake_may_change_several_steps() -> None:
    wrong = Catalogue(see="label", steps=doubled_and_shifted)

    @wrong(step="factor", also={"shift": lambda x: x})
    def nothing_done(x):
        """x comes back."""
        return x

    (entry,) = wrong
    assert entry.implementation(5) == 5
    assert set(entry.changes) == {"factor", "shift"}


def test_a_mistake_of_several_sizes_is_named_for_each() -> None:
    wrong = Catalogue(see="label")

    def added(x, size):
        """A number is added."""
        return x + size

    for size in (1, 2):
        wrong(name=f"{size}-added")(partial(added, size=size))
    assert [(m.name, m.sentence, m.implementation(5)) for m in wrong] == [
        ("1-added", "A number is added.", 6),
        ("2-added", "A number is added.", 7),
    ]


def test_a_mistake_without_a_sentence_or_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(TypeError, match="docstring"):
        Catalogue(see="label")()(lambda x: x)
    with pytest.raises(TypeError, match="give Catalogue steps"):
        Catalogue(see="label")(step="factor")(doubled_and_shifted)
