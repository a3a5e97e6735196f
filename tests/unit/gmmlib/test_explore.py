"""Widgets: moving a slider changes picture and sentence."""

from __future__ import annotations

import pytest

from gmmlib import InvalidInputError, datasets, explore, fit

X = datasets.old_faithful()
MIXTURE = fit(X, 2).mixture


@pytest.mark.parametrize(
    ("make", "value", "says"),
    [
        (lambda: explore.step_through_em(X, 2, n_steps=3), 3, "After 3 steps of EM the log-likelihood is"),
        (lambda: explore.shrink_variance(X, MIXTURE.means), 24, "0% of the points have no owner"),
        (lambda: explore.provoke_collapse(X), 10, "log-likelihood"),
        (lambda: explore.choose_components(X, 3), 2, "This is the smallest"),
    ],
)
def test_moving_a_slider_changes_picture_and_sentence(make, value, says):
    slider, picture = make().children
    before = picture.value
    slider.value = value
    assert says in picture.value
    assert picture.value != before
    assert 'alt="' in picture.value


@pytest.mark.parametrize(
    "call",
    [
        lambda: explore.step_through_em(X[:, :1]),
        lambda: explore.provoke_collapse(X, point=-1),
        lambda: explore.shrink_variance(X, [[1.0]]),
    ],
)
def test_a_widget_refuses_what_it_cannot_draw(call):
    with pytest.raises(InvalidInputError):
        call()
