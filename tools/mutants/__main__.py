"""`python -m tools.mutants [QUESTION …]`: which wrong answers the questions cannot tell from right ones.

Each model answer is changed in one place after the other, and each mutant is judged on the inputs of twenty
seeds. One that keeps all its points is a hole in the inputs, unless it is right; one that loses more on some
seeds than on others is a lottery. `reasons.toml` says why the rest is neither. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.questions import ASSIGNMENTS, find, of_assignment
from tools.mutants.judging import Judged, judged
from tools.mutants.reasons import Reasons, reasons_of

SEEDS = range(1000, 1020)
RESULTS = Path("_build") / "mutants"
HEADER = f"{'function':30} {'mutants':>8} {'caught':>8} {'by luck':>8} {'equivalent':>11} {'holes':>6}"


@dataclass(frozen=True)
class Row:
    """What came of one function's mutants."""

    question_id: str
    mutants: int
    equivalent: int  # they keep every point, and are right
    holes: tuple[str, ...]  # they keep every point, and nobody says why
    lotteries: tuple[str, ...]  # what they lose depends on the draw
    outdated: tuple[str, ...]  # reasons for what no longer occurs

    def __str__(self) -> str:
        luck, holes = len(self.lotteries), len(self.holes)
        caught = self.mutants - self.equivalent - luck - holes
        return f"{self.question_id:30} {self.mutants:8} {caught:8} {luck:8} {self.equivalent:11} {holes:6}"


def row(question_id: str, outcomes: Sequence[Judged], reasons: Reasons) -> Row:
    """Sort the mutants of a question by what they lost."""
    kept = [one.mutant.change for one in outcomes if one.survives]
    drawn = [one.mutant.change for one in outcomes if one.lucky]
    uneven = [one.mutant.change for one in outcomes if one.depends_on_the_draw]
    return Row(
        question_id,
        len(outcomes),
        sum(change in reasons.equivalent for change in kept),
        tuple(change for change in kept if change not in reasons.equivalent),
        (*drawn, *(change for change in uneven if change not in reasons.uneven)),
        tuple(reasons.equivalent.keys() - set(kept)) + tuple(reasons.uneven.keys() - set(uneven)),
    )


def judged_with_progress(question_id: str, seeds: Sequence[int]) -> list[Judged]:
    """Judge the mutants of a question, and say on the screen how many are done; write what each lost."""
    outcomes = []
    for outcome in judged(find(question_id), seeds):
        outcomes.append(outcome)
        if sys.stderr.isatty():
            print(f"\r{question_id}: {len(outcomes)}", end="\r", file=sys.stderr, flush=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    losses = {one.mutant.change: one.losses for one in outcomes}
    (RESULTS / f"{question_id}.json").write_text(json.dumps(losses, indent=1, ensure_ascii=False))
    return outcomes


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if there is a hole, a lottery, or a reason for nothing."""
    known = [question.id for name in ASSIGNMENTS for question in of_assignment(name)]
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("questions", nargs="*", help="such as em, or em.fit; all without")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many; %(default)s without")
    options = parser.parse_args(arguments)
    wanted = [
        id_ for id_ in known if not options.questions or {id_, id_.split(".")[0]} & {*options.questions}
    ]
    print(HEADER, flush=True)
    rows = []
    for question_id in wanted:
        outcomes = judged_with_progress(question_id, SEEDS[: options.seeds])
        rows.append(row(question_id, outcomes, reasons_of(question_id)))
        print(rows[-1], flush=True)
        for kind in ("holes", "lotteries", "outdated"):
            for change in getattr(rows[-1], kind):
                print(f"    {kind}: {change}", flush=True)
    return int(any(row.holes or row.lotteries or row.outdated for row in rows))


if __name__ == "__main__":
    sys.exit(main())
