"""scikit-learn's conventions for estimators, without importing scikit-learn.

Where scikit-learn is already loaded, its own NotFittedError and ConvergenceWarning are used, so that code
that catches those goes on working.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from typing import Any, Self

import numpy as np

from gmmlib import errors
from gmmlib._checks import FloatArray, as_floats, require_finite
from gmmlib.errors import InvalidInputError


def sklearn_or_own(name: str) -> type[Any]:
    """Return the class of this name from sklearn.exceptions if that is loaded, else from gmmlib.errors."""
    known: type[Any] = getattr(sys.modules.get("sklearn.exceptions"), name, None) or getattr(errors, name)
    return known


class Estimator:
    """Parameters by name, a readable repr, and the checks at the start of every method."""

    n_features_in_: int

    @classmethod
    def _names(cls) -> list[str]:
        """Return the names of the constructor's parameters."""
        return list(inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters by name."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, and return self."""
        for name, value in params.items():
            if name not in self._names():
                raise InvalidInputError(
                    f"Invalid parameter {name!r} for estimator {self}. "
                    f"Valid parameters are: {self._names()!r}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        """Return the constructor call with the parameters that differ from their defaults."""
        defaults = inspect.signature(type(self)).parameters
        given = {
            name: value
            for name, value in self.get_params().items()
            if not (value is defaults[name].default or repr(value) == repr(defaults[name].default))
        }
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn asks of estimators; called by it alone."""
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type="density_estimator",
            target_tags=TargetTags(required=False),
            input_tags=InputTags(),
        )

    def __sklearn_is_fitted__(self) -> bool:
        """Tell whether fit has been called."""
        return hasattr(self, "converged_")

    def _require_fitted(self) -> None:
        """Raise NotFittedError before fit."""
        if not self.__sklearn_is_fitted__():
            raise sklearn_or_own("NotFittedError")(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' with appropriate "
                f"arguments before using this estimator."
            )

    def _as_input(self, X: Any, *, fitting: bool = False) -> tuple[FloatArray, np.dtype[Any]]:
        """Return X as (n, d) float64, and the type of the results: float32 for float32, else float64."""
        names = _feature_names(X)
        if not fitting:
            self._compare_names(names)
        dtype = np.dtype(np.float32) if _is_float32(X) else np.dtype(np.float64)
        points = as_floats(X, "X")
        if points.ndim != 2:
            raise InvalidInputError(
                f"Expected 2D array, got {points.ndim}D array instead: {points.shape}. "
                f"Reshape your data: X.reshape(-1, 1) if it has a single feature, "
                f"X.reshape(1, -1) if it is a single sample."
            )
        require_finite(points, "Input X")
        n, d = points.shape
        if n < 1 + fitting or d == 0:
            raise InvalidInputError(
                f"Found array with {n} sample(s) (shape={points.shape}) while a minimum of {1 + fitting} is "
                f"required."
                if d
                else f"Found array with 0 feature(s) (shape={points.shape}) while a minimum of 1 is required."
            )
        if fitting:
            self.n_features_in_ = d
            self._keep_names(names)
        elif d != self._n_features():
            raise InvalidInputError(
                f"X has {d} features, but {type(self).__name__} is expecting {self._n_features()} features "
                f"as input."
            )
        return points, dtype

    def _n_features(self) -> int:
        """Return how many features the points must have."""
        return self.n_features_in_

    def _keep_names(self, names: tuple[str, ...] | None) -> None:
        """Keep the names of the columns that it is fitted to, or forget those of the last time."""
        if names is not None:
            self.feature_names_in_ = np.asarray(names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _compare_names(self, names: tuple[str, ...] | None) -> None:
        """Raise where columns have other names, or another order, than those it was fitted to."""
        fitted, me = tuple(getattr(self, "feature_names_in_", ())), type(self).__name__
        if names is None and fitted:
            self._warn(f"X does not have valid feature names, but {me} was fitted with feature names")
        elif names is not None and not fitted:
            self._warn(f"X has feature names, but {me} was fitted without feature names")
        elif names is not None and names != fitted:
            new, gone = sorted({*names} - {*fitted}), sorted({*fitted} - {*names})
            lines = ["The feature names should match those that were passed during fit."]
            for what, some in (("unseen at fit time", new), ("seen at fit time, yet now missing", gone)):
                lines += [f"Feature names {what}:", *(f"- {name}" for name in some)] if some else []
            if not new and not gone:
                lines.append("Feature names must be in the same order as they were in fit.")
            raise InvalidInputError("\n".join([*lines, ""]))

    def _warn(self, message: str) -> None:
        """Warn at the line that called a public method."""
        warnings.warn(message, UserWarning, stacklevel=2)


def _feature_names(X: Any) -> tuple[str, ...] | None:
    """Return the names of a data frame's columns; None where there are none, or some are no text."""
    columns = getattr(X, "columns", None)
    if columns is None or not all(isinstance(column, str) for column in columns):
        return None
    return tuple(columns)


def _is_float32(X: Any) -> bool:
    """Tell whether an array or a data frame holds float32 throughout."""
    if hasattr(X, "dtypes") and not isinstance(X, np.ndarray):
        return bool(len(X.dtypes)) and all(dtype == np.float32 for dtype in X.dtypes)
    return getattr(X, "dtype", None) == np.float32


def as_rng(random_state: Any) -> np.random.Generator:
    """Return a Generator from None, a seed, a RandomState (which it advances) or a Generator."""
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**31 - 1, size=4))
    if isinstance(random_state, np.random.Generator):
        return random_state
    if random_state is None or (isinstance(random_state, int | np.integer) and random_state >= 0):
        return np.random.default_rng(random_state)
    raise InvalidInputError(f"{random_state!r} cannot be used to seed a random generator.")


def require_parameter(owner: object, name: str, kind: type, low: float) -> None:
    """Raise unless the parameter is a number of this kind (int or float), at least `low`."""
    value = getattr(owner, name)
    kinds = (int, np.integer) if kind is int else (int, float, np.integer, np.floating)
    sound = isinstance(value, kinds) and not isinstance(value, bool | np.bool_)
    if not sound or not value >= low:
        word = "an int" if kind is int else "a float"
        raise InvalidInputError(
            f"The {name!r} parameter of {type(owner).__name__} must be {word} in the range [{low:g}, inf). "
            f"Got {value!r} instead."
        )


def require_choice(owner: object, name: str, choices: tuple[str, ...]) -> None:
    """Raise unless the parameter is one of these strings."""
    value = getattr(owner, name)
    if not isinstance(value, str) or value not in choices:
        raise InvalidInputError(
            f"The {name!r} parameter of {type(owner).__name__} must be a str among {set(choices)!r}. "
            f"Got {value!r} instead."
        )
