"""What students get wrong in selection.aic."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue


def _minus_two(log_likelihood: float) -> float:
    return -2 * log_likelihood


def _two_each(p: int) -> float:
    return 2 * p


def _as_it_is(value: float) -> float:
    return value


def _term_by_term(
    log_likelihood: float,
    p: int,
    *,
    fit: Callable[[float], float] = _minus_two,
    penalty: Callable[[int], float] = _two_each,
    result: Callable[[float], float] = _as_it_is,
) -> float:
    """Add what the fit is worth and what the parameters cost."""
    return result(fit(log_likelihood) + penalty(p))


wrong = Catalogue(see="selection-aic", steps=_term_by_term)


@wrong(step="penalty")
def complexity_rewarded(p):
    """The parameters are subtracted: they must be paid for, not rewarded."""
    return -2 * p


@wrong(step="fit")
def likelihood_with_wrong_sign(log_likelihood):
    """The log-likelihood is added: a better fit must lower the criterion."""
    return 2 * log_likelihood


@wrong(step="penalty")
def penalty_not_doubled(p):
    """The penalty is p; it must be 2 p."""
    return p


@wrong(step="fit")
def log_likelihood_not_doubled(log_likelihood):
    """The log-likelihood enters once; it must be doubled."""
    return -log_likelihood


@wrong(step="penalty")
def no_penalty(p):
    """The penalty is missing: nothing is paid for the parameters."""
    return 0.0


@wrong(step="fit", alone=True)
def likelihood_only_added(log_likelihood):
    """The log-likelihood is added once; it must be -2 ℓ."""
    return log_likelihood


@wrong(step="fit")
def likelihood_missing(log_likelihood):
    """Only the penalty is there; -2 ℓ is missing."""
    return 0.0


@wrong(step="penalty")
def penalty_squared(p):
    """The penalty is p²; it must be 2 p."""
    return p**2


@wrong(step="fit")
def log_taken_twice(log_likelihood):
    """The logarithm is taken of what is a logarithm already."""
    return -2 * np.log(np.abs(log_likelihood))


@wrong(step="penalty")
def penalty_doubled(p):
    """The penalty is 4 p; it must be 2 p: brackets round -ℓ + p double both already."""
    return 4 * p


@wrong(step="penalty")
def penalty_halved(p):
    """The penalty is p / 2; it must be 2 p."""
    return p / 2


@wrong(step="fit")
def likelihood_halved(log_likelihood):
    """The log-likelihood enters with ½; it must be doubled."""
    return -0.5 * log_likelihood


@wrong(step="penalty")
def one_parameter_too_many(p):
    """One parameter too many is paid for: the penalty is 2 p."""
    return 2 * (p + 1)


@wrong(step="penalty")
def one_parameter_too_few(p):
    """One parameter too few is paid for: the penalty is 2 p."""
    return 2 * (p - 1)


@wrong(step="penalty")
def two_instead_of_two_p(p):
    """The penalty is 2, however many parameters there are; it must be 2 p."""
    return 2.0


@wrong(step="penalty")
def added_instead_of_multiplied(p):
    """The penalty is 2 + p; it must be 2 p."""
    return 2 + p


@wrong(step="penalty")
def parameters_logged(p):
    """The penalty is 2 ln p; the logarithm belongs to BIC, and to n there: AIC has 2 p."""
    return 2 * np.log(p)


@wrong(step="penalty")
def parameters_times_their_log(p):
    """The penalty is p ln p; AIC has 2 p."""
    return p * np.log(p)


@wrong(step="result")
def absolute_value(value):
    """The absolute value was taken; AIC may be negative."""
    return abs(value)


@wrong(step="fit")
def likelihood_squared(log_likelihood):
    """The log-likelihood is squared; it must be multiplied by -2."""
    return log_likelihood**2


@wrong(step="fit")
def likelihood_exponentiated(log_likelihood):
    """exp is taken of the log-likelihood; AIC has the logarithm itself, -2 ℓ."""
    return -2 * np.exp(log_likelihood)


@wrong(step="result")
def sign_turned(value):
    """The sign is turned, or ℓ and p have changed places: lower is better, so it is -2 ℓ + 2 p."""
    return -value


@wrong(step="result", alone=True)
def halved(value):
    """Both terms are half of what they should be."""
    return value / 2


@wrong(step="result", paired=False)
def maximum_instead_of_minimum(value):
    """This is ℓ - p, to be made large; AIC is -2 times that, and lower is better."""
    return -value / 2


@wrong(step="penalty", alone=True)
def minus_two_before_both(p):
    """The penalty enters as -4 p: does -2 stand before a bracket with ℓ and 2 p in it?"""
    return -4 * p


@wrong(step="fit", alone=True)
def likelihood_without_sign(log_likelihood):
    """The log-likelihood loses its sign; it may be positive, and then -2 ℓ is negative."""
    return 2 * abs(log_likelihood)


@wrong(step="fit", alone=True)
def minus_two_for_the_likelihood(log_likelihood):
    """-2 stands where -2 ℓ should: the log-likelihood is missing."""
    return -2.0


@wrong(step="fit", alone=True)
def minus_two_added_to_the_likelihood(log_likelihood):
    """-2 + ℓ stands where -2 ℓ should: the two are multiplied."""
    return log_likelihood - 2


@wrong()
def both_added_once(log_likelihood, p):
    """This is ℓ + p; AIC is -2 ℓ + 2 p: a better fit must lower it, and both are doubled."""
    return log_likelihood + p


@wrong(step="fit", alone=True)
def likelihood_squared_and_subtracted(log_likelihood):
    """The square of the log-likelihood is subtracted; it must be multiplied by -2."""
    return -(log_likelihood**2)


@wrong(step="fit", alone=True)
def likelihood_quadrupled(log_likelihood):
    """The log-likelihood enters four times; it must be doubled."""
    return -4 * log_likelihood


@wrong(step="fit", alone=True)
def likelihood_to_base_ten(log_likelihood):
    """The log-likelihood is divided by ln 10, that is, to base 10; the course uses natural logarithms."""
    return -2 * log_likelihood / np.log(10)


@wrong(step="fit", alone=True)
def likelihood_in_bits(log_likelihood):
    """The log-likelihood is divided by ln 2, that is, to base 2; the course uses natural logarithms."""
    return -2 * log_likelihood / np.log(2)


@wrong(step="penalty", alone=True)
def penalty_tripled(p):
    """The penalty is 3 p; AIC has 2 p."""
    return 3 * p


@wrong(step="penalty", alone=True)
def penalty_a_power_of_two(p):
    """The penalty is 2 to the power p; it must be 2 p."""
    return 2.0**p


@wrong(step="penalty", alone=True)
def penalty_of_bic(p):
    """The penalty is p ln 82, that of BIC for the galaxies; AIC has 2 p."""
    return p * np.log(82)


@wrong(step="result", alone=True)
def weight_returned(value):
    """Your numbers are exp of a negative criterion, as models are weighed by; AIC itself is asked for."""
    return np.exp(-value / 2)


@wrong(step="result", alone=True)
def nothing_below_zero(value):
    """Where AIC is negative, 0 comes back; it may be negative."""
    return max(value, 0.0)


@wrong()
def terms_multiplied(log_likelihood, p):
    """The two terms are multiplied; they are added: -2 ℓ + 2 p."""
    return -2 * log_likelihood * 2 * p


@wrong()
def divided_by_the_parameters(log_likelihood, p):
    """Everything is divided by p; AIC is -2 ℓ + 2 p as it stands."""
    return (-2 * log_likelihood + 2 * p) / p


@wrong(step="result", alone=True)
def negative_exponentiated(value):
    """Your numbers are exp of a negative criterion, as models are weighed by; AIC itself is asked for."""
    return np.exp(-value)
