"""What students get wrong in selection.aic."""

from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue

wrong = Catalogue(see="selection-aic")


@wrong()
def sign_turned(ll, p):
    """The sign is turned: here lower is better, so it is -2 ℓ + 2 p."""
    return 2 * ll - 2 * p


@wrong()
def complexity_rewarded(ll, p):
    """The parameters are subtracted: they must be paid for, not rewarded."""
    return -2 * ll - 2 * p


@wrong()
def likelihood_with_wrong_sign(ll, p):
    """The log-likelihood is added: a better fit must lower the criterion."""
    return 2 * ll + 2 * p


@wrong()
def penalty_not_doubled(ll, p):
    """The penalty is p; it must be 2 p."""
    return -2 * ll + p


@wrong()
def log_likelihood_not_doubled(ll, p):
    """The log-likelihood enters once; it must be doubled."""
    return -ll + 2 * p


@wrong()
def halved(ll, p):
    """Both terms are half of what they should be."""
    return -ll + p


@wrong()
def no_penalty(ll, p):
    """The penalty is missing: nothing is paid for the parameters."""
    return -2 * ll


@wrong()
def likelihood_only_added(ll, p):
    """The log-likelihood is added once; it must be -2 ℓ."""
    return ll + 2 * p


@wrong()
def penalty_squared(ll, p):
    """The penalty is p²; it must be 2 p."""
    return -2 * ll + p**2


@wrong()
def log_taken_twice(ll, p):
    """The logarithm is taken of what is a logarithm already."""
    return -2 * np.log(np.abs(ll)) + 2 * p
