"""What students get wrong in capstone.percentile_interval."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import NormalDist

import numpy as np

from autograder.questions import Catalogue, FloatArray

Ends = tuple[float, float]


def _half_on_each_side(level: float) -> Ends:
    return (1 - level) / 2, 1 - (1 - level) / 2


def _linear(replicates: FloatArray, share: float) -> float:
    return float(np.quantile(replicates, min(max(share, 0.0), 1.0)))


def _from_end_to_end(lower: float, upper: float, replicates: FloatArray) -> Ends:
    return lower, upper


def _step_by_step(
    replicates: FloatArray,
    level: float,
    *,
    shares: Callable[[float], Ends] = _half_on_each_side,
    quantile: Callable[[FloatArray, float], float] = _linear,
    interval: Callable[[float, float, FloatArray], Ends] = _from_end_to_end,
) -> Ends:
    """Return two quantiles: which shares lie below, how a quantile is read off, what is made of the two."""
    lower, upper = shares(level)
    return interval(quantile(replicates, lower), quantile(replicates, upper), replicates)


BOTH_ENDS = ("lower", "upper")

wrong = Catalogue(see="capstone", steps=_step_by_step, about=BOTH_ENDS)


@wrong(step="shares")
def whole_error_on_each_side(level):
    """1 - level is cut off on each side; together it must be 1 - level, so half on each."""
    return 1 - level, level


@wrong(step="quantile")
def per_cent_for_shares(replicates, share):
    """Your ends lie among the smallest: np.percentile counts to 100, np.quantile takes shares."""
    return np.percentile(replicates, share)


@wrong(step="shares", about=("upper",))
def upper_end_at_level(level):
    """The upper end is the quantile level; it must be (1 + level) / 2."""
    return (1 - level) / 2, level


@wrong(step="shares", about=("lower",))
def lower_end_at_rest(level):
    """The lower end is the quantile 1 - level; it must be (1 - level) / 2."""
    return 1 - level, (1 + level) / 2


@wrong(step="shares")
def always_ninety_five(level):
    """These are the quantiles for a level of 0.95, whatever was passed."""
    return 0.025, 0.975


@wrong(step="shares")
def always_ninety(level):
    """These are the quantiles for a level of 0.9, whatever was passed."""
    return 0.05, 0.95


@wrong(step="shares")
def always_the_quartiles(level):
    """These are the quartiles, whatever level was passed."""
    return 0.25, 0.75


@wrong(step="shares", alone=True)
def one_sided(level):
    """Everything is cut off on one side, above; half belongs below."""
    return 0.0, level


@wrong(step="shares")
def one_sided_from_below(level):
    """Everything is cut off on one side, below; half belongs above."""
    return 1 - level, 1.0


@wrong(step="shares")
def level_as_quantiles(level):
    """The quantiles level/2 and 1 - level/2 are taken: 1 - level was meant."""
    return level / 2, 1 - level / 2


@wrong(step="shares")
def halved_twice(level):
    """(1 - level) / 4 is cut off on each side; it must be (1 - level) / 2."""
    return (1 - level) / 4, 1 - (1 - level) / 4


@wrong(step="shares", alone=True)
def smallest_and_largest(level):
    """These are the extremes of the replicates; the level says how many to leave out."""
    return 0.0, 1.0


@wrong(step="interval")
def ends_swapped(lower, upper, replicates):
    """The upper end comes first; the lower one should."""
    return upper, lower


@wrong()
def two_deviations(replicates, level, z=1.96):
    """This is the mean ± 1.96 deviations; replicates need not be normal."""
    middle, width = replicates.mean(), z * replicates.std()
    return middle - width, middle + width


wrong(name="two-deviations-to-all-digits")(partial(two_deviations, z=NormalDist().inv_cdf(0.975)))


def _sample_deviation(replicates: FloatArray) -> float:
    return float(replicates.std(ddof=1))


def _error_of_the_mean(replicates: FloatArray) -> float:
    return float(replicates.std() / np.sqrt(len(replicates)))


@wrong()
def normal_interval(replicates, level, deviation=np.std):
    """This is the mean ± z deviations, z of a normal law; replicates need not be normal: take quantiles."""
    width = NormalDist().inv_cdf((1 + level) / 2) * deviation(replicates)
    return replicates.mean() - width, replicates.mean() + width


wrong(name="normal-interval-with-n-minus-one")(partial(normal_interval, deviation=_sample_deviation))


@wrong()
def shortest_interval(replicates, level, count=np.ceil):
    """This is the shortest interval with such a share of the replicates; the percentile interval leaves as
    many out on either side.
    """
    ordered = np.sort(replicates)
    inside = min(max(int(count(level * len(ordered))), 1), len(ordered))
    at = int(np.argmin(ordered[inside - 1 :] - ordered[: len(ordered) - inside + 1]))
    return ordered[at], ordered[at + inside - 1]


wrong(name="shortest-interval-rounded-down")(partial(shortest_interval, count=np.floor))


@wrong(name="two-sample-deviations")
def two_sample_deviations(replicates, level):
    """This is the mean ± 1.96 deviations; replicates need not be normal."""
    middle, width = replicates.mean(), 1.96 * replicates.std(ddof=1)
    return middle - width, middle + width


@wrong()
def interval_of_the_mean(replicates, level):
    """The deviation is divided by √n: that is the error of the replicates' mean. Their own spread counts."""
    return normal_interval(replicates, level, deviation=_error_of_the_mean)


@wrong()
def one_deviation(replicates, level):
    """This is the mean ± one deviation; quantiles are asked for, and the level says which."""
    return replicates.mean() - replicates.std(), replicates.mean() + replicates.std()


@wrong(step="interval")
def reflected(lower, upper, replicates):
    """The quantiles are taken off twice the mean: that is the basic interval, not the percentiles."""
    return 2 * replicates.mean() - upper, 2 * replicates.mean() - lower


@wrong(step="interval", alone=True)
def reflected_at_the_median(lower, upper, replicates):
    """The quantiles are taken off twice the median: that is the basic interval, not the percentiles."""
    return 2 * np.median(replicates) - upper, 2 * np.median(replicates) - lower


@wrong(step="interval", alone=True)
def median_and_width(lower, upper, replicates):
    """The middle and the width came back; the two ends are asked for."""
    return float(np.median(replicates)), upper - lower


@wrong(step="interval", alone=True)
def distances_from_the_mean(lower, upper, replicates):
    """The mean is taken off both ends; the ends themselves are asked for."""
    return lower - replicates.mean(), upper - replicates.mean()


@wrong(step="interval", alone=True)
def same_end_twice(lower, upper, replicates):
    """One and the same end came back twice."""
    return lower, lower


@wrong(step="interval", alone=True)
def same_upper_end_twice(lower, upper, replicates):
    """The upper end came back twice; the lower one should come first."""
    return upper, upper


@wrong(step="interval")
def upper_end_only(lower, upper, replicates):
    """One number came back, the upper end; the lower one belongs before it."""
    return (upper,)


@wrong(step="interval")
def lower_end_only(lower, upper, replicates):
    """One number came back, the lower end; the upper one belongs behind it."""
    return (lower,)


@wrong(step="interval")
def width_only(lower, upper, replicates):
    """One number came back, the width of the interval; its two ends are asked for."""
    return (upper - lower,)


@wrong(step="interval")
def half_of_the_width_only(lower, upper, replicates):
    """One number came back, half the width of the interval; its two ends are asked for."""
    return ((upper - lower) / 2,)


@wrong(step="interval")
def middle_only(lower, upper, replicates):
    """One number came back, the middle of the interval; its two ends are asked for."""
    return ((lower + upper) / 2,)


@wrong()
def quantile_of_the_level_only(replicates, level):
    """One number came back, the quantile of the level: the end of a one-sided interval. Two ends are asked
    for, with half of the rest cut off at each.
    """
    return (np.quantile(replicates, level),)


@wrong()
def quantile_of_the_rest_only(replicates, level):
    """One number came back, the quantile of 1 - level: the end of a one-sided interval. Two ends are asked
    for, with half of the rest cut off at each.
    """
    return (np.quantile(replicates, 1 - level),)


@wrong(step="interval", alone=True)
def centred_at_the_median(lower, upper, replicates):
    """Your ends lie as far below the median as above it; the quantiles themselves are asked for."""
    return np.median(replicates) - (upper - lower) / 2, np.median(replicates) + (upper - lower) / 2


@wrong(step="interval", alone=True)
def middle_and_half_of_the_width(lower, upper, replicates):
    """The middle of the interval and half its width came back; its two ends are asked for."""
    return (lower + upper) / 2, (upper - lower) / 2


def _read_off(place: Callable[[float, int], float]) -> Callable[[FloatArray, float], float]:
    """Return a quantile that is the sorted replicate at a place, from the share and the number."""

    def quantile(replicates: FloatArray, share: float) -> float:
        at = int(place(share, len(replicates)))
        return float(np.sort(replicates)[min(max(at, 0), len(replicates) - 1)])

    return quantile


@wrong()
def not_sorted(replicates, level):
    """The replicates are not sorted before their positions are read off."""
    n = len(replicates)
    return replicates[int((1 - level) / 2 * n)], replicates[int((1 + level) / 2 * n) - 1]


@wrong()
def not_sorted_at_all(replicates, level):
    """The replicates are not sorted before their positions are read off."""
    n = len(replicates)
    return replicates[int((1 - level) / 2 * n)], replicates[min(int((1 + level) / 2 * n), n - 1)]


@wrong()
def not_sorted_and_counted_to_the_last(replicates, level):
    """The replicates are not sorted before their positions are read off."""
    n = len(replicates) - 1
    return replicates[int((1 - level) / 2 * n)], replicates[int((1 + level) / 2 * n)]


@wrong(step="quantile")
def not_interpolated(replicates, share):
    """Your ends are replicates themselves; between two of them it must be interpolated."""
    return _read_off(lambda share, n: share * n)(replicates, share)


@wrong(step="quantile", alone=True)
def lower_neighbour(replicates, share):
    """Your ends are the replicates just below the quantiles; between two of them it must be interpolated."""
    return np.quantile(replicates, share, method="lower")


@wrong(step="quantile", alone=True)
def higher_neighbour(replicates, share):
    """Your ends are the replicates just above the quantiles; between two of them it must be interpolated."""
    return np.quantile(replicates, share, method="higher")


@wrong(step="quantile", alone=True)
def nearest_neighbour(replicates, share):
    """Your ends are the replicates nearest to the quantiles; between two of them it must be interpolated."""
    return np.quantile(replicates, share, method="nearest")


@wrong(step="quantile", alone=True)
def between_the_neighbours(replicates, share):
    """Your ends lie halfway between two replicates; it must be interpolated in proportion."""
    return np.quantile(replicates, share, method="midpoint")


@wrong(step="quantile", alone=True)
def smallest_that_reaches_the_share(replicates, share):
    """Your ends are replicates themselves, at ceil(share · n); between two it must be interpolated."""
    return _read_off(lambda share, n: np.ceil(share * n) - 1)(replicates, share)


@wrong(step="quantile", alone=True)
def rounded_place(replicates, share):
    """Your ends are replicates themselves, at round(share · n); between two it must be interpolated."""
    return _read_off(lambda share, n: round(share * n))(replicates, share)


for _method in ("weibull", "hazen", "median_unbiased", "normal_unbiased", "interpolated_inverted_cdf"):

    def _other_rule(replicates, share, method=_method):
        """Your quantiles follow another rule of interpolation; the course uses NumPy's own, "linear"."""
        return np.quantile(replicates, share, method=method)

    wrong(step="quantile", alone=True, name=f"interpolated-by-{_method.replace('_', '-')}")(_other_rule)


@wrong(step="quantile", alone=True)
def one_replicate_further(replicates, share):
    """Your quantiles are interpolated at share · n among sorted replicates; the last has number n - 1."""
    ladder = np.sort(replicates)
    return np.interp(share * len(ladder), np.arange(len(ladder)), ladder)


@wrong()
def ends_cut_off_at_positions(replicates, level):
    """Your ends are those left when the extremes are cut off by count; quantiles are interpolated."""
    cut = round((1 - level) / 2 * len(replicates))
    ladder = np.sort(replicates)
    return ladder[cut], ladder[-cut - 1]


@wrong()
def position_just_below(replicates, level):
    """Your ends are replicates themselves, read off at positions; between two it must be interpolated."""
    n, ladder = len(replicates), np.sort(replicates)
    return ladder[int((1 - level) / 2 * n)], ladder[int((1 + level) / 2 * n) - 1]


@wrong(see="numerics-statistics")
def single_precision(replicates, level):
    """Your numbers are those of float32, which has too few digits here."""
    return tuple(np.quantile(replicates.astype(np.float32), _half_on_each_side(level)))


@wrong(step="quantile")
def not_sorted_but_interpolated(replicates, share):
    """The replicates are not sorted before their positions are read off."""
    return float(np.interp(share * (len(replicates) - 1), np.arange(len(replicates)), replicates))


@wrong(alone=True)
def outward_neighbours(replicates, level):
    """Your ends are the replicates just outside the quantiles; between two of them interpolate."""
    lower, upper = _half_on_each_side(level)
    return np.quantile(replicates, lower, method="lower"), np.quantile(replicates, upper, method="higher")


@wrong(alone=True)
def inward_neighbours(replicates, level):
    """Your ends are the replicates just inside the quantiles; between two of them interpolate."""
    lower, upper = _half_on_each_side(level)
    return np.quantile(replicates, lower, method="higher"), np.quantile(replicates, upper, method="lower")


@wrong(alone=True)
def symmetric_about_the_mean(replicates, level):
    """Your ends are equally far from the mean; leave out as many replicates on one side as on the other."""
    middle = replicates.mean()
    width = np.quantile(np.abs(replicates - middle), level)
    return middle - width, middle + width


@wrong(alone=True)
def standard_error_of_the_mean(replicates, level):
    """This is the mean ± z s / sqrt(B), an interval for the mean; their own spread counts."""
    reach = NormalDist().inv_cdf((1 + level) / 2) * replicates.std(ddof=1) / np.sqrt(len(replicates))
    return replicates.mean() - reach, replicates.mean() + reach


@wrong(step="shares")
def level_in_per_cent(level):
    """The level is taken for per cent: with 100 - level instead of 1 - level both ends lie near the
    median.
    """
    return 0.5 - level / 200, 0.5 + level / 200


@wrong(alone=True)
def level_times_deviation(replicates, level):
    """This is the mean ± level deviations; take quantiles of the replicates."""
    reach = level * replicates.std()
    return replicates.mean() - reach, replicates.mean() + reach


@wrong(step="quantile", alone=True)
def equal_replicates_counted_once(replicates, share):
    """Equal replicates count once, as np.unique or a set leaves them; each of them counts."""
    return _linear(np.unique(replicates), share)


@wrong(step="interval")
def width_about_the_mean(lower, upper, replicates):
    """Your ends lie as far below the mean as above it; the quantiles themselves are asked for."""
    half = (upper - lower) / 2
    return replicates.mean() - half, replicates.mean() + half


@wrong(paired=False)
def exactly_two_deviations(replicates, level, deviation=np.std):
    """This is the mean ± 2 deviations, whatever the level; replicates need not be normal: take quantiles."""
    return replicates.mean() - 2 * deviation(replicates), replicates.mean() + 2 * deviation(replicates)


wrong(alone=True, name="exactly-two-sample-deviations")(
    partial(exactly_two_deviations, deviation=_sample_deviation)
)


@wrong(paired=False)
def normal_interval_about_the_median(replicates, level, deviation=np.std):
    """This is the median ± z deviations, z of a normal law; replicates need not be normal: take quantiles."""
    width = NormalDist().inv_cdf((1 + level) / 2) * deviation(replicates)
    return np.median(replicates) - width, np.median(replicates) + width


wrong(alone=True, name="normal-interval-about-the-median-with-n-minus-one")(
    partial(normal_interval_about_the_median, deviation=_sample_deviation)
)


@wrong(paired=False)
def normal_interval_one_sided(replicates, level, deviation=np.std):
    """This is the mean ± z deviations, and z leaves the whole rest on each side; take quantiles of the
    replicates, with half of the rest beyond each.
    """
    width = NormalDist().inv_cdf(level) * deviation(replicates)
    return replicates.mean() - width, replicates.mean() + width


wrong(alone=True, name="normal-interval-one-sided-with-n-minus-one")(
    partial(normal_interval_one_sided, deviation=_sample_deviation)
)


def _t_quantile(share: float, freedom: int) -> float:
    from scipy.special import stdtrit  # SciPy takes its time to load

    return float(stdtrit(freedom, share))


@wrong(paired=False)
def student_interval(replicates, level):
    """This is the mean ± t deviations, t of Student's law; replicates need not be normal: take quantiles."""
    width = _t_quantile((1 + level) / 2, len(replicates) - 1) * replicates.std(ddof=1)
    return replicates.mean() - width, replicates.mean() + width


@wrong(paired=False)
def student_interval_of_the_mean(replicates, level):
    """This is the mean ± t s / sqrt(B), an interval for the mean; their own spread counts."""
    error = replicates.std(ddof=1) / np.sqrt(len(replicates))
    width = _t_quantile((1 + level) / 2, len(replicates) - 1) * error
    return replicates.mean() - width, replicates.mean() + width


@wrong(step="quantile", paired=False)
def interpolated_by_mquantiles(replicates, share):
    """Your quantiles follow another rule of interpolation, as SciPy's mquantiles does; the course uses
    NumPy's own, "linear".
    """
    n, ladder = len(replicates), np.sort(replicates)
    return np.interp(share * (n + 0.2) + 0.4, np.arange(1, n + 1), ladder)


@wrong(step="quantile", paired=False)
def neighbours_exchanged(replicates, share):
    """Each of the two neighbours has the other's weight in your interpolation."""
    ladder, place = np.sort(replicates), share * (len(replicates) - 1)
    below = int(place)
    above = min(below + 1, len(ladder) - 1)
    return ladder[above] + (place - below) * (ladder[below] - ladder[above])


@wrong(step="shares", paired=False, about=("upper",))
def largest_as_upper_end(level):
    """The upper end is the largest replicate; it must be the quantile (1 + level) / 2."""
    return (1 - level) / 2, 1.0


@wrong(step="shares", paired=False, about=("lower",))
def smallest_as_lower_end(level):
    """The lower end is the smallest replicate; it must be the quantile (1 - level) / 2."""
    return 0.0, (1 + level) / 2


@wrong(step="shares", paired=False)
def root_of_the_level(level):
    """Your quantiles are those of the level's square root."""
    return (1 - np.sqrt(level)) / 2, (1 + np.sqrt(level)) / 2


@wrong(step="shares", paired=False)
def square_of_the_level(level):
    """Your quantiles are those of the level squared."""
    return (1 - level**2) / 2, (1 + level**2) / 2


@wrong(paired=False)
def symmetric_about_the_median(replicates, level):
    """Your ends are equally far from the median; leave out as many replicates on one side as on the other."""
    width = np.quantile(np.abs(replicates - np.median(replicates)), level)
    return np.median(replicates) - width, np.median(replicates) + width


@wrong(step="interval", paired=False)
def middle_and_width(lower, upper, replicates):
    """The middle of the interval and its width came back; its two ends are asked for."""
    return (lower + upper) / 2, upper - lower


@wrong(step="interval", paired=False)
def distances_from_the_median(lower, upper, replicates):
    """The distances of the two ends from the median came back; the ends themselves are asked for."""
    return np.median(replicates) - lower, upper - np.median(replicates)


@wrong(step="interval", paired=False)
def median_taken_off(lower, upper, replicates):
    """The median is taken off both ends; the ends themselves are asked for."""
    return lower - np.median(replicates), upper - np.median(replicates)


@wrong(step="interval", paired=False)
def distances_from_the_mean_below_and_above(lower, upper, replicates):
    """The distances of the two ends from the mean came back; the ends themselves are asked for."""
    return replicates.mean() - lower, upper - replicates.mean()


@wrong(paired=False)
def share_of_the_range(replicates, level):
    """Your ends cut off shares of the way from smallest to largest; cut off shares of the replicates."""
    smallest, way = replicates.min(), np.ptp(replicates)
    return smallest + (1 - level) / 2 * way, smallest + (1 + level) / 2 * way


@wrong(paired=False)
def cut_off_twice_as_many(replicates, level):
    """Your ends are those left when 1 - level is cut off by count on each side; it must be half on each, and
    quantiles are interpolated.
    """
    cut, ladder = int(len(replicates) * (1 - level)), np.sort(replicates)
    return ladder[cut], ladder[-cut - 1]


for _z in (1.645, NormalDist().inv_cdf(0.95), 3.0):
    for _ddof in (0, 1):

        def _so_many_deviations(replicates, level, z=_z, ddof=_ddof):
            """This is the mean ± so many deviations, whatever the level; replicates need not be normal: take
            quantiles.
            """
            middle, width = replicates.mean(), z * replicates.std(ddof=ddof)
            return middle - width, middle + width

        wrong(name=f"{_z}-deviations-with-n-minus-{_ddof}")(_so_many_deviations)


@wrong()
def width_for_the_upper_end(replicates, level):
    """The width of the interval came back behind its lower end; the upper end is asked for."""
    lower, upper = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return lower, upper - lower
