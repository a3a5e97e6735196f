"""What students get wrong in selection.choose."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _bic(log_likelihoods: FloatArray, n_parameters: Array, n: int) -> FloatArray:
    """Return BIC of each model, (m,)."""
    return np.asarray(-2 * log_likelihoods + n_parameters * np.log(n))


def _lowest(values: FloatArray, log_likelihoods: FloatArray, n_parameters: Array) -> float:
    return int(values.argmin())


def _step_by_step(
    log_likelihoods: FloatArray,
    n_parameters: Array,
    n: int,
    *,
    criterion: Callable[[FloatArray, Array, int], FloatArray] = _bic,
    pick: Callable[[FloatArray, FloatArray, Array], float] = _lowest,
) -> float:
    """Compute a criterion of each model, then pick one."""
    return pick(criterion(log_likelihoods, n_parameters, n), log_likelihoods, n_parameters)


wrong = Catalogue(see="selection-bic", steps=_step_by_step)


@wrong(step="criterion", alone=True)
def highest_likelihood(log_likelihoods, n_parameters, n):
    """Your choice is the model with the highest log-likelihood; each parameter costs ln n."""
    return -log_likelihoods


@wrong(step="pick")
def highest_bic(values, log_likelihoods, n_parameters):
    """The highest criterion is chosen, or its sign is turned; lower is better."""
    return int(values.argmax())


@wrong(step="criterion", alone=True)
def aic_instead(log_likelihoods, n_parameters, n):
    """The choice is AIC's; BIC pays ln n for each parameter."""
    return -2 * log_likelihoods + 2 * n_parameters


@wrong(step="criterion", alone=True)
def fewest_parameters(log_likelihoods, n_parameters, n):
    """Your choice is the model with the fewest parameters; each costs ln n (not n), and the fit counts."""
    return n_parameters.astype(float)


@wrong(step="criterion", alone=True)
def lowest_likelihood(log_likelihoods, n_parameters, n):
    """Your choice is the model with the lowest log-likelihood; a criterion begins with -2 ℓ, so that a better
    fit lowers it.
    """
    return log_likelihoods


@wrong(step="criterion", alone=True)
def likelihood_with_wrong_sign(log_likelihoods, n_parameters, n):
    """Your choice is the lowest 2 ℓ + p ln n; a better fit must lower the criterion."""
    return 2 * log_likelihoods + n_parameters * np.log(n)


@wrong(step="criterion", alone=True)
def complexity_rewarded(log_likelihoods, n_parameters, n):
    """Your choice is the lowest -2 ℓ - p ln n; parameters must be paid for, not rewarded."""
    return -2 * log_likelihoods - n_parameters * np.log(n)


@wrong(step="criterion", alone=True)
def penalty_doubled(log_likelihoods, n_parameters, n):
    """Your choice pays 2 ln n for each parameter (or has -ℓ for -2 ℓ); BIC pays ln n."""
    return -2 * log_likelihoods + 2 * n_parameters * np.log(n)


@wrong(step="criterion", alone=True)
def penalty_halved(log_likelihoods, n_parameters, n):
    """Your choice pays ½ ln n for each parameter (or has -4 ℓ for -2 ℓ); BIC pays ln n."""
    return -2 * log_likelihoods + 0.5 * n_parameters * np.log(n)


@wrong(step="criterion", alone=True)
def other_base_of_logarithm(log_likelihoods, n_parameters, n):
    """Your choice pays log10 n for each parameter; the course uses the natural logarithm."""
    return -2 * log_likelihoods + n_parameters * np.log10(n)


@wrong(step="criterion", alone=True)
def base_two(log_likelihoods, n_parameters, n):
    """Your choice pays log2 n for each parameter; the course uses the natural logarithm."""
    return -2 * log_likelihoods + n_parameters * np.log2(n)


@wrong(step="criterion", alone=True)
def models_counted_as_points(log_likelihoods, n_parameters, n):
    """Your choice pays the logarithm of the number of models; it is that of the points, n_samples."""
    return -2 * log_likelihoods + n_parameters * np.log(len(log_likelihoods))


@wrong(step="pick")
def value_instead_of_index(values, log_likelihoods, n_parameters):
    """The criterion itself is returned instead of the model's position."""
    return float(values.min())


@wrong(step="pick")
def counting_from_one(values, log_likelihoods, n_parameters):
    """The position counts from 1; Python counts from 0."""
    return int(values.argmin()) + 1


@wrong(step="pick")
def parameters_instead_of_index(values, log_likelihoods, n_parameters):
    """The number of parameters of the best model is returned; its position is asked for."""
    return float(n_parameters[values.argmin()])


@wrong(step="pick")
def likelihood_instead_of_index(values, log_likelihoods, n_parameters):
    """The log-likelihood of the best model is returned; its position is asked for."""
    return float(log_likelihoods[values.argmin()])


@wrong(step="pick")
def first_model_only(values, log_likelihoods, n_parameters):
    """The first model is chosen: is the return inside the loop, or is every criterion nan, of which argmin
    takes the first?
    """
    return 0


@wrong(step="pick")
def last_model_always(values, log_likelihoods, n_parameters):
    """The last model is chosen; does each round of a loop replace the choice?"""
    return len(values) - 1


@wrong(step="pick")
def last_model_left_out(values, log_likelihoods, n_parameters):
    """The last model is never chosen; range(len(x)) ends before len(x) already."""
    return int(values[: max(1, len(values) - 1)].argmin())


@wrong(step="pick")
def last_of_equals(values, log_likelihoods, n_parameters):
    """Of equally good models the last is chosen; it must be the first."""
    return len(values) - 1 - int(values[::-1].argmin())


@wrong(step="pick")
def first_model_left_out(values, log_likelihoods, n_parameters):
    """The first model is never chosen; a loop over all of them begins at 0."""
    return 1 + int(values[1:].argmin()) if len(values) > 1 else 0


@wrong(step="pick")
def rounded_before_choosing(values, log_likelihoods, n_parameters):
    """Your choice is the first model that is nearly as good, as when BIC is rounded before; the lowest
    counts, by however little.
    """
    return int(np.round(values, 1).argmin())


@wrong(step="criterion", alone=True)
def one_point_too_many(log_likelihoods, n_parameters, n):
    """One point too many is counted: the logarithm is that of n."""
    return -2 * log_likelihoods + n_parameters * np.log1p(n)


@wrong(step="criterion", alone=True)
def one_point_too_few(log_likelihoods, n_parameters, n):
    """One point too few is counted: the logarithm is that of n."""
    return -2 * log_likelihoods + n_parameters * np.log(n - 1)


@wrong(step="pick")
def index_after_sorting(values, log_likelihoods, n_parameters):
    """The position is that among the models sorted by their parameters; it must be that in the list."""
    return int(values[np.argsort(n_parameters)].argmin())


@wrong(step="pick")
def first_rise(values, log_likelihoods, n_parameters):
    """Your choice stops where the criterion first rises; a later model may be better still."""
    rises = np.flatnonzero(np.diff(values) > 0)
    return int(rises[0]) if len(rises) else len(values) - 1


@wrong(step="pick")
def second_best(values, log_likelihoods, n_parameters):
    """The second best model is chosen: np.argsort(values)[0] is the position of the best."""
    return int(np.argsort(values)[min(1, len(values) - 1)])


@wrong(step="pick")
def rank_of_the_first(values, log_likelihoods, n_parameters):
    """The rank of the first model is returned; the position of the best is np.argsort(values)[0]."""
    return int(np.argsort(np.argsort(values))[0])


@wrong(step="pick")
def smallest_within_two(values, log_likelihoods, n_parameters):
    """Your choice is the smallest model that is nearly as good; the lowest BIC is asked for."""
    near = np.flatnonzero(values <= values.min() + 2)
    return int(near[n_parameters[near].argmin()])


#: The frequent ones, which must not agree with each other on any table.
OTHER_CHOICES = tuple(
    mistake.implementation
    for mistake in wrong
    if mistake.name
    in (
        "highest-likelihood",
        "highest-bic",
        "aic-instead",
        "fewest-parameters",
        "lowest-likelihood",
        "likelihood-with-wrong-sign",
        "complexity-rewarded",
        "other-base-of-logarithm",
    )
)


@wrong(step="pick")
def nearest_to_zero(values, log_likelihoods, n_parameters):
    """The BIC nearest to 0 is chosen; it is the lowest that is asked for, and BIC may be negative."""
    return int(np.abs(values).argmin())


@wrong(step="pick")
def compared_with_the_one_before(values, log_likelihoods, n_parameters):
    """Each model is compared with the one before it; compare it with the best so far."""
    falls = np.flatnonzero(np.diff(values) < 0)
    return int(falls[-1]) + 1 if len(falls) else 0


@wrong(step="pick")
def largest_step_down(values, log_likelihoods, n_parameters):
    """Your choice is the model behind the largest step, an elbow; the lowest BIC is asked for."""
    return int(np.diff(values).argmin()) + 1 if len(values) > 1 else 0


@wrong(step="pick")
def whole_order_returned(values, log_likelihoods, n_parameters):
    """The order of all models came back, as from np.argsort; the position of the best alone is asked for."""
    return np.argsort(values)


@wrong(step="pick")
def all_values_returned(values, log_likelihoods, n_parameters):
    """The BIC of every model came back; the position of the lowest is asked for."""
    return values


@wrong(step="criterion", alone=True)
def penalty_is_p(log_likelihoods, n_parameters, n):
    """Your choice pays 1 for each parameter; BIC pays ln n."""
    return -2 * log_likelihoods + n_parameters


@wrong(step="criterion", alone=True)
def most_parameters(log_likelihoods, n_parameters, n):
    """Your choice is the model with the most parameters; each costs ln n, and the fit counts."""
    return -n_parameters.astype(float)


def _rounded_to_whole_numbers(values: FloatArray) -> FloatArray:
    return np.round(values)


def _within(size: float, values: FloatArray) -> FloatArray:
    return np.where(values <= values.min() + size, values.min(), values)


for _name, _made_equal in (
    ("rounded-to-whole-numbers-before-choosing", _rounded_to_whole_numbers),
    ("cut-to-whole-numbers-before-choosing", np.trunc),
    ("first-within-a-tenth", partial(_within, 0.1)),
    ("first-within-one", partial(_within, 1.0)),
    ("first-within-two", partial(_within, 2.0)),
    ("first-within-six", partial(_within, 6.0)),
    ("first-within-ten", partial(_within, 10.0)),
):

    def _first_of_nearly_equal(values, log_likelihoods, n_parameters, made_equal=_made_equal):
        """Your choice is the first model that is nearly as good, as when BIC is rounded before; the lowest
        counts, by however little.
        """
        return int(made_equal(values).argmin())

    wrong(step="pick", paired=False, name=_name)(_first_of_nearly_equal)


@wrong(step="pick", paired=False)
def smallest_within_ten(values, log_likelihoods, n_parameters):
    """Your choice is the smallest model that is nearly as good; the lowest BIC is asked for."""
    near = np.flatnonzero(values <= values.min() + 10)
    return int(near[n_parameters[near].argmin()])


@wrong(step="pick", paired=False)
def smallest_of_equals(values, log_likelihoods, n_parameters):
    """Of equally good models that with the fewest parameters is chosen; it must be the first."""
    equal = np.flatnonzero(values == values.min())
    return int(equal[n_parameters[equal].argmin()])


@wrong(step="pick", paired=False)
def lowest_so_far_begins_at_zero(values, log_likelihoods, n_parameters):
    """Your choice is the first model unless BIC is negative: does the lowest so far begin at 0? Begin with
    infinity, or with the first model's.
    """
    return int(values.argmin()) if values.min() < 0 else 0


@wrong(step="pick", paired=False)
def counted_from_the_end(values, log_likelihoods, n_parameters):
    """The position is counted from the end, as a negative index; it must be 0 or more."""
    return int(values.argmin()) - len(values)


@wrong(step="pick", paired=False)
def mask_returned(values, log_likelihoods, n_parameters):
    """A mask came back, true at the lowest BIC; its position is asked for."""
    return values == values.min()


@wrong(step="criterion", paired=False)
def likelihood_added_once(log_likelihoods, n_parameters, n):
    """Your choice is the lowest ℓ + p ln n; a better fit must lower the criterion, -2 ℓ + p ln n."""
    return log_likelihoods + n_parameters * np.log(n)


@wrong(step="criterion", paired=False)
def aic_with_wrong_sign(log_likelihoods, n_parameters, n):
    """Your choice is the lowest 2 ℓ + 2 p; BIC is -2 ℓ + p ln n, so that a better fit lowers it."""
    return 2 * log_likelihoods + 2 * n_parameters


@wrong(step="criterion", paired=False)
def aic_with_the_likelihood_added_once(log_likelihoods, n_parameters, n):
    """Your choice is the lowest ℓ + 2 p; BIC is -2 ℓ + p ln n, so that a better fit lowers it."""
    return log_likelihoods + 2 * n_parameters


@wrong(step="criterion", paired=False)
def aic_rewarded(log_likelihoods, n_parameters, n):
    """Your choice is the lowest -2 ℓ - 2 p; parameters must be paid for, each by ln n."""
    return -2 * log_likelihoods - 2 * n_parameters


@wrong(step="criterion", paired=False)
def divided_by_the_parameters(log_likelihoods, n_parameters, n):
    """Your choice has the highest log-likelihood per parameter, as if BIC were divided by their number; BIC
    itself is compared.
    """
    return _bic(log_likelihoods, n_parameters, n) / n_parameters


@wrong(step="criterion", paired=False)
def penalty_above_all(log_likelihoods, n_parameters, n):
    """Your choice is the model with the fewest parameters, as if the fit hardly counted; each costs ln n."""
    return -2 * log_likelihoods + 1e6 * n_parameters * np.log(n)


@wrong(step="criterion", paired=False)
def n_and_p_swapped(log_likelihoods, n_parameters, n):
    """Your choice is the lowest -2 ℓ + n ln p: the roles of n and p are swapped, the penalty is p ln n."""
    return -2 * log_likelihoods + n * np.log(n_parameters)


@wrong(step="criterion", paired=False)
def corrected_aic(log_likelihoods, n_parameters, n):
    """The choice is that of AIC with its correction for few points; BIC pays ln n for each parameter."""
    correction = 2 * n_parameters * (n_parameters + 1) / (n - n_parameters - 1)
    return -2 * log_likelihoods + 2 * n_parameters + correction


@wrong(step="pick", paired=False)
def list_of_positions(values, log_likelihoods, n_parameters):
    """A list of positions came back, as from np.flatnonzero or np.where; the first of them is asked for."""
    return np.flatnonzero(values == values.min())


@wrong(step="pick", paired=False)
def largest_of_equals(values, log_likelihoods, n_parameters):
    """Of equally good models that with the most parameters is chosen; it must be the first."""
    equal = np.flatnonzero(values == values.min())
    return int(equal[n_parameters[equal].argmax()])


def _first_if_ascending(values):
    return int(np.argsort(values)[0])


def _last_if_descending(values):
    return int(np.argsort(-values)[-1])


SORTS = (_first_if_ascending, _last_if_descending)
for _sort in SORTS:

    def _sorted_first(values, log_likelihoods, n_parameters, sort=_sort):
        """Of equally good models not the first is chosen: np.argsort may put any of them in front; np.argmin
        takes the first.
        """
        return sort(values)

    wrong(step="pick", paired=False, name=f"sorted{_sort.__name__}".replace("_", "-"))(_sorted_first)
