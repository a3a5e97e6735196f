"""From the arrays that came back to the values that were asked for, and words for what does not fit.

The words depend on the number and lengths of an answer's axes alone, never on a number in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from autograder.values import FloatArray

Shape = tuple[int, ...]

_KINDS = ("a single number", "a list of numbers", "a table", "a stack of tables")


def arrange(parts: list[FloatArray], wanted: int) -> list[FloatArray]:
    """A tuple of n numbers is one array; one array of `wanted` rows is that many values."""
    if wanted == 1 and len(parts) > 1 and len({part.shape for part in parts}) == 1:
        return [np.stack(parts)]
    if len(parts) == 1 < wanted and parts[0].ndim and len(parts[0]) == wanted:
        return list(parts[0])
    return parts


def order_of(found: Sequence[Shape], wanted: Sequence[Shape]) -> tuple[int, ...] | None:
    """The place of each wanted shape among those found, if they came in another order and just one fits."""
    if len(found) != len(wanted) or sorted(found) != sorted(wanted) or list(found) == list(wanted):
        return None
    places = permutations(range(len(found)))
    orders = [order for order in places if [found[place] for place in order] == list(wanted)]
    return orders[0] if len(orders) == 1 else None


def misfit(found: Shape, wanted: Shape) -> str:
    """What came instead of an array of the wanted shape, such as "a single number came back"."""
    if len(found) == len(wanted) == 2 and found == wanted[::-1]:
        return "rows and columns are swapped"
    if 0 in found:
        return "an empty array came back"
    if len(found) != len(wanted):
        kind = _KINDS[len(found)] if len(found) < len(_KINDS) else "an array of more dimensions"
        return f"{kind} came back"
    if found[0] == 1 < wanted[0] and found[1:] == wanted[1:]:
        return "only one entry came back; were the others computed, and kept?"
    if found[0] != wanted[0]:
        return f"too {'few' if found[0] < wanted[0] else 'many'} entries came back"
    return "the entries have another length"
