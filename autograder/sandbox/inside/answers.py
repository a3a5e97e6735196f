"""A student's returned value as plain arrays, or the reason why it is none.

Runs in the student's process, so nothing here is believed on the other side: it is a courtesy to honest code,
which may return lists, tuples, integers, float32, longdouble or 0-d arrays. Imports nothing of the project.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, MappingView, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_PARTS = 64
_PLAIN = (np.ndarray, np.float64, float)  # what comes most often, and is none of what is refused


class UnusableError(Exception):
    """The value is not plain numbers; the argument is a key of `protocol.UNUSABLE`."""


def parts_of(value: object, count: int | None, limit: int) -> list[NDArray[Any]]:
    """The arrays that a value stands for.

    Parameters
    ----------
    value : what the function returned
    count : how many parts are expected; None if unknown, then a tuple has as many as it has entries
    limit : bytes that all parts may take together

    Raises
    ------
    UnusableError
        If a part is not plain numbers.
    """
    whole = isinstance(value, tuple) if count is None else count != 1 and _has_length(value, count)
    pieces = list(value) if whole else [value]  # type: ignore[call-overload]
    try:
        return _all_of(pieces, limit)
    except UnusableError as reason:
        if whole or not isinstance(value, tuple) or str(reason) != "ragged":
            raise
        return _all_of(list(value), limit)  # more or fewer values than are wanted


def _all_of(pieces: list[object], limit: int) -> list[NDArray[Any]]:
    if len(pieces) > MAX_PARTS:
        raise UnusableError("too-many")
    parts = []
    for piece in pieces:
        parts.append(_numbers(piece, limit))
        limit -= parts[-1].nbytes
    return parts


def _has_length(value: object, count: int) -> bool:
    """Whether the value is a sequence of that many parts: a tuple, a list, or an array of objects."""
    if isinstance(value, np.ndarray):
        return value.dtype == object and value.shape == (count,)
    return isinstance(value, tuple | list) and len(value) == count


def _numbers(value: object, limit: int) -> NDArray[Any]:
    """One part as a plain array of int64 or float64."""
    if type(value) not in _PLAIN:
        _refuse_by_type(value)
    if isinstance(value, np.ndarray) and value.size * 8 > limit:
        raise UnusableError("too-large")
    try:
        array = np.asarray(value)
    except ValueError:
        raise UnusableError("ragged") from None
    if array.size * 8 > limit:
        raise UnusableError("too-large")
    kind = array.dtype.kind
    if kind == "O":
        return _objects(array)
    if kind == "c":
        return _real(array)
    if kind in "US":
        raise UnusableError("text")
    if kind not in "biuf":
        raise UnusableError("object")
    if kind == "f" or (kind == "u" and array.size and array.max() > np.iinfo(np.int64).max):
        return array.astype(np.float64)
    return array.astype(np.int64)


def _real(array: NDArray[Any]) -> NDArray[Any]:
    """Complex numbers whose imaginary parts are all 0 are real, as eigenvalues of scipy.linalg.eigvals."""
    if array.imag.any():
        raise UnusableError("complex")
    return array.real.astype(np.float64)


def _objects(array: NDArray[Any]) -> NDArray[Any]:
    """Fractions, decimals and mixed numbers become floats; everything else is refused."""
    for entry in array.flat:
        _refuse_by_type(entry)
    try:
        if any(isinstance(entry, complex) for entry in array.flat):
            return _real(array.astype(np.complex128))
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise UnusableError("object") from None


def _refuse_by_type(value: object) -> None:
    """The plain cases with a reason of their own."""
    for types_, reason in (
        (type(None), "none"),
        (str | bytes, "text"),
        (MappingView, "view"),
        (Mapping | Set, "mapping"),
        (types.GeneratorType | map | filter | zip, "generator"),
        (types.FunctionType | types.MethodType | types.BuiltinFunctionType | type, "function"),
    ):
        if isinstance(value, types_):
            raise UnusableError(reason)
