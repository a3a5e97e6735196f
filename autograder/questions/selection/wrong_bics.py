"""What students get wrong in selection.bic."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue


def _minus_two(log_likelihood: float, n: int) -> float:
    return -2 * log_likelihood


def _penalty(p: int, n: int) -> float:
    return p * np.log(n)


def _as_it_is(value: float, n: int) -> float:
    return value


def _term_by_term(
    log_likelihood: float,
    p: int,
    n: int,
    *,
    fit: Callable[[float, int], float] = _minus_two,
    penalty: Callable[[int, int], float] = _penalty,
    result: Callable[[float, int], float] = _as_it_is,
) -> float:
    """Add what the fit is worth and what the parameters cost."""
    return result(fit(log_likelihood, n) + penalty(p, n), n)


wrong = Catalogue(see="selection-bic", steps=_term_by_term)


@wrong(step="penalty")
def complexity_rewarded(p, n):
    """The penalty is subtracted: parameters must be paid for, not rewarded."""
    return -_penalty(p, n)


@wrong(step="fit")
def likelihood_with_wrong_sign(log_likelihood, n):
    """The log-likelihood is added: a better fit must lower the criterion."""
    return 2 * log_likelihood


@wrong(step="penalty")
def aic_instead(p, n):
    """The penalty is 2 p, that of AIC; BIC's grows with ln n."""
    return 2 * p


@wrong(step="penalty")
def penalty_doubled(p, n):
    """The penalty is 2 p ln n; it must be p ln n."""
    return 2 * _penalty(p, n)


@wrong(step="fit")
def log_likelihood_not_doubled(log_likelihood, n):
    """The log-likelihood enters once; it must be doubled."""
    return -log_likelihood


@wrong(step="penalty")
def other_base_of_logarithm(p, n):
    """The logarithm of n is to base 10; the course uses the natural one."""
    return p * np.log10(n)


@wrong(step="penalty")
def base_two(p, n):
    """The logarithm of n is to base 2; the course uses the natural one."""
    return p * np.log2(n)


@wrong(step="penalty")
def n_not_logged(p, n):
    """The penalty is p n; it must be p ln n."""
    return p * n


@wrong(step="penalty")
def n_and_p_swapped(p, n):
    """The roles of n and p are swapped: the penalty is p ln n."""
    return n * np.log(p)


@wrong(step="penalty")
def p_missing(p, n):
    """The penalty is ln n; it must be p ln n."""
    return np.log(n)


@wrong(step="penalty")
def log_of_the_product(p, n):
    """The penalty is ln(n p); it must be p ln n."""
    return np.log(p * n)


@wrong(step="penalty")
def penalty_halved(p, n):
    """The penalty is ½ p ln n; it must be p ln n."""
    return 0.5 * _penalty(p, n)


@wrong(step="penalty")
def no_penalty(p, n):
    """The penalty is missing: nothing is paid for the parameters."""
    return 0.0


@wrong(step="fit", alone=True)
def likelihood_only_added(log_likelihood, n):
    """The log-likelihood is added once; it must be -2 ℓ."""
    return log_likelihood


@wrong(step="fit")
def likelihood_missing(log_likelihood, n):
    """Only the penalty is there; -2 ℓ is missing."""
    return 0.0


@wrong(step="fit")
def likelihood_averaged(log_likelihood, n):
    """The log-likelihood is divided by n; BIC has that of all points together."""
    return -2 * log_likelihood / n


@wrong(step="fit")
def log_taken_twice(log_likelihood, n):
    """The logarithm is taken of what is a logarithm already."""
    return -2 * np.log(np.abs(log_likelihood))


@wrong(step="fit")
def likelihood_halved(log_likelihood, n):
    """The log-likelihood enters with ½; it must be doubled."""
    return -0.5 * log_likelihood


@wrong(step="result")
def divided_by_n(value, n):
    """Everything is divided by n; BIC is -2 ℓ + p ln n as it stands."""
    return value / n


@wrong(step="penalty")
def penalty_divided_by_n(p, n):
    """The penalty is p ln(n) / n; it must be p ln n."""
    return _penalty(p, n) / n


@wrong(step="penalty")
def one_parameter_too_many(p, n):
    """One parameter too many is paid for: the penalty is p ln n."""
    return (p + 1) * np.log(n)


@wrong(step="penalty")
def one_parameter_too_few(p, n):
    """One parameter too few is paid for: the penalty is p ln n."""
    return (p - 1) * np.log(n)


@wrong(step="penalty")
def log_of_n_plus_one(p, n):
    """The penalty has ln(n + 1), as np.log1p gives it; it must be ln n."""
    return p * np.log(n + 1)


@wrong(step="penalty")
def log_of_n_minus_one(p, n):
    """The penalty has ln(n - 1); it must be ln n."""
    return p * np.log(n - 1)


@wrong(step="penalty")
def log_of_p(p, n):
    """The penalty is p ln p; it must be p ln n."""
    return p * np.log(p)


@wrong(step="penalty")
def root_for_log(p, n):
    """The penalty is p √n; it must be p ln n."""
    return p * np.sqrt(n)


@wrong(step="penalty")
def log_squared(p, n):
    """The penalty is p (ln n)²; it must be p ln n."""
    return p * np.log(n) ** 2


@wrong(step="penalty")
def parameters_squared(p, n):
    """The penalty is p² ln n; it must be p ln n."""
    return p**2 * np.log(n)


@wrong(step="penalty")
def penalty_is_p(p, n):
    """The penalty is p; it must be p ln n."""
    return p


@wrong(step="penalty")
def hannan_and_quinn(p, n):
    """The penalty is 2 p ln ln n, that of Hannan and Quinn; BIC has p ln n."""
    return 2 * p * np.log(np.log(n))


@wrong(step="penalty")
def consistent_aic(p, n):
    """The penalty is p (ln n + 1), that of the consistent AIC; BIC has p ln n."""
    return p * (np.log(n) + 1)


@wrong(step="penalty")
def aic_and_bic_together(p, n):
    """Both penalties are there, 2 p and p ln n; BIC has p ln n alone."""
    return 2 * p + _penalty(p, n)


@wrong(step="penalty")
def parameters_plus_log(p, n):
    """The penalty is p + ln n; it must be their product, p ln n."""
    return p + np.log(n)


@wrong(step="penalty")
def log_of_two_pi_taken_off(p, n):
    """The penalty has ln(n / 2π), a term of the derivation; BIC has p ln n."""
    return p * np.log(n / (2 * np.pi))


@wrong(step="result")
def sign_turned(value, n):
    """The sign is turned, as mclust prints it: here lower is better, -2 ℓ + p ln n."""
    return -value


@wrong(step="result", alone=True)
def halved(value, n):
    """Both terms are half of what they should be."""
    return value / 2


@wrong(step="result", paired=False)
def schwarz_as_maximum(value, n):
    """This is ℓ - ½ p ln n, as Schwarz wrote it: here it is -2 times that, and lower is better."""
    return -value / 2


@wrong(step="fit", alone=True)
def likelihood_without_sign(log_likelihood, n):
    """The log-likelihood loses its sign; it may be positive, and then -2 ℓ is negative."""
    return 2 * abs(log_likelihood)


@wrong(step="fit")
def likelihood_times_n(log_likelihood, n):
    """The log-likelihood is multiplied by n; it is that of all points together already."""
    return -2 * log_likelihood * n


@wrong()
def brackets_round_the_sum(log_likelihood, p, n):
    """Both terms are multiplied by ln n; only the number of parameters is: -2 ℓ + p ln n."""
    return (-2 * log_likelihood + p) * np.log(n)


@wrong()
def likelihood_added_to_half_the_penalty(log_likelihood, p, n):
    """This is ℓ + ½ p ln n; BIC is -2 ℓ + p ln n: a better fit must lower it."""
    return log_likelihood + 0.5 * _penalty(p, n)


@wrong()
def likelihood_and_points_swapped(log_likelihood, p, n):
    """ℓ and n have changed places: the logarithm is that of the number of points."""
    return -2 * n + p * np.log(log_likelihood)


@wrong()
def likelihood_and_parameters_swapped(log_likelihood, p, n):
    """ℓ and p have changed places: the logarithm of n is multiplied by the number of parameters."""
    return -2 * p + log_likelihood * np.log(n)


@wrong(step="penalty", paired=False)
def adjusted_for_the_sample(p, n):
    """The penalty is p ln((n + 2) / 24), that of the sample-size adjusted BIC; here it is p ln n."""
    return p * np.log((n + 2) / 24)


@wrong(step="penalty", paired=False)
def corrected_aic(p, n):
    """This is AIC with its correction for few points; the penalty of BIC is p ln n."""
    return 2 * p + 2 * p * (p + 1) / (n - p - 1)


@wrong(step="penalty", paired=False)
def always_the_galaxies(p, n):
    """The penalty is p ln 82, whatever n was passed."""
    return p * np.log(82)


@wrong(step="penalty", paired=False)
def always_the_eruptions(p, n):
    """The penalty is p ln 272, whatever n was passed."""
    return p * np.log(272)


@wrong(step="penalty", paired=False)
def logarithm_cut(p, n):
    """The logarithm of n is cut to a whole number; all its digits count."""
    return p * np.trunc(np.log(n))


@wrong(step="penalty", paired=False)
def logarithm_rounded(p, n):
    """The logarithm of n is rounded to a whole number; all its digits count."""
    return p * np.round(np.log(n))


@wrong(step="penalty", paired=False)
def penalty_subtracted_twice(p, n):
    """The penalty enters as -2 p ln n: does -2 stand before a bracket with ℓ and p ln n in it?"""
    return -2 * _penalty(p, n)


@wrong(step="result", paired=False)
def weight_returned(value, n):
    """Your numbers are exp of a negative criterion, as models are weighed by; BIC itself is asked for."""
    return np.exp(-value / 2)


@wrong(step="result", paired=False)
def nothing_below_zero(value, n):
    """Where BIC is negative, 0 comes back; it may be negative."""
    return max(value, 0.0)


@wrong(step="result", paired=False)
def negative_exponentiated(value, n):
    """Your numbers are exp of a negative criterion, as models are weighed by; BIC itself is asked for."""
    return np.exp(-value)
