"""What students get wrong in missing.m_step_missing."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.parameters import confusing
from gmmlib.missing import condition_gaussian

Parameters = tuple[FloatArray, FloatArray, FloatArray]
FAR = 1e5  # from the origin: there float32 has too few digits


def _own_guesses(
    X: FloatArray, R: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Points as each component fills them, (K, n, d), and what is left unknown, (K, n, d, d)."""
    filled, left = _guesses(X.shape, X.tobytes(), means.tobytes(), covariances.tobytes())
    return filled.copy(), left.copy()


@lru_cache(maxsize=16)  # most mistakes begin with the same guesses of the same points
def _guesses(shape: tuple[int, int], *numbers: bytes) -> tuple[FloatArray, FloatArray]:
    n, d = shape
    X, means = (np.frombuffer(numbers[i]).reshape(-1, d) for i in range(2))
    covariances = np.frombuffer(numbers[2]).reshape(-1, d, d)
    filled = np.tile(X, (len(means), 1, 1))
    left = np.zeros((len(means), n, d, d))
    code = np.isnan(X) @ (1 << np.arange(d))  # (n,)    one number for each pattern of gaps
    for pattern in np.unique(code[code > 0]):
        rows = np.flatnonzero(code == pattern)
        gaps = np.isnan(X[rows[0]])
        unknown, known = np.flatnonzero(gaps), np.flatnonzero(~gaps)
        for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
            guesses, rest = mean[None], covariance
            if len(known):
                guesses, rest = condition_gaussian(mean, covariance, known.tolist(), X[np.ix_(rows, known)])
            filled[k][np.ix_(rows, unknown)] = guesses
            left[k][np.ix_(rows, unknown, unknown)] = rest
    return filled, left


def _shares(R: FloatArray) -> FloatArray:
    return np.asarray(R.mean(axis=0))


def _weighted_mean(points: FloatArray, r: FloatArray, n: int) -> FloatArray:
    origin = points[0]
    return np.asarray(origin + r @ (points - origin) / r.sum())


def _centre_after(old: FloatArray, new: FloatArray) -> FloatArray:
    return new


def _what_is_left(left: FloatArray, r: FloatArray, covariance: FloatArray, X: FloatArray) -> FloatArray:
    """Σ_i r_ik C_ik, (d, d)."""
    return np.asarray(np.tensordot(r, left, axes=1))


def _per_count(scatter: FloatArray, r: FloatArray) -> FloatArray:
    return np.asarray(scatter / r.sum())


def step_by_step(
    X: FloatArray,
    responsibilities: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    guesses: Callable[..., tuple[FloatArray, FloatArray]] = _own_guesses,
    weights: Callable[[FloatArray], FloatArray] = _shares,
    mean: Callable[[FloatArray, FloatArray, int], FloatArray] = _weighted_mean,
    centre: Callable[[FloatArray, FloatArray], FloatArray] = _centre_after,
    extra: Callable[..., FloatArray] = _what_is_left,
    divide: Callable[[FloatArray, FloatArray], FloatArray] = _per_count,
) -> Parameters:
    """Fill the gaps as each component expects them, and take moments with what is left unknown."""
    R = responsibilities
    filled, left = guesses(X, R, means, covariances)
    new_means = np.stack([mean(points, r, len(X)) for points, r in zip(filled, R.T, strict=True)])
    new_covariances = []
    for k, r in enumerate(R.T):
        Z = filled[k] - centre(means[k], new_means[k])
        scatter = (r[:, None] * Z).T @ Z + extra(left[k], r, covariances[k], X)
        new_covariances.append(divide(scatter, r))
    return weights(R), new_means, np.stack(new_covariances)


wrong = Catalogue(see="missing-m-step", steps=step_by_step)


@wrong(step="extra")
def nothing_added_for_the_gaps(left, r, covariance, X):
    """C is not added: no guess tells how far off it may be, so that part of the covariance is missing."""
    return 0.0


@wrong(step="extra")
def covariance_before_conditioning(left, r, covariance, X):
    """The block of Σ itself is added for what is missing; add what is left of it once the rest is known."""
    missing = np.isnan(X).astype(float)
    return np.einsum("i,ij,il,jl->jl", r, missing, missing, covariance)


@wrong(step="extra")
def whole_covariance_added(left, r, covariance, X):
    """The whole of Σ is added for each row with a gap; only the missing features leave something unknown."""
    return r[np.isnan(X).any(axis=1)].sum() * covariance


@wrong(step="extra")
def gaps_not_weighted(left, r, covariance, X):
    """C is added in full for every point; each counts with its responsibility."""
    return left.sum(axis=0)


@wrong(step="extra")
def only_variances_added(left, r, covariance, X):
    """Only the diagonal of C is added; what two missing features have in common is unknown as well."""
    return np.diag(np.diag(_what_is_left(left, r, covariance, X)))


@wrong(step="extra")
def gaps_weighted_twice(left, r, covariance, X):
    """C enters with r²; each point counts with its responsibility once."""
    return np.tensordot(r**2, left, axes=1)


@wrong(step="extra")
def added_after_dividing(left, r, covariance, X):
    """C is added to the covariance after the division by N_k; it belongs into the sum that is divided."""
    return r.sum() * _what_is_left(left, r, covariance, X)


@wrong(step="guesses", see="missing-e-step")
def one_guess_for_all_components(X, R, means, covariances):
    """Each gap gets one guess, averaged over the components; every component fills it with its own."""
    filled, left = _own_guesses(X, R, means, covariances)
    average = np.einsum("ik,kij->ij", R, filled)
    return np.tile(average, (len(means), 1, 1)), left


@wrong(step="guesses", see="missing-e-step")
def filled_with_the_likeliest_component(X, R, means, covariances):
    """Each gap gets the guess of the likeliest component; every component fills it with its own."""
    filled, left = _own_guesses(X, R, means, covariances)
    likeliest = filled[R.argmax(axis=1), np.arange(len(X))]
    return np.tile(likeliest, (len(means), 1, 1)), left


@wrong(step="guesses", see="missing-e-step")
def filled_with_component_means(X, R, means, covariances):
    """Gaps are filled with the component's mean; what is known of the row moves the guess away from it."""
    _, left = _own_guesses(X, R, means, covariances)
    return np.stack([np.where(np.isnan(X), mean, X) for mean in means]), left


@wrong(step="guesses", see="missing-e-step")
def filled_with_zero(X, R, means, covariances):
    """Gaps count as 0; each component fills them with its conditional mean."""
    _, left = _own_guesses(X, R, means, covariances)
    return np.tile(np.nan_to_num(X), (len(means), 1, 1)), left


@wrong(step="guesses", see="missing-e-step")
def filled_with_column_means(X, R, means, covariances):
    """Gaps are filled with the mean of their column; each component fills them with its conditional mean."""
    _, left = _own_guesses(X, R, means, covariances)
    counts = np.maximum((~np.isnan(X)).sum(axis=0), 1)
    return np.tile(np.where(np.isnan(X), np.nansum(X, axis=0) / counts, X), (len(means), 1, 1)), left


@wrong(step="centre")
def scatter_about_the_old_mean(old, new):
    """The deviations are taken from the mean before the step; the M-step uses the new one."""
    return old


@wrong(step="divide")
def divided_by_count_minus_one(scatter, r):
    """The scatter is divided by N_k - 1; maximum likelihood divides by N_k."""
    return scatter / (r.sum() - 1.0)


@wrong(step="divide")
def scatter_divided_by_n(scatter, r):
    """The scatter is divided by n; a component's covariance divides by what it owns, N_k."""
    return scatter / len(r)


@wrong(step="divide")
def scatter_not_divided(scatter, r):
    """The weighted scatter is not divided by N_k."""
    return scatter


@wrong(step="mean")
def means_divided_by_n(points, r, n):
    """The weighted sum is divided by n; a component's mean divides by what it owns, N_k."""
    return r @ points / n


@wrong(step="weights")
def weights_are_counts(R):
    """The weights are the counts N_k; they must be divided by the number of points n."""
    return R.sum(axis=0)


@wrong(step="weights")
def equal_weights(R):
    """All weights are 1/K whatever the responsibilities say; the weight is N_k / n."""
    return np.full(R.shape[1], 1.0 / R.shape[1])


@wrong()
def incomplete_rows_dropped(X, responsibilities, means, covariances):
    """Rows with gaps are left out; what is known of them counts."""
    complete = ~np.isnan(X).any(axis=1)
    return step_by_step(X[complete], responsibilities[complete], means, covariances)


@wrong()
def gaps_become_nan(X, responsibilities, means, covariances):
    """A gap turns the whole component into nan: fill each gap of each row with its conditional mean first."""
    centres = responsibilities.T @ X / responsibilities.sum(axis=0)[:, None]
    scatters = [
        (r[:, None] * (X - m)).T @ (X - m) / r.sum() for r, m in zip(responsibilities.T, centres, strict=True)
    ]
    return responsibilities.mean(axis=0), centres, np.stack(scatters)


@wrong(step="extra")
def extra_of_all_components(left, r, covariance, X):
    """C is weighted by 1 / n, not by the responsibility."""
    return left.mean(axis=0)


@wrong(step="extra")
def extra_subtracted(left, r, covariance, X):
    """C is subtracted; what is unknown makes the covariance larger."""
    return -_what_is_left(left, r, covariance, X)


@wrong(step="extra")
def extra_doubled(left, r, covariance, X):
    """C is added twice."""
    return 2 * _what_is_left(left, r, covariance, X)


@wrong(step="extra")
def variances_before_conditioning(left, r, covariance, X):
    """The variance of each missing feature is added as it was before; add what is left of it."""
    return np.diag(np.diag(covariance) * (r @ np.isnan(X)))


@wrong(step="divide")
def deviation_for_variance(scatter, r):
    """The square root was taken: covariances are in squared units of the data."""
    return np.sqrt(np.abs(scatter / r.sum()))


@wrong(step="divide")
def diagonal_only(scatter, r):
    """Only the variances are kept; the covariances beside the diagonal are zero."""
    return np.diag(np.diag(scatter / r.sum()))


@wrong(step="mean", about=("means",))
def mean_of_known_rows_kept(points, r, n):
    """The means are plain means of the filled points; each counts with its responsibility."""
    return points.mean(axis=0)


@wrong(step="mean")
def sums_not_divided(points, r, n):
    """The weighted sum of the points is not divided by N_k."""
    return r @ points


@wrong(step="weights")
def weights_of_hard_labels(R):
    """The weights count the points whose largest responsibility is k; they must add up shares."""
    return np.eye(R.shape[1])[R.argmax(axis=1)].mean(axis=0)


@wrong()
def hard_assignment(X, responsibilities, means, covariances):
    """Each point is given wholly to its largest responsibility; EM lets every component use its share."""
    R = np.eye(responsibilities.shape[1])[responsibilities.argmax(axis=1)]
    return step_by_step(X, R, means, covariances)


@wrong()
def means_not_updated(X, responsibilities, means, covariances):
    """The means come back as they were passed."""
    weights, _, scatters = step_by_step(X, responsibilities, means, covariances)
    return weights, means, scatters


@wrong()
def covariances_not_updated(X, responsibilities, means, covariances):
    """The covariances come back as they were passed."""
    weights, new_means, _ = step_by_step(X, responsibilities, means, covariances)
    return weights, new_means, covariances


@wrong(step="extra", alone=True)
def gaps_divided_by_n(left, r, covariance, X):
    """C is divided by n; like the scatter it is divided by what the component owns, N_k."""
    return r.mean() * _what_is_left(left, r, covariance, X)


@wrong(alone=True)
def gaps_of_the_components_before(X, responsibilities, means, covariances):
    """What is left unknown of the components before is added as well: begin anew with zeros for each."""
    weights, new_means, scatters = step_by_step(X, responsibilities, means, covariances)
    _, left = _own_guesses(X, responsibilities, means, covariances)
    extra = np.einsum("ik,kijl->kjl", responsibilities, left)
    before = np.cumsum(extra, axis=0) - extra
    return weights, new_means, scatters + before / responsibilities.sum(axis=0)[:, None, None]


@wrong(step="guesses", see="missing-e-step", alone=True)
def guesses_with_wrong_sign(X, R, means, covariances):
    """Your guesses move away from the component's mean to the wrong side: what is above its mean pulls
    upwards.
    """
    filled, left = _own_guesses(X, R, means, covariances)
    return np.where(np.isnan(X), 2 * means[:, None] - filled, filled), left


@wrong(step="guesses", see="missing-e-step", alone=True)
def left_raised(X, R, means, covariances):
    """C is larger than the block of Σ; knowing more must shrink it: Σ_bb minus Σ_ba Σ_aa⁻¹ Σ_ab."""
    filled, left = _own_guesses(X, R, means, covariances)
    gaps = np.isnan(X).astype(float)
    return filled, 2 * np.einsum("ij,il,kjl->kijl", gaps, gaps, covariances) - left


@wrong(step="guesses", see="missing-e-step", alone=True)
def guesses_of_the_first_component(X, R, means, covariances):
    """Every component fills the gaps with the guesses of the first one; each has its own."""
    filled, left = _own_guesses(X, R, means[:1], covariances[:1])
    return np.repeat(filled, len(means), axis=0), np.repeat(left, len(means), axis=0)


@wrong(alone=True, about=("means",))
def means_of_what_is_seen(X, responsibilities, means, covariances):
    """The means are those of the known values alone; the guesses count with them."""
    return step_by_step(
        X,
        responsibilities,
        means,
        covariances,
        mean=lambda points, r, n: np.nansum(r[:, None] * X, axis=0) / (r @ ~np.isnan(X)),
    )


@wrong(step="extra", alone=True)
def empty_rows_add_nothing(left, r, covariance, X):
    """A row without any value adds no C; of it the whole covariance is unknown."""
    return _what_is_left(left[~np.isnan(X).all(axis=1)], r[~np.isnan(X).all(axis=1)], covariance, X)


@wrong(step="extra", alone=True)
def extra_halved(left, r, covariance, X):
    """Half of C is added; it must be the whole."""
    return _what_is_left(left, r, covariance, X) / 2


@wrong(alone=True)
def scatters_run_on(X, responsibilities, means, covariances):
    """The scatter of each component holds those of the components before it: set it back to 0 for each."""
    weights, new_means, right = step_by_step(X, responsibilities, means, covariances)
    counts = responsibilities.sum(axis=0)[:, None, None]
    return weights, new_means, (counts * right).cumsum(axis=0) / counts


@wrong(alone=True)
def empty_rows_left_out(X, responsibilities, means, covariances):
    """Rows without any value are left out of means and covariances; they count, with μ_k and with Σ_k."""
    seen = ~np.isnan(X).all(axis=1)
    parameters = step_by_step(X[seen], responsibilities[seen], means, covariances)
    return _shares(responsibilities), *parameters[1:]


@wrong(step="extra", alone=True)
def extra_written_over(left, r, covariance, X):
    """What is left unknown in a row is written over by the next such row: add it up, with +=."""
    extra = np.zeros_like(covariance)
    for share, rest, gaps in zip(r, left, np.isnan(X), strict=True):
        extra[np.ix_(gaps, gaps)] = share * rest[np.ix_(gaps, gaps)]
    return extra


@wrong(alone=True)
def weights_per_complete_row(X, responsibilities, means, covariances):
    """The counts are divided by the number of complete rows; the weight is N_k / n, of all rows."""
    weights, *others = step_by_step(X, responsibilities, means, covariances)
    return weights * len(X) / max(1, (~np.isnan(X).any(axis=1)).sum()), *others


@wrong(alone=True)
def zeros_taken_for_gaps(X, *parameters):
    """Values that are exactly 0 are taken for gaps, as after np.nan_to_num; a gap is nan and nothing else."""
    return step_by_step(np.where(X == 0, np.nan, X), *parameters)


@wrong(step="guesses", also={"extra": nothing_added_for_the_gaps}, alone=True)
def filled_with_column_medians(X, R, means, covariances):
    """Gaps are filled with the median of their column, and C is not added; each component fills them with its
    conditional mean.
    """
    left = np.zeros((len(means), *X.shape, X.shape[1]))
    return np.tile(np.where(np.isnan(X), np.nanmedian(X, axis=0), X), (len(means), 1, 1)), left


def _with_scatters(Z: FloatArray, weight: FloatArray, *given: FloatArray) -> Parameters:
    """Return the right weights and means, and covariances of deviations, (K, n, d), that are weighted so."""
    weights, new_means, _ = step_by_step(*given)
    R, (_, left) = given[1], _own_guesses(*given)
    sums = np.einsum("ik,kij,kil->kjl", weight, Z, Z) + np.einsum("ik,kijl->kjl", R, left)
    return weights, new_means, sums / R.sum(axis=0)[:, None, None]


@wrong(alone=True)
def deviations_from_the_plain_mean(*given):
    """The deviations are taken from the plain mean of the filled points; take them from the new μ_k."""
    filled, _ = _own_guesses(*given)
    return _with_scatters(filled - filled.mean(axis=1, keepdims=True), given[1], *given)


@wrong(alone=True)
def weighted_twice(*given):
    """Each point counts with r² in the scatter; was the responsibility multiplied in twice?"""
    filled, _ = _own_guesses(*given)
    return _with_scatters(filled - step_by_step(*given)[1][:, None], given[1] ** 2, *given)


def _guesses_by(gain: Callable[..., FloatArray], centred: bool = True) -> Callable[..., object]:
    """Return the step that fills the gaps with another gain, or with values that are not centred."""

    def guesses(X, R, means, covariances):
        filled, left = _own_guesses(X, R, means, covariances)
        for k, (mean, C) in enumerate(zip(means, covariances, strict=True)):
            for i, gaps in enumerate(np.isnan(X)):
                if gaps.any() and not gaps.all():
                    G = gain(C[np.ix_(~gaps, ~gaps)], C[np.ix_(gaps, ~gaps)])
                    seen = X[i, ~gaps] - mean[~gaps] if centred else X[i, ~gaps]
                    filled[k, i, gaps] = mean[gaps] + G @ seen
                    left[k, i][np.ix_(gaps, gaps)] = C[np.ix_(gaps, gaps)] - G @ C[np.ix_(~gaps, gaps)]
        return filled, left

    return guesses


@wrong(step="guesses", see="missing-conditional", alone=True)
def inverse_left_out_of_the_guesses(X, R, means, covariances):
    """In guesses and C alike Σ_ba is multiplied as it is; Σ_aa⁻¹ belongs behind it."""
    return _guesses_by(lambda aa, ba: ba)(X, R, means, covariances)


@wrong(step="guesses", see="missing-conditional", alone=True)
def known_not_centred_in_the_guesses(X, R, means, covariances):
    """In the guesses the mean of the known features is not taken off their values."""
    return _guesses_by(lambda aa, ba: np.linalg.solve(aa, ba.T).T, centred=False)(X, R, means, covariances)


@wrong(step="guesses", alone=True)
def empty_rows_filled_with_zero(X, R, means, covariances):
    """A row without any value is filled with 0; each component fills it with its own mean."""
    filled, left = _own_guesses(X, R, means, covariances)
    filled[:, np.isnan(X).all(axis=1)] = 0.0
    return filled, left


@wrong(alone=True, see="numerics-statistics")
def digits_lost_far_away(X, responsibilities, means, covariances):
    """Far from the origin digits are lost: take off the mean first, before squares (and in float64)."""
    filled, left = _own_guesses(X, responsibilities, means, covariances)
    weights, new_means, _ = step_by_step(X, responsibilities, means, covariances)
    counts = responsibilities.sum(axis=0)[:, None, None]
    moments = np.einsum("ik,kij,kil->kjl", responsibilities, filled, filled)
    extra = np.einsum("ik,kijl->kjl", responsibilities, left)
    return weights, new_means, (moments + extra) / counts - new_means[:, :, None] * new_means[:, None, :]


@wrong(alone=True)
def scatter_unweighted(*given):
    """Every point counts fully in the scatter, which is then divided by N_k; each counts with its share."""
    filled, _ = _own_guesses(*given)
    return _with_scatters(filled - step_by_step(*given)[1][:, None], np.ones_like(given[1]), *given)


@wrong(alone=True)
def scatter_unweighted_and_divided_by_n(*given):
    """Every point counts alike in the covariances, with 1 / n; each counts with its share, over N_k."""
    filled, _ = _own_guesses(*given)
    alike = np.tile(given[1].mean(axis=0), (len(given[1]), 1))
    return _with_scatters(filled - step_by_step(*given)[1][:, None], alike, *given)


@wrong(step="centre", alone=True)
def second_moments(old, new):
    """The means are not taken off: these are means of x xᵀ, about the origin."""
    return np.zeros_like(new)


@wrong(step="weights", alone=True)
def weights_divided_by_n_minus_one(R):
    """The counts are divided by n - 1; the weight is N_k / n."""
    return R.sum(axis=0) / (len(R) - 1)


def _confused(change: Callable[..., tuple[FloatArray, FloatArray]]) -> Callable[..., object]:
    return lambda X, R, means, covariances: step_by_step(X, R, *change(means, covariances))


wrong.include(
    [replace(entry, about=("means", "covariances")) for entry in confusing],
    adapted=_confused,
    but=("points-shifted-in-place",),
)


def _guesses_of(place: int, means_too: bool) -> Callable[..., object]:
    """Return the step in which one component's covariance, or mean, is that of all, but for empty rows."""

    def guesses(X, R, means, covariances):
        filled, left = _own_guesses(X, R, means, covariances)
        if means_too:
            taken = np.repeat(means[place][None], len(means), axis=0), covariances
        else:
            taken = means, np.repeat(covariances[place][None], len(means), axis=0)
        others, rest = _own_guesses(X, R, *taken)
        some = ~np.isnan(X).all(axis=1)
        filled[:, some], left[:, some] = others[:, some], rest[:, some]
        return filled, left

    return guesses


@wrong(step="guesses", alone=True, about=("means", "covariances"))
def first_covariance_in_the_guesses(*given):
    """Guesses and C are those of the first component's covariance; each component has its own."""
    return _guesses_of(0, means_too=False)(*given)


@wrong(step="guesses", alone=True, about=("means", "covariances"))
def last_covariance_in_the_guesses(*given):
    """Guesses and C are those of the last component's covariance; each component has its own."""
    return _guesses_of(-1, means_too=False)(*given)


@wrong(step="guesses", alone=True, about=("means", "covariances"))
def first_mean_in_the_guesses(*given):
    """The guesses are those about the first component's mean; each component has its own."""
    return _guesses_of(0, means_too=True)(*given)


def ridge_added(scatter, r, size):
    """A small number stands on the covariances' diagonals besides what is right; nobody asked for it."""
    return _per_count(scatter, r) + size * np.eye(len(scatter))


for _size in (1e-2, 1e-3, 1e-6):
    wrong(step="divide", alone=True, name=f"ridge-of-{_size:.0e}-added")(partial(ridge_added, size=_size))


def _with_counts(size: float, own_weights: bool, *given: FloatArray) -> Parameters:
    """Return the values if all were divided by counts that are larger by so much."""
    weights, means, covariances = step_by_step(
        *given,
        mean=lambda points, r, n: r @ points / (r.sum() + size),
        divide=lambda scatter, r: scatter / (r.sum() + size),
    )
    return weights + (size / len(given[0]) if own_weights else 0.0), means, covariances


def number_added_to_the_counts(*given, size):
    """A small number is added to N_k; every component owns something here: leave it out."""
    return _with_counts(size, True, *given)


def number_added_to_the_denominators(*given, size):
    """A small number is added to N_k where it divides; every component owns something here: leave it out."""
    return _with_counts(size, False, *given)


for _size in (1e-2, 1e-3):
    wrong(alone=True, name=f"{_size:.0e}-added-to-the-counts", about=("weights", "means", "covariances"))(
        partial(number_added_to_the_counts, size=_size)
    )
    wrong(alone=True, name=f"{_size:.0e}-added-to-the-denominators", about=("means", "covariances"))(
        partial(number_added_to_the_denominators, size=_size)
    )


@wrong(alone=True, see="numerics-statistics")
def means_off_far_away(X, *given):
    """Far from the origin your means are off, as in float32 or with a small number added to N_k: compute in
    float64, and leave such a number out.
    """
    far = bool(np.nanmax(np.abs(X)) > FAR)
    return step_by_step(X.astype(np.float32).astype(float) if far else X, *given)


@wrong(alone=True, see="numerics-statistics")
def means_alone_off_far_away(X, *given):
    """Far from the origin your means are off, as with a small number added to N_k: leave that out."""
    return _with_counts(1e-10, False, X, *given)


@wrong(step="extra", alone=True)
def extra_of_the_last_row_left_out(left, r, covariance, X):
    """C of the last row is not added: does the loop end one round too early?"""
    return _what_is_left(left[:-1], r[:-1], covariance, X)


@wrong(step="extra", alone=True)
def extra_of_the_first_row_left_out(left, r, covariance, X):
    """C of the first row is not added: does the loop begin at 1?"""
    return _what_is_left(left[1:], r[1:], covariance, X)


@wrong(step="extra", alone=True)
def extra_for_a_single_gap_only(left, r, covariance, X):
    """C is added only for rows with a single gap; those with several have a block each."""
    single = np.isnan(X).sum(axis=1) == 1
    return _what_is_left(left[single], r[single], covariance, X)


@wrong(step="extra", alone=True)
def extra_for_empty_rows_only(left, r, covariance, X):
    """C is added only for rows without any value; of a row with a gap something is unknown as well."""
    empty = np.isnan(X).all(axis=1)
    return _what_is_left(left[empty], r[empty], covariance, X)


def _but_row(place: int, X: FloatArray, responsibilities: FloatArray, *given: FloatArray) -> Parameters:
    R = responsibilities.copy()
    R[place] = 0.0
    return step_by_step(X, R, *given)


@wrong(alone=True, about=("weights", "means", "covariances"))
def first_row_counts_nowhere(*given):
    """The first row is left out of all sums, but counted in n: does the loop begin at 1?"""
    return _but_row(0, *given)


@wrong(alone=True, about=("weights", "means", "covariances"))
def last_row_counts_nowhere(*given):
    """The last row is left out of all sums, but counted in n: does the loop end one round too early?"""
    return _but_row(-1, *given)


@wrong(step="guesses", see="missing-e-step", alone=True)
def filled_with_overall_mean(X, R, means, covariances):
    """Gaps are filled with the mixture's mean; each component fills them with its conditional mean."""
    _, left = _own_guesses(X, R, means, covariances)
    return np.tile(np.where(np.isnan(X), R.mean(axis=0) @ means, X), (len(means), 1, 1)), left


@wrong(step="guesses", alone=True)
def empty_rows_filled_with_the_mean_of_means(X, R, means, covariances):
    """A row without any value is filled with the mean of all means; each component fills it with its own."""
    filled, left = _own_guesses(X, R, means, covariances)
    filled[:, np.isnan(X).all(axis=1)] = means.mean(axis=0)
    return filled, left


@wrong(step="guesses", alone=True)
def empty_rows_filled_with_column_means(X, R, means, covariances):
    """A row without any value is filled with the means of the columns; each component has its own."""
    filled, left = _own_guesses(X, R, means, covariances)
    counts = np.maximum((~np.isnan(X)).sum(axis=0), 1)
    filled[:, np.isnan(X).all(axis=1)] = np.nansum(X, axis=0) / counts
    return filled, left
