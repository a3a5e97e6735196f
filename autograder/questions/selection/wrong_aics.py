"""What students get wrong in selection.aic."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue

wrong = Catalogue(see="selection-aic")


@wrong()
def sign_turned(log_likelihood, p):
    """The sign is turned: here lower is better, so it is -2 ℓ + 2 p."""
    return 2 * log_likelihood - 2 * p


@wrong()
def complexity_rewarded(log_likelihood, p):
    """The parameters are subtracted: they must be paid for, not rewarded."""
    return -2 * log_likelihood - 2 * p


@wrong()
def likelihood_with_wrong_sign(log_likelihood, p):
    """The log-likelihood is added: a better fit must lower the criterion."""
    return 2 * log_likelihood + 2 * p


@wrong()
def penalty_not_doubled(log_likelihood, p):
    """The penalty is p; it must be 2 p."""
    return -2 * log_likelihood + p


@wrong()
def log_likelihood_not_doubled(log_likelihood, p):
    """The log-likelihood enters once; it must be doubled."""
    return -log_likelihood + 2 * p


@wrong()
def halved(log_likelihood, p):
    """Both terms are half of what they should be."""
    return -log_likelihood + p


@wrong()
def no_penalty(log_likelihood, p):
    """The penalty is missing: nothing is paid for the parameters."""
    return -2 * log_likelihood


@wrong()
def likelihood_only_added(log_likelihood, p):
    """The log-likelihood is added once; it must be -2 ℓ."""
    return log_likelihood + 2 * p


@wrong()
def penalty_squared(log_likelihood, p):
    """The penalty is p²; it must be 2 p."""
    return -2 * log_likelihood + p**2


@wrong()
def log_taken_twice(log_likelihood, p):
    """The logarithm is taken of what is a logarithm already."""
    return -2 * np.log(np.abs(log_likelihood)) + 2 * p
