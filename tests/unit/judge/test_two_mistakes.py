"""Two mistakes within one step: factors multiply, what is left out is left out, what else changes adds up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.judge.two_mistakes import both, pairs_within
from autograder.questions import Catalogue, FloatArray

SHARES, VALUES = np.array([2.0, 5.0]), np.arange(1.0, 9.0).reshape(2, 2, 2)


def right(values: FloatArray) -> FloatArray:
    return values


def test_a_factor_of_each_component_multiplies_whatever_the_other_mistake_gives() -> None:
    weighed = SHARES[:, None, None]
    found = both(lambda values: weighed * values, np.square, right, VALUES)
    np.testing.assert_allclose(found, weighed * VALUES**2)
    np.testing.assert_allclose(both(np.square, lambda v: weighed * v, right, VALUES), found)


def test_one_number_is_a_factor_of_the_right_one() -> None:
    assert both(lambda x: -2 * x, lambda x: x / 7, right, np.float64(3.0)) == pytest.approx(-6 / 7)


def test_what_one_mistake_leaves_out_the_other_cannot_bring_back() -> None:
    found = both(lambda values: values * np.eye(2), np.square, right, VALUES)
    np.testing.assert_allclose(found, VALUES**2 * np.eye(2))


def test_two_terms_add_up() -> None:
    x, up, down = (np.array(three) for three in ([3.0, 4.0, 9.0], [0.0, 5.0, 6.0], [1.0, 2.0, 0.0]))
    found = both(lambda x: x - down, lambda x: x + up, right, x)
    np.testing.assert_allclose(found, x + up - down)


@pytest.mark.parametrize(
    "mistake",
    [lambda x: x[:1], lambda x: x * np.nan, lambda x: x.astype(int)],
    ids=["another shape", "nan", "whole numbers"],
)
def test_what_cannot_be_put_together_equals_nothing(mistake: Callable[[FloatArray], object]) -> None:
    assert np.isnan(both(mistake, np.square, right, np.array([2.0, 3.0]))).all()


def test_of_two_decisions_no_third_is_made() -> None:  # nan would count as yes
    with pytest.raises(ValueError, match="decides"):
        both(lambda x: False, lambda x: True, lambda x: bool(x), np.ones(1))


def test_where_one_mistake_does_not_show_nothing_is_said() -> None:
    with pytest.raises(ValueError, match="does not show"):
        both(lambda x: -x, lambda x: x + 1, right, np.zeros(3))


def catalogue() -> Catalogue:
    def computed(x: float, *, first=lambda x: x, second=lambda x: x):  # type: ignore[no-untyped-def]
        return first(x) + second(x)

    wrong = Catalogue(see="here", steps=computed)

    @wrong(step="first")
    def doubled(x):  # type: ignore[no-untyped-def]
        """Doubled."""
        return 2 * x

    @wrong(step="first")
    def turned(x):  # type: ignore[no-untyped-def]
        """Turned."""
        return -x

    @wrong(step="second")
    def halved(x):  # type: ignore[no-untyped-def]
        """Halved."""
        return x / 2

    @wrong(step="first", alone=True)
    def tenfold(x):  # type: ignore[no-untyped-def]
        """Tenfold."""
        return 10 * x

    return wrong


def test_pairs_are_made_of_the_frequent_mistakes_of_one_step() -> None:
    (pair,) = pairs_within(tuple(catalogue()))
    assert pair.name == "doubled"
    assert pair.sentence == "Your numbers are those of two mistakes at once. Doubled. And besides: Turned."
    assert pair.implementation(np.float64(3.0)) == -6.0 + 3.0
