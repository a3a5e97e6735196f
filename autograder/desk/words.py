"""The commands' sentences at the desk: what does it here, where they say what to type."""

from __future__ import annotations

import re

WORDS = {
    r"Type: autograder grade \S+": "Press “Grade”.",
    r"Type: nbgrader db assignment add \S+ --duedate=\"[^\"]*\"": "Set one under “Due date”.",
    r"Type: (?=autograder |nbgrader )": "In the course directory type: ",
    r"Try: --to folder": "Take “a folder for each student”.",
    r"Say --to moodle, canvas or folder\.": "Take the file for Moodle, for Canvas, or a folder for each.",
    r" with 'autograder people import(?: FILE --assignment NAME)?'": " (drop it under Collect)",
    r"--incomplete": "“also while answers wait”",
    r"\(column student(.*?)\), and type the same command again": (
        r"(in the course directory, column student\1), and take the same file in again"
    ),
}


def here(text: str) -> str:
    """Return a sentence of a command in the desk's words."""
    for typed, done in WORDS.items():
        text = re.sub(typed, done, text)
    return text
