"""Two mistakes within one step of a computation, put together by what each does to the right value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from inspect import signature
from itertools import combinations
from typing import Any

import numpy as np

from autograder.values import FloatArray, Misconception

Step = Callable[..., Any]


def pairs_within(catalogue: Sequence[Misconception]) -> Iterator[Misconception]:
    """Make two mistakes at once in one and the same step, under the name of the first.

    Of what is rare, `alone`, none are made.
    """
    for first, second in combinations(catalogue, 2):
        steps = first.steps
        if steps is None or second.steps is not steps or first.alone or second.alone:
            continue
        if len(first.changes) != 1 or first.changes.keys() != second.changes.keys():
            continue
        (step,) = first.changes
        right = signature(steps).parameters[step].default
        changes = {step: partial(both, first.changes[step], second.changes[step], right)}
        sentences = f"{first.sentence} And besides: {second.sentence}"
        implementation = partial(steps, **changes)
        yield Misconception(first.name, sentences, first.see, implementation, steps, changes)


def both(first: Step, second: Step, right: Step, *arguments: Any) -> FloatArray:
    """Return what a step gives with both mistakes: factors multiply, and what else is changed adds up.

    ValueError if the three do not give finite numbers of one shape, or one mistake does not show.
    """
    values = [np.asarray(function(*arguments)) for function in (first, second, right)]
    one, other, as_it_should = values
    if any(value.dtype.kind != "f" or value.shape != as_it_should.shape for value in values):
        raise ValueError("These are no real numbers of one shape.")
    if not np.isfinite(values).all() or any((value == as_it_should).all() for value in (one, other)):
        raise ValueError("Nothing can be put together here.")
    if (factor := _factor(one, as_it_should)) is not None:
        return np.asarray(factor * other)
    if (factor := _factor(other, as_it_should)) is not None:
        return np.asarray(factor * one)
    return np.asarray(one + other - as_it_should)


def _factor(value: FloatArray, right: FloatArray) -> FloatArray | None:
    """Return by what a value is multiplied: one number, or one for each component of a stack; else None."""
    if not right.all() and not np.any(right):
        return None
    axes = tuple(range(1, right.ndim)) if right.ndim > 1 else None
    factor = np.sum(value * right, axis=axes, keepdims=True) / np.sum(right * right, axis=axes, keepdims=True)
    factor = factor.reshape(()) if right.ndim == 0 else factor
    scale = np.abs(right).max() * max(1.0, float(np.abs(factor).max()))
    return factor if np.abs(value - factor * right).max() <= 1e-9 * scale else None
