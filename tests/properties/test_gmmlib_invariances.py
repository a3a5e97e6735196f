"""What must hold whatever the data are: Hypothesis draws the sizes and seeds, NumPy the numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gmmlib import Mixture, fit, labels
from gmmlib.blocked import Blocks
from gmmlib.covariance import FAMILIES, family
from gmmlib.cures import EigenvalueRatio, Floor, InverseWishart, MaximumLikelihood
from gmmlib.em import Plain, e_step, fit_data, m_step
from gmmlib.errors import ConvergenceWarning
from gmmlib.kmeans import kmeans
from gmmlib.loop import Maximiser
from gmmlib.statistics import Statistics
from gmmlib.stopping import Stopping

pytestmark = pytest.mark.filterwarnings("ignore::gmmlib.errors.ConvergenceWarning")

seeds = st.integers(0, 10_000)
sizes = st.tuples(st.integers(60, 200), st.integers(1, 4), st.integers(1, 4))  # n, d, K
names = st.sampled_from(list(FAMILIES))


def world(seed: int, n: int, d: int, K: int) -> tuple[np.ndarray, Mixture, np.random.Generator]:
    """Points from a mixture with components that overlap, a start, and the generator."""
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((K, d, d)) / np.sqrt(d) + np.eye(d)
    truth = Mixture(
        np.full(K, 1 / K), 2.0 * rng.standard_normal((K, d)), factors @ factors.transpose(0, 2, 1)
    )
    X = truth.sample(n, rng)[0]
    means = X[rng.choice(n, K, replace=False)]
    start = Mixture(np.full(K, 1 / K), means, np.repeat(np.cov(X.T).reshape(1, d, d), K, axis=0))
    return X, start, rng


class Never(Stopping):
    """No stop before max_iter: two fits to compare take the same number of rounds, whatever the rounding."""

    def reason(self, history):
        return ""


def run(X, start, covariance_type="full", **more):
    settings = {"cure": Floor(1e-6), "max_iter": 15, "stopping": Never()} | more
    return fit(X, start, covariance_type=covariance_type, **settings)


def assert_same(first: Mixture, second: Mixture, rtol: float = 1e-6) -> None:
    spread = np.sqrt(np.diagonal(first.covariances, axis1=1, axis2=2)).max(axis=0)
    np.testing.assert_allclose(second.weights, first.weights, atol=rtol)
    np.testing.assert_allclose(second.means / spread, first.means / spread, atol=rtol)
    unit = np.outer(spread, spread)
    np.testing.assert_allclose(second.covariances / unit, first.covariances / unit, atol=rtol)


@given(seeds, sizes, names, st.sampled_from([-1e8, 1e4, 1e8]))
def test_shifting_the_data_shifts_only_the_means(seed, size, name, shift):
    X, start, _ = world(seed, *size)
    X = (X + shift) - shift  # what is left of the numbers at that offset
    moved = Mixture(start.weights, start.means + shift, start.covariances)
    there = run(X + shift, moved, name).mixture
    back = Mixture(there.weights, there.means - shift, there.covariances)
    assert_same(run(X, start, name).mixture, back, rtol=1e-5)


@given(seeds, sizes, names, st.sampled_from([1e-6, 1e-3, 1e3, 1e6]))
def test_scaling_the_data_changes_the_unit_only(seed, size, name, factor):
    X, start, _ = world(seed, *size)
    scaled = Mixture(start.weights, start.means * factor, start.covariances * factor**2)
    here, there = run(X, start, name), run(X * factor, scaled, name)
    back = Mixture(there.mixture.weights, there.mixture.means / factor, there.mixture.covariances / factor**2)
    assert_same(here.mixture, back)
    jacobian = size[0] * size[1] * np.log(factor)
    assert there.log_likelihood + jacobian == pytest.approx(here.log_likelihood, rel=1e-9, abs=1e-6)


@given(seeds, sizes, st.sampled_from([1e-6, 1e6]), st.sampled_from([0.0, 1e8]))
@example(364, (180, 3, 2), 1e-6, 1e8)  # several starts end in this fit, in either order
def test_the_start_and_so_the_whole_fit_do_not_depend_on_the_unit(seed, size, factor, shift):
    X, _, _ = world(seed, *size)
    X = (X + shift) - shift
    here, there = run(X, size[2], rng=seed), run(X * factor + shift * factor, size[2], rng=seed)
    back = Mixture(
        there.mixture.weights, there.mixture.means / factor - shift, there.mixture.covariances / factor**2
    )
    assert_same(here.mixture, labels.relabel(back, labels.match(here.mixture, back)), rtol=1e-4)


@given(seeds, sizes, st.sampled_from([(MaximumLikelihood(), 2), (InverseWishart(), 15)]))
def test_rotating_the_data_rotates_a_full_fit(seed, size, cure_and_rounds):
    cure, rounds = cure_and_rounds  # one M-step collapses nothing, several may
    X, start, rng = world(seed, *size)
    Q = np.linalg.qr(rng.standard_normal((size[1], size[1])))[0]
    turned = Mixture(start.weights, start.means @ Q.T, Q @ start.covariances @ Q.T)
    here = run(X, start, cure=cure, max_iter=rounds).mixture
    there = run(X @ Q.T, turned, cure=cure, max_iter=rounds).mixture
    back = Mixture(there.weights, there.means @ Q, Q.T @ there.covariances @ Q)
    assert_same(here, back)


@given(seeds, sizes, names)
def test_the_order_of_points_and_of_components_does_not_matter(seed, size, name):
    X, start, rng = world(seed, *size)
    order = rng.permutation(size[2])
    shuffled = Mixture(start.weights[order], start.means[order], start.covariances[order])
    here, there = run(X, start, name).mixture, run(rng.permutation(X), shuffled, name).mixture
    assert_same(Mixture(here.weights[order], here.means[order], here.covariances[order]), there)


@given(seeds, sizes, names)
def test_an_integer_weight_is_repetition_and_zero_is_absence(seed, size, name):
    X, start, rng = world(seed, *size)
    counts = rng.integers(0, 4, size=len(X))
    counts[: 3 * size[1] + 3] = 1
    weighted = run(X, start, name, sample_weight=counts.astype(float))
    repeated = run(np.repeat(X, counts, axis=0), start, name)
    assert_same(repeated.mixture, weighted.mixture)
    np.testing.assert_allclose(weighted.history, repeated.history, rtol=1e-9)


@given(seeds, sizes, st.integers(1, 7), names)
def test_statistics_of_blocks_add_up_to_those_of_all(seed, size, n_blocks, name):
    X, start, _ = world(seed, *size)
    X = X + 1e6
    mixture = Mixture(start.weights, start.means + 1e6, start.covariances)
    whole = Plain(X).expect(mixture)
    parts = sum((Plain(part).expect(mixture) for part in np.array_split(X, n_blocks)), start=0)
    assert isinstance(parts, Statistics)
    np.testing.assert_allclose(parts.counts, whole.counts, rtol=1e-10)
    np.testing.assert_allclose(parts.means, whole.means, rtol=1e-10)
    np.testing.assert_allclose(parts.scatters, whole.scatters, rtol=1e-8, atol=1e-8)
    assert parts.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-10)
    maximise = Maximiser(family(name), Floor(), whole.total())
    assert_same(maximise(whole), maximise(parts), rtol=1e-10)


@given(seeds, sizes, names, st.booleans(), st.sampled_from([1e9, 0.0]))
def test_the_readable_and_the_fast_path_agree(seed, size, name, weighted, memory_budget):
    X, start, rng = world(seed, *size)
    weight = rng.random(len(X)) + 0.1 if weighted else None
    diagonal = name in ("diag", "spherical")
    if diagonal:
        kept = family(name).estimate(start.covariances, np.ones(size[2]))
        start = Mixture(start.weights, start.means, kept)
    plain = Plain(X, weight).expect(start)
    blocks = Blocks(X, weight, diagonal=diagonal, memory_budget=memory_budget)
    fast = blocks.expect(start)
    assert blocks.log_likelihood(start) == pytest.approx(fast.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(fast.counts, plain.counts, rtol=1e-10)
    np.testing.assert_allclose(fast.means, plain.means, rtol=1e-10, atol=1e-10)
    found, expected = (family(name).estimate(s.scatters, s.counts) for s in (fast, plain))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)
    assert fast.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)


@given(seeds, sizes, st.booleans(), st.booleans(), st.integers(1, 5))
def test_several_mixtures_in_one_pass_get_what_each_gets_alone(seed, size, weighted, diagonal, many):
    X, start, rng = world(seed, *size)
    weight = rng.random(len(X)) + 0.1 if weighted else None
    blocks = Blocks(X, weight, diagonal=diagonal)
    covariances = family("diag" if diagonal else "full").estimate(start.covariances, np.ones(size[2]))
    mixtures = [
        Mixture(
            rng.dirichlet(np.ones(size[2])), start.means + rng.standard_normal(start.means.shape), covariances
        )
        for _ in range(many)
    ]
    for one, mixture in zip(blocks.expect_all(mixtures), mixtures, strict=True):
        alone = blocks.expect(mixture)
        assert one.log_likelihood == pytest.approx(alone.log_likelihood, rel=1e-12)
        for part in ("counts", "means", "scatters"):
            np.testing.assert_allclose(getattr(one, part), getattr(alone, part), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("memory_budget", [1e9, 0.0], ids=["kept", "rebuilt"])
@pytest.mark.parametrize("d", [2, 10, 30], ids=["one matrix", "a stack of matrices", "whitened"])
def test_no_point_is_lost_where_blocks_end(d, memory_budget):
    rng = np.random.default_rng(d)
    some = Blocks(rng.standard_normal((9, d)))
    block, width = some.block, some.width
    mixture = Mixture(np.array([0.4, 0.6]), rng.standard_normal((2, d)), np.stack([np.eye(d)] * 2))
    X = rng.standard_normal((2 * block + 2 * width + 5, d))
    weight = rng.random(len(X)) + 0.5
    for n in (1, 5, width - 1, width, width + 1, block, block + 3, block + width + 7, len(X)):
        plain = Plain(X[:n], weight[:n]).expect(mixture)
        fast = Blocks(X[:n], weight[:n], memory_budget=memory_budget).expect(mixture)
        np.testing.assert_allclose(fast.counts, plain.counts, rtol=1e-10)
        np.testing.assert_allclose(fast.means, plain.means, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(fast.scatters, plain.scatters, rtol=1e-9, atol=1e-9 * n)
        assert fast.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)


@given(seeds, st.sampled_from([1e-3, 1e-5, 1e-7]), st.sampled_from([3, 12, 45]))
def test_the_fast_path_loses_no_digits_to_narrow_components_or_many_features(seed, width, d):
    rng = np.random.default_rng(seed)
    centres = np.array([np.full(d, 1.0), np.full(d, -1.0)])
    X = np.repeat(centres, 60, axis=0) + width * rng.standard_normal((120, d))
    mixture = Mixture(np.array([0.4, 0.6]), centres, np.repeat(width**2 * np.eye(d)[None], 2, axis=0))
    plain, fast = Plain(X).expect(mixture), Blocks(X).expect(mixture)
    np.testing.assert_allclose(fast.means, plain.means, rtol=1e-10)
    np.testing.assert_allclose(fast.scatters, plain.scatters, rtol=1e-9, atol=1e-9 * width**2 * 60)
    assert fast.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)


@pytest.mark.parametrize("memory_budget", [1e9, 0.0], ids=["kept", "rebuilt"])
@pytest.mark.parametrize("diagonal", [False, True], ids=["full", "diagonal"])
@given(seeds, st.sampled_from([2, 6, 12]), st.sampled_from([1e-3, 1e-4]), st.booleans())
def test_points_in_groups_give_what_the_readable_path_gives(
    memory_budget, diagonal, seed, d, narrow, weighted
):
    rng = np.random.default_rng(seed)
    K, n = 3, 1500
    means = 4.0 * rng.standard_normal((K, d))
    widths = np.geomspace(narrow, 1.0, d) * rng.uniform(0.5, 2.0, (K, d))
    turns = np.stack([np.eye(d)] * K) if diagonal else np.linalg.qr(rng.standard_normal((K, d, d)))[0]
    covariances = np.einsum("kij,kj,klj->kil", turns, widths**2, turns)
    mixture = Mixture(np.array([0.2, 0.3, 0.5]), means, (covariances + covariances.transpose(0, 2, 1)) / 2)
    X, _ = mixture.sample(n, rng)
    weight = rng.random(n) + 0.1 if weighted else None
    blocks = Blocks(X, weight, diagonal=diagonal, memory_budget=memory_budget)
    blocks.expect(mixture)  # whitened, and grouped
    assert len(blocks.groups.centres) == K or narrow > 1e-4
    turned = Mixture(mixture.weights[::-1], means[::-1] + 1e-6, mixture.covariances[::-1])
    wide = Mixture(mixture.weights, means + 1.0, mixture.covariances + np.eye(d))
    for other in (mixture, turned, wide):
        plain, fast = Plain(X, weight).expect(other), blocks.expect(other)
        assert blocks.log_likelihood(other) == pytest.approx(fast.log_likelihood, rel=1e-11)
        assert fast.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)
        np.testing.assert_allclose(fast.counts, plain.counts, rtol=1e-10)
        np.testing.assert_allclose(fast.means, plain.means, rtol=1e-10, atol=1e-10)
        found, expected = (
            family("diag" if diagonal else "full").estimate(s.scatters, s.counts) for s in (fast, plain)
        )
        unit = np.sqrt(np.diagonal(expected, axis1=1, axis2=2))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10 * float(unit.max()) ** 2)


@given(seeds, sizes, names, st.sampled_from([Floor(0.05), InverseWishart(), EigenvalueRatio(5.0)]))
def test_no_iteration_lowers_the_objective(seed, size, name, cure):
    X, _, _ = world(seed, *size)
    found = fit(X, size[2], covariance_type=name, cure=cure, max_iter=40, tol=0.0, n_starts=1, rng=seed)
    assert np.all(np.diff(found.objective) >= -1e-9 * abs(found.objective[-1]))


@given(seeds, sizes, names)
def test_accelerated_em_never_falls_and_ends_no_lower_than_it_began(seed, size, name):
    X, start, _ = world(seed, *size)
    found = fit(X, start, covariance_type=name, cure=Floor(1e-3), max_iter=60, accelerate=True)
    assert np.all(np.diff(found.objective[1:]) >= -1e-9 * abs(found.objective[-1]))


@given(seeds, st.tuples(st.integers(80, 200), st.integers(1, 3), st.integers(1, 2)))
def test_the_gradient_is_zero_where_em_converged(seed, size):
    X, _, rng = world(seed, *size)
    found = fit(X, size[2], tol=1e-12, max_iter=20_000, cure=Floor(1e-4), rng=seed)
    mixture, K = found.mixture, size[2]
    direction = rng.standard_normal(mixture.means.shape)

    def along(t: float) -> float:
        return Mixture(mixture.weights, mixture.means + t * direction, mixture.covariances).log_likelihood(X)

    step = 1e-4
    slope = (along(step) - along(-step)) / (2 * step)
    curvature = abs(along(step) + along(-step) - 2 * along(0.0)) / step**2
    assert abs(slope) <= 2e-3 * np.sqrt(max(curvature, 1.0)) * np.sqrt(K)


@given(seeds, sizes)
def test_one_component_is_the_closed_form_in_every_family(seed, size):
    n, d, _ = size
    X, _, _ = world(seed, n, d, 1)
    centred = X - X.mean(axis=0)
    covariance = centred.T @ centred / n
    expected = {
        "full": covariance,
        "tied": covariance,
        "diag": np.diag(np.diagonal(covariance)),
        "spherical": np.eye(d) * np.trace(covariance) / d,
    }
    for name, matrix in expected.items():
        mixture = fit(X, 1, covariance_type=name).mixture
        np.testing.assert_allclose(mixture.means[0], X.mean(axis=0), atol=1e-10)
        np.testing.assert_allclose(mixture.covariances[0], matrix, rtol=1e-9, atol=1e-12)


@given(seeds, sizes)
def test_the_steps_and_the_loop_are_the_same_em(seed, size):
    X, start, _ = world(seed, *size)
    mixture = start
    for _ in range(3):
        mixture = m_step(X, e_step(X, mixture)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        loop = fit(X, start, max_iter=4, tol=0.0)
        plain = fit_data(Plain(X), start, max_iter=4, cure=MaximumLikelihood())
    assert_same(mixture, loop.mixture, rtol=1e-9)
    assert_same(mixture, plain.mixture, rtol=1e-9)
    assert loop.log_likelihood == pytest.approx(mixture.log_likelihood(X), rel=1e-10)


@given(seeds, sizes)
def test_distortion_never_rises_in_kmeans(seed, size):
    X, _, _ = world(seed, *size)
    found = kmeans(X, size[2], seed)
    assert np.all(np.diff(found.history) <= 1e-9 * found.history[0])
