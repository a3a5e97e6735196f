"""Canvas' import of a gradebook from a CSV file, written after its published rules.

The rules are those of lib/gradebook_importer.rb of Canvas, in words of our own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping


class MissingError(Exception):
    """The file names a student or an assignment that Canvas asks about before it takes anything in."""


def import_gradebook(
    text: str, users: Collection[str], assignments: Mapping[str, float]
) -> dict[str, dict[str, float | None]]:
    """The grades by the assignment's number and the user's; None for a blank, which changes nothing.

    `users` are the numbers of Canvas' users, `assignments` the points to be had by the assignment's number.
    """
    header, *lines = list(csv.reader(io.StringIO(text)))
    numbers = {
        place: found[1] for place, title in enumerate(header) if (found := re.search(r"\((\d+)\)$", title))
    }
    if header[:2] != ["Student", "ID"] or set(numbers.values()) - set(assignments):
        raise MissingError(f"no columns of this course: {header}")
    taken: dict[str, dict[str, float | None]] = {number: {} for number in numbers.values()}
    for line in lines:
        if line[0].strip() == "Points Possible":
            if any(float(line[place]) != assignments[number] for place, number in numbers.items()):
                raise MissingError("other points are to be had")
            continue
        if line[1] not in users:
            raise MissingError(f"no user {line[1]!r} ({line[0]})")
        for place, number in numbers.items():
            taken[number][line[1]] = float(line[place]) if line[place].strip() else None
    return taken
