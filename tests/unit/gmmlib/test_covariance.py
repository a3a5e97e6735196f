"""Covariance families: packing, and points far from the origin."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import Mixture, fit
from gmmlib.covariance import FAMILIES, family
from gmmlib.cures import Floor
from tests.unit.gmmlib.examples import FAITHFUL, START


@pytest.mark.parametrize("name", FAMILIES)
def test_packing_a_family_loses_nothing(name):
    mixture = fit(FAITHFUL, 3, covariance_type=name, cure=Floor(1e-3), n_starts=2).mixture
    own = family(name)
    packed = own.pack(mixture.covariances)
    assert packed.shape == {"full": (3, 2, 2), "tied": (2, 2), "diag": (3, 2), "spherical": (3,)}[name]
    np.testing.assert_allclose(own.unpack(packed, 3, 2), mixture.covariances)


def test_at_an_offset_of_1e8_every_family_still_fits():
    for name in FAMILIES:
        here = fit(FAITHFUL, START, covariance_type=name).mixture
        moved = Mixture(START.weights, START.means + 2.0**27, START.covariances)
        there = fit(FAITHFUL + 2.0**27, moved, covariance_type=name).mixture
        np.testing.assert_allclose(there.means - 2.0**27, here.means, atol=1e-5)
        np.testing.assert_allclose(there.covariances, here.covariances, rtol=1e-4, atol=1e-4)
