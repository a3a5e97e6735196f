"""Selection, labels, conditioning and missing values: closed forms, brute force, invariances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from gmmlib import (
    CollapsedComponentError,
    InvalidInputError,
    Mixture,
    datasets,
    fit,
    labels,
    missing,
    selection,
)
from gmmlib.cures import Floor
from gmmlib.em import Plain

FAITHFUL = datasets.old_faithful()
A = np.random.default_rng(5).standard_normal((2, 3, 3))
MIXTURE = Mixture(
    np.array([0.4, 0.6]),
    np.array([[0.0, 1.0, 2.0], [1.0, -1.0, 0.5]]),
    A @ A.transpose(0, 2, 1) + 0.3 * np.eye(3),
)


# --------------------------------------------------------------------------- selection


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


# --------------------------------------------------------------------------- labels


def test_matching_undoes_a_permutation():
    rng = np.random.default_rng(0)
    mixture = Mixture(np.full(4, 0.25), rng.standard_normal((4, 2)) * 5, np.stack([np.eye(2)] * 4))
    order = np.array([2, 0, 3, 1])
    shuffled = labels.relabel(mixture, order)
    np.testing.assert_array_equal(order[labels.match(mixture, shuffled)], np.arange(4))
    assert labels.distance(mixture, shuffled) == pytest.approx(0.0, abs=1e-12)


def test_bhattacharyya_is_minus_the_logarithm_of_the_overlap():
    first = Mixture(np.ones(1), np.array([[0.0]]), np.array([[[1.0]]]))
    second = Mixture(np.ones(1), np.array([[1.5]]), np.array([[[0.3]]]))
    overlap = quad(
        lambda x: np.exp((first.log_density([[x]])[0] + second.log_density([[x]])[0]) / 2), -12, 12
    )[0]
    assert labels.bhattacharyya(first, second)[0, 0] == pytest.approx(-np.log(overlap), rel=1e-7)


def test_the_density_distance_is_the_integral_and_needs_no_matching():
    first = Mixture(np.array([0.5, 0.5]), np.array([[0.0], [3.0]]), np.array([[[1.0]], [[0.5]]]))
    second = Mixture(np.ones(1), np.array([[1.0]]), np.array([[[2.0]]]))
    p, q = (lambda x, m=m: np.exp(m.log_density([[x]])[0]) for m in (first, second))
    pq, pp, qq = (quad(lambda x, f=f, g=g: f(x) * g(x), -15, 15)[0] for f, g in ((p, q), (p, p), (q, q)))
    assert labels.density_distance(first, second) == pytest.approx(1 - 2 * pq / (pp + qq), rel=1e-6)
    assert labels.density_distance(first, labels.relabel(first, [1, 0])) == pytest.approx(0.0, abs=1e-12)


def test_distances_do_not_depend_on_units():
    def stretch(m: Mixture) -> Mixture:
        return Mixture(m.weights, m.means * 1e3, m.covariances * 1e6)

    other = Mixture(MIXTURE.weights[::-1], MIXTURE.means + 0.3, MIXTURE.covariances)
    for measure in (labels.distance, labels.density_distance):
        assert measure(stretch(MIXTURE), stretch(other)) == pytest.approx(measure(MIXTURE, other), rel=1e-9)


def test_labels_are_renamed_to_agree_as_often_as_possible():
    renamed = labels.match_labels(np.array([0, 0, 1, 1, 2, 3]), np.array([1, 1, 0, 0, 0, 1]))
    np.testing.assert_array_equal(renamed[:4], [1, 1, 0, 0])
    assert len(set(renamed.tolist())) == 4


def test_what_cannot_be_compared_is_refused():
    narrow = missing.marginal(MIXTURE, [0])
    single = Mixture(np.ones(1), MIXTURE.means[:1], MIXTURE.covariances[:1])
    for call in (
        lambda: labels.match(MIXTURE, single),
        lambda: labels.bhattacharyya(MIXTURE, narrow),
        lambda: labels.relabel(MIXTURE, [0, 0]),
        lambda: labels.match_labels(np.array([0, 1]), np.array([0])),
        lambda: labels.match_labels(np.array([0.5]), np.array([0])),
    ):
        with pytest.raises(InvalidInputError):
            call()


# --------------------------------------------------------------------------- conditioning


def test_joint_is_marginal_times_conditional():
    X = np.random.default_rng(0).standard_normal((5, 3))
    for x in X:
        conditional = missing.condition(MIXTURE, [1], x[[1]])
        split = missing.marginal(MIXTURE, [1]).log_density(x[None, [1]]) + conditional.log_density(
            x[None, [0, 2]]
        )
        np.testing.assert_allclose(split, MIXTURE.log_density(x[None]), rtol=1e-10)


def test_the_conditional_of_a_gaussian_is_the_textbook_formula():
    mean, covariance = np.array([1.0, 2.0]), np.array([[2.0, 0.6], [0.6, 0.5]])
    means, rest = missing.condition_gaussian(mean, covariance, [1], np.array([[3.0], [2.0]]))
    np.testing.assert_allclose(means[:, 0], [1 + 0.6 / 0.5, 1.0])
    assert rest[0, 0] == pytest.approx(2.0 - 0.36 / 0.5)


def test_regression_is_the_mean_and_variance_of_the_conditional_by_integration():
    mixture = missing.marginal(MIXTURE, [0, 1])
    expectations, covariances = missing.regress(mixture, [0], np.array([[0.7]]))
    density = lambda y: float(np.exp(mixture.log_density([[0.7, y]])[0]))  # noqa: E731
    mass = quad(density, -30, 30)[0]
    mean = quad(lambda y: y * density(y), -30, 30)[0] / mass
    variance = quad(lambda y: (y - mean) ** 2 * density(y), -30, 30)[0] / mass
    assert expectations[0, 0] == pytest.approx(mean, rel=1e-7)
    assert covariances[0, 0, 0] == pytest.approx(variance, rel=1e-6)


# --------------------------------------------------------------------------- missing values


def with_gaps(seed: int = 0, share: float = 0.25) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = MIXTURE.sample(60, rng)[0]
    X[rng.random(X.shape) < share] = np.nan
    return X


def test_what_is_known_has_the_marginal_density_of_scipy():
    X = with_gaps()
    found = missing.log_densities(X, MIXTURE)
    for x, row in zip(X, found, strict=True):
        seen = ~np.isnan(x)
        for k in range(2):
            mean, covariance = MIXTURE.means[k][seen], MIXTURE.covariances[k][np.ix_(seen, seen)]
            expected = multivariate_normal.logpdf(x[seen], mean, covariance) if seen.any() else 0.0
            assert row[k] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_expected_statistics_are_those_of_brute_force_integration():
    mixture = missing.marginal(MIXTURE, [0, 1])
    found = missing.expect(np.array([[0.7, np.nan]]), mixture)
    for k in range(2):
        own = lambda y, k=k: float(np.exp(mixture.log_joint([[0.7, y]])[0, k]))  # noqa: E731
        everyone = quad(lambda y: sum(np.exp(mixture.log_joint([[0.7, y]])[0])), -30, 30)[0]
        mass, first, second = (
            quad(lambda y, p=p, own=own: y**p * own(y), -30, 30)[0] / everyone for p in (0, 1, 2)
        )
        assert found.counts[k] == pytest.approx(mass, rel=1e-6)
        assert found.means[k, 1] == pytest.approx(first / mass, rel=1e-6)
        assert found.scatters[k, 1, 1] == pytest.approx(second - first**2 / mass, rel=1e-6)
        assert found.scatters[k, 0, 1] == pytest.approx(0.0, abs=1e-12)


def test_without_gaps_it_is_ordinary_em():
    start = fit(FAITHFUL, 2).mixture
    whole, plain = missing.expect(FAITHFUL, start), Plain(FAITHFUL).expect(start)
    np.testing.assert_allclose(whole.scatters, plain.scatters, rtol=1e-9)
    assert missing.fit(FAITHFUL, start).log_likelihood == pytest.approx(fit(FAITHFUL, start).log_likelihood)
    coarse = fit(FAITHFUL, start, tol=0.1)
    assert missing.fit(FAITHFUL, start, tol=0.1).history == pytest.approx(coarse.history)


def test_em_with_gaps_never_falls_and_beats_dropping_rows():
    rng = np.random.default_rng(1)
    X = FAITHFUL.copy()
    X[rng.random(X.shape) < 0.3] = np.nan
    found = missing.fit(X, 2)
    assert np.all(np.diff(found.history) >= -1e-9)
    complete = X[~np.isnan(X).any(axis=1)]
    dropped, truth = fit(complete, 2).mixture, fit(FAITHFUL, 2).mixture
    assert labels.distance(found.mixture, truth) < labels.distance(dropped, truth)


def test_imputation_keeps_what_is_known_and_falls_back_to_the_mean():
    X = np.array([[1.0, 2.0, 3.0], [np.nan, np.nan, np.nan]])
    filled = missing.impute(X, MIXTURE)
    np.testing.assert_array_equal(filled[0], X[0])
    np.testing.assert_allclose(filled[1], MIXTURE.weights @ MIXTURE.means)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: missing.marginal(MIXTURE, []), "at least one"),
        (lambda: missing.marginal(MIXTURE, [3]), "different indices in 0 … 2"),
        (lambda: missing.marginal(MIXTURE, [0, 0]), "different indices"),
        (lambda: missing.condition(MIXTURE, [0, 1, 2], np.zeros(3)), "nothing is left"),
        (lambda: missing.condition(MIXTURE, [0], np.zeros(2)), "values must have shape"),
        (lambda: missing.regress(MIXTURE, [0, 1, 2], np.zeros((1, 3))), "nothing is left"),
        (lambda: missing.fit([[np.nan, 1.0], [np.nan, 2.0]], 1), "Feature 0 of X is missing"),
        (lambda: missing.fit([[1.0, 1.0], [1.0, 2.0]], 1), "Feature 0 of X has the same value"),
        (lambda: missing.impute([[np.inf, 0.0, 0.0]], MIXTURE), "X holds inf"),
    ],
)
def test_missing_says_what_is_wrong(call, says):
    with pytest.raises(InvalidInputError, match=says):
        call()


def test_a_singular_known_block_is_a_collapse():
    with pytest.raises(CollapsedComponentError):
        missing.condition_gaussian(np.zeros(2), np.zeros((2, 2)), [0], np.zeros((1, 1)))
