"""What students get wrong in selection.bic."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue

wrong = Catalogue(see="selection-bic")


@wrong()
def sign_turned(log_likelihood, p, n):
    """The sign is turned, as mclust prints it: here lower is better, -2 ℓ + p ln n."""
    return 2 * log_likelihood - p * np.log(n)


@wrong()
def complexity_rewarded(log_likelihood, p, n):
    """The penalty is subtracted: parameters must be paid for, not rewarded."""
    return -2 * log_likelihood - p * np.log(n)


@wrong()
def likelihood_with_wrong_sign(log_likelihood, p, n):
    """The log-likelihood is added: a better fit must lower the criterion."""
    return 2 * log_likelihood + p * np.log(n)


@wrong()
def aic_instead(log_likelihood, p, n):
    """This is AIC: the penalty of BIC grows with ln n."""
    return -2 * log_likelihood + 2 * p


@wrong()
def penalty_doubled(log_likelihood, p, n):
    """The penalty is 2 p ln n; it must be p ln n."""
    return -2 * log_likelihood + 2 * p * np.log(n)


@wrong()
def log_likelihood_not_doubled(log_likelihood, p, n):
    """The log-likelihood enters once; it must be doubled."""
    return -log_likelihood + p * np.log(n)


@wrong()
def halved(log_likelihood, p, n):
    """Both terms are half of what they should be."""
    return -log_likelihood + 0.5 * p * np.log(n)


@wrong()
def other_base_of_logarithm(log_likelihood, p, n):
    """The logarithm of n is to base 10; the course uses the natural one."""
    return -2 * log_likelihood + p * np.log10(n)


@wrong()
def base_two(log_likelihood, p, n):
    """The logarithm of n is to base 2; the course uses the natural one."""
    return -2 * log_likelihood + p * np.log2(n)


@wrong()
def n_not_logged(log_likelihood, p, n):
    """The penalty is p n; it must be p ln n."""
    return -2 * log_likelihood + p * n


@wrong()
def n_and_p_swapped(log_likelihood, p, n):
    """The roles of n and p are swapped: the penalty is p ln n."""
    return -2 * log_likelihood + n * np.log(p)


@wrong()
def p_missing(log_likelihood, p, n):
    """The penalty is ln n; it must be p ln n."""
    return -2 * log_likelihood + np.log(n)


@wrong()
def log_of_the_product(log_likelihood, p, n):
    """The penalty is ln(n p); it must be p ln n."""
    return -2 * log_likelihood + np.log(p * n)


@wrong()
def penalty_halved(log_likelihood, p, n):
    """The penalty is ½ p ln n; it must be p ln n."""
    return -2 * log_likelihood + 0.5 * p * np.log(n)


@wrong()
def schwarz_as_maximum(log_likelihood, p, n):
    """This is ℓ - ½ p ln n, as Schwarz wrote it: here it is -2 times that, and lower is better."""
    return log_likelihood - 0.5 * p * np.log(n)


@wrong()
def no_penalty(log_likelihood, p, n):
    """The penalty is missing: nothing is paid for the parameters."""
    return -2 * log_likelihood
