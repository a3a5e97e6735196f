"""SQUAREM: what it spends."""

from __future__ import annotations

import pytest

from gmmlib.em import Plain, fit_data
from tests.unit.gmmlib.examples import FAITHFUL, START


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
