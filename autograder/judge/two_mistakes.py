"""Two mistakes at once: in different steps of a computation, or within one, put together by what each does
to the right value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from inspect import signature
from itertools import combinations
from typing import Any

import numpy as np

from autograder.values import FloatArray, Misconception

Step = Callable[..., Any]


def pairs(catalogue: Sequence[Misconception]) -> Iterator[Misconception]:
    """Make two mistakes at once, in different steps of one computation: the sentences of both, under the name
    of the first.

    Those that are both frequent come first, so that whoever has no time for all takes these.
    """
    of_steps = [entry for entry in catalogue if entry.steps is not None]
    two = [(a, b) for a, b in combinations(of_steps, 2) if a.steps is b.steps]
    for first, second in sorted(two, key=lambda both: both[0].alone + both[1].alone):
        apart = not first.changes.keys() & second.changes.keys()
        if first.steps is not None and apart and not (first.alone and second.alone):
            changes = {**first.changes, **second.changes}
            both = partial(first.steps, **changes)
            sentences = _sentences(first, second)
            about = (*first.about, *second.about)
            yield Misconception(first.name, sentences, first.see, both, first.steps, changes, about=about)


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
        sentences = _sentences(first, second)
        implementation = partial(steps, **changes)
        about = (*first.about, *second.about)
        yield Misconception(first.name, sentences, first.see, implementation, steps, changes, about=about)


def _sentences(first: Misconception, second: Misconception) -> str:
    """Say both, and that it is the numbers that tell: other mistakes may have the same sum."""
    return at_once(first.sentence, second.sentence)


def at_once(first: str, second: str) -> str:
    """Say two sentences of one answer."""
    return f"Your numbers are those of two mistakes at once. {first} And besides: {second}"


def both(first: Step, second: Step, right: Step, *arguments: Any) -> FloatArray:
    """Return what a step gives with both mistakes.

    What is a factor multiplies the other's value, what leaves entries out leaves them out of the other's,
    and anything else adds up.

    Not a number, which equals nothing, where the three are no real numbers of one shape. ValueError where one
    mistake does not show, as a factor of 0 does not, and where a step decides: no third answer comes of two.
    """
    values = [np.asarray(function(*arguments)) for function in (first, second, right)]
    one, other, as_it_should = values
    if any(value.dtype.kind == "b" for value in values):
        raise ValueError("A step that decides has one mistake or the other.")
    alike = all(value.dtype.kind == "f" and value.shape == as_it_should.shape for value in values)
    if not alike or not np.isfinite(values).all():
        return np.full(as_it_should.shape, np.nan)
    if (one == as_it_should).all() or (other == as_it_should).all():
        raise ValueError("Here one mistake does not show: nobody knows what it does to the other.")
    for changed, rest in ((one, other), (other, one)):
        if (factor := _factor(changed, as_it_should)) is not None:
            return np.asarray(factor * rest)
        if ((changed == as_it_should) | (changed == 0)).all():
            return np.where(changed == as_it_should, rest, 0.0)
    return np.asarray(one + other - as_it_should)


def _factor(value: FloatArray, right: FloatArray) -> FloatArray | None:
    """Return by what a value is multiplied: one number, or one for each component of a stack; else None."""
    axes = tuple(range(1, right.ndim)) if right.ndim > 1 else None
    squares = np.square(right).sum(axis=axes, keepdims=right.ndim > 0)
    if not np.all(squares):
        return None
    factor = np.asarray((value * right).sum(axis=axes, keepdims=right.ndim > 0) / squares)
    scale = np.abs(right).max() * max(1.0, float(np.abs(factor).max()))
    return factor if np.abs(value - factor * right).max() <= 1e-9 * scale else None
