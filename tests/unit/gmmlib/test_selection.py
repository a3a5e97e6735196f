"""Criteria against their formulas, selection against published models."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import InvalidInputError, datasets, selection
from gmmlib.cures import Floor
from tests.unit.gmmlib.examples import FAITHFUL


@pytest.mark.parametrize(
    ("K", "d", "name", "expected"),
    [(1, 1, "full", 2), (3, 2, "full", 17), (3, 2, "tied", 11), (3, 2, "diag", 14), (3, 2, "spherical", 11)],
)
def test_parameters_are_counted_as_by_hand(K, d, name, expected):
    assert selection.n_parameters(K, d, name) == expected


def test_the_criteria_are_their_formulas():
    assert selection.aic(-100.0, 5) == pytest.approx(210.0)
    assert selection.bic(-100.0, 5, 50) == pytest.approx(200 + 5 * np.log(50))
    R = np.array([[0.5, 0.5], [1.0, 0.0]])
    assert selection.icl(-1.0, 2, R) == pytest.approx(2 + 2 * np.log(2) + 2 * np.log(2))
    assert selection.icl(-1.0, 2, R, definition="map") == pytest.approx(2 + 2 * np.log(2) + 2 * np.log(2))
    hard = np.eye(2)[[0, 1, 1]]
    assert selection.icl(-9.0, 3, hard) == pytest.approx(selection.bic(-9.0, 3, 3))


def test_select_finds_the_published_model_of_old_faithful_and_prints_it():
    table = selection.select(FAITHFUL, range(1, 5), ("full", "tied"), n_starts=2)
    assert (table.best.n_components, table.best.covariance_type) == (3, "tied")
    assert "* tied" in str(table)
    assert set(table.curves("aic")) == {"full", "tied"}
    assert table.plot().get_ylabel().startswith("BIC")


def test_a_collapse_is_a_row_of_the_table_not_the_end():
    X = np.concatenate([np.zeros((5, 2)), np.random.default_rng(0).standard_normal((5, 2)) + 9])
    table = selection.select(X, [1, 2], ("full",))
    assert table.candidates[1].fit is None
    assert "collapsed" in str(table)
    assert table.best.n_components == 1


def test_the_bootstrap_tells_two_components_from_one_and_not_from_two():
    settings = {"n_replicates": 19, "cure": Floor(1e-2), "n_starts": 2, "tol": 1e-3}
    two = selection.bootstrap_test(datasets.galaxies()[:60], 1, **settings)
    assert two.p_value == pytest.approx(0.05)
    one = np.random.default_rng(0).standard_normal((80, 1))
    same = selection.bootstrap_test(one, 1, **settings)
    assert same.p_value > 0.05
    assert same.replicates.shape == (19,)


@pytest.mark.parametrize(
    "call",
    [
        lambda: selection.n_parameters(0, 2, "full"),
        lambda: selection.n_parameters(2, 2, "flat"),
        lambda: selection.aic(np.nan, 3),
        lambda: selection.bic(-1.0, 3, 0),
        lambda: selection.icl(-1.0, 3, np.ones(3)),
        lambda: selection.icl(-1.0, 3, np.ones((3, 1)), definition="mine"),
        lambda: selection.select(FAITHFUL, []),
        lambda: selection.select(FAITHFUL, [0]),
        lambda: selection.select(FAITHFUL, [1], criterion="luck"),
        lambda: selection.bootstrap_test(FAITHFUL, 1, n_replicates=0),
    ],
)
def test_selection_refuses_what_makes_no_sense(call):
    with pytest.raises(InvalidInputError):
        call()


def test_what_cannot_be_fitted_is_a_row_that_says_why():
    repeated = np.repeat([[0.0, 0.0], [1.0, 1.0], [5.0, 5.1]], 10, axis=0)
    collapsed = selection.select(repeated, [1, 2], ("full",))
    assert "collapsed (" in str(collapsed)
    assert "collapsed ()" not in str(collapsed)
    few = selection.select(np.array([[0.0], [1.0], [3.0]]), [1, 4], ("full",))
    assert few.best.n_components == 1
    assert few.candidates[1].fit is None
    assert few.candidates[1].problem == "more components than points (3)"
    weighted = selection.select(
        np.array([[0.0], [1.0], [3.0]]), [1, 3], ("full",), sample_weight=np.array([1.0, 1.0, 0.0])
    )
    assert weighted.candidates[1].problem == "more components than points (2)"
