"""Arrays that come from outside become float64 arrays of the right shape here, or a message that helps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmlib.errors import InvalidInputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


def as_floats(values: Any, name: str) -> FloatArray:
    """Return `values` as a float64 array, whatever number type they come in."""
    if type(values) is np.ndarray and values.dtype == np.float64:
        return values
    if hasattr(values, "toarray"):  # of scipy.sparse
        raise InvalidInputError(
            f"{name} is a sparse matrix, but gmmlib needs a dense array: pass {name}.toarray()."
        )
    try:
        if np.iscomplexobj(values):
            raise InvalidInputError(f"{name} holds complex numbers; gmmlib works on real numbers.")
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError(f"{name} cannot be read as an array of numbers: {error}.") from error


def as_points(X: Any, n_features: int | None = None, *, missing: bool = False, name: str = "X") -> FloatArray:
    """Return X as (n, d) float64 with n, d >= 1; NaN only where `missing`, infinity never."""
    points = as_floats(X, name)
    if points.ndim != 2:
        hint = f"; write {name}[:, None] for one feature, {name}[None, :] for one point" * (points.ndim == 1)
        raise InvalidInputError(f"{name} must have shape (n points, d features), not {points.shape}{hint}.")
    n, d = points.shape
    if n == 0 or d == 0:
        raise InvalidInputError(
            f"{name} has shape {points.shape}: it needs at least one point and one feature."
        )
    if n_features is not None and d != n_features:
        raise InvalidInputError(f"{name} has {d} features, but the parameters have {n_features}.")
    require_finite(points, name, missing=missing)
    return points


def require_finite(values: FloatArray, name: str, *, missing: bool = False) -> None:
    """Raise where `values` holds infinity, or NaN unless `missing`; the message names the first place."""
    if values.flags.forc:  # in one piece, by rows or by columns: no copy
        flat = values.ravel("K")
        squares = np.vdot(flat, flat)
    else:  # slower
        axes = "ijkl"[: values.ndim]
        squares = np.einsum(f"{axes},{axes}->", values, values)
    if math.isfinite(squares):  # proves it, without a mask
        return
    bad = np.isinf(values) if missing else ~np.isfinite(values)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        remedy = "" if missing else " Drop these rows, or see gmmlib.missing if values are missing (NaN)."
        raise InvalidInputError(
            f"{name} holds {values[place]} at {list(place)} ({int(bad.sum())} such values).{remedy}"
        )


def as_shape(values: Any, shape: tuple[int, ...], name: str, meaning: str) -> FloatArray:
    """Return `values` as finite float64 of exactly this shape."""
    array = as_floats(values, name)
    if array.shape != shape:
        raise InvalidInputError(f"{name} must have shape {shape} {meaning}, not {array.shape}.")
    require_finite(array, name)
    return array


def as_sample_weight(sample_weight: Any, n: int) -> FloatArray | None:
    """Return the weights of the points, (n,) and >= 0 with a positive sum; None stays None (all ones)."""
    if sample_weight is None:
        return None
    weights = as_shape(sample_weight, (n,), "sample_weight", "(one weight for each point)")
    if weights.min() < 0:
        raise InvalidInputError(f"sample_weight is negative at [{int(weights.argmin())}]: {weights.min()}.")
    if not weights.sum() > 0:
        raise InvalidInputError("sample_weight is zero everywhere: at least one point must count.")
    return weights


def present(X: Any, weight: FloatArray | None) -> tuple[Any, FloatArray | None]:
    """Return the rows of X (n, …) that count, and their weights: a point of weight zero is no point."""
    if weight is None or weight.all():
        return X, weight
    return np.asarray(X)[weight > 0], weight[weight > 0]


def as_count(value: Any, name: str, at_least: int = 1) -> int:
    """Return a whole number, at least `at_least`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise InvalidInputError(f"{name} must be a whole number, not {value!r}.")
    if value < at_least:
        raise InvalidInputError(f"{name} must be at least {at_least}, not {value}.")
    return int(value)


def as_number(value: Any, name: str, *, at_least: float = -np.inf, above: float = -np.inf) -> float:
    """Return a finite float within its bounds."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"{name} must be a number, not {value!r}.") from error
    if not np.isfinite(number) or number < at_least or number <= above:
        bound = f" above {above:g}" * (above > -np.inf) + f" of at least {at_least:g}" * (at_least > -np.inf)
        raise InvalidInputError(f"{name} must be a finite number{bound}, not {number}.")
    return number


def as_components(n_components: Any, n: int) -> int:
    """Return K, 1 <= K <= n."""
    K = as_count(n_components, "n_components")
    if n < K:
        raise InvalidInputError(
            f"{K} components need at least {K} points; X has {n}: use fewer, or more data."
        )
    return K


def as_generator(rng: Any) -> np.random.Generator:
    """Return a Generator from a Generator, a seed, or None (fresh randomness)."""
    if isinstance(rng, np.random.Generator):
        return rng
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"rng must be a numpy Generator, a seed or None, not {rng!r}.") from error


def require_spread(X: FloatArray) -> None:
    """Raise where a feature has one value only: a density along it would be infinite."""
    for part in (X[:100], X):  # most often a few points show it already
        constant = np.flatnonzero(part.max(axis=0) == part.min(axis=0))
        if len(constant) == 0:
            return
    if len(constant) == X.shape[1]:
        raise InvalidInputError(
            f"All points of X are equal ({len(X)} points): a density cannot be fitted to them."
        )
    raise InvalidInputError(
        f"Feature {int(constant[0])} of X has the same value at every point: drop this column."
    )
