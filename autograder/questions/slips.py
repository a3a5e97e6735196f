"""Slips that are made in any computation: what they make of a right value, whatever it is.

A question gets those that fit the shapes of what its function returns, behind its own catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from autograder.judge.diagnosis import OTHER_ORDER
from autograder.judge.shapes import arrange
from autograder.questions.inputs import input_slips
from autograder.questions.twins import TWINS
from autograder.values import FloatArray, Misconception, Part, Question

Change = Callable[[FloatArray], FloatArray]
Values = Mapping[Part, FloatArray]
Afterwards = Callable[[Values], Values]

#: Values that a function takes over from another one, whose question has the slips in them.
MADE_ELSEWHERE = {"em.fit": ("weights", "means", "covariances")}
#: What the first axis of a value counts, by its letter.
ITEMS = {"n": "point", "K": "component", "d": "feature", "q": "feature", "rounds": "round"}


@dataclass(frozen=True)
class Slip:
    """What a slip makes of a right value, and the sentence for it; {values}, {are}, {item} are filled in."""

    name: str
    sentence: str
    change: Change
    axes: int = 0  # that a value has at least
    most: int = 3  # that it has at most
    square: bool = False  # for stacks of matrices only
    whole: bool = False  # for whole numbers, too


def _only(place: int, values: FloatArray) -> FloatArray:
    kept = np.zeros_like(values)
    kept[place] = values[place]
    return kept


def _but(place: int, values: FloatArray) -> FloatArray:
    rest = values.copy()
    rest[place] = 0.0
    return rest


def _for_all(place: int, values: FloatArray) -> FloatArray:
    return np.repeat(values[place][None], len(values), axis=0)


def _correlations(matrices: FloatArray) -> FloatArray:
    deviations = np.sqrt(np.diagonal(matrices, axis1=-2, axis2=-1))
    return np.asarray(matrices / deviations[..., :, None] / deviations[..., None, :])


SLIPS = (
    Slip(
        "zero",
        "Your {values} {are} 0 throughout: do terms cancel, does an array of integers drop what follows the "
        "point, or was nothing written there?",
        np.zeros_like,
    ),
    Slip("rounded", "Your {values} {are} right but rounded: return all digits.", np.round),
    Slip(
        "cut-to-whole-numbers",
        "Your {values} {are} cut to whole numbers: is there an int, a // or an array of integers?",
        np.trunc,
    ),
    Slip("sign-turned", "Your {values} {are} right but for the sign.", np.negative),
    Slip("doubled", "Your {values} {are} twice as large as right.", partial(np.multiply, 2.0)),
    Slip("halved", "Your {values} {are} half as large as right.", partial(np.multiply, 0.5)),
    Slip("squared", "Your {values} {are} right but squared: there is one square too many.", np.square),
    Slip(
        "rooted",
        "Your {values} {are} right but for a square root: there is one too many, or a square is missing.",
        lambda values: np.sqrt(np.abs(values)),
    ),
    Slip("exponentiated", "Your {values} {are} right but for an exp at the end.", np.exp, most=1),
    Slip("logged", "Your {values} {are} right but for a logarithm at the end.", np.log, most=1),
    Slip("inverted", "Your {values} {are} one divided by what is right.", np.reciprocal, most=1),
    Slip(
        "first-only",
        "Only the first {item}'s {values} came back, not all: does a loop end after the first?",
        lambda values: values[:1],
        axes=1,
        whole=True,
    ),
    Slip(
        "last-only",
        "Only the last {item}'s {values} came back, not all: does each round replace them?",
        lambda values: values[-1:],
        axes=1,
        whole=True,
    ),
    Slip(
        "first-without-the-rest",
        "The first {item}'s {values} {are} right, all else is 0: does the loop end after one round?",
        partial(_only, 0),
        axes=1,
        whole=True,
    ),
    Slip(
        "last-without-the-rest",
        "The last {item}'s {values} {are} right, all else is 0: is the array made anew in each round?",
        partial(_only, -1),
        axes=1,
        whole=True,
    ),
    Slip(
        "last-still-zero",
        "The last {item}'s {values} {are} still 0: does the loop end one round too early?",
        partial(_but, -1),
        axes=1,
        whole=True,
    ),
    Slip(
        "first-still-zero",
        "The first {item}'s {values} {are} still 0: does the loop begin at 1?",
        partial(_but, 0),
        axes=1,
        whole=True,
    ),
    Slip(
        "last-missing",
        "The last {item}'s {values} {are} missing: does the loop end one round too early?",
        lambda values: values[:-1],
        axes=1,
        whole=True,
    ),
    Slip(
        "first-missing",
        "The first {item}'s {values} {are} missing: does the loop begin at 1?",
        lambda values: values[1:],
        axes=1,
        whole=True,
    ),
    Slip(
        "reversed",
        "Your {values} {come} in reverse order, the last {item}'s first.",
        lambda values: values[::-1],
        axes=1,
        whole=True,
    ),
    Slip(
        "one-place-further",
        "Each {item}'s {values} {stand} one place too far: is an index off by one?",
        lambda values: np.roll(values, 1, axis=0),
        axes=1,
        whole=True,
    ),
    Slip(
        "one-place-before",
        "Each {item}'s {values} {stand} one place too early: is an index off by one?",
        lambda values: np.roll(values, -1, axis=0),
        axes=1,
        whole=True,
    ),
    Slip(
        "first-for-all",
        "Every {item} has the {values} of the first: is an index 0 where it should run?",
        partial(_for_all, 0),
        axes=1,
        whole=True,
    ),
    Slip(
        "last-for-all",
        "Every {item} has the {values} of the last: is one array written again in each round, or a name used "
        "after its loop?",
        partial(_for_all, -1),
        axes=1,
        whole=True,
    ),
    Slip(
        "mean-for-all",
        "Every {item} has the same {values}, the mean of what is right; each has its own.",
        lambda values: np.repeat(values.mean(axis=0)[None], len(values), axis=0),
        axes=1,
    ),
    Slip(
        "carried-on",
        "Each {item}'s {values} hold those of all before it, too: begin anew in each round.",
        lambda values: values.cumsum(axis=0),
        axes=1,
    ),
    Slip(
        "summed",
        "Your {values} are summed up over what should be one for each {item}.",
        lambda values: values.sum(axis=0),
        axes=1,
    ),
    Slip(
        "averaged",
        "Your {values} are averaged over what should be one for each {item}.",
        lambda values: values.mean(axis=0),
        axes=1,
    ),
    Slip(
        "divided-by-their-sum",
        "Your {values} are right but divided by their sum.",
        lambda values: values / values.sum(axis=0),
        axes=1,
    ),
    Slip(
        "flattened",
        "Your {values} are right but in one list: one row for each {item} is asked for.",
        np.ravel,
        axes=2,
    ),
    Slip(
        "transposed",
        "Your {values} are right but transposed: the first axis is that of the {item}s.",
        partial(np.swapaxes, axis1=0, axis2=1),
        axes=2,
    ),
    Slip(
        "columns-reversed",
        "Your {values} are right but with the columns in reverse order.",
        lambda values: values[..., ::-1],
        axes=2,
    ),
    Slip(
        "first-column-for-all",
        "All columns of your {values} are the first one: is an index 0 where it should run?",
        lambda values: np.repeat(values[..., :1], values.shape[-1], axis=-1),
        axes=2,
    ),
    Slip(
        "last-column-still-zero",
        "The last column of your {values} is still 0: does the loop end one round too early?",
        lambda values: np.concatenate([values[..., :-1], 0.0 * values[..., -1:]], axis=-1),
        axes=2,
    ),
    Slip(
        "first-column-still-zero",
        "The first column of your {values} is still 0: does the loop begin at 1?",
        lambda values: np.concatenate([0.0 * values[..., :1], values[..., 1:]], axis=-1),
        axes=2,
    ),
    Slip(
        "summed-over-columns",
        "Your {values} are summed up over the columns; all of them are asked for.",
        lambda values: values.sum(axis=-1),
        axes=2,
    ),
    Slip(
        "averaged-over-columns",
        "Your {values} are averaged over the columns; all of them are asked for.",
        lambda values: values.mean(axis=-1),
        axes=2,
    ),
    Slip(
        "diagonal-alone",
        "Only the diagonal of your {values} is right, all else is 0.",
        lambda C: C * np.eye(C.shape[-1]),
        square=True,
    ),
    Slip(
        "without-the-diagonal",
        "The diagonal of your {values} is 0, all else is right.",
        lambda C: C * (1 - np.eye(C.shape[-1])),
        square=True,
    ),
    Slip(
        "lower-triangle",
        "The upper triangle of your {values} is 0; a covariance is symmetric.",
        np.tril,
        square=True,
    ),
    Slip(
        "upper-triangle",
        "The lower triangle of your {values} is 0; a covariance is symmetric.",
        np.triu,
        square=True,
    ),
    Slip(
        "correlations",
        "Correlations came back for the {values}: nothing is to be divided by the deviations.",
        _correlations,
        square=True,
    ),
    Slip(
        "matrices-inverted",
        "The inverses of the {values} came back.",
        lambda values: np.asarray(np.linalg.inv(values), np.float64),
        square=True,
    ),
    Slip(
        "cholesky-factors",
        "The Cholesky factors of the {values} came back.",
        lambda values: np.asarray(np.linalg.cholesky(values), np.float64),
        square=True,
    ),
)


def with_slips(question: Question) -> Question:
    """Return the question with the slips that fit it behind its own mistakes."""
    if question.random:
        return question
    known = {mistake.name for mistake in question.misconceptions} | TWINS.get(question.id, frozenset())
    slips = (slip for slip in _slips_of(question) if slip.name not in known)
    return replace(question, misconceptions=(*question.misconceptions, *slips))


def _slips_of(question: Question) -> Iterator[Misconception]:
    see = next(check.see for check in question.checks if check.numeric)
    if len({part.shape for part in question.returns}) > 1:
        names = ", ".join(part.name for part in question.returns)
        sentence = f"The values came in another order than {names}."
        yield Misconception(
            OTHER_ORDER, sentence, see, partial(_backwards, question), alone=True, about=_names(question)
        )
    yield from _incomplete(question, see)
    for one, other in combinations(question.returns, 2):
        if one.shape == other.shape:
            name = f"{_hyphens(one)}-and-{_hyphens(other)}-swapped"
            sentence = f"Your {_words(one)} and your {_words(other)} have changed places."
            swapped = _slip(question, name, sentence, see, partial(_swapped, one, other))
            yield replace(swapped, about=(one.name, other.name))
    for part in question.returns:
        for slip in SLIPS if part.name not in MADE_ELSEWHERE.get(question.id, ()) else ():
            if _fits(slip, part):
                change = partial(_changed, part, slip.change)
                yield _slip(question, f"{_hyphens(part)}-{slip.name}", _sentence(slip, part), see, change)
    yield from input_slips(question, see)


def _names(question: Question) -> tuple[str, ...]:
    return tuple(part.name for part in question.returns)


def _incomplete(question: Question, see: str) -> Iterator[Misconception]:
    """Yield the slips of returning too little: one value alone, or all but the last."""
    *names, last = map(_words, question.returns)
    asked = f"{', '.join(names)} and {last} are asked for."
    for part in question.returns if names else ():
        sentence = f"Only the {_words(part)} came back; {asked}"
        yield _slip(question, f"{_hyphens(part)}-alone", sentence, see, partial(_kept, (part,)))
    if len(names) > 1:
        sentence = f"The {last} did not come back; {asked}"
        name = f"{_hyphens(question.returns[-1])}-not-returned"
        yield _slip(question, name, sentence, see, partial(_kept, question.returns[:-1]))


def _slip(question: Question, name: str, sentence: str, see: str, afterwards: Afterwards) -> Misconception:
    implementation = partial(_slipped, question, afterwards)
    return Misconception(name, sentence, see, implementation, alone=True, afterwards=afterwards, slip=True)


def _fits(slip: Slip, part: Part) -> bool:
    """Whether a value of this shape can suffer from the slip."""
    if part.index_of and not slip.whole:
        return False
    letters = _letters(part)
    if slip.square:
        return len(letters) >= 2 and letters[-1] == letters[-2]
    return slip.axes <= len(letters) <= slip.most


def _letters(part: Part) -> list[str]:
    return [letter for letter in part.shape.strip("()").replace(" ", "").split(",") if letter in ITEMS]


def _sentence(slip: Slip, part: Part) -> str:
    letters = _letters(part)
    several = part.name.endswith("s")
    verbs = {"are": "is", "come": "comes", "stand": "stands"}
    verbs = {plural: plural if several else one for plural, one in verbs.items()}
    return slip.sentence.format(values=_words(part), **verbs, item=ITEMS[letters[0]] if letters else "")


def _hyphens(part: Part) -> str:
    return part.name.replace("_", "-")


def _words(part: Part) -> str:
    return _hyphens(part) if part.name.startswith("log") else part.name.replace("_", " ")


def _changed(part: Part, change: Change, right: Values) -> Values:
    """Return the right values with one of them changed."""
    return {**right, part: np.asarray(change(right[part]), dtype=np.float64)}


def _kept(parts: tuple[Part, ...], right: Values) -> Values:
    """Return some of the right values in the places of the first, or the rows of one in the places of all."""
    return dict(zip(right, arrange([right[part] for part in parts], len(right)), strict=False))


def _swapped(one: Part, other: Part, right: Values) -> Values:
    """Return the right values with two of them in each other's place."""
    return {**right, one: right[other], other: right[one]}


def _backwards(question: Question, *arguments: object, **keywords: float) -> object:
    """Return the right values, the last one first."""
    values = question.reference(*arguments, **keywords)
    assert isinstance(values, tuple)
    return values[::-1]


def _slipped(question: Question, afterwards: Afterwards, *arguments: object, **keywords: float) -> object:
    """Return what the function would, with the slip in it."""
    values = question.reference(*arguments, **keywords)
    several = values if isinstance(values, tuple) else (values,)
    right = dict(zip(question.returns, (np.asarray(v, dtype=np.float64) for v in several), strict=True))
    changed = tuple(afterwards(right).values())
    return changed if isinstance(values, tuple) and len(changed) > 1 else changed[0]
