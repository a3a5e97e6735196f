"""Slips in what a function computes with: an argument that is taken otherwise than it was passed.

What comes of them is what the right computation returns for the changed arguments. A question gets those that
fit the names of its parameters, behind the slips in what it returns; what takes long gets few or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from autograder.values import Array, FloatArray, Misconception, Question

Change = Callable[[FloatArray], FloatArray]
Changes = Mapping[str, Change]  # by the parameter's name

#: What the axes of an argument count, by its parameter's name.
AXES: dict[str, tuple[str, ...]] = {
    "X": ("n", "d"),
    "labels": ("n",),
    "responsibilities": ("n", "K"),
    "log_densities": ("n", "K"),
    "weights": ("K",),
    "means": ("K", "d"),
    "centroids": ("K", "d"),
    "covariances": ("K", "d", "d"),
    "mean": ("d",),
    "covariance": ("d", "d"),
    "replicates": ("r",),
}
AXES |= {f"other_{name}": AXES[name] for name in ("mean", "covariance", "means", "covariances")}
ITEMS = {
    "n": "point",
    "K": "component",
    "d": "feature",
    "r": "replicate",
}


@dataclass(frozen=True)
class Input:
    """A slip that makes something else of an argument, and what the sentence says behind "... come when"."""

    name: str
    sentence: str
    change: Change
    of: tuple[str, ...]  # parameters that may suffer from it


def _the_same_for_all(value: Callable[[FloatArray], FloatArray], stack: FloatArray) -> FloatArray:
    return np.repeat(value(stack)[None], len(stack), axis=0)


def _identity(matrices: FloatArray) -> FloatArray:
    return np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape).copy()


def _inverses(matrices: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrices), np.float64)


def _last_feature_zero(X: FloatArray) -> FloatArray:
    return np.concatenate([X[:, :-1], 0.0 * X[:, -1:]], axis=1)


def _largest_alone(shares: FloatArray) -> FloatArray:
    return np.eye(shares.shape[1])[shares.argmax(axis=1)]


POINTS = ("X",)
CENTRES = ("centroids", "means", "mean", "other_means", "other_mean")
CENTRES_OF_ALL = ("centroids", "means", "other_means")
SPREADS = ("covariances", "covariance", "other_covariances", "other_covariance")
SPREADS_OF_ALL = ("covariances", "other_covariances")
SHARES = ("responsibilities",)
NUMBERS = ("n_parameters", "n_components", "n_features")

#: Of what takes long, the few that are tried.
FEW = {
    "labels.match_components": ("without-the-last-feature", "without-the-first-feature"),
    "missing.m_step_missing": (
        "without-the-last-point",
        "without-the-first-point",
        "with-covariances-diagonal",
        "with-covariances-identity",
        "with-responsibilities-over-points",
        "with-responsibilities-equal",
        "with-responsibilities-squared",
    ),
    "missing.e_step_missing": (),
    "em.fit": (),
    # what it returns are its arguments: a slip in them is one in what is returned
    "capstone.standard_order": (),
}

INPUTS = (
    Input("last-feature-zero", "the last feature of the {given} is 0.", _last_feature_zero, POINTS),
    Input("centred", "the mean of the {given} is subtracted first.", lambda X: X - X.mean(axis=0), POINTS),
    Input("in-whole-numbers", "the {given} are cut to whole numbers.", np.trunc, POINTS),
    Input("zero", "the {given} {are} 0.", np.zeros_like, CENTRES),
    Input("of-the-other-sign", "the {given} {have} the other sign: is a minus a plus?", np.negative, CENTRES),
    Input(
        "of-the-first",
        "all {given} are the first of them: is an index 0 where it should run?",
        partial(_the_same_for_all, lambda stack: stack[0]),
        (*CENTRES_OF_ALL, *SPREADS_OF_ALL),
    ),
    Input(
        "of-the-last",
        "all {given} are the last of them: is a name used after its loop?",
        partial(_the_same_for_all, lambda stack: stack[-1]),
        (*CENTRES_OF_ALL, *SPREADS_OF_ALL),
    ),
    Input(
        "averaged",
        "all {given} are the mean of them.",
        partial(_the_same_for_all, lambda stack: stack.mean(axis=0)),
        SPREADS_OF_ALL,
    ),
    Input("diagonal", "only the diagonal of the {given} counts.", lambda C: C * np.eye(C.shape[-1]), SPREADS),
    Input("identity", "the identity takes the place of the {given}.", _identity, SPREADS),
    Input("inverted", "the {given} {are} inverted once too often or too seldom.", _inverses, SPREADS),
    Input("rooted", "there is a square root of the {given} too many.", lambda C: np.sqrt(np.abs(C)), SPREADS),
    Input("hard", "each point belongs wholly to the component of its largest share.", _largest_alone, SHARES),
    Input(
        "over-points",
        "the {given} are divided by their sums over the points.",
        lambda R: R / R.sum(0),
        SHARES,
    ),
    Input("equal", "the {given} are all equal.", lambda R: np.full_like(R, 1.0 / R.shape[1]), SHARES),
    Input("squared", "the {given} are squared.", np.square, SHARES),
    Input("one-more", "1 is added to the {given}.", lambda labels: labels + 1, ("labels",)),
    Input("rooted", "there is a square root of the {given} too many.", np.sqrt, ("smallest_shares",)),
    Input("of-the-other-sign", "the {given} have the other sign.", np.negative, ("log_densities",)),
    Input("exponentiated", "exp of the {given} is taken first.", np.exp, ("log_densities",)),
    Input("without-sign", "the {given} {lose} the sign.", np.abs, ("log_likelihood", "log_likelihoods")),
    Input("halved", "the {given} is halved first.", lambda number: number / 2, ("level",)),
    Input("one-more", "the {given} is larger by 1.", lambda number: number + 1, NUMBERS),
    Input("one-less", "the {given} is smaller by 1.", lambda number: number - 1, NUMBERS),
)


def _without(place: int, axes: Sequence[str], letter: str, values: FloatArray) -> FloatArray:
    """Return what is left without the first (0) or last (-1) of what a letter counts."""
    for axis in (axis for axis, of_it in enumerate(axes) if of_it == letter):
        if values.shape[axis] < 2:
            raise ValueError("Without it nothing is left.")
        values = np.delete(values, place, axis=axis)
    return values


def _alone(axes: Sequence[str], letter: str, values: FloatArray) -> FloatArray:
    """Return the first of what a letter counts alone."""
    for axis in (axis for axis, of_it in enumerate(axes) if of_it == letter):
        values = np.take(values, [0], axis=axis)
    return values


#: Name, sentence, what it makes of the argument, and the letters of what may suffer from it.
LEFT_OUT: tuple[tuple[str, str, Callable[[Sequence[str], str, FloatArray], FloatArray], str], ...] = (
    (
        "without-the-last-{}",
        "the last {} is left out: does a loop end one round too early?",
        partial(_without, -1),
        "nKdr",
    ),
    (
        "without-the-first-{}",
        "the first {} is left out: does a loop begin at 1?",
        partial(_without, 0),
        "nKdr",
    ),
    (
        "with-the-first-{}-alone",
        "only the first {} counts: is an index 0 where it should run?",
        _alone,
        "Kd",
    ),
)


def input_slips(question: Question, see: str) -> Iterator[Misconception]:
    """Make the slips that fit the parameters of a question, or the few that there is time for."""
    few = FEW.get(question.id)
    return (slip for slip in _that_fit(question, see) if few is None or slip.name in few)


def _that_fit(question: Question, see: str) -> Iterator[Misconception]:
    right = next((entry.steps for entry in question.misconceptions if entry.steps), question.reference)
    for letter in filter(partial(_may_be_left_out, question), ITEMS):
        item = "centroid" if letter == "K" and "centroids" in question.parameters else ITEMS[letter]
        axes = {name: AXES[name] for name in question.parameters if letter in AXES.get(name, ())}
        for name, sentence, change, letters in LEFT_OUT:
            if axes and letter in letters:
                changes = {parameter: partial(change, its, letter) for parameter, its in axes.items()}
                name = name.format(item)
                yield _slip(question, right, see, name, sentence.format(item), changes)
    for slip in INPUTS:
        for parameter in (name for name in slip.of if name in question.parameters):
            words = _words(parameter)
            name = f"with-{words['given'].replace(' ', '-')}-{slip.name}"
            yield _slip(question, right, see, name, slip.sentence.format(**words), {parameter: slip.change})


def _may_be_left_out(question: Question, letter: str) -> bool:
    """Whether a value tells of it in its right shape."""
    told = [letter in part.shape for part in question.returns if part.shape.startswith("(")]
    if letter == "d":
        return not any(told) and "known" not in question.parameters
    return not all(told) or len(told) < len(question.returns)


def _words(parameter: str) -> Mapping[str, str]:
    """How sentences speak of a parameter."""
    if parameter in NUMBERS:
        return {
            "given": parameter.replace("n_", "number of ", 1),
            "are": "is",
            "have": "has",
            "lose": "loses",
        }
    given = "points" if parameter == "X" else parameter.replace("log_", "log-").replace("_", " ")
    are, have, lose = ("are", "have", "lose") if given.endswith("s") else ("is", "has", "loses")
    return {"given": given, "are": are, "have": have, "lose": lose}


def _slip(
    question: Question, right: Callable[..., object], see: str, name: str, sentence: str, changes: Changes
) -> Misconception:
    sentence = f"Your numbers are those that come when {sentence}"
    implementation = partial(_called_otherwise, right, question.parameters, changes)
    about = tuple(part.name for part in question.returns)  # all of the numbers
    return Misconception(name, sentence, see, implementation, alone=True, about=about, slip=True)


def _called_otherwise(
    right: Callable[..., object],
    parameters: Sequence[str],
    changes: Changes,
    *arguments: Array | float | str,
    **keywords: float,
) -> object:
    """Return what comes of changed arguments."""
    changed = (
        changes[name](np.asarray(value)) if name in changes else value
        for name, value in zip(parameters, arguments, strict=False)
    )
    return right(*changed, **keywords)
