"""What students get wrong in selection.choose."""

from __future__ import annotations

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _criterion(ells: FloatArray, counts: Array, n: int) -> FloatArray:
    return np.asarray(-2 * ells + np.asarray(counts, dtype=float) * np.log(n))


wrong = Catalogue(see="selection-bic")


@wrong()
def highest_likelihood(ells, counts, n):
    """The highest log-likelihood is chosen: nothing is paid for parameters."""
    return int(ells.argmax())


@wrong()
def highest_bic(ells, counts, n):
    """The highest BIC is chosen, or its sign is turned; lower is better."""
    return int(_criterion(ells, counts, n).argmax())


@wrong()
def aic_instead(ells, counts, n):
    """The choice is AIC's; BIC pays ln n for each parameter."""
    return int(np.argmin(-2 * ells + 2 * np.asarray(counts, dtype=float)))


@wrong()
def value_instead_of_index(ells, counts, n):
    """The BIC itself is returned instead of the model's position."""
    return float(_criterion(ells, counts, n).min())


@wrong()
def counting_from_one(ells, counts, n):
    """The position counts from 1; Python counts from 0."""
    return int(_criterion(ells, counts, n).argmin()) + 1


@wrong()
def parameters_instead_of_index(ells, counts, n):
    """The number of parameters of the best model is returned; its position is asked for."""
    return float(counts[_criterion(ells, counts, n).argmin()])


@wrong()
def likelihood_instead_of_index(ells, counts, n):
    """The log-likelihood of the best model is returned; its position is asked for."""
    return float(ells[_criterion(ells, counts, n).argmin()])


@wrong()
def first_model_only(ells, counts, n):
    """The first model is chosen: is the return inside the loop?"""
    return 0


@wrong()
def last_model_left_out(ells, counts, n):
    """The last model is never chosen: range(len(x)) ends before len(x) already."""
    return int(_criterion(ells, counts, n)[: max(1, len(ells) - 1)].argmin())


@wrong()
def last_of_equals(ells, counts, n):
    """Of equally good models the last is chosen; it must be the first."""
    return len(ells) - 1 - int(_criterion(ells, counts, n)[::-1].argmin())
