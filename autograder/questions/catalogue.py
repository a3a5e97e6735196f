"""The catalogue of wrong implementations of one function.

Each entry is one piece: a function whose name is the mistake's name, whose docstring is the sentence that the
student reads, and whose code makes the mistake. The order of definition is the order of precedence.

    wrong = Catalogue(see="em-m-step", steps=step_by_step)

    @wrong(step="covariances", see="em-covariances")
    def divided_by_count_minus_one(X, R, means):
        \"\"\"The scatter is divided by N_k - 1; maximum likelihood divides by N_k.\"\"\"
        return scatter(X, R, means) / (R.sum(axis=0) - 1.0)[:, None, None]
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from autograder.values import Misconception

Function = TypeVar("Function", bound=Callable[..., Any])


class Catalogue:
    """The mistakes of one question, in order; called as a decorator, it takes one in.

    Parameters
    ----------
    see : label of the book for entries that name none
    steps : the right computation, each of its steps a keyword argument with the right function as default
    about : for entries that say nothing else, the returned values of which their sentences speak
    """

    def __init__(
        self, see: str, steps: Callable[..., object] | None = None, about: tuple[str, ...] = ()
    ) -> None:
        self._see, self._steps, self._about = see, steps, about
        self._entries: list[Misconception] = []

    def __iter__(self) -> Iterator[Misconception]:
        return iter(self._entries)

    def __call__(
        self,
        *,
        step: str = "",
        also: Mapping[str, Callable[..., object]] | None = None,
        see: str = "",
        alone: bool = False,
        name: str = "",
        about: tuple[str, ...] | None = None,
        paired: bool = True,
    ) -> Callable[[Function], Function]:
        """Take in the function that follows.

        Parameters
        ----------
        step : the step of the right computation that the function replaces; without, it is the whole
        also : further steps that the same mistake changes
        see : label of the book
        alone : True keeps it from being tried together with another such mistake, which costs time
        name : of a mistake that is made in several sizes; without, that of the function
        about : the returned values of which the sentence speaks, if the mistake shows in others, too: where a
            student's differ from the ones it gives, it is not named
        paired : False keeps what is rare from being tried together with any other
        """

        def take(function: Function) -> Function:
            plain = function.func if isinstance(function, partial) else function
            sentence = " ".join((plain.__doc__ or "").split())
            if not sentence:
                raise TypeError(f"{plain.__name__} needs a docstring: the sentence that the student reads.")
            if step and self._steps is None:
                raise TypeError(f"{plain.__name__} replaces a step of no computation: give Catalogue steps.")
            named = name or plain.__name__.replace("_", "-")
            self._add(function, named, sentence, step, also or {}, see, alone, about)
            if not paired:
                self._entries[-1] = replace(self._entries[-1], steps=None, changes={})
            return function

        return take

    def include(
        self,
        others: Iterable[Misconception],
        *,
        step: str = "",
        adapted: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function,
        but: Collection[str] = (),
        together: Collection[str] = (),
    ) -> None:
        """Take in the mistakes of a computation that is a step of this one, unless their names are there.

        Parameters
        ----------
        others : the mistakes of a shared catalogue
        step : which step of this computation they replace
        adapted : makes a function of that computation one of this step
        but : names of mistakes that make no sense here
        together : names of the frequent ones, which are tried together with another mistake, too
        """
        known = {entry.name for entry in self._entries}
        for other in others:
            if other.name not in known and other.name not in but:
                function, alone = adapted(other.implementation), other.name not in together
                self._add(function, other.name, other.sentence, step, {}, other.see, alone, other.about)

    def _add(
        self,
        function: Callable[..., Any],
        name: str,
        sentence: str,
        step: str,
        also: Mapping[str, Callable[..., object]],
        see: str,
        alone: bool,
        about: tuple[str, ...] | None,
    ) -> None:
        changes: dict[str, Callable[..., object]] = {step: function, **also} if step else {}
        self._entries.append(
            Misconception(
                name=name,
                sentence=sentence,
                see=see or self._see,
                implementation=partial(self._steps, **changes) if self._steps and step else function,
                steps=self._steps if step else None,
                changes=changes,
                alone=alone,
                about=self._about if about is None else about,
            )
        )
