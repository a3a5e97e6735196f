"""`python -m tests.support.sample_class DIR`: a class of fourteen, released, graded and reported in DIR."""

import sys
from pathlib import Path

from autograder.cli import main as autograder
from tests.support.sample_class.build import hand_in


def main(folder: str) -> int:
    """Makes or brings up to date the course in a folder; a broken file in the class is no failure."""
    course = Path(folder)
    here = ["--course", folder]
    if not (course / "nbgrader_config.py").exists() and autograder(["init", folder]) != 0:
        return 2
    if autograder(["release", *here]) != 0:
        return 2
    hand_in(course)
    print("\nThe class of em:")
    if autograder(["grade", "em", "--results", str(course / "em.json"), *here]) == 2:
        return 2
    if autograder(["feedback", "em", *here]) != 0 or autograder(["report", "em", *here]) != 0:
        return 2
    print("\nOpen these in a browser:")
    for title, path in (
        ("the book", course.parent / "html" / "index.html"),
        ("the class report", course / "report" / "em.html"),
        ("a feedback page", course / "feedback" / "emil" / "em" / "em.html"),
    ):
        print(f"  {title:18} {path}")
    print("Exercises in the page, and links from one of them to another, need a server: type make serve.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.support.sample_class DIR")
    sys.exit(main(sys.argv[1]))
