"""The two steps, their repetition, families, stopping, starts and cures."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from gmmlib import (
    CollapsedComponentError,
    ConvergenceWarning,
    InvalidInputError,
    Mixture,
    Statistics,
    datasets,
    e_step,
    fit,
    m_step,
)
from gmmlib.collapse import diagnose
from gmmlib.covariance import FAMILIES, family
from gmmlib.cures import EigenvalueRatio, Floor, InverseWishart, best_lower_bound
from gmmlib.em import Plain, fit_data
from gmmlib.starts import STARTS
from gmmlib.stopping import Absolute, Aitken, Relative, aitken_limit, rate

FAITHFUL = datasets.old_faithful()
START = Mixture(
    np.array([0.5, 0.5]), np.array([[2.0, 55.0], [4.3, 80.0]]), np.stack([np.diag([0.1, 30.0])] * 2)
)


def test_the_m_step_of_hard_labels_is_the_mean_and_covariance_of_each_group():
    labels = (FAITHFUL[:, 0] > 3).astype(int)
    mixture = m_step(FAITHFUL, np.eye(2)[labels])
    for k in range(2):
        own = FAITHFUL[labels == k]
        assert mixture.weights[k] == pytest.approx(len(own) / len(FAITHFUL))
        np.testing.assert_allclose(mixture.means[k], own.mean(axis=0))
        np.testing.assert_allclose(mixture.covariances[k], np.cov(own.T, bias=True))


def test_the_e_step_counts_a_point_by_its_weight():
    _, once = e_step(FAITHFUL, START)
    _, twice = e_step(FAITHFUL, START, np.full(272, 2.0))
    assert twice == pytest.approx(2 * once)


def test_the_history_ends_with_the_log_likelihood_of_the_returned_parameters():
    for most in (1, 2, 5):
        with pytest.warns(ConvergenceWarning, match="Raise max_iter"):
            found = fit(FAITHFUL, START, max_iter=most, tol=0.0)
        assert len(found.history) == found.n_iter == most
        assert found.history[-1] == pytest.approx(found.mixture.log_likelihood(FAITHFUL), rel=1e-12)
        assert "max_iter" in found.stop_reason


def test_the_fit_loop_is_the_loop_of_the_contract():
    mixture, values = START, []
    for _ in range(200):
        R, value = e_step(FAITHFUL, mixture)
        values.append(value)
        if len(values) > 1 and values[-1] - values[-2] < 1e-6:
            break
        mixture = m_step(FAITHFUL, R)
    found = fit(FAITHFUL, START, tol=1e-6, max_iter=200)
    np.testing.assert_allclose(found.history, values, rtol=1e-12)
    np.testing.assert_allclose(found.mixture.means, mixture.means, rtol=1e-10)
    assert found.converged


class Counting(Plain):
    """Points that count their E-steps."""

    count = 0

    def expect(self, mixture):
        self.count += 1
        return super().expect(mixture)


@pytest.mark.parametrize("most", [1, 2, 5, 1000])
@pytest.mark.parametrize("accelerate", [False, True])
@pytest.mark.filterwarnings("ignore::gmmlib.errors.ConvergenceWarning")
def test_n_iter_counts_the_e_steps_also_those_that_squarem_does_not_keep(accelerate, most):
    data = Counting(FAITHFUL)
    found = fit_data(data, START, max_iter=most, accelerate=accelerate)
    assert found.n_iter == data.count <= most
    assert found.log_likelihood == pytest.approx(found.mixture.log_likelihood(FAITHFUL), rel=1e-12)


@pytest.mark.parametrize("name", FAMILIES)
def test_packing_a_family_loses_nothing(name):
    mixture = fit(FAITHFUL, 3, covariance_type=name, cure=Floor(1e-3), n_starts=2).mixture
    own = family(name)
    packed = own.pack(mixture.covariances)
    assert packed.shape == {"full": (3, 2, 2), "tied": (2, 2), "diag": (3, 2), "spherical": (3,)}[name]
    np.testing.assert_allclose(own.unpack(packed, 3, 2), mixture.covariances)


def test_statistics_of_nothing_add_nothing():
    R, _ = e_step(FAITHFUL, START)
    some = Statistics.of(FAITHFUL, R)
    none = Statistics.of(FAITHFUL, np.zeros_like(R))
    np.testing.assert_allclose((some + none).scatters, some.scatters)
    np.testing.assert_allclose((none + some).means, some.means)
    with pytest.raises(InvalidInputError, match="cannot be added"):
        some + Statistics.of(FAITHFUL, R[:, :1])
    with pytest.raises(TypeError):
        some + 1.0


def test_at_an_offset_of_1e8_every_family_still_fits():
    for name in FAMILIES:
        here = fit(FAITHFUL, START, covariance_type=name).mixture
        moved = Mixture(START.weights, START.means + 2.0**27, START.covariances)
        there = fit(FAITHFUL + 2.0**27, moved, covariance_type=name).mixture
        np.testing.assert_allclose(there.means - 2.0**27, here.means, atol=1e-5)
        np.testing.assert_allclose(there.covariances, here.covariances, rtol=1e-4, atol=1e-4)


def test_float32_points_are_as_good_as_their_digits():
    single = fit(FAITHFUL.astype(np.float32), START)
    assert single.log_likelihood == pytest.approx(fit(FAITHFUL, START).log_likelihood, rel=1e-6)


# --------------------------------------------------------------------------- stopping


def test_each_stopping_rule_stops_and_says_why():
    for rule in (Absolute(1e-4), Relative(1e-6), Aitken(1e-4)):
        found = fit(FAITHFUL, START, stopping=rule)
        assert found.converged
        assert found.stop_reason


def test_aitken_finds_the_limit_of_a_geometric_series():
    history = [10.0 - 0.5**i for i in range(6)]
    assert rate(history) == pytest.approx(0.5)
    assert aitken_limit(history) == pytest.approx(10.0)
    assert aitken_limit([0.0, 1.0, 3.0]) == np.inf
    assert Aitken(1e-3).reason(history[:3]) == ""
    with pytest.raises(InvalidInputError, match="three values"):
        rate([1.0, 2.0])


def test_aitken_knows_that_a_plateau_is_not_the_end():
    slow = [-(0.999**i) for i in range(20)]
    assert Absolute(1e-2).reason(slow)
    assert not Aitken(1e-2).reason(slow)


# --------------------------------------------------------------------------- starts


@pytest.mark.parametrize("init", STARTS)
def test_every_start_differs_between_components_and_leads_to_the_same_fit(init):
    with pytest.warns(ConvergenceWarning):
        begun = fit(FAITHFUL, 2, init=init, n_starts=1, max_iter=1).mixture
    assert not np.allclose(begun.means[0], begun.means[1])
    found = fit(FAITHFUL, 2, init=init, n_starts=3, tol=1e-9)
    assert found.log_likelihood == pytest.approx(-1130.26396, abs=1e-4)
    assert len(found.starts) == 3


def test_a_start_may_be_a_mixture_responsibilities_or_a_function():
    R, _ = e_step(FAITHFUL, START)
    for start in (START, R, lambda X, rng: START, lambda X, rng: np.eye(2)[(X[:, 0] > 3).astype(int)]):
        assert fit(FAITHFUL, start).log_likelihood == pytest.approx(-1130.26396, abs=1e-4)


def test_more_starts_never_give_a_worse_fit():
    X = datasets.galaxies()
    values = [
        fit(X, 4, init="points", n_starts=n, rng=3, cure=Floor(1e-3)).log_likelihood for n in (1, 5, 20)
    ]
    assert np.all(np.diff(values) > -1e-3)             # the same maximum may be reached from another side


def test_weights_of_zero_drop_rows_of_starting_responsibilities_too():
    R, _ = e_step(FAITHFUL, START)
    weight = np.ones(272)
    weight[::2] = 0.0
    half = fit(FAITHFUL[1::2], R[1::2])
    assert fit(FAITHFUL, R, sample_weight=weight).log_likelihood == pytest.approx(half.log_likelihood)


# --------------------------------------------------------------------------- collapse and its cures


def collapsing() -> tuple[np.ndarray, Mixture]:
    """Twenty points, three of them the same, and a component close to those."""
    X = np.concatenate([np.random.default_rng(0).standard_normal((17, 2)), np.full((3, 2), 4.0)])
    return X, Mixture(
        np.array([0.8, 0.2]), np.array([[0.0, 0.0], [4.0, 4.0]]), np.stack([np.eye(2), 0.1 * np.eye(2)])
    )


def test_a_collapse_names_component_count_conditioning_and_cure():
    X, start = collapsing()
    with pytest.raises(
        CollapsedComponentError, match=r"Component 1 collapsed.*owns 3 points.*Cures"
    ) as caught:
        fit(X, start)
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.component == 1
    assert error.count == pytest.approx(3.0)
    assert error.condition > 1e12


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("cure", [Floor(1e-3), InverseWishart(), EigenvalueRatio(50.0)])
def test_each_cure_keeps_every_family_from_collapsing(name, cure):
    X, start = collapsing()
    found = fit(X, start, covariance_type=name, cure=cure, max_iter=5000)
    assert found.converged
    assert np.linalg.eigvalsh(found.mixture.covariances).min() > 1e-4


def test_the_floor_and_the_ratio_hold_in_units_of_the_data():
    X, start = collapsing()
    X = X * [1e-3, 1e4]
    start = Mixture(
        start.weights, start.means * [1e-3, 1e4], start.covariances * np.outer([1e-3, 1e4], [1e-3, 1e4])
    )
    unit = np.outer(X.std(axis=0), X.std(axis=0))
    floored = np.linalg.eigvalsh(fit(X, start, cure=Floor(0.01)).mixture.covariances / unit)
    assert floored.min() == pytest.approx(0.01)
    bounded = np.linalg.eigvalsh(fit(X, start, cure=EigenvalueRatio(10)).mixture.covariances / unit)
    assert bounded.max() / bounded.min() == pytest.approx(10.0)


def test_the_bound_on_eigenvalues_is_the_best_of_all_bounds():
    rng = np.random.default_rng(1)
    eigenvalues, counts, ratio = rng.exponential(size=(3, 2)) ** 3, rng.random(3) + 0.5, 4.0

    def cost(m: float) -> float:
        clipped = np.clip(eigenvalues, m, ratio * m)
        return float((counts[:, None] * (np.log(clipped) + eigenvalues / clipped)).sum())

    best = best_lower_bound(eigenvalues, counts, ratio)
    grid = np.geomspace(eigenvalues.min() / 10, eigenvalues.max(), 5000)
    assert cost(best) <= min(map(cost, grid)) + 1e-9


@pytest.mark.parametrize("name", FAMILIES)
def test_the_posterior_mode_is_a_maximum_of_the_posterior(name):
    prior, own = InverseWishart(shrinkage=0.5), family(name)
    found = fit(FAITHFUL, START, covariance_type=name, cure=prior, tol=1e-11, max_iter=5000).mixture
    total = Statistics.of(FAITHFUL, np.ones((272, 1)))

    def objective(mixture: Mixture) -> float:
        return mixture.log_likelihood(FAITHFUL) + prior.log_prior(mixture, own, total)

    for factor in (0.98, 1.02):
        assert objective(Mixture(found.weights, found.means, found.covariances * factor)) < objective(found)
        assert objective(Mixture(found.weights, found.means * factor, found.covariances)) < objective(found)


def test_a_diagnosis_points_at_the_collapsed_component():
    X, start = collapsing()
    found = fit(X, start, cure=Floor(1e-6)).mixture
    healthy, collapsed = diagnose(X, found)
    assert not healthy.collapsed
    assert collapsed.count == pytest.approx(3.0)
    assert collapsed.share == pytest.approx(1e-6)


# --------------------------------------------------------------------------- bad input


GOOD = np.random.default_rng(0).standard_normal((30, 2))


@pytest.mark.parametrize(
    ("X", "start", "settings", "says"),
    [
        (GOOD[:, 0], 2, {}, r"X must have shape \(n points, d features\)"),
        (
            np.where(np.arange(60).reshape(30, 2) == 7, np.nan, GOOD),
            2,
            {},
            r"X holds nan at \[3, 1\].*gmmlib.missing",
        ),
        (np.where(np.arange(60).reshape(30, 2) == 7, np.inf, GOOD), 2, {}, "X holds inf"),
        (GOOD, 0, {}, "n_components must be at least 1"),
        (GOOD, 2.5, {}, r"responsibilities must have shape \(n, K\)"),
        (GOOD, True, {}, "whole number"),
        (GOOD[:2], 3, {}, "3 components need at least 3 points"),
        (np.column_stack([GOOD, np.ones(30)]), 2, {}, "Feature 2 of X has the same value"),
        (np.ones((30, 2)), 2, {}, "All points of X are equal"),
        (GOOD, 2, {"sample_weight": np.ones(29)}, r"sample_weight must have shape \(30,\)"),
        (GOOD, 2, {"sample_weight": -np.ones(30)}, "sample_weight is negative"),
        (GOOD, 2, {"sample_weight": np.zeros(30)}, "zero everywhere"),
        (GOOD, 2, {"covariance_type": "round"}, "full, tied, diag, spherical"),
        (GOOD, 2, {"init": "luck"}, "init must be one of"),
        (GOOD, 2, {"max_iter": 0}, "max_iter must be at least 1"),
        (GOOD, 2, {"n_starts": 0}, "n_starts must be at least 1"),
        (GOOD, 2, {"tol": -1.0}, "tol must be a finite number of at least 0"),
        (GOOD, 2, {"rng": "dice"}, "rng must be"),
        (GOOD, np.full((30, 2), 0.5), {}, "same for every point"),
        (GOOD, np.full((29, 2), 0.5), {}, r"shape \(30, 2\)"),
        (GOOD[:, :1], START, {}, "X has 1 features, but the start has 2"),
        ([["a", "b"]] * 3, 1, {}, "cannot be read"),
    ],
)
def test_fit_says_what_is_wrong_where_and_what_to_do(X, start, settings, says):
    with pytest.raises(InvalidInputError, match=says):
        fit(X, start, **settings)


def test_the_steps_say_what_is_wrong():
    with pytest.raises(InvalidInputError, match="X has 1 features"):
        e_step(GOOD[:, :1], START)
    with pytest.raises(InvalidInputError, match="responsibilities must have shape"):
        m_step(GOOD, np.ones(30))
    with pytest.raises(InvalidInputError, match="responsibilities holds -1"):
        m_step(GOOD, -np.ones((30, 2)))
    with pytest.raises(CollapsedComponentError, match="Component 1 collapsed: owns no point"):
        m_step(GOOD, np.repeat([[1.0, 0.0]], 30, axis=0))
    with pytest.raises(CollapsedComponentError, match="Component 0"):
        m_step(np.ones((5, 2)), np.ones((5, 1)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Floor(-1.0),
        lambda: Floor(np.nan),
        lambda: InverseWishart(shrinkage=-1.0),
        lambda: InverseWishart(degrees=0.0),
        lambda: EigenvalueRatio(0.5),
        lambda: Absolute(-1.0),
        lambda: Aitken("much"),
    ],
)
def test_settings_out_of_range_are_refused(make):
    with pytest.raises(InvalidInputError, match="must be a"):
        make()


def test_a_start_outside_the_family_or_below_the_floor_is_brought_inside_and_em_goes_on():
    for name in FAMILIES:
        found = fit(FAITHFUL, START, covariance_type=name, tol=1e-9, max_iter=5000)
        other = fit(FAITHFUL, 2, covariance_type=name, tol=1e-9, max_iter=5000)
        assert found.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-5)
    tiny = Mixture(START.weights, FAITHFUL[[0, 1]], 1e-12 * START.covariances)
    assert fit(FAITHFUL, tiny, cure=Floor(0.01)).log_likelihood > -1200
