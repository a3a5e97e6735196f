"""The values that functions of several topics return, with their shapes and tolerances.

n points, d features, K components. A value that only one function returns stands beside that function.
"""

from __future__ import annotations

from autograder.judge.tolerance import (
    exact,
    location,
    log_likelihood,
    relative,
    scatter,
    sum_of_log_likelihood,
    within,
)
from autograder.values import Part

LABELS = Part("labels", "(n,)", exact, index_of="centroids")
CENTROIDS = Part("centroids", "(K, d)", location())
LOG_DENSITIES = Part("log_densities", "(n,)", relative)
RESPONSIBILITIES = Part("responsibilities", "(n, K)", within(1e-6))
LOG_LIKELIHOOD = Part("log_likelihood", "one number", log_likelihood, at_least=sum_of_log_likelihood)
LOG_LIKELIHOODS = Part("log_likelihoods", "(rounds,)", log_likelihood, at_least=sum_of_log_likelihood)
WEIGHTS = Part("weights", "(K,)", within(1e-6))
MEANS = Part("means", "(K, d)", location())
COVARIANCES = Part("covariances", "(K, d, d)", scatter())
