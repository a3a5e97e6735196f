"""Students as small text files, turned into submitted notebooks.

A file under students/ begins with a comment that tells who this is. Each part `# %% NAME` is what the student
wrote into the cell with that grade_id; all other cells are as released. A line `# cut: 0.55` keeps only that
share of the finished file. A file NAME.json beside it says what does not earn everything.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

STUDENTS = Path(__file__).parent / "students"
PART = re.compile(r"^# %% ([\w-]+)\n", re.M)


def names() -> list[str]:
    """Everybody in the class."""
    return sorted(path.stem for path in STUDENTS.glob("*.py"))


def story(name: str) -> str:
    """What is to know about a student."""
    return (STUDENTS / f"{name}.py").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def exceptions(name: str) -> dict[str, Any]:
    """Where grading must find something else than full points for all that was written.

    By name, as far as there are any: status, scores, statuses, misconceptions, incidents.
    """
    path = STUDENTS / f"{name}.json"
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return values


def written(name: str) -> frozenset[str]:
    """The cells into which a student wrote."""
    return frozenset(answers((STUDENTS / f"{name}.py").read_text(encoding="utf-8")))


def answers(text: str) -> dict[str, str]:
    """What was written into which cell."""
    parts = PART.split(text)
    return {name: source.strip("\n") for name, source in zip(parts[1::2], parts[2::2], strict=True)}


def notebook(release: dict[str, Any], text: str) -> bytes:
    """The file that the student hands in."""
    sources = answers(text)
    filled = json.loads(json.dumps(release))
    for cell in filled["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in sources:
            cell["source"] = sources.pop(name)
    assert not sources, f"no such cells: {', '.join(sources)}"
    data = json.dumps(filled, indent=1, ensure_ascii=False).encode()
    cut = re.search(r"^# cut: ([\d.]+)$", text, re.M)
    return data[: int(len(data) * float(cut.group(1)))] if cut else data


def hand_in(course: Path, assignment: str = "em") -> None:
    """Puts everybody's notebook into submitted/; files that are there already stay as they are."""
    release = json.loads(
        (course / "release" / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8")
    )
    for name in names():
        path = course / "submitted" / name / assignment / f"{assignment}.ipynb"
        data = notebook(release, (STUDENTS / f"{name}.py").read_text(encoding="utf-8"))
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
