"""Blocks, streams and workers: the same numbers as in memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gmmlib import InvalidInputError, Mixture, Statistics, fit, labels, m_step, online
from gmmlib.blocked import Blocks
from gmmlib.cures import Floor
from gmmlib.em import Plain
from gmmlib.stopping import Absolute

TRUTH = Mixture(
    np.array([0.3, 0.7]),
    np.array([[0.0, 0.0], [3.0, 1.0]]),
    np.stack([np.eye(2), np.array([[1.0, 0.6], [0.6, 0.8]])]),
)
X = TRUTH.sample(6000, np.random.default_rng(0))[0]
FEW_ROUNDS = Absolute(0.05)             # for comparisons of histories: each round is a comparison


def test_a_small_memory_budget_gives_the_same_fit():
    kept, rebuilt = (fit(X, TRUTH, memory_budget=room, stopping=FEW_ROUNDS) for room in (1e9, 0))
    assert Blocks(X, memory_budget=0).kept is None
    np.testing.assert_allclose(kept.history, rebuilt.history, rtol=1e-12)


def test_statistics_of_files_are_added_to_those_of_the_whole():
    parts = [Blocks(part).expect(TRUTH) for part in np.array_split(X, 7)]
    total, whole = sum(parts, start=0), Plain(X).expect(TRUTH)
    assert isinstance(total, Statistics)
    np.testing.assert_allclose(total.means, whole.means, rtol=1e-10)
    np.testing.assert_allclose(total.scatters, whole.scatters, rtol=1e-10)


def test_online_em_with_one_block_is_one_em_step():
    step = online.OnlineEM(TRUTH).update(X)
    once = m_step(X, TRUTH.responsibilities(X))
    np.testing.assert_allclose(step.mixture.means, once.means, rtol=1e-9)
    np.testing.assert_allclose(step.mixture.covariances, once.covariances, rtol=1e-9)


def test_online_em_comes_close_to_batch_em_in_one_pass():
    begin = fit(X[:300], 2, n_starts=2).mixture
    learner = online.OnlineEM(begin, exponent=0.7, cure=Floor()).learn(np.array_split(X, 60))
    assert learner.step == 60
    assert learner.n == len(X)
    batch = fit(X, 2, n_starts=2).mixture
    assert labels.distance(learner.mixture, batch) < 0.02
    assert labels.distance(learner.mixture, batch) < labels.distance(begin, batch)


def test_online_em_says_what_is_wrong():
    for call in (
        lambda: online.OnlineEM(TRUTH, exponent=0.4),
        lambda: online.OnlineEM(TRUTH, delay=-1.0),
        lambda: online.OnlineEM(TRUTH, covariance_type="flat"),
        lambda: online.OnlineEM(TRUTH).update(X[:, :1]),
        lambda: online.OnlineEM(TRUTH).update([[np.nan, 0.0]]),
    ):
        with pytest.raises(InvalidInputError):
            call()


@pytest.fixture
def two_threads():
    """Dask works on two threads that end with the test, so that none is left when the run ends."""
    dask = pytest.importorskip("dask")
    with ThreadPoolExecutor(2) as pool, dask.config.set(pool=pool):
        yield


def test_dask_threads_give_the_fit_in_memory(two_threads):
    array = pytest.importorskip("dask.array")
    from gmmlib import distributed

    weight = np.random.default_rng(1).integers(1, 4, size=len(X)).astype(float)
    D = array.from_array(X + 1e6, chunks=(900, 1))
    start = Mixture(TRUTH.weights, TRUTH.means + 1e6, TRUTH.covariances)
    there = distributed.fit(D, start, sample_weight=weight, stopping=FEW_ROUNDS)
    here = fit(X + 1e6, start, sample_weight=weight, stopping=FEW_ROUNDS)
    assert here.n_iter > 5
    np.testing.assert_allclose(there.history, here.history, rtol=1e-10)
    np.testing.assert_allclose(there.mixture.means, here.mixture.means, rtol=1e-10)
    assert distributed.fit(D, 2, n_starts=2, stopping=FEW_ROUNDS).converged
    for wrong in (X, D[:, 0], array.from_array(np.full((4, 2), np.nan), chunks=2)):
        with pytest.raises(InvalidInputError):
            distributed.fit(wrong, 2)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_of_two_processes_gives_the_fit_in_memory():
    array = pytest.importorskip("dask.array")
    cluster_of = pytest.importorskip("distributed").LocalCluster
    from gmmlib import distributed

    D = array.from_array(X, chunks=(1500, 2))
    with cluster_of(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        there = distributed.fit(D, TRUTH, scheduler=cluster.scheduler_address, stopping=FEW_ROUNDS)
    here = fit(X, TRUTH, stopping=FEW_ROUNDS)
    np.testing.assert_allclose(there.history, here.history, rtol=1e-10)
    np.testing.assert_allclose(there.mixture.covariances, here.mixture.covariances, rtol=1e-9)
