"""`python -m tools.mutants [QUESTION …]`: which wrong answers the questions cannot tell from right ones.

Every model answer is changed in one place after the other, and each mutant is judged on 20 seeds. A mutant
that keeps all its points is a hole in the inputs, unless it is right: `equivalent.toml` says why.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from autograder.questions import ASSIGNMENTS, find, of_assignment
from tools.mutants.judging import Judged, judged


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("questions", nargs="*")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--dump")
    args = parser.parse_args()
    import json

    ids = [q.id for name in ASSIGNMENTS for q in of_assignment(name)]
    wanted = [i for i in ids if not args.questions or any(i.startswith(q) for q in args.questions)]
    for question_id in wanted:
        start = time.time()
        question = find(question_id)
        rows: list[Judged] = []
        for row in judged(question, range(1000, 1000 + args.seeds)):
            if os.environ.get("SLOW"):
                print(round(time.time() - start, 2), row.mutant.change, flush=True)
            rows.append(row)
        kinds = [
            sum(r.survives for r in rows),
            sum(r.lucky for r in rows),
            sum(r.depends_on_the_draw for r in rows),
        ]
        print(
            f"{question_id:30} {len(rows):4} survive {kinds[0]:3} lucky {kinds[1]:3} depends {kinds[2]:3}  {time.time() - start:5.1f}s",
            flush=True,
        )
        if args.dump:
            with open(f"{args.dump}/{question_id}.json", "w") as f:
                json.dump([(r.mutant.change, r.losses) for r in rows], f)
    return 0


if __name__ == "__main__":
    sys.exit(main())
