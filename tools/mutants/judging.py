"""What mutants lose: each is asked on the inputs of several seeds and judged as a submission is."""

from __future__ import annotations

import os
import resource
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

import numpy as np

from autograder.check.asking import answer
from autograder.judge.points import compare, findings_of
from autograder.values import Answer, Case, Question, QuestionAnswers
from tools.mutants.answers import model_answer, surroundings
from tools.mutants.mutator import Mutant, mutants

MEMORY = 4 << 30  # bytes of address space
CPU = 1.0  # seconds for one mutant on one seed; a right answer takes a hundredth
PATIENCE = 120.0  # seconds without a word from the process; then the mutant counts as ended
GIVEN_UP = 3  # seeds on which a mutant did not end; then it is tried no further


@dataclass(frozen=True)
class Judged:
    """A mutant and the share of the points that it loses on each seed, from 0 to 1."""

    mutant: Mutant
    losses: tuple[float, ...]

    @property
    def survives(self) -> bool:
        """Whether it earns all points on every seed."""
        return max(self.losses) == 0.0

    @property
    def lucky(self) -> bool:
        """Whether it earns all points on some seeds and not on others."""
        return min(self.losses) == 0.0 < max(self.losses)

    @property
    def depends_on_the_draw(self) -> bool:
        """Whether it is always caught, but loses more on some seeds than on others."""
        return 0.0 < min(self.losses) < max(self.losses)


def judged(question: Question, seeds: Sequence[int]) -> Iterator[Judged]:
    """Judge all mutants of a question's model answer in a process of their own, which may die and is begun
    anew.
    """
    waiting = mutants(model_answer(question))
    while waiting:
        ours, theirs = get_context("fork").Pipe()
        process = get_context("fork").Process(target=_work, args=(question, waiting, seeds, theirs))
        process.start()
        theirs.close()
        try:
            while waiting:
                losses = ours.recv() if ours.poll(PATIENCE) else None
                yield Judged(waiting.pop(0), losses or (1.0,) * len(seeds))
                if losses is None:
                    break
        except EOFError:
            yield Judged(waiting.pop(0), (1.0,) * len(seeds))
        finally:
            process.kill()
            process.join()
            ours.close()


def _work(question: Question, waiting: Sequence[Mutant], seeds: Sequence[int], pipe: Connection) -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what mutants print
    drawn = [question.draw(np.random.default_rng(seed)) for seed in seeds]
    for mutant in waiting:
        pipe.send(_losses(question, drawn, mutant))


def _losses(question: Question, drawn: Sequence[Sequence[Case]], mutant: Mutant) -> tuple[float, ...]:
    names = surroundings(question)
    exec(compile(mutant.source, "mutant", "exec"), names)
    losses: list[float] = []
    endless = 0
    for cases in drawn:
        if endless == GIVEN_UP:
            losses.append(losses[-1])
            continue
        loss, ended = loss_of(question, cases, names[question.name])
        losses.append(loss)
        endless += not ended
    return tuple(losses)


def loss_of(question: Question, cases: Sequence[Case], function: Callable[..., Any]) -> tuple[float, bool]:
    """Return the share of the points that a function loses on these cases, and whether it came to an end."""
    answers: dict[str, Answer] = {}
    signal.signal(signal.SIGVTALRM, _too_long)
    ended = True
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in cases:
            signal.setitimer(signal.ITIMER_VIRTUAL, CPU)
            try:
                answers[case.name] = answer(function, case, len(question.returns))[0]
            except TimeoutError:  # between two statements of ours
                answers[case.name] = Answer("timed-out")
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
            if answers[case.name].exception == "TimeoutError" or answers[case.name].status == "timed-out":
                ended = False
                break
    seen = compare(question, cases, QuestionAnswers("graded", answers))
    if not any(case.raw for case in seen.values()):
        return 1.0, ended
    weights = [check.weight for check in question.checks]
    earned = [finding.score for finding in findings_of(question, seen)]
    lost = sum(weight * (1.0 - score) for weight, score in zip(weights, earned, strict=True))
    return round(lost / sum(weights), 6), ended


def _too_long(signum: int, frame: FrameType | None) -> None:
    raise TimeoutError
