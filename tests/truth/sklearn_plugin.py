"""A pytest plugin: scikit-learn's own test module for GaussianMixture, run with gmmlib's class in its place.

    SKLEARN_RUN_FLOAT32_TESTS=1 PYTHONPATH=tests/truth:. python -m pytest -p sklearn_plugin \\
        --pyargs sklearn.mixture.tests.test_gaussian_mixture
"""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    import sklearn.mixture.tests.test_gaussian_mixture as module

    from gmmlib import GaussianMixture

    module.GaussianMixture = GaussianMixture
