"""What students get wrong in selection.choose."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _bic(log_likelihoods: FloatArray, n_parameters: Array, n: int) -> FloatArray:
    """Return BIC of each model, (m,)."""
    return np.asarray(-2 * log_likelihoods + n_parameters * np.log(n))


wrong = Catalogue(see="selection-bic")


@wrong()
def highest_likelihood(log_likelihoods, n_parameters, n):
    """The highest log-likelihood is chosen: nothing is paid for parameters."""
    return int(log_likelihoods.argmax())


@wrong()
def highest_bic(log_likelihoods, n_parameters, n):
    """The highest BIC is chosen, or its sign is turned; lower is better."""
    return int(_bic(log_likelihoods, n_parameters, n).argmax())


@wrong()
def aic_instead(log_likelihoods, n_parameters, n):
    """The choice is AIC's; BIC pays ln n for each parameter."""
    return int(np.argmin(-2 * log_likelihoods + 2 * n_parameters))


@wrong()
def value_instead_of_index(log_likelihoods, n_parameters, n):
    """The BIC itself is returned instead of the model's position."""
    return float(_bic(log_likelihoods, n_parameters, n).min())


@wrong()
def counting_from_one(log_likelihoods, n_parameters, n):
    """The position counts from 1; Python counts from 0."""
    return int(_bic(log_likelihoods, n_parameters, n).argmin()) + 1


@wrong()
def parameters_instead_of_index(log_likelihoods, n_parameters, n):
    """The number of parameters of the best model is returned; its position is asked for."""
    return float(n_parameters[_bic(log_likelihoods, n_parameters, n).argmin()])


@wrong()
def likelihood_instead_of_index(log_likelihoods, n_parameters, n):
    """The log-likelihood of the best model is returned; its position is asked for."""
    return float(log_likelihoods[_bic(log_likelihoods, n_parameters, n).argmin()])


@wrong()
def first_model_only(log_likelihoods, n_parameters, n):
    """The first model is chosen: is the return inside the loop?"""
    return 0


@wrong()
def last_model_left_out(log_likelihoods, n_parameters, n):
    """The last model is never chosen: range(len(x)) ends before len(x) already."""
    return int(_bic(log_likelihoods, n_parameters, n)[: max(1, len(log_likelihoods) - 1)].argmin())


@wrong()
def last_of_equals(log_likelihoods, n_parameters, n):
    """Of equally good models the last is chosen; it must be the first."""
    return len(log_likelihoods) - 1 - int(_bic(log_likelihoods, n_parameters, n)[::-1].argmin())
