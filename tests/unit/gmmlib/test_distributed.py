"""Dask: the same numbers as in memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gmmlib import InvalidInputError, Mixture, fit
from gmmlib.stopping import Absolute
from tests.unit.gmmlib.examples import MANY_POINTS, TWO

X = MANY_POINTS
FEW_ROUNDS = Absolute(0.05)  # for comparisons of histories: each round is a comparison


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
    start = Mixture(TWO.weights, TWO.means + 1e6, TWO.covariances)
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
        there = distributed.fit(D, TWO, scheduler=cluster.scheduler_address, stopping=FEW_ROUNDS)
    here = fit(X, TWO, stopping=FEW_ROUNDS)
    np.testing.assert_allclose(there.history, here.history, rtol=1e-10)
    np.testing.assert_allclose(there.mixture.covariances, here.mixture.covariances, rtol=1e-9)
