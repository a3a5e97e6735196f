"""Answers that look at the shapes of their inputs at most: what somebody hands in who has not tried.

`python -m tests.support.lazy 300` prints what each earns at most, over so many drawings of the inputs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from autograder.judge.points import findings_of
from autograder.judge.seen import Values, expected, see
from autograder.questions import ASSIGNMENTS, FloatArray, of_assignment
from autograder.values import Answer, Array, Case, Question


@dataclass(frozen=True)
class Situation:
    """All that a lazy answer may use: the inputs, the shape that is asked for, random numbers."""

    inputs: Sequence[Array]
    shape: tuple[int, ...]  # of the part that is asked for
    position: int  # of this part among those returned
    rng: np.random.Generator  # the same for all parts of an answer

    @property
    def n_groups(self) -> int:
        """A number of components, clusters or models: what the inputs after the first, or it alone, count."""
        lengths = [len(array) for array in self.inputs[1:] if array.ndim and len(array) != len(self.first)]
        return min(lengths, default=len(self.first))

    @property
    def first(self) -> Array:
        return np.atleast_1d(self.inputs[0])

    def shaped(self, numbers: Array) -> FloatArray:
        """Repeat or cut numbers to the shape that is asked for."""
        return np.resize(np.nan_to_num(np.asarray(numbers, dtype=float)), self.shape)


Lazy = Callable[[Situation], FloatArray]


def _input(position: int) -> Lazy:
    return lambda s: s.shaped(s.inputs[position % len(s.inputs)])


def _shuffled(s: Situation) -> FloatArray:
    """Return the inputs, their rows in one and the same random order."""
    given = np.atleast_1d(s.inputs[s.position % len(s.inputs)])
    return s.shaped(given[s.rng.permutation(len(given))])


def _fitting_input(s: Situation) -> FloatArray:
    """Return an input of the shape that is asked for, or else of its last axis."""
    fitting = [a for a in s.inputs if a.shape == s.shape] or [a for a in s.inputs if a.shape == s.shape[-1:]]
    return s.shaped(fitting[-1] if fitting else np.zeros(1))


def _mirrored(s: Situation) -> FloatArray:
    return s.shaped(np.atleast_1d(s.inputs[s.position % len(s.inputs)])[::-1])


def _one_row(s: Situation) -> FloatArray:
    return s.shaped(s.first[s.rng.integers(len(s.first))])


def _rows_of_the_first(s: Situation) -> FloatArray:
    n = s.shape[0] if s.shape else 1
    return s.shaped(s.first[s.rng.integers(len(s.first), size=n)])


def _shares(s: Situation) -> FloatArray:
    return np.full(s.shape, 1.0 / (s.shape[-1] if s.shape else 2.0))


def _random_shares(s: Situation) -> FloatArray:
    shares = s.rng.random(s.shape) + 0.01
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True)) if s.shape else shares


LAZY: dict[str, Lazy] = {
    "zeros": lambda s: np.zeros(s.shape),
    "ones": lambda s: np.ones(s.shape),
    "minus one": lambda s: np.full(s.shape, -1.0),
    "random": lambda s: s.rng.random(s.shape),
    "random normal": lambda s: s.rng.normal(size=s.shape),
    "equal shares": _shares,
    "random shares": _random_shares,
    "identity": lambda s: s.shaped(np.eye(s.shape[-1] if s.shape else 1)),
    "counting": lambda s: np.arange(np.prod(s.shape, dtype=int), dtype=float).reshape(s.shape),
    "random label": lambda s: s.rng.integers(s.n_groups, size=s.shape).astype(float),
    "round robin": lambda s: s.shaped(np.arange(np.prod(s.shape, dtype=int)) % s.n_groups),
    "random order": lambda s: s.shaped(s.rng.permutation(s.shape[0] if s.shape else s.n_groups)),
    "first input": _input(0),
    "second input": _input(1),
    "third input": _input(2),
    "last input": _input(-1),
    "fitting input": _fitting_input,
    "inputs as they are": lambda s: s.shaped(s.inputs[s.position % len(s.inputs)]),
    "inputs shuffled": _shuffled,
    "inputs mirrored": _mirrored,
    "one row repeated": _one_row,
    "random rows": _rows_of_the_first,
    "first rows": lambda s: s.shaped(s.first[: s.shape[0] if s.shape else 1]),
    "mean of the first input": lambda s: s.shaped(np.nanmean(s.first, axis=0)),
    "sum of the first input": lambda s: s.shaped(np.nansum(s.first, axis=0)),
    "smallest": lambda s: s.shaped(np.nanmin(s.first, axis=0)),
    "position of the largest": lambda s: s.shaped(np.argmax(s.first, axis=-1)),
    "position of the smallest": lambda s: s.shaped(np.argmin(s.first, axis=-1)),
}


def earned(question: Question, seed: int) -> dict[str, float]:
    """Return the share of the points that each lazy answer earns on inputs of this seed."""
    cases = question.draw(np.random.default_rng(seed))
    right = {case: expected(case, question) for case in cases}
    total = sum(check.weight for check in question.checks)
    shares = {}
    for lazy in LAZY:
        seen = {
            case.name: see(case, _answer(case, right[case], lazy, seed), question.returns, right[case])
            for case in cases
        }
        findings = zip(question.checks, findings_of(question, seen), strict=True)
        shares[lazy] = sum(check.weight * finding.score for check, finding in findings) / total
    return shares


def _answer(case: Case, right: Values, lazy: str, seed: int) -> Answer:
    inputs = [np.asarray(a) for a in case.arguments if not isinstance(a, str)]
    start = [seed, crc32(case.name.encode())]
    parts = [
        LAZY[lazy](Situation(inputs, part.shape, position, np.random.default_rng(start)))
        for position, part in enumerate(right.values())
    ]
    return Answer("returned", tuple(parts))


def main(seeds: int) -> None:
    """Print, for each question, the lazy answers that earn more than a tenth at most."""
    for question in (question for name in ASSIGNMENTS for question in of_assignment(name)):
        most = dict.fromkeys(LAZY, 0.0)
        for seed in range(seeds):
            for lazy, share in earned(question, seed).items():
                most[lazy] = max(most[lazy], share)
        told = ", ".join(f"{lazy} {100 * share:.0f} %" for lazy, share in most.items() if share > 0.1)
        print(f"{question.id}: {100 * max(most.values()):.0f} %; {told}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
