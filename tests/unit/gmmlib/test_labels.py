"""Matching and distances against integrals, under permutations and other units."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from gmmlib import InvalidInputError, Mixture, labels, missing

A = np.random.default_rng(5).standard_normal((2, 3, 3))
MIXTURE = Mixture(
    np.array([0.4, 0.6]),
    np.array([[0.0, 1.0, 2.0], [1.0, -1.0, 0.5]]),
    A @ A.transpose(0, 2, 1) + 0.3 * np.eye(3),
)


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
